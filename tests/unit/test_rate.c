/*
 * policy/rate: how rates are written, and when the next of a row of starts may be.
 */
#include "unit.h"

#include <stdlib.h>

#include "base/mem.h"
#include "policy/rate.h"

#define S_US INT64_C(1000000)

static uint64_t random_next(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

/* ---- how it is written ---- */

static void a_rate_is_a_number_and_a_unit(void **state)
{
	static const struct {
		const char *text;
		int64_t count, unit_us;
	} cases[] = {
		{"10/s", 10, S_US},
		{"100/m", 100, 60 * S_US},
		{"5/15s", 5, 15 * S_US},
		{"1/s", 1, S_US},
		{"1/h", 1, 3600 * S_US},
		{"1/d", 1, 86400 * S_US},
		{"3/2m", 3, 120 * S_US},
		{"7/12h", 7, 12 * 3600 * S_US},
		{"1/1s", 1, S_US},
		{"1000000/s", 1000000, S_US},
		{"1/1000s", 1, 1000 * S_US},
		{"1/1000d", 1, 1000 * 86400 * S_US},
		{"1000000/1000d", 1000000, 1000 * 86400 * S_US},
		{"007/008s", 7, 8 * S_US},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct error e = {""};
		struct rate rate = {-1, -1};

		case_err(cases[i].text, rate_parse(cases[i].text, &rate, &e), ERR_NONE);
		case_int(cases[i].text, rate.count, cases[i].count);
		case_int(cases[i].text, rate.unit_us, cases[i].unit_us);
		case_text(cases[i].text, e.text, "");
	}
}

static void what_is_no_rate_is_refused_with_words(void **state)
{
	static const char *const cases[] = {
		"",
		"/",
		"10",
		"10/",
		"/s",
		"s",
		"s/10",
		"0/s",
		"-1/s",
		"+1/s",
		" 1/s",
		"1 /s",
		"1/ s",
		"1/s ",
		"1.5/s",
		"1e3/s",
		"1k/s",
		"1000001/s",
		"18446744073709551617/s",
		"00000000000000000000000000000001/s",
		"1/0s",
		"1/-1s",
		"1/+1s",
		"1/1.5s",
		"1/1001s",
		"1/18446744073709551617s",
		"1/00000000000000000000000000000001s",
		"1/15",
		"1/S",
		"1/ms",
		"1/sec",
		"1/w",
		"1/y",
		"1//s",
		"1/s/s",
		"1/1/s",
		"10/s,5/m",
		"inf/s",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct rate rate = {-1, -1};
		struct error e = {""};

		case_err(cases[i], rate_parse(cases[i], &rate, &e), ERR_SYNTAX);
		case_int(cases[i], rate.count, -1); /* untouched */
		case_int(cases[i], rate.unit_us, -1);
		case_true(cases[i], strstr(e.text, "is not a rate like") != NULL);
		case_true(cases[i], strstr(e.text, cases[i]) != NULL);
		case_err(cases[i], rate_parse(cases[i], &rate, NULL), ERR_SYNTAX);
	}
}

/* ---- the schedule ---- */

static void without_a_limit_the_next_may_start_at_once(void **state)
{
	struct rate none = {0, S_US}, zero = {0, 0};
	struct rate_meter meter = {0};

	(void)state;
	rate_take(&none, &meter, 5);
	rate_take(&zero, &meter, 5);
	assert_int_equal(meter.next_us, 0);
}

/* Whoever starts on the microsecond has start k at floor(k * unit / count), and not a bit later. */
static void the_schedule_does_not_drift(void **state)
{
	enum { STARTS = 10000 };
	static const struct {
		const char *name;
		struct rate rate;
		int64_t begin_us;
	} cases[] = {
		{"1 in a second", {1, S_US}, 0},
		{"3 in a second", {3, S_US}, 0},
		{"7 in a second", {7, S_US}, 0},
		{"6000 in a second", {6000, S_US}, 0},
		{"300000 in a second", {300000, S_US}, 0},
		{"7 in a second, the clock is old", {7, S_US}, INT64_C(1000000000000003)},
		{"6000 in a second, the clock is old", {6000, S_US}, INT64_C(86400000001)},
		{"as many as there are microseconds", {1000000, S_US}, 77000},
		{"7 in a minute", {7, 60 * S_US}, 12345},
		{"999983 in a day", {999983, 86400 * S_US}, 1},
		{"1 in 1000 days", {1, 1000 * 86400 * S_US}, 1},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct rate *rate = &cases[i].rate;
		struct rate_meter meter = {0};
		int64_t now_us = cases[i].begin_us;

		for (int64_t k = 1; k <= STARTS; k++) {
			int64_t whole = k / rate->count * rate->unit_us;
			int64_t part = k % rate->count * rate->unit_us / rate->count;

			rate_take(rate, &meter, now_us);
			case_int(cases[i].name, meter.next_us, cases[i].begin_us + whole + part);
			now_us = meter.next_us;
		}
	}
}

/*
 * Each start is so much too late, or has an idle time before it, and that is when the next may be,
 * since the start before the first was due.
 */
static void a_little_late_is_no_delay_for_the_next(void **state)
{
	static const struct {
		const char *name;
		struct rate rate;
		int64_t late_us, next_us;
	} cases[] = {
		/* An interval of 20 ms: half of it. */
		{"50/s, in time", {50, S_US}, 0, 20000},
		{"50/s, a bit late", {50, S_US}, 1, 20000},
		{"50/s, late as can be", {50, S_US}, 10000, 20000},
		{"50/s, a bit more", {50, S_US}, 10001, 20001},
		{"50/s, a whole interval late", {50, S_US}, 20000, 30000},
		{"50/s, an hour late", {50, S_US}, 3600 * S_US, 3600 * S_US + 10000},
		/* An interval of 1 s: no more than 20 ms. */
		{"1/s, late as can be", {1, S_US}, 20000, S_US},
		{"1/s, a bit more", {1, S_US}, 20001, S_US + 1},
		{"1/d, an hour late", {1, 86400 * S_US}, 3600 * S_US, 90000 * S_US - 20000},
		/* An interval of 0.2 ms: no less than 2 ms, so that a loop's turn costs nothing. */
		{"5000/s, late as can be", {5000, S_US}, 2000, 200},
		{"5000/s, a bit more", {5000, S_US}, 2001, 201},
		/* The smallest slack is half of 4 ms. */
		{"250/s, late as can be", {250, S_US}, 2000, 4000},
		{"250/s, a bit more", {250, S_US}, 2001, 4001},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const int64_t begin_us = INT64_C(5000000000);
		struct rate_meter meter = {0};
		int64_t due_us;

		rate_take(&cases[i].rate, &meter, begin_us);
		due_us = meter.next_us;
		rate_take(&cases[i].rate, &meter, due_us + cases[i].late_us);
		case_int(cases[i].name, meter.next_us - due_us, cases[i].next_us);
	}
}

/* Lateness that stays within the slack: the last start is as late as it is itself, no more. */
static void lateness_within_the_slack_does_not_add_up(void **state)
{
	static const struct {
		const char *name;
		struct rate rate;
		uint64_t most_late_us;
	} cases[] = {
		{"7/s", {7, S_US}, 20000},
		{"50/s", {50, S_US}, 10000},
		{"6000/s", {6000, S_US}, 2000},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		uint64_t seed = UINT64_C(0x9e3779b97f4a7c15);
		const struct rate *rate = &cases[i].rate;
		int64_t now_us = S_US, turns = 100;
		struct rate_meter meter = {0};

		for (int64_t k = 0; k < turns * rate->count; k++) {
			rate_take(rate, &meter, now_us);
			/* The clock does not go back, though the next may have been due before. */
			if (now_us < meter.next_us)
				now_us = meter.next_us;
			now_us += (int64_t)(random_next(&seed) % (cases[i].most_late_us + 1));
			if (now_us > meter.next_us + (int64_t)cases[i].most_late_us)
				now_us = meter.next_us + (int64_t)cases[i].most_late_us;
		}
		case_int(cases[i].name, meter.next_us, S_US + turns * rate->unit_us);
	}
}

/* However late they start, and whatever rests there are between them. */
static void no_unit_of_time_has_more_than_one_too_many(void **state)
{
	enum { STARTS = 100000 };
	static const struct {
		const char *name;
		struct rate rate;
		uint64_t most_late_us;
		unsigned rest_each; /* one in so many starts comes after a rest of up to a unit */
	} cases[] = {
		{"50/s, in time", {50, S_US}, 0, 0},
		{"50/s, within the slack", {50, S_US}, 10000, 0},
		{"50/s, up to an interval late", {50, S_US}, 20000, 0},
		{"50/s, up to three intervals late", {50, S_US}, 60000, 0},
		{"50/s, with rests", {50, S_US}, 5000, 30},
		{"50/s, late and with rests", {50, S_US}, 30000, 7},
		{"1/s, late", {1, S_US}, 50000, 0},
		{"7/s, late and with rests", {7, S_US}, 50000, 20},
		{"300/m, late", {300, 60 * S_US}, 100000, 0},
		{"500/s, late and with rests", {500, S_US}, 3000, 400},
	};
	int64_t *starts = mem_zero(STARTS, sizeof(*starts));

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		uint64_t seed = (i + 1) * UINT64_C(0x9e3779b97f4a7c15);
		const struct rate *rate = &cases[i].rate;
		struct rate_meter meter = {0};
		int64_t now_us = 12345678;

		for (int64_t k = 0; k < STARTS; k++) {
			if (now_us < meter.next_us)
				now_us = meter.next_us;
			now_us += (int64_t)(random_next(&seed) % (cases[i].most_late_us + 1));
			if (cases[i].rest_each && random_next(&seed) % cases[i].rest_each == 0)
				now_us += (int64_t)(random_next(&seed) % (uint64_t)rate->unit_us);
			rate_take(rate, &meter, now_us);
			starts[k] = now_us;
			/* count + 2 starts do not fit into less than a unit. */
			if (k > rate->count)
				case_true(cases[i].name,
				          now_us - starts[k - rate->count - 1] >= rate->unit_us);
		}
	}
	free(starts);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_rate_is_a_number_and_a_unit),
		cmocka_unit_test(what_is_no_rate_is_refused_with_words),
		cmocka_unit_test(without_a_limit_the_next_may_start_at_once),
		cmocka_unit_test(the_schedule_does_not_drift),
		cmocka_unit_test(a_little_late_is_no_delay_for_the_next),
		cmocka_unit_test(lateness_within_the_slack_does_not_add_up),
		cmocka_unit_test(no_unit_of_time_has_more_than_one_too_many),
	};

	return UNIT_RUN(tests);
}
