/*
 * output/job_text: a request as a line that a list may hold.
 */
#include "unit.h"

#include <cjson/cJSON.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/mem.h"
#include "output/job_text.h"
#include "transfer/options.h"
#include "transfer/request.h"
#include "transfer/session.h"

#define NO_TEXT ": it is not UTF-8, or has a NUL"

struct line {
	const char *name, *url, *method;
	bool wants_head;
	const char *body; /* NULL: none */
	const char *headers[8];
	const char *settings[8]; /* NAME=VALUE */
	const char *job[3];      /* id, meta and output; then there is a depth of 3 and no retry */
	const char *expected;    /* or "! words" */
};

static void set(struct fetch_options *options, const char *setting)
{
	char *name = mem_text(setting), *value = strchr(name, '=');

	*value++ = '\0';
	case_err(setting, fetch_options_set(options, name, value, NULL), ERR_NONE);
	free(name);
}

static char *line_of(const struct line *c)
{
	struct fetch_options options;
	struct request request;
	struct error e = {""};
	struct buf out;
	size_t len;

	fetch_options_init(&options);
	options.method = mem_text(c->method);
	options.wants_head = c->wants_head;
	if (c->body) {
		options.has_body = true;
		case_err(c->name, buf_add(&options.body, c->body, strlen(c->body)), ERR_NONE);
	}
	for (size_t i = 0; c->headers[i]; i++)
		case_err(c->name, fetch_options_set(&options, "HTTPHEADER", c->headers[i], NULL),
		         ERR_NONE);
	for (size_t i = 0; c->settings[i]; i++)
		set(&options, c->settings[i]);
	fetch_options_seal(&options);
	request_init(&request);
	request.options = &options;
	buf_put_text(&request.url, c->url);
	if (*c->job) {
		buf_put_text(&request.id, c->job[0]);
		buf_put_text(&request.meta, c->job[1]);
		buf_put_text(&request.output, c->job[2]);
		request.has_retries = true;
		request.depth = 3;
	}
	buf_init(&out, BUF_UNLIMITED);
	buf_put_text(&out, "before");
	if (job_text_put(&out, &request, &e))
		buf_printf(&out, " ! %s", e.text);
	buf_consume(&out, strlen("before"));
	request_release(&request);
	fetch_options_release(&options);
	return buf_take(&out, &len);
}

static const struct line lines[] = {
	{.name = "a plain GET", .url = "http://h/", .expected = "{\"url\":\"http://h/\"}\n"},
	{.name = "a GET that was asked for",
         .url = "http://h/",
         .method = "GET",
         .expected = "{\"url\":\"http://h/\"}\n"},
	{.name = "another method",
         .url = "http://h/",
         .method = "DELETE",
         .expected = "{\"url\":\"http://h/\",\"method\":\"DELETE\"}\n"},
	{.name = "a method in lower case is another",
         .url = "http://h/",
         .method = "get",
         .expected = "{\"url\":\"http://h/\",\"method\":\"get\"}\n"},
	{.name = "HEAD",
         .url = "http://h/",
         .wants_head = true,
         .expected = "{\"url\":\"http://h/\",\"method\":\"HEAD\"}\n"},
	{.name = "a body",
         .url = "http://h/",
         .body = "a=1&b=2",
         .expected = "{\"url\":\"http://h/\",\"method\":\"POST\",\"body\":\"a=1&b=2\"}\n"},
	{.name = "an empty body",
         .url = "http://h/",
         .body = "",
         .expected = "{\"url\":\"http://h/\",\"method\":\"POST\",\"body\":\"\"}\n"},
	{.name = "PUT with a body",
         .url = "http://h/",
         .method = "PUT",
         .body = "x",
         .expected = "{\"url\":\"http://h/\",\"method\":\"PUT\",\"body\":\"x\"}\n"},
	{.name = "GET with a body",
         .url = "http://h/",
         .method = "GET",
         .body = "x",
         .expected = "{\"url\":\"http://h/\",\"method\":\"GET\",\"body\":\"x\"}\n"},
	/* Without a scheme as with one: the line is to be fetched again, so nothing is masked. */
	{.name = "the URL as it is",
         .url = "me:secret@h/\"\\?q=\xc3\xa9#[1-2]",
         .expected = "{\"url\":\"me:secret@h/\\\"\\\\?q=\xc3\xa9#[1-2]\"}\n"},
	{.name = "control characters",
         .url = "http://h/",
         .body = "\n\t\x01\x7f",
         .expected = "{\"url\":\"http://h/\",\"method\":\"POST\","
                     "\"body\":\"\\n\\t\\u0001\\u007f\"}\n"},

	{.name = "a header",
         .url = "u",
         .headers = {"Accept: text/html"},
         .expected = "{\"url\":\"u\",\"headers\":{\"Accept\":[\"text/html\"]}}\n"},
	{.name = "headers keep their order",
         .url = "u",
         .headers = {"B: 1", "A: 2", "C: 3"},
         .expected = "{\"url\":\"u\",\"headers\":{\"B\":[\"1\"],\"A\":[\"2\"],"
                     "\"C\":[\"3\"]}}\n"},
	{.name = "the same header again",
         .url = "u",
         .headers = {"X: 1", "Y: 2", "X: 3", "X: 1"},
         .expected = "{\"url\":\"u\",\"headers\":{\"X\":[\"1\",\"3\",\"1\"],"
                     "\"Y\":[\"2\"]}}\n"},
	{.name = "the first spelling of a name",
         .url = "u",
         .headers = {"X-a: 1", "x-A: 2"},
         .expected = "{\"url\":\"u\",\"headers\":{\"X-a\":[\"1\",\"2\"]}}\n"},
	{.name = "a name that begins like another",
         .url = "u",
         .headers = {"Ab: 1", "A: 2"},
         .expected = "{\"url\":\"u\",\"headers\":{\"Ab\":[\"1\"],\"A\":[\"2\"]}}\n"},
	{.name = "blanks before the value",
         .url = "u",
         .headers = {"A:1", "B:  2", "C:\t 3 "},
         .expected = "{\"url\":\"u\",\"headers\":{\"A\":[\"1\"],\"B\":[\"2\"],"
                     "\"C\":[\"3 \"]}}\n"},
	{.name = "colons and semicolons in the value",
         .url = "u",
         .headers = {"A: b:c;d"},
         .expected = "{\"url\":\"u\",\"headers\":{\"A\":[\"b:c;d\"]}}\n"},
	{.name = "sent empty",
         .url = "u",
         .headers = {"A;"},
         .expected = "{\"url\":\"u\",\"headers\":{\"A\":[\"\"]}}\n"},
	{.name = "not sent",
         .url = "u",
         .headers = {"A:", "B: ", "D: 1", "d:"},
         .expected = "{\"url\":\"u\",\"headers\":{\"A\":null,\"B\":null,"
                     "\"D\":[\"1\"]}}\n"},
	{.name = "options that are headers",
         .url = "u",
         .headers = {"B: 1"},
         .settings = {"XOAUTH2_BEARER=t", "REFERER=r", "USERAGENT=a", "RANGE=0-4",
                      "COOKIE=c=1; d=2"},
         .expected = "{\"url\":\"u\",\"headers\":{\"B\":[\"1\"],"
                     "\"Authorization\":[\"Bearer t\"],\"User-Agent\":[\"a\"],"
                     "\"Referer\":[\"r\"],\"Cookie\":[\"c=1; d=2\"],"
                     "\"Range\":[\"bytes=0-4\"]}}\n"},
	{.name = "headers go before them, as they do when it is sent",
         .url = "u",
         .headers = {"user-agent: x"},
         .settings = {"USERAGENT=a"},
         .expected = "{\"url\":\"u\",\"headers\":{\"user-agent\":[\"x\"]}}\n"},
	{.name = "no User-Agent, and no range of what is sent",
         .url = "u",
         .body = "x",
         .settings = {"USERAGENT=", "RANGE=0-4"},
         .expected = "{\"url\":\"u\",\"method\":\"POST\",\"headers\":{\"User-Agent\":null},"
                     "\"body\":\"x\"}\n"},
	{.name = "limits and a login",
         .url = "u",
         .settings = {"TIMEOUT_MS=1250", "CONNECTTIMEOUT_MS=0", "USERPWD=me:pw"},
         .expected = "{\"url\":\"u\",\"max_time\":1.250000,\"connect_timeout\":0.000000,"
                     "\"user\":\"me:pw\"}\n"},
	{.name = "the usual limit",
         .url = "u",
         .settings = {"CONNECTTIMEOUT_MS=30000"},
         .expected = "{\"url\":\"u\"}\n"},
	{.name = "what a job says",
         .url = "u",
         .job = {"12345678901234567890", "{\"a\": [1]}", "a/b"},
         .expected = "{\"url\":\"u\",\"id\":12345678901234567890,\"meta\":{\"a\": [1]},"
                     "\"output\":\"a/b\",\"retry\":0,\"depth\":3}\n"},
	{.name = "a URL that is not UTF-8",
         .url = "http://h/\xff",
         .expected = " ! a job line cannot say \"url\"" NO_TEXT},
	{.name = "a body that is not UTF-8",
         .url = "u",
         .body = "\xc3",
         .expected = " ! a job line cannot say \"body\"" NO_TEXT},
	{.name = "a header that is not UTF-8",
         .url = "u",
         .headers = {"A: \xe9"},
         .expected = " ! a job line cannot say \"headers\"" NO_TEXT},
	{.name = "a Referer that is not UTF-8",
         .url = "u",
         .settings = {"REFERER=\xe9"},
         .expected = " ! a job line cannot say \"headers\"" NO_TEXT},
	{.name = "a login that is not UTF-8",
         .url = "u",
         .settings = {"USERPWD=\xe9:x"},
         .expected = " ! a job line cannot say \"user\"" NO_TEXT},
	{.name = "all of it",
         .url = "http://h/",
         .method = "PATCH",
         .body = "{\"a\":1}",
         .headers = {"Content-Type: application/json"},
         .expected = "{\"url\":\"http://h/\",\"method\":\"PATCH\","
                     "\"headers\":{\"Content-Type\":[\"application/json\"]},"
                     "\"body\":\"{\\\"a\\\":1}\"}\n"},
};

static void a_request_is_a_line(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(lines); i++) {
		char *line = line_of(&lines[i]);

		case_text(lines[i].name, line, lines[i].expected);
		free(line);
	}
}

static void a_line_is_a_json_object(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(lines); i++) {
		const struct line *c = &lines[i];
		char *line = line_of(c);
		cJSON *json = cJSON_ParseWithOpts(line, NULL, true);
		const cJSON *url = cJSON_GetObjectItemCaseSensitive(json, "url");
		const cJSON *body = cJSON_GetObjectItemCaseSensitive(json, "body");

		free(line);
		if (*c->expected == ' ')
			continue;
		case_true(c->name, cJSON_IsObject(json));
		case_text(c->name, url->valuestring, c->url);
		case_true(c->name, !body == !c->body);
		if (c->body)
			case_text(c->name, body->valuestring, c->body);
		cJSON_Delete(json);
	}
}

/* One shared set, many requests. */
static void lines_are_added(void **state)
{
	struct fetch_options options;
	struct request request;
	struct buf out;

	(void)state;
	fetch_options_init(&options);
	fetch_options_seal(&options);
	buf_init(&out, BUF_UNLIMITED);
	request_init(&request);
	for (unsigned i = 0; i < 3; i++) {
		request_recycle(&request);
		request.options = &options;
		buf_printf(&request.url, "http://h/%u", i);
		assert_err(job_text_put(&out, &request, NULL), ERR_NONE);
	}
	assert_string_equal(out.data, "{\"url\":\"http://h/0\"}\n{\"url\":\"http://h/1\"}\n"
	                              "{\"url\":\"http://h/2\"}\n");
	request_release(&request);
	fetch_options_release(&options);
	buf_release(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_request_is_a_line),
		cmocka_unit_test(a_line_is_a_json_object),
		cmocka_unit_test(lines_are_added),
	};
	int failed;

	if (transfer_global_init(NULL))
		return 1;
	failed = UNIT_RUN(tests);
	transfer_global_release();
	return failed;
}
