/*
 * policy/retry: what is tried again and when, and which host is left alone for how long.
 */
#include "unit.h"

#include <curl/curl.h>

#include "policy/retry.h"

#define S_US INT64_C(1000000)

/*
 * What a case says of its attempt: a failure or a status, and all else is usual: the first attempt
 * of a GET that was sent; 3 retries, at most a minute of pause.
 */
struct attempt {
	const char *method; /* NULL: GET */
	enum failure failure;
	int exitcode, status;
	unsigned number; /* which attempt it was; 0: the first */
	bool is_unsent;
	int64_t retry_after_us; /* 0: it says nothing; NOW: 0 */
	int64_t rate_limit_us;  /* the same */
	int refused_connect;
};

enum { NOW = -2 };

/* text: "" is the usual, else statuses for --retry-on. */
struct rules {
	int64_t delay_us, max_time_us;
	bool is_any_error;
	const char *statuses;
	int64_t pause_max_us; /* 0: 60 s; NOW: 0 */
	uint64_t retries;     /* 0: 3 */
};

static void make_options(const struct rules *rules, struct retry_options *options)
{
	*options = (struct retry_options){
		.retries = rules->retries ? rules->retries : 3,
		.delay_us = rules->delay_us,
		.max_time_us = rules->max_time_us,
		.is_any_error = rules->is_any_error,
		.has_statuses = rules->statuses != NULL,
		.pause_max_us = rules->pause_max_us ? rules->pause_max_us : 60 * S_US,
	};
	if (options->pause_max_us == NOW)
		options->pause_max_us = 0;
	if (rules->statuses)
		assert_err(statuses_parse(rules->statuses, options->statuses, NULL), ERR_NONE);
}

static void make_result(const struct attempt *attempt, struct fetch_options *how,
                        struct result *result)
{
	static char get[] = "GET";

	*how = (struct fetch_options){.method = get};
	if (attempt->method)
		how->method = (char *)(uintptr_t)attempt->method; /* only read */
	result_init(result);
	result->request.options = how;
	result->failure = attempt->failure;
	result->exitcode = attempt->exitcode;
	result->http_code = attempt->status;
	result->attempts = attempt->number ? attempt->number : 1;
	result->was_sent = !attempt->is_unsent;
	if (attempt->retry_after_us)
		result->retry_after_us =
			attempt->retry_after_us == NOW ? 0 : attempt->retry_after_us;
	if (attempt->rate_limit_us)
		result->rate_limit_us = attempt->rate_limit_us == NOW ? 0 : attempt->rate_limit_us;
	result->refused_connect = attempt->refused_connect;
}

static int64_t ask(const struct rules *rules, const struct attempt *attempt, int64_t elapsed_us,
                   double jitter)
{
	struct retry_options options;
	struct fetch_options how;
	struct result result;
	int64_t delay_us;

	make_options(rules, &options);
	make_result(attempt, &how, &result);
	delay_us = retry_delay_us(&options, &result, elapsed_us, jitter);
	result_release(&result);
	return delay_us;
}

static int64_t ask_pause(const struct rules *rules, const struct attempt *attempt)
{
	struct retry_options options;
	struct fetch_options how;
	struct result result;
	int64_t pause_us;

	make_options(rules, &options);
	make_result(attempt, &how, &result);
	pause_us = retry_pause_us(&options, &result);
	result_release(&result);
	return pause_us;
}

/* ---- whether ---- */

struct whether {
	const char *name;
	struct attempt attempt;
	bool is_retried;
};

static void case_whether(const struct rules *rules, const struct whether *cases, size_t count)
{
	for (size_t i = 0; i < count; i++)
		case_int(cases[i].name, ask(rules, &cases[i].attempt, 0, 0.5) >= 0,
		         cases[i].is_retried);
}

#define STATUS(number)                                      \
	{                                                   \
		.failure = FAILURE_HTTP, .status = (number) \
	}

/* By a proxy, with that status for CONNECT. */
#define REFUSED(number)                                                                    \
	{                                                                                  \
		.failure = FAILURE_CONNECT, .refused_connect = (number), .is_unsent = true \
	}

static void a_request_may_say_how_often(void **state)
{
	static const struct {
		const char *name;
		uint64_t retries; /* of all; the request says 2, or 0 */
		unsigned attempts;
		bool says_none, is_retried;
	} cases[] = {
		{"more than all", 0, 2, false, true},
		{"as many", 0, 3, false, false},
		{"fewer than all", 9, 3, false, false},
		{"none", 9, 1, true, false},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct attempt attempt = {.failure = FAILURE_TIMEOUT,
		                                .number = cases[i].attempts};
		const struct retry_options options = {.retries = cases[i].retries};
		struct fetch_options how;
		struct result result;

		make_result(&attempt, &how, &result);
		result.request.has_retries = true;
		result.request.retries = cases[i].says_none ? 0 : 2;
		case_int(cases[i].name, retry_delay_us(&options, &result, 0, 0.5) >= 0,
		         cases[i].is_retried);
		result_release(&result);
	}
}

static void what_may_succeed_later_is_tried_again(void **state)
{
	static const struct whether cases[] = {
		{"a success", {.failure = FAILURE_NONE, .status = 200}, false},
		{"a success with a status of trouble",
	         {.failure = FAILURE_NONE, .status = 503},
	         false},
		{"400", STATUS(400), false},
		{"401", STATUS(401), false},
		{"404", STATUS(404), false},
		{"408", STATUS(408), true},
		{"410", STATUS(410), false},
		{"425", STATUS(425), false},
		{"429", STATUS(429), true},
		{"500", STATUS(500), true},
		{"501", STATUS(501), false},
		{"502", STATUS(502), true},
		{"503", STATUS(503), true},
		{"504", STATUS(504), true},
		{"505", STATUS(505), false},
		{"521", STATUS(521), false},
		{"522", STATUS(522), true},
		{"523", STATUS(523), false},
		{"524", STATUS(524), true},
		{"525", STATUS(525), false},
		{"599", STATUS(599), false},
		{"a status that is none", STATUS(1429), false},
		{"200 that is not accepted", STATUS(200), false},

		{"a timeout", {.failure = FAILURE_TIMEOUT}, true},
		{"a timeout after a status", {.failure = FAILURE_TIMEOUT, .status = 200}, true},
		{"a name that did not resolve", {.failure = FAILURE_DNS}, true},
		{"no connection", {.failure = FAILURE_CONNECT}, true},
		{"a proxy that forbids it", REFUSED(403), false},
		{"a proxy that wants a login", REFUSED(407), false},
		{"a proxy that is busy", REFUSED(429), true},
		{"a proxy that got no connection", REFUSED(502), true},
		{"a body that is not whole",
	         {.failure = FAILURE_PROTOCOL, .exitcode = CURLE_PARTIAL_FILE, .status = 200},
	         true},
		{"a connection that broke",
	         {.failure = FAILURE_PROTOCOL, .exitcode = CURLE_RECV_ERROR, .status = 200},
	         true},
		{"HTTP/2 that broke", {.failure = FAILURE_PROTOCOL, .exitcode = CURLE_HTTP2}, true},
		{"a stream that broke",
	         {.failure = FAILURE_PROTOCOL, .exitcode = CURLE_HTTP2_STREAM},
	         true},

		{"nonsense",
	         {.failure = FAILURE_PROTOCOL, .exitcode = CURLE_WEIRD_SERVER_REPLY},
	         false},
		{"an encoding that is none",
	         {.failure = FAILURE_PROTOCOL, .exitcode = CURLE_BAD_CONTENT_ENCODING},
	         false},
		{"a bad request", {.failure = FAILURE_INPUT}, false},
		{"a certificate", {.failure = FAILURE_TLS}, false},
		{"too large", {.failure = FAILURE_TOO_LARGE, .status = 200}, false},
		{"too many redirects", {.failure = FAILURE_REDIRECT, .status = 302}, false},
		{"a full disk", {.failure = FAILURE_WRITE, .status = 200}, false},
		{"a command", {.failure = FAILURE_EXEC, .status = 200}, false},
		{"canceled", {.failure = FAILURE_CANCELED}, false},
		{"the deadline", {.failure = FAILURE_DEADLINE}, false},
		{"something else", {.failure = FAILURE_OTHER}, false},
		/* The body is the reason, not the status. */
		{"too large, with a status of trouble",
	         {.failure = FAILURE_TOO_LARGE, .status = 503},
	         false},
	};
	static const struct rules usual = {0};

	(void)state;
	case_whether(&usual, cases, COUNT(cases));
}

static void what_was_sent_is_tried_again_only_when_it_is_idempotent(void **state)
{
	static const struct {
		const char *method;
		bool is_idempotent;
	} methods[] = {
		{"GET", true},      {"HEAD", true},   {"OPTIONS", true}, {"TRACE", true},
		{"PUT", true},      {"DELETE", true}, {"POST", false},   {"PATCH", false},
		{"CONNECT", false}, {"PURGE", false}, {"get", false},    {"", false},
	};
	static const struct attempt attempts[] = {
		{.failure = FAILURE_TIMEOUT},
		{.failure = FAILURE_CONNECT},
		{.failure = FAILURE_PROTOCOL, .exitcode = CURLE_RECV_ERROR},
		STATUS(503),
		STATUS(429),
	};
	static const struct rules usual = {0}, any_error = {.is_any_error = true},
				  listed = {.statuses = "503,429"};

	(void)state;
	for (size_t i = 0; i < COUNT(methods); i++) {
		for (size_t k = 0; k < COUNT(attempts); k++) {
			const char *name = methods[i].method;
			struct attempt attempt = attempts[k];

			attempt.method = name;
			case_int(name, ask(&usual, &attempt, 0, 0.5) >= 0,
			         methods[i].is_idempotent);
			case_true(name, ask(&any_error, &attempt, 0, 0.5) >= 0);
			if (attempt.status)
				case_int(name, ask(&listed, &attempt, 0, 0.5) >= 0,
				         methods[i].is_idempotent);
			attempt.is_unsent = true;
			case_true(name, ask(&usual, &attempt, 0, 0.5) >= 0);
		}
	}
}

static void any_error_is_any_but_what_fails_anew_each_time(void **state)
{
	static const struct whether cases[] = {
		{"404", STATUS(404), true},
		{"200 that is not accepted", STATUS(200), true},
		{"503", STATUS(503), true},
		{"503 to a POST", {.failure = FAILURE_HTTP, .status = 503, .method = "POST"}, true},
		{"a timeout", {.failure = FAILURE_TIMEOUT}, true},
		{"no connection", {.failure = FAILURE_CONNECT}, true},
		{"nonsense",
	         {.failure = FAILURE_PROTOCOL, .exitcode = CURLE_WEIRD_SERVER_REPLY},
	         true},
		{"a name that did not resolve", {.failure = FAILURE_DNS}, true},
		{"a certificate", {.failure = FAILURE_TLS}, true},
		{"too large", {.failure = FAILURE_TOO_LARGE}, true},
		{"too many redirects", {.failure = FAILURE_REDIRECT}, true},
		{"something else", {.failure = FAILURE_OTHER}, true},
		{"a success", {.failure = FAILURE_NONE, .status = 200}, false},
		{"a bad request", {.failure = FAILURE_INPUT}, false},
		{"a full disk", {.failure = FAILURE_WRITE}, false},
		{"a command", {.failure = FAILURE_EXEC}, false},
		{"canceled", {.failure = FAILURE_CANCELED}, false},
		{"the deadline", {.failure = FAILURE_DEADLINE}, false},
	};
	static const struct rules any_error = {.is_any_error = true};

	(void)state;
	case_whether(&any_error, cases, COUNT(cases));
}

static void statuses_that_are_listed_take_the_place_of_the_usual_ones(void **state)
{
	static const struct whether cases[] = {
		{"one of them", STATUS(404), true},
		{"the first of a range", STATUS(520), true},
		{"the last of a range", STATUS(529), true},
		{"behind a range", STATUS(530), false},
		{"a usual one", STATUS(503), false},
		{"another usual one", STATUS(429), false},
		{"a success: not ready yet", {.failure = FAILURE_NONE, .status = 202}, true},
		{"a listed status of a proxy", REFUSED(404), true},
		{"another status of a proxy", REFUSED(429), false},
		{"another success", {.failure = FAILURE_NONE, .status = 200}, false},
		{"a success of a POST",
	         {.failure = FAILURE_NONE, .status = 202, .method = "POST"},
	         false},
		{"a success without a status", {.failure = FAILURE_NONE}, false},
		{"what is no status still counts", {.failure = FAILURE_TIMEOUT}, true},
		{"and so does this", {.failure = FAILURE_CONNECT}, true},
		{"a listed status, but too large",
	         {.failure = FAILURE_TOO_LARGE, .status = 404},
	         false},
	};
	static const struct whether cases_any[] = {
		{"listed", STATUS(404), true},
		{"not listed, but an error", STATUS(503), true},
		{"a listed success", {.failure = FAILURE_NONE, .status = 202}, true},
		{"a listed success of a POST",
	         {.failure = FAILURE_NONE, .status = 202, .method = "POST"},
	         true},
		{"another success", {.failure = FAILURE_NONE, .status = 200}, false},
		{"canceled after a listed status",
	         {.failure = FAILURE_CANCELED, .status = 404},
	         false},
	};
	static const struct rules listed = {.statuses = "202,404,520-529"},
				  both = {.statuses = "202,404", .is_any_error = true};

	(void)state;
	case_whether(&listed, cases, COUNT(cases));
	case_whether(&both, cases_any, COUNT(cases_any));
}

static void there_are_so_many_retries_and_no_more(void **state)
{
	struct attempt attempt = STATUS(503);
	struct rules rules = {0};

	(void)state;
	for (rules.retries = 1; rules.retries < 20; rules.retries++) {
		for (attempt.number = 1; attempt.number < 25; attempt.number++)
			assert_int_equal(ask(&rules, &attempt, 0, 0.5) >= 0,
			                 attempt.number <= rules.retries);
	}
}

/* Options that say none, and a result that no attempt has made. */
static void without_retries_or_attempts_there_is_none(void **state)
{
	struct retry_options options = {.pause_max_us = 60 * S_US};
	struct attempt attempt = STATUS(503);
	struct fetch_options how;
	struct result result;

	(void)state;
	make_result(&attempt, &how, &result);
	assert_int_equal(retry_delay_us(&options, &result, 0, 0.5), -1);
	options.is_any_error = true;
	assert_int_equal(retry_delay_us(&options, &result, 0, 0.5), -1);
	options.retries = 3;
	assert_int_equal(retry_delay_us(&options, &result, 0, 0.5), S_US / 2);
	result.attempts = 0;
	assert_int_equal(retry_delay_us(&options, &result, 0, 0.5), -1);
	result.http_code = 429;
	assert_int_equal(retry_pause_us(&options, &result), 0);
	result_release(&result);
}

/* ---- when ---- */

static void the_delay_doubles_and_has_jitter(void **state)
{
	static const struct {
		const char *name;
		unsigned number;
		double jitter;
		int64_t delay_us;
	} cases[] = {
		{"the first", 1, 0.5, S_US / 2},
		{"the first, no jitter", 1, 0, 0},
		{"the first, almost all", 1, 0.999999, 999999},
		{"the second", 2, 0.5, S_US},
		{"the third", 3, 0.5, 2 * S_US},
		{"the fourth", 4, 0.25, 2 * S_US},
		{"the fifth", 5, 0.5, 8 * S_US},
		{"the sixth", 6, 0.5, 16 * S_US},
		{"the seventh is bounded", 7, 0.5, 30 * S_US},
		{"the eighth too", 8, 0.5, 30 * S_US},
		{"the last that a number can name", UINT32_MAX, 0.5, 30 * S_US},
	};
	static const struct rules rules = {.retries = UINT64_MAX};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct attempt attempt = STATUS(503);

		attempt.number = cases[i].number;
		case_int(cases[i].name, ask(&rules, &attempt, 0, cases[i].jitter),
		         cases[i].delay_us);
	}
}

static void a_delay_that_was_asked_for_is_always_the_same(void **state)
{
	static const struct rules rules = {.delay_us = 250000, .retries = 100};
	struct attempt attempt = STATUS(503);

	(void)state;
	for (attempt.number = 1; attempt.number <= 100; attempt.number++) {
		for (double jitter = 0; jitter < 1; jitter += 0.3)
			assert_int_equal(ask(&rules, &attempt, 0, jitter), 250000);
	}
}

static void the_server_says_when(void **state)
{
	static const struct {
		const char *name;
		struct rules rules;
		int status;
		int64_t retry_after_us, delay_us;
	} cases[] = {
		{"later than we would", {0}, 503, 7 * S_US, 7 * S_US},
		{"as late as we may wait", {0}, 503, 60 * S_US, 60 * S_US},
		{"later than we may wait", {0}, 503, 61 * S_US, 60 * S_US},
		{"in a year", {0}, 503, 31536000 * S_US, 60 * S_US},
		{"sooner than we would", {0}, 503, S_US / 4, S_US / 2},
		{"now", {0}, 503, NOW, S_US / 2},
		{"nothing", {0}, 503, 0, S_US / 2},
		{"429", {0}, 429, 7 * S_US, 7 * S_US},
		/* Its host is left alone for longer than that: scheduler_hear(). */
		{"429, nothing", {0}, 429, 0, S_US / 2},
		{"with a delay that is longer", {.delay_us = 8 * S_US}, 503, 7 * S_US, 8 * S_US},
		{"with a delay that is shorter", {.delay_us = S_US}, 503, 7 * S_US, 7 * S_US},
		{"we do not wait so long", {.pause_max_us = 2 * S_US}, 503, 7 * S_US, 2 * S_US},
		{"we do not wait at all", {.pause_max_us = NOW}, 503, 7 * S_US, S_US / 2},
		{"our own delay is not bounded by that",
	         {.pause_max_us = S_US, .delay_us = 5 * S_US},
	         503,
	         7 * S_US,
	         5 * S_US},
		{"on a 500", {0}, 500, 7 * S_US, 7 * S_US},
		{"on a status that is listed", {.statuses = "403"}, 403, 7 * S_US, 7 * S_US},
		{"on a success that is listed", {.statuses = "202"}, 202, 7 * S_US, 7 * S_US},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct attempt attempt = STATUS(cases[i].status);

		attempt.retry_after_us = cases[i].retry_after_us;
		case_int(cases[i].name, ask(&cases[i].rules, &attempt, 0, 0.5), cases[i].delay_us);
	}
}

static void none_begins_too_late(void **state)
{
	static const struct {
		const char *name;
		struct rules rules;
		int64_t elapsed_us, retry_after_us, delay_us;
	} cases[] = {
		{"no limit", {0}, INT64_C(1) << 60, 0, S_US / 2},
		{"long before", {.max_time_us = 10 * S_US}, 0, 0, S_US / 2},
		{"in time", {.max_time_us = 10 * S_US}, 9499999, 0, S_US / 2},
		{"just in time", {.max_time_us = 10 * S_US}, 9500000, 0, S_US / 2},
		{"just too late", {.max_time_us = 10 * S_US}, 9500001, 0, -1},
		{"the time is over", {.max_time_us = 10 * S_US}, 11 * S_US, 0, -1},
		{"the server wants it later", {.max_time_us = 10 * S_US}, 0, 11 * S_US, -1},
		{"as late as the server wants",
	         {.max_time_us = 10 * S_US},
	         0,
	         10 * S_US,
	         10 * S_US},
		{"a delay that is too long", {.max_time_us = S_US, .delay_us = 2 * S_US}, 0, 0, -1},
		{"a delay that just fits", {.max_time_us = S_US, .delay_us = S_US}, 0, 0, S_US},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct attempt attempt = STATUS(503);

		attempt.retry_after_us = cases[i].retry_after_us;
		case_int(cases[i].name, ask(&cases[i].rules, &attempt, cases[i].elapsed_us, 0.5),
		         cases[i].delay_us);
	}
}

static void a_rate_limit_says_when(void **state)
{
	static const struct {
		const char *name;
		struct attempt attempt;
		int64_t delay_us;
	} cases[] = {
		{"later than we would",
	         {.status = 500, .failure = FAILURE_HTTP, .rate_limit_us = 7 * S_US},
	         7 * S_US},
		{"Retry-After is preferred",
	         {.status = 429,
	          .failure = FAILURE_HTTP,
	          .retry_after_us = 3 * S_US,
	          .rate_limit_us = 7 * S_US},
	         3 * S_US},
		{"also where it is now",
	         {.status = 429,
	          .failure = FAILURE_HTTP,
	          .retry_after_us = NOW,
	          .rate_limit_us = 7 * S_US},
	         S_US / 2},
		{"of a proxy",
	         {.failure = FAILURE_CONNECT, .refused_connect = 429, .retry_after_us = 3 * S_US},
	         3 * S_US},
	};
	static const struct rules usual = {0};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		case_int(cases[i].name, ask(&usual, &cases[i].attempt, 0, 0.5), cases[i].delay_us);
}

/* ---- the host ---- */

static void a_host_that_says_so_is_left_alone(void **state)
{
	static const struct {
		const char *name;
		struct rules rules;
		struct attempt attempt;
		int64_t pause_us;
	} cases[] = {
		{"a success", {0}, {.status = 200}, 0},
		{"503 that says nothing", {0}, STATUS(503), 0},
		{"500", {0}, STATUS(500), 0},
		{"a timeout", {0}, {.failure = FAILURE_TIMEOUT}, 0},
		{"no connection", {0}, {.failure = FAILURE_CONNECT}, 0},

		{"503 with a time", {0}, {.status = 503, .retry_after_us = 5 * S_US}, 5 * S_US},
		{"429 with a time", {0}, {.status = 429, .retry_after_us = 5 * S_US}, 5 * S_US},
		{"429 with a short time", {0}, {.status = 429, .retry_after_us = 5}, 5},
		/* The last that was left of a rate limit. */
		{"a success with a rate limit",
	         {0},
	         {.status = 200, .rate_limit_us = 5 * S_US},
	         5 * S_US},
		{"a rate limit that begins anew now",
	         {0},
	         {.status = 200, .rate_limit_us = NOW},
	         0},
		{"403 with a time", {0}, {.status = 403, .retry_after_us = 5 * S_US}, 5 * S_US},
		/* When to look again whether it is done. */
		{"202 with a time", {0}, {.status = 202, .retry_after_us = 5 * S_US}, 0},
		{"500 with a time", {0}, {.status = 500, .retry_after_us = 5 * S_US}, 0},
		{"202 with both",
	         {0},
	         {.status = 202, .retry_after_us = 5 * S_US, .rate_limit_us = 3 * S_US},
	         3 * S_US},
		{"429 with both",
	         {0},
	         {.status = 429, .retry_after_us = 5 * S_US, .rate_limit_us = 9 * S_US},
	         5 * S_US},
		{"429 with a rate limit",
	         {0},
	         {.status = 429, .rate_limit_us = 9 * S_US},
	         9 * S_US},
		{"429 that says now", {0}, {.status = 429, .retry_after_us = NOW}, 0},
		{"429 with a rate limit that begins anew now",
	         {0},
	         {.status = 429, .rate_limit_us = NOW},
	         0},
		{"403 that says nothing", {0}, STATUS(403), 0},
		{"a proxy with a time",
	         {0},
	         {.failure = FAILURE_CONNECT, .refused_connect = 503, .retry_after_us = 5 * S_US},
	         5 * S_US},
		{"a proxy that forbids it", {0}, REFUSED(403), 0},
		{"429 of a proxy that says nothing", {0}, REFUSED(429), S_US},
		{"503 to a POST, with a time",
	         {0},
	         {.status = 503, .retry_after_us = 5 * S_US, .method = "POST"},
	         5 * S_US},
		{"after the last attempt",
	         {.retries = 1},
	         {.status = 503, .retry_after_us = 5 * S_US, .number = 2},
	         5 * S_US},

		{"a time that is too long",
	         {0},
	         {.status = 429, .retry_after_us = 61 * S_US},
	         60 * S_US},
		{"a bound of ours",
	         {.pause_max_us = 2 * S_US},
	         {.status = 429, .retry_after_us = 5 * S_US},
	         2 * S_US},
		{"none wanted",
	         {.pause_max_us = NOW},
	         {.status = 429, .retry_after_us = 5 * S_US},
	         0},

		{"429 that says nothing", {0}, STATUS(429), S_US},
		{"429 that is accepted", {0}, {.status = 429}, S_US},
		{"429 for the third time: still the first",
	         {0},
	         {.status = 429, .number = 3},
	         S_US},
		{"429, and a delay", {.delay_us = 3 * S_US}, STATUS(429), 3 * S_US},
		{"429, a delay and a bound",
	         {.delay_us = 3 * S_US, .pause_max_us = 2 * S_US},
	         STATUS(429),
	         2 * S_US},
		{"429, none wanted", {.pause_max_us = NOW}, STATUS(429), 0},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		case_int(cases[i].name, ask_pause(&cases[i].rules, &cases[i].attempt),
		         cases[i].pause_us);
}

/* Without retries too: others go to the same host. */
static void a_pause_needs_no_retries(void **state)
{
	struct retry_options options = {.pause_max_us = 60 * S_US};
	struct attempt attempt = STATUS(429);
	struct fetch_options how;
	struct result result;

	(void)state;
	make_result(&attempt, &how, &result);
	assert_int_equal(retry_pause_us(&options, &result), S_US);
	result.retry_after_us = 9 * S_US;
	assert_int_equal(retry_pause_us(&options, &result), 9 * S_US);
	result_release(&result);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_request_may_say_how_often),
		cmocka_unit_test(what_may_succeed_later_is_tried_again),
		cmocka_unit_test(what_was_sent_is_tried_again_only_when_it_is_idempotent),
		cmocka_unit_test(any_error_is_any_but_what_fails_anew_each_time),
		cmocka_unit_test(statuses_that_are_listed_take_the_place_of_the_usual_ones),
		cmocka_unit_test(there_are_so_many_retries_and_no_more),
		cmocka_unit_test(without_retries_or_attempts_there_is_none),
		cmocka_unit_test(the_delay_doubles_and_has_jitter),
		cmocka_unit_test(a_delay_that_was_asked_for_is_always_the_same),
		cmocka_unit_test(the_server_says_when),
		cmocka_unit_test(a_rate_limit_says_when),
		cmocka_unit_test(none_begins_too_late),
		cmocka_unit_test(a_host_that_says_so_is_left_alone),
		cmocka_unit_test(a_pause_needs_no_retries),
	};

	return UNIT_RUN(tests);
}
