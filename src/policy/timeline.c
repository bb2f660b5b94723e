#include "policy/timeline.h"

#include <stdlib.h>

#include "base/mem.h"

void timeline_release(struct timeline *timeline)
{
	free(timeline->heap);
	*timeline = (struct timeline){0};
}

/* Places count from 1, so that the parent of i is i / 2. */
static void put(struct timeline *timeline, size_t place, struct alarm *alarm)
{
	timeline->heap[place - 1] = alarm;
	alarm->place = place;
}

static struct alarm *at(const struct timeline *timeline, size_t place)
{
	return timeline->heap[place - 1];
}

/* Puts alarm where it belongs, beginning at an empty place: up, or else down. */
static void sift(struct timeline *timeline, size_t place, struct alarm *alarm)
{
	for (; place > 1 && at(timeline, place / 2)->at_us > alarm->at_us; place /= 2)
		put(timeline, place, at(timeline, place / 2));
	for (size_t child; (child = 2 * place) <= timeline->count; place = child) {
		if (child < timeline->count &&
		    at(timeline, child + 1)->at_us < at(timeline, child)->at_us)
			child++;
		if (at(timeline, child)->at_us >= alarm->at_us)
			break;
		put(timeline, place, at(timeline, child));
	}
	put(timeline, place, alarm);
}

void timeline_set(struct timeline *timeline, struct alarm *alarm, int64_t at_us)
{
	if (alarm->place && alarm->at_us == at_us)
		return;
	timeline_unset(timeline, alarm);
	if (timeline->count == timeline->capacity) {
		timeline->capacity = timeline->capacity ? timeline->capacity * 2 : 16;
		timeline->heap =
			mem_resize(timeline->heap, timeline->capacity, sizeof(struct alarm *));
	}
	alarm->at_us = at_us;
	/* The place must hold something before it is compared with. */
	put(timeline, ++timeline->count, alarm);
	sift(timeline, alarm->place, alarm);
}

void timeline_unset(struct timeline *timeline, struct alarm *alarm)
{
	size_t place = alarm->place;
	struct alarm *last;

	if (!place)
		return;
	alarm->place = 0;
	last = at(timeline, timeline->count--);
	if (last != alarm)
		sift(timeline, place, last);
}

struct alarm *timeline_first(const struct timeline *timeline)
{
	return timeline->count ? timeline->heap[0] : NULL;
}
