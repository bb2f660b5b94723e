/*
 * input/job_line: what a JSON object says of a request, and what is wrong with one.
 */
#include "unit.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/mem.h"
#include "input/job_line.h"
#include "transfer/options.h"
#include "transfer/request.h"
#include "transfer/session.h"

static char folder[] = "/tmp/gather-test-job-line-XXXXXX";

static int folder_setup(void **state)
{
	(void)state;
	return !mkdtemp(folder) || chdir(folder) || mkdir("folder", 0700) || mkfifo("fifo", 0600) ||
	                       file_replace("file", 0666, "a\0\xff\n", 4, NULL) ||
	                       file_replace("-", 0666, "dash", 4, NULL)
	               ? -1
	               : 0;
}

static int folder_teardown(void **state)
{
	(void)state;
	return rmdir("folder") || unlink("fifo") || unlink("file") || unlink("-") || chdir("/") ||
	                       rmdir(folder)
	               ? -1
	               : 0;
}

/* ---- what a line says ---- */

/* What the command line says for the line: nothing, or some of all that there is. */
static void fill_shared(struct fetch_options *shared, bool says_much)
{
	fetch_options_init(shared);
	if (says_much) {
		static const char *const headers[] = {"A: old", "a: old", "B: old", "Accept:"};

		for (size_t i = 0; i < COUNT(headers); i++)
			assert_err(fetch_options_add_header(shared, headers[i], NULL), ERR_NONE);
		assert_err(fetch_options_set_method(shared, "PATCH", NULL), ERR_NONE);
		shared->has_body = true;
		assert_err(buf_add(&shared->body, "old", 3), ERR_NONE);
		fetch_options_set_number(shared, "TIMEOUT_MS", 7);
	}
	fetch_options_seal(shared);
}

static void put_text(struct buf *out, const char *name, const char *text)
{
	if (text && *text)
		buf_printf(out, " %s=%s", name, text);
}

static void put_number(struct buf *out, const char *name, uint64_t number)
{
	if (number)
		buf_printf(out, " %s=%llu", name, (unsigned long long)number);
}

static void put_options(struct buf *out, const struct fetch_options *o)
{
	const char *header;

	buf_printf(out, " %s", o->method);
	for (size_t i = 0; (header = fetch_options_header(o, i)); i++)
		buf_printf(out, " [%s]", header);
	if (o->has_body) {
		buf_put_text(out, " <");
		buf_put(out, o->body.data, o->body.len);
		buf_put_text(out, ">");
	}
	put_number(out, "max_time", (uint64_t)fetch_options_number(o, "TIMEOUT_MS"));
	if (fetch_options_number(o, "CONNECTTIMEOUT_MS") != USUAL_CONNECT_MS)
		buf_printf(out, " connect_timeout=%lld",
		           (long long)fetch_options_number(o, "CONNECTTIMEOUT_MS"));
	put_text(out, "user", fetch_options_text(o, "USERPWD"));
}

/* "url", then what is not usual; the options, if they are its own; or "! words". Freed by the
 * caller. */
static char *describe(const char *line, size_t line_len, const struct fetch_options *shared,
                      size_t *ret_len)
{
	struct request r;
	struct buf out;

	buf_init(&out, BUF_UNLIMITED);
	request_init(&r);
	job_line_take(line, line_len, shared, &r);
	buf_put_text(&out, r.url.data);
	put_text(&out, "id", r.id.data);
	put_text(&out, "meta", r.meta.data);
	if (r.problem.len) {
		assert_null(r.own);
		assert_ptr_equal(r.options, shared);
		buf_printf(&out, " ! %s", r.problem.data);
	} else {
		assert_ptr_equal(r.options, r.own ? r.own : shared);
		assert_true(r.options->is_sealed);
		if (r.own)
			put_options(&out, r.own);
		put_text(&out, "output", r.output.data);
		if (r.has_retries)
			buf_printf(&out, " retry=%llu", (unsigned long long)r.retries);
		put_number(&out, "depth", r.depth);
	}
	request_release(&r);
	return buf_take(&out, ret_len);
}

struct line {
	const char *name, *line, *expected;
};

static void check_lines(const struct line *lines, size_t count, bool says_much)
{
	struct fetch_options shared;

	fill_shared(&shared, says_much);
	for (size_t i = 0; i < count; i++) {
		size_t len;
		char *text = describe(lines[i].line, strlen(lines[i].line), &shared, &len);

		case_text(lines[i].name, text, lines[i].expected);
		free(text);
	}
	fetch_options_release(&shared);
}

#define U  "{\"url\":\"u\","
#define JS " [Content-Type: application/json] [Accept: application/json]"

static void a_job_says_how_it_is_fetched(void **state)
{
	static const struct line lines[] = {
		{"no more than a URL", "{\"url\":\"http://h/\"}", "http://h/"},
		{"globs are plain", "{\"url\":\"h/{a,b}[1-2]\"}", "h/{a,b}[1-2]"},
		{"escapes", "{\"\\u0075rl\":\"http:\\/\\/h\\/\\u00e9\"}", "http://h/\xc3\xa9"},
		{"blanks", "{ \"id\" : 1 ,\t\"url\" : \"u\" , \"meta\":\r[ ] }", "u id=1 meta=[ ]"},

		{"a large number", U "\"id\":12345678901234567890}", "u id=12345678901234567890"},
		{"a number as it is", U "\"id\":-1.50e+3,\"meta\":0}", "u id=-1.50e+3 meta=0"},
		{"a string", U "\"id\":\"a\\\"}\\\\\"}", "u id=\"a\\\"}\\\\\""},
		{"escapes stay", U "\"id\":\"\\u00e9\"}", "u id=\"\\u00e9\""},
		{"literals", U "\"id\":null,\"meta\":true}", "u id=null meta=true"},
		{"all of an object", U "\"meta\":{\"id\": [1, {\"]\":\"}\"}] },\"id\":[]}",
	         "u id=[] meta={\"id\": [1, {\"]\":\"}\"}] }"},
		{"numbers that a double cannot hold", U "\"meta\":[9007199254740993,1e999]}",
	         "u meta=[9007199254740993,1e999]"},

		{"a method", U "\"method\":\"PURGE\"}", "u PURGE"},
		{"HEAD", U "\"method\":\"HEAD\"}", "u HEAD"},
		{"a body", U "\"body\":\"a=1&b\"}", "u POST <a=1&b>"},
		{"an empty body", U "\"body\":\"\"}", "u POST <>"},
		{"newlines stay", U "\"body\":\"\\r\\n\\u0001\"}", "u POST <\r\n\x01>"},
		{"a method and a body", U "\"body\":\"x\",\"method\":\"GET\"}", "u GET <x>"},
		{"JSON",
	         U "\"json\": {\"a\" : [1.50, 12345678901234567890, null],\t\"\\u00e9\":\"/\"}}",
	         "u POST" JS " <{\"a\":[1.50,12345678901234567890,null],\"\xc3\xa9\":\"/\"}>"},
		{"null is JSON", U "\"json\":null}", "u POST" JS " <null>"},
		{"JSON of another type",
	         U "\"json\":1,\"headers\":{\"content-type\":\"a/b\",\"Accept\":null}}",
	         "u POST [content-type: a/b] [Accept:] <1>"},
		{"the body from a file with the name of standard input", U "\"body_file\":\"-\"}",
	         "u POST <dash>"},

		{"a header", U "\"headers\":{\"A\":\"1\"}}", "u GET [A: 1]"},
		{"one that is not sent", U "\"headers\":{\"A\":null}}", "u GET [A:]"},
		{"one that is sent empty", U "\"headers\":{\"A\":\"\",\"B\":\" \"}}",
	         "u GET [A;] [B;]"},
		{"one that is sent twice", U "\"headers\":{\"A\":[\"1\",\"\",\"2\"],\"B\":[]}}",
	         "u GET [A: 1] [A;] [A: 2]"},
		{"no headers", U "\"headers\":{}}", "u"},
		{"a header like an option", U "\"headers\":{\"A\":\": ;@x\\t\xc3\xa9\"}}",
	         "u GET [A: : ;@x\t\xc3\xa9]"},

		{"a file", U "\"output\":\"a/..b/c.d\"}", "u output=a/..b/c.d"},
		{"seconds", U "\"max_time\":2.5,\"connect_timeout\":1}",
	         "u GET max_time=2500 connect_timeout=1000"},
		{"units", U "\"max_time\":\"250ms\",\"connect_timeout\":\"1m\"}",
	         "u GET max_time=250 connect_timeout=60000"},
		{"no limit", U "\"max_time\":0,\"connect_timeout\":\"0\"}",
	         "u GET connect_timeout=0"},
		{"retries", U "\"retry\":3}", "u retry=3"},
		{"none", U "\"retry\":0}", "u retry=0"},
		{"as many as there can be", U "\"retry\":1000000}", "u retry=1000000"},
		{"a login", U "\"user\":\"me:secret:x\"}", "u GET user=me:secret:x"},
		{"a depth", U "\"depth\":9223372036854775807}", "u depth=9223372036854775807"},
		{"all of it",
	         "{\"depth\":1,\"user\":\"a:b\",\"retry\":2,\"connect_timeout\":3,\"max_time\":4,"
	         "\"output\":\"f\",\"body\":\"x\",\"headers\":{\"A\":\"1\"},\"method\":\"PUT\","
	         "\"meta\":{},\"id\":\"i\",\"url\":\"u\"}",
	         "u id=\"i\" meta={} PUT [A: 1] <x> max_time=4000 connect_timeout=3000 user=a:b "
	         "output=f retry=2 depth=1"},
	};

	(void)state;
	check_lines(lines, COUNT(lines), false);
}

/* A job is fetched as all are, but for what it says. */
static void a_job_goes_before_options(void **state)
{
	static const struct line lines[] = {
		{"nothing of its own", U "\"id\":1,\"retry\":1,\"output\":\"x\"}",
	         "u id=1 output=x retry=1"},
		{"a method", U "\"method\":\"PUT\"}",
	         "u PUT [A: old] [a: old] [B: old] [Accept:] <old> max_time=7"},
		{"a body", U "\"body\":\"new\",\"max_time\":0}",
	         "u PATCH [A: old] [a: old] [B: old] [Accept:] <new>"},
		{"JSON takes the headers that there are", U "\"json\":[]}",
	         "u PATCH [A: old] [a: old] [B: old] [Accept:] [Content-Type: application/json] "
	         "<[]> max_time=7"},
		{"headers of the same name", U "\"headers\":{\"a\":\"new\",\"C\":\"new\"}}",
	         "u PATCH [B: old] [Accept:] [a: new] [C: new] <old> max_time=7"},
		{"no such header any more", U "\"headers\":{\"A\":[],\"b\":null}}",
	         "u PATCH [Accept:] [b:] <old> max_time=7"},
		{"HEAD and the body of all", U "\"method\":\"HEAD\"}",
	         "u ! the method HEAD and a body exclude each other"},
	};

	(void)state;
	check_lines(lines, COUNT(lines), true);
}

static void minus_i_is_a_method(void **state)
{
	struct fetch_options shared;
	size_t len;
	char *text;

	(void)state;
	fetch_options_init(&shared);
	shared.wants_head = true;
	fetch_options_seal(&shared);
	text = describe(U "\"user\":\"a:b\"}", strlen(U "\"user\":\"a:b\"}"), &shared, &len);
	assert_string_equal(text, "u HEAD user=a:b");
	free(text);
	text = describe(U "\"method\":\"GET\"}", strlen(U "\"method\":\"GET\"}"), &shared, &len);
	assert_string_equal(text, "u GET");
	free(text);
	fetch_options_release(&shared);
}

static void a_file_is_a_body_byte_by_byte(void **state)
{
	static const char line[] = U "\"body_file\":\"file\"}";
	struct fetch_options shared;
	size_t len;
	char *text;

	(void)state;
	fill_shared(&shared, false);
	text = describe(line, strlen(line), &shared, &len);
	case_bytes("file", text, len, "u POST <a\0\xff\n>", 13);
	free(text);
	fetch_options_release(&shared);
}

/* ---- what is wrong with one ---- */

#define TIMES " is not a time like 2, 0.5, \"250ms\" or \"1m\""

static void a_bad_job_names_the_member(void **state)
{
	static const struct line lines[] = {
		{"not closed", "{\"url\":\"u\"", " ! not a job: it is no JSON"},
		{"more behind it", "{\"url\":\"u\"} x", " ! not a job: it is no JSON"},
		{"not UTF-8", "{\"url\":\"\xff\"}",
	         " ! not a job: a string that is not UTF-8 at byte 9"},
		{"a NUL", "{\"url\":\"\\u0000\"}", " ! not a job: a NUL in a string at byte 9"},
		{"a bad number", "{\"url\":\"u\",\"id\":01}",
	         " ! not a job: a number that is none at byte 18"},
		{"no members", "{}", " ! no \"url\""},
		{"no URL", "{\"id\":7,\"meta\":8}", " id=7 meta=8 ! no \"url\""},
		{"unknown", U "\"id\":7,\"Method\":\"GET\"}", "u id=7 ! no job has a \"Method\""},
		{"of a failed line there is what can be", "{\"x\":1,\"id\":7,\"url\":\"u\"}",
	         "u id=7 ! no job has a \"x\""},
		{"twice", U "\"id\":7,\"id\":8}", "u id=7 ! \"id\" comes twice"},
		{"twice, in other letters", U "\"\\u0075rl\":\"v\"}", "u ! \"url\" comes twice"},

		{"a URL that is none", "{\"url\":1}", " ! \"url\" is a number, not a string"},
		{"null", "{\"url\":null}", " ! \"url\" is null, not a string"},
		{"an empty URL", "{\"url\":\"\"}", " ! \"url\": it is empty"},
		{"a newline in a URL", "{\"url\":\"h/\\n\"}",
	         "h/\n ! \"url\": a control character"},
		{"DEL in a URL", "{\"url\":\"h/\\u007f\"}",
	         "h/\x7f ! \"url\": a control character"},

		{"a method that is none", U "\"method\":\"G T\"}",
	         "u ! \"method\": \"G T\" is not a method"},
		{"an empty method", U "\"method\":\"\"}", "u ! \"method\": \"\" is not a method"},
		{"CRLF in a method", U "\"method\":\"GET / HTTP\\r\\n\"}",
	         "u ! \"method\": \"GET / HTTP\r\n\" is not a method"},
		{"headers in an array", U "\"headers\":[\"A: b\"]}",
	         "u ! \"headers\" is an array, not an object"},
		{"no name", U "\"headers\":{\"\":\"x\"}}",
	         "u ! \"headers\": \"\" is not the name of a header"},
		{"CRLF in a name", U "\"headers\":{\"A\\r\\nB\":\"x\"}}",
	         "u ! \"headers\": \"A\r\nB\" is not the name of a header"},
		{"a colon in a name", U "\"headers\":{\"A:\":\"x\"}}",
	         "u ! \"headers\": \"A:\" is not the name of a header"},
		{"CRLF in a value", U "\"headers\":{\"A\":\"x\\r\\nB: y\"}}",
	         "u ! \"headers\": a control character in \"A\""},
		{"LF in a value of several", U "\"headers\":{\"A\":[\"x\",\"\\n\"]}}",
	         "u ! \"headers\": a control character in \"A\""},
		{"a number for a value", U "\"headers\":{\"A\":1}}",
	         "u ! \"headers\": \"A\" is a number, not a string, an array of strings or null"},
		{"null among values", U "\"headers\":{\"A\":[\"x\",null]}}",
	         "u ! \"headers\": \"A\" is null, not a string, an array of strings or null"},
		{"one header twice", U "\"headers\":{\"A\":\"x\",\"a\":\"y\"}}",
	         "u ! \"headers\": \"a\" comes twice"},

		{"a body of another type", U "\"body\":{}}",
	         "u ! \"body\" is an object, not a string"},
		{"two bodies", U "\"json\":1,\"body\":\"\"}",
	         "u ! \"body\" and \"json\" exclude each other"},
		{"a body and a file", U "\"body_file\":\"file\",\"body\":\"x\"}",
	         "u ! \"body\" and \"body_file\" exclude each other"},
		{"JSON and a file", U "\"body_file\":\"file\",\"json\":1}",
	         "u ! \"json\" and \"body_file\" exclude each other"},
		{"HEAD with a body", U "\"method\":\"HEAD\",\"json\":1}",
	         "u ! the method HEAD and a body exclude each other"},
		{"no such file", U "\"body_file\":\"none\"}",
	         "u ! \"body_file\": none: No such file or directory"},
		{"a folder", U "\"body_file\":\"folder\"}",
	         "u ! \"body_file\": folder: not a regular file"},
		{"a FIFO that nobody writes to", U "\"body_file\":\"fifo\"}",
	         "u ! \"body_file\": fifo: not a regular file"},

		{"a folder above", U "\"output\":\"../x\"}",
	         "u ! \"output\": \"../x\" is not a path below the folder"},
		{"one above on the way", U "\"output\":\"a/../../x\"}",
	         "u ! \"output\": \"a/../../x\" is not a path below the folder"},
		{"a path from the root", U "\"output\":\"/x\"}",
	         "u ! \"output\": \"/x\" is not a path below the folder"},
		{"a path to a folder", U "\"output\":\"x/\"}",
	         "u ! \"output\": \"x/\" is not a path below the folder"},
		{"this folder", U "\"output\":\".\"}",
	         "u ! \"output\": \".\" is not a path below the folder"},
		{"no path", U "\"output\":\"\"}",
	         "u ! \"output\": \"\" is not a path below the folder"},

		{"a time that is none", U "\"max_time\":\"soon\"}",
	         "u ! \"max_time\": \"soon\"" TIMES},
		{"a negative time", U "\"connect_timeout\":-1}",
	         "u ! \"connect_timeout\": \"-1\"" TIMES},
		{"an exponent", U "\"max_time\":1e3}", "u ! \"max_time\": \"1e3\"" TIMES},
		{"a very short time", U "\"max_time\":0.0001}",
	         "u ! \"max_time\": \"0.0001\" is shorter than 1 ms"},
		{"a time of another type", U "\"max_time\":null}",
	         "u ! \"max_time\" is null, not a number or a string"},
		{"a number of retries that is a string", U "\"retry\":\"3\"}",
	         "u ! \"retry\" is a string, not a number"},
		{"half a retry", U "\"retry\":0.5}",
	         "u ! \"retry\": 0.5 is not a whole number from 0 to 1000000"},
		{"too many retries", U "\"retry\":1000001}",
	         "u ! \"retry\": 1000001 is not a whole number from 0 to 1000000"},
		{"a negative depth", U "\"depth\":-1}",
	         "u ! \"depth\": -1 is not a whole number from 0 to 9223372036854775807"},
		{"a login with a newline", U "\"user\":\"a:secret\\n\"}",
	         "u ! \"user\": a control character"},
	};

	(void)state;
	check_lines(lines, COUNT(lines), false);
}

static char *repeat(const char *before, const char *text, unsigned times, const char *after)
{
	struct buf line;
	size_t len;

	buf_init(&line, BUF_UNLIMITED);
	buf_put_text(&line, before);
	for (unsigned i = 0; i < times; i++)
		buf_printf(&line, text, i);
	buf_put_text(&line, after);
	return buf_take(&line, &len);
}

static void ceilings_have_words(void **state)
{
	struct fetch_options shared;
	const struct line lines[] = {
		{"1,000 headers", repeat(U "\"headers\":{\"A0\":[", "\"%u\",", 998, "\"\"]}}"),
	         NULL},
		{"more headers", repeat(U "\"headers\":{\"A\":[", "\"%u\",", 1000, "\"\"]}}"),
	         "u ! \"headers\": more than 1000"},
		{"many names", repeat(U "\"headers\":{", "\"A%u\":\"\",", 100000, "\"B\":\"\"}}"),
	         "u ! \"headers\": more than 1000"},
		{"deep", repeat(U "\"meta\":", "[", 5000, "}"),
	         " ! not a job: nested more than 1000 deep"},
		{"many values", repeat(U "\"meta\":[", "0,", 1000000, "0]}"),
	         " ! not a job: more than 1000000 values"},
	};

	(void)state;
	fill_shared(&shared, false);
	for (size_t i = 0; i < COUNT(lines); i++) {
		size_t len;
		char *text = describe(lines[i].line, strlen(lines[i].line), &shared, &len);

		if (lines[i].expected)
			case_text(lines[i].name, text, lines[i].expected);
		else
			case_true(lines[i].name, !strchr(text, '!'));
		free(text);
		free((char *)(uintptr_t)lines[i].line);
	}
	fetch_options_release(&shared);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_job_says_how_it_is_fetched),
		cmocka_unit_test(a_job_goes_before_options),
		cmocka_unit_test(minus_i_is_a_method),
		cmocka_unit_test(a_file_is_a_body_byte_by_byte),
		cmocka_unit_test(a_bad_job_names_the_member),
		cmocka_unit_test(ceilings_have_words),
	};
	int failed;

	unit_begin();
	if (transfer_global_init(NULL))
		return 1;
	failed = cmocka_run_group_tests(tests, folder_setup, folder_teardown);
	transfer_global_release();
	return failed;
}
