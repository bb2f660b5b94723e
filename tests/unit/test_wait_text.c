/*
 * transfer/wait_text: how long a server asks to wait, in all forms.
 */
#include "unit.h"

#include "transfer/wait_text.h"

#define S_US INT64_C(1000000)

/* Thursday, 1 October 2026, 12:00:00 UTC. */
#define NOW_US (INT64_C(1790856000) * S_US)

/* -1: it is ignored. */
static int64_t read_wait(const char *text, double first_time_s)
{
	int64_t time_us = -1;

	if (!wait_text_parse(text, NOW_US, first_time_s, &time_us))
		return -1;
	return time_us;
}

struct form {
	const char *text;
	int64_t time_us;
};

static void case_forms(const struct form *forms, size_t count)
{
	for (size_t i = 0; i < count; i++)
		case_int(forms[i].text, read_wait(forms[i].text, 1e9), forms[i].time_us);
}

static void a_number_is_seconds(void **state)
{
	static const struct form forms[] = {
		{"0", 0},
		{"1", S_US},
		{"120", 120 * S_US},
		{"007", 7 * S_US},
		{"2.5", 2500000},
		{"2.", 2 * S_US},
		{".5", 500000},
		{"0.000001", 1},
		{"+2", 2 * S_US},
		{"  3", 3 * S_US},
		{"3 \r\n", 3 * S_US},
		{"\"2\"", 2 * S_US},
		{"999999999", 999999999 * S_US},
	};

	(void)state;
	case_forms(forms, COUNT(forms));
}

static void a_large_number_is_a_time(void **state)
{
	static const struct form forms[] = {
		{"1000000000", 0},
		{"1790855999", 0},
		{"1790856000", 0},
		{"1790856003", 3 * S_US},
		{"1790856003.5", 3500000},
		{"1790856003000", 3 * S_US},
		{"1790856003500", 3500000},
		{"1790855999000", 0},
		{"99999999999999999999999", MOST_WAIT_US},
	};

	(void)state;
	case_forms(forms, COUNT(forms));
}

/* Where Unix times are unusual only those near to now are such. */
static void where_times_begin_is_told(void **state)
{
	static const struct form forms[] = {
		{"999999999", 999999999 * S_US}, {"1000000000", MOST_WAIT_US},
		{"1499999999", MOST_WAIT_US},    {"1500000000", 0},
		{"1790856003", 3 * S_US},        {"1790856003000", 3 * S_US},
		{"999999999999", MOST_WAIT_US},  {"1000000000000", MOST_WAIT_US},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(forms); i++)
		case_int(forms[i].text, read_wait(forms[i].text, 1.5e9), forms[i].time_us);
}

static void numbers_may_have_units(void **state)
{
	static const struct form forms[] = {
		{"2s", 2 * S_US},
		{"2 seconds", 2 * S_US},
		{"1 second", S_US},
		{"2 Sec", 2 * S_US},
		{"500ms", 500000},
		{"12.5ms", 12500},
		{"350us", 350},
		{"350\302\265s", 350},
		{"350\316\274s", 350},
		{"2000ns", 2},
		{"1m0s", 60 * S_US},
		{"6m0s", 360 * S_US},
		{"1h2m3.5s", 3723500000},
		{"1h 30m", 5400 * S_US},
		{"1 min 5 s", 65 * S_US},
		{"2m", 120 * S_US},
		{"1h", 3600 * S_US},
		{"1d", 86400 * S_US},
		{"3 days", 259200 * S_US},
		{"+1m", 60 * S_US},
		{"1s500ms", 1500000},
		{"99999999999d", MOST_WAIT_US},
	};

	(void)state;
	case_forms(forms, COUNT(forms));
}

static void dates_are_times(void **state)
{
	static const struct form forms[] = {
		{"Thu, 01 Oct 2026 12:00:05 GMT", 5 * S_US},
		{"Thu, 1 Oct 2026 12:00:05 UTC", 5 * S_US},
		{"Thu, 01 Oct 2026 13:00:05 +0100", 5 * S_US},
		{"Thu, 01 Oct 2026 11:59:55 GMT", 0},
		{"Thu, 01 Jan 1970 00:00:00 GMT", 0},
		{"Thursday, 01-Oct-26 12:00:05 GMT", 5 * S_US},
		{"Thu, 01-Oct-2026 12:00:05 GMT", 5 * S_US},
		{"Sunday, 06-Nov-94 08:49:37 GMT", 0},
		{"Thu Oct  1 12:00:05 2026", 5 * S_US},
		{"Thu Oct 01 12:00:05 2026", 5 * S_US},
		{"Fri, 31 Dec 9999 23:59:59 GMT", MOST_WAIT_US},
		{"2026-10-01T12:00:05Z", 5 * S_US},
		{"2026-10-01T12:00:05.250Z", 5250000},
		{"2026-10-01T12:00:05.250000000Z", 5250000},
		{"2026-10-01T12:00:05+00:00", 5 * S_US},
		{"2026-10-01T14:00:05+02:00", 5 * S_US},
		{"2026-10-01T10:30:05-0130", 5 * S_US},
		{"2026-10-01T14:00:05+02", 5 * S_US},
		{"2026-10-01T12:00:05", 5 * S_US},
		{"2026-10-01 12:00:05", 5 * S_US},
		{"2026-10-01 12:00:05 UTC", 5 * S_US},
		{"2026-10-01 12:00:05.5 +0000 UTC", 5500000},
		{"\"2026-10-01T12:00:05Z\"", 5 * S_US},
		{"2025-10-01T12:00:05Z", 0},
	};

	(void)state;
	case_forms(forms, COUNT(forms));
}

static void of_several_the_longest_counts(void **state)
{
	static const struct form forms[] = {
		{"2, 2", 2 * S_US},  {"2,3", 3 * S_US}, {"3 , 2", 3 * S_US},
		{"1s, 500ms", S_US}, {"0, 0", 0},       {"2, soon", -1},
		{"2,", -1},          {",", -1},         {"2, 2026-10-01T12:00:05Z", 5 * S_US},
	};

	(void)state;
	case_forms(forms, COUNT(forms));
}

static void what_is_not_read_whole_is_ignored(void **state)
{
	static const char *const texts[] = {
		"",
		" ",
		"\r",
		"\"",
		"\"\"",
		"-1",
		"-0",
		"- 1",
		"++1",
		".",
		"+",
		"1e1",
		"1e1s",
		"0x10",
		"nan",
		"inf",
		"1.2.3",
		"1,2,x",
		"soon",
		"2x",
		"2 parsecs",
		"s",
		"1m1m",
		"1s1m",
		"1m30",
		"1m 30",
		"1m-30s",
		"2 3",
		"2;w=5",
		"Thu, 01 Oct 2026 12:00:05 GMT or so",
		"Thu, 01 Oct 2026 12:00 GMT",
		"Thu, 01 Oct 2026",
		"Thu, 01 Foo 2026 12:00:05 GMT",
		"2026-10-01",
		"2026-10-01T12:00",
		"2026-10-01T25:00:00Z",
		"2026-13-01T12:00:05Z",
		"2026-10-01T12:00:05Zulu",
		"2026-10-01T12:00:05.Z",
		"2026-10-01T12:00:05+1",
		"2026-10-01T12:00:05+01:0",
		"2026-10-01T12:00:05+",
		"2026-10-01T",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++)
		case_int(texts[i], read_wait(texts[i], 1e9), -1);
}

static void a_number_alone(void **state)
{
	static const struct {
		const char *text;
		bool is_number;
		double number;
	} cases[] = {
		{"0", true, 0},    {" 12 ", true, 12}, {"0.5", true, 0.5}, {"", false, 0},
		{"1s", false, 0},  {"1e1", false, 0},  {"-1", false, 0},   {"0x1", false, 0},
		{"nan", false, 0}, {"1 2", false, 0},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		double number = 0;

		case_int(cases[i].text, wait_text_parse_number(cases[i].text, &number),
		         cases[i].is_number);
		case_int(cases[i].text, (int64_t)(number * 10), (int64_t)(cases[i].number * 10));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_number_is_seconds),
		cmocka_unit_test(a_large_number_is_a_time),
		cmocka_unit_test(where_times_begin_is_told),
		cmocka_unit_test(numbers_may_have_units),
		cmocka_unit_test(dates_are_times),
		cmocka_unit_test(of_several_the_longest_counts),
		cmocka_unit_test(what_is_not_read_whole_is_ignored),
		cmocka_unit_test(a_number_alone),
	};

	return UNIT_RUN(tests);
}
