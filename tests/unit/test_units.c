/*
 * base/units: numbers as people write them, and as they like to read them.
 */
#include "unit.h"

#include "base/units.h"

static void digits_make_a_number_within_its_bounds(void **state)
{
	static const struct {
		const char *text;
		uint64_t min, max;
		enum err expected;
		uint64_t number;
	} cases[] = {
		{"0", 0, 10, ERR_NONE, 0},
		{"7", 0, 10, ERR_NONE, 7},
		{"10", 0, 10, ERR_NONE, 10},
		{"11", 0, 10, ERR_LIMIT, 0},
		{"4", 5, 10, ERR_LIMIT, 0},
		{"5", 5, 10, ERR_NONE, 5},
		{"007", 0, 10, ERR_NONE, 7},
		{"18446744073709551615", 0, UINT64_MAX, ERR_NONE, UINT64_MAX},
		{"18446744073709551616", 0, UINT64_MAX, ERR_LIMIT, 0},
		{"18446744073709551620", 0, UINT64_MAX, ERR_LIMIT, 0},
		{"99999999999999999999999", 0, UINT64_MAX, ERR_LIMIT, 0},
		{"", 0, 10, ERR_SYNTAX, 0},
		{"-1", 0, 10, ERR_SYNTAX, 0},
		{"+1", 0, 10, ERR_SYNTAX, 0},
		{" 1", 0, 10, ERR_SYNTAX, 0},
		{"1 ", 0, 10, ERR_SYNTAX, 0},
		{"1.0", 0, 10, ERR_SYNTAX, 0},
		{"0x1", 0, 10, ERR_SYNTAX, 0},
		{"1e1", 0, 10, ERR_SYNTAX, 0},
		{"\xc2\xb2", 0, 10, ERR_SYNTAX, 0},
		/* Nonsense is nonsense, however long. */
		{"99999999999999999999999x", 0, UINT64_MAX, ERR_SYNTAX, 0},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		uint64_t number = 4711;

		case_err(cases[i].text,
		         units_parse_uint(cases[i].text, cases[i].min, cases[i].max, &number),
		         cases[i].expected);
		case_uint(cases[i].text, number, cases[i].expected ? 4711 : cases[i].number);
	}
}

static void a_number_may_have_a_minus(void **state)
{
	static const struct {
		const char *text;
		enum err expected;
		int64_t number;
	} cases[] = {
		{"0", ERR_NONE, 0},
		{"-0", ERR_NONE, 0},
		{"42", ERR_NONE, 42},
		{"-42", ERR_NONE, -42},
		{"9223372036854775807", ERR_NONE, INT64_MAX},
		{"9223372036854775808", ERR_LIMIT, 0},
		{"-9223372036854775807", ERR_NONE, -INT64_MAX},
		{"-9223372036854775809", ERR_LIMIT, 0},
		{"", ERR_SYNTAX, 0},
		{"-", ERR_SYNTAX, 0},
		{"--1", ERR_SYNTAX, 0},
		{"+1", ERR_SYNTAX, 0},
		{"- 1", ERR_SYNTAX, 0},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		int64_t number = 4711;

		case_err(cases[i].text, units_parse_int(cases[i].text, &number), cases[i].expected);
		case_int(cases[i].text, number, cases[i].expected ? 4711 : cases[i].number);
	}
}

struct scaled_case {
	const char *text;
	enum err expected;
	int64_t number;
};

static void check_scaled(const struct scaled_case *cases, size_t count,
                         enum err (*parse)(const char *text, int64_t *ret_number))
{
	for (size_t i = 0; i < count; i++) {
		int64_t number = 4711;

		case_err(cases[i].text, parse(cases[i].text, &number), cases[i].expected);
		case_int(cases[i].text, number, cases[i].expected ? 4711 : cases[i].number);
	}
}

static void durations(void **state)
{
	static const struct scaled_case cases[] = {
		{"0", ERR_NONE, 0},
		{"1", ERR_NONE, 1000000},
		{"0.25", ERR_NONE, 250000},
		{".25", ERR_NONE, 250000},
		{"5.", ERR_NONE, 5000000},
		{"1s", ERR_NONE, 1000000},
		{"250ms", ERR_NONE, 250000},
		{"0.5ms", ERR_NONE, 500},
		{"1.5m", ERR_NONE, 90000000},
		{"2h", ERR_NONE, INT64_C(7200000000)},
		/* Not what a double would make of it. */
		{"0.1", ERR_NONE, 100000},
		{"0.29", ERR_NONE, 290000},
		{"1.000001", ERR_NONE, 1000001},
		{"8.333333", ERR_NONE, 8333333},
		/* Cut, not rounded. */
		{"0.0000009", ERR_NONE, 0},
		{"0.0000019", ERR_NONE, 1},
		{"1.9999999999999999999999", ERR_NONE, 1999999},
		{"0.9999ms", ERR_NONE, 999},
		{"86400000", ERR_NONE, INT64_C(86400000000000)},
		{"24000h", ERR_NONE, INT64_C(86400000000000)},
		{"86400000.000001", ERR_LIMIT, 0},
		{"24000.1h", ERR_LIMIT, 0},
		{"86400001", ERR_LIMIT, 0},
		{"18446744073709551616", ERR_LIMIT, 0},
		{"18446744073709551617s", ERR_LIMIT, 0},
		{"99999999999999999999999999999999h", ERR_LIMIT, 0},
		{"", ERR_SYNTAX, 0},
		{".", ERR_SYNTAX, 0},
		{".s", ERR_SYNTAX, 0},
		{"ms", ERR_SYNTAX, 0},
		{"1.2.3", ERR_SYNTAX, 0},
		{"1..2", ERR_SYNTAX, 0},
		{"-1", ERR_SYNTAX, 0},
		{"+1", ERR_SYNTAX, 0},
		{" 1", ERR_SYNTAX, 0},
		{"1 s", ERR_SYNTAX, 0},
		{"1sec", ERR_SYNTAX, 0},
		{"1d", ERR_SYNTAX, 0},
		{"1us", ERR_SYNTAX, 0},
		{"1e3", ERR_SYNTAX, 0},
		{"inf", ERR_SYNTAX, 0},
		{"1,5", ERR_SYNTAX, 0},
	};

	(void)state;
	check_scaled(cases, COUNT(cases), units_parse_duration);
}

/* The header promises it for minutes and hours too, where a microsecond is the tenth digit. */
static void durations_are_exact_to_the_microsecond_in_every_unit(void **state)
{
	static const struct scaled_case cases[] = {
		{"0.000000001h", ERR_NONE, 3},
		{"0.0000000009h", ERR_NONE, 3},
		{"0.0000000019h", ERR_NONE, 6},
		{"0.00000001667m", ERR_NONE, 1},
		{"0.123456789123h", ERR_NONE, 444444440},
		/* A hair more than a whole microsecond: the last digit counts. */
		{"0.2777777777777777778h", ERR_NONE, 1000000000},
		{"0.0166666666666666666667m", ERR_NONE, 1000000},
	};

	(void)state;
	check_scaled(cases, COUNT(cases), units_parse_duration);
}

static void sizes(void **state)
{
	static const struct scaled_case cases[] = {
		{"0", ERR_NONE, 0},
		{"1", ERR_NONE, 1},
		{"10k", ERR_NONE, 10240},
		{"10K", ERR_NONE, 10240},
		{"1.5M", ERR_NONE, 1572864},
		{"1.5m", ERR_NONE, 1572864},
		{"2G", ERR_NONE, INT64_C(2147483648)},
		{"2g", ERR_NONE, INT64_C(2147483648)},
		{".5k", ERR_NONE, 512},
		{"0.001k", ERR_NONE, 1},
		{"4611686018427387903", ERR_NONE, INT64_MAX / 2},
		{"4611686018427387904", ERR_LIMIT, 0},
		{"4294967295G", ERR_NONE, INT64_C(4611686017353646080)},
		{"4294967296G", ERR_LIMIT, 0},
		{"99999999999999999999999999", ERR_LIMIT, 0},
		{"", ERR_SYNTAX, 0},
		{"k", ERR_SYNTAX, 0},
		{".k", ERR_SYNTAX, 0},
		{"1kk", ERR_SYNTAX, 0},
		{"1T", ERR_SYNTAX, 0},
		{"1KiB", ERR_SYNTAX, 0},
		{"-1k", ERR_SYNTAX, 0},
		{"1 k", ERR_SYNTAX, 0},
	};

	(void)state;
	check_scaled(cases, COUNT(cases), units_parse_size);
}

/* Each is a little over a multiple of 2^64. */
static void a_size_beyond_64_bits_is_over_the_limit_and_not_a_small_one(void **state)
{
	static const struct scaled_case cases[] = {
		{"18446744073709551616", ERR_LIMIT, 0},  {"18446744073709551620", ERR_LIMIT, 0},
		{"36893488147419103240", ERR_LIMIT, 0},  {"18446744073709551620b", ERR_LIMIT, 0},
		{"18446744073709551620k", ERR_LIMIT, 0},
	};

	(void)state;
	check_scaled(cases, COUNT(cases), units_parse_size);
}

static void bytes_for_people(void **state)
{
	static const struct {
		const char *expected;
		uint64_t bytes;
	} cases[] = {
		{"0 B", 0},
		{"950 B", 950},
		{"999 B", 999},
		{"1.0 kB", 1000},
		{"1.2 kB", 1234},
		{"9.9 kB", 9949},
		{"10 kB", 9950},
		{"34 kB", 34000},
		{"999 kB", 999499},
		{"1.0 MB", 999500},
		{"34 MB", 34000000},
		{"1.0 GB", 1000000000},
		{"1.0 TB", UINT64_C(1000000000000)},
		{"1.0 PB", UINT64_C(1000000000000000)},
		{"18 EB", UINT64_MAX},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		char text[UNITS_TEXT];

		case_true(cases[i].expected, units_show_bytes(text, cases[i].bytes) == text);
		case_text(cases[i].expected, text, cases[i].expected);
	}
}

static void times_for_people(void **state)
{
	static const struct {
		const char *expected;
		int64_t time_us;
	} cases[] = {
		{"0 us", 0},
		{"85 us", 85},
		{"999 us", 999},
		{"1.0 ms", 1000},
		{"1.2 ms", 1200},
		{"9.9 ms", 9949},
		{"10 ms", 9950},
		{"340 ms", 340000},
		{"999 ms", 999499},
		{"1.00 s", 999500},
		{"4.21 s", 4210000},
		{"9.99 s", 9994999},
		{"10.0 s", 9995000},
		{"99.4 s", 99449999},
		{"1m40s", 99500000},
		{"3m12s", 192000000},
		{"59m59s", INT64_C(3599499999)},
		{"1h00m", INT64_C(3599500000)},
		{"2h05m", INT64_C(7500000000)},
		{"24000h00m", INT64_C(86400000000000)},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		char text[UNITS_TEXT];

		case_true(cases[i].expected, units_show_time(text, cases[i].time_us) == text);
		case_text(cases[i].expected, text, cases[i].expected);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(digits_make_a_number_within_its_bounds),
		cmocka_unit_test(a_number_may_have_a_minus),
		cmocka_unit_test(durations),
		cmocka_unit_test(durations_are_exact_to_the_microsecond_in_every_unit),
		cmocka_unit_test(sizes),
		cmocka_unit_test(a_size_beyond_64_bits_is_over_the_limit_and_not_a_small_one),
		cmocka_unit_test(bytes_for_people),
		cmocka_unit_test(times_for_people),
	};
	return UNIT_RUN(tests);
}
