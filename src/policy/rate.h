/*
 * A rate: so many starts in each unit of time, evenly spaced. Times are passed in.
 *
 * The schedule does not drift: what starts a little late does not delay those after it. What starts
 * later than a slack has lost its time for good: half of the interval, within 2 and 20 ms. So a
 * unit of time has at most one start too many, and above 500 a second as many as belong in 2 ms.
 */
#ifndef POLICY_RATE_H
#define POLICY_RATE_H

#include <stdint.h>

#include "base/err.h"

struct rate {
	int64_t count;   /* 0: no limit */
	int64_t unit_us; /* above 0 */
};

/* Where a schedule stands. {0} has not begun. */
struct rate_meter {
	int64_t next_us; /* the next may start then */
	int64_t rest;    /* of next_us, in count-ths of a microsecond */
};

/*
 * Takes "10/s", "100/m", "5/15s": a whole number, and a unit of s, m, h or d that may have a whole
 * number before it. ERR_SYNTAX with words.
 */
MUST_USE enum err rate_parse(const char *text, struct rate *ret_rate, struct error *e);

/* One starts: meter->next_us is not after now_us. Does nothing where there is no limit. */
void rate_take(const struct rate *rate, struct rate_meter *meter, int64_t now_us);

#endif
