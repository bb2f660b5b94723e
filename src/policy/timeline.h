/*
 * Things that are due at a time, the earliest first: a binary heap of alarms that are embedded in
 * those things. Adding and taking away cost the logarithm of their number.
 */
#ifndef POLICY_TIMELINE_H
#define POLICY_TIMELINE_H

#include <stddef.h>
#include <stdint.h>

struct alarm {
	int64_t at_us;
	size_t place; /* in the heap, from 1; 0: not set */
};

/* {0} is empty. */
struct timeline {
	struct alarm **heap;
	size_t count, capacity;
};

/* What is still set is forgotten. */
void timeline_release(struct timeline *timeline);

/* Sets an alarm, anew if it is set already. */
void timeline_set(struct timeline *timeline, struct alarm *alarm, int64_t at_us);

/* Takes it away if it is set. */
void timeline_unset(struct timeline *timeline, struct alarm *alarm);

/* The earliest; NULL when there is none. */
struct alarm *timeline_first(const struct timeline *timeline);

#endif
