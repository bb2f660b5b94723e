#include "output/bars.h"

#include <stddef.h>

#include "output/histogram.h"

enum {
	MOST = 60,
	FEW = 12,          /* or one for so many: */
	VALUES_OF_BAR = 8, /* then most bars have some */
	FINEST = 64,       /* steps from a power of two to the next; buckets are finer */
};

/* How wide the bar is that holds value. */
static int64_t width_at(int64_t value, int64_t steps)
{
	int64_t octave = value > 0 ? INT64_C(1) << (63 - __builtin_clzll((uint64_t)value)) : 1;

	return octave > steps ? octave / steps : 1;
}

static size_t count_bars(struct bars bars, int64_t steps)
{
	size_t count = 0;

	bars.steps = steps;
	while (bars_next(&bars))
		count++;
	return count;
}

void bars_init(struct bars *bars, const struct histogram *h)
{
	uint64_t wanted = h->count / VALUES_OF_BAR;

	*bars = (struct bars){.of = h, .steps = FINEST, .end_us = (int64_t)h->min};
	wanted = wanted < FEW ? FEW : wanted > MOST ? MOST : wanted;
	while (bars->steps > 1 && count_bars(*bars, bars->steps) > wanted)
		bars->steps /= 2;
}

bool bars_next(struct bars *bars)
{
	int64_t at = bars->end_us, width = width_at(at, bars->steps);

	if (!bars->of->count || at > (int64_t)bars->of->max)
		return false;
	bars->begin_us = at - at % width;
	bars->end_us = bars->begin_us + width;
	return true;
}

uint64_t bars_count(const struct bars *bars, const struct histogram *h)
{
	return histogram_below(h, bars->end_us) - histogram_below(h, bars->begin_us);
}
