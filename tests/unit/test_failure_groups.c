/*
 * output/failure_groups: failures of one kind are one group, whatever the numbers in their
 * messages.
 */
#include "unit.h"

#include <stdlib.h>

#include "base/buf.h"
#include "output/failure_groups.h"

static void add(struct failure_groups *groups, enum failure failure, int http_code, const char *url,
                const char *message)
{
	struct result r;

	result_init(&r);
	buf_put_text(&r.request.url, url);
	if (failure != FAILURE_INPUT)
		request_find_origin(&r.request);
	r.http_code = http_code;
	result_fail(&r, failure, message);
	failure_groups_add(groups, &r);
	result_release(&r);
}

static void numbers_do_not_make_groups(void **state)
{
	struct failure_groups groups = {0};
	const struct failure_group **sorted;
	char message[100], url[64];

	(void)state;
	for (unsigned i = 0; i < 100; i++) {
		snprintf(url, sizeof(url), "http://user:pw@%s:80/%u", i % 4 ? "a" : "b", i);
		snprintf(message, sizeof(message), "timed out after %u ms with %u bytes", 995 + i,
		         i * i);
		add(&groups, FAILURE_TIMEOUT, i % 2 ? 200 : 0, url, message);
	}
	assert_int_equal(groups.counts[FAILURE_TIMEOUT], 2);
	sorted = failure_groups_sorted(&groups, FAILURE_TIMEOUT);
	case_text("most first", sorted[0]->host, "http://a");
	case_uint("most first", sorted[0]->count, 75);
	case_text("the first message", sorted[0]->message, "timed out after 996 ms with 1 bytes");
	case_text("the first URL", sorted[0]->url, "http://user:***@a:80/1");
	case_text("then", sorted[1]->host, "http://b");
	case_uint("then", sorted[1]->count, 25);
	free((void *)sorted);
	failure_groups_release(&groups);
}

static void what_differs_is_apart(void **state)
{
	struct failure_groups groups = {0};

	(void)state;
	add(&groups, FAILURE_HTTP, 404, "http://h/", "the server answered 404");
	add(&groups, FAILURE_HTTP, 404, "http://h/2", "the server answered 404");
	add(&groups, FAILURE_HTTP, 500, "http://h/", "the server answered 500");
	add(&groups, FAILURE_HTTP, 500, "https://h/", "the server answered 500");
	add(&groups, FAILURE_CONNECT, 0, "http://h/", "refused");
	add(&groups, FAILURE_CONNECT, 0, "http://h/", "reset");
	add(&groups, FAILURE_INPUT, 0, "http://a b/", "bad URL");
	add(&groups, FAILURE_INPUT, 0, "c d", "bad URL");
	case_uint("http", groups.counts[FAILURE_HTTP], 3);
	case_uint("connect", groups.counts[FAILURE_CONNECT], 2);
	case_uint("input has no hosts", groups.counts[FAILURE_INPUT], 1);
	case_uint("dns", groups.counts[FAILURE_DNS], 0);
	failure_groups_release(&groups);
}

static void there_is_an_end_to_groups(void **state)
{
	struct failure_groups groups = {0};
	const struct failure_group **sorted;
	char url[32];

	(void)state;
	for (unsigned i = 0; i < 3 * GROUPS_OF_CLASS; i++) {
		snprintf(url, sizeof(url), "http://h%u/", i % (GROUPS_OF_CLASS + 10));
		add(&groups, FAILURE_DNS, 0, url, "unknown host");
	}
	add(&groups, FAILURE_TLS, 0, "https://h/", "bad certificate");
	case_uint("groups", groups.counts[FAILURE_DNS], GROUPS_OF_CLASS);
	sorted = failure_groups_sorted(&groups, FAILURE_DNS);
	for (size_t i = 0; i < GROUPS_OF_CLASS; i++)
		groups.others[FAILURE_DNS] += sorted[i]->count;
	case_uint("all are counted", groups.others[FAILURE_DNS], 3 * GROUPS_OF_CLASS);
	case_text("as they began", sorted[0]->host, "http://h0");
	case_uint("other classes have room", groups.counts[FAILURE_TLS], 1);
	free((void *)sorted);
	failure_groups_release(&groups);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_do_not_make_groups),
		cmocka_unit_test(what_differs_is_apart),
		cmocka_unit_test(there_is_an_end_to_groups),
	};

	return UNIT_RUN(tests);
}
