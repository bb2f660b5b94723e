/*
 * output/bars: they follow each other without a gap, hold all, and are neither too many nor too
 * few.
 */
#include "unit.h"

#include <stdlib.h>

#include "base/mem.h"
#include "output/bars.h"
#include "output/histogram.h"

enum { MOST = 60 };

static void bars_hold_all(void **state)
{
	static const struct {
		const char *name;
		int64_t first, last, step;
		size_t least, most; /* bars */
	} cases[] = {
		{"one value", 777, 777, 1, 1, 1},
		{"zero", 0, 0, 1, 1, 1},
		{"small values", 0, 300, 1, 9, 37},
		{"few values", 1000, 9000, 1000, 4, 12},
		{"a narrow range", 1000000, 1100000, 10, 4, MOST},
		{"a wide range", 1, 100000000, 9973, 20, MOST},
		{"days", 0, INT64_C(1) << 40, INT64_C(1) << 30, 12, MOST},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct histogram *h = mem_zero(1, sizeof(*h));
		size_t count = 0;
		uint64_t values = 0;
		struct bars bars;
		int64_t end = -1;

		for (int64_t v = cases[i].first; v <= cases[i].last; v += cases[i].step)
			histogram_add(h, v);
		for (bars_init(&bars, h); bars_next(&bars); count++) {
			if (!count)
				case_true(cases[i].name, bars.begin_us <= cases[i].first);
			else
				case_int(cases[i].name, bars.begin_us, end);
			case_true(cases[i].name, bars.end_us > bars.begin_us);
			end = bars.end_us;
			values += bars_count(&bars, h);
		}
		case_true(cases[i].name, end > (int64_t)h->max);
		case_uint(cases[i].name, values, h->count);
		case_true(cases[i].name, count >= cases[i].least && count <= cases[i].most);
		free(h);
	}
}

static void there_are_none_of_nothing(void **state)
{
	struct histogram *h = mem_zero(1, sizeof(*h));
	struct bars bars;

	(void)state;
	bars_init(&bars, h);
	assert_false(bars_next(&bars));
	free(h);
}

/* Two histograms in the bars of both together. */
static void others_are_counted_in_the_same_bars(void **state)
{
	struct histogram *all = mem_zero(3, sizeof(*all)), *few = all + 1, *many = all + 2;
	uint64_t counts[2] = {0};
	struct bars bars;

	(void)state;
	histogram_add(few, 100);
	for (int i = 0; i < 100; i++)
		histogram_add(many, 5000 + 100 * i);
	histogram_add_all(all, few);
	histogram_add_all(all, many);
	for (bars_init(&bars, all); bars_next(&bars);) {
		counts[0] += bars_count(&bars, few);
		counts[1] += bars_count(&bars, many);
		case_uint("together", bars_count(&bars, all),
		          bars_count(&bars, few) + bars_count(&bars, many));
		case_uint("where it belongs", bars_count(&bars, few),
		          bars.begin_us <= 100 && bars.end_us > 100);
	}
	case_uint("few", counts[0], 1);
	case_uint("many", counts[1], 100);
	free(all);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bars_hold_all),
		cmocka_unit_test(there_are_none_of_nothing),
		cmocka_unit_test(others_are_counted_in_the_same_bars),
	};

	return UNIT_RUN(tests);
}
