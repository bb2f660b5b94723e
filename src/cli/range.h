/*
 * The value of -r: byte ranges as a Range field has them (RFC 9110, 14.1.1).
 */
#ifndef CLI_RANGE_H
#define CLI_RANGE_H

#include "base/err.h"

struct buf;

/*
 * Checks "0-499", "500-", "-500" and lists of them, and appends them to ret_range; "500" alone is
 * "500-", as in curl. ERR_SYNTAX with words for anything else.
 */
MUST_USE enum err range_parse(const char *text, struct buf *ret_range, struct error *e);

#endif
