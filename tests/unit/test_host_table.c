/*
 * output/host_table: counts per host, of more hosts than there is room for.
 */
#include "unit.h"

#include <stdlib.h>

#include "output/host_table.h"
#include "transfer/result.h"

static void add(struct host_table *table, const char *url, int64_t time_us, enum failure failure)
{
	struct result r;

	result_init(&r);
	buf_put_text(&r.request.url, url);
	request_find_origin(&r.request);
	r.failure = failure;
	r.attempts = 1;
	r.time_total_us = time_us;
	r.was_sent = true;
	r.size_download = 10;
	r.num_connects = 1;
	r.spent = (struct spent){.size_download = 5, .num_connects = 2};
	host_table_add(table, &r);
	result_release(&r);
}

static void add_numbered(struct host_table *table, unsigned number)
{
	char url[64];

	snprintf(url, sizeof(url), "http://h%u/", number);
	add(table, url, 100, FAILURE_NONE);
}

/* The rows as text, a line each. */
static void put_row(const char *name, const struct host_counts *counts, bool is_all, void *arg)
{
	buf_printf(arg, "%s %" PRIu64 " %" PRIu64 "%s\n", name, counts->requests, counts->failed,
	           is_all ? "" : " at least");
}

static void case_order(const char *name, struct host_table *table, enum host_order order,
                       size_t limit, const char *expected, uint64_t others)
{
	struct buf rows;

	buf_init(&rows, BUF_UNLIMITED);
	case_uint(name, host_table_visit(table, order, limit, put_row, &rows).requests, others);
	case_text(name, rows.data, expected);
	buf_release(&rows);
}

static void case_rows(const char *name, struct host_table *table, size_t limit,
                      const char *expected, uint64_t others)
{
	case_order(name, table, HOSTS_LARGEST, limit, expected, others);
}

static void hosts_come_by_the_number_of_their_requests(void **state)
{
	struct host_table table = {0};

	(void)state;
	case_rows("none", &table, 10, "", 0);
	add(&table, "http://b/1", 100, FAILURE_NONE);
	add(&table, "http://a/1", 100, FAILURE_NONE);
	add(&table, "HTTPS://user:secret@B/2", 100, FAILURE_HTTP);
	add(&table, "http://B:80/?3", 100, FAILURE_NONE);
	add(&table, "http://c:8080", 100, FAILURE_DNS);
	case_rows("all", &table, 10,
	          "http://b:80 2 0\nhttp://a:80 1 0\nhttp://c:8080 1 1\nhttps://b:443 1 1\n", 0);
	case_rows("the first", &table, 1, "http://b:80 2 0\n", 3);
	host_table_release(&table);
}

static void the_worst_failed_most_and_are_slow(void **state)
{
	struct host_table table = {0};

	(void)state;
	add(&table, "http://slow/", 9000, FAILURE_NONE);
	add(&table, "http://fast/", 100, FAILURE_NONE);
	add(&table, "http://alike/", 100, FAILURE_NONE);
	for (int i = 0; i < 5; i++)
		add(&table, "http://large/", 200, i ? FAILURE_NONE : FAILURE_HTTP);
	add(&table, "http://bad/", 50, FAILURE_DNS);
	add(&table, "http://bad/", 50, FAILURE_DNS);
	/* Cut off: it has failed, and nobody knows how slow it is. */
	add(&table, "http://late/", 9999, FAILURE_DEADLINE);
	case_order("all", &table, HOSTS_WORST, 10,
	           "http://bad:80 2 2\nhttp://large:80 5 1\nhttp://late:80 1 1\n"
	           "http://slow:80 1 0\nhttp://alike:80 1 0\nhttp://fast:80 1 0\n",
	           0);
	case_order("the first", &table, HOSTS_WORST, 2, "http://bad:80 2 2\nhttp://large:80 5 1\n",
	           4);
	case_rows("and the other way again", &table, 1, "http://large:80 5 1\n", 6);
	host_table_release(&table);
}

static void keep_counts(const char *name, const struct host_counts *counts, bool is_all, void *arg)
{
	(void)name;
	(void)is_all;
	*(struct host_counts *)arg = *counts;
}

static void what_a_host_cost_is_added_up(void **state)
{
	struct host_table table = {0};
	struct host_counts counts;
	struct latency latency;

	(void)state;
	for (int64_t ms = 1; ms <= 1000; ms++)
		add(&table, "http://h/", ms * 1000, FAILURE_NONE);
	add(&table, "http://h/", 5000000, FAILURE_CANCELED);
	add(&table, "http://h/", 5000000, FAILURE_DEADLINE);
	host_table_visit(&table, HOSTS_LARGEST, 1, keep_counts, &counts);
	assert_int_equal(counts.requests, 1002);
	assert_int_equal(counts.failed, 2);
	assert_int_equal(counts.bytes, 1002 * 15);
	assert_int_equal(counts.connections, 1002 * 3);
	/* What was cut off says nothing about the host. */
	assert_int_equal(counts.timed, 1000);
	assert_int_equal(counts.min_us, 1000);
	assert_int_equal(counts.max_us, 1000000);
	assert_int_equal(counts.time_us, 500500000);
	for (int percent = 1; percent <= 100; percent++) {
		int64_t found = host_counts_quantile(&counts, percent / 100.0);

		case_true("within 0.8 %", found >= percent * 9920 && found <= percent * 10080);
	}
	latency = host_counts_latency(&counts);
	assert_int_equal(latency.count, 1000);
	assert_int_equal(latency.us[LATENCY_MIN], 1000);
	assert_int_equal(latency.us[LATENCY_P50], host_counts_quantile(&counts, 0.50));
	assert_int_equal(latency.us[LATENCY_P90], host_counts_quantile(&counts, 0.90));
	assert_int_equal(latency.us[LATENCY_P95], host_counts_quantile(&counts, 0.95));
	assert_int_equal(latency.us[LATENCY_P99], host_counts_quantile(&counts, 0.99));
	assert_int_equal(latency.us[LATENCY_P99_9], host_counts_quantile(&counts, 0.999));
	assert_int_equal(latency.us[LATENCY_MAX], 1000000);
	assert_int_equal(latency.us[LATENCY_MEAN], 500500);
	host_table_release(&table);
}

/* The middle of three is no end, which would be exact. */
static void times_of_every_size_are_near(void **state)
{
	static const int64_t longest = INT64_C(1) << 30;
	struct host_table table = {0};
	struct host_counts counts;

	(void)state;
	for (unsigned bit = 0; bit < 30; bit++) {
		for (int64_t away = -1; away <= 1; away++) {
			int64_t time_us = (INT64_C(1) << bit) + away, found;

			add(&table, "http://h/", 0, FAILURE_NONE);
			add(&table, "http://h/", time_us, FAILURE_NONE);
			add(&table, "http://h/", INT64_MAX / 2, FAILURE_NONE);
			host_table_visit(&table, HOSTS_LARGEST, 1, keep_counts, &counts);
			found = host_counts_quantile(&counts, 0.5);
			if (llabs(found - time_us) * 125 > time_us)
				fail_msg("%" PRId64 " is read as %" PRId64, time_us, found);
			host_table_release(&table);
			table = (struct host_table){0};
		}
	}
	add(&table, "http://h/", 0, FAILURE_NONE);
	add(&table, "http://h/", INT64_MAX / 2 - 1, FAILURE_NONE);
	add(&table, "http://h/", INT64_MAX / 2, FAILURE_NONE);
	host_table_visit(&table, HOSTS_LARGEST, 1, keep_counts, &counts);
	assert_in_range(host_counts_quantile(&counts, 0.5), longest - longest / 125, longest);
	assert_int_equal(host_counts_quantile(&counts, 0), 0);
	assert_int_equal(host_counts_quantile(&(struct host_counts){0}, 0.5), 0);
	host_table_release(&table);
}

static void the_ends_are_exact(void **state)
{
	static const int64_t times[] = {0, 1, 63, 64, 65, 1000, 1007, INT64_C(1) << 40, INT64_MAX};

	(void)state;
	for (size_t i = 0; i < COUNT(times); i++) {
		struct host_table table = {0};
		struct host_counts counts;

		add(&table, "http://h/", times[i], FAILURE_NONE);
		host_table_visit(&table, HOSTS_LARGEST, 1, keep_counts, &counts);
		case_int("0", host_counts_quantile(&counts, 0), times[i]);
		case_int("0.5", host_counts_quantile(&counts, 0.5), times[i]);
		case_int("1", host_counts_quantile(&counts, 1), times[i]);
		host_table_release(&table);
	}
}

static void the_largest_hosts_stay_exact(void **state)
{
	struct host_table table = {0};
	uint64_t requests = 0;
	struct buf rows;

	(void)state;
	for (unsigned i = 0; i < 10 * HOSTS_LIMIT; i++) {
		add_numbered(&table, i);
		add(&table, "http://large/", 100, i % 2 ? FAILURE_NONE : FAILURE_HTTP);
		if (i % 4 == 0)
			add(&table, "http://middle/", 100, FAILURE_NONE);
		assert_true(table.count <= HOSTS_LIMIT);
		requests += i % 4 ? 2 : 3;
	}
	case_rows("two", &table, 2, "http://large:80 40960 20480\nhttp://middle:80 10240 0\n",
	          requests - 40960 - 10240);
	/* One that left and came back says so. */
	for (unsigned i = 0; i < 5; i++)
		add_numbered(&table, 999); /* the last of its size */
	buf_init(&rows, BUF_UNLIMITED);
	host_table_visit(&table, HOSTS_LARGEST, 3, put_row, &rows);
	assert_non_null(strstr(rows.data, "http://h999:80 5 0 at least\n"));
	buf_release(&rows);
	host_table_release(&table);
}

static void a_name_that_is_too_long_is_cut(void **state)
{
	struct host_table table = {0};
	char url[3 * HOST_NAME_LIMIT] = "http://";

	(void)state;
	memset(url + 7, 'a', sizeof(url) - 8);
	for (int i = 0; i < 2; i++) {
		add(&table, url, 100, FAILURE_DNS);
		url[sizeof(url) - 2] = 'b';
	}
	assert_int_equal(table.count, 1);
	host_table_release(&table);
}

static void a_port_is_shown_where_it_says_something(void **state)
{
	static const struct {
		const char *name, *shown;
	} cases[] = {
		{"http://h:80", "http://h"},        {"https://h:443", "https://h"},
		{"http://h:443", "http://h:443"},   {"https://h:80", "https://h:80"},
		{"http://h:8080", "http://h:8080"}, {"http://[::1]:80", "http://[::1]"},
		{"ftp://h:21", "ftp://h:21"},       {"", ""},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		case_uint(cases[i].name, host_name_shown(cases[i].name), strlen(cases[i].shown));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hosts_come_by_the_number_of_their_requests),
		cmocka_unit_test(what_a_host_cost_is_added_up),
		cmocka_unit_test(the_worst_failed_most_and_are_slow),
		cmocka_unit_test(times_of_every_size_are_near),
		cmocka_unit_test(the_ends_are_exact),
		cmocka_unit_test(the_largest_hosts_stay_exact),
		cmocka_unit_test(a_name_that_is_too_long_is_cut),
		cmocka_unit_test(a_port_is_shown_where_it_says_something),
	};

	return UNIT_RUN(tests);
}
