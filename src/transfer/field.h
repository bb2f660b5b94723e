/*
 * What stands in header fields: tokens, and parameters, as in Content-Disposition and Link.
 */
#ifndef TRANSFER_FIELD_H
#define TRANSFER_FIELD_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

#include "base/err.h"

struct buf;

/*
 * Whether a line of a head begins with "Name:", in upper or lower case. Asked several times for
 * each line of all answers: most differ in the first letter.
 */
static inline bool field_line_begins(const char *line, size_t len, const char *name)
{
	return len >= strlen(name) && (*line | 0x20) == (*name | 0x20) &&
	       !strncasecmp(line, name, strlen(name));
}

/* Whether all of it is one token (RFC 9110, 5.6.2), as methods and names of headers are. */
bool field_is_token(const char *text);

/*
 * A header as the user gives it: "Name: value", "Name:" (leave it out), "Name;" (send it empty).
 * ERR_SYNTAX when libcurl would send anything else, or something that servers read in another way
 * than we do. The words do not show it: it may be a secret.
 */
MUST_USE enum err field_check_header(const char *header, struct error *e);

/* Whether there is a control character that no header can have, all but a tab (RFC 9110, 5.5). */
bool field_has_control(const char *text, size_t len);

/*
 * Whether a header of that name, which has no NUL behind it, is likely to hold what is nobody
 * else's business: Authorization, Cookie, X-Api-Key, PRIVATE-TOKEN and the like.
 */
bool field_is_secret(const char *name, size_t len);

/*
 * Whether a header of that name, which has no NUL behind it, is about the body of its request, as
 * Content-Type is: to be left out where there is none.
 */
bool field_is_of_body(const char *name, size_t len);

/*
 * Takes the next parameter, `; name=value` or `; name` (RFC 9110, 5.6.6), off the text that *at
 * points into, and moves *at behind it. The name is in lower case, the value a token or a quoted
 * string without its quotes and escapes. Blanks and empty parameters are passed over. False where
 * there is none: *at is then at the end, at a comma, or at what is no parameter. The buffers are
 * cleared first and have no ceiling.
 */
bool field_next_param(const char **at, struct buf *ret_name, struct buf *ret_value);

#endif
