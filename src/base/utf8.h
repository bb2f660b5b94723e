/*
 * UTF-8 (RFC 3629): is it, and how long is the next character.
 */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;

/*
 * Length (1 to 4) of the well-formed character at the start of data, or 0 when there is none:
 * overlong forms, surrogates and values past U+10FFFF are not well formed.
 * *ret_code is the code point.
 */
size_t utf8_next(const char *data, size_t len, uint32_t *ret_code);

/* True for text without a NUL that is UTF-8 from end to end. */
bool utf8_is_text(const char *data, size_t len);

/*
 * True for what must not reach a terminal: C0 and C1 controls (tab and newline too), DEL, the
 * separators of lines (U+2028, U+2029), and the characters that reorder text (U+061C, U+200E,
 * U+200F, U+202A to U+202E, U+2066 to U+206F). Not for those that merely cannot be seen: scripts
 * and emoji are made with them.
 */
bool utf8_is_unsafe(uint32_t code);

enum utf8_use {
	UTF8_FOR_FILES,     /* NUL and what is not UTF-8 become U+FFFD */
	UTF8_FOR_TERMINALS, /* what is unsafe too */
	UTF8_FOR_SCREENS,   /* the same, but lines may end, with a CR or without, and have tabs */
	UTF8_WITH_COLORS,   /* and there may be colors, which end with the text */
};

/* Appends data, always as UTF-8. out has no ceiling. */
void utf8_put(struct buf *out, const char *data, size_t len, enum utf8_use use);

#endif
