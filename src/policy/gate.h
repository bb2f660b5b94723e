/*
 * When the next request may begin: -c, --chunk and --chunk-pause. Counts and times only, no clock.
 */
#ifndef POLICY_GATE_H
#define POLICY_GATE_H

#include <stdint.h>

struct gate {
	uint64_t limit;         /* in flight at once, at least 1 */
	uint64_t chunk;         /* begin so many, then wait for all of them; 0: off */
	int64_t chunk_pause_us; /* between chunks */

	uint64_t in_flight, begun_in_chunk;
	int64_t paused_until_us;
};

void gate_init(struct gate *gate, uint64_t limit, uint64_t chunk, int64_t chunk_pause_us);

enum { GATE_OPEN = 0, GATE_FULL = -1 };

/* GATE_OPEN: one may begin. GATE_FULL: not before one has ended. Else: microseconds to wait. */
int64_t gate_ask(const struct gate *gate, int64_t now_us);

/* One begins; gate_ask() said that it may. */
void gate_begin(struct gate *gate);

/* One of those that began has ended. */
void gate_end(struct gate *gate, int64_t now_us);

#endif
