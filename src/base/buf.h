/*
 * A growable byte string with a ceiling. data is always NUL-terminated and never NULL.
 * Read the members freely; change them only through buf_*().
 *
 * What the outside feeds goes through buf_add(), which stops at the ceiling. What the program
 * itself formats goes through buf_put*(), which needs no check because such a buffer has none.
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct buf {
	char *data;
	size_t len, cap; /* cap does not count the NUL */
	size_t max;      /* ceiling for len */
};

#define BUF_UNLIMITED ((size_t)-1)

/* No allocation until something is added. max: BUF_UNLIMITED or a ceiling in bytes. */
void buf_init(struct buf *b, size_t max);
void buf_release(struct buf *b);

/* Empties b and keeps its memory for the next use. */
void buf_clear(struct buf *b);

/* The same, but gives memory above keep bytes back: for pools. */
void buf_recycle(struct buf *b, size_t keep);

/* Copies. Fails with ERR_LIMIT past b->max, and then b is unchanged. */
MUST_USE enum err buf_add(struct buf *b, const void *data, size_t len);

/* Room for at least len more bytes at the returned place; buf_grew() says how many were used. */
char *buf_room(struct buf *b, size_t len);
void buf_grew(struct buf *b, size_t len);

/* Drops the first len bytes (at most all of them). */
void buf_consume(struct buf *b, size_t len);

/* Shortens b to len bytes; len is at most b->len. */
void buf_cut(struct buf *b, size_t len);

/* These never fail; b has no ceiling. */
void buf_put(struct buf *b, const void *data, size_t len);
void buf_put_text(struct buf *b, const char *text);
void buf_put_byte(struct buf *b, char byte);
void buf_put_uint(struct buf *b, uint64_t number);
void buf_put_int(struct buf *b, int64_t number);
void buf_printf(struct buf *b, const char *format, ...) PRINTF_LIKE(2, 3);

/* Microseconds as decimal seconds with six digits after the point: 1.200000. */
void buf_put_seconds(struct buf *b, int64_t time_us);

/* Hands the allocation to the caller, who frees it. b is left empty. */
char *buf_take(struct buf *b, size_t *ret_len);

#endif
