/*
 * A slice of a turn: how long one piece of work may go on before the loop looks at its timers,
 * signals and descriptors again. What is left goes on in a later turn, posted (loop.h).
 */
#ifndef ASYNC_SLICE_H
#define ASYNC_SLICE_H

#include <stdbool.h>
#include <stdint.h>

enum { SLICE_US = 5000 };

struct slice {
	int64_t end_us; /* of the monotonic clock */
};

struct slice slice_begin(void);

/* Asked after each step, so that there is at least one in a slice. */
bool slice_is_over(const struct slice *slice);

#endif
