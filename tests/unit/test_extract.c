/*
 * output/extract: values of JSON answers under names of the user's.
 */
#include "unit.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/json_read.h"
#include "output/extract.h"

/* The members of one answer, as a result's JSON has them. The caller frees it. */
static char *extracted(const char *const *options, size_t count, const char *answer)
{
	struct cJSON *value = answer ? json_parse(answer, strlen(answer), NULL) : NULL;
	struct extract_list list = {0};
	struct error e = {""};
	struct buf extract, out;
	struct json json;
	size_t len;

	buf_init(&extract, BUF_UNLIMITED);
	buf_init(&out, BUF_UNLIMITED);
	for (size_t i = 0; i < count; i++) {
		if (extract_list_add(&list, options[i], &e))
			fail_msg("%s: %s", options[i], e.text);
	}
	extract_put(&extract, &list, value);
	json_init(&json, &out);
	extract_put_json(&json, &extract);
	extract_list_release(&list);
	buf_release(&extract);
	json_free(value);
	return buf_take(&out, &len);
}

static void a_pointer_finds_what_it_says(void **state)
{
	static const char answer[] =
		"{\"a\":{\"b\":[1,\"two\",{\"c\":12345678901234567890}]},\"e\":1.50,\"\":0,"
		"\"x/y\":1,\"x~y\":2,\"*\":3,\"n\":null,\"l\":[{\"id\":9007199254740993},{},"
		"{\"id\":\"s\"}]}";
	static const struct {
		const char *name, *option, *answer, *expected;
	} cases[] = {
		{"a member", "v=/e", answer, "{\"v\":1.50}"},
		{"an element", "v=/a/b/1", answer, "{\"v\":\"two\"}"},
		{"a large number", "v=/a/b/2/c", answer, "{\"v\":12345678901234567890}"},
		{"an object", "v=/a/b/2", answer, "{\"v\":{\"c\":12345678901234567890}}"},
		{"the whole", "v=", "[1, 2]", "{\"v\":[1,2]}"},
		{"an empty name", "v=/", answer, "{\"v\":0}"},
		{"a slash", "v=/x~1y", answer, "{\"v\":1}"},
		{"a tilde", "v=/x~0y", answer, "{\"v\":2}"},
		{"an asterisk", "v=/~2", answer, "{\"v\":3}"},
		{"null", "v=/n", answer, "{\"v\":null}"},
		{"a missing member", "v=/none", answer, "{\"v\":null}"},
		{"an element past the end", "v=/l/3", answer, "{\"v\":null}"},
		{"a member of a number", "v=/e/f", answer, "{\"v\":null}"},
		{"every element", "v=/l/*", answer,
	         "{\"v\":[{\"id\":9007199254740993},{},{\"id\":\"s\"}]}"},
		{"a member of every element", "v=/l/*/id", answer,
	         "{\"v\":[9007199254740993,\"s\"]}"},
		{"every member", "v=/*", "{\"a\":1,\"b\":2}", "{\"v\":[1,2]}"},
		{"of none", "v=/*", "{}", "{\"v\":[]}"},
		{"of what is no array", "v=/*", "1", "{\"v\":[]}"},
		{"no answer", "v=/a", NULL, "{\"v\":null}"},
		{"no answer, and many", "v=/*", NULL, "{\"v\":null}"},
		{"a name of all kinds", "A-b_0.c=", "\"\\u0001\"", "{\"A-b_0.c\":\"\\u0001\"}"},
		{"an equals sign in the pointer", "v=/a=b", "{\"a=b\":1}", "{\"v\":1}"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		char *text = extracted(&cases[i].option, 1, cases[i].answer);

		case_text(cases[i].name, text, cases[i].expected);
		free(text);
	}
}

static void values_stand_in_the_order_of_the_options(void **state)
{
	static const char *const options[] = {"z=/1", "a=/0", "m=/2"};
	char *text = extracted(options, COUNT(options), "[\"0\",{\"x\":null}]");

	(void)state;
	assert_string_equal(text, "{\"z\":{\"x\":null},\"a\":\"0\",\"m\":null}");
	free(text);
	text = extracted(NULL, 0, "[]");
	assert_string_equal(text, "{}");
	free(text);
}

static void what_is_no_name_and_pointer_is_refused(void **state)
{
	static const struct {
		const char *name, *text, *words;
	} cases[] = {
		{"nothing", "", "NAME=POINTER"},
		{"no pointer", "a", "NAME=POINTER"},
		{"no name", "=/a", "NAME=POINTER"},
		{"a space in the name", "a b=/a", "NAME=POINTER"},
		{"a comma in the name", "a,b=/a", "NAME=POINTER"},
		{"not ASCII", "\xc3\xa9=/a", "NAME=POINTER"},
		{"a pointer that is none", "b=a", "JSON pointer"},
		{"an escape that is none", "b=/~3", "JSON pointer"},
		{"a name that is there", "a=/b", "\"a\" is there already"},
	};
	struct extract_list list = {0};
	struct error e = {""};

	(void)state;
	assert_err(extract_list_add(&list, "a=/a", &e), ERR_NONE);
	for (size_t i = 0; i < COUNT(cases); i++) {
		case_err(cases[i].name, extract_list_add(&list, cases[i].text, &e), ERR_SYNTAX);
		case_true(cases[i].name, strstr(e.text, cases[i].words));
	}
	assert_int_equal(list.count, 1);
	assert_true(extract_list_has(&list, "a"));
	assert_false(extract_list_has(&list, "b"));
	extract_list_release(&list);
}

static void a_value_is_found_by_its_name(void **state)
{
	static const char values[] = "a\0"
				     "1\0b\0\"b\"\0ab\0null";
	struct buf extract;

	(void)state;
	buf_init(&extract, BUF_UNLIMITED);
	assert_null(extract_find(&extract, "a"));
	buf_put(&extract, values, sizeof(values));
	assert_string_equal(extract_find(&extract, "a"), "1");
	assert_string_equal(extract_find(&extract, "b"), "\"b\"");
	assert_string_equal(extract_find(&extract, "ab"), "null");
	assert_null(extract_find(&extract, "1"));
	assert_null(extract_find(&extract, ""));
	buf_release(&extract);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_pointer_finds_what_it_says),
		cmocka_unit_test(values_stand_in_the_order_of_the_options),
		cmocka_unit_test(what_is_no_name_and_pointer_is_refused),
		cmocka_unit_test(a_value_is_found_by_its_name),
	};

	return UNIT_RUN(tests);
}
