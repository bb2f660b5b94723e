/*
 * output/series: what went on over time, however long the run.
 */
#include "unit.h"

#include <math.h>

#include "output/series.h"

static void add(struct series *s, int64_t begin_us, int64_t receive_us, int64_t end_us,
                int64_t bytes)
{
	struct series_transfer transfer = {begin_us, receive_us, end_us, bytes, end_us % 2 == 0};

	series_add(s, &transfer);
}

#define case_near(name, actual, expected) case_true(name, fabs((actual) - (expected)) < 0.001)

static void time_and_bytes_are_spread_over_spans(void **state)
{
	struct series s = {0};

	(void)state;
	add(&s, 50, 150, 350, 400); /* 2 bytes a microsecond */
	assert_int_equal(s.span_us, SERIES_LEAST_US);
	assert_int_equal(s.used, 4);
	case_near("half of the first", s.spans[0].transfer_us, 50);
	case_near("all of the second", s.spans[1].transfer_us, 100);
	case_near("all of the third", s.spans[2].transfer_us, 100);
	case_near("half of the last", s.spans[3].transfer_us, 50);
	case_near("no bytes yet", s.spans[0].bytes, 0);
	case_near("from its middle on", s.spans[1].bytes, 100);
	case_near("throughout", s.spans[2].bytes, 200);
	case_near("until its middle", s.spans[3].bytes, 100);
	assert_int_equal(s.spans[3].ended, 1);
	assert_int_equal(s.spans[3].failed, 0);

	add(&s, 120, 199, 199, 7); /* all bytes at once, and a failure */
	case_near("two at once", s.spans[1].transfer_us, 179);
	case_near("at the end", s.spans[1].bytes, 107);
	assert_int_equal(s.spans[1].ended, 1);
	assert_int_equal(s.spans[1].failed, 1);
	assert_int_equal(s.used, 4);
}

static void no_time_at_all_is_counted(void **state)
{
	struct series s = {0};

	(void)state;
	add(&s, 0, 0, 0, 0);
	assert_int_equal(s.used, 1);
	assert_int_equal(s.spans[0].ended, 1);
}

/* The sums stay what they are, whatever the order and however often spans are joined. */
static void spans_are_joined_when_the_run_gets_longer(void **state)
{
	static const int64_t ends[] = {23999, 24000, 1000000, 7, 3600000000, 86400000000 * 30, 99};
	struct series s = {0};

	(void)state;
	for (size_t i = 0; i < COUNT(ends); i++) {
		double transfer_us = 0, bytes = 0, expected_us = 0;
		uint64_t ended = 0;

		add(&s, ends[i] / 2, ends[i] / 2, ends[i], 1000);
		for (size_t k = 0; k <= i; k++)
			expected_us += (double)(ends[k] - ends[k] / 2);
		for (size_t k = 0; k < s.used; k++) {
			transfer_us += s.spans[k].transfer_us;
			bytes += s.spans[k].bytes;
			ended += s.spans[k].ended;
		}
		case_near("time", transfer_us / expected_us, 1);
		case_near("bytes", bytes, 1000.0 * (double)(i + 1));
		case_uint("ended", ended, i + 1);
		case_true("within", s.used <= SERIES_SPANS);
	}
	/* As fine as it can be. */
	assert_true(s.span_us * SERIES_SPANS > ends[5]);
	assert_true(s.span_us * SERIES_SPANS <= 2 * ends[5]);
	assert_true(s.used > SERIES_SPANS / 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(time_and_bytes_are_spread_over_spans),
		cmocka_unit_test(no_time_at_all_is_counted),
		cmocka_unit_test(spans_are_joined_when_the_run_gets_longer),
	};

	return UNIT_RUN(tests);
}
