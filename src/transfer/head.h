/*
 * Watches the heads of the answers to an attempt, line by line, for what is not to be gone on with.
 * Within transfer/ only.
 */
#ifndef TRANSFER_HEAD_H
#define TRANSFER_HEAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "transfer/decoder.h"

enum head_verdict {
	HEAD_GOOD,
	HEAD_TOO_LARGE,    /* MAX_HEAD_BYTES */
	HEAD_TOO_MANY,     /* MAX_HEAD_LINES */
	HEAD_OTHER_CODING, /* a body that is encoded twice, or transferred in an unknown coding */
	HEAD_BAD_LENGTH,   /* a Content-Length that is no number, or two that differ */
	HEAD_HUGE_LENGTH,  /* one that does not fit 64 bits */
};

/* All zero before an attempt. */
struct head {
	size_t bytes;
	unsigned lines;
	unsigned codings;   /* of the body that this head announces */
	enum coding coding; /* the last of them that is not to be left as it is */
	bool has_length;    /* it announces this: */
	int64_t length;
	bool is_interim; /* another one follows it */
	bool is_begun;   /* a status line has come, in response to the last request */
	bool is_over;    /* what comes now is a body, or trailers */
};

/* Takes a line as libcurl hands it out. decodes_content: a Content-Encoding counts. */
enum head_verdict head_take(struct head *head, const char *line, size_t len, bool decodes_content);

/* Another request is about to be sent; the ceilings go on counting. */
void head_expect(struct head *head);

/*
 * Whether a head has begun and not ended. libcurl takes the end of the connection for the end of a
 * head; the response is incomplete (RFC 9112, 8).
 */
bool head_is_cut(const struct head *head);

#endif
