/*
 * output/html: text that stays text.
 */
#include "unit.h"

#include "base/buf.h"
#include "output/html.h"

#define BAD "\xef\xbf\xbd" /* U+FFFD */

static void text_is_inert(void **state)
{
	static const struct {
		const char *name, *text, *expected;
	} cases[] = {
		{"nothing", "", ""},
		{"plain", "http://h/a?b=c", "http://h/a?b=c"},
		{"a tag", "<script>", "&#60;script&#62;"},
		{"the end of a script", "</script><!--", "&#60;/script&#62;&#60;!--"},
		{"out of an attribute", "\" onload='x'", "&#34; onload=&#39;x&#39;"},
		{"a reference", "&lt;&amp;", "&#38;lt;&#38;amp;"},
		{"one after another", "<<&&>>", "&#60;&#60;&#38;&#38;&#62;&#62;"},
		{"other languages", "\xc3\xa9\xe2\x82\xac", "\xc3\xa9\xe2\x82\xac"},
		{"controls", "a\n\x1b[31m\x7f", "a" BAD BAD "[31m" BAD},
		{"turned around",
	         "a\xe2\x80\xae"
	         "b",
	         "a" BAD "b"},
		{"not UTF-8", "a\xff<", "a" BAD "&#60;"},
		{"a character that is cut by a tag", "\xe2\x82<", BAD BAD "&#60;"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct buf out;

		buf_init(&out, BUF_UNLIMITED);
		html_put_text(&out, cases[i].text);
		case_text(cases[i].name, out.data, cases[i].expected);
		buf_release(&out);
	}
}

static void a_nul_is_no_end(void **state)
{
	struct buf out;

	(void)state;
	buf_init(&out, BUF_UNLIMITED);
	html_put(&out, "a\0<", 3);
	assert_string_equal(out.data, "a" BAD "&#60;");
	buf_release(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_is_inert),
		cmocka_unit_test(a_nul_is_no_end),
	};

	return UNIT_RUN(tests);
}
