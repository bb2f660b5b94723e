/*
 * base/json_read: exact numbers, strict texts, pointers.
 */
#include "unit.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/json_read.h"
#include "base/mem.h"

/* ---- reading ---- */

/* Texts that are read, and how they are written again; NULL: as they stand. */
static const struct {
	const char *text, *expected;
} good[] = {
	{"null", NULL},
	{"true", NULL},
	{" [ false , [ ] , { } ] ", "[false,[],{}]"},
	{"0", NULL},
	{"-0", NULL},
	{"12345678901234567890123", NULL},
	{"9007199254740993", NULL},
	{"1.10e+05", NULL},
	{"-0.0E-1", NULL},
	{"{\"a\":1,\"b\":[2,\"3\"]}", NULL},
	{"{\"a\" : 1 }", "{\"a\":1}"},
	{"\"\"", NULL},
	{"\"a\\\"b\\\\c\\/d\"", "\"a\\\"b\\\\c/d\""},
	{"\"\\u00e9\\ud83d\\ude00\"", "\"\xc3\xa9\xf0\x9f\x98\x80\""},
	{"\"\xc3\xbf\"", NULL},
	{"\"\\u00ff1\"", "\"\xc3\xbf"
                         "1\""},
	{"\xef\xbb\xbf[1]", "[1]"},
	{"{\"a\":1,\"a\":2}", NULL},
	{"\r\n\t1\n", "1"},
};

static void what_is_json_comes_back_as_it_was(void **state)
{
	struct buf out;

	(void)state;
	buf_init(&out, BUF_UNLIMITED);
	for (size_t i = 0; i < COUNT(good); i++) {
		const char *text = good[i].text;
		struct error e = {""};
		struct cJSON *value = json_parse(text, strlen(text), &e);
		struct json json;

		case_text(text, e.text, "");
		json_init(&json, &out);
		json_value(&json, value);
		case_text(text, out.data, good[i].expected ? good[i].expected : text);
		json_free(value);
		buf_clear(&out);
	}
	buf_release(&out);
}

static const struct {
	const char *text, *words;
} bad[] = {
	{"", "it is no JSON"},
	{"nope", "it is no JSON"},
	{"[1,]", "it is no JSON"},
	{"{\"a\":}", "it is no JSON"},
	{"[1] 2", "it is no JSON"},
	{"[1}", "it is no JSON"},
	{"truex", "it is no JSON"},
	{"\"\\x\"", "it is no JSON"},
	{"\"\\ud800\"", "half a surrogate pair at byte 2"},
	{"\"\\udc00\\ud800\"", "half a surrogate pair at byte 2"},
	{"\"\\ud800\\ud800\\udc00\"", "half a surrogate pair at byte 2"},
	{"01", "a number that is none at byte 2"},
	{"[1, -]", "a number that is none at byte 6"},
	{"1.", "a number that is none at byte 3"},
	{"1e", "a number that is none at byte 3"},
	{"+1", "it is no JSON"},
	{".5", "it is no JSON"},
	{"{1:2}", "a number as a name at byte 3"},
	{"\"\xff\"", "a string that is not UTF-8 at byte 2"},
	{"\"\xff"
         "1\"",
         "a string that is not UTF-8 at byte 2"},
	{"\"\xed\xa0\x80\"", "a string that is not UTF-8 at byte 2"},
	{"\"a\nb\"", "a control character in a string at byte 3"},
	{"\"\\u0000\"", "a NUL in a string at byte 2"},
	{"\"a\\u000x\"", "an escape that is none at byte 3"},
	{"\"\\u12\"", "an escape that is none at byte 2"},
	{"\"open", "a string that does not end at byte 6"},
	{"\"open\\", "a string that does not end at byte 7"},
	{"\"open\\\"", "a string that does not end at byte 8"},
	{"[\x01"
         "1]",
         "something that is no JSON at byte 2"},
	{"[\xc3\xa9]", "something that is no JSON at byte 2"},
	{"[1,\xef\xbb\xbf"
         "2]",
         "something that is no JSON at byte 4"},
};

static void what_is_no_json_is_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		struct error e = {""};

		case_true(bad[i].text, !json_parse(bad[i].text, strlen(bad[i].text), &e));
		case_text(bad[i].text, e.text, bad[i].words);
	}
}

/* What servers send, and how it is written again. */
static const struct {
	const char *text, *expected;
} lenient[] = {
	{"\"a\\u0000b\"", "\"a\xef\xbf\xbd"
                          "b\""},
	{"\"\\\\u0000\"", NULL},
	{"\"\\ud800\"", "\"\xef\xbf\xbd\""},
	{"\"\\udc00\\ud800 \"", "\"\xef\xbf\xbd\xef\xbf\xbd \""},
	{"\"\\uD800\\ud83d\\ude00\\uDFFF\"", "\"\xef\xbf\xbd\xf0\x9f\x98\x80\xef\xbf\xbd\""},
	{"\"\\ud83d\\n\"", "\"\xef\xbf\xbd\\n\""},
	{"{\"\\u0000\":\"\\u0000\",\"b\":\"c\"}",
         "{\"\xef\xbf\xbd\":\"\xef\xbf\xbd\",\"b\":\"c\"}"},
};

static void what_no_string_can_hold_is_replaced_in_what_servers_send(void **state)
{
	struct buf out;

	(void)state;
	buf_init(&out, BUF_UNLIMITED);
	for (size_t i = 0; i < COUNT(lenient); i++) {
		const char *text = lenient[i].text;
		struct cJSON *value = NULL;
		struct json json;

		case_int(text, json_read(text, strlen(text), &value, NULL), ERR_NONE);
		json_init(&json, &out);
		json_value(&json, value);
		case_text(text, out.data, lenient[i].expected ? lenient[i].expected : text);
		json_free(value);
		buf_clear(&out);
	}
	for (size_t i = 0; i < COUNT(bad); i++) {
		struct cJSON *value = NULL;
		bool is_replaced = strstr(bad[i].words, "NUL") || strstr(bad[i].words, "half");

		case_int(bad[i].text, json_read(bad[i].text, strlen(bad[i].text), &value, NULL),
		         is_replaced ? ERR_NONE : ERR_SYNTAX);
		json_free(value);
	}
	buf_release(&out);
}

static void of_equal_names_the_last_counts(void **state)
{
	static const char text[] = "{\"a\":1,\"b\":2,\"a\":3,\"A\":4}";
	struct cJSON *root = json_parse(text, strlen(text), NULL);

	(void)state;
	assert_string_equal(json_chars(json_member(root, "a")), "3");
	json_free(root);
}

static void a_nul_is_no_end(void **state)
{
	static const char text[] = "[1]\0[2]";
	struct error e = {""};

	(void)state;
	assert_null(json_parse(text, sizeof(text) - 1, &e));
	assert_string_equal(e.text, "something that is no JSON at byte 4");
}

/* [[[...]]] or [0,0,...] */
static void case_size(const char *name, size_t depth, size_t values, size_t blanks,
                      const char *words)
{
	struct error e = {""};
	struct cJSON *value;
	struct buf text;

	buf_init(&text, BUF_UNLIMITED);
	for (size_t i = 0; i < depth; i++)
		buf_put_byte(&text, '[');
	for (size_t i = 0; i < values; i++)
		buf_put_text(&text, i ? ",0" : "0");
	for (size_t i = 0; i < depth; i++)
		buf_put_byte(&text, ']');
	for (size_t i = 0; i < blanks; i++)
		buf_put_byte(&text, ' ');
	value = json_parse(text.data, text.len, &e);
	case_true(name, *words ? !value : value != NULL);
	case_text(name, e.text, words);
	json_free(value);
	buf_release(&text);
}

static void there_are_ceilings(void **state)
{
	(void)state;
	case_size("deep", 900, 0, 0, "");
	case_size("too deep", 1001, 0, 0, "nested more than 1000 deep");
	case_size("many", 1, 400000, 0, "");
	case_size("too many", 1, 1000000, 0, "more than 1000000 values");
	case_size("long", 1, 1, JSON_MAX_BYTES - 3, "");
	case_size("too long", 1, 1, JSON_MAX_BYTES - 2, "over 16 MiB");
}

static void types_and_members_are_told(void **state)
{
	static const char text[] = "{\"n\":1,\"s\":\"1\",\"z\":null,\"t\":true,\"f\":false,"
				   "\"a\":[],\"o\":{}}";
	static const enum json_type types[] = {JSON_NUMBER, JSON_STRING, JSON_NULL,  JSON_TRUE,
	                                       JSON_FALSE,  JSON_ARRAY,  JSON_OBJECT};
	struct error e = {""};
	struct cJSON *root = json_parse(text, strlen(text), &e);
	size_t i = 0;

	(void)state;
	assert_non_null(root);
	assert_int_equal(json_type(root), JSON_OBJECT);
	for (const struct cJSON *v = json_first(root); v; v = json_next(v), i++)
		case_int(json_name(v), json_type(v), types[i]);
	assert_int_equal(i, COUNT(types));
	assert_string_equal(json_chars(json_member(root, "n")), "1");
	assert_string_equal(json_chars(json_member(root, "s")), "1");
	assert_null(json_member(root, "N"));
	assert_null(json_member(json_member(root, "a"), "x"));
	assert_string_equal(json_type_name(JSON_ARRAY), "an array");
	json_free(root);
}

/* ---- pointers; the document is RFC 6901's, section 5, and a bit more ---- */

static const char document[] =
	"{\"foo\":[\"bar\",\"baz\"],\"\":0,\"a/b\":1,\"c%d\":2,\"m~n\":8,\"*\":9,"
	"\"kids\":[{\"id\":1},{\"id\":2,\"x\":3},{}],\"0\":\"zero\",\"deep\":{\"a\":[[1,2],[3]]}}";

/* What a pointer finds, with a blank between. */
static const struct {
	const char *pointer, *expected;
} pointers[] = {
	{"/foo", "[\"bar\",\"baz\"]"},
	{"/foo/0", "\"bar\""},
	{"/foo/1", "\"baz\""},
	{"/foo/2", ""},
	{"/foo/-", ""},
	{"/foo/01", ""},
	{"/foo/00", ""},
	{"/foo/x", ""},
	{"/foo/9999999999", ""},
	{"/", "0"},
	{"/a~1b", "1"},
	{"/c%d", "2"},
	{"/m~0n", "8"},
	{"/~2", "9"},
	{"/0", "\"zero\""},
	{"/nope", ""},
	{"/foo/0/x", ""},
	{"/foo/*", "\"bar\" \"baz\""},
	{"/kids/*/id", "1 2"},
	{"/kids/*/*", "1 2 3"},
	{"/deep/a/*/*", "1 2 3"},
	{"/deep/*/1/0", "3"},
	{"/foo/*/x", ""},
};

static void put_found(const struct cJSON *value, void *arg)
{
	struct buf *out = arg;
	struct json json;

	if (out->len)
		buf_put_byte(out, ' ');
	json_init(&json, out);
	json_value(&json, value);
}

static void pointers_find_their_values(void **state)
{
	struct error e = {""};
	struct cJSON *root = json_parse(document, strlen(document), &e);
	struct buf out;

	(void)state;
	assert_non_null(root);
	buf_init(&out, BUF_UNLIMITED);
	for (size_t i = 0; i < COUNT(pointers); i++) {
		const char *text = pointers[i].pointer;
		struct json_pointer *pointer;

		case_err(text, json_pointer_parse(text, &pointer, &e), ERR_NONE);
		case_int(text, json_pointer_is_many(pointer), strchr(text, '*') != NULL);
		json_pointer_visit(pointer, root, put_found, &out);
		case_text(text, out.data, pointers[i].expected);
		json_pointer_free(pointer);
		buf_clear(&out);
	}
	buf_release(&out);
	json_free(root);
}

static void the_empty_pointer_is_the_whole(void **state)
{
	struct error e = {""};
	struct json_pointer *pointer;
	struct cJSON *root = json_parse("7", 1, &e);
	struct buf out;

	(void)state;
	buf_init(&out, BUF_UNLIMITED);
	assert_err(json_pointer_parse("", &pointer, &e), ERR_NONE);
	json_pointer_visit(pointer, root, put_found, &out);
	assert_string_equal(out.data, "7");
	json_pointer_free(pointer);
	json_free(root);
	buf_release(&out);
}

static void what_is_no_pointer_is_refused(void **state)
{
	static const char *const texts[] = {"a", "a/b", "/~", "/~3", "/a~b", "#/a"};

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		struct json_pointer *pointer = NULL;
		struct error e = {""};

		case_err(texts[i], json_pointer_parse(texts[i], &pointer, &e), ERR_SYNTAX);
		case_true(texts[i], strstr(e.text, "is no JSON pointer") && !pointer);
	}
}

/* Neither the scan nor cJSON goes on, and nothing is left behind. */
static void reading_can_be_stopped(void **state)
{
	const char *text = "[1,[2,\"three\"],{\"four\":5}]";
	struct cJSON *value = NULL;
	atomic_bool stop = true;

	(void)state;
	assert_err(json_read_until(&stop, text, strlen(text), &value, NULL), ERR_CANCELED);
	assert_null(value);
	atomic_store(&stop, false);
	assert_err(json_read_until(&stop, text, strlen(text), &value, NULL), ERR_NONE);
	json_free(value);
	/* Whoever reads without it is not stopped. */
	atomic_store(&stop, true);
	assert_err(json_read(text, strlen(text), &value, NULL), ERR_NONE);
	json_free(value);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_json_comes_back_as_it_was),
		cmocka_unit_test(what_is_no_json_is_refused),
		cmocka_unit_test(what_no_string_can_hold_is_replaced_in_what_servers_send),
		cmocka_unit_test(of_equal_names_the_last_counts),
		cmocka_unit_test(a_nul_is_no_end),
		cmocka_unit_test(there_are_ceilings),
		cmocka_unit_test(types_and_members_are_told),
		cmocka_unit_test(pointers_find_their_values),
		cmocka_unit_test(the_empty_pointer_is_the_whole),
		cmocka_unit_test(what_is_no_pointer_is_refused),
		cmocka_unit_test(reading_can_be_stopped),
	};

	return UNIT_RUN(tests);
}
