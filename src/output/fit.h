/*
 * Text of others in the columns of a terminal. What would steer the terminal, is not UTF-8 or
 * cannot be shown, becomes U+FFFD. Where the terminal has only ASCII, whatever else there is
 * becomes a '?'.
 *
 * The columns of a character are those of wcwidth(3), so the locale (LC_CTYPE) is one with UTF-8
 * where is_utf8 says so.
 */
#ifndef OUTPUT_FIT_H
#define OUTPUT_FIT_H

#include <stdbool.h>
#include <stddef.h>

struct buf;

/* The columns that text takes. */
size_t fit_width(const char *text, bool is_utf8);

/*
 * Appends text in just so many columns, at least 3. Where there are more, spaces follow. Where
 * there are less, its beginning or a part before its middle gives way to an ellipsis: it is the end
 * that tells URLs apart.
 */
void fit_put(struct buf *out, const char *text, size_t columns, bool is_utf8);

#endif
