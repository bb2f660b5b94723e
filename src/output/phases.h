/*
 * Where the time of a request went, for pictures: one phase after another, from the moment when the
 * run took it from the input until its last attempt ended.
 */
#ifndef OUTPUT_PHASES_H
#define OUTPUT_PHASES_H

#include <stdbool.h>
#include <stdint.h>

struct result;

enum phase {
	PHASE_QUEUE,   /* waits until its first attempt begins */
	PHASE_EARLIER, /* earlier attempts, and the waits between them */
	PHASE_DNS,
	PHASE_CONNECT,
	PHASE_TLS,
	PHASE_WAIT, /* sends the request and waits for the first byte */
	PHASE_RECEIVE,
};

enum { PHASES = PHASE_RECEIVE + 1 };

/* "dns" */
const char *phase_name(enum phase phase);

/* Microseconds; begin_us counts from the start of the run. */
struct phases {
	int64_t begin_us, us[PHASES];
	bool has[PHASES]; /* which phases there were, be it for less than a microsecond */
};

/*
 * The result is of a request that was attempted, in a run that began at run_us (monotonic). An
 * attempt that failed spent the rest of its time in the phase that it did not end. After redirects
 * each phase is the sum over all of them, and what is left over counts as receiving. Over a
 * connection that was there already it has no phase before PHASE_WAIT, but the moment that it took
 * to find the connection is in us.
 */
void phases_of(struct phases *phases, const struct result *result, int64_t run_us);

/* When the last attempt began and ended. */
int64_t phases_attempt_us(const struct phases *phases);
int64_t phases_end_us(const struct phases *phases);

#endif
