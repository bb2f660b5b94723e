/*
 * output/phases: where the time of a request went.
 */
#include "unit.h"

#include "output/phases.h"
#include "transfer/result.h"

enum { RUN_US = 1000 };

struct times {
	int64_t dns, connect, tls, pretransfer, first_byte, total; /* as libcurl has them */
};

static void phases_are_between_the_times_of_libcurl(void **state)
{
	static const struct {
		const char *name;
		const char *scheme;
		struct times times;
		enum failure failure;
		int64_t expected[PHASES]; /* from PHASE_DNS on: dns, connect, tls, wait, receive */
	} cases[] = {
		{"http", "http", {10, 30, -1, 31, 100, 150}, 0, {0, 0, 10, 20, 0, 70, 50}},
		{"https", "https", {10, 30, 60, 61, 100, 150}, 0, {0, 0, 10, 20, 30, 40, 50}},
		{"over an old connection",
	         "https",
	         {1, 1, -1, 2, 100, 150},
	         0,
	         {0, 0, 1, 0, 0, 99, 50}},
		{"an empty answer",
	         "http",
	         {10, 30, -1, 31, 100, 100},
	         0,
	         {0, 0, 10, 20, 0, 70, 0}},
		{"no name", "http", {-1, -1, -1, -1, -1, 80}, FAILURE_DNS, {0, 0, 80}},
		{"no connection",
	         "http",
	         {10, -1, -1, -1, -1, 80},
	         FAILURE_CONNECT,
	         {0, 0, 10, 70}},
		{"no handshake",
	         "https",
	         {10, 30, -1, -1, -1, 80},
	         FAILURE_TLS,
	         {0, 0, 10, 20, 50}},
		{"no answer",
	         "http",
	         {10, 30, -1, 31, -1, 80},
	         FAILURE_TIMEOUT,
	         {0, 0, 10, 20, 0, 50}},
		{"no answer over TLS",
	         "https",
	         {10, 30, 60, 61, -1, 80},
	         FAILURE_TIMEOUT,
	         {0, 0, 10, 20, 30, 20}},
		{"half an answer",
	         "http",
	         {10, 30, -1, 31, 40, 80},
	         FAILURE_PROTOCOL,
	         {0, 0, 10, 20, 0, 10, 40}},
		{"a file", "file", {-1, -1, -1, -1, -1, 80}, 0, {0, 0, 0, 0, 0, 0, 80}},
		{"times that pass the total",
	         "http",
	         {10, 200, -1, 210, 220, 150},
	         0,
	         {0, 0, 10, 140}},
		{"times out of order",
	         "http",
	         {50, 30, -1, 31, 20, 80},
	         0,
	         {0, 0, 50, 0, 0, 0, 30}},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct times *t = &cases[i].times;
		struct phases phases;
		struct result r;

		result_init(&r);
		r.attempts = 1;
		r.scheme = cases[i].scheme;
		r.failure = cases[i].failure;
		r.request.accepted_us = r.started_us = RUN_US;
		r.time_queue_us = 0;
		r.time_namelookup_us = t->dns;
		r.time_connect_us = t->connect;
		r.time_appconnect_us = t->tls;
		r.time_pretransfer_us = t->pretransfer;
		r.time_starttransfer_us = t->first_byte;
		r.time_total_us = t->total;
		phases_of(&phases, &r, RUN_US);
		for (int phase = 0; phase < PHASES; phase++)
			case_int(cases[i].name, phases.us[phase], cases[i].expected[phase]);
		case_int(cases[i].name, phases_end_us(&phases), t->total);
		result_release(&r);
	}
}

static void a_request_has_the_phases_that_it_went_through(void **state)
{
	static const struct {
		const char *name, *scheme;
		struct times times;
		enum failure failure;
		int64_t connects;
		unsigned attempts;
		const char *expected;
	} cases[] = {
		{"http",
	         "http",
	         {10, 30, -1, 31, 99, 150},
	         0,
	         1,
	         1,
	         "queue dns connect wait receive"},
		{"https",
	         "https",
	         {10, 30, 60, 61, 99, 150},
	         0,
	         1,
	         1,
	         "queue dns connect tls wait receive"},
		{"in no time",
	         "http",
	         {10, 10, -1, 10, 10, 10},
	         0,
	         1,
	         1,
	         "queue dns connect wait receive"},
		{"the second attempt",
	         "http",
	         {10, 30, -1, 31, 99, 150},
	         0,
	         1,
	         2,
	         "queue earlier dns connect wait receive"},
		{"over an old connection",
	         "http",
	         {1, 1, -1, 2, 99, 150},
	         0,
	         0,
	         1,
	         "queue wait receive"},
		{"over an old connection with TLS",
	         "https",
	         {1, 1, 1, 2, 99, 150},
	         0,
	         0,
	         1,
	         "queue wait receive"},
		{"no answer over an old connection",
	         "http",
	         {1, 1, -1, 2, -1, 80},
	         FAILURE_TIMEOUT,
	         0,
	         1,
	         "queue wait"},
		{"no name", "http", {-1, -1, -1, -1, -1, 80}, FAILURE_DNS, 0, 1, "queue dns"},
		{"no connection",
	         "http",
	         {10, -1, -1, -1, -1, 80},
	         FAILURE_CONNECT,
	         0,
	         1,
	         "queue dns connect"},
		{"no handshake",
	         "https",
	         {10, 30, -1, -1, -1, 80},
	         FAILURE_TLS,
	         1,
	         1,
	         "queue dns connect tls"},
		{"a file", "file", {-1, -1, -1, -1, -1, 80}, 0, 0, 1, "queue receive"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct times *t = &cases[i].times;
		char found[80] = "";
		struct phases phases;
		struct result r;

		result_init(&r);
		r.scheme = cases[i].scheme;
		r.failure = cases[i].failure;
		r.attempts = cases[i].attempts;
		r.num_connects = cases[i].connects;
		r.time_namelookup_us = t->dns;
		r.time_connect_us = t->connect;
		r.time_appconnect_us = t->tls;
		r.time_pretransfer_us = t->pretransfer;
		r.time_starttransfer_us = t->first_byte;
		r.time_total_us = t->total;
		phases_of(&phases, &r, 0);
		for (int phase = 0; phase < PHASES; phase++) {
			if (phases.has[phase])
				snprintf(found + strlen(found), sizeof(found) - strlen(found),
				         "%s%s", *found ? " " : "", phase_name((enum phase)phase));
		}
		case_text(cases[i].name, found, cases[i].expected);
		result_release(&r);
	}
}

static void what_came_before_the_last_attempt_is_two_phases(void **state)
{
	static const struct {
		const char *name;
		int64_t accepted_us, queue_us, started_us; /* from the start of the run */
		unsigned attempts;
		int64_t begin_us, expected_queue_us, earlier_us;
	} cases[] = {
		{"at once", 0, 0, 0, 1, 0, 0, 0},
		{"after a queue", 100, 40, 140, 1, 100, 40, 0},
		{"what follows the queue belongs to it", 100, 40, 145, 1, 100, 45, 0},
		{"the second attempt", 100, 40, 1000, 2, 100, 40, 860},
		{"begun before it was accepted, by rounding", 100, 40, 99, 1, 100, 0, 0},
		{"the second attempt, by rounding", 100, 40, 139, 2, 100, 39, 0},
		{"accepted before the run began", -5, 40, 35, 1, 0, 35, 0},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct phases phases;
		struct result r;

		result_init(&r);
		r.attempts = cases[i].attempts;
		r.request.accepted_us = RUN_US + cases[i].accepted_us;
		r.time_queue_us = cases[i].queue_us;
		r.started_us = RUN_US + cases[i].started_us;
		r.time_total_us = 7;
		phases_of(&phases, &r, RUN_US);
		case_int(cases[i].name, phases.begin_us, cases[i].begin_us);
		case_int(cases[i].name, phases.us[PHASE_QUEUE], cases[i].expected_queue_us);
		case_int(cases[i].name, phases.us[PHASE_EARLIER], cases[i].earlier_us);
		case_int(cases[i].name, phases_end_us(&phases) - phases_attempt_us(&phases), 7);
		result_release(&r);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(phases_are_between_the_times_of_libcurl),
		cmocka_unit_test(a_request_has_the_phases_that_it_went_through),
		cmocka_unit_test(what_came_before_the_last_attempt_is_two_phases),
	};

	return UNIT_RUN(tests);
}
