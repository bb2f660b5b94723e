/*
 * output/write_out: a format is read once, and put for each result. What is compared with curl's
 * own words is in tests/cli/test_write_out.py.
 */
#include "unit.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/mem.h"
#include "output/fields.h"
#include "output/write_out.h"
#include "transfer/options.h"
#include "transfer/result.h"

static char get[] = "GET";
static const struct fetch_options how = {.method = get};

/* ---- results ---- */

static void result_new(struct result *r)
{
	result_init(r);
	r->request.options = &how;
	r->request.index = 7;
	buf_put_text(&r->request.url, "http://me:secret@h/a");
}

static void result_new_good(struct result *r)
{
	struct details *d;

	result_new(r);
	r->attempts = 2;
	r->http_code = 200;
	r->http_version = "1.1";
	r->scheme = "http";
	buf_put_text(&r->url_effective, "http://me:secret@h/b");
	buf_put_text(&r->content_type, "text/plain");
	r->size_download = 5;
	r->num_redirects = 1;
	snprintf(r->remote_ip, sizeof(r->remote_ip), "192.0.2.1");
	r->remote_port = 80;
	r->time_queue_us = 1;
	r->time_total_us = 80123456;
	r->started_unix_us = INT64_C(1700000000123456);
	buf_put_text(&r->headers, "content-type: text/plain\nx-a: 1\nx-ab: 2\nx-empty: \nx-a: 3\n");
	buf_put_text(&r->body, "hello\n");
	d = result_details(r);
	d->speed_upload = 10;
	d->http_connect = 20;
	buf_put_text(&d->redirect_url, "http://me:secret@h/c");
}

static void result_new_failed(struct result *r)
{
	result_new(r);
	r->attempts = 1;
	r->exitcode = 7;
	result_fail(r, FAILURE_CONNECT, "refused");
}

/* ---- a format, and what it makes of a result ---- */

enum { MOST_TARGETS = 8 };

struct desk {
	struct write_out *w;
	struct field_list fields;
	struct buf outs[MOST_TARGETS];
	struct write_out_sink sinks[MOST_TARGETS];
};

static void desk_open(struct desk *desk, const char *format, bool is_terminal)
{
	struct error e = {""};

	*desk = (struct desk){.w = write_out_parse(format, &e)};
	if (!desk->w)
		fail_msg("%s: %s", format, e.text);
	assert_err(field_list_add(&desk->fields, "index,ok", NULL), ERR_NONE);
	for (size_t i = 0; i < MOST_TARGETS; i++) {
		buf_init(&desk->outs[i], BUF_UNLIMITED);
		desk->sinks[i] = (struct write_out_sink){&desk->outs[i], is_terminal};
	}
}

static void desk_close(struct desk *desk)
{
	for (size_t i = 0; i < MOST_TARGETS; i++)
		buf_release(&desk->outs[i]);
	field_list_release(&desk->fields);
	write_out_free(desk->w);
}

static void case_put(const char *format, const struct result *r, const char *expected)
{
	struct desk desk;

	desk_open(&desk, format, false);
	write_out_put(desk.w, &desk.fields, desk.sinks, r);
	case_text(format, desk.outs[0].data, expected);
	for (size_t i = 1; i < MOST_TARGETS; i++)
		case_text(format, desk.outs[i].data, "");
	desk_close(&desk);
}

struct put_case {
	const char *format, *expected;
};

static void case_puts(const struct result *r, const struct put_case *cases, size_t count)
{
	for (size_t i = 0; i < count; i++)
		case_put(cases[i].format, r, cases[i].expected);
}

/* ---- text ---- */

static void text_is_as_it_is_but_for_escapes(void **state)
{
	static const struct put_case cases[] = {
		{"", ""},
		{"a", "a"},
		{"a\\nb\\tc\\rd", "a\nb\tc\rd"},
		{"a\nb", "a\nb"},
		{"100%%", "100%"},
		{"%%{url}", "%{url}"},
		{"%%%%", "%%"},
		/* What is no escape, as curl has it: it takes the next character with it. */
		{"\\x", "\\x"},
		{"\\\\n", "\\\\n"},
		{"\\%{url}", "\\%{url}"},
		{"%x", "%x"},
		{"%\\n", "%\\n"},
		{"% %", "% %"},
		{"%", "%"},
		{"a%", "a%"},
		{"\\", "\\"},
		{"a\\", "a\\"},
		{"%h%header", "%h%header"},
		{"%headers{url}", "%headers{url}"},
		{"%HEADER{url}", "%HEADER{url}"},
		{"{url}", "{url}"},
		{"}%}", "}%}"},
		{"\033[1m\xff", "\033[1m\xff"},
	};
	struct result r;

	(void)state;
	result_new_good(&r);
	case_puts(&r, cases, COUNT(cases));
	result_release(&r);
}

/* ---- variables ---- */

static void variables_are_the_values_of_a_success(void **state)
{
	static const struct put_case cases[] = {
		{"%{http_code}", "200"},
		{"%{response_code}", "200"},
		{"%{HTTP_Code}", "200"},
		{"%{http_connect}", "020"},
		{"%{index}", "7"},
		{"%{urlnum}", "7"},
		{"%{url}", "http://me:***@h/a"},
		{"%{url_effective}", "http://me:***@h/b"},
		{"%{redirect_url}", "http://me:***@h/c"},
		{"%{method}", "GET"},
		{"%{ok}", "true"},
		{"%{error}", ""},
		{"%{errormsg}", ""},
		{"%{exitcode}", "0"},
		{"%{attempts}", "2"},
		{"%{http_version}", "1.1"},
		{"%{content_type}", "text/plain"},
		{"%{scheme}", "http"},
		{"%{size_download}", "5"},
		{"%{num_redirects}", "1"},
		{"%{remote_ip}", "192.0.2.1"},
		{"%{remote_port}", "80"},
		{"%{time_queue}", "0.000001"},
		{"%{time_total}", "80.123456"},
		{"%{started_at}", "1700000000.123456"},
		{"%{num_headers}", "5"},
		{"%{speed_upload}", "10"},
		{"%{id}%{meta}%{filename_effective}", ""},
		{"%{body}", "hello\n"},
		{"%{body_base64}", ""},
		{"%{header_json}",
	         "{\"content-type\":[\"text/plain\"],\"x-a\":[\"1\",\"3\"],\"x-ab\":[\"2\"],"
	         "\"x-empty\":[\"\"]}"},
		{"%{json}", "{\"index\":7,\"ok\":true}"},
		{"%{json}%{json}", "{\"index\":7,\"ok\":true}{\"index\":7,\"ok\":true}"},
		{"[%{http_code} %{ok}]\\n", "[200 true]\n"},
		{"%{ok}%{ok}", "truetrue"},
		{"a%{onerror}b", "a"},
	};
	struct result r;

	(void)state;
	result_new_good(&r);
	case_puts(&r, cases, COUNT(cases));
	result_release(&r);
}

static void what_does_not_apply_is_as_in_curl(void **state)
{
	static const struct put_case cases[] = {
		{"%{http_code} %{response_code} %{http_connect}", "000 000 000"},
		{"%{http_version}", "0"},
		{"%{time_total}", "0.000000"},
		{"%{started_at}", "0.000000"},
		{"%{size_download} %{num_connects} %{speed_upload}", "0 0 0"},
		{"%{ssl_verify_result} %{num_certs} %{num_headers}", "0 0 0"},
		{"%{remote_port} %{local_port}", "0 0"},
		{"%{remote_ip}%{content_type}%{scheme}%{redirect_url}%{certs}%{body}", ""},
		{"%{header_json}", "{}"},
		{"%header{content-type}", ""},
		{"%{error}: %{errormsg} (%{exitcode})", "connect: refused (7)"},
		{"%{ok}", "false"},
		{"a%{onerror}b%{onerror}c", "abc"},
	};
	struct result r;

	(void)state;
	result_new_failed(&r);
	case_puts(&r, cases, COUNT(cases));
	result_release(&r);
}

static void every_field_is_a_variable(void **state)
{
	struct result r;
	const char *name;

	(void)state;
	result_new_good(&r);
	for (size_t i = 0; (name = field_name_at(i)); i++) {
		char *format = mem_printf("%%{%s}", name);
		struct desk desk;

		desk_open(&desk, format, false);
		write_out_put(desk.w, &desk.fields, desk.sinks, &r);
		desk_close(&desk);
		free(format);
	}
	result_release(&r);
}

static void a_header_is_its_first_value(void **state)
{
	static const struct put_case cases[] = {
		{"%header{x-a}", "1"},        {"%header{X-A}", "1"},
		{"%header{x-ab}", "2"},       {"%header{content-type}", "text/plain"},
		{"[%header{x-empty}]", "[]"}, {"[%header{x}]", "[]"},
		{"[%header{x-abc}]", "[]"},   {"%header{x-a}%header{x-ab}", "12"},
	};
	struct result r;

	(void)state;
	result_new_good(&r);
	case_puts(&r, cases, COUNT(cases));
	result_release(&r);
}

/* ---- a terminal ---- */

static void a_terminal_is_not_steered_by_values(void **state)
{
	static const struct put_case cases[] = {
		{"%header{x}", "\xef\xbf\xbd[31m\xef\xbf\xbd"},
		{"%{errormsg}", "a\nb\tc\xef\xbf\xbd"},
		{"\033[1m%{ok}\033[0m", "\033[1mfalse\033[0m"}, /* what the user wrote is */
	};
	struct result r;

	(void)state;
	result_new_failed(&r);
	buf_put_text(&r.headers, "x: \033[31m\x9b\n");
	result_fail(&r, FAILURE_OTHER, "a\nb\tc\r");
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct desk desk;

		desk_open(&desk, cases[i].format, true);
		write_out_put(desk.w, &desk.fields, desk.sinks, &r);
		case_text(cases[i].format, desk.outs[0].data, cases[i].expected);
		desk_close(&desk);
	}
	case_put("%header{x}%{errormsg}", &r,
	         "\033[31m\x9b"
	         "a\nb\tc\r");
	result_release(&r);
}

/* ---- targets ---- */

/* "stdout [text] a.txt [text]": the targets of a format, and what a failure has for each. */
static void targets_have_what_follows_them(void **state)
{
	static const struct put_case cases[] = {
		{"a", "0:standard output[a]"},
		{"a%{stdout}b", "0:standard output[ab]"},
		{"a%{stderr}b", "0:standard output[a] 1:standard error[b]"},
		{"a%{stderr}b%{stdout}c%{STDERR}d", "0:standard output[ac] 1:standard error[bd]"},
		{"%output{f}a%output{g}b%output{f}c", "0:standard output[] 2:f[ac] 2:g[b]"},
		{"%output{>>f}a", "0:standard output[] 3:f[a]"},
		{"%output{>>f}a%output{f}b", "0:standard output[] 3:f[ab]"},
		{"%output{>f}a", "0:standard output[] 2:>f[a]"},
		{"%output{a b/c}x", "0:standard output[] 2:a b/c[x]"},
		{"%output{standard error}a%{stderr}b",
	         "0:standard output[] 2:standard error[a] 1:standard error[b]"},
		{"a%{onerror}%output{f}%{exitcode}", "0:standard output[a] 2:f[7]"},
	};
	struct result r;

	(void)state;
	result_new_failed(&r);
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct write_out_target *target;
		struct desk desk;
		struct buf text;

		desk_open(&desk, cases[i].format, false);
		write_out_put(desk.w, &desk.fields, desk.sinks, &r);
		buf_init(&text, BUF_UNLIMITED);
		for (size_t k = 0; (target = write_out_target_at(desk.w, k)); k++)
			buf_printf(&text, "%s%d:%s[%s]", k ? " " : "", (int)target->place,
			           target->name, desk.outs[k].data);
		case_text(cases[i].format, text.data, cases[i].expected);
		buf_release(&text);
		desk_close(&desk);
	}
	result_release(&r);
}

static void results_follow_one_another(void **state)
{
	struct result good, bad;
	struct desk desk;

	(void)state;
	result_new_good(&good);
	result_new_failed(&bad);
	desk_open(&desk, "%{http_code}\\n%{onerror}%{stderr}%{error}\\n", false);
	write_out_put(desk.w, &desk.fields, desk.sinks, &good);
	write_out_put(desk.w, &desk.fields, desk.sinks, &bad);
	write_out_put(desk.w, &desk.fields, desk.sinks, &good);
	assert_string_equal(desk.outs[0].data, "200\n000\n200\n");
	assert_string_equal(desk.outs[1].data, "connect\n");
	desk_close(&desk);
	result_release(&good);
	result_release(&bad);
}

/* ---- errors ---- */

static void what_is_unknown_is_named_with_its_place(void **state)
{
	static const struct {
		const char *format, *words;
	} cases[] = {
		{"%{nope}", "no variable \"nope\", at character 1 of the format"},
		{"ab%{nope}", "no variable \"nope\", at character 3 of the format"},
		{"%{url}%{urls}", "no variable \"urls\", at character 7 of the format"},
		{"%%\\n%{}", "no variable \"\", at character 5 of the format"},
		{"%{ url}", "no variable \" url\", at character 1 of the format"},
		{"%{header{a}}", "no variable \"header{a\", at character 1 of the format"},
		{"a%{url", "%{ has no end, at character 2 of the format"},
		{"a%header{", "%header{ has no end, at character 2 of the format"},
		{"%output{f", "%output{ has no end, at character 1 of the format"},
		{"%header{}", "no header can have the name \"\", at character 1 of the format"},
		{"%header{a:}", "no header can have the name \"a:\", at character 1 of the format"},
		{"%output{}", "%output{} takes the name of a file, at character 1 of the format"},
		{"%output{>>}", "%output{} takes the name of a file, at character 1 of the format"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct error e = {""};

		assert_null(write_out_parse(cases[i].format, &e));
		case_text(cases[i].format, e.text, cases[i].words);
	}
	assert_null(write_out_parse("%{nope}", NULL));
}

/* ---- what is kept ---- */

static void only_what_is_shown_is_kept(void **state)
{
	static const struct {
		const char *format;
		bool headers, body, details, certs;
	} cases[] = {
		{"a%{url}%{time_total}%{json}%{onerror}%{stderr}", false, false, false, false},
		{"%header{a}", true, false, false, false},
		{"%{header_json}", true, false, false, false},
		{"%{num_headers}", true, false, false, false},
		{"%{body}", false, true, false, false},
		{"%{referer}", false, false, true, false},
		{"%{num_certs}", false, false, true, true},
		{"%{body}%{certs}%{headers}", true, true, true, true},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct write_out *w = write_out_parse(cases[i].format, NULL);
		struct fetch_options options = {0};

		assert_non_null(w);
		write_out_keep(w, &options);
		case_int(cases[i].format, options.keeps_headers, cases[i].headers);
		case_int(cases[i].format, options.keeps_body, cases[i].body);
		case_int(cases[i].format, options.keeps_details, cases[i].details);
		case_int(cases[i].format, options.keeps_certs, cases[i].certs);
		write_out_free(w);
	}
	write_out_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_is_as_it_is_but_for_escapes),
		cmocka_unit_test(variables_are_the_values_of_a_success),
		cmocka_unit_test(what_does_not_apply_is_as_in_curl),
		cmocka_unit_test(every_field_is_a_variable),
		cmocka_unit_test(a_header_is_its_first_value),
		cmocka_unit_test(a_terminal_is_not_steered_by_values),
		cmocka_unit_test(targets_have_what_follows_them),
		cmocka_unit_test(results_follow_one_another),
		cmocka_unit_test(what_is_unknown_is_named_with_its_place),
		cmocka_unit_test(only_what_is_shown_is_kept),
	};

	return UNIT_RUN(tests);
}
