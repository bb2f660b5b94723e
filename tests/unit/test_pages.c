/*
 * input/pages: which pages are between the second and the last one.
 */
#include "unit.h"

#include "base/buf.h"
#include "input/pages.h"

static const struct range_case {
	const char *name, *own, *next, *last;
	const char *expected; /* up to three pages, and the last; NULL: not certain */
} cases[] = {
	{"by the query", "http://h/?page=1", "http://h/?page=2", "http://h/?page=4",
         "http://h/?page=2 http://h/?page=3 http://h/?page=4"},
	{"not from 1", "http://h/?page=5", "http://h/?page=6", "http://h/?page=7",
         "http://h/?page=6 http://h/?page=7"},
	{"page 1 does not say so", "http://h/", "http://h/?page=2", "http://h/?page=3",
         "http://h/?page=2 http://h/?page=3"},
	{"page 1 is another URL", "http://h/repos/a/issues",
         "http://h/repositories/7/issues?page=2", "http://h/repositories/7/issues?page=3",
         "http://h/repositories/7/issues?page=2 http://h/repositories/7/issues?page=3"},
	{"in the path", "http://h/list", "http://h/page/2/", "http://h/page/3/",
         "http://h/page/2/ http://h/page/3/"},
	{"with what follows", "http://h/?p=1&n=30", "http://h/?p=2&n=30", "http://h/?p=3&n=30",
         "http://h/?p=2&n=30 http://h/?p=3&n=30"},
	{"an encoded name", "http://h/", "http://h/?n=9&page%5Bno%5D=2",
         "http://h/?n=9&page%5Bno%5D=3",
         "http://h/?n=9&page%5Bno%5D=2 http://h/?n=9&page%5Bno%5D=3"},
	{"more digits", "http://h/?page=8", "http://h/?page=9", "http://h/?page=11",
         "http://h/?page=9 http://h/?page=10 http://h/?page=11"},
	{"the same first digit", "http://h/?page=1", "http://h/?page=2", "http://h/?page=20",
         "http://h/?page=2 http://h/?page=3 http://h/?page=4 http://h/?page=20"},
	{"from nine to ten", "http://h/?page=9", "http://h/?page=10", "http://h/?page=12",
         "http://h/?page=10 http://h/?page=11 http://h/?page=12"},
	{"from zero", "http://h/?n=0", "http://h/?n=1", "http://h/?n=2",
         "http://h/?n=1 http://h/?n=2"},
	{"leading zeros", "http://h/p008", "http://h/p009", "http://h/p011",
         "http://h/p009 http://h/p010 http://h/p011"},
	{"a number elsewhere, too", "http://h2/v3?page=1&n=100", "http://h2/v3?page=2&n=100",
         "http://h2/v3?page=3&n=100", "http://h2/v3?page=2&n=100 http://h2/v3?page=3&n=100"},

	{"the next is the last", "http://h/?page=1", "http://h/?page=2", "http://h/?page=2", NULL},
	{"the last is before", "http://h/?page=3", "http://h/?page=4", "http://h/?page=2", NULL},
	{"a step of 20", "http://h/?offset=0", "http://h/?offset=20", "http://h/?offset=280", NULL},
	{"a step of 20, from a first page without", "http://h/", "http://h/?page=20",
         "http://h/?page=280", NULL},
	{"a 2 that is no page", "http://h/", "http://h/?offset=2", "http://h/?offset=8", NULL},
	{"nor is this", "http://h/?page", "http://h/?page_offset=2", "http://h/?page_offset=8",
         NULL},
	{"nor this", "http://h/pages", "http://h/pages?start=2", "http://h/pages?start=8", NULL},
	{"a 3 behind the first page", "http://h/", "http://h/?page=3", "http://h/?page=9", NULL},
	{"cursors", "http://h/", "http://h/?c=abc", "http://h/?c=xyz", NULL},
	{"cursors with digits", "http://h/", "http://h/?page=2a", "http://h/?page=9b", NULL},
	{"two numbers differ", "http://h/?page=1&x=1", "http://h/?page=2&x=1",
         "http://h/?page=9&x=2", NULL},
	{"own differs elsewhere", "http://h/1/3", "http://h/2/4", "http://h/2/9", NULL},
	{"the last has no number", "http://h/?page=1", "http://h/?page=2", "http://h/?page=", NULL},
	{"the last is longer", "http://h/?page=1", "http://h/?page=2", "http://h/?page=9&x", NULL},
	{"another host", "http://h/?page=1", "http://h/?page=2", "http://g/?page=9", NULL},
	{"zeros of another width", "http://h/p08", "http://h/p09", "http://h/p011", NULL},
	{"no zeros, and then zeros", "http://h/p1", "http://h/p2", "http://h/p010", NULL},
	{"more than 18 digits", "http://h/?page=1", "http://h/?page=2",
         "http://h/?page=9999999999999999999", NULL},
	{"nothing", "", "", "", NULL},
};

static void pages_are_certain_or_not(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct range_case *c = &cases[i];
		struct page_range range;
		struct buf out;

		buf_init(&out, BUF_UNLIMITED);
		case_int(c->name, page_range_find(c->own, c->next, c->last, &range),
		         c->expected != NULL);
		for (uint64_t n = range.first; c->expected && n <= range.last; n++) {
			if (n > range.first + 2 && n < range.last)
				continue;
			buf_put_text(&out, out.len ? " " : "");
			page_range_put(&out, &range, c->next, n);
		}
		case_text(c->name, out.data, c->expected ? c->expected : "");
		buf_release(&out);
	}
}

static void a_range_may_be_vast(void **state)
{
	struct page_range range;

	(void)state;
	assert_true(page_range_find("http://h/?page=1", "http://h/?page=2",
	                            "http://h/?page=999999999999999999", &range));
	assert_int_equal(range.first, 2);
	assert_int_equal(range.last, 999999999999999999);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pages_are_certain_or_not),
		cmocka_unit_test(a_range_may_be_vast),
	};

	return UNIT_RUN(tests);
}
