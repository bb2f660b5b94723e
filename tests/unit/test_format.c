/*
 * output/format: text for people, JSON lines, a JSON document, CSV.
 */
#include "unit.h"

#include <cjson/cJSON.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "output/fields.h"
#include "output/format.h"
#include "output/stats.h"
#include "transfer/options.h"
#include "transfer/result.h"

#define FFFD "\xef\xbf\xbd"

static char method[] = "GET";
static const struct fetch_options how = {.method = method};

static void result_new(struct result *r, const char *url)
{
	result_init(r);
	r->request.options = &how;
	buf_put_text(&r->request.url, url);
}

/* ---- text ---- */

static void put_text(struct buf *out, const struct result *r, bool has_color)
{
	struct format_state state = {.has_color = has_color};

	format_text.put(&state, out, r);
}

static void case_line(const char *name, const struct result *r, bool has_color,
                      const char *expected)
{
	struct buf out;

	buf_init(&out, BUF_UNLIMITED);
	put_text(&out, r, has_color);
	case_text(name, out.data, expected);
	buf_release(&out);
}

static void a_line_has_columns(void **state)
{
	static const struct {
		const char *name;
		int http_code;
		int64_t bytes, time_us;
		enum failure failure;
		const char *message, *expected;
	} cases[] = {
		{"a success", 200, 1234, 56789, FAILURE_NONE, "",
	         "200       1234     0.057  http://h/\n"},
		{"nothing in it", 204, 0, 400, FAILURE_NONE, "",
	         "204          0     0.000  http://h/\n"},
		{"half a millisecond", 200, 1, 500, FAILURE_NONE, "",
	         "200          1     0.001  http://h/\n"},
		{"nearly a second", 200, 1, 999499, FAILURE_NONE, "",
	         "200          1     0.999  http://h/\n"},
		{"more nearly", 200, 1, 999500, FAILURE_NONE, "",
	         "200          1     1.000  http://h/\n"},
		{"hours", 200, 999999999, 9999999000, FAILURE_NONE, "",
	         "200  999999999  9999.999  http://h/\n"},
		{"a redirect that was not followed", 301, 5, 1000000, FAILURE_NONE, "",
	         "301          5     1.000  http://h/\n"},
		{"a status that is not accepted", 404, 19, 2000, FAILURE_HTTP,
	         "the server answered 404",
	         "404         19     0.002  http://h/  http: the server answered 404\n"},
		{"no answer", 0, 0, 2001000, FAILURE_TIMEOUT, "nothing came",
	         "ERR          0     2.001  http://h/  timeout: nothing came\n"},
		{"no attempt", 0, 0, -1, FAILURE_INPUT, "list:7: bad",
	         "ERR          0     0.000  http://h/  input: list:7: bad\n"},
		{"an answer that broke", 200, 5, 1000, FAILURE_PROTOCOL, "cut off",
	         "200          5     0.001  http://h/  protocol: cut off\n"},
		{"a failure without words", 0, 0, 1000, FAILURE_OTHER, "",
	         "ERR          0     0.001  http://h/  other: \n"},
		{"a scheme without statuses", 0, 6, 1000, FAILURE_NONE, "",
	         "---          6     0.001  http://h/\n"},
		{"a strange status", 999, 6, 1000, FAILURE_HTTP, "the server answered 999",
	         "999          6     0.001  http://h/  http: the server answered 999\n"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct result r;

		result_new(&r, "http://h/");
		r.http_code = cases[i].http_code;
		r.size_download = cases[i].bytes;
		r.time_total_us = cases[i].time_us;
		if (cases[i].failure)
			result_fail(&r, cases[i].failure, cases[i].message);
		case_line(cases[i].name, &r, false, cases[i].expected);
		result_release(&r);
	}
}

static void a_warning_is_the_last_column(void **state)
{
	struct result r;

	(void)state;
	result_new(&r, "http://h/");
	r.http_code = 200;
	buf_put_text(&r.warning, "what\033[31m?");
	case_line("a success", &r, false,
	          "200          0     0.000  http://h/  warning: what" FFFD "[31m?\n");
	result_fail(&r, FAILURE_TOO_LARGE, "no");
	case_line("a failure", &r, false,
	          "200          0     0.000  http://h/  too-large: no  warning: what" FFFD
	          "[31m?\n");
	result_release(&r);
}

/* Columns have two or more spaces between them: what awk -F '  +' counts. */
static void case_columns(const char *name, const struct result *r, unsigned expected)
{
	struct buf out;
	unsigned columns = 1;

	buf_init(&out, BUF_UNLIMITED);
	put_text(&out, r, false);
	for (const char *p = out.data; *p; p++) {
		if (p[0] == ' ' && p[1] == ' ') {
			columns++;
			p += strspn(p, " ") - 1;
		}
	}
	case_uint(name, columns, expected);
	buf_release(&out);
}

static void columns_stay_apart_however_large(void **state)
{
	static const struct {
		const char *name;
		int64_t bytes, time_us;
	} cases[] = {
		{"1 B", 1, 1},
		{"nearly 1 GB", 999999999, 1},
		{"1 GB", 1000000000, 1},
		{"10 GB", 10000000000, 1},
		{"100 GB", 100000000000, 1},
		{"an exabyte", INT64_C(1000000000000000000), 1},
		{"nearly three hours", 1, INT64_C(9999000000)},
		{"three hours", 1, INT64_C(10800000000)},
		{"two days", 1, INT64_C(172800000000)},
		{"all of it", INT64_MAX, INT64_C(172800000000)},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct result r;

		result_new(&r, "http://h/");
		r.http_code = 200;
		r.size_download = cases[i].bytes;
		r.time_total_us = cases[i].time_us;
		case_columns(cases[i].name, &r, 4);
		result_fail(&r, FAILURE_HTTP, "no");
		case_columns(cases[i].name, &r, 5);
		result_release(&r);
	}
}

static void only_status_and_class_have_a_color(void **state)
{
	static const struct {
		const char *name;
		int http_code;
		enum failure failure;
		const char *expected;
	} cases[] = {
		{"green", 200, FAILURE_NONE, "\033[32m200\033[0m          0     0.000  u\n"},
		{"green too", 302, FAILURE_NONE, "\033[32m302\033[0m          0     0.000  u\n"},
		{"accepted", 404, FAILURE_NONE, "\033[32m404\033[0m          0     0.000  u\n"},
		{"yellow", 404, FAILURE_HTTP,
	         "\033[33m404\033[0m          0     0.000  u  \033[33mhttp\033[0m: x\n"},
		{"yellow too", 200, FAILURE_PROTOCOL,
	         "\033[33m200\033[0m          0     0.000  u  \033[33mprotocol\033[0m: x\n"},
		{"red", 500, FAILURE_HTTP,
	         "\033[31m500\033[0m          0     0.000  u  \033[31mhttp\033[0m: x\n"},
		{"red too", 0, FAILURE_DNS,
	         "\033[31mERR\033[0m          0     0.000  u  \033[31mdns\033[0m: x\n"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct result r;
		struct buf out;

		result_new(&r, "u");
		r.http_code = cases[i].http_code;
		if (cases[i].failure)
			result_fail(&r, cases[i].failure, "x");
		case_line(cases[i].name, &r, true, cases[i].expected);
		buf_init(&out, BUF_UNLIMITED);
		put_text(&out, &r, false);
		case_true(cases[i].name, !strchr(out.data, '\033'));
		buf_release(&out);
		result_release(&r);
	}
}

/* What succeeded is not red because its scheme has no statuses, or because 500 is accepted. */
static void a_success_is_green(void **state)
{
	static const struct {
		const char *name;
		int http_code;
		const char *expected;
	} cases[] = {
		{"no status", 0, "\033[32m---\033[0m          0     0.000  u\n"},
		{"500, accepted", 500, "\033[32m500\033[0m          0     0.000  u\n"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct result r;

		result_new(&r, "u");
		r.http_code = cases[i].http_code;
		case_line(cases[i].name, &r, true, cases[i].expected);
		result_release(&r);
	}
}

static void a_line_is_safe_for_a_terminal(void **state)
{
	static const struct {
		const char *name, *text, *shown;
	} cases[] = {
		{"ESC", "a\033[2Jb", "a" FFFD "[2Jb"},
		{"an OSC that sets the title", "\033]0;x\x07", FFFD "]0;x" FFFD},
		{"LF", "a\nERR", "a" FFFD "ERR"},
		{"CR", "a\rb", "a" FFFD "b"},
		{"CRLF", "a\r\nb", "a" FFFD FFFD "b"},
		{"tab", "a\tb", "a" FFFD "b"},
		{"backspace", "a\bb", "a" FFFD "b"},
		{"bell", "\x07", FFFD},
		{"DEL", "a\x7f", "a" FFFD},
		{"C1: CSI in UTF-8", "\302\23331m", FFFD "31m"},
		{"C1: NEL", "a\xc2\x85", "a" FFFD},
		{"C1: CSI in Latin-1", "\23331m", FFFD "31m"},
		{"override from right to left", "\342\200\256cba", FFFD "cba"},
		{"embedding", "\xe2\x80\xaa\xe2\x80\xab\xe2\x80\xac", FFFD FFFD FFFD},
		{"isolates", "\xe2\x81\xa6\xe2\x81\xa7\xe2\x81\xa8\xe2\x81\xa9",
	         FFFD FFFD FFFD FFFD},
		{"marks", "\xe2\x80\x8e\xe2\x80\x8f\xd8\x9c", FFFD FFFD FFFD},
		{"not UTF-8", "caf\xe9", "caf" FFFD},
		{"text of other languages", "\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d \xe6\x97\xa5",
	         "\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d \xe6\x97\xa5"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct result r;
		char *expected;

		result_new(&r, cases[i].text);
		r.http_code = 200;
		expected = mem_printf("200          0     0.000  %s\n", cases[i].shown);
		case_line(cases[i].name, &r, false, expected);
		free(expected);
		result_fail(&r, FAILURE_HTTP, cases[i].text);
		expected = mem_printf("200          0     0.000  %s  http: %s\n", cases[i].shown,
		                      cases[i].shown);
		case_line(cases[i].name, &r, false, expected);
		free(expected);
		result_release(&r);
	}
}

static void a_line_is_one_line_whatever_bytes_come(void **state)
{
	struct buf out;
	struct result r;

	(void)state;
	result_new(&r, "");
	for (int byte = 0; byte < 256; byte++) {
		buf_put_byte(&r.request.url, (char)byte);
		buf_put_byte(&r.message, (char)byte);
	}
	r.failure = FAILURE_OTHER;
	buf_init(&out, BUF_UNLIMITED);
	put_text(&out, &r, false);
	assert_true(utf8_is_text(out.data, out.len));
	for (size_t i = 0; i + 1 < out.len; i++)
		assert_true((unsigned char)out.data[i] >= 0x20 && out.data[i] != 0x7f);
	assert_int_equal(out.data[out.len - 1], '\n');
	buf_release(&out);
	result_release(&r);
}

static void what_a_line_shows_of_the_url(void **state)
{
	static const struct {
		const char *name, *url, *expected;
	} cases[] = {
		{"none", "", "ERR          0     0.000  -  input: x\n"},
		{"a password", "http://me:secret@h/",
	         "ERR          0     0.000  http://me:***@h/  input: x\n"},
		{"a password with an escape", "http://me:s\033@h/",
	         "ERR          0     0.000  http://me:***@h/  input: x\n"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct result r;

		result_new(&r, cases[i].url);
		result_fail(&r, FAILURE_INPUT, "x");
		case_line(cases[i].name, &r, false, cases[i].expected);
		result_release(&r);
	}
}

static void text_has_no_beginning_and_no_end(void **state)
{
	(void)state;
	assert_null(format_text.begin);
	assert_null(format_text.end);
	assert_false(format_text.is_in_order);
}

/* ---- the others, as whole documents of so many results ---- */

static void write_document(const struct format *format, const char *names, unsigned count,
                           struct buf *out)
{
	struct field_list list = {0};
	struct format_state state = {.fields = &list};
	struct stats *stats = mem_zero(1, sizeof(*stats));

	assert_err(field_list_add(&list, names, NULL), ERR_NONE);
	if (format->begin)
		format->begin(&state, out);
	for (unsigned i = 0; i < count; i++) {
		struct result r;

		result_new(&r, "http://h/\"\n,\xff");
		r.request.index = i;
		r.http_code = 200;
		r.attempts = 1;
		format->put(&state, out, &r);
		stats_add(stats, &r);
		result_release(&r);
	}
	if (format->end)
		format->end(&state, out, stats);
	field_list_release(&list);
	free(stats);
}

static void a_json_document_is_valid_however_long(void **state)
{
	static const unsigned counts[] = {0, 1, 2, 3, 1000};

	(void)state;
	for (size_t i = 0; i < COUNT(counts); i++) {
		struct buf out;
		cJSON *json, *results, *summary;

		buf_init(&out, BUF_UNLIMITED);
		write_document(&format_json, "index,url,body", counts[i], &out);
		assert_int_equal(out.data[out.len - 1], '\n');
		json = cJSON_ParseWithOpts(out.data, NULL, true);
		assert_true(cJSON_IsObject(json));
		assert_int_equal(cJSON_GetArraySize(json), 2);
		results = cJSON_GetObjectItemCaseSensitive(json, "results");
		assert_true(cJSON_IsArray(results));
		assert_int_equal(cJSON_GetArraySize(results), counts[i]);
		for (unsigned k = 0; k < counts[i]; k++) {
			const cJSON *result = cJSON_GetArrayItem(results, (int)k);

			assert_int_equal(cJSON_GetArraySize(result), 3);
			assert_int_equal(cJSON_GetObjectItem(result, "index")->valueint, k);
			assert_string_equal(cJSON_GetObjectItem(result, "url")->valuestring,
			                    "http://h/\"\n," FFFD);
			if (k > 10)
				break;
		}
		summary = cJSON_GetObjectItemCaseSensitive(json, "summary");
		assert_true(cJSON_IsObject(summary));
		assert_int_equal(cJSON_GetObjectItem(summary, "requests")->valueint, counts[i]);
		assert_int_equal(cJSON_GetObjectItem(summary, "ok")->valueint, counts[i]);
		cJSON_Delete(json);
		buf_release(&out);
	}
	assert_true(format_json.is_in_order);
}

static void json_lines_are_an_object_each(void **state)
{
	struct buf out;
	char *at, *line;
	int count = 0;

	(void)state;
	buf_init(&out, BUF_UNLIMITED);
	write_document(&format_jsonl, "index,url", 3, &out);
	assert_int_equal(out.data[out.len - 1], '\n');
	buf_cut(&out, out.len - 1);
	for (at = out.data; (line = strsep(&at, "\n"));) {
		cJSON *json = cJSON_ParseWithOpts(line, NULL, true);

		assert_true(cJSON_IsObject(json));
		assert_int_equal(cJSON_GetObjectItem(json, "index")->valueint, count++);
		cJSON_Delete(json);
	}
	assert_int_equal(count, 3);
	buf_clear(&out);
	write_document(&format_jsonl, "index", 0, &out);
	assert_int_equal(out.len, 0);
	buf_release(&out);
	assert_false(format_jsonl.is_in_order);
}

static void csv_begins_with_the_names(void **state)
{
	struct buf out;

	(void)state;
	buf_init(&out, BUF_UNLIMITED);
	write_document(&format_csv, "index,url,body", 2, &out);
	assert_string_equal(out.data, "index,url,body\r\n"
	                              "0,\"http://h/\"\"\n," FFFD "\",\r\n"
	                              "1,\"http://h/\"\"\n," FFFD "\",\r\n");
	buf_clear(&out);
	write_document(&format_csv, "index,url,body", 0, &out);
	assert_string_equal(out.data, "index,url,body\r\n");
	buf_release(&out);
	assert_false(format_csv.is_in_order);
}

static void silence_is_silent(void **state)
{
	struct buf out;

	(void)state;
	buf_init(&out, BUF_UNLIMITED);
	write_document(&format_silent, "index", 3, &out);
	assert_int_equal(out.len, 0);
	buf_release(&out);
}

static void formats_have_their_names(void **state)
{
	(void)state;
	assert_string_equal(format_text.name, "text");
	assert_string_equal(format_jsonl.name, "jsonl");
	assert_string_equal(format_json.name, "json");
	assert_string_equal(format_csv.name, "csv");
	assert_string_equal(format_write_out.name, "write-out");
	assert_string_equal(format_silent.name, "silent");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_has_columns),
		cmocka_unit_test(a_warning_is_the_last_column),
		cmocka_unit_test(columns_stay_apart_however_large),
		cmocka_unit_test(only_status_and_class_have_a_color),
		cmocka_unit_test(a_success_is_green),
		cmocka_unit_test(a_line_is_safe_for_a_terminal),
		cmocka_unit_test(a_line_is_one_line_whatever_bytes_come),
		cmocka_unit_test(what_a_line_shows_of_the_url),
		cmocka_unit_test(text_has_no_beginning_and_no_end),
		cmocka_unit_test(a_json_document_is_valid_however_long),
		cmocka_unit_test(json_lines_are_an_object_each),
		cmocka_unit_test(csv_begins_with_the_names),
		cmocka_unit_test(silence_is_silent),
		cmocka_unit_test(formats_have_their_names),
	};

	return UNIT_RUN(tests);
}
