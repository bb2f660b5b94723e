/*
 * What can be shown where a descriptor leads. Within app/ only.
 */
#ifndef APP_TERMINAL_H
#define APP_TERMINAL_H

#include <stdbool.h>

/* The columns of the terminal behind fd; 80 when it is none or does not say. */
unsigned terminal_columns(int fd);

/* Its rows; 0 when it is none or does not say. */
unsigned terminal_rows(int fd);

/* Whether the locale's characters are UTF-8. main() has set the locale. */
bool terminal_is_utf8(void);

#endif
