/*
 * output/host_summary: hosts as JSON and as tables.
 */
#include "unit.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/json.h"
#include "output/host_summary.h"
#include "output/host_table.h"
#include "transfer/result.h"

static void add(struct host_table *hosts, const char *url, int64_t time_us, enum failure failure)
{
	struct result r;

	result_init(&r);
	buf_put_text(&r.request.url, url);
	request_find_origin(&r.request);
	r.failure = failure;
	r.attempts = 1;
	r.time_total_us = time_us;
	r.was_sent = true;
	r.size_download = 1500;
	r.num_connects = 1;
	host_table_add(hosts, &r);
	result_release(&r);
}

static void add_three(struct host_table *hosts)
{
	for (int i = 0; i < 12; i++)
		add(hosts, "http://large/", 100, FAILURE_NONE);
	add(hosts, "http://slow:8080/", 2000000, FAILURE_NONE);
	add(hosts, "https://user:secret@bad/", 50, FAILURE_HTTP);
}

static void case_table(const char *name, struct host_table *hosts, uint64_t rows, size_t width,
                       bool has_color, const char *expected)
{
	struct buf out;

	buf_init(&out, BUF_UNLIMITED);
	host_summary_put_text(&out, hosts, rows, width, has_color);
	case_text(name, out.data, expected);
	buf_release(&out);
}

static void one_table_of_all_or_two_of_some(void **state)
{
	struct host_table hosts = {0};

	(void)state;
	case_table("none", &hosts, 10, SIZE_MAX, false, "");
	add_three(&hosts);
	case_table("all", &hosts, 3, SIZE_MAX, false,
	           "\n3 hosts, the worst first\n"
	           "requests  failed  conns   bytes     p50     p95     p99   p99.9     max  host\n"
	           "       1       1      1  1.5 kB   50 us   50 us   50 us   50 us   50 us  "
	           "https://bad\n"
	           "       1       0      1  1.5 kB  2.00 s  2.00 s  2.00 s  2.00 s  2.00 s  "
	           "http://slow:8080\n"
	           "      12       0     12   18 kB  100 us  100 us  100 us  100 us  100 us  "
	           "http://large\n");
	case_table(
		"one", &hosts, 1, SIZE_MAX, false,
		"\nthe worst of 3 hosts\n"
		"requests  failed  conns   bytes    p50    p95    p99  p99.9    max  host\n"
		"       1       1      1  1.5 kB  50 us  50 us  50 us  50 us  50 us  https://bad\n"
		"\nthe largest of 3 hosts\n"
		"requests  failed  conns  bytes     p50     p95     p99   p99.9     max  host\n"
		"      12       0     12  18 kB  100 us  100 us  100 us  100 us  100 us  "
		"http://large\n");
	host_table_release(&hosts);
}

static void only_failures_are_red(void **state)
{
	struct host_table hosts = {0};

	(void)state;
	add(&hosts, "http://a/", 100, FAILURE_HTTP);
	add(&hosts, "http://b/", 100, FAILURE_NONE);
	case_table("red", &hosts, 10, SIZE_MAX, true,
	           "\n2 hosts, the worst first\n"
	           "requests  failed  conns   bytes     p50     p95     p99   p99.9     max  host\n"
	           "       1  \033[31m     1\033[0m      1  1.5 kB  100 us  100 us  100 us  100 us "
	           " 100 us  "
	           "http://a\n"
	           "       1       0      1  1.5 kB  100 us  100 us  100 us  100 us  100 us  "
	           "http://b\n");
	host_table_release(&hosts);
}

/* What was cut off has no time. */
static void what_is_not_known_is_a_dash(void **state)
{
	struct host_table hosts = {0};

	(void)state;
	add(&hosts, "http://a/", 100, FAILURE_CANCELED);
	case_table("no time", &hosts, 10, SIZE_MAX, false,
	           "\n1 host, the worst first\n"
	           "requests  failed  conns   bytes  p50  p95  p99  p99.9  max  host\n"
	           "       1       1      1  1.5 kB    -    -    -      -    -  http://a\n");
	host_table_release(&hosts);
}

static void figures_go_where_names_have_no_room(void **state)
{
	static const struct {
		size_t width;
		const char *head;
	} cases[] = {
		{1000,
	         "requests  failed  conns   bytes     p50     p95     p99   p99.9     max  host"},
		{81,
	         "requests  failed  conns   bytes     p50     p95     p99   p99.9     max  host"},
		{80, "requests  failed  conns   bytes     p50     p95     p99     max  host"},
		{73, "requests  failed  conns   bytes     p50     p95     p99     max  host"},
		{72, "requests  failed  conns   bytes     p50     p99     max  host"},
		{65, "requests  failed  conns   bytes     p50     p99     max  host"},
		{64, "requests  failed   bytes     p50     p99     max  host"},
		{58, "requests  failed   bytes     p50     p99     max  host"},
		{57, "requests  failed     p50     p99     max  host"},
		{49, "requests  failed     p50     p99  host"},
		{41, "requests  failed     p99  host"},
		{33, "requests  failed  host"},
		{1, "requests  failed  host"},
	};
	struct host_table hosts = {0};

	(void)state;
	add(&hosts, "http://1/", 100, FAILURE_NONE);
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct buf out;
		char name[32], *head;

		buf_init(&out, BUF_UNLIMITED);
		host_summary_put_text(&out, &hosts, 10, cases[i].width, false);
		head = strchr(out.data + 1, '\n') + 1;
		*strchr(head, '\n') = '\0';
		snprintf(name, sizeof(name), "%zu columns", cases[i].width);
		case_text(name, head, cases[i].head);
		buf_release(&out);
	}
	host_table_release(&hosts);
}

static void names_are_inert(void **state)
{
	struct host_table hosts = {0};
	struct buf out;

	(void)state;
	add(&hosts, "http://\033[31m\xff\xe2\x80\xaeh\n/", 100, FAILURE_DNS);
	case_table("no control characters", &hosts, 1, SIZE_MAX, false,
	           "\n1 host, the worst first\n"
	           "requests  failed  conns   bytes     p50     p95     p99   p99.9     max  host\n"
	           "       1       1      1  1.5 kB  100 us  100 us  100 us  100 us  100 us  "
	           "http://\xef\xbf\xbd[31m\xef\xbf\xbd\xef\xbf\xbdh\xef\xbf\xbd\n");
	buf_init(&out, BUF_UNLIMITED);
	host_summary_put_json(&(struct json){.out = &out}, &hosts, 1);
	assert_non_null(strstr(out.data, "\"host\":\"http://\\u001b[31m\xef\xbf\xbd\\u202eh"
	                                 "\\n\","));
	buf_release(&out);
	host_table_release(&hosts);
}

#define BAD                                                                                \
	"{\"host\":\"https://bad\",\"complete\":true,\"requests\":1,\"failed\":1,"         \
	"\"connections\":1,\"bytes\":1500,\"latency\":{\"min\":0.000050,\"p50\":0.000050," \
	"\"p90\":0.000050,\"p95\":0.000050,\"p99\":0.000050,\"p99.9\":0.000050,"           \
	"\"max\":0.000050,\"mean\":0.000050}}"
#define LARGE                                                                                \
	"{\"host\":\"http://large\",\"complete\":true,\"requests\":12,\"failed\":0,"         \
	"\"connections\":12,\"bytes\":18000,\"latency\":{\"min\":0.000100,\"p50\":0.000100," \
	"\"p90\":0.000100,\"p95\":0.000100,\"p99\":0.000100,\"p99.9\":0.000100,"             \
	"\"max\":0.000100,\"mean\":0.000100}}"

static void json_has_both_orders(void **state)
{
	struct host_table hosts = {0};
	struct buf out;

	(void)state;
	buf_init(&out, BUF_UNLIMITED);
	host_summary_put_json(&(struct json){.out = &out}, &hosts, 1);
	assert_string_equal(out.data, "{\"count\":0,\"worst\":[],\"largest\":[]}");
	add_three(&hosts);
	buf_clear(&out);
	host_summary_put_json(&(struct json){.out = &out}, &hosts, 1);
	assert_string_equal(out.data, "{\"count\":3,\"worst\":[" BAD "],\"largest\":[" LARGE "]}");
	buf_release(&out);
	host_table_release(&hosts);
}

/* More than there is room for: how many is not known, and one that came back says so. */
static void what_may_be_missing_is_said(void **state)
{
	struct host_table hosts = {0};
	struct buf out;
	char url[64];

	(void)state;
	buf_init(&out, BUF_UNLIMITED);
	for (unsigned i = 0; i <= HOSTS_LIMIT; i++) {
		snprintf(url, sizeof(url), "http://h%u/", i);
		add(&hosts, url, 100, FAILURE_NONE);
	}
	add(&hosts, "http://new/", 100, FAILURE_HTTP);
	host_summary_put_text(&out, &hosts, 1, SIZE_MAX, false);
	assert_non_null(strstr(out.data, "\nthe worst of more than 4096 hosts\n"));
	assert_non_null(strstr(out.data, "  http://new (at least)\n"));
	assert_non_null(strstr(out.data, "\nthe largest of more than 4096 hosts\n"));
	buf_clear(&out);
	host_summary_put_json(&(struct json){.out = &out}, &hosts, 1);
	assert_non_null(strstr(out.data, "{\"count\":null,\"worst\":[{\"host\":\"http://new\","
	                                 "\"complete\":false,"));
	buf_release(&out);
	host_table_release(&hosts);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_table_of_all_or_two_of_some),
		cmocka_unit_test(only_failures_are_red),
		cmocka_unit_test(what_is_not_known_is_a_dash),
		cmocka_unit_test(figures_go_where_names_have_no_room),
		cmocka_unit_test(names_are_inert),
		cmocka_unit_test(json_has_both_orders),
		cmocka_unit_test(what_may_be_missing_is_said),
	};

	return UNIT_RUN(tests);
}
