/*
 * output/comparison and its table: whose turn it is, what the figures are, what is said of them,
 * and how they look.
 */
#include "unit.h"

#include <math.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/mem.h"
#include "output/comparison.h"
#include "output/comparison_table.h"
#include "output/stats.h"

/* ---- comparisons that are made up ---- */

struct outcome {
	int64_t wall_us;
	uint64_t requests, failed;
	int64_t latency_us; /* of each */
	uint64_t most_in_flight;
};

#define LEVELS(...) \
	(const uint64_t[]){__VA_ARGS__}, sizeof((const uint64_t[]){__VA_ARGS__}) / sizeof(uint64_t)

/* Connections are as many as were in flight. */
static void add(struct comparison *c, const struct outcome *o)
{
	struct stats *stats = mem_zero(1, sizeof(*stats));

	stats->wall_us = o->wall_us;
	stats->requests = o->requests;
	stats->ok = o->requests - o->failed;
	stats->connections = o->most_in_flight;
	for (uint64_t i = 0; i < o->requests; i++)
		histogram_add(&stats->latency, o->latency_us);
	comparison_add(c, stats, o->most_in_flight);
	free(stats);
}

/* Ends with one that has no time. */
static void add_all(struct comparison *c, const struct outcome *outcomes)
{
	for (; outcomes->wall_us; outcomes++)
		add(c, outcomes);
}

/* 50 requests of 100 ms, one after another, ten at once, all at once. */
static const struct outcome good[] = {
	{5070000, 50, 0, 101000, 1},
	{508000, 50, 0, 101000, 10},
	{104000, 50, 0, 102000, 50},
	{0},
};

static void init_good(struct comparison *c)
{
	comparison_init(c, LEVELS(1, 10, 50), 1, NULL);
	add_all(c, good);
}

static char *notes_of(const struct comparison *c)
{
	struct buf out;
	size_t len;

	buf_init(&out, BUF_UNLIMITED);
	comparison_put_notes(&out, c);
	return out.len ? buf_take(&out, &len) : mem_text("");
}

static char *table_of(const struct comparison *c, const struct table_look *look)
{
	struct buf out;
	size_t len;

	buf_init(&out, BUF_UNLIMITED);
	comparison_put_table(&out, c, look);
	return buf_take(&out, &len);
}

/* ---- turns ---- */

static void each_repetition_begins_with_another_level(void **state)
{
	static const int expected[] = {0, 1, 2, 1, 2, 0, 2, 0, 1, 0, 1, 2, -1};
	struct comparison c;

	(void)state;
	comparison_init(&c, LEVELS(1, 10, 100), 4, NULL);
	for (size_t i = 0; i < COUNT(expected); i++) {
		char name[32];

		snprintf(name, sizeof(name), "turn %zu", i + 1);
		case_int(name, comparison_turn(&c), expected[i]);
		if (expected[i] >= 0)
			add(&c, &good[0]);
	}
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(c.levels[i].run_count, 4);
	assert_int_equal(c.levels[0].runs[1].turn, 6);
	assert_int_equal(c.levels[2].runs[2].turn, 7);
	comparison_release(&c);
}

/* ---- figures ---- */

static void case_number(const char *name, double actual, double expected)
{
	if (fabs(actual - expected) > 0.0005 || isnan(actual) != isnan(expected))
		fail_msg("%s: %f, not %f", name, actual, expected);
}

static void speed_up_is_over_the_first_level(void **state)
{
	static const struct outcome outcomes[] = {
		{1000000, 100, 0, 10000, 5}, {500000, 100, 0, 10000, 10}, {0}};
	struct comparison c;
	struct comparison_figures f;

	(void)state;
	init_good(&c);
	f = comparison_figures(&c, 0);
	case_number("speed-up of the first", f.speed_up, 1);
	case_number("efficiency of the first", f.efficiency, 1);
	case_number("rate of the first", f.rate, 9.862);
	f = comparison_figures(&c, 2);
	case_number("speed-up of the last", f.speed_up, 48.75);
	case_number("efficiency of the last", f.efficiency, 0.975);
	assert_int_equal(f.connections, 50);
	comparison_release(&c);

	comparison_init(&c, LEVELS(5, 10), 1, NULL);
	add_all(&c, outcomes);
	f = comparison_figures(&c, 1);
	case_number("speed-up over 5", f.speed_up, 2);
	case_number("efficiency over 5", f.efficiency, 1);
	comparison_release(&c);
}

static void a_level_is_the_median_of_its_runs(void **state)
{
	/* By turns: level 1, level 2, level 2, level 1, ... */
	static const struct outcome three[] = {
		{300, 2, 0, 10, 1},
		{100, 2, 1, 30, 2},
		{900, 2, 0, 50, 4},
		{500, 2, 0, 10, 1},
		{100, 2, 0, 10, 1},
		{200, 2, 1, 70, 3},
		{0},
	};
	static const struct outcome two[] = {{300, 2, 0, 10, 1},
	                                     {100, 2, 0, 30, 2},
	                                     {200, 2, 0, 50, 4},
	                                     {500, 2, 0, 10, 1},
	                                     {0}};
	struct comparison c;
	struct comparison_figures f;

	(void)state;
	comparison_init(&c, LEVELS(1, 5), 3, NULL);
	add_all(&c, three);
	f = comparison_figures(&c, 0);
	assert_int_equal(f.wall_us, 300);
	assert_int_equal(f.requests, 6);
	f = comparison_figures(&c, 1);
	assert_int_equal(f.wall_us, 200);
	assert_int_equal(f.connections, 3);
	assert_int_equal(f.most_in_flight, 4);
	assert_int_equal(f.failed, 2);
	case_number("speed-up", f.speed_up, 1.5);
	case_number("rate", f.rate, 10000);
	/* Of all six: 30 30 50 50 70 70. */
	assert_int_equal(f.latency.us[LATENCY_P50], 50);
	assert_int_equal(f.latency.us[LATENCY_P90], 70);
	assert_int_equal(f.latency.us[LATENCY_MAX], 70);
	comparison_release(&c);

	comparison_init(&c, LEVELS(1, 5), 2, NULL);
	add_all(&c, two);
	assert_int_equal(comparison_figures(&c, 0).wall_us, 400);
	assert_int_equal(comparison_figures(&c, 1).wall_us, 150);
	comparison_release(&c);
}

/* ---- notes ---- */

static const struct note_case {
	const char *name;
	uint64_t levels[4];
	size_t level_count;
	uint64_t repeats;
	const char *limits;
	struct outcome outcomes[6];
	const char *expected;
} note_cases[] = {
	{"nothing to say", {1, 10}, 2, 1, NULL, {{1000, 20, 0, 9, 1}, {100, 20, 0, 9, 10}}, ""},
	{"limits that did not limit",
         {1, 10},
         2,
         1,
         "--rate",
         {{1000, 20, 0, 9, 1}, {100, 20, 0, 9, 10}},
         ""},
	{"failures",
         {1, 10},
         2,
         1,
         NULL,
         {{1000, 20, 0, 9, 1}, {100, 20, 3, 9, 10}},
         "warning: failures make this comparison void: 3 of 20 at 10\n"},
	{"failures of two levels, and one stopped helping",
         {1, 10},
         2,
         2,
         NULL,
         {{1000, 20, 1, 9, 1}, {1000, 20, 3, 9, 10}, {1000, 20, 0, 9, 10}, {1000, 20, 0, 9, 1}},
         "warning: failures make this comparison void: 1 of 40 at 1, 3 of 40 at 10\n"},
	{"another number of requests",
         {1, 10},
         2,
         1,
         NULL,
         {{1000, 20, 0, 9, 1}, {100, 19, 0, 9, 10}},
         "warning: runs of 19 and of 20 requests cannot be compared\n"},
	{"an empty list",
         {1, 10},
         2,
         1,
         NULL,
         {{10, 0, 0, 0, 0}, {10, 0, 0, 0, 0}},
         "warning: there was no request to compare\n"},
	{"limits",
         {1, 10, 20},
         3,
         1,
         "--per-host, --rate",
         {{1000, 90, 0, 9, 1}, {100, 90, 0, 9, 8}, {90, 90, 0, 9, 10}},
         "warning: level 10 had at most 8 at once, because of --per-host, --rate\n"
         "warning: level 20 had at most 10 at once, because of --per-host, --rate\n"},
	{"no reason known",
         {1, 10},
         2,
         1,
         NULL,
         {{1000, 90, 0, 9, 1}, {100, 90, 0, 9, 8}},
         "warning: level 10 had at most 8 at once\n"},
	{"a short list",
         {1, 10},
         2,
         1,
         "--rate",
         {{1000, 7, 0, 9, 1}, {100, 7, 0, 9, 7}},
         "level 10 had 7 at once: there are no more requests\n"},
	{"4 % faster",
         {1, 10, 20},
         3,
         1,
         NULL,
         {{10400, 90, 0, 9, 1}, {1040, 90, 0, 9, 10}, {1000, 90, 0, 9, 20}},
         "more than 10 at once stopped helping: 20 is only 4% faster\n"},
	{"6 % faster",
         {1, 10, 20},
         3,
         1,
         NULL,
         {{10600, 90, 0, 9, 1}, {1060, 90, 0, 9, 10}, {1000, 90, 0, 9, 20}},
         ""},
	{"the first that did not help",
         {1, 2, 3, 4},
         4,
         1,
         NULL,
         {{1000, 90, 0, 9, 1}, {1250, 90, 0, 9, 2}, {2000, 90, 0, 9, 3}, {100, 90, 0, 9, 4}},
         "more than 1 at once stopped helping: 2 is 20% slower\n"},
	{"neither",
         {1, 2},
         2,
         1,
         NULL,
         {{1000, 90, 0, 9, 1}, {1001, 90, 0, 9, 2}},
         "more than 1 at once stopped helping: 2 is as fast\n"},
	{"interrupted",
         {1, 2},
         2,
         2,
         NULL,
         {{1000, 90, 0, 9, 1}},
         "warning: interrupted: this is 1 of 4 runs\n"},
	{"interrupted at once",
         {1, 2},
         2,
         1,
         NULL,
         {{0}},
         "warning: interrupted: this is 0 of 2 runs\n"},
};

static void what_there_is_to_know_is_noted(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(note_cases); i++) {
		const struct note_case *n = &note_cases[i];
		struct comparison c;
		char *notes;

		comparison_init(&c, n->levels, n->level_count, n->repeats, n->limits);
		add_all(&c, n->outcomes);
		notes = notes_of(&c);
		case_text(n->name, notes, n->expected);
		free(notes);
		comparison_release(&c);
	}
}

/* ---- the table ---- */

static void case_table(const char *name, const struct comparison *c, const struct table_look *look,
                       const char *expected)
{
	char *text = table_of(c, look);

	case_text(name, text, expected);
	free(text);
}

static void a_table_with_bars(void **state)
{
	static const struct table_look wide = {.width = 80, .is_utf8 = true};
	static const struct table_look narrow = {.width = 40};
	struct comparison c;

	(void)state;
	init_good(&c);
	case_table(
		"80 columns of Unicode", &c, &wide,
		"50 requests at each level of concurrency\n"
		"\n"
		"level   wall  req/s    p50    p90    p99    max  speed-up  eff.  conns  failed\n"
		"    1  5.07s    9.9  101ms  101ms  101ms  101ms     1.00x  100%      1       0\n"
		"   10  508ms   98.4  101ms  101ms  101ms  101ms     9.98x  100%     10       0\n"
		"   50  104ms    481  102ms  102ms  102ms  102ms     48.8x   98%     50       0\n"
		"\n"
		"    1  ██████████████████████████████████████████████████████████████████  5.07s\n"
		"   10  ██████▋  508ms\n"
		"   50  █▍  104ms\n");
	case_table("40 columns of ASCII", &c, &narrow,
	           "50 requests at each level of concurrency\n"
	           "\n"
	           "level   wall  speed-up  eff.  failed\n"
	           "    1  5.07s     1.00x  100%       0\n"
	           "   10  508ms     9.98x  100%       0\n"
	           "   50  104ms     48.8x   98%       0\n"
	           "\n"
	           "    1  ##########################  5.07s\n"
	           "   10  ###  508ms\n"
	           "   50  #  104ms\n");
	comparison_release(&c);
}

static void what_matters_least_goes_where_there_is_no_room(void **state)
{
	static const struct {
		size_t width;
		const char *heading;
	} cases[] = {
		{200, "level  wall  req/s  p50  p90  p95  p99  p99.9  max  speed-up  eff.  conns  "
	              "failed"},
		{81, "level  wall  req/s  p50  p90  p95  p99  p99.9  max  speed-up  eff.  conns  "
	             "failed"},
		{80, "level  wall  req/s  p50  p90  p95  p99  max  speed-up  eff.  conns  failed"},
		{73, "level  wall  req/s  p50  p90  p99  max  speed-up  eff.  conns  failed"},
		{69, "level  wall  req/s  p50  p90  p99  max  speed-up  eff.  conns  failed"},
		{68, "level  wall  req/s  p50  p90  p99  max  speed-up  eff.  failed"},
		{62, "level  wall  req/s  p50  p90  p99  max  speed-up  eff.  failed"},
		{57, "level  wall  req/s  p50  p99  max  speed-up  eff.  failed"},
		{52, "level  wall  req/s  p50  p99  speed-up  eff.  failed"},
		{47, "level  wall  req/s  p50  speed-up  eff.  failed"},
		{40, "level  wall  p50  speed-up  eff.  failed"},
		{35, "level  wall  speed-up  eff.  failed"},
		{29, "level  wall  speed-up  failed"},
		{21, "level  wall  speed-up"},
		{1, "level  wall  speed-up"},
	};
	static const struct outcome outcomes[] = {{24000, 1, 0, 9, 1}, {12000, 1, 0, 9, 1}, {0}};
	struct comparison c;

	(void)state;
	comparison_init(&c, LEVELS(1, 2), 1, NULL);
	add_all(&c, outcomes);
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct table_look look = {.width = cases[i].width};
		char name[32], *text = table_of(&c, &look), *line = strstr(text, "level  ");

		snprintf(name, sizeof(name), "%zu columns", cases[i].width);
		line[strcspn(line, "\n")] = '\0';
		case_text(name, line, cases[i].heading);
		free(text);
	}
	comparison_release(&c);
}

/* Columns, where each character has one. */
static size_t widest_line(const char *text)
{
	size_t widest = 0, width = 0;

	for (; *text; text++) {
		width = *text == '\n' ? 0 : width + ((*text & 0xc0) != 0x80);
		widest = width > widest ? width : widest;
	}
	return widest;
}

static void no_line_is_too_long(void **state)
{
	static const struct outcome large[] = {
		{INT64_C(86400) * 10 * 1000000, 50000000, 0, 0, 1},
		{INT64_C(3600) * 9 * 1000000, 50000000, 0, 0, 100000},
		{0},
	};
	struct comparison c;

	(void)state;
	comparison_init(&c, LEVELS(1, 100000), 1, NULL);
	for (size_t i = 0; large[i].wall_us; i++) {
		struct stats *stats = mem_zero(1, sizeof(*stats));

		stats->wall_us = large[i].wall_us;
		stats->requests = stats->ok = large[i].requests;
		stats->connections = large[i].most_in_flight;
		histogram_add(&stats->latency, 10800000000);
		comparison_add(&c, stats, large[i].most_in_flight);
		free(stats);
	}
	for (size_t width = 50; width <= 250; width++) {
		const struct table_look look = {.width = width, .is_utf8 = width % 2};
		char name[32], *text = table_of(&c, &look);

		snprintf(name, sizeof(name), "%zu columns", width);
		case_true(name, widest_line(text) <= width);
		/* The longest bar uses what there is. */
		case_true(name, widest_line(text) >= (width < 80 ? width - 2 : 78));
		free(text);
	}
	comparison_release(&c);
}

static void failures_are_red_and_warnings_yellow(void **state)
{
	static const struct table_look color = {.width = 80, .has_color = true};
	static const struct table_look plain = {.width = 80};
	static const struct outcome outcomes[] = {{1000, 9, 0, 9, 1}, {100, 9, 2, 9, 2}, {0}};
	struct comparison c;
	char *text;

	(void)state;
	comparison_init(&c, LEVELS(1, 2), 1, NULL);
	add_all(&c, outcomes);
	text = table_of(&c, &color);
	assert_non_null(strstr(text, "\033[31m       2\033[0m\n"));
	assert_non_null(strstr(text, "\n\n\033[33mwarning: failures make this comparison void: "
	                             "2 of 9 at 2\033[0m\n"));
	assert_null(strstr(text, "\033[31m       0"));
	free(text);
	text = table_of(&c, &plain);
	assert_null(strchr(text, '\033'));
	free(text);
	comparison_release(&c);

	init_good(&c);
	text = table_of(&c, &color);
	assert_null(strchr(text, '\033'));
	free(text);
	comparison_release(&c);
}

static void what_was_not_measured_is_left_out(void **state)
{
	static const struct table_look look = {.width = 80};
	struct comparison c;

	(void)state;
	comparison_init(&c, LEVELS(1, 10), 1, NULL);
	case_table("no run", &c, &look, "warning: interrupted: this is 0 of 2 runs\n");
	add(&c, &good[0]);
	case_table(
		"one of two", &c, &look,
		"50 requests at each level of concurrency\n"
		"\n"
		"level   wall  req/s    p50    p90    p99    max  speed-up  eff.  conns  failed\n"
		"    1  5.07s    9.9  101ms  101ms  101ms  101ms     1.00x  100%      1       0\n"
		"\n"
		"    1  ##################################################################  5.07s\n"
		"\n"
		"warning: interrupted: this is 1 of 2 runs\n");
	comparison_release(&c);
}

/* ---- JSON and CSV ---- */

static char *json_of(const struct comparison *c)
{
	struct buf out;
	size_t len;

	buf_init(&out, BUF_UNLIMITED);
	comparison_put_json(&out, c);
	return buf_take(&out, &len);
}

#define LATENCY                                                                 \
	"{\"min\":0.000009,\"p50\":0.000009,\"p90\":0.000009,\"p95\":0.000009," \
	"\"p99\":0.000009,\"p99.9\":0.000009,\"max\":0.000009,\"mean\":0.000009}"

static void all_of_it_as_json(void **state)
{
	static const struct outcome outcomes[] = {{1000000, 4, 0, 9, 1}, {500000, 4, 1, 9, 2}, {0}};
	struct comparison c;
	char *text;

	(void)state;
	comparison_init(&c, LEVELS(1, 2), 1, NULL);
	add_all(&c, outcomes);
	text = json_of(&c);
	assert_string_equal(
		text,
		"{\"levels\":["
		"{\"concurrency\":1,\"wall\":1.000000,\"rate\":4.000,"
		"\"latency\":" LATENCY ","
		"\"speed_up\":1.000,\"efficiency\":1.000,\"connections\":1,\"requests\":4,"
		"\"failed\":0,\"most_in_flight\":1,\"runs\":["
		"{\"turn\":1,\"wall\":1.000000,\"rate\":4.000,"
		"\"latency\":" LATENCY ","
		"\"connections\":1,\"requests\":4,\"failed\":0,\"most_in_flight\":1}]},"
		"{\"concurrency\":2,\"wall\":0.500000,\"rate\":8.000,"
		"\"latency\":" LATENCY ","
		"\"speed_up\":2.000,\"efficiency\":1.000,\"connections\":2,\"requests\":4,"
		"\"failed\":1,\"most_in_flight\":2,\"runs\":["
		"{\"turn\":2,\"wall\":0.500000,\"rate\":8.000,"
		"\"latency\":" LATENCY ","
		"\"connections\":2,\"requests\":4,\"failed\":1,\"most_in_flight\":2}]}],"
		"\"repeat\":1,\"void\":true,\"helps_up_to\":null,"
		"\"notes\":[\"warning: failures make this comparison void: 1 of 4 at 2\"]}\n");
	free(text);
	comparison_release(&c);
}

static void json_says_how_far_it_helps(void **state)
{
	static const struct outcome outcomes[] = {
		{1000, 9, 0, 9, 1}, {500, 9, 0, 9, 2}, {490, 9, 0, 9, 3}, {0}};
	struct comparison c;
	char *text;

	(void)state;
	comparison_init(&c, LEVELS(1, 2, 3), 1, NULL);
	add_all(&c, outcomes);
	text = json_of(&c);
	assert_non_null(strstr(text, "\"void\":false,\"helps_up_to\":2,\"notes\":[\"more than 2 "));
	free(text);
	comparison_release(&c);
}

static void json_of_no_run(void **state)
{
	struct comparison c;
	char *text;

	(void)state;
	comparison_init(&c, LEVELS(1, 2), 3, NULL);
	text = json_of(&c);
	assert_string_equal(text, "{\"levels\":[],\"repeat\":3,\"void\":true,\"helps_up_to\":null,"
	                          "\"notes\":[\"warning: interrupted: this is 0 of 6 runs\"]}\n");
	free(text);
	comparison_release(&c);
}

#define TIMES "0.101000,0.101000,0.101000,0.101000,0.101000,0.101000,0.101000,0.101000,"

static void a_row_of_csv_for_each_level(void **state)
{
	struct comparison c;
	struct buf out;

	(void)state;
	buf_init(&out, BUF_UNLIMITED);
	comparison_init(&c, LEVELS(1, 10, 50), 2, NULL);
	add(&c, &good[0]);
	add(&c, &good[1]);
	comparison_put_csv(&out, &c);
	assert_string_equal(out.data, "concurrency,wall,rate,min,p50,p90,p95,p99,p99.9,max,mean,"
	                              "speed_up,efficiency,connections,"
	                              "requests,failed,most_in_flight,runs\r\n"
	                              "1,5.070000,9.862," TIMES "1.000,1.000,1,50,0,1,1\r\n"
	                              "10,0.508000,98.425," TIMES "9.980,0.998,10,50,0,10,1\r\n");
	comparison_release(&c);
	buf_release(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_repetition_begins_with_another_level),
		cmocka_unit_test(speed_up_is_over_the_first_level),
		cmocka_unit_test(a_level_is_the_median_of_its_runs),
		cmocka_unit_test(what_there_is_to_know_is_noted),
		cmocka_unit_test(a_table_with_bars),
		cmocka_unit_test(what_matters_least_goes_where_there_is_no_room),
		cmocka_unit_test(no_line_is_too_long),
		cmocka_unit_test(failures_are_red_and_warnings_yellow),
		cmocka_unit_test(what_was_not_measured_is_left_out),
		cmocka_unit_test(all_of_it_as_json),
		cmocka_unit_test(json_says_how_far_it_helps),
		cmocka_unit_test(json_of_no_run),
		cmocka_unit_test(a_row_of_csv_for_each_level),
	};

	return UNIT_RUN(tests);
}
