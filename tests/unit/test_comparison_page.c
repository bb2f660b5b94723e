/*
 * output/comparison_page: what the page makes of a comparison, whatever there is of it.
 */
#include "unit.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/mem.h"
#include "output/comparison.h"
#include "output/comparison_page.h"
#include "output/host_table.h"
#include "output/stats.h"

struct outcome {
	int64_t wall_us;
	uint64_t requests, failed;
	int64_t latency_us; /* of each */
	uint64_t most_in_flight;
};

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

static char *page_of(const struct comparison *c)
{
	struct host_table none = {0};
	const struct comparison_page page = {.comparison = c, .about.hosts = &none};
	struct buf out;
	size_t len;

	buf_init(&out, BUF_UNLIMITED);
	comparison_page_put(&out, &page, "n0nce");
	return buf_take(&out, &len);
}

static size_t count_of(const char *text, const char *word)
{
	size_t count = 0;

	for (; (text = strstr(text, word)); text += strlen(word))
		count++;
	return count;
}

enum { MOST_WORDS = 8, MOST_OUTCOMES = 6 };

static const struct page_case {
	const char *name;
	uint64_t levels[4];
	size_t level_count;
	uint64_t repeats;
	struct outcome outcomes[MOST_OUTCOMES]; /* the last one has no time */
	const char *has[MOST_WORDS], *lacks[MOST_WORDS];
} page_cases[] = {
	{"three levels",
         {1, 10, 50},
         3,
         1,
         {{5070000, 50, 0, 101000, 1}, {508000, 50, 0, 101000, 10}, {104000, 50, 0, 102000, 50}},
         {"<title>gather: 50 requests at 1, 10 and 50 at once, 1970-01-01 00:00:00 UTC</title>",
          "Fastest at 50: 104 ms instead of 5.07 s, 48.8 times as fast. ",
          "<tr><th scope=\"row\">10</th><td>508.000</td><td>9.980</td><td>99.8</td>"
          "<td>98.4</td><td>101.000</td><td>101.000</td><td>101.000</td><td>101.000</td>"
          "<td>101.000</td><td>101.000</td>"
          "<td>10</td><td>10</td><td>50</td><td>0</td></tr>\n",
          "<tr><td>3</td><td>50</td><td>104.000</td><td>0.0</td><td>480.8</td>",
          "<th scope=\"col\">level 50</th>", "Each level had one run.",
          "its speed-up</dt><dd>48.8 &times;<"},
         {"class=\"notes\"", "interrupted"}},
	{"the first is the fastest",
         {1, 2},
         2,
         1,
         {{100000, 9, 0, 9, 1}, {200000, 9, 0, 9, 2}},
         {"Fastest at 1: 100 ms. ", "<li>more than 1 at once stopped helping: 2 is 50% slower<",
          "<title>gather: 9 requests at 1 and 2 at once, "},
         {"times as fast", "Warning"}},
	{"failures",
         {1, 2},
         2,
         1,
         {{200000, 9, 0, 9, 1}, {100000, 9, 2, 9, 2}},
         {"<li class=\"warning\"><b>Warning:</b> failures make this comparison void: 2 of 9 at "
          "2<",
          "failed</dt><dd>2<"},
         {"astest", "its wall time"}},
	{"repetitions",
         {1, 2},
         2,
         2,
         {{200000, 1, 0, 9, 1}, {100000, 1, 0, 9, 2}, {102000, 1, 0, 9, 2}, {200100, 1, 0, 9, 1}},
         {"Each repetition began with another level",
          "<tr><td>1</td><td>1</td><td>200.000</td><td>0.0</td>",
          "<tr><td>4</td><td>1</td><td>200.100</td><td>0.0</td>",
          "<tr><td>2</td><td>2</td><td>100.000</td><td>-1.0</td>",
          "<tr><td>3</td><td>2</td><td>102.000</td><td>1.0</td>", ">1 request at each level"},
         {"<td>-0.0</td>"}},
	{"one of two",
         {1, 2},
         2,
         1,
         {{200000, 9, 0, 9, 1}},
         {"<b>Warning:</b> interrupted: this is 1 of 2 runs<", "<th scope=\"col\">level 1</th>"},
         {"Fastest at", "level 2</th>"}},
	{"no run",
         {1, 2},
         2,
         1,
         {{0}},
         {"<b>Warning:</b> interrupted: this is 0 of 2 runs<", "0 requests at each level"},
         {"astest", "level 1</th>"}},
	{"no request",
         {1, 2},
         2,
         1,
         {{50, 0, 0, 0, 0}, {50, 0, 0, 0, 0}},
         {"<b>Warning:</b> there was no request to compare<"},
         {"astest"}},
	{"no time at all",
         {1, 2},
         2,
         1,
         {{1, 1, 0, 0, 1}, {1, 1, 0, 0, 1}},
         {"<td>1.000</td>", "<tr><td>0.000</td><td>0.001</td><td>1</td><td>1</td></tr>"},
         {NULL}},
};

static void the_page_says_what_there_is_to_say(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(page_cases); i++) {
		const struct page_case *p = &page_cases[i];
		struct comparison c;
		char *page;

		comparison_init(&c, p->levels, p->level_count, p->repeats, NULL);
		for (size_t k = 0; k < MOST_OUTCOMES && p->outcomes[k].wall_us; k++)
			add(&c, &p->outcomes[k]);
		page = page_of(&c);
		for (size_t k = 0; k < MOST_WORDS && p->has[k]; k++) {
			if (!strstr(page, p->has[k]))
				fail_msg("%s: there is no \"%s\"", p->name, p->has[k]);
		}
		for (size_t k = 0; k < MOST_WORDS && p->lacks[k]; k++) {
			if (strstr(page, p->lacks[k]))
				fail_msg("%s: there is \"%s\"", p->name, p->lacks[k]);
		}
		case_uint(p->name, count_of(page, "n0nce"), 4);
		case_uint(p->name, count_of(page, "<script"), 1);
		case_uint(p->name, count_of(page, "<tr>"), count_of(page, "</tr>"));
		case_uint(p->name, count_of(page, "nan<") + count_of(page, "inf<"), 0);
		case_uint(p->name, count_of(page, "</html>\n"), 1);
		free(page);
		comparison_release(&c);
	}
}

/* Whatever the limits are called. */
static void text_is_inert(void **state)
{
	static const struct outcome below = {100000, 90, 0, 9, 1};
	const uint64_t levels[] = {1, 2};
	struct comparison c;
	char *page;

	(void)state;
	comparison_init(&c, levels, COUNT(levels), 1, "<b>&");
	add(&c, &below);
	add(&c, &below);
	page = page_of(&c);
	assert_non_null(strstr(page, "because of &#60;b&#62;&#38;<"));
	assert_null(strstr(page, "<b>&"));
	free(page);
	comparison_release(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_page_says_what_there_is_to_say),
		cmocka_unit_test(text_is_inert),
	};

	return UNIT_RUN(tests);
}
