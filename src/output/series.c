#include "output/series.h"

/* Makes room for a moment: joins pairs of spans until it lies within. */
static void reach(struct series *s, int64_t time_us)
{
	if (!s->span_us)
		s->span_us = SERIES_LEAST_US;
	while (time_us / s->span_us >= SERIES_SPANS) {
		for (size_t i = 0; i < SERIES_SPANS / 2; i++) {
			const struct series_span *pair = &s->spans[2 * i];

			s->spans[i] = (struct series_span){
				.transfer_us = pair[0].transfer_us + pair[1].transfer_us,
				.bytes = pair[0].bytes + pair[1].bytes,
				.ended = pair[0].ended + pair[1].ended,
				.failed = pair[0].failed + pair[1].failed,
			};
		}
		for (size_t i = SERIES_SPANS / 2; i < SERIES_SPANS; i++)
			s->spans[i] = (struct series_span){0};
		s->used = (s->used + 1) / 2;
		s->span_us *= 2;
	}
	if (s->used <= (size_t)(time_us / s->span_us))
		s->used = (size_t)(time_us / s->span_us) + 1;
}

/* How much of the time from begin to end lies within span i. */
static int64_t overlap_us(const struct series *s, int64_t i, int64_t begin_us, int64_t end_us)
{
	int64_t from = i * s->span_us, to = from + s->span_us;

	if (from < begin_us)
		from = begin_us;
	if (to > end_us)
		to = end_us;
	return to > from ? to - from : 0;
}

void series_add(struct series *s, const struct series_transfer *t)
{
	int64_t receive_us = t->end_us - t->receive_us, last;

	reach(s, t->end_us);
	last = t->end_us / s->span_us;
	for (int64_t i = t->begin_us / s->span_us; i <= last; i++) {
		s->spans[i].transfer_us += (double)overlap_us(s, i, t->begin_us, t->end_us);
		if (receive_us)
			s->spans[i].bytes += (double)t->bytes *
			                     (double)overlap_us(s, i, t->receive_us, t->end_us) /
			                     (double)receive_us;
	}
	if (!receive_us)
		s->spans[last].bytes += (double)t->bytes;
	s->spans[last].ended++;
	s->spans[last].failed += !t->is_ok;
}
