/*
 * output/histogram: its percentiles beside those of the sorted samples themselves.
 */
#include "unit.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "output/histogram.h"

enum { SAMPLES = 1000000 };

/* ---- samples: xorshift64*, always from the same seed ---- */

struct random {
	uint64_t state;
};

static uint64_t random_next(struct random *r)
{
	r->state ^= r->state >> 12;
	r->state ^= r->state << 25;
	r->state ^= r->state >> 27;
	return r->state * UINT64_C(0x2545f4914f6cdd1d);
}

/* 0 < u < 1 */
static double random_unit(struct random *r)
{
	return ((double)(random_next(r) >> 12) + 0.5) / 4503599627370496.0;
}

static double random_normal(struct random *r)
{
	return sqrt(-2 * log(random_unit(r))) * cos(2 * 3.14159265358979323846 * random_unit(r));
}

static int64_t draw_uniform(struct random *r)
{
	return (int64_t)(random_next(r) % 2000000);
}

static int64_t draw_below_256(struct random *r)
{
	return (int64_t)(random_next(r) % 256);
}

static int64_t draw_exponential(struct random *r)
{
	return (int64_t)(-50000 * log(random_unit(r)));
}

/* What latencies look like: a median of 40 ms and a long tail. */
static int64_t draw_lognormal(struct random *r)
{
	return (int64_t)(40000 * exp(0.8 * random_normal(r)));
}

static int64_t draw_pareto(struct random *r)
{
	return (int64_t)(1000 / pow(random_unit(r), 1 / 1.1));
}

/* A cache that hits nine times of ten. */
static int64_t draw_two_peaks(struct random *r)
{
	bool is_hit = random_next(r) % 10 != 0;

	return (int64_t)fabs((is_hit ? 300 : 250000) * (1 + 0.05 * random_normal(r)));
}

static int64_t draw_nearly_constant(struct random *r)
{
	return random_next(r) % 1000 ? 123457 : 30000001;
}

/* Every octave alike: also those of hours and days. */
static int64_t draw_all_octaves(struct random *r)
{
	return (int64_t)exp2(42 * random_unit(r));
}

static int64_t draw_all_day(struct random *r)
{
	return INT64_C(86400000000) - (int64_t)(random_next(r) % 1000);
}

static int compare(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* Within 0.4 %, as histogram.h says. */
static bool is_near(int64_t value, int64_t exact)
{
	return llabs(value - exact) * 250 <= exact;
}

static void percentiles_are_near_those_of_the_samples(void **state)
{
	static const struct {
		const char *name;
		int64_t (*draw)(struct random *r);
	} cases[] = {
		{"uniform", draw_uniform},
		{"uniform and exact", draw_below_256},
		{"exponential", draw_exponential},
		{"log-normal", draw_lognormal},
		{"Pareto", draw_pareto},
		{"two peaks", draw_two_peaks},
		{"nearly constant", draw_nearly_constant},
		{"all octaves", draw_all_octaves},
		{"all of a day", draw_all_day},
	};
	static const struct {
		double quantile;
		uint64_t rank; /* of a million, from 1 */
	} places[] = {
		{0.000001, 1},     {0.001, 1000},  {0.01, 10000},   {0.1, 100000},
		{0.25, 250000},    {0.5, 500000},  {0.75, 750000},  {0.9, 900000},
		{0.95, 950000},    {0.99, 990000}, {0.999, 999000}, {0.9999, 999900},
		{0.99999, 999990}, {1, SAMPLES},
	};
	int64_t *samples = mem_zero(SAMPLES, sizeof(*samples));

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct random random = {UINT64_C(0x9e3779b97f4a7c15)};
		struct histogram *h = mem_zero(1, sizeof(*h));
		uint64_t sum = 0;

		for (size_t k = 0; k < SAMPLES; k++) {
			samples[k] = cases[i].draw(&random);
			sum += (uint64_t)samples[k];
			histogram_add(h, samples[k]);
		}
		qsort(samples, SAMPLES, sizeof(*samples), compare);
		case_uint(cases[i].name, h->count, SAMPLES);
		case_uint(cases[i].name, h->sum, sum);
		case_uint(cases[i].name, h->min, (uint64_t)samples[0]);
		case_uint(cases[i].name, h->max, (uint64_t)samples[SAMPLES - 1]);
		for (size_t k = 0; k < COUNT(places); k++) {
			int64_t exact = samples[places[k].rank - 1];
			int64_t value = histogram_quantile(h, places[k].quantile);

			if (!is_near(value, exact))
				fail_msg("%s: %g is %" PRId64 ", and exactly %" PRId64,
				         cases[i].name, places[k].quantile, value, exact);
		}
		free(h);
	}
	free(samples);
}

static void small_values_are_exact(void **state)
{
	struct histogram *h = mem_zero(1, sizeof(*h));

	(void)state;
	for (int64_t value = 0; value < 256; value++)
		histogram_add(h, value);
	for (int rank = 1; rank <= 256; rank++)
		assert_int_equal(histogram_quantile(h, rank / 256.0), rank - 1);
	free(h);
}

/* Of few samples the rank is what matters: it is the smallest that covers the quantile. */
static void the_rank_is_the_one_that_covers_the_quantile(void **state)
{
	static const struct {
		const char *name;
		int64_t samples[10];
		size_t count;
		double quantile;
		int64_t expected;
	} cases[] = {
		{"one, 0", {7}, 1, 0, 7},
		{"one, p50", {7}, 1, 0.5, 7},
		{"one, p99", {7}, 1, 0.99, 7},
		{"one, 1", {7}, 1, 1, 7},
		{"two, p50", {1, 9}, 2, 0.5, 1},
		{"two, more than p50", {1, 9}, 2, 0.51, 9},
		{"three, p50", {1, 5, 9}, 3, 0.5, 5},
		{"four, p50", {1, 2, 3, 4}, 4, 0.5, 2},
		{"ten, 0", {1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, 10, 0, 1},
		{"ten, p10", {1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, 10, 0.1, 1},
		{"ten, p50", {1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, 10, 0.5, 5},
		{"ten, p90", {1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, 10, 0.9, 9},
		{"ten, p99", {1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, 10, 0.99, 10},
		{"ten, 1", {1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, 10, 1, 10},
		{"the order does not matter", {9, 1, 5}, 3, 0.5, 5},
		{"many of one", {3, 3, 3, 3, 3, 3, 3, 3, 3, 200}, 10, 0.9, 3},
		{"many of one, and the other", {3, 3, 3, 3, 3, 3, 3, 3, 3, 200}, 10, 0.91, 200},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct histogram *h = mem_zero(1, sizeof(*h));

		for (size_t k = 0; k < cases[i].count; k++)
			histogram_add(h, cases[i].samples[k]);
		case_int(cases[i].name, histogram_quantile(h, cases[i].quantile),
		         cases[i].expected);
		free(h);
	}
}

static void an_empty_one_says_0(void **state)
{
	struct histogram *h = mem_zero(1, sizeof(*h));

	(void)state;
	assert_int_equal(histogram_quantile(h, 0), 0);
	assert_int_equal(histogram_quantile(h, 0.5), 0);
	assert_int_equal(histogram_quantile(h, 1), 0);
	assert_int_equal(h->count, 0);
	free(h);
}

static void a_lone_value_is_exact_whatever_it_is(void **state)
{
	static const int64_t values[] = {
		0,
		1,
		127,
		128,
		255,
		256,
		257,
		258,
		511,
		512,
		1023,
		1024,
		999999,
		1000000,
		123456789,
		INT32_MAX,
		(INT64_C(1) << 42) - 1,
		INT64_C(1) << 42,
		(INT64_C(1) << 42) + 1,
		INT64_C(1) << 62,
		INT64_MAX,
	};

	(void)state;
	for (size_t i = 0; i < COUNT(values); i++) {
		struct histogram *h = mem_zero(1, sizeof(*h));

		histogram_add(h, values[i]);
		assert_int_equal(histogram_quantile(h, 0), values[i]);
		assert_int_equal(histogram_quantile(h, 0.5), values[i]);
		assert_int_equal(histogram_quantile(h, 1), values[i]);
		assert_int_equal(h->min, values[i]);
		assert_int_equal(h->max, values[i]);
		assert_int_equal(h->sum, values[i]);
		free(h);
	}
}

/* Around each power of two, where buckets begin; the ends are out of the way. */
static void the_edges_of_buckets_are_near(void **state)
{
	(void)state;
	for (unsigned bit = 0; bit < 42; bit++) {
		for (int64_t away = -2; away <= 2; away++) {
			int64_t value = (INT64_C(1) << bit) + away;
			struct histogram *h = mem_zero(1, sizeof(*h));

			histogram_add(h, 0);
			histogram_add(h, value);
			histogram_add(h, INT64_MAX);
			if (value > 0 && !is_near(histogram_quantile(h, 0.5), value))
				fail_msg("%" PRId64 " is read as %" PRId64, value,
				         histogram_quantile(h, 0.5));
			free(h);
		}
	}
}

static void what_is_too_long_counts_as_the_longest(void **state)
{
	const int64_t longest = INT64_C(1) << 42;
	struct histogram *h = mem_zero(1, sizeof(*h));

	(void)state;
	histogram_add(h, 0);
	histogram_add(h, INT64_C(1) << 43);
	histogram_add(h, INT64_C(1) << 50);
	histogram_add(h, INT64_MAX - 1);
	assert_true(is_near(histogram_quantile(h, 0.5), longest));
	assert_true(is_near(histogram_quantile(h, 0.75), longest));
	assert_int_equal(h->max, INT64_MAX - 1);
	free(h);
}

static void what_is_negative_counts_as_0(void **state)
{
	struct histogram *h = mem_zero(1, sizeof(*h));

	(void)state;
	histogram_add(h, -1);
	histogram_add(h, INT64_MIN);
	histogram_add(h, 5);
	assert_int_equal(histogram_quantile(h, 0.5), 0);
	assert_int_equal(histogram_quantile(h, 1), 5);
	assert_int_equal(h->min, 0);
	assert_int_equal(h->max, 5);
	assert_int_equal(h->sum, 5);
	assert_int_equal(h->count, 3);
	free(h);
}

static void quantiles_never_fall(void **state)
{
	struct random random = {4711};
	struct histogram *h = mem_zero(1, sizeof(*h));
	int64_t before = 0;

	(void)state;
	for (int i = 0; i < 10000; i++)
		histogram_add(h, draw_all_octaves(&random));
	for (int i = 0; i <= 10000; i++) {
		int64_t value = histogram_quantile(h, i / 10000.0);

		assert_true(value >= before);
		assert_true(value >= (int64_t)h->min && value <= (int64_t)h->max);
		before = value;
	}
	free(h);
}

static void two_together_are_as_all_in_one(void **state)
{
	struct random random = {99};
	struct histogram *all = mem_zero(1, sizeof(*all)), *one = mem_zero(1, sizeof(*one));
	struct histogram *two = mem_zero(1, sizeof(*two)), *empty = mem_zero(1, sizeof(*empty));

	(void)state;
	for (int i = 0; i < 1000; i++) {
		int64_t value = draw_all_octaves(&random);

		histogram_add(all, value);
		histogram_add(i % 3 ? one : two, value);
	}
	histogram_add_all(one, two);
	assert_memory_equal(one, all, sizeof(*all));
	histogram_add_all(one, empty);
	assert_memory_equal(one, all, sizeof(*all));
	histogram_add_all(empty, all);
	assert_memory_equal(empty, all, sizeof(*all));
	free(all);
	free(one);
	free(two);
	free(empty);
}

/* The bars of a report: every value lies in one of them. */
static void values_are_counted_below_the_edges_of_buckets(void **state)
{
	struct histogram *h = mem_zero(1, sizeof(*h));

	(void)state;
	assert_int_equal(histogram_below(h, 1000), 0);
	for (int64_t value = 1; value <= 1024; value++)
		histogram_add(h, value);
	case_uint("nothing", histogram_below(h, -5), 0);
	case_uint("exact", histogram_below(h, 100), 99);
	for (int64_t edge = 256; edge <= 512; edge += 2)
		case_int("256 to 512", histogram_below(h, edge), edge - 1);
	for (int64_t edge = 512; edge <= 1024; edge += 4)
		case_int("512 to 1024", histogram_below(h, edge), edge - 1);
	case_uint("all", histogram_below(h, 1 << 20), 1024);
	free(h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(percentiles_are_near_those_of_the_samples),
		cmocka_unit_test(small_values_are_exact),
		cmocka_unit_test(the_rank_is_the_one_that_covers_the_quantile),
		cmocka_unit_test(an_empty_one_says_0),
		cmocka_unit_test(a_lone_value_is_exact_whatever_it_is),
		cmocka_unit_test(the_edges_of_buckets_are_near),
		cmocka_unit_test(what_is_too_long_counts_as_the_longest),
		cmocka_unit_test(what_is_negative_counts_as_0),
		cmocka_unit_test(quantiles_never_fall),
		cmocka_unit_test(two_together_are_as_all_in_one),
		cmocka_unit_test(values_are_counted_below_the_edges_of_buckets),
	};

	return UNIT_RUN(tests);
}
