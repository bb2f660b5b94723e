/*
 * Text in HTML that stays text, whatever is in it.
 */
#ifndef OUTPUT_HTML_H
#define OUTPUT_HTML_H

#include <stddef.h>

struct buf;

/*
 * Appends data so that it is inert between tags and in quoted attributes: &, <, >, " and ' become
 * references; what utf8_is_unsafe() names, and what is not UTF-8, becomes U+FFFD.
 */
void html_put(struct buf *out, const char *data, size_t len);
void html_put_text(struct buf *out, const char *text);

#endif
