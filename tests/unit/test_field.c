/*
 * transfer/field: parameters of header fields.
 */
#include "unit.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/mem.h"
#include "transfer/field.h"

/* All parameters as "name=value|", and then what is left. */
static const struct {
	const char *text, *expected;
} params[] = {
	{"; a=b", "a=b|"},
	{";A=B;c=D", "a=B|c=D|"},
	{" ; a = b ; c", "a=b|c=|"},
	{"; a=\"b c\"; d=\"\"", "a=b c|d=|"},
	{"; a=\"x\\\"y\\\\z\"", "a=x\"y\\z|"},
	{"; a=\"; b=c\"", "a=; b=c|"},
	{"; a=\"b, c\", next", "a=b, c|, next"},
	{"; filename*=UTF-8''a%20b", "filename*=UTF-8''a%20b|"},
	{";; a=1;;b=2;", "a=1|b=2|"},
	{"; a=\"open", "a=open|"},
	{"; a=\"open\\", "a=open\\|"},
	{"; a=", "a=|"},
	{"; =b", "=b"},
	{"; \"a\"=b", "\"a\"=b"},
	{"; a=b c=d", "a=b|c=d"},
	{"a=b", "a=b"},
	{"", ""},
	{"; ", ""},
};

static void names_of_secret_headers_are_known(void **state)
{
	static const struct {
		const char *name;
		bool is_secret;
	} cases[] = {
		{"Authorization", true},  {"authorization", true},    {"Proxy-Authorization", true},
		{"Cookie", true},         {"X-Api-Key", true},        {"apikey", true},
		{"PRIVATE-TOKEN", true},  {"X-Amz-Signature", true},  {"X-Session-Id", true},
		{"X-Password", true},     {"X-Client-Secret", true},  {"X-Credentials", true},
		{"Accept", false},        {"Accept-Language", false}, {"Content-Type", false},
		{"If-None-Match", false}, {"User-Agent", false},      {"", false},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		char *name = mem_printf("%stoken", cases[i].name); /* only the length counts */

		case_true(cases[i].name,
		          field_is_secret(name, strlen(cases[i].name)) == cases[i].is_secret);
		free(name);
	}
}

static void names_of_headers_about_a_body_are_known(void **state)
{
	static const char *const about_it[] = {"Content-Type", "content-length",    "Content-MD5",
	                                       "Expect",       "TRANSFER-ENCODING", "Digest",
	                                       "Trailer"};
	static const char *const others[] = {"Content-",       "Content",   "Contents", "Accept",
	                                     "X-Content-Type", "Expect-CT", "Expec",    ""};

	(void)state;
	for (size_t i = 0; i < sizeof(about_it) / sizeof(about_it[0]); i++)
		assert_true(field_is_of_body(about_it[i], strlen(about_it[i])));
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		assert_false(field_is_of_body(others[i], strlen(others[i])));
}

static void parameters_are_taken_one_by_one(void **state)
{
	struct buf out, name, value;

	(void)state;
	buf_init(&out, BUF_UNLIMITED);
	buf_init(&name, BUF_UNLIMITED);
	buf_init(&value, BUF_UNLIMITED);
	for (size_t i = 0; i < COUNT(params); i++) {
		const char *at = params[i].text;

		buf_clear(&out);
		while (field_next_param(&at, &name, &value))
			buf_printf(&out, "%s=%s|", name.data, value.data);
		buf_put_text(&out, at);
		case_text(params[i].text, out.data, params[i].expected);
	}
	buf_release(&out);
	buf_release(&name);
	buf_release(&value);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_of_secret_headers_are_known),
		cmocka_unit_test(names_of_headers_about_a_body_are_known),
		cmocka_unit_test(parameters_are_taken_one_by_one)};

	return UNIT_RUN(tests);
}
