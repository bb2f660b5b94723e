/*
 * input/template: what is a variable, and what its value becomes where it stands.
 */
#include "unit.h"

#include <stdlib.h>

#include "base/buf.h"
#include "input/template.h"

/* The line, and some values by their names. */
static const char line[] = "a b/c";

static const struct value {
	const char *name, *text;
	size_t len;
} values[] = {
	{"x", "1", 1},
	{"y", "", 0},
	{"dot", ".", 1},
	{"dots", "..", 2},
	{"slash", "a/b", 3},
	{"text", "\"q\" \\ \n\t/", 9},
	{"header", "a\tb", 3},
	{"control", "a\nb", 3},
	{"delete", "a\x7f", 2},
	{"nul", "a\0b", 3},
	{"utf8", "\303\251", 2},
	{"latin1", "\351", 1},
	{"unit price (EUR)", "9.5", 3},
	{"e-mail", "a@b", 3},
	{"gr\303\266\303\237e", "XL", 2},
	{"+", "plus", 4},
	{"a:1,b", "odd", 3},
	{"unreserved", "AZaz09-._~", 10},
	{"reserved", ":/?#[]@!$&'()*+,;=% \"<>", 23},
};

/* A template_value_fn. */
static enum err look_up(const char *name, const char **ret_value, size_t *ret_len, void *arg,
                        struct error *e)
{
	(void)arg;
	if (!*name) {
		*ret_value = line;
		*ret_len = strlen(line);
		return ERR_NONE;
	}
	for (size_t i = 0; i < COUNT(values); i++) {
		if (!strcmp(values[i].name, name)) {
			*ret_value = values[i].text;
			*ret_len = values[i].len;
			return ERR_NONE;
		}
	}
	return error_set(e, ERR_FAILED, "no \"%s\"", name);
}

/* What a template becomes, or "! words". The caller frees it. */
static char *fill(enum template_use use, const char *text)
{
	struct template *template = NULL;
	struct error e = {""};
	struct buf out;
	size_t len;

	buf_init(&out, BUF_UNLIMITED);
	buf_put_text(&out, "before "); /* it appends */
	if (template_new(text, strlen(text), use, &template, &e) ||
	    template_fill(template, look_up, NULL, &out, &e)) {
		buf_clear(&out);
		buf_printf(&out, "! %s", e.text);
	} else {
		buf_consume(&out, strlen("before "));
	}
	template_free(template);
	return buf_take(&out, &len);
}

struct filling {
	const char *name, *text, *expected;
};

static void case_table(enum template_use use, const struct filling *cases, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		char *filled = fill(use, cases[i].text);

		case_text(cases[i].name, filled, cases[i].expected);
		free(filled);
	}
}

static void what_is_a_variable(void **state)
{
	static const struct filling cases[] = {
		{"nothing", "", ""},
		{"plain text", "a=b", "a=b"},
		{"a variable", "{x}", "1"},
		{"several", "a={x}&{x}{x}", "a=1&11"},
		{"an empty value", "a={y}.", "a=."},
		{"the line", "{}", "a%20b%2Fc"},
		{"the line as it is", "{+}", "a b/c"},
		{"blanks and more in a name", "{unit price (EUR)}", "9.5"},
		{"a minus in a name", "{e-mail}", "a%40b"},
		{"letters that are no ASCII", "{gr\303\266\303\237e}", "XL"},
		{"a name that is a plus", "{++}", "plus"},
		{"other signs", "{a:1,b}", "odd"},
		{"an unknown name", "{z}", "! no \"z\""},
		/* What begins no variable. */
		{"not closed", "a={x", "a={x"},
		{"a brace at the end", "a={", "a={"},
		{"a plus and no more", "a={+", "a={+"},
		{"a blank before the name", "a={ x}", "a={ x}"},
		{"a blank behind the name", "a={x }", "a={x }"},
		{"blanks alone", "a={ }", "a={ }"},
		{"a quote", "a={\"x\"}", "a={\"x\"}"},
		{"a newline", "a={x\n}", "a={x\n}"},
		{"a variable in braces", "a={ {x} }", "a={ 1 }"},
		{"a brace before a variable", "a={b{x}", "a={b1"},
		{"a brace behind all", "a=x}", "a=x}"},
		/* Doubled ones. */
		{"a doubled pair", "a={{x}}", "a={x}"},
		{"an empty doubled pair", "a={{}}", "a={}"},
		{"a pair around a variable", "a={{{x}}}", "a={1}"},
		{"two pairs", "a={{{{x}}}}", "a={{x}}"},
		{"one without its end", "a={{x", "a={x"},
		{"ends without their begin", "a=x}}", "a=x}}"},
		{"more ends than begins", "a={{x}}}}", "a={x}}}"},
	};

	(void)state;
	case_table(TEMPLATE_BODY, cases, COUNT(cases));
}

static void values_in_a_url_are_percent_encoded(void **state)
{
	static const struct filling cases[] = {
		{"unreserved", "http://h/{unreserved}", "http://h/AZaz09-._~"},
		{"all else", "http://h/?q={reserved}",
	         "http://h/"
	         "?q=%3A%2F%3F%23%5B%5D%40%21%24%26%27%28%29%2A%2B%2C%3B%3D%25%20%22%3C%3E"},
		{"controls", "http://h/{control}", "http://h/a%0Ab"},
		{"a NUL", "http://h/{nul}", "http://h/a%00b"},
		{"UTF-8", "http://h/{utf8}", "http://h/%C3%A9"},
		{"any byte", "http://h/{latin1}", "http://h/%E9"},
		{"as it is", "http://h/{+slash}?{+utf8}", "http://h/a/b?\303\251"},
		{"a doubled pair", "http://h/{{x}}", "http://h/{x}"},
		{"no variable at all", "http://h/", "http://h/"},
	};

	(void)state;
	case_table(TEMPLATE_URL, cases, COUNT(cases));
}

static void a_brace_in_a_url_that_means_nothing_is_refused(void **state)
{
	static const struct filling cases[] = {
		{"not closed", "h/{x",
	         "! a { that begins no variable in column 3; {{ is a plain one"},
		{"blanks", "{ x }", "! a { that begins no variable in column 1; {{ is a plain one"},
		{"closed twice", "h/{x}}", "! a } without its { in column 6"},
		{"not begun", "h/x}", "! a } without its { in column 4"},
		{"behind a doubled one", "{{x}", "! a } without its { in column 4"},
	};

	(void)state;
	case_table(TEMPLATE_URL, cases, COUNT(cases));
}

static void no_value_makes_a_dot_segment(void **state)
{
	static const struct filling cases[] = {
		{"one dot", "http://h/a/{dot}/b", "! the path would have a segment \".\""},
		{"two dots", "http://h/a/{dots}/b", "! the path would have a segment \"..\""},
		{"at the end", "http://h/a/{dots}", "! the path would have a segment \"..\""},
		{"before a query", "http://h/{dot}?q", "! the path would have a segment \".\""},
		{"before a fragment", "http://h/{dot}#f", "! the path would have a segment \".\""},
		{"of two values", "http://h/{dot}{dot}", "! the path would have a segment \"..\""},
		{"of text and a value", "http://h/.{dot}",
	         "! the path would have a segment \"..\""},
		{"behind one that is not encoded", "http://h/{+slash}/{dots}",
	         "! the path would have a segment \"..\""},
		{"more than dots", "http://h/{dots}x/{dots}{dot}", "http://h/..x/..."},
		{"in the query", "http://h/?a={dots}&b=/{dots}/", "http://h/?a=..&b=/../"},
		{"behind a value with a query", "http://h/?{+slash}{dots}", "http://h/?a/b.."},
		{"in the fragment", "http://h/#/{dots}", "http://h/#/.."},
		{"as it is", "http://h/a/{+dots}/b", "http://h/a/../b"},
		{"of the template itself", "http://h/a/../{x}", "http://h/a/../1"},
	};

	(void)state;
	case_table(TEMPLATE_URL, cases, COUNT(cases));
}

/* libcurl takes what follows "http:///" for the host. */
static void no_value_takes_the_host_away(void **state)
{
	static const struct filling cases[] = {
		{"an empty host", "http://{y}/a", "! the URL would have no host"},
		{"at the end", "http://{y}", "! the URL would have no host"},
		{"before a query", "http://{y}?q", "! the URL would have no host"},
		{"of two values", "https://{y}{y}/{x}", "! the URL would have no host"},
		{"but a part of it", "http://{y}h/a", "http://h/a"},
		{"an empty segment", "http://h/{y}/a", "http://h//a"},
		{"in the query", "http://h/?u=://{y}/a", "http://h/?u=:///a"},
		{"as it is", "http://{+y}/a", "! the URL would have no host"},
		{"of the template itself", "http:///{x}", "! the URL would have no host"},
	};

	(void)state;
	case_table(TEMPLATE_URL, cases, COUNT(cases));
}

static void values_in_a_header_are_as_they_are(void **state)
{
	static const struct filling cases[] = {
		{"plain", "X-A: {slash} {}", "X-A: a/b a b/c"},
		{"the same", "X-A: {+slash}", "X-A: a/b"},
		{"a tab", "X-A: {header}", "X-A: a\tb"},
		{"UTF-8", "X-A: {utf8}", "X-A: \303\251"},
		{"what is none", "X-A: {latin1}", "X-A: \351"},
		{"a newline", "X-A: {control}",
	         "! \"control\" has a control character, which no header can have"},
		{"a newline as it is", "X-A: {+control}",
	         "! \"control\" has a control character, which no header can have"},
		{"a NUL", "X-A: {nul}",
	         "! \"nul\" has a control character, which no header can have"},
		{"a DEL", "X-A: {delete}",
	         "! \"delete\" has a control character, which no header can have"},
		{"what begins no variable", "X-A: {", "X-A: {"},
	};

	(void)state;
	case_table(TEMPLATE_HEADER, cases, COUNT(cases));
}

static void values_in_a_body_are_encoded_as_it_begins(void **state)
{
	static const struct filling cases[] = {
		{"JSON", "{\"a\": \"{slash}\"}", "{\"a\": \"a/b\"}"},
		{"JSON behind blanks", " \t\r\n{\"a\":\"{text}\"}",
	         " \t\r\n{\"a\":\"\\\"q\\\" \\\\ \\n\\t/\"}"},
		{"an array", "[\"{text}\"]", "[\"\\\"q\\\" \\\\ \\n\\t/\"]"},
		{"an array of one number", "[{x}]", "[1]"},
		{"objects in each other", "{\"a\":{\"b\":{x}}}", "{\"a\":{\"b\":1}}"},
		{"an empty object in one", "{\"a\":{{}},\"b\":\"{}\"}",
	         "{\"a\":{},\"b\":\"a b/c\"}"},
		{"a doubled brace first", "{{\"a\":\"{text}\"}}",
	         "{\"a\":\"\\\"q\\\" \\\\ \\n\\t/\"}"},
		{"UTF-8", "{\"a\":\"{utf8}\"}", "{\"a\":\"\303\251\"}"},
		{"what is not", "{\"a\":\"{latin1}\"}", "! \"latin1\" is not UTF-8, which JSON is"},
		{"what is not, as it is", "{\"a\":\"{+latin1}\"}", "{\"a\":\"\351\"}"},
		{"as it is", "{\"a\":{+text}}", "{\"a\":\"q\" \\ \n\t/}"},
		{"a form", "a={text}&b={utf8}", "a=%22q%22%20%5C%20%0A%09%2F&b=%C3%A9"},
		{"a form as it is", "a={+slash}", "a=a/b"},
		{"a form that begins with a variable", "{x}={slash}", "1=a%2Fb"},
		{"one that is a variable", "{slash}", "a%2Fb"},
	};

	(void)state;
	case_table(TEMPLATE_BODY, cases, COUNT(cases));
}

static void a_template_knows_its_names(void **state)
{
	static const char text[] = "a={x}\0{+}{{z}}{e-mail}";
	struct template *template = NULL;

	(void)state;
	assert_err(template_new(text, sizeof(text) - 1, TEMPLATE_BODY, &template, NULL), ERR_NONE);
	assert_true(template_has_variables(template));
	assert_string_equal(template_name(template, 0), "x");
	assert_string_equal(template_name(template, 1), "");
	assert_string_equal(template_name(template, 2), "e-mail");
	assert_null(template_name(template, 3));
	template_free(template);
	assert_err(template_new("{{z}}", 5, TEMPLATE_BODY, &template, NULL), ERR_NONE);
	assert_false(template_has_variables(template));
	template_free(template);
	template_free(NULL);
}

/* A file given with -d may have any byte. */
static void a_nul_in_the_text_stays(void **state)
{
	struct template *template = NULL;
	struct buf out;

	(void)state;
	buf_init(&out, BUF_UNLIMITED);
	assert_err(template_new("a\0{x}\0", 6, TEMPLATE_BODY, &template, NULL), ERR_NONE);
	assert_err(template_fill(template, look_up, NULL, &out, NULL), ERR_NONE);
	case_bytes("with NULs", out.data, out.len, "a\0001\0", 4);
	template_free(template);
	buf_release(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_a_variable),
		cmocka_unit_test(values_in_a_url_are_percent_encoded),
		cmocka_unit_test(a_brace_in_a_url_that_means_nothing_is_refused),
		cmocka_unit_test(no_value_makes_a_dot_segment),
		cmocka_unit_test(no_value_takes_the_host_away),
		cmocka_unit_test(values_in_a_header_are_as_they_are),
		cmocka_unit_test(values_in_a_body_are_encoded_as_it_begins),
		cmocka_unit_test(a_template_knows_its_names),
		cmocka_unit_test(a_nul_in_the_text_stays),
	};

	return UNIT_RUN(tests);
}
