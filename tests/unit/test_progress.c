/*
 * output/progress: what is said about a run that goes on.
 */
#include "unit.h"

#include <cjson/cJSON.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "output/progress.h"

#define S     INT64_C(1000000)
#define HOUR  (3600 * S)
#define START (77 * S) /* of the clock, whose zero is anywhere */

static void tell(struct progress *p, const struct progress_counts *counts, int64_t elapsed_us)
{
	progress_begin(p, START);
	progress_note(p, counts, START + elapsed_us);
}

/* The caller frees it. */
static char *line_of(const struct progress *p, unsigned columns, bool has_color, bool is_utf8)
{
	struct progress_look look = {columns, has_color, is_utf8};
	struct buf out;
	size_t len;

	buf_init(&out, BUF_UNLIMITED);
	progress_put_line(&out, p, &look);
	return buf_take(&out, &len);
}

static void case_line(const char *name, const struct progress *p, unsigned columns,
                      const char *expected)
{
	char *line = line_of(p, columns, false, false);

	case_text(name, line, expected);
	free(line);
}

/* ---- the line ---- */

static const struct state {
	const char *name;
	struct progress_counts counts;
	int64_t elapsed_us;
	const char *line;  /* in 79 columns */
	const char *plain; /* but "gather: " before it */
} states[] = {
	{"nothing is known",
         {0},
         S,
         "0/0+   0.0/s     0 B/s  0 in flight",
         "0 of 0 or more done after 1 s, 0.0/s, 0 B/s, 0 in flight"},
	{"nothing to do",
         {.is_total = true},
         S,
         "0/0   0.0/s     0 B/s  0 in flight",
         "0 of 0 done after 1 s, 0.0/s, 0 B/s, 0 in flight"},
	{"begun",
         {.total = 100, .in_flight = 100},
         0,
         "0/100+   0.0/s     0 B/s  100 in flight",
         "0 of 100 or more done after 0 s, 0.0/s, 0 B/s, 100 in flight"},
	{"begun, and the total is known",
         {.total = 500, .is_total = true, .in_flight = 100},
         S,
         "0/500 [-----------------------------------] 0%   0.0/s     0 B/s  100 in flight",
         "0 of 500 done (0%) after 1 s, 0.0/s, 0 B/s, 100 in flight"},
	{"half",
         {.done = 250,
          .ok = 250,
          .total = 500,
          .is_total = true,
          .in_flight = 100,
          .bytes = 1500000},
         5 * S,
         "250/500 [###########-----------] 50%  50.0/s  300 kB/s  100 in flight  5 s left",
         "250 of 500 done (50%) after 5 s, 50.0/s, 300 kB/s, 100 in flight, 5 s left"},
	{"failures",
         {.done = 30, .ok = 28, .total = 35, .in_flight = 5},
         2 * S,
         "30/35+  15.0/s     0 B/s  5 in flight  2 failed",
         "30 of 35 or more done after 2 s, 2 failed, 15.0/s, 0 B/s, 5 in flight"},
	{"skipped",
         {.done = 30, .ok = 30, .total = 35, .in_flight = 5, .skipped = 1200},
         2 * S,
         "30/35+  15.0/s     0 B/s  5 in flight  1200 skipped",
         "30 of 35 or more done after 2 s, 1200 skipped, 15.0/s, 0 B/s, 5 in flight"},
	{"all of them",
         {.done = 30, .ok = 30, .total = 30, .is_total = true},
         2 * S,
         "30/30 [#########################] 100%  15.0/s     0 B/s  0 in flight  0 s left",
         "30 of 30 done (100%) after 2 s, 15.0/s, 0 B/s, 0 in flight, 0 s left"},
	{"all but one of many is not 100 %",
         {.done = 999999, .ok = 999999, .total = 1000000, .is_total = true, .in_flight = 1},
         20 * S,
         "999999/1000000 [###############-] 99%  50000/s     0 B/s  1 in flight  0 s left",
         "999999 of 1000000 done (99%) after 20 s, 50000/s, 0 B/s, 1 in flight, 0 s left"},
	{"minutes left",
         {.done = 60, .ok = 60, .total = 120, .is_total = true, .in_flight = 1},
         62 * S,
         "60/120 [###########------------] 50%   1.0/s     0 B/s  1 in flight  1m02s left",
         "60 of 120 done (50%) after 1m02s, 1.0/s, 0 B/s, 1 in flight, 1m02s left"},
	{"hours left",
         {.done = 100, .ok = 100, .total = 10100, .is_total = true, .in_flight = 1},
         180 * S,
         "100/10100 [---------------------] 0%   0.6/s     0 B/s  1 in flight  5h00m left",
         "100 of 10100 done (0%) after 3m00s, 0.6/s, 0 B/s, 1 in flight, 5h00m left"},
	{"days left",
         {.done = 1, .ok = 1, .total = 1001, .is_total = true, .in_flight = 1},
         HOUR,
         "1/1001 [-------------------------] 0%   0.0/s     0 B/s  1 in flight  41 d left",
         "1 of 1001 done (0%) after 1h00m, 0.0/s, 0 B/s, 1 in flight, 41 d left"},
	{"longer than anybody waits",
         {.done = 1, .ok = 1, .total = UINT64_MAX, .is_total = true, .in_flight = 1},
         HOUR,
         "1/18446744073709551615 [--------------------] 0%   0.0/s     0 B/s  1 in flight",
         "1 of 18446744073709551615 done (0%) after 1h00m, 0.0/s, 0 B/s, 1 in flight"},
	{"as much as can be counted, at once",
         {.done = UINT64_MAX,
          .ok = 0,
          .total = UINT64_MAX,
          .is_total = true,
          .skipped = UINT64_MAX,
          .in_flight = UINT64_MAX,
          .bytes = UINT64_MAX},
         1,
         "18446744073709551615/18446744073709551615  18446744073709551615 failed  0 s left",
         NULL},
};

static void a_line_says_what_is_known(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(states); i++) {
		struct progress p;

		tell(&p, &states[i].counts, states[i].elapsed_us);
		case_line(states[i].name, &p, i + 1 < COUNT(states) ? 79 : 80, states[i].line);
	}
}

static void in_words_it_says_the_same(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(states); i++) {
		struct buf out, expected;
		struct progress p;

		if (!states[i].plain)
			continue;
		buf_init(&out, BUF_UNLIMITED);
		buf_init(&expected, BUF_UNLIMITED);
		buf_printf(&expected, "gather: %s\n", states[i].plain);
		tell(&p, &states[i].counts, states[i].elapsed_us);
		progress_put_plain(&out, &p);
		case_text(states[i].name, out.data, expected.data);
		buf_release(&out);
		buf_release(&expected);
	}
}

static const struct progress_counts busy = {
	.done = 12345,
	.ok = 12342,
	.total = 20000,
	.is_total = true,
	.skipped = 17,
	.in_flight = 100,
	.waiting = 20,
	.bytes = 290000000,
};

static void what_does_not_fit_is_left_out(void **state)
{
	static const struct {
		const char *name;
		unsigned columns;
		const char *expected;
	} cases[] = {
		{"everything, and a bar of 40", 200,
	         "12345/20000 [#######################---------------] 61%   512/s   12 MB/s"
	         "  100 in flight  3 failed  17 skipped  15 s left"},
		{"a shorter bar", 90,
	         "12345/20000 [###---] 61%   512/s   12 MB/s  100 in flight  3 failed"
	         "  17 skipped  15 s left"},
		{"not the skipped", 79,
	         "12345/20000 [####---] 61%   512/s   12 MB/s  100 in flight  3 failed  15 s left"},
		{"not those in flight", 65,
	         "12345/20000 [####----] 61%   512/s   12 MB/s  3 failed  15 s left"},
		{"no bar", 60, "12345/20000  61%   512/s   12 MB/s  3 failed  15 s left"},
		{"not the speed", 50, "12345/20000  61%   512/s  3 failed  15 s left"},
		{"not the per cent", 41, "12345/20000   512/s  3 failed  15 s left"},
		{"what fits goes before what matters more but does not", 39,
	         "12345/20000  61%  3 failed  15 s left"},
		{"that there are failures matters most", 21, "12345/20000  3 failed"},
		{"how far it is", 11, "12345/20000"},
		{"how many", 10, "12345  61%"},
		{"and no more", 5, "12345"},
		{"half a number is none", 4, ""},
		{"nothing", 0, ""},
	};
	struct progress p;

	(void)state;
	tell(&p, &busy, 24100000);
	for (size_t i = 0; i < COUNT(cases); i++)
		case_line(cases[i].name, &p, cases[i].columns, cases[i].expected);
}

static size_t count_columns(const char *line)
{
	size_t columns = 0, len;
	uint32_t code;

	for (; *line; line += len, columns++) {
		len = utf8_next(line, strlen(line), &code);
		assert_true(len > 0);
		assert_false(utf8_is_unsafe(code));
	}
	return columns;
}

static void a_line_is_never_wider_than_the_terminal(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(states); i++) {
		struct progress p;

		tell(&p, &states[i].counts, states[i].elapsed_us);
		for (unsigned columns = 0; columns <= 200; columns++) {
			char *ascii = line_of(&p, columns, false, false);
			char *utf8 = line_of(&p, columns, false, true);

			case_true(states[i].name, strlen(ascii) <= columns);
			case_uint(states[i].name, count_columns(utf8), strlen(ascii));
			free(ascii);
			free(utf8);
		}
	}
}

/* A bar of 8 has 6 columns between its ends, which are 48 eighths of a column. */
static void a_bar_is_drawn_in_eighths_where_characters_allow_it(void **state)
{
	static const struct {
		uint64_t done, total;
		const char *ascii, *utf8;
	} cases[] = {
		{0, 480, "[------]", "[      ]"},   {9, 480, "[------]", "[      ]"},
		{10, 480, "[------]", "[▏     ]"},  {20, 480, "[------]", "[▎     ]"},
		{30, 480, "[------]", "[▍     ]"},  {40, 480, "[------]", "[▌     ]"},
		{50, 480, "[------]", "[▋     ]"},  {60, 480, "[------]", "[▊     ]"},
		{70, 480, "[------]", "[▉     ]"},  {80, 480, "[#-----]", "[█     ]"},
		{90, 480, "[#-----]", "[█▏    ]"},  {475, 480, "[#####-]", "[█████▉]"},
		{480, 480, "[######]", "[██████]"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct progress_counts counts = {
			cases[i].done, cases[i].done, cases[i].total, true, 0, 0, 0, 0};
		struct progress p;

		tell(&p, &counts, S);
		for (unsigned is_utf8 = 0; is_utf8 < 2; is_utf8++) {
			const char *expected = is_utf8 ? cases[i].utf8 : cases[i].ascii;
			bool is_there = false;

			/* The width at which the bar is the shortest one depends on the rest. */
			for (unsigned columns = 40; columns < 80 && !is_there; columns++) {
				char *line = line_of(&p, columns, false, is_utf8);
				is_there = strstr(line, expected) != NULL;
				free(line);
			}
			case_true(expected, is_there);
		}
	}
}

static void only_failures_are_red(void **state)
{
	static const char red[] = "  \033[31m3 failed\033[0m  ";
	struct progress_counts good = busy;
	struct progress p;
	char *line;

	(void)state;
	tell(&p, &busy, 24100000);
	line = line_of(&p, 79, true, false);
	assert_non_null(strstr(line, red));
	assert_ptr_equal(strchr(line, '\033'), strstr(line, red) + 2);
	assert_int_equal(strlen(line), 79 + strlen(red) - strlen("  3 failed  "));
	free(line);

	good.ok = good.done;
	tell(&p, &good, 24100000);
	line = line_of(&p, 79, true, false);
	assert_null(strchr(line, '\033'));
	free(line);
}

/* ---- JSON, and how the numbers come about ---- */

static void an_object_has_all_of_it(void **state)
{
	struct progress_counts unknown = busy;
	struct progress p;
	struct buf out;

	(void)state;
	buf_init(&out, BUF_UNLIMITED);
	tell(&p, &busy, 24100000);
	progress_put_json(&out, &p);
	assert_string_equal(out.data,
	                    "{\"done\":12345,\"total\":20000,\"ok\":12342,\"failed\":3,"
	                    "\"skipped\":17,\"in_flight\":100,\"waiting\":20,\"bytes\":290000000,"
	                    "\"rate\":512.241,\"bytes_per_second\":12033195.021,"
	                    "\"elapsed\":24.100000,\"eta\":14.944147}\n");
	unknown.is_total = false;
	tell(&p, &unknown, 24100000);
	buf_clear(&out);
	progress_put_json(&out, &p);
	assert_non_null(strstr(out.data, "\"total\":null,"));
	assert_non_null(strstr(out.data, "\"eta\":null}\n"));
	buf_release(&out);
}

static double number(const struct progress *p, const char *name)
{
	struct buf out;
	cJSON *json;
	double value;

	buf_init(&out, BUF_UNLIMITED);
	progress_put_json(&out, p);
	json = cJSON_Parse(out.data);
	assert_non_null(json);
	value = cJSON_IsNull(cJSON_GetObjectItem(json, name))
	                ? -1
	                : cJSON_GetNumberValue(cJSON_GetObjectItem(json, name));
	cJSON_Delete(json);
	buf_release(&out);
	return value;
}

static void assert_near(double actual, double expected)
{
	if (actual < expected - 0.001 || actual > expected + 0.001)
		fail_msg("%f is not %f", actual, expected);
}

/* Goes on with so many a second for so many seconds, looking so often. */
static void go_on(struct progress *p, struct progress_counts *counts, int64_t *now_us,
                  unsigned seconds, uint64_t each_second, int64_t every_us)
{
	uint64_t before = counts->done;

	for (int64_t at_us = every_us; at_us <= seconds * S; at_us += every_us) {
		counts->done = counts->ok = before + (uint64_t)(at_us / S) * each_second;
		counts->bytes = counts->done * 1000;
		progress_note(p, counts, *now_us + at_us);
	}
	*now_us += seconds * S;
}

/* However often it is looked at: the line, JSON, plain. */
static void a_rate_is_that_of_the_last_seconds(void **state)
{
	static const int64_t often_us[] = {S / 10, S, 10 * S};

	(void)state;
	for (size_t i = 0; i < COUNT(often_us); i++) {
		struct progress_counts counts = {.total = 100000, .is_total = true};
		int64_t now_us = START;
		struct progress p;

		progress_begin(&p, now_us);
		go_on(&p, &counts, &now_us, 100, 10, often_us[i]);
		assert_near(number(&p, "rate"), 10);
		go_on(&p, &counts, &now_us, 10, 500, often_us[i]);
		assert_near(number(&p, "rate"), 500);
		assert_near(number(&p, "bytes_per_second"), 500000);
		assert_near(number(&p, "eta"), (100000 - 6000) / 500);
		assert_near(number(&p, "elapsed"), 110);
		go_on(&p, &counts, &now_us, 10, 0, often_us[i]);
		assert_near(number(&p, "rate"), 0);
	}
}

static void too_few_of_late_say_nothing_about_what_is_left(void **state)
{
	struct progress_counts counts = {.total = 2000, .is_total = true};
	int64_t now_us = START;
	struct progress p;

	(void)state;
	progress_begin(&p, now_us);
	go_on(&p, &counts, &now_us, 1, 0, S);
	assert_near(number(&p, "eta"), -1);
	go_on(&p, &counts, &now_us, 99, 10, S);
	/* 990 in 100 s; then a pause, and 1 a second. */
	go_on(&p, &counts, &now_us, 10, 0, S);
	assert_near(number(&p, "eta"), (2000 - 990) / (990 / 110.));
	go_on(&p, &counts, &now_us, 10, 1, S);
	assert_near(number(&p, "rate"), 1);
	assert_near(number(&p, "eta"), (2000 - 1000) / (1000 / 120.));
	go_on(&p, &counts, &now_us, 10, 2, S);
	assert_near(number(&p, "eta"), (2000 - 1020) / 2.);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_says_what_is_known),
		cmocka_unit_test(in_words_it_says_the_same),
		cmocka_unit_test(what_does_not_fit_is_left_out),
		cmocka_unit_test(a_line_is_never_wider_than_the_terminal),
		cmocka_unit_test(a_bar_is_drawn_in_eighths_where_characters_allow_it),
		cmocka_unit_test(only_failures_are_red),
		cmocka_unit_test(an_object_has_all_of_it),
		cmocka_unit_test(a_rate_is_that_of_the_last_seconds),
		cmocka_unit_test(too_few_of_late_say_nothing_about_what_is_left),
	};
	return UNIT_RUN(tests);
}
