/*
 * What is said on standard error, a line each. Within app/ and cli/ only.
 */
#ifndef APP_MESSAGE_H
#define APP_MESSAGE_H

#include "base/err.h"

struct buf;

/*
 * "gather: " and the words, which may have anything in them: what would steer a terminal is
 * replaced (see utf8_is_unsafe()), and passwords of URLs are masked.
 */
void message_print(const char *format, ...) PRINTF_LIKE(1, 2);

/* The same for each line of text, which is cleared. */
void message_print_lines(struct buf *lines);

#endif
