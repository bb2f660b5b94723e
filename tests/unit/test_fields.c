/*
 * output/fields: the members of a result, in JSON and CSV.
 */
#include "unit.h"

#include <cjson/cJSON.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "output/fields.h"
#include "transfer/options.h"
#include "transfer/result.h"

#define FFFD "\xef\xbf\xbd"

/* ---- results ---- */

/* A set that is sealed as a run's is: the method is what counts here. */
static char get[] = "GET", post[] = "POST";
static const struct fetch_options get_options = {.method = get};
static const struct fetch_options post_options = {.method = post};

/* A request that was never made. */
static void result_new(struct result *r, const char *url)
{
	result_init(r);
	r->request.options = &get_options;
	buf_put_text(&r->request.url, url);
}

/* One that was, with something in every member. */
static void result_new_full(struct result *r)
{
	result_new(r, "http://h/a");
	r->request.index = 41;
	buf_put_text(&r->request.id, "\"a\"");
	buf_put_text(&r->request.meta, "[1, 2]");
	r->request.options = &post_options;
	r->attempts = 2;
	r->http_code = 200;
	r->http_version = "1.1";
	r->scheme = "http";
	buf_put_text(&r->url_effective, "http://h/b");
	buf_put_text(&r->content_type, "text/plain; charset=utf-8");
	r->size_download = 5;
	r->size_upload = 6;
	r->size_header = 7;
	r->size_request = 8;
	r->speed_download = 9;
	r->num_redirects = 1;
	r->num_connects = 3;
	snprintf(r->remote_ip, sizeof(r->remote_ip), "192.0.2.1");
	snprintf(r->local_ip, sizeof(r->local_ip), "2001:db8::1");
	r->remote_port = 80;
	r->local_port = 54321;
	r->time_queue_us = 1;
	r->time_namelookup_us = 20;
	r->time_connect_us = 300;
	r->time_appconnect_us = 4000;
	r->time_pretransfer_us = 50000;
	r->time_starttransfer_us = 600000;
	r->time_redirect_us = 7000000;
	r->time_total_us = 80000000;
	r->started_unix_us = INT64_C(1700000000123456);
	buf_put_text(&r->headers, "content-type: text/plain; charset=utf-8\nset-cookie: a=1\n"
	                          "x-empty: \nset-cookie: b=2\n");
	buf_put_text(&r->body, "hello");
}

/* ---- lists of fields ---- */

static struct field_list fields(const char *names)
{
	struct field_list list = {0};
	struct error e = {""};

	if (field_list_add(&list, names, &e))
		fail_msg("%s: %s", names, e.text);
	return list;
}

static struct field_list all_fields(bool with_headers, bool with_body)
{
	struct field_list list = {0};

	field_list_add_all(&list, with_headers, with_body);
	return list;
}

/* Takes the list. The caller frees the text. */
static char *json_of(struct field_list list, const struct result *r)
{
	struct buf out;
	struct json json;
	size_t len;

	buf_init(&out, BUF_UNLIMITED);
	json_init(&json, &out);
	fields_put_json(&json, &list, r);
	field_list_release(&list);
	return buf_take(&out, &len);
}

static void put_csv_of(struct buf *out, struct field_list list, const struct result *r)
{
	fields_put_csv(out, &list, r, false);
	field_list_release(&list);
}

static char *csv_of(struct field_list list, const struct result *r)
{
	struct buf out;
	size_t len;

	buf_init(&out, BUF_UNLIMITED);
	put_csv_of(&out, list, r);
	return buf_take(&out, &len);
}

/* Both forms of some fields. */
static void case_fields(const char *name, const char *names, const struct result *r,
                        const char *json, const char *csv)
{
	char *text = json_of(fields(names), r);

	case_text(name, text, json);
	free(text);
	text = csv_of(fields(names), r);
	case_text(name, text, csv);
	free(text);
}

/* ---- the table ---- */

/* INTERFACE.md, section 5, "Result members", in that order. */
static const char *const members[] = {
	"index",
	"id",
	"meta",
	"url",
	"method",
	"ok",
	"http_code",
	"error",
	"errormsg",
	"exitcode",
	"attempts",
	"url_effective",
	"http_version",
	"content_type",
	"scheme",
	"size_download",
	"size_header",
	"size_request",
	"size_upload",
	"speed_download",
	"num_redirects",
	"num_connects",
	"remote_ip",
	"remote_port",
	"local_ip",
	"local_port",
	"time_queue",
	"time_namelookup",
	"time_connect",
	"time_appconnect",
	"time_pretransfer",
	"time_starttransfer",
	"time_redirect",
	"time_total",
	"started_at",
	"filename_effective",
	"warning",
	"parent",
	"depth",
	"headers",
	"body",
	"body_base64",
	"extract",
	"exec",
	/* Not there: of the log of --resume, and what only curl's -w has. */
	"fingerprint",
	"checksum",
	"num_headers",
	"exec.exitcode",
	"exec.stdout",
	"exec.stderr",
	"http_connect",
	"redirect_url",
	"referer",
	"speed_upload",
	"ssl_verify_result",
	"proxy_ssl_verify_result",
	"ftp_entry_path",
	"num_certs",
	"certs",
};

enum {
	BY_NAME = 15,     /* so many of them are there only where they are named */
	IF_ASKED_FOR = 5, /* headers, body and body_base64; extract and exec */
	ALWAYS = COUNT(members) - BY_NAME - IF_ASKED_FOR,
};

static void the_fields_are_those_of_the_interface(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(members); i++) {
		assert_non_null(field_name_at(i));
		case_text(members[i], field_name_at(i), members[i]);
	}
	assert_null(field_name_at(COUNT(members)));
	assert_null(field_name_at(COUNT(members) + 1));
	assert_null(field_name_at(SIZE_MAX));
}

static void headers_and_body_are_there_when_asked_for(void **state)
{
	static const struct {
		const char *name;
		bool with_headers, with_body;
		size_t count;
	} cases[] = {
		{"neither", false, false, ALWAYS},
		{"headers", true, false, ALWAYS + 1},
		{"body", false, true, ALWAYS + 2},
		{"both", true, true, ALWAYS + 3},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const char *name = cases[i].name;
		struct field_list list = all_fields(cases[i].with_headers, cases[i].with_body);

		case_uint(name, list.count, cases[i].count);
		case_int(name, field_list_has(&list, "headers"), cases[i].with_headers);
		case_int(name, field_list_has(&list, "body"), cases[i].with_body);
		case_int(name, field_list_has(&list, "body_base64"), cases[i].with_body);
		for (size_t k = 0; k < ALWAYS; k++) {
			case_true(name, field_list_has(&list, members[k]));
			case_text(name, field_name(list.fields[k]), members[k]);
		}
		field_list_release(&list);
		case_uint(name, list.count, 0);
	}
}

static void a_list_of_names_chooses_fields(void **state)
{
	static const struct {
		const char *names;
		enum err expected;
		const char *words; /* or the header row */
	} cases[] = {
		{"url", ERR_NONE, "url\r\n"},
		{"url,http_code", ERR_NONE, "url,http_code\r\n"},
		{"http_code,url,index", ERR_NONE, "http_code,url,index\r\n"},
		{"url,url", ERR_NONE, "url,url\r\n"},
		{"body_base64,headers", ERR_NONE, "body_base64,headers\r\n"},
		{"urls", ERR_SYNTAX, "\"urls\""},
		{"url,nothing,ok", ERR_SYNTAX, "\"nothing\""},
		{"URL", ERR_SYNTAX, "\"URL\""},
		{" url", ERR_SYNTAX, "\" url\""},
		{"url, ok", ERR_SYNTAX, "\" ok\""},
		{"", ERR_SYNTAX, "\"\""},
		{"url,", ERR_SYNTAX, "\"\""},
		{",url", ERR_SYNTAX, "\"\""},
		{"time_", ERR_SYNTAX, "\"time_\""},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct field_list list = {0};
		struct error e = {""};
		struct buf row;

		case_err(cases[i].names, field_list_add(&list, cases[i].names, &e),
		         cases[i].expected);
		if (cases[i].expected) {
			if (!strstr(e.text, cases[i].words))
				fail_msg("\"%s\": %s", cases[i].names, e.text);
		} else {
			buf_init(&row, BUF_UNLIMITED);
			fields_put_csv_header(&row, &list);
			case_text(cases[i].names, row.data, cases[i].words);
			buf_release(&row);
		}
		field_list_release(&list);
	}
}

static void a_list_can_be_added_to(void **state)
{
	struct field_list list = fields("ok");

	(void)state;
	assert_err(field_list_add(&list, "url,index", NULL), ERR_NONE);
	assert_err(field_list_add(&list, "bad", NULL), ERR_SYNTAX);
	assert_int_equal(list.count, 3);
	assert_true(field_list_has(&list, "index"));
	assert_false(field_list_has(&list, "bad"));
	assert_false(field_list_has(&list, "http_code"));
	field_list_release(&list);
	assert_false(field_list_has(&list, "ok"));
}

/* ---- values ---- */

static void every_member_of_a_result_is_written(void **state)
{
	struct result r;
	char *text;

	(void)state;
	result_new_full(&r);
	text = json_of(all_fields(true, true), &r);
	assert_string_equal(
		text,
		"{\"index\":41,\"id\":\"a\",\"meta\":[1, 2],\"url\":\"http://h/"
		"a\",\"method\":\"POST\","
		"\"ok\":true,\"http_code\":200,\"error\":null,\"errormsg\":null,\"exitcode\":0,"
		"\"attempts\":2,\"url_effective\":\"http://h/b\",\"http_version\":\"1.1\","
		"\"content_type\":\"text/plain; charset=utf-8\",\"scheme\":\"http\","
		"\"size_download\":5,\"size_header\":7,\"size_request\":8,\"size_upload\":6,"
		"\"speed_download\":9,\"num_redirects\":1,\"num_connects\":3,"
		"\"remote_ip\":\"192.0.2.1\",\"remote_port\":80,\"local_ip\":\"2001:db8::1\","
		"\"local_port\":54321,\"time_queue\":0.000001,\"time_namelookup\":0.000020,"
		"\"time_connect\":0.000300,\"time_appconnect\":0.004000,"
		"\"time_pretransfer\":0.050000,\"time_starttransfer\":0.600000,"
		"\"time_redirect\":7.000000,\"time_total\":80.000000,"
		"\"started_at\":1700000000.123456,\"filename_effective\":null,"
		"\"warning\":null,\"parent\":null,\"depth\":null,"
		"\"headers\":{\"content-type\":[\"text/plain; charset=utf-8\"],"
		"\"set-cookie\":[\"a=1\",\"b=2\"],\"x-empty\":[\"\"]},"
		"\"body\":\"hello\",\"body_base64\":null}");
	free(text);
	text = csv_of(all_fields(true, true), &r);
	assert_string_equal(
		text,
		"41,a,\"[1, 2]\",http://h/a,POST,true,200,,,0,2,http://h/b,1.1,text/plain; "
		"charset=utf-8,http,"
		"5,7,8,6,9,1,3,192.0.2.1,80,2001:db8::1,54321,0.000001,0.000020,0.000300,0.004000,"
		"0.050000,0.600000,7.000000,80.000000,1700000000.123456,,,,,"
		"\"{\"\"content-type\"\":[\"\"text/plain; charset=utf-8\"\"],"
		"\"\"set-cookie\"\":[\"\"a=1\"\",\"\"b=2\"\"],\"\"x-empty\"\":[\"\"\"\"]}\","
		"hello,\r\n");
	free(text);
	result_release(&r);
}

static void what_does_not_apply_is_null(void **state)
{
	struct result r;
	char *text;

	(void)state;
	result_new(&r, "http://h/");
	result_fail(&r, FAILURE_INPUT, "no good");
	text = json_of(all_fields(true, true), &r);
	assert_string_equal(
		text,
		"{\"index\":0,\"id\":null,\"meta\":null,\"url\":\"http://h/\",\"method\":\"GET\","
		"\"ok\":false,\"http_code\":0,\"error\":\"input\",\"errormsg\":\"no good\","
		"\"exitcode\":0,\"attempts\":0,\"url_effective\":null,\"http_version\":null,"
		"\"content_type\":null,\"scheme\":null,\"size_download\":null,\"size_header\":null,"
		"\"size_request\":null,\"size_upload\":null,\"speed_download\":null,"
		"\"num_redirects\":null,\"num_connects\":null,\"remote_ip\":null,"
		"\"remote_port\":null,\"local_ip\":null,\"local_port\":null,\"time_queue\":null,"
		"\"time_namelookup\":null,\"time_connect\":null,\"time_appconnect\":null,"
		"\"time_pretransfer\":null,\"time_starttransfer\":null,\"time_redirect\":null,"
		"\"time_total\":null,\"started_at\":null,\"filename_effective\":null,"
		"\"warning\":null,\"parent\":null,\"depth\":null,"
		"\"headers\":null,\"body\":null,\"body_base64\":null}");
	free(text);
	text = csv_of(all_fields(true, true), &r);
	assert_string_equal(text, "0,,,http://h/,GET,false,0,input,no good,0,0,,,,,,,,,,,,,,,,,,,,,"
	                          ",,,,,,,,,,\r\n");
	free(text);
	result_release(&r);
}

static void values_at_their_edges(void **state)
{
	struct result r;

	(void)state;
	result_new(&r, "");
	case_fields("no URL", "url,url_effective", &r, "{\"url\":null,\"url_effective\":null}",
	            ",\r\n");
	r.attempts = 1;
	r.exitcode = 7;
	result_fail(&r, FAILURE_CONNECT, "");
	case_fields(
		"an attempt that came to nothing",
		"size_download,num_connects,speed_download,remote_ip,remote_port,errormsg,error,"
		"exitcode",
		&r,
		"{\"size_download\":0,\"num_connects\":0,\"speed_download\":0,"
		"\"remote_ip\":null,\"remote_port\":null,\"errormsg\":null,"
		"\"error\":\"connect\",\"exitcode\":7}",
		"0,0,0,,,,connect,7\r\n");
	case_fields("and brought nothing", "headers,body,body_base64", &r,
	            "{\"headers\":null,\"body\":null,\"body_base64\":null}", ",,\r\n");
	buf_put_text(&r.request.url, "http://h/");
	case_fields("the effective URL is the request's own", "url_effective", &r,
	            "{\"url_effective\":\"http://h/\"}", "http://h/\r\n");
	r.time_total_us = 0;
	r.time_queue_us = 999999;
	r.time_connect_us = 1000000;
	r.time_redirect_us = INT64_MAX;
	case_fields("times", "time_total,time_queue,time_connect,time_redirect,time_namelookup", &r,
	            "{\"time_total\":0.000000,\"time_queue\":0.999999,\"time_connect\":1.000000,"
	            "\"time_redirect\":9223372036854.775807,\"time_namelookup\":null}",
	            "0.000000,0.999999,1.000000,9223372036854.775807,\r\n");
	r.request.index = UINT64_C(9007199254740993); /* 2^53 + 1 */
	r.size_download = INT64_MAX;
	r.attempts = UINT32_MAX;
	case_fields("large numbers are exact", "index,size_download,attempts", &r,
	            "{\"index\":9007199254740993,\"size_download\":9223372036854775807,"
	            "\"attempts\":4294967295}",
	            "9007199254740993,9223372036854775807,4294967295\r\n");
	case_fields("the same field twice", "ok,ok", &r, "{\"ok\":false,\"ok\":false}",
	            "false,false\r\n");
	result_release(&r);
}

static void what_a_job_says_comes_back(void **state)
{
	static const struct {
		const char *id, *csv, *text;
	} cases[] = {
		{"12345678901234567890", "12345678901234567890", "12345678901234567890"},
		{"-1.50e+3", "-1.50e+3", "-1.50e+3"},
		{"\"a\\\"b\\u00e9,\"", "\"a\"\"b\xc3\xa9,\"", "a\"b\xc3\xa9,"},
		{"\"\"", "", ""},
		{"\"null\"", "null", "null"},
		{"null", "", ""},
		{"true", "true", "true"},
		{"{\"a\" : [1]}", "\"{\"\"a\"\" : [1]}\"", "{\"a\" : [1]}"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		char *json = mem_printf("{\"id\":%s,\"meta\":null}", cases[i].id);
		char *csv = mem_printf("%s,\r\n", cases[i].csv);
		struct result r;
		struct buf text;

		result_new(&r, "u");
		buf_put_text(&r.request.id, cases[i].id);
		case_fields(cases[i].id, "id,meta", &r, json, csv);
		buf_init(&text, BUF_UNLIMITED);
		field_put_text(&text, field_find("id"), &r);
		case_text(cases[i].id, text.data, cases[i].text);
		buf_release(&text);
		result_release(&r);
		free(json);
		free(csv);
	}
}

static void every_class_has_its_name(void **state)
{
	struct result r;

	(void)state;
	result_new(&r, "u");
	for (int failure = 1; failure < FAILURES; failure++) {
		char json[64], csv[64];

		result_fail(&r, (enum failure)failure, "x");
		snprintf(json, sizeof(json), "{\"error\":\"%s\",\"ok\":false}",
		         failure_name((enum failure)failure));
		snprintf(csv, sizeof(csv), "%s,false\r\n", failure_name((enum failure)failure));
		case_fields("a class", "error,ok", &r, json, csv);
	}
	result_release(&r);
}

static void passwords_are_masked(void **state)
{
	struct result r;

	(void)state;
	result_new(&r, "http://me:secret@h/a,b?x=\"@\"");
	r.attempts = 1;
	buf_put_text(&r.url_effective, "https://me:secret@other/");
	case_fields("both URLs", "url,url_effective", &r,
	            "{\"url\":\"http://me:***@h/a,b?x=\\\"@\\\"\","
	            "\"url_effective\":\"https://me:***@other/\"}",
	            "\"http://me:***@h/a,b?x=\"\"@\"\"\",https://me:***@other/\r\n");
	buf_clear(&r.url_effective);
	case_fields("the request's own", "url_effective", &r,
	            "{\"url_effective\":\"http://me:***@h/a,b?x=\\\"@\\\"\"}",
	            "\"http://me:***@h/a,b?x=\"\"@\"\"\"\r\n");
	result_release(&r);
}

/* ---- details ---- */

static void result_add_details(struct result *r)
{
	struct details *d = result_details(r);

	d->http_connect = 200;
	d->speed_upload = 10;
	d->ssl_verify_result = 19;
	d->proxy_ssl_verify_result = 20;
	d->num_certs = 2;
	buf_put_text(&d->certs, "Subject:CN = a\nSubject:CN = b\n");
	buf_put_text(&d->redirect_url, "http://me:secret@h/c");
	buf_put_text(&d->referer, "http://me:secret@h/d");
	buf_put_text(&d->ftp_entry_path, "/home");
}

#define DETAILS                                                             \
	"http_connect,redirect_url,referer,speed_upload,ssl_verify_result," \
	"proxy_ssl_verify_result,ftp_entry_path,num_certs,certs"

static void details_are_written_where_they_are_named(void **state)
{
	static const char nothing[] =
		"{\"http_connect\":null,\"redirect_url\":null,\"referer\":null,"
		"\"speed_upload\":null,\"ssl_verify_result\":null,\"proxy_ssl_verify_result\":null,"
		"\"ftp_entry_path\":null,\"num_certs\":null,\"certs\":null}";
	struct result r;

	(void)state;
	result_new_full(&r);
	case_fields("never asked for", DETAILS, &r, nothing, ",,,,,,,,\r\n");
	result_add_details(&r);
	case_fields("all of them", DETAILS, &r,
	            "{\"http_connect\":200,\"redirect_url\":\"http://me:***@h/c\","
	            "\"referer\":\"http://me:***@h/d\",\"speed_upload\":10,"
	            "\"ssl_verify_result\":19,\"proxy_ssl_verify_result\":20,"
	            "\"ftp_entry_path\":\"/home\",\"num_certs\":2,"
	            "\"certs\":\"Subject:CN = a\\nSubject:CN = b\\n\"}",
	            "200,http://me:***@h/c,http://me:***@h/d,10,19,20,/home,2,"
	            "\"Subject:CN = a\nSubject:CN = b\n\"\r\n");
	case_fields("how many headers", "num_headers", &r, "{\"num_headers\":4}", "4\r\n");
	result_clear_attempt(&r);
	case_fields("another attempt", DETAILS, &r,
	            "{\"http_connect\":0,\"redirect_url\":null,\"referer\":null,"
	            "\"speed_upload\":0,\"ssl_verify_result\":0,\"proxy_ssl_verify_result\":0,"
	            "\"ftp_entry_path\":null,\"num_certs\":0,\"certs\":null}",
	            "0,,,0,0,0,,0,\r\n");
	case_fields("no answer", "num_headers", &r, "{\"num_headers\":null}", "\r\n");
	r.attempts = 0;
	case_fields("no attempt", DETAILS, &r, nothing, ",,,,,,,,\r\n");
	result_release(&r);
}

static void a_field_keeps_what_it_shows(void **state)
{
	static const struct {
		const char *name, *kept;
	} cases[] = {
		{"url", ""},
		{"fingerprint", ""},
		{"checksum", "checksum"},
		{"headers", "headers"},
		{"num_headers", "headers"},
		{"body", "body"},
		{"body_base64", "body"},
		{"redirect_url", "details"},
		{"http_connect", "details"},
		{"speed_upload", "details"},
		{"ftp_entry_path", "details"},
		{"num_certs", "details certs"},
		{"certs", "details certs"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct fetch_options options = {0};
		char kept[64];

		assert_non_null(field_find(cases[i].name));
		field_keep(field_find(cases[i].name), &options);
		snprintf(kept, sizeof(kept), "%s%s%s%s%s", options.keeps_headers ? "headers" : "",
		         options.keeps_checksum ? "checksum" : "", options.keeps_body ? "body" : "",
		         options.keeps_details ? "details" : "",
		         options.keeps_certs ? " certs" : "");
		case_text(cases[i].name, kept, cases[i].kept);
	}
	assert_null(field_find("nothing"));
}

/* ---- headers ---- */

static void headers_are_grouped_where_their_name_stands_first(void **state)
{
	static const struct {
		const char *name, *headers, *json, *csv;
	} cases[] = {
		{"none", "", "{}", "{}\r\n"},
		{"one", "a: 1\n", "{\"a\":[\"1\"]}", "\"{\"\"a\"\":[\"\"1\"\"]}\"\r\n"},
		{"the same twice", "a: 1\na: 2\n", "{\"a\":[\"1\",\"2\"]}",
	         "\"{\"\"a\"\":[\"\"1\"\",\"\"2\"\"]}\"\r\n"},
		{"the same value twice", "a: 1\na: 1\n", "{\"a\":[\"1\",\"1\"]}",
	         "\"{\"\"a\"\":[\"\"1\"\",\"\"1\"\"]}\"\r\n"},
		{"with another between", "b: 1\na: 2\nb: 3\n",
	         "{\"b\":[\"1\",\"3\"],\"a\":[\"2\"]}", NULL},
		{"one name begins like another", "ab: 1\na: 2\nabc: 3\nab: 4\na: 5\n",
	         "{\"ab\":[\"1\",\"4\"],\"a\":[\"2\",\"5\"],\"abc\":[\"3\"]}", NULL},
		{"an empty value", "a: \nb: \n", "{\"a\":[\"\"],\"b\":[\"\"]}", NULL},
		{"a short one last", "abcdef: 1\na: \n", "{\"abcdef\":[\"1\"],\"a\":[\"\"]}", NULL},
		{"colons in the value", "a: b: c: d\nb: :\n", "{\"a\":[\"b: c: d\"],\"b\":[\":\"]}",
	         NULL},
		{"a value like a name", "a: b: 1\nb: a: 2\n", "{\"a\":[\"b: 1\"],\"b\":[\"a: 2\"]}",
	         NULL},
		{"quotes and backslashes", "a: \"x\\y\"\n", "{\"a\":[\"\\\"x\\\\y\\\"\"]}", NULL},
		{"not UTF-8", "a: caf\xe9\n", "{\"a\":[\"caf" FFFD "\"]}", NULL},
		{"control characters", "a: x\033[31m\x7f\n", "{\"a\":[\"x\\u001b[31m\\u007f\"]}",
	         NULL},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct result r;
		char *text, *expected = mem_printf("{\"headers\":%s}", cases[i].json);

		result_new(&r, "u");
		r.attempts = 1;
		r.http_code = 200;
		buf_put_text(&r.headers, cases[i].headers);
		text = json_of(fields("headers"), &r);
		case_text(cases[i].name, text, expected);
		free(text);
		if (cases[i].csv) {
			text = csv_of(fields("headers"), &r);
			case_text(cases[i].name, text, cases[i].csv);
			free(text);
		}
		free(expected);
		result_release(&r);
	}
}

static void many_headers_keep_their_order(void **state)
{
	enum { NAMES = 20, ROUNDS = 10 };
	struct result r;
	char *text;
	cJSON *json, *headers, *values;

	(void)state;
	result_new(&r, "u");
	r.attempts = 1;
	r.http_code = 200;
	for (int round = 0; round < ROUNDS; round++) {
		for (int i = 0; i < NAMES; i++)
			buf_printf(&r.headers, "n%d: %d\n", i, round);
	}
	text = json_of(fields("headers"), &r);
	json = cJSON_Parse(text);
	headers = cJSON_GetObjectItem(json, "headers");
	assert_int_equal(cJSON_GetArraySize(headers), NAMES);
	for (int i = 0; i < NAMES; i++) {
		char name[16];

		values = cJSON_GetArrayItem(headers, i);
		snprintf(name, sizeof(name), "n%d", i);
		assert_string_equal(values->string, name);
		assert_int_equal(cJSON_GetArraySize(values), ROUNDS);
		for (int round = 0; round < ROUNDS; round++)
			assert_int_equal(atoi(cJSON_GetArrayItem(values, round)->valuestring),
			                 round);
	}
	cJSON_Delete(json);
	free(text);
	result_release(&r);
}

/* ---- body ---- */

static void a_body_is_text_or_base64(void **state)
{
	static const struct {
		const char *name, *body;
		size_t len;
		const char *json, *csv;
	} cases[] = {
		{"empty", "", 0, "{\"body\":\"\",\"body_base64\":null}", ",\r\n"},
		{"text", "hello\n", 6, "{\"body\":\"hello\\n\",\"body_base64\":null}",
	         "\"hello\n\",\r\n"},
		{"UTF-8", "\xe2\x82\xac", 3, "{\"body\":\"\xe2\x82\xac\",\"body_base64\":null}",
	         "\xe2\x82\xac,\r\n"},
		{"JSON", "{\"a\":[1,2]}", 11,
	         "{\"body\":\"{\\\"a\\\":[1,2]}\",\"body_base64\":null}",
	         "\"{\"\"a\"\":[1,2]}\",\r\n"},
		{"not UTF-8", "\xff", 1, "{\"body\":null,\"body_base64\":\"/w==\"}", ",/w==\r\n"},
		{"Latin-1", "caf\xe9", 4, "{\"body\":null,\"body_base64\":\"Y2Fm6Q==\"}",
	         ",Y2Fm6Q==\r\n"},
		{"a NUL", "a\0b", 3, "{\"body\":null,\"body_base64\":\"YQBi\"}", ",YQBi\r\n"},
		{"a surrogate", "\xed\xa0\x80", 3, "{\"body\":null,\"body_base64\":\"7aCA\"}",
	         ",7aCA\r\n"},
		{"cut in a character", "a\xe2\x82", 3, "{\"body\":null,\"body_base64\":\"YeKC\"}",
	         ",YeKC\r\n"},
		{"control characters are text", "\033[m\x07", 4,
	         "{\"body\":\"\\u001b[m\\u0007\",\"body_base64\":null}", "\033[m\x07,\r\n"},
	};
	struct result r;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		result_new(&r, "u");
		r.attempts = 1;
		r.http_code = 200;
		buf_put(&r.body, cases[i].body, cases[i].len);
		case_fields(cases[i].name, "body,body_base64", &r, cases[i].json, cases[i].csv);
		/* The body of an error is a body. */
		r.http_code = 404;
		result_fail(&r, FAILURE_HTTP, "the server answered 404");
		case_fields(cases[i].name, "body,body_base64", &r, cases[i].json, cases[i].csv);
		result_release(&r);
	}
}

/* gather --proto =file --body file:///etc/hostname */
static void a_scheme_without_statuses_has_a_body_too(void **state)
{
	struct result r;

	(void)state;
	result_new(&r, "file:///x");
	r.attempts = 1;
	case_fields("empty", "ok,body,body_base64", &r,
	            "{\"ok\":true,\"body\":\"\",\"body_base64\":null}", "true,,\r\n");
	buf_put_text(&r.body, "hello");
	case_fields("text", "ok,body,body_base64", &r,
	            "{\"ok\":true,\"body\":\"hello\",\"body_base64\":null}", "true,hello,\r\n");
	result_release(&r);
}

/* ---- what is written can be read back, whatever it is ---- */

/*
 * A reader of RFC 4180, made from its grammar and nothing else: fields with commas between, records
 * with CRLF behind, quotes around a field doubled inside, none in a field without. False when that
 * is not what it finds. The next field of at goes into field.
 */
static bool read_csv_field(const char **at, struct buf *field, bool *ret_is_last)
{
	const char *p = *at;

	buf_clear(field);
	if (*p == '"') {
		for (p++; *p && (*p != '"' || p[1] == '"'); p++) {
			if (*p == '"')
				p++;
			buf_put_byte(field, *p);
		}
		if (*p++ != '"')
			return false;
	} else {
		for (; *p && !strchr(",\r\n", *p); p++) {
			if (*p == '"')
				return false;
			buf_put_byte(field, *p);
		}
	}
	*ret_is_last = p[0] == '\r' && p[1] == '\n';
	if (!*ret_is_last && *p != ',')
		return false;
	*at = p + (*ret_is_last ? 2 : 1);
	return true;
}

static uint64_t random_next(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

/* Short texts of what is known to hurt. */
static void put_nasty(struct buf *out, uint64_t *seed)
{
	static const char *const parts[] = {
		"\"",
		"\"\"",
		",",
		"\r",
		"\n",
		"\r\n",
		" ",
		"\t",
		"'",
		"=1+1",
		"a",
		"\\",
		"{",
		"}",
		"[",
		"]",
		":",
		";",
		"\xc3\xa9",
		"\xe2\x82\xac",
		"\xf0\x9f\x98\x80",
		"\xff",
		"\xc3",
		"\xe2\x82",
		"\xed\xa0\x80",
		"\033[31m",
		"\x7f",
		"\xc2\x9b",
		"\xe2\x80\xae",
		"\x01",
		"null",
		"0",
		"-",
	};
	size_t count = random_next(seed) % 8;

	buf_clear(out);
	for (size_t i = 0; i < count; i++)
		buf_put_text(out, parts[random_next(seed) % COUNT(parts)]);
}

/* What a text is once what is not UTF-8, and NUL, have become U+FFFD. */
static void put_clean(struct buf *out, const struct buf *text)
{
	buf_clear(out);
	utf8_put(out, text->data, text->len, UTF8_FOR_FILES);
}

static void any_text_is_read_back_from_csv(void **state)
{
	struct buf rows, field, clean;
	struct result results[200];
	uint64_t seed = 4711;
	const char *at;

	(void)state;
	buf_init(&rows, BUF_UNLIMITED);
	buf_init(&field, BUF_UNLIMITED);
	buf_init(&clean, BUF_UNLIMITED);
	for (size_t i = 0; i < COUNT(results); i++) {
		struct result *r = &results[i];

		result_new(r, "");
		r->attempts = 1;
		r->http_code = 200;
		put_nasty(&r->request.url, &seed);
		put_nasty(&r->message, &seed);
		put_nasty(&r->content_type, &seed);
		put_nasty(&r->body, &seed);
		if (i % 7 == 0) {
			/* A NUL, in a text and in a body, which is none then. */
			buf_put(&r->message, "\0x", 2);
			buf_put(&r->body, "\0x", 2);
		}
		put_csv_of(&rows, fields("index,errormsg,url,content_type,body"), r);
	}
	assert_true(utf8_is_text(rows.data, rows.len));
	at = rows.data;
	for (size_t i = 0; i < COUNT(results); i++) {
		const struct buf *texts[] = {
			&results[i].message,
			&results[i].request.url,
			&results[i].content_type,
			utf8_is_text(results[i].body.data, results[i].body.len) ? &results[i].body
										: NULL,
		};
		bool is_last;

		assert_true(read_csv_field(&at, &field, &is_last));
		assert_false(is_last);
		assert_string_equal(field.data, "0");
		for (size_t k = 0; k < COUNT(texts); k++) {
			assert_true(read_csv_field(&at, &field, &is_last));
			assert_int_equal(is_last, k == COUNT(texts) - 1);
			buf_clear(&clean);
			if (texts[k])
				put_clean(&clean, texts[k]);
			assert_string_equal(field.data, clean.data);
		}
	}
	assert_int_equal(*at, '\0');
	for (size_t i = 0; i < COUNT(results); i++)
		result_release(&results[i]);
	buf_release(&rows);
	buf_release(&field);
	buf_release(&clean);
}

static void any_text_is_read_back_from_json(void **state)
{
	static const char *const names[] = {"errormsg", "content_type", "url"};
	struct buf clean;
	uint64_t seed = 4712;

	(void)state;
	buf_init(&clean, BUF_UNLIMITED);
	for (unsigned i = 0; i < 500; i++) {
		struct result r;
		char *text;
		cJSON *json;

		result_new(&r, "");
		put_nasty(&r.request.url, &seed);
		put_nasty(&r.message, &seed);
		put_nasty(&r.content_type, &seed);
		text = json_of(fields("url,errormsg,content_type"), &r);
		assert_true(utf8_is_text(text, strlen(text)));
		/* A line of --jsonl is a line. */
		assert_null(strpbrk(text, "\r\n"));
		json = cJSON_ParseWithOpts(text, NULL, true);
		assert_non_null(json);
		for (size_t k = 0; k < COUNT(names); k++) {
			const struct buf *texts[] = {&r.message, &r.content_type, &r.request.url};
			const cJSON *member = cJSON_GetObjectItem(json, names[k]);

			put_clean(&clean, texts[k]);
			if (clean.len)
				assert_string_equal(cJSON_GetStringValue(member), clean.data);
			else
				assert_true(cJSON_IsNull(member));
		}
		cJSON_Delete(json);
		free(text);
		result_release(&r);
	}
	buf_release(&clean);
}

static void csv_is_quoted_only_where_it_must_be(void **state)
{
	static const struct {
		const char *name, *text, *csv;
	} cases[] = {
		{"a word", "word", "word\r\n"},
		{"spaces", " two words ", " two words \r\n"},
		{"a comma", "a,b", "\"a,b\"\r\n"},
		{"a quote", "a\"b", "\"a\"\"b\"\r\n"},
		{"only a quote", "\"", "\"\"\"\"\r\n"},
		{"two quotes", "\"\"", "\"\"\"\"\"\"\r\n"},
		{"LF", "a\nb", "\"a\nb\"\r\n"},
		{"CR", "a\rb", "\"a\rb\"\r\n"},
		{"a semicolon", "a;b", "a;b\r\n"},
		{"an apostrophe", "it's", "it's\r\n"},
		{"not UTF-8", "\xff,\"", "\"" FFFD ",\"\"\"\r\n"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct result r;
		char *text;

		result_new(&r, "u");
		buf_put_text(&r.message, cases[i].text);
		text = csv_of(fields("errormsg"), &r);
		case_text(cases[i].name, text, cases[i].csv);
		free(text);
		result_release(&r);
	}
}

static void cells_can_be_safe_from_spreadsheets(void **state)
{
	static const struct {
		const char *name, *text, *id, *csv;
	} cases[] = {
		{"equals", "=1+1", NULL, "'=1+1,,0\r\n"},
		{"plus", "+1", NULL, "'+1,,0\r\n"},
		{"minus", "-1", NULL, "'-1,,0\r\n"},
		{"at", "@SUM(A1)", NULL, "'@SUM(A1),,0\r\n"},
		{"a tab", "\t=1", NULL, "'\t'=1,,0\r\n"},
		{"a CR", "\r=1", NULL, "\"'\r'=1\",,0\r\n"},
		{"a LF", "\n=1", NULL, "\"'\n'=1\",,0\r\n"},
		{"quotes inside", "=A(\"b\")", NULL, "\"'=A(\"\"b\"\")\",,0\r\n"},
		{"a full-width form",
	         "\xef\xbc\x9d"
	         "1",
	         NULL,
	         "'\xef\xbc\x9d"
	         "1,,0\r\n"},
		{"not at the beginning", "a=1", NULL, "a=1,,0\r\n"},
		{"an apostrophe", "'=1", NULL, "'=1,,0\r\n"},
		{"a space", " =1", NULL, "' =1,,0\r\n"},
		{"after a semicolon", "a;=1", NULL, "a;'=1,,0\r\n"},
		{"after a semicolon, no formula", "a;1", NULL, "a;1,,0\r\n"},
		{"half a character", "\xef\xbc", NULL, FFFD FFFD ",,0\r\n"},
		{"a string of JSON", "", "\"=1\"", ",'=1,0\r\n"},
		{"a string that is a number", "", "\"-1\"", ",'-1,0\r\n"},
		{"a number", "", "-1.5e3", ",-1.5e3,0\r\n"},
		{"an array", "", "[\"=1\"]", ",\"[\"\"=1\"\"]\",0\r\n"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct field_list list = fields("errormsg,id,exitcode");
		struct result r;
		struct buf out;

		result_new(&r, "u");
		buf_put_text(&r.message, cases[i].text);
		buf_put_text(&r.request.id, cases[i].id ? cases[i].id : "");
		buf_init(&out, BUF_UNLIMITED);
		fields_put_csv(&out, &list, &r, true);
		case_text(cases[i].name, out.data, cases[i].csv);
		buf_release(&out);
		field_list_release(&list);
		result_release(&r);
	}
}

static void no_fields_are_an_empty_object(void **state)
{
	struct field_list list = {0};
	struct result r;
	char *text;

	(void)state;
	result_new_full(&r);
	text = json_of(list, &r);
	assert_string_equal(text, "{}");
	free(text);
	result_release(&r);
}

/* ---- results are used again ---- */

static void a_recycled_result_is_as_new(void **state)
{
	struct result r, fresh;
	char *text, *expected;

	(void)state;
	result_new(&fresh, "http://h/");
	expected = json_of(all_fields(true, true), &fresh);
	result_new_full(&r);
	result_fail(&r, FAILURE_TIMEOUT, "nothing came");
	buf_put_text(&r.request.problem, "a problem");
	r.request.file = "list";
	r.request.line = 7;
	r.request.accepted_us = 8;
	r.exitcode = 28;
	buf_room(&r.body, (size_t)1 << 20);
	result_recycle(&r);
	assert_null(r.request.options);
	assert_null(r.request.file);
	assert_int_equal(r.request.line, 0);
	assert_int_equal(r.request.accepted_us, 0);
	assert_int_equal(r.request.problem.len, 0);
	assert_true(r.body.cap < (size_t)1 << 20); /* a pool of them does not grow without end */
	r.request.options = &get_options;
	buf_put_text(&r.request.url, "http://h/");
	text = json_of(all_fields(true, true), &r);
	assert_string_equal(text, expected);
	free(text);
	free(expected);
	result_release(&r);
	result_release(&fresh);
}

static void a_new_attempt_forgets_the_last_one(void **state)
{
	struct result r, fresh;
	char *text, *expected;

	(void)state;
	result_new(&fresh, "http://h/a");
	fresh.request.index = 41;
	buf_put_text(&fresh.request.id, "\"a\"");
	buf_put_text(&fresh.request.meta, "[1, 2]");
	fresh.request.options = &post_options;
	fresh.attempts = 2;
	fresh.time_queue_us = 1;
	expected = json_of(all_fields(true, true), &fresh);
	result_new_full(&r);
	result_fail(&r, FAILURE_HTTP, "the server answered 503");
	result_clear_attempt(&r);
	text = json_of(all_fields(true, true), &r);
	assert_string_equal(text, expected);
	free(text);
	free(expected);
	result_release(&r);
	result_release(&fresh);
}

static void a_derived_request_says_what_it_comes_from(void **state)
{
	struct result r;

	(void)state;
	result_init(&r);
	r.request.parent = 7;
	r.request.depth = 2;
	case_fields("of the input", "parent,depth,warning", &r,
	            "{\"parent\":null,\"depth\":null,\"warning\":null}", ",,\r\n");
	r.request.is_derived = true;
	buf_put_text(&r.warning, "a, b");
	case_fields("derived", "parent,depth,warning", &r,
	            "{\"parent\":7,\"depth\":2,\"warning\":\"a, b\"}", "7,2,\"a, b\"\r\n");
	r.request.parent = r.request.depth = 0;
	case_fields("from the first", "parent,depth", &r, "{\"parent\":0,\"depth\":0}", "0,0\r\n");
	result_recycle(&r);
	case_fields("used again", "parent,warning", &r, "{\"parent\":null,\"warning\":null}",
	            ",\r\n");
	result_release(&r);
}

/* "NAME" NUL "JSON" NUL, and so on: output/extract.h. */
static void values_of_answers(void **state)
{
	static const char values[] = "n\0"
				     "12345678901234567890\0s\0"
				     "\"a,\\\"b\"\0"
				     "z\0null\0o\0"
				     "{\"a\":[1,2]}\0t\0true";
	struct result r;

	(void)state;
	result_new(&r, "http://h/");
	case_fields("no answer", "extract,extract.n", &r, "{\"extract\":null,\"extract.n\":null}",
	            ",\r\n");
	buf_put(&r.extract, values, sizeof(values));
	case_fields("each", "extract.n,extract.s,extract.z,extract.o,extract.t,extract.none", &r,
	            "{\"extract.n\":12345678901234567890,\"extract.s\":\"a,\\\"b\","
	            "\"extract.z\":null,\"extract.o\":{\"a\":[1,2]},\"extract.t\":true,"
	            "\"extract.none\":null}",
	            "12345678901234567890,\"a,\"\"b\",,\"{\"\"a\"\":[1,2]}\",true,\r\n");
	case_fields("all", "extract", &r,
	            "{\"extract\":{\"n\":12345678901234567890,\"s\":\"a,\\\"b\",\"z\":null,"
	            "\"o\":{\"a\":[1,2]},\"t\":true}}",
	            "\"{\"\"n\"\":12345678901234567890,\"\"s\"\":\"\"a,\\\"\"b\"\",\"\"z\"\":null,"
	            "\"\"o\"\":{\"\"a\"\":[1,2]},\"\"t\"\":true}\"\r\n");
	result_recycle(&r);
	r.request.options = &get_options;
	case_fields("recycled", "extract", &r, "{\"extract\":null}", "\r\n");
	result_release(&r);
}

static void what_a_command_left(void **state)
{
	static const char names[] = "exec,exec.exitcode,exec.stdout,exec.stderr";
	struct command *command;
	struct result r;

	(void)state;
	result_new(&r, "http://h/");
	case_fields("none ran", names, &r,
	            "{\"exec\":null,\"exec.exitcode\":null,\"exec.stdout\":null,"
	            "\"exec.stderr\":null}",
	            ",,,\r\n");
	command = result_command(&r);
	command->exitcode = 3;
	buf_put_text(&command->output, "a\n");
	case_fields("text", names, &r,
	            "{\"exec\":{\"exitcode\":3,\"stdout\":\"a\\n\",\"stderr\":\"\","
	            "\"truncated\":false},\"exec.exitcode\":3,\"exec.stdout\":\"a\\n\","
	            "\"exec.stderr\":\"\"}",
	            "\"{\"\"exitcode\"\":3,\"\"stdout\"\":\"\"a\\n\"\",\"\"stderr\"\":\"\"\"\","
	            "\"\"truncated\"\":false}\",3,\"a\n\",\r\n");
	command->exitcode = -1;
	command->is_cut = true;
	buf_clear(&command->output);
	buf_put_text(&command->errors, "\xff");
	case_fields("no text, and no status", names, &r,
	            "{\"exec\":{\"exitcode\":null,\"stdout\":\"\",\"stderr_base64\":\"/w==\","
	            "\"truncated\":true},\"exec.exitcode\":null,\"exec.stdout\":\"\","
	            "\"exec.stderr\":\"" FFFD "\"}",
	            "\"{\"\"exitcode\"\":null,\"\"stdout\"\":\"\"\"\",\"\"stderr_base64\"\":"
	            "\"\"/w==\"\",\"\"truncated\"\":true}\",,," FFFD "\r\n");
	assert_int_equal(result_held_bytes(&r), 1);
	result_recycle(&r);
	r.request.options = &get_options;
	case_fields("recycled", "exec", &r, "{\"exec\":null}", "\r\n");
	result_release(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_derived_request_says_what_it_comes_from),
		cmocka_unit_test(the_fields_are_those_of_the_interface),
		cmocka_unit_test(headers_and_body_are_there_when_asked_for),
		cmocka_unit_test(a_list_of_names_chooses_fields),
		cmocka_unit_test(a_list_can_be_added_to),
		cmocka_unit_test(every_member_of_a_result_is_written),
		cmocka_unit_test(what_does_not_apply_is_null),
		cmocka_unit_test(values_at_their_edges),
		cmocka_unit_test(what_a_job_says_comes_back),
		cmocka_unit_test(every_class_has_its_name),
		cmocka_unit_test(passwords_are_masked),
		cmocka_unit_test(details_are_written_where_they_are_named),
		cmocka_unit_test(a_field_keeps_what_it_shows),
		cmocka_unit_test(headers_are_grouped_where_their_name_stands_first),
		cmocka_unit_test(many_headers_keep_their_order),
		cmocka_unit_test(a_body_is_text_or_base64),
		cmocka_unit_test(a_scheme_without_statuses_has_a_body_too),
		cmocka_unit_test(any_text_is_read_back_from_csv),
		cmocka_unit_test(any_text_is_read_back_from_json),
		cmocka_unit_test(csv_is_quoted_only_where_it_must_be),
		cmocka_unit_test(cells_can_be_safe_from_spreadsheets),
		cmocka_unit_test(no_fields_are_an_empty_object),
		cmocka_unit_test(values_of_answers),
		cmocka_unit_test(what_a_command_left),
		cmocka_unit_test(a_recycled_result_is_as_new),
		cmocka_unit_test(a_new_attempt_forgets_the_last_one),
	};

	return UNIT_RUN(tests);
}
