/*
 * output/stats: what a run comes to, as JSON and in words.
 */
#include "unit.h"

#include <cjson/cJSON.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/mem.h"
#include "output/latency.h"
#include "output/stats.h"
#include "transfer/result.h"

/* What matters of a result here; attempts 0 is one that never began. */
struct outcome {
	unsigned attempts;
	int http_code;
	enum failure failure;
	int64_t time_us, bytes, connects;
};

static void add_outcome(struct stats *stats, const struct outcome *outcome)
{
	struct result r;

	result_init(&r);
	r.attempts = outcome->attempts;
	r.http_code = outcome->http_code;
	if (outcome->failure)
		result_fail(&r, outcome->failure, "words");
	if (r.attempts)
		r.time_total_us = outcome->time_us;
	r.was_sent = r.attempts && outcome->failure != FAILURE_DNS;
	r.size_download = outcome->bytes;
	r.num_connects = outcome->connects;
	stats_add(stats, &r);
	result_release(&r);
}

static struct stats *stats_of(const struct outcome *outcomes, size_t count, int64_t wall_us)
{
	struct stats *stats = mem_zero(1, sizeof(*stats));

	for (size_t i = 0; i < count; i++)
		add_outcome(stats, &outcomes[i]);
	stats->wall_us = wall_us;
	return stats;
}

static char *json_of(const struct stats *stats)
{
	struct buf out;
	struct json json;
	size_t len;

	buf_init(&out, BUF_UNLIMITED);
	json_init(&json, &out);
	stats_put_json(&json, stats);
	return buf_take(&out, &len);
}

static char *text_of(const struct stats *stats, bool has_color)
{
	struct buf out;
	size_t len;

	buf_init(&out, BUF_UNLIMITED);
	stats_put_text(&out, stats, has_color);
	return buf_take(&out, &len);
}

#define OUTCOMES(...) \
	(const struct outcome[]){__VA_ARGS__}, COUNT(((const struct outcome[]){__VA_ARGS__}))

/* ---- the cases, in both forms ---- */

struct summary {
	const char *name;
	const struct outcome *outcomes;
	size_t count;
	int64_t wall_us;
	const char *json, *text;
};

static const struct summary summaries[] = {
	{"no results", NULL, 0, 0,
         "{\"requests\":0,\"ok\":0,\"failed\":0,\"skipped\":0,\"retries\":0,\"bytes\":0,\"wall\":0."
         "000000,"
         "\"transfer_time\":0.000000,\"concurrency_gain\":0.000,\"rate\":0.000,"
         "\"latency\":null,\"status\":{},\"errors\":{},\"connections\":0}",
         "0 requests in 0 us: 0 ok, 0 failed\n"},

	{"one result", OUTCOMES({1, 200, FAILURE_NONE, 100000, 1000, 1}), 200000,
         "{\"requests\":1,\"ok\":1,\"failed\":0,\"skipped\":0,\"retries\":0,\"bytes\":1000,"
         "\"wall\":0.200000,"
         "\"transfer_time\":0.100000,\"concurrency_gain\":0.500,\"rate\":5.000,"
         "\"latency\":{\"min\":0.100000,\"p50\":0.100000,\"p90\":0.100000,\"p95\":0.100000,"
         "\"p99\":0.100000,\"p99.9\":0.100000,"
         "\"max\":0.100000,\"mean\":0.100000},"
         "\"status\":{\"200\":1},\"errors\":{},\"connections\":1}",
         "1 request in 200 ms: 1 ok, 0 failed\n"
         "  rate         5.0/s, 5.0 kB/s (1.0 kB)\n"
         "  concurrency  100 ms of transfers: 0.5 x, 1 connection\n"
         "  latency      min 100 ms  p50 100 ms  p90 100 ms  p95 100 ms  p99 100 ms  p99.9 100 ms  "
         "max 100 ms\n"
         "  phases p50   receive 100 ms\n"
         "  status       200: 1\n"},

	{"all sorts",
         OUTCOMES({1, 200, FAILURE_NONE, 100, 10, 1}, {1, 200, FAILURE_NONE, 200, 20, 1},
                  {2, 301, FAILURE_NONE, 50, 0, 0}, {1, 404, FAILURE_HTTP, 250, 5, 0},
                  {4, 503, FAILURE_HTTP, 150, 7, 2}, {3, 0, FAILURE_CONNECT, 30, 0, 0},
                  {1, 0, FAILURE_DNS, 20, 0, 0}, {0, 0, FAILURE_INPUT, 0, 0, 0}),
         400,
         "{\"requests\":8,\"ok\":3,\"failed\":5,\"skipped\":0,\"retries\":6,\"bytes\":42,\"wall\":"
         "0.000400,"
         "\"transfer_time\":0.000800,\"concurrency_gain\":2.000,\"rate\":20000.000,"
         "\"latency\":{\"min\":0.000030,\"p50\":0.000100,\"p90\":0.000250,\"p95\":0.000250,"
         "\"p99\":0.000250,\"p99.9\":0.000250,"
         "\"max\":0.000250,\"mean\":0.000130},"
         "\"status\":{\"200\":2,\"301\":1,\"404\":1,\"503\":1},"
         "\"errors\":{\"input\":1,\"dns\":1,\"connect\":1,\"http\":2},\"connections\":4}",
         "8 requests in 400 us: 3 ok, 5 failed, 6 retries\n"
         "  rate         20000/s, 105 kB/s (42 B)\n"
         "  concurrency  800 us of transfers: 2.0 x, 4 connections\n"
         "  latency      min 30 us  p50 100 us  p90 250 us  p95 250 us  p99 250 us  p99.9 250 us  "
         "max 250 us\n"
         "  phases p50   dns 150 us  receive 100 us\n"
         "  status       200: 2  301: 1  404: 1  503: 1\n"
         "  errors       input: 1  dns: 1  connect: 1  http: 2\n"},

	{"only failures, none of which began",
         OUTCOMES({0, 0, FAILURE_INPUT, 0, 0, 0}, {0, 0, FAILURE_INPUT, 0, 0, 0},
                  {0, 0, FAILURE_CANCELED, 0, 0, 0}),
         1500000,
         "{\"requests\":3,\"ok\":0,\"failed\":3,\"skipped\":0,\"retries\":0,\"bytes\":0,\"wall\":1."
         "500000,"
         "\"transfer_time\":0.000000,\"concurrency_gain\":0.000,\"rate\":2.000,"
         "\"latency\":null,\"status\":{},\"errors\":{\"input\":2,\"canceled\":1},"
         "\"connections\":0}",
         "3 requests in 1.50 s: 0 ok, 3 failed\n"
         "  errors       input: 2  canceled: 1\n"},

	{"one failure that got no answer", OUTCOMES({1, 0, FAILURE_TIMEOUT, 2000000, 0, 0}),
         2000000,
         "{\"requests\":1,\"ok\":0,\"failed\":1,\"skipped\":0,\"retries\":0,\"bytes\":0,\"wall\":2."
         "000000,"
         "\"transfer_time\":2.000000,\"concurrency_gain\":1.000,\"rate\":0.500,"
         "\"latency\":{\"min\":2.000000,\"p50\":2.000000,\"p90\":2.000000,\"p95\":2.000000,"
         "\"p99\":2.000000,\"p99.9\":2.000000,"
         "\"max\":2.000000,\"mean\":2.000000},"
         "\"status\":{},\"errors\":{\"timeout\":1},\"connections\":0}",
         "1 request in 2.00 s: 0 ok, 1 failed\n"
         "  rate         0.5/s, 0 B/s (0 B)\n"
         "  concurrency  2.00 s of transfers: 1.0 x, 0 connections\n"
         "  latency      min 2.00 s  p50 2.00 s  p90 2.00 s  p95 2.00 s  p99 2.00 s  p99.9 2.00 s  "
         "max 2.00 s\n"
         "  phases p50   dns 2.00 s\n"
         "  errors       timeout: 1\n"},

	/* Their times say when the run ended, and nothing about the server. */
	{"what was cut off is in no latency",
         OUTCOMES({1, 200, FAILURE_NONE, 100, 8, 1}, {1, 200, FAILURE_CANCELED, 777, 3, 1},
                  {2, 0, FAILURE_DEADLINE, 888, 0, 0}),
         1000000,
         "{\"requests\":3,\"ok\":1,\"failed\":2,\"skipped\":0,\"retries\":1,\"bytes\":11,\"wall\":"
         "1.000000,"
         "\"transfer_time\":0.000100,\"concurrency_gain\":0.000,\"rate\":3.000,"
         "\"latency\":{\"min\":0.000100,\"p50\":0.000100,\"p90\":0.000100,\"p95\":0.000100,"
         "\"p99\":0.000100,\"p99.9\":0.000100,"
         "\"max\":0.000100,\"mean\":0.000100},"
         "\"status\":{\"200\":2},\"errors\":{\"canceled\":1,\"deadline\":1},\"connections\":2}",
         "3 requests in 1.00 s: 1 ok, 2 failed, 1 retry\n"
         "  rate         3.0/s, 11 B/s (11 B)\n"
         "  concurrency  100 us of transfers: 0.0 x, 2 connections\n"
         "  latency      min 100 us  p50 100 us  p90 100 us  p95 100 us  p99 100 us  p99.9 100 us  "
         "max 100 us\n"
         "  phases p50   receive 100 us\n"
         "  status       200: 2\n"
         "  errors       canceled: 1  deadline: 1\n"},

	/* file: and ftp: have none. */
	{"a success without a status", OUTCOMES({1, 0, FAILURE_NONE, 100, 8, 0}), 100,
         "{\"requests\":1,\"ok\":1,\"failed\":0,\"skipped\":0,\"retries\":0,\"bytes\":8,\"wall\":0."
         "000100,"
         "\"transfer_time\":0.000100,\"concurrency_gain\":1.000,\"rate\":10000.000,"
         "\"latency\":{\"min\":0.000100,\"p50\":0.000100,\"p90\":0.000100,\"p95\":0.000100,"
         "\"p99\":0.000100,\"p99.9\":0.000100,"
         "\"max\":0.000100,\"mean\":0.000100},"
         "\"status\":{},\"errors\":{},\"connections\":0}",
         "1 request in 100 us: 1 ok, 0 failed\n"
         "  rate         10000/s, 80 kB/s (8 B)\n"
         "  concurrency  100 us of transfers: 1.0 x, 0 connections\n"
         "  latency      min 100 us  p50 100 us  p90 100 us  p95 100 us  p99 100 us  p99.9 100 us  "
         "max 100 us\n"
         "  phases p50   receive 100 us\n"},
};

/* Takes a member that is an object out of text: it has a test of its own. */
static void cut(char *text, const char *member)
{
	char *name = mem_printf("\"%s\":{", member), *start = strstr(text, name), *end;
	int depth = 1;

	assert_non_null(start);
	for (end = start + strlen(name); depth; end++)
		depth += (*end == '{') - (*end == '}');
	memmove(start, end + 1, strlen(end + 1) + 1);
	free(name);
}

static void the_summary_as_json(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(summaries); i++) {
		const struct summary *c = &summaries[i];
		struct stats *stats = stats_of(c->outcomes, c->count, c->wall_us);
		char *text = json_of(stats);
		cJSON *json = cJSON_ParseWithOpts(text, NULL, true);

		case_true(c->name, cJSON_IsObject(json));
		cut(text, "phases");
		cut(text, "status_latency");
		case_text(c->name, text, c->json);
		cJSON_Delete(json);
		free(text);
		free(stats);
	}
}

static void the_summary_in_words(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(summaries); i++) {
		const struct summary *c = &summaries[i];
		struct stats *stats = stats_of(c->outcomes, c->count, c->wall_us);
		char *text = text_of(stats, false);

		case_text(c->name, text, c->text);
		free(text);
		free(stats);
	}
}

static void the_members_are_those_of_the_interface(void **state)
{
	static const char *const members[] = {
		"requests",    "ok",     "failed",        "skipped",          "retries",
		"bytes",       "wall",   "transfer_time", "concurrency_gain", "rate",
		"latency",     "phases", "status",        "status_latency",   "errors",
		"connections",
	};
	static const char *const latencies[] = {"min", "p50",   "p90", "p95",
	                                        "p99", "p99.9", "max", "mean"};
	struct stats *stats = stats_of(OUTCOMES({1, 200, FAILURE_NONE, 1, 1, 1}), 1);
	char *text = json_of(stats);
	cJSON *json = cJSON_Parse(text), *latency = cJSON_GetObjectItem(json, "latency");

	(void)state;
	for (size_t i = 0; i < COUNT(members); i++)
		case_true(members[i], cJSON_HasObjectItem(json, members[i]));
	case_int("members", cJSON_GetArraySize(json), COUNT(members));
	for (size_t i = 0; i < COUNT(latencies); i++)
		case_true(latencies[i], cJSON_IsNumber(cJSON_GetObjectItem(latency, latencies[i])));
	case_int("latencies", cJSON_GetArraySize(latency), COUNT(latencies));
	cJSON_Delete(json);
	free(text);
	free(stats);
}

static void percentiles_have_their_names(void **state)
{
	struct outcome outcomes[200];
	struct stats *stats;
	char *text;

	(void)state;
	/* 200, 199, ..., 1 microseconds: p50 is 100, and so on. */
	for (size_t i = 0; i < COUNT(outcomes); i++)
		outcomes[i] = (struct outcome){1, 200, FAILURE_NONE, (int64_t)(200 - i), 0, 0};
	stats = stats_of(outcomes, COUNT(outcomes), 1000);
	text = json_of(stats);
	assert_non_null(strstr(text, "\"latency\":{\"min\":0.000001,\"p50\":0.000100,"
	                             "\"p90\":0.000180,\"p95\":0.000190,"
	                             "\"p99\":0.000198,\"p99.9\":0.000200,\"max\":0.000200,"
	                             "\"mean\":0.000100}"));
	free(text);
	text = text_of(stats, false);
	assert_non_null(strstr(text, "min 1 us  p50 100 us  p90 180 us  p95 190 us  p99 198 us  "
	                             "p99.9 200 us  max 200 us\n"));
	free(text);
	free(stats);
}

static void only_failures_are_red(void **state)
{
	struct stats *good = stats_of(OUTCOMES({1, 200, FAILURE_NONE, 1, 1, 1}), 1000);
	struct stats *bad = stats_of(OUTCOMES({0, 0, FAILURE_INPUT, 0, 0, 0}), 1000);
	char *text;

	(void)state;
	text = text_of(good, true);
	assert_null(strchr(text, '\033'));
	free(text);
	text = text_of(bad, true);
	assert_string_equal(text, "1 request in 1.0 ms: 0 ok, \033[31m1 failed\033[0m\n"
	                          "  errors       \033[31minput\033[0m: 1\n");
	free(text);
	text = text_of(bad, false);
	assert_null(strchr(text, '\033'));
	free(text);
	free(good);
	free(bad);
}

static void the_rate_has_a_decimal_when_it_is_small(void **state)
{
	static const struct {
		const char *name;
		int64_t wall_us;
		const char *expected;
	} cases[] = {
		{"one in an hour", 3600000000, "rate         0.0/s,"},
		{"one in ten seconds", 10000000, "rate         0.1/s,"},
		{"one in a second", 1000000, "rate         1.0/s,"},
		{"99.0 in a second", 10101, "rate         99.0/s,"},
		{"100 in a second", 10000, "rate         100/s,"},
		{"a million in a second", 1, "rate         1000000/s,"},
		{"no time at all", 0, "rate         0.0/s,"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct stats *stats =
			stats_of(OUTCOMES({1, 200, FAILURE_NONE, 1, 0, 1}), cases[i].wall_us);
		char *text = text_of(stats, false);

		if (!strstr(text, cases[i].expected))
			fail_msg("%s: %s", cases[i].name, text);
		free(text);
		free(stats);
	}
}

static void every_class_has_its_place(void **state)
{
	struct stats *stats = mem_zero(1, sizeof(*stats));
	char *text;
	cJSON *json, *errors;

	(void)state;
	for (int failure = 0; failure < FAILURES; failure++) {
		for (int i = 0; i <= failure; i++) {
			struct outcome outcome = {.failure = (enum failure)failure};
			struct stats *one = stats_of(&outcome, 1, 0);

			stats->requests += one->requests;
			stats->ok += one->ok;
			stats->failures[failure] += one->failures[failure];
			free(one);
		}
	}
	text = json_of(stats);
	json = cJSON_Parse(text);
	errors = cJSON_GetObjectItem(json, "errors");
	case_int("classes", cJSON_GetArraySize(errors), FAILURES - 1);
	for (int failure = 1; failure < FAILURES; failure++) {
		const char *name = failure_name((enum failure)failure);

		case_true(name, cJSON_GetObjectItem(errors, name));
		case_int(name, cJSON_GetObjectItem(errors, name)->valueint, failure + 1);
	}
	case_int("ok", cJSON_GetObjectItem(json, "ok")->valueint, 1);
	cJSON_Delete(json);
	free(text);
	free(stats);
}

static void any_status_of_a_server_is_counted_or_left_out(void **state)
{
	static const int codes[] = {-1,  0,   1,    99,   100,   599,
	                            600, 999, 1000, 1001, 65536, 2147483647};
	struct stats *stats = mem_zero(1, sizeof(*stats));
	uint64_t counted = 0;
	char *text;

	(void)state;
	for (size_t i = 0; i < COUNT(codes); i++) {
		struct result r;

		result_init(&r);
		r.attempts = 1;
		r.time_total_us = 1;
		r.was_sent = true;
		r.http_code = codes[i];
		stats_add(stats, &r);
		result_release(&r);
	}
	for (int status = 0; status < STATUS_LIMIT; status++)
		counted += stats->statuses[status];
	assert_int_equal(counted, 6);
	assert_int_equal(stats->requests, COUNT(codes));
	text = json_of(stats);
	assert_non_null(strstr(text,
	                       "\"status\":{\"001\":1,\"099\":1,\"100\":1,\"599\":1,\"600\":1,"
	                       "\"999\":1}"));
	free(text);
	free(stats);
}

static void large_numbers_stay_whole(void **state)
{
	struct stats *stats = stats_of(
		OUTCOMES({1, 200, FAILURE_NONE, 3600000000, INT64_C(1) << 60, 1000000},
	                 {4000000000u, 200, FAILURE_NONE, 3600000000, INT64_C(1) << 60, 1000000}),
		7200000000);
	char *text = json_of(stats);

	(void)state;
	assert_non_null(strstr(text, "\"retries\":3999999999,"));
	assert_non_null(strstr(text, "\"bytes\":2305843009213693952,"));
	assert_non_null(strstr(text, "\"wall\":7200.000000,"));
	assert_non_null(strstr(text, "\"transfer_time\":7200.000000,"));
	assert_non_null(strstr(text, "\"connections\":2000000}"));
	free(text);
	text = text_of(stats, false);
	assert_non_null(strstr(text, "2 requests in 2h00m: 2 ok, 0 failed, 3999999999 retries\n"));
	assert_non_null(strstr(text, "(2.3 EB)"));
	free(text);
	free(stats);
}

/* ---- phases and statuses ---- */

static cJSON *object_of(const struct stats *stats)
{
	char *text = json_of(stats);
	cJSON *json = cJSON_Parse(text);

	assert_non_null(json);
	free(text);
	return json;
}

/* Of the microseconds of a member of a latency; -1: there is none. */
static int64_t time_of(const cJSON *latencies, const char *name, const char *member)
{
	const cJSON *latency = cJSON_GetObjectItemCaseSensitive(latencies, name);

	if (!cJSON_IsObject(latency))
		return -1;
	case_int(name, cJSON_GetArraySize(latency), LATENCY_FIGURES);
	return (int64_t)(cJSON_GetObjectItem(latency, member)->valuedouble * 1e6 + 0.5);
}

/* Times of libcurl, as in test_phases.c; connects 0 is an old connection. */
static void add_timed(struct stats *stats, int64_t connects, int64_t queue_us, unsigned attempts)
{
	struct result r;

	result_init(&r);
	r.scheme = "http";
	r.http_code = 200;
	r.attempts = attempts;
	r.num_connects = connects;
	r.request.accepted_us = 1000000;
	r.time_queue_us = queue_us;
	r.started_us = 1000000 + queue_us + (attempts - 1) * 7000;
	r.time_namelookup_us = connects ? 10 : 1;
	r.time_connect_us = connects ? 30 : 1;
	r.time_pretransfer_us = connects ? 31 : 2;
	r.time_starttransfer_us = 100;
	r.time_total_us = 150;
	stats_add(stats, &r);
	result_release(&r);
}

static void a_phase_is_of_those_that_had_it(void **state)
{
	static const struct {
		const char *name, *member;
		int64_t expected;
	} cases[] = {
		{"queue", "min", 40},     {"queue", "max", 90},    {"earlier", "min", 7000},
		{"earlier", "max", 7000}, {"dns", "min", 10},      {"dns", "max", 10},
		{"connect", "min", 20},   {"connect", "max", 20},  {"tls", "min", -1},
		{"wait", "min", 70},      {"wait", "p50", 99},     {"wait", "max", 99},
		{"receive", "min", 50},   {"receive", "mean", 50},
	};
	struct stats *stats = mem_zero(1, sizeof(*stats));
	cJSON *json, *phases;
	char *text;

	(void)state;
	add_timed(stats, 1, 40, 1);
	for (int i = 0; i < 9; i++)
		add_timed(stats, 0, 90, i ? 1 : 2);
	json = object_of(stats);
	phases = cJSON_GetObjectItem(json, "phases");
	case_int("phases", cJSON_GetArraySize(phases), PHASES);
	for (int phase = 0; phase < PHASES; phase++)
		case_text("order", cJSON_GetArrayItem(phases, phase)->string,
		          phase_name((enum phase)phase));
	for (size_t i = 0; i < COUNT(cases); i++)
		case_int(cases[i].name, time_of(phases, cases[i].name, cases[i].member),
		         cases[i].expected);
	assert_true(cJSON_IsNull(cJSON_GetObjectItem(phases, "tls")));
	cJSON_Delete(json);
	/* Nothing of TLS, and not what comes before the latency. */
	text = text_of(stats, false);
	assert_non_null(strstr(text, "\n  phases p50   dns 10 us  connect 20 us  wait 99 us  "
	                             "receive 50 us\n"));
	free(text);
	free(stats);
}

static void each_status_has_its_latency(void **state)
{
	struct stats *stats = stats_of(
		OUTCOMES({1, 503, FAILURE_HTTP, 9, 0, 0}, {1, 200, FAILURE_NONE, 100, 0, 0},
	                 {1, 200, FAILURE_NONE, 200, 0, 0}, {1, 0, FAILURE_DNS, 777, 0, 0},
	                 {1, 404, FAILURE_CANCELED, 888, 0, 0}),
		1000);
	cJSON *json = object_of(stats), *latencies = cJSON_GetObjectItem(json, "status_latency");

	(void)state;
	/* What was cut off has a status, but no latency. */
	case_int("statuses", cJSON_GetArraySize(cJSON_GetObjectItem(json, "status")), 3);
	case_int("latencies", cJSON_GetArraySize(latencies), 2);
	case_text("in their order", cJSON_GetArrayItem(latencies, 0)->string, "200");
	case_int("min", time_of(latencies, "200", "min"), 100);
	case_int("p50", time_of(latencies, "200", "p50"), 100);
	case_int("max", time_of(latencies, "200", "max"), 200);
	case_int("mean", time_of(latencies, "200", "mean"), 150);
	case_int("503", time_of(latencies, "503", "max"), 9);
	cJSON_Delete(json);
	free(stats);
}

static void statuses_beyond_the_first_share_a_latency(void **state)
{
	struct stats *stats = mem_zero(1, sizeof(*stats));
	cJSON *json, *latencies;

	(void)state;
	for (int status = STATUS_LIMIT - 1; status > 0; status--) {
		struct outcome outcome = {1, status, FAILURE_NONE, status, 0, 0};

		add_outcome(stats, &outcome);
	}
	json = object_of(stats);
	latencies = cJSON_GetObjectItem(json, "status_latency");
	case_int("statuses", cJSON_GetArraySize(cJSON_GetObjectItem(json, "status")), 999);
	case_int("latencies", cJSON_GetArraySize(latencies), STATUS_PLACES + 1);
	case_int("the first", time_of(latencies, "999", "p50"), 999);
	case_int("the last with its own", time_of(latencies, "984", "p50"), 984);
	case_int("others, from", time_of(latencies, "other", "min"), 1);
	case_int("others, to", time_of(latencies, "other", "max"), 983);
	cJSON_Delete(json);
	free(stats);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_summary_as_json),
		cmocka_unit_test(the_summary_in_words),
		cmocka_unit_test(the_members_are_those_of_the_interface),
		cmocka_unit_test(percentiles_have_their_names),
		cmocka_unit_test(only_failures_are_red),
		cmocka_unit_test(the_rate_has_a_decimal_when_it_is_small),
		cmocka_unit_test(every_class_has_its_place),
		cmocka_unit_test(any_status_of_a_server_is_counted_or_left_out),
		cmocka_unit_test(large_numbers_stay_whole),
		cmocka_unit_test(a_phase_is_of_those_that_had_it),
		cmocka_unit_test(each_status_has_its_latency),
		cmocka_unit_test(statuses_beyond_the_first_share_a_latency),
	};

	return UNIT_RUN(tests);
}
