/*
 * output/jobline: a request as a line that a list may hold.
 */
#include "unit.h"

#include <cjson/cJSON.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "output/jobline.h"
#include "transfer/options.h"
#include "transfer/request.h"
#include "transfer/session.h"

#define FFFD "\xef\xbf\xbd"

struct line {
	const char *name, *url, *method;
	bool wants_head;
	const char *body; /* NULL: none */
	const char *headers[8];
	const char *expected;
};

static char *line_of(const struct line *c)
{
	struct fetch_options options;
	struct request request;
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
	fetch_options_seal(&options);
	request_init(&request);
	request.options = &options;
	buf_put_text(&request.url, c->url);
	buf_init(&out, BUF_UNLIMITED);
	jobline_put(&out, &request);
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
         .expected = "{\"url\":\"http://h/\",\"body\":\"x\"}\n"},
	/* Without a scheme as with one: the line is to be fetched again, so nothing is masked. */
	{.name = "the URL as it is",
         .url = "me:secret@h/\"\\?q=\xc3\xa9#[1-2]",
         .expected = "{\"url\":\"me:secret@h/\\\"\\\\?q=\xc3\xa9#[1-2]\"}\n"},
	{.name = "bytes that are no text",
         .url = "http://h/\xff",
         .body = "\n\t\x01\xfe",
         .expected = "{\"url\":\"http://h/" FFFD "\",\"method\":\"POST\","
                     "\"body\":\"\\n\\t\\u0001" FFFD "\"}\n"},

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

		case_true(c->name, cJSON_IsObject(json));
		case_true(c->name, cJSON_IsString(url));
		if (utf8_is_text(c->url, strlen(c->url)))
			case_text(c->name, url->valuestring, c->url);
		case_true(c->name, !body == !c->body);
		if (c->body && utf8_is_text(c->body, strlen(c->body)))
			case_text(c->name, body->valuestring, c->body);
		case_true(c->name, strchr(line, '\n') == line + strlen(line) - 1);
		cJSON_Delete(json);
		free(line);
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
		jobline_put(&out, &request);
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
