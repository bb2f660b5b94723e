/*
 * Whether an attempt that has ended is made again, and when; and whether its host wants to be left
 * alone. Pure functions: nothing is remembered here.
 */
#ifndef POLICY_RETRY_H
#define POLICY_RETRY_H

#include <stdbool.h>
#include <stdint.h>

#include "transfer/options.h"
#include "transfer/result.h"

struct retry_options {
	uint64_t retries; /* attempts after the first, where a request says nothing else */
	int64_t delay_us; /* before each; 0: from 1 s, doubled each time, at most 60 s, with jitter
	                   */
	int64_t max_time_us; /* none begins later than this after the first attempt; 0: no limit */
	bool is_any_error;   /* whatever failed, and whatever the method */
	bool has_statuses;   /* statuses, and not the usual ones */
	bool statuses[STATUS_LIMIT];
	int64_t pause_max_us; /* bounds what a server may ask for */
};

/*
 * How long to wait before the request is tried again, in microseconds; -1: it is not.
 *
 * Tried again is what may well succeed later: a timeout, a name that did not resolve, a connection
 * that failed or broke, a body that is not whole, the statuses 408 429 500 502 503 504 522 524, of
 * a proxy that refuses CONNECT too. But when the request was sent only with a method that is
 * idempotent (RFC 9110, 9.2.2). Not before the server wants it: Retry-After counts on any status.
 * elapsed_us: since its first attempt began. jitter: random, evenly in [0, 1).
 */
int64_t retry_delay_us(const struct retry_options *options, const struct result *result,
                       int64_t elapsed_us, double jitter);

/* Whether a retry that comes to its turn so long after the first attempt began must not begin. */
bool retry_is_too_late(const struct retry_options *options, int64_t elapsed_us);

/*
 * For how long the host wants to be left alone; 0: it does not say so. That is what Retry-After
 * says on a 403, 429 or 503 (RFC 9110, 10.2.3; some servers say 403 for a limit), or the time until
 * a rate limit of which nothing is left begins anew; a 429 that says nothing means as long as the
 * first retry would wait. What a proxy responds to CONNECT counts as well.
 */
int64_t retry_pause_us(const struct retry_options *options, const struct result *result);

#endif
