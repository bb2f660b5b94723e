/*
 * Text that stands where a URL should: what is taken off it, why it cannot be fetched, and which
 * option would help.
 */
#ifndef INPUT_URL_TEXT_H
#define INPUT_URL_TEXT_H

#include <stddef.h>

#include "base/err.h"

/*
 * Takes blanks off both ends of a text, and characters that cannot be seen there and that no URL
 * begins or ends with: byte order marks, no-break and other spaces of Unicode, zero-width
 * characters, and marks of direction.
 */
void url_text_trim(char **text, size_t *len);

/*
 * Whether text can be fetched, by libcurl's URL API; what is no URL but would be taken for one with
 * a login, such as mailto:me@example.org, cannot. ERR_SYNTAX with words. A scheme that libcurl does
 * not have is left to libcurl.
 */
MUST_USE enum err url_text_check(const char *text, struct error *e);

/* How lists that look like this line are read; NULL: it looks like nothing that is known. */
const char *url_text_hint(const char *line);

/* Why a list that begins with these bytes has no lines of text, and what helps; NULL: it has. */
const char *url_text_find_encoding(const char *data, size_t len);

#endif
