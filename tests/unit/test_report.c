/*
 * output/report and output/report_page: what is kept of a run, and what the page makes of it.
 */
#include "unit.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/mem.h"
#include "output/about.h"
#include "output/excerpt.h"
#include "output/host_table.h"
#include "output/report.h"
#include "output/report_page.h"
#include "output/stats.h"

static void add(struct report *report, struct stats *stats, uint64_t index, const char *url,
                enum failure failure, const char *message)
{
	struct result r;

	result_init(&r);
	buf_put_text(&r.request.url, url);
	request_find_origin(&r.request);
	r.request.index = index;
	if (failure)
		result_fail(&r, failure, message);
	r.attempts = failure != FAILURE_INPUT;
	if (r.attempts) {
		request_find_origin(&r.request);
		r.time_queue_us = r.started_us = 0;
		r.time_total_us = (int64_t)index + 1;
	}
	report_add(report, &r);
	if (stats)
		stats_add(stats, &r);
	result_release(&r);
}

/* Where nobody counted hosts there are none. */
static char *page_of(struct report *report, struct stats *stats)
{
	static const struct about words = {.title = "<Title>", .command = "gather '<b>'"};
	struct host_table *none = mem_zero(1, sizeof(*none));
	struct buf page;
	size_t len;

	buf_init(&page, BUF_UNLIMITED);
	if (!stats->hosts)
		stats->hosts = none;
	report_page_put(&page, report, stats, &words, "n0nce");
	if (stats->hosts == none)
		stats->hosts = NULL;
	free(none);
	return buf_take(&page, &len);
}

static size_t count_of(const char *text, const char *word)
{
	size_t count = 0;

	for (; (text = strstr(text, word)); text += strlen(word))
		count++;
	return count;
}

/* ---- texts ---- */

static void long_texts_are_cut_between_characters(void **state)
{
	static const struct {
		const char *name;
		size_t before, len;
	} cases[] = {
		{"short enough", EXCERPT_LIMIT, EXCERPT_LIMIT},
		{"one too long", EXCERPT_LIMIT + 1, EXCERPT_LIMIT + 3},
		{"very long", 100000, EXCERPT_LIMIT + 3},
	};
	char *text = mem_zero(100001, 1);
	struct report *report;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		memset(text, 'a', cases[i].before);
		report = report_new(0, 0);
		add(report, NULL, 0, text, FAILURE_OTHER, text);
		samples_sort(&report->samples);
		case_uint(cases[i].name, strlen(report->samples.items[0].url), cases[i].len);
		report_free(report);
		memset(text, 0, 100000);
	}
	memset(text, 'a', EXCERPT_LIMIT - 1);
	strcpy(text + EXCERPT_LIMIT - 1, "\xe2\x82\xac and more");
	report = report_new(0, 0);
	add(report, NULL, 0, text, FAILURE_NONE, "");
	samples_sort(&report->samples);
	case_text("no half of a character", report->samples.items[0].url + EXCERPT_LIMIT - 1,
	          "\xe2\x80\xa6");
	report_free(report);
	free(text);
}

/* ---- the page ---- */

static void the_page_is_filled_in(void **state)
{
	struct stats *stats = mem_zero(1, sizeof(*stats));
	struct report *report = report_new(0, 0);
	struct host_table hosts = {0};
	char *page;

	(void)state;
	stats->hosts = &hosts;
	add(report, stats, 0, "http://user:secret@h/\"<script>&", FAILURE_NONE, "");
	add(report, stats, 1, "</td><img src=x onerror=alert(1)>", FAILURE_INPUT, "<b>\n</table>");
	stats->wall_us = 1000000;
	page = page_of(report, stats);
	case_uint("no name of a slot is left", count_of(page, "{nonce}"), 0);
	case_uint("the nonce: twice in the policy, on style and script", count_of(page, "n0nce"),
	          4);
	case_uint("scripts", count_of(page, "<script"), 1);
	case_uint("ends of scripts", count_of(page, "</script"), 1);
	case_uint("no picture", count_of(page, "<img"), 0);
	case_uint("no password", count_of(page, "secret"), 0);
	case_uint("the URL", count_of(page, ">http://user:***@h/&#34;&#60;script&#62;&#38;<"), 1);
	case_uint("the host", count_of(page, ">http://h</th>"), 1);
	case_uint("the title", count_of(page, "<h1>&#60;Title&#62;</h1>"), 1);
	case_uint("the window", count_of(page, "<title>&#60;Title&#62;: 2 requests to http://h, "),
	          1);
	case_uint("the command", count_of(page, "<code>gather &#39;&#60;b&#62;&#39;</code>"), 1);
	case_uint("the message", count_of(page, ">&#60;b&#62;\xef\xbf\xbd&#60;/table&#62;<"), 1);
	case_uint("rows", count_of(page, "<tr>"), count_of(page, "</tr>"));
	free(page);
	host_table_release(&hosts);
	report_free(report);
	free(stats);
}

/* A run of so many hosts, the first with two requests; what the page says of them. */
static char *page_of_hosts(size_t count, uint64_t skipped)
{
	struct stats *stats = mem_zero(1, sizeof(*stats));
	struct report *report = report_new(0, 0);
	struct host_table hosts = {0};
	char *page, url[32];

	stats->hosts = &hosts;
	stats->skipped = skipped;
	for (size_t i = 0; i <= count; i++) {
		snprintf(url, sizeof(url), "http://h%zu/", i % count);
		add(report, stats, i, url, FAILURE_NONE, "");
	}
	page = page_of(report, stats);
	host_table_release(&hosts);
	report_free(report);
	free(stats);
	return page;
}

static void the_table_of_hosts_has_an_end(void **state)
{
	static const struct {
		size_t hosts, skipped;
		const char *has, *lacks;
	} cases[] = {
		{1, 0, "1 host. Percentiles", "skipped"},
		{200, 3, "200 hosts. Percentiles", "all other hosts"},
		{200, 3, ">3</dd>", "with the most requests"},
		{201, 0, "The 200 with the most requests, of 201 hosts.", "at least"},
		{201, 0, "all other hosts</th><td>1</td>", "more than"},
		{5000, 0, "The 200 with the most requests, of more than", "nan"},
		{5000, 0, "&ldquo;At least&rdquo;", "skipped"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		char *page = page_of_hosts(cases[i].hosts, cases[i].skipped);

		case_true(cases[i].has, strstr(page, cases[i].has));
		case_true(cases[i].lacks, !strstr(page, cases[i].lacks));
		free(page);
	}
}

static void nothing_is_a_page_too(void **state)
{
	struct stats *stats = mem_zero(1, sizeof(*stats));
	struct report *report = report_new(0, 0);
	char *page = page_of(report, stats);

	(void)state;
	assert_non_null(strstr(page, "No request was attempted."));
	assert_non_null(strstr(page, "1970-01-01 00:00:00 UTC"));
	assert_non_null(strstr(page, "</html>\n"));
	assert_null(strstr(page, "nan"));
	free(page);
	report_free(report);
	free(stats);
}

/* Every request is in one bar of the distribution, whatever the range. */
static void the_bars_of_the_distribution_hold_all(void **state)
{
	static const struct {
		const char *name;
		int64_t first, last, step;
	} cases[] = {
		{"one value", 777, 777, 1},           {"nothing", 0, 0, 1},
		{"small values", 0, 300, 1},          {"a narrow range", 1000000, 1010000, 10},
		{"a wide range", 1, 100000000, 9973},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct stats *stats = mem_zero(1, sizeof(*stats));
		struct report *report = report_new(0, 0);
		uint64_t bars = 0, values = 0;
		char *page, *at;

		for (int64_t v = cases[i].first; v <= cases[i].last; v += cases[i].step)
			histogram_add(&stats->latency, v);
		page = page_of(report, stats);
		at = strstr(page, "<table id=\"distribution\">");
		at = strstr(at, "<tbody>") + 8;
		for (; !strncmp(at, "<tr>", 4); at = strchr(at, '\n') + 1) {
			unsigned long long value;

			assert_int_equal(sscanf(at,
			                        "<tr><td>%*[0-9.]</td><td>%*[0-9.]</td><td>%llu",
			                        &value),
			                 1);
			values += value;
			bars++;
		}
		case_uint(cases[i].name, values, stats->latency.count);
		case_true(cases[i].name, bars >= 1 && bars <= 60);
		free(page);
		report_free(report);
		free(stats);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(long_texts_are_cut_between_characters),
		cmocka_unit_test(the_page_is_filled_in),
		cmocka_unit_test(the_table_of_hosts_has_an_end),
		cmocka_unit_test(nothing_is_a_page_too),
		cmocka_unit_test(the_bars_of_the_distribution_hold_all),
	};

	return UNIT_RUN(tests);
}
