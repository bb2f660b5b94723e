#include "base/buf.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* What data points to before the first allocation. Nobody writes to it: cap is 0. */
static char nothing[1];

void buf_init(struct buf *b, size_t max)
{
	*b = (struct buf){.data = nothing, .max = max};
}

void buf_release(struct buf *b)
{
	if (b->cap)
		free(b->data);
	buf_init(b, b->max);
}

void buf_clear(struct buf *b)
{
	buf_cut(b, 0);
}

void buf_recycle(struct buf *b, size_t keep)
{
	if (b->cap > keep)
		buf_release(b);
	else
		buf_cut(b, 0);
}

char *buf_room(struct buf *b, size_t len)
{
	if (len > b->cap - b->len) {
		size_t cap = b->cap ? b->cap * 2 : 64;
		if (cap < b->len + len)
			cap = b->len + len;
		b->data = mem_resize(b->cap ? b->data : NULL, cap + 1, 1);
		b->cap = cap;
		b->data[b->len] = '\0';
	}
	return b->data + b->len;
}

void buf_grew(struct buf *b, size_t len)
{
	assert(len <= b->cap - b->len);
	if (len) {
		b->len += len;
		b->data[b->len] = '\0';
	}
}

enum err buf_add(struct buf *b, const void *data, size_t len)
{
	if (len > b->max - b->len)
		return ERR_LIMIT;
	if (len) {
		memcpy(buf_room(b, len), data, len);
		buf_grew(b, len);
	}
	return ERR_NONE;
}

void buf_consume(struct buf *b, size_t len)
{
	if (len >= b->len) {
		buf_cut(b, 0);
	} else if (len) {
		memmove(b->data, b->data + len, b->len - len + 1);
		b->len -= len;
	}
}

void buf_cut(struct buf *b, size_t len)
{
	assert(len <= b->len);
	b->len = len;
	if (b->cap)
		b->data[len] = '\0';
}

void buf_put(struct buf *b, const void *data, size_t len)
{
	assert(b->max == BUF_UNLIMITED);
	if (len) {
		memcpy(buf_room(b, len), data, len);
		buf_grew(b, len);
	}
}

void buf_put_text(struct buf *b, const char *text)
{
	buf_put(b, text, strlen(text));
}

void buf_put_byte(struct buf *b, char byte)
{
	buf_put(b, &byte, 1);
}

void buf_put_uint(struct buf *b, uint64_t number)
{
	char digits[20];
	size_t at = sizeof(digits);

	do {
		digits[--at] = (char)('0' + number % 10);
		number /= 10;
	} while (number);
	buf_put(b, digits + at, sizeof(digits) - at);
}

void buf_put_int(struct buf *b, int64_t number)
{
	if (number < 0) {
		buf_put_byte(b, '-');
		buf_put_uint(b, (uint64_t)0 - (uint64_t)number);
	} else {
		buf_put_uint(b, (uint64_t)number);
	}
}

void buf_put_seconds(struct buf *b, int64_t time_us)
{
	uint64_t us = time_us < 0 ? 0 - (uint64_t)time_us : (uint64_t)time_us;
	uint64_t rest = us % 1000000;
	char fraction[7] = ".";

	for (int i = 6; i > 0; i--, rest /= 10)
		fraction[i] = (char)('0' + rest % 10);
	if (time_us < 0)
		buf_put_byte(b, '-');
	buf_put_uint(b, us / 1000000);
	buf_put(b, fraction, sizeof(fraction));
}

void buf_printf(struct buf *b, const char *format, ...)
{
	va_list ap;
	char small[256];
	int len;

	va_start(ap, format);
	len = vsnprintf(small, sizeof(small), format, ap);
	va_end(ap);
	if (len < (int)sizeof(small)) {
		buf_put(b, small, (size_t)len);
		return;
	}
	va_start(ap, format);
	vsnprintf(buf_room(b, (size_t)len + 1), (size_t)len + 1, format, ap);
	va_end(ap);
	buf_grew(b, (size_t)len);
}

char *buf_take(struct buf *b, size_t *ret_len)
{
	char *data = b->cap ? b->data : mem_bytes("", 0);

	*ret_len = b->len;
	buf_init(b, b->max);
	return data;
}
