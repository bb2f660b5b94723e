/*
 * input/glob: curl's globs. What is expected here was asked of curl 7.88.1, but for the table of
 * differences.
 */
#include "unit.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/mem.h"
#include "input/glob.h"

/* All URLs of a glob with a space between them, and how many; "ERR_X: words" when it is none. */
static char *expand(const char *text, size_t *ret_count)
{
	struct buf all, url, values;
	struct glob *glob = NULL;
	struct error e = {""};
	enum err failed = glob_new(text, &glob, &e);
	size_t len;

	*ret_count = 0;
	buf_init(&all, BUF_UNLIMITED);
	buf_init(&url, BUF_UNLIMITED);
	buf_init(&values, BUF_UNLIMITED);
	if (failed)
		buf_printf(&all, "%s: %s", err_name(failed), e.text);
	while (!failed && glob_next(glob, &url, &values)) {
		buf_printf(&all, "%s%s", *ret_count ? " " : "", url.data);
		++*ret_count;
	}
	glob_free(glob);
	buf_release(&url);
	buf_release(&values);
	return buf_take(&all, &len);
}

static void case_expands(const char *name, const char *text, const char *expected)
{
	size_t count;
	char *all = expand(text, &count);

	case_text(name, all, expected);
	free(all);
}

struct expansion {
	const char *name, *text, *expected;
};

static void case_table(const struct expansion *cases, size_t count)
{
	for (size_t i = 0; i < count; i++)
		case_expands(cases[i].name, cases[i].text, cases[i].expected);
}

static void words_and_ranges_expand_as_in_curl(void **state)
{
	static const struct expansion cases[] = {
		{"no glob", "http://h/a", "http://h/a"},
		{"nothing", "", ""},
		{"one word", "h/{a}", "h/a"},
		{"two words", "h/{en,de}", "h/en h/de"},
		{"words and what is behind", "{a,b}.h/x", "a.h/x b.h/x"},
		{"a last empty word", "h/{a,}", "h/a h/"},
		{"a first empty word", "h/{,a}", "h/ h/a"},
		{"two empty words", "h/{,}x", "h/x h/x"},
		{"the same word twice", "h/{a,a}", "h/a h/a"},
		{"spaces are part of a word", "h/{a, b}", "h/a h/ b"},
		{"nothing but a glob", "{a,b}", "a b"},

		{"numbers", "h/[1-3]", "h/1 h/2 h/3"},
		{"one number", "h/[7-7]", "h/7"},
		{"from 0", "h/[0-2]", "h/0 h/1 h/2"},
		{"over a power of ten", "h/[8-11]", "h/8 h/9 h/10 h/11"},
		{"padded to two", "h/[08-11]", "h/08 h/09 h/10 h/11"},
		{"padded to three", "h/[001-003]", "h/001 h/002 h/003"},
		{"padded, and wider than that", "h/[098-101]", "h/098 h/099 h/100 h/101"},
		{"padded less than the end needs", "h/[09-101:46]", "h/09 h/55 h/101"},
		{"the zeros of the end do not count", "h/[1-03]", "h/1 h/2 h/3"},
		{"a lone 0 asks for width 1", "h/[0-10:5]", "h/0 h/5 h/10"},
		{"two zeros", "h/[00-2]", "h/00 h/01 h/02"},
		{"as wide as a number gets", "h/[00000000000000000000000007-8]",
	         "h/00000000000000000000000007 h/00000000000000000000000008"},
		{"step 1", "h/[1-3:1]", "h/1 h/2 h/3"},
		{"step to the end", "h/[1-9:4]", "h/1 h/5 h/9"},
		{"step past the end", "h/[1-10:4]", "h/1 h/5 h/9"},
		{"step of the whole range", "h/[1-5:4]", "h/1 h/5"},
		{"step and padding", "h/[00-100:50]", "h/00 h/50 h/100"},
		{"the largest number", "h/[9223372036854775806-9223372036854775807]",
	         "h/9223372036854775806 h/9223372036854775807"},
		{"all numbers in one step", "h/[0-9223372036854775807:9223372036854775807]",
	         "h/0 h/9223372036854775807"},

		{"letters", "h/[a-e]", "h/a h/b h/c h/d h/e"},
		{"capital letters", "h/[X-Z]", "h/X h/Y h/Z"},
		{"one letter", "h/[q-q]", "h/q"},
		{"letters with a step", "h/[a-z:12]", "h/a h/m h/y"},

		{"the last varies fastest", "[1-2]{a,b}", "1a 1b 2a 2b"},
		{"three", "{a,b}[1-2]{x,y}", "a1x a1y a2x a2y b1x b1y b2x b2y"},
		{"with text around each", "h{1,2}/p[a-b]/q", "h1/pa/q h1/pb/q h2/pa/q h2/pb/q"},
		{"in the host and in the query", "http://{a,b}.h/?p=[1-2]",
	         "http://a.h/?p=1 http://a.h/?p=2 http://b.h/?p=1 http://b.h/?p=2"},
	};

	(void)state;
	case_table(cases, COUNT(cases));
}

static void an_ipv6_address_is_no_range(void **state)
{
	static const struct expansion cases[] = {
		{"alone", "http://[::1]/", "http://[::1]/"},
		{"with a port and a range", "http://[::1]:80/[1-2]",
	         "http://[::1]:80/1 http://[::1]:80/2"},
		{"in full", "http://[2001:db8:0:1:2:3:4:5]/{a,b}",
	         "http://[2001:db8:0:1:2:3:4:5]/a http://[2001:db8:0:1:2:3:4:5]/b"},
		{"capital digits", "http://[2001:DB8::FF]/", "http://[2001:DB8::FF]/"},
		{"IPv4 inside", "http://[::ffff:192.0.2.1]/[1-1]", "http://[::ffff:192.0.2.1]/1"},
		{"with a zone", "http://[fe80::1%25eth0]/[1-1]", "http://[fe80::1%25eth0]/1"},
		{"without a scheme", "[::1]/[1-2]", "[::1]/1 [::1]/2"},
		{"behind a login", "http://u:p@[::]/[a-a]", "http://u:p@[::]/a"},
	};

	(void)state;
	case_table(cases, COUNT(cases));
}

static void a_backslash_makes_a_special_character_plain(void **state)
{
	static const struct expansion cases[] = {
		{"braces", "h/\\{a,b\\}", "h/{a,b}"},
		{"brackets", "h/\\[1-2\\]", "h/[1-2]"},
		{"some, and a glob", "h/\\[{a,b}\\]", "h/[a] h/[b]"},
		{"a comma in a word", "h/{a\\,b,c}", "h/a,b h/c"},
		{"braces and brackets in a word", "h/{\\{x\\},\\[y\\]}", "h/{x} h/[y]"},
		{"a backslash in a word", "h/{a\\\\b,c}", "h/a\\b h/c"},
		{"any character of a word", "h/{a\\b,\\c}", "h/ab h/c"},
		{"before a letter it is one itself", "h/a\\b[1-2]", "h/a\\b1 h/a\\b2"},
		{"at the end it is one itself", "h/[1-2]\\", "h/1\\ h/2\\"},
	};

	(void)state;
	case_table(cases, COUNT(cases));
}

static void outside_of_braces_only_braces_and_brackets_are_special(void **state)
{
	static const struct expansion cases[] = {
		{"backslash, backslash", "h/a\\\\b[1-1]", "h/a\\\\b1"},
		{"backslash, comma", "h/a\\,b[1-1]", "h/a\\,b1"},
	};

	(void)state;
	case_table(cases, COUNT(cases));
}

/* As in https://h/?id[]=1, which much of the web has. */
static void empty_brackets_are_plain_text(void **state)
{
	static const struct expansion cases[] = {
		{"in a query", "http://h/?id[]=7", "http://h/?id[]=7"},
		{"twice, and a range", "h/?a[]=1&a[]=[2-3]", "h/?a[]=1&a[]=2 h/?a[]=1&a[]=3"},
	};

	(void)state;
	case_table(cases, COUNT(cases));
}

/* Where gather knowingly differs: what curl refuses or garbles has a meaning, or the reverse. */
static void differences_from_curl(void **state)
{
	static const struct expansion cases[] = {
		/* curl: "bad range" */
		{"a step past the end leaves the first", "h/[1-5:10]", "h/1"},
		{"a step from a number to itself", "h/[3-3:2]", "h/3"},
		{"a step past the last letter", "h/[a-c:9]", "h/a"},
	};

	(void)state;
	case_table(cases, COUNT(cases));
}

/* True when words say column n, and not one that begins with its digits. */
static bool names_column(const char *words, size_t column)
{
	char wanted[32];
	size_t len = (size_t)snprintf(wanted, sizeof(wanted), "column %zu", column);
	const char *found = strstr(words, wanted);

	return found && !(found[len] >= '0' && found[len] <= '9');
}

static void what_is_wrong_is_said_with_its_column(void **state)
{
	static const struct {
		const char *name, *text;
		size_t column;
		const char *words;
	} cases[] = {
		{"a brace that is not closed", "http://h/{a,b", 10, "not closed"},
		{"only a brace", "{", 1, "not closed"},
		{"a brace that is not closed behind a glob", "{a}{b", 4, "not closed"},
		{"a backslash closes nothing", "x{a\\}", 2, "not closed"},
		{"a brace without its beginning", "http://h/a}", 11, "} without its {"},
		{"a brace too many", "{a}}", 4, "} without its {"},
		{"a bracket without its beginning", "http://h/a]", 11, "] without its ["},
		{"a bracket too many", "[1-2]]", 6, "] without its ["},
		{"empty braces", "h/{}", 3, "empty"},
		{"braces in braces", "h/{a,{b}}", 6, "inside"},
		{"a range in braces", "h/{a,[1-2]}", 6, "inside"},
		{"a closing bracket in braces", "h/{a]}", 5, "inside"},
		{"a bracket that is not closed", "h/[1-2", 3, "range"},
		{"a bracket and nothing", "h/[", 3, "range"},
		{"one number", "h/[1]", 3, "range"},
		{"a word in brackets", "h/[abc]", 3, "range"},
		{"a range without an end", "h/[1-]", 3, "range"},
		{"a range without a beginning", "h/[-5]", 3, "range"},
		{"a negative number", "h/[-5-5]", 3, "range"},
		{"from a letter to a number", "h/[a-5]", 3, "range"},
		{"from a number to a letter", "h/[5-a]", 3, "range"},
		{"two letters", "h/[aa-zz]", 3, "range"},
		{"a number with a point", "h/[1.5-2]", 3, "range"},
		{"a letter behind the range", "h/[1-2x]", 3, "range"},
		{"downwards", "h/[5-1]", 3, "ends before it begins"},
		{"letters downwards", "h/[z-a]", 3, "ends before it begins"},
		{"from one case to the other", "h/[A-z]", 3, "case"},
		{"from one case to the other, downwards", "h/[a-Z]", 3, "case"},
		{"step 0", "h/[1-2:0]", 3, "step"},
		{"no step", "h/[1-2:]", 3, "step"},
		{"a negative step", "h/[1-2:-1]", 3, "step"},
		{"a step that is no number", "h/[1-2:x]", 3, "step"},
		{"two steps", "h/[1-9:1:1]", 3, "not closed"},
		{"a number over 2^63", "h/[1-9223372036854775808]", 3, "range"},
		{"a number over 2^64", "h/[18446744073709551616-18446744073709551617]", 3, "range"},
		{"a step over 2^64", "h/[1-2:18446744073709551617]", 3, "step"},
		{"the second of two", "h/[1-2]/[3-", 9, "range"},
		{"nearly an IPv6 address", "http://[::12345]/", 8, "range"},
		{"an IPv6 address that is not closed", "http://[::1/", 8, "range"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct glob *glob = (struct glob *)&state; /* to see that it is left alone */
		struct error e = {""};

		case_err(cases[i].name, glob_new(cases[i].text, &glob, &e), ERR_SYNTAX);
		case_true(cases[i].name, glob == (struct glob *)&state);
		if (!names_column(e.text, cases[i].column))
			fail_msg("%s: not column %zu: %s", cases[i].name, cases[i].column, e.text);
		if (!strstr(e.text, cases[i].words))
			fail_msg("%s: no \"%s\" in: %s", cases[i].name, cases[i].words, e.text);
		/* The words are optional. */
		case_err(cases[i].name, glob_new(cases[i].text, &glob, NULL), ERR_SYNTAX);
	}
}

/* They are printed beside the URL, which is masked. */
static void the_words_about_a_glob_do_not_tell_the_password(void **state)
{
	struct glob *glob;
	struct error e = {""};

	(void)state;
	assert_err(glob_new("http://user:secret@h/{a", &glob, &e), ERR_SYNTAX);
	if (strstr(e.text, "secret"))
		fail_msg("%s", e.text);
}

/* count times glob, with text between them. */
static char *many(size_t count, const char *glob, const char *between)
{
	struct buf text;
	size_t len;

	buf_init(&text, BUF_UNLIMITED);
	buf_put_text(&text, "http://h/");
	for (size_t i = 0; i < count; i++)
		buf_printf(&text, "%s%s", glob, between);
	return buf_take(&text, &len);
}

static void case_many(const char *name, size_t count, const char *glob, const char *between,
                      enum err expected)
{
	struct glob *made = NULL;
	struct error e = {""};
	char *text = many(count, glob, between);
	enum err failed = glob_new(text, &made, &e);

	free(text);
	if (!failed)
		glob_free(made);
	case_err(name, failed, expected);
	if (expected && !strstr(e.text, "100"))
		fail_msg("%s: %s", name, e.text);
}

static void a_hundred_globs_and_no_more(void **state)
{
	(void)state;
	case_many("99 with text between", 99, "{a,b}", "/", ERR_NONE);
	case_many("101 with text between", 101, "{a,b}", "/", ERR_LIMIT);
	case_many("100 without", 100, "{a,b}", "", ERR_NONE);
	case_many("300 without", 300, "[1-2]", "", ERR_LIMIT);
	case_many("5000 with text between", 5000, "{a}", "/", ERR_LIMIT);
	case_many("more backslashes and addresses than globs", 300, "\\{[::1]\\}", "/", ERR_NONE);
}

static void a_hundred_globs_whatever_stands_between_them(void **state)
{
	(void)state;
	case_many("100 with text between", 100, "{a,b}", "/", ERR_NONE);
	case_many("100 ranges with text between", 100, "[1-2]", "/", ERR_NONE);
	case_many("101 without", 101, "{a,b}", "", ERR_LIMIT);
	case_many("101 ranges without", 101, "[1-2]", "", ERR_LIMIT);
}

/* 2^63 * 2^63 * 26 URLs: whoever makes a list of them never comes back. */
static void a_huge_glob_is_expanded_as_it_is_asked_for(void **state)
{
	static const char *const expected[] = {
		"h/0/0/a",
		"h/0/0/b",
		"h/0/0/c",
		"h/0/0/d",
	};
	struct glob *glob;
	struct buf url, values;

	(void)state;
	assert_err(glob_new("h/[0-9223372036854775807]/[0-9223372036854775807]/[a-z]", &glob, NULL),
	           ERR_NONE);
	buf_init(&url, BUF_UNLIMITED);
	buf_init(&values, BUF_UNLIMITED);
	for (size_t i = 0; i < 26 * 1000; i++) {
		assert_true(glob_next(glob, &url, &values));
		if (i < COUNT(expected))
			assert_string_equal(url.data, expected[i]);
	}
	assert_string_equal(url.data, "h/0/999/z");
	assert_true(glob_next(glob, &url, &values));
	assert_string_equal(url.data, "h/0/1000/a");
	glob_free(glob);
	buf_release(&url);
	buf_release(&values);
}

static void all_digits_count_up(void **state)
{
	struct glob *glob;
	struct buf url, values;
	char expected[32];

	(void)state;
	assert_err(glob_new("h/[0-9]{0,1,2,3,4,5,6,7,8,9}[00-99]", &glob, NULL), ERR_NONE);
	buf_init(&url, BUF_UNLIMITED);
	buf_init(&values, BUF_UNLIMITED);
	for (unsigned i = 0; i < 10000; i++) {
		assert_true(glob_next(glob, &url, &values));
		snprintf(expected, sizeof(expected), "h/%04u", i);
		assert_string_equal(url.data, expected);
	}
	assert_false(glob_next(glob, &url, &values));
	glob_free(glob);
	buf_release(&url);
	buf_release(&values);
}

static void the_end_stays_the_end(void **state)
{
	struct glob *glob;
	struct buf url, values;

	(void)state;
	assert_err(glob_new("h/[1-2]", &glob, NULL), ERR_NONE);
	buf_init(&url, BUF_UNLIMITED);
	buf_init(&values, BUF_UNLIMITED);
	assert_true(glob_next(glob, &url, &values));
	assert_true(glob_next(glob, &url, &values));
	for (int i = 0; i < 5; i++)
		assert_false(glob_next(glob, &url, &values));
	glob_free(glob);
	buf_release(&url);
	buf_release(&values);
}

static void the_text_is_copied(void **state)
{
	char *text = mem_text("h/x{aa,bb}y[1-2]z");
	struct glob *glob;
	struct buf url, values;

	(void)state;
	assert_err(glob_new(text, &glob, NULL), ERR_NONE);
	memset(text, '?', strlen(text));
	free(text);
	buf_init(&url, BUF_UNLIMITED);
	buf_init(&values, BUF_UNLIMITED);
	assert_true(glob_next(glob, &url, &values));
	assert_string_equal(url.data, "h/xaay1z");
	glob_free(glob);
	glob_free(NULL);
	buf_release(&url);
	buf_release(&values);
}

/* "a,1 a,2 b,1 b,2": the values of each URL. */
static char *expand_values(const char *text)
{
	struct buf all, url, values;
	struct glob *glob = NULL;
	size_t len;

	buf_init(&all, BUF_UNLIMITED);
	buf_init(&url, BUF_UNLIMITED);
	buf_init(&values, BUF_UNLIMITED);
	assert_err(glob_new(text, &glob, NULL), ERR_NONE);
	while (glob_next(glob, &url, &values)) {
		const char *end = values.data + values.len;

		if (all.len)
			buf_put_byte(&all, ' ');
		for (const char *at = values.data; at < end; at += strlen(at) + 1)
			buf_printf(&all, "%s%s", at > values.data ? "," : "", at);
	}
	glob_free(glob);
	buf_release(&url);
	buf_release(&values);
	return buf_take(&all, &len);
}

/* They are what #1, #2, ... of a file's name stand for. */
static void what_each_glob_stands_for_is_told(void **state)
{
	static const struct expansion cases[] = {
		{"words", "h/{a,b}", "a b"},
		{"one word is a glob too", "h/{a}/x", "a"},
		{"numbers", "h/[1-3]", "1 2 3"},
		{"padded numbers", "h/[08-10]", "08 09 10"},
		{"letters", "h/[a-c]", "a b c"},
		{"from the left", "http://{a,b}.h/x/[1-2]", "a,1 a,2 b,1 b,2"},
		{"without text between", "{a,b}[1-2]", "a,1 a,2 b,1 b,2"},
		{"an empty one in front", "h/{,x}{y}", ",y x,y"},
		{"as the URL has it", "h/{a/b,c\\,d%20}", "a/b c,d%20"},
		{"no glob", "http://h/a", ""},
		{"what a backslash made plain", "h/\\{a\\}[1-1]", "1"},
		{"an address", "http://[::1]/[1-1]", "1"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		char *all = expand_values(cases[i].text);

		case_text(cases[i].name, all, cases[i].expected);
		free(all);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_and_ranges_expand_as_in_curl),
		cmocka_unit_test(an_ipv6_address_is_no_range),
		cmocka_unit_test(a_backslash_makes_a_special_character_plain),
		cmocka_unit_test(outside_of_braces_only_braces_and_brackets_are_special),
		cmocka_unit_test(empty_brackets_are_plain_text),
		cmocka_unit_test(differences_from_curl),
		cmocka_unit_test(what_is_wrong_is_said_with_its_column),
		cmocka_unit_test(the_words_about_a_glob_do_not_tell_the_password),
		cmocka_unit_test(a_hundred_globs_and_no_more),
		cmocka_unit_test(a_hundred_globs_whatever_stands_between_them),
		cmocka_unit_test(a_huge_glob_is_expanded_as_it_is_asked_for),
		cmocka_unit_test(all_digits_count_up),
		cmocka_unit_test(the_end_stays_the_end),
		cmocka_unit_test(the_text_is_copied),
		cmocka_unit_test(what_each_glob_stands_for_is_told),
	};

	return UNIT_RUN(tests);
}
