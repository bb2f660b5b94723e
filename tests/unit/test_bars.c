/*
 * output/bars: they follow each other without a gap, hold all, and are neither too many nor too
 * few.
 */
#include "unit.h"

#include <math.h>
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

/* ---- what is even looks even ---- */

static int64_t uniform(size_t i, size_t count, int64_t first, int64_t last)
{
	return first + (int64_t)((double)(last - first) * (double)i / (double)count);
}

/* Every octave has the same number. */
static int64_t log_uniform(size_t i, size_t count, int64_t first, int64_t last)
{
	return (int64_t)((double)first *
	                 exp2(log2((double)last / (double)first) * (double)i / (double)count));
}

static const struct even_case {
	const char *name;
	int64_t (*value)(size_t i, size_t count, int64_t first, int64_t last);
	int64_t first, last;
	bool is_log;
	double tolerance; /* of the mean, by which heights may be off it */
} even_cases[] = {
	{"60 to 200 ms", uniform, 60000, 200000, false, 0.02},
	{"20 to 200 ms", uniform, 20000, 200000, false, 0.02},
	{"0 to 2 s", uniform, 0, 2000000, false, 0.02},
	{"1000 to 1040 ms", uniform, 1000000, 1040000, false, 0.02},
	{"100 to 500 us", uniform, 100, 500, false, 0.05},
	{"1 ms to 10 s", log_uniform, 1000, 10000000, true, 0.02},
	{"1 ms to 1 h", log_uniform, 1000, INT64_C(3600000000), true, 0.02},
};

/* The heights of all bars but the first and the last, which may be partly empty, by what is drawn:
 * their counts by their widths on the axis. */
static void check_heights(const struct even_case *c, struct histogram *h)
{
	double total = 0, widths = 0, least = INFINITY, most = 0;
	struct bars bars;

	bars_init(&bars, h);
	case_true(c->name, bars.is_log == c->is_log);
	for (int64_t i = 0; bars_next(&bars); i++) {
		double width = bars.is_log ? log((double)bars.end_us / (double)bars.begin_us)
		                           : (double)(bars.end_us - bars.begin_us);
		double count = (double)bars_count(&bars, h);

		if (!i || i == bars.count - 1)
			continue;
		if (!bars.is_log)
			case_int(c->name, bars.end_us - bars.begin_us, bars.width_us);
		total += count;
		widths += width;
		least = fmin(least, count / width);
		most = fmax(most, count / width);
	}
	case_true(c->name, least > total / widths * (1 - c->tolerance));
	case_true(c->name, most < total / widths * (1 + c->tolerance));
}

static void even_values_have_even_bars(void **state)
{
	enum { VALUES = 1000000 };

	(void)state;
	for (size_t i = 0; i < COUNT(even_cases); i++) {
		const struct even_case *c = &even_cases[i];
		struct histogram *h = mem_zero(1, sizeof(*h));

		for (size_t k = 0; k < VALUES; k++)
			histogram_add(h, c->value(k, VALUES, c->first, c->last));
		check_heights(c, h);
		free(h);
	}
}

/* On a logarithmic axis bars are nearly equally wide. */
static void ratios_are_nearly_equal(void **state)
{
	struct histogram *h = mem_zero(1, sizeof(*h));
	double least = INFINITY, most = 0;
	struct bars bars;

	(void)state;
	for (size_t i = 0; i < 10000; i++)
		histogram_add(h, log_uniform(i, 10000, 1000, 10000000));
	for (bars_init(&bars, h); bars_next(&bars);) {
		double ratio = (double)bars.end_us / (double)bars.begin_us;

		least = fmin(least, ratio);
		most = fmax(most, ratio);
	}
	case_true("a logarithmic axis", bars.is_log);
	case_true("their ratios", most / least < 1.02);
	free(h);
}

static void a_long_tail_has_a_logarithmic_axis(void **state)
{
	static const struct {
		const char *name;
		int64_t values[8]; /* 0: the end */
		bool is_log;
	} cases[] = {
		{"one that takes long", {1000, 1001, 1002, 1003, 1004, 60000}, true},
		{"one that takes no time", {10, 99000, 99001, 99002, 99003}, false},
		{"a half that takes long", {1000, 1001, 1002, 60000, 60001, 60002}, true},
		{"a tail that is not long", {1000, 1001, 1002, 1003, 3900}, false},
		{"the same time", {1000, 1000, 1000}, false},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct histogram *h = mem_zero(1, sizeof(*h));
		struct bars bars;

		for (size_t k = 0; cases[i].values[k]; k++)
			histogram_add(h, cases[i].values[k]);
		bars_init(&bars, h);
		case_true(cases[i].name, bars.is_log == cases[i].is_log);
		free(h);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bars_hold_all),
		cmocka_unit_test(there_are_none_of_nothing),
		cmocka_unit_test(even_values_have_even_bars),
		cmocka_unit_test(ratios_are_nearly_equal),
		cmocka_unit_test(a_long_tail_has_a_logarithmic_axis),
		cmocka_unit_test(others_are_counted_in_the_same_bars),
	};

	return UNIT_RUN(tests);
}
