/*
 * transfer/link: Link header fields, those of RFC 8288 and those of servers that do it their way.
 */
#include "unit.h"

#include "base/buf.h"
#include "transfer/link.h"

/* What the type "next" leads to. */
static const struct link_case {
	const char *name, *headers, *expected; /* NULL: nothing */
} cases[] = {
	{"no headers", "", NULL},
	{"no links", "content-type: text/html\n", NULL},
	{"one", "link: <http://h/2>; rel=\"next\"\n", "http://h/2"},
	{"a token", "link: <http://h/2>; rel=next\n", "http://h/2"},
	{"relative", "link: <?page=2>; rel=next\n", "?page=2"},
	{"empty", "link: <>; rel=next\n", ""},
	{"another type", "link: <http://h/1>; rel=prev\n", NULL},
	{"a type that begins so", "link: <http://h/1>; rel=nextpage\n", NULL},
	{"no type", "link: <http://h/1>\n", NULL},
	{"several in a field", "link: </1>; rel=first, </2>; rel=next, </9>; rel=last\n", "/2"},
	{"several fields", "link: </1>; rel=first\nx: y\nlink: </2>; rel=next\n", "/2"},
	{"the first of two", "link: </2>; rel=next, </3>; rel=next\n", "/2"},
	{"several types", "link: </2>; rel=\"last  next\"\n", "/2"},
	{"any case", "link: </2>; REL=\"NeXT\"\n", "/2"},
	{"an empty type", "link: </2>; rel=\"\"\n", NULL},
	{"the type without a value", "link: </2>; rel\n", NULL},
	{"a type given twice: the first counts", "link: </2>; rel=prev; rel=next\n", NULL},
	{"the same, the other way", "link: </2>; rel=next; rel=prev\n", "/2"},
	{"rev is not rel", "link: </2>; rev=next\n", NULL},
	{"an anchor", "link: </2>; rel=next; anchor=\"#foo\"\n", NULL},
	{"an anchor before the type", "link: </2>; anchor=\"\"; rel=next\n", NULL},
	{"an anchor, and then another link", "link: </2>; rel=next; anchor=x, </3>; rel=next\n",
         "/3"},
	{"no results", "link: </2>; rel=\"next\"; results=\"false\"; cursor=\"1:0:0\"\n", NULL},
	{"no results, before the type", "link: </2>; results=FALSE; rel=next\n", NULL},
	{"results",
         "link: </0>; rel=previous; results=\"false\", </2>; rel=next; "
         "results=\"true\"\n",
         "/2"},
	{"a comma in a target", "link: </a,b>; rel=next\n", "/a,b"},
	{"a semicolon in a target", "link: </a;rel=prev>; rel=next\n", "/a;rel=prev"},
	{"a comma in a quoted string", "link: </1>; title=\"a, </x>; rel=next\", </2>; rel=next\n",
         "/2"},
	{"an escaped quote", "link: </1>; title=\"\\\"\", </2>; rel=next\n", "/2"},
	{"no blanks", "link:</1>;rel=prev,</2>;rel=next\n", "/2"},
	{"many blanks", "link:  </2> \t ; \t rel = \"next\" \n", "/2"},
	{"empty elements", "link: , ,</2>; rel=next,,\n", "/2"},
	{"an empty parameter", "link: </2>;; rel=next\n", "/2"},
	{"a header that ends so", "x-link: </2>; rel=next\n", NULL},
	{"a header that begins so", "link-x: </2>; rel=next\n", NULL},

	/* RFC 8288, 3.5. */
	{"the example: a title and a type",
         "link: <http://example.com/TheBook/chapter2>; rel=\"previous\"; title=\"previous "
         "chapter\"\n",
         NULL},
	{"the example: an extension type", "link: </>; rel=\"http://example.net/foo\"\n", NULL},
	{"the example: a copyright", "link: </terms>; rel=\"copyright\"; anchor=\"#foo\"\n", NULL},
	{"the example: encoded titles",
         "link: </TheBook/chapter2>; rel=\"previous\"; title*=UTF-8'de'letztes%20Kapitel, "
         "</TheBook/chapter4>; rel=\"next\"; title*=UTF-8'de'n%c3%a4chstes%20Kapitel\n",
         "/TheBook/chapter4"},
	{"the example: several types",
         "link: <http://example.org/>; rel=\"start http://example.net/relation/other\"\n", NULL},
	{"the example: two links",
         "link: <https://example.org/>; rel=\"start\", <https://example.org/index>; "
         "rel=\"index\"\n",
         NULL},

	/* Mistakes. */
	{"no bracket", "link: http://h/2; rel=next\n", NULL},
	{"an open bracket", "link: <http://h/2; rel=next\n", NULL},
	{"a bracket alone", "link: <\n", NULL},
	{"an empty field", "link: \n", NULL},
	{"an open quote swallows the rest", "link: </1>; rel=\"prev, </2>; rel=next\n", NULL},
	{"behind a mistake in another field", "link: x\nlink: </2>; rel=next\n", "/2"},
	{"behind a mistake in the field", "link: x, </2>; rel=next\n", NULL},
	{"what follows a parameter", "link: </1>; rel=prev x, </2>; rel=next\n", NULL},
	{"no newline at the end", "link: </2>; rel=next", "/2"},
};

static void links_are_found(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct link_case *c = &cases[i];
		struct buf headers, target;
		bool is_found;

		buf_init(&headers, BUF_UNLIMITED);
		buf_init(&target, BUF_UNLIMITED);
		buf_put_text(&headers, c->headers);
		buf_put_text(&target, "unchanged");
		is_found = link_find(&headers, "next", &target);
		case_int(c->name, is_found, c->expected != NULL);
		case_text(c->name, target.data, c->expected ? c->expected : "unchanged");
		buf_release(&headers);
		buf_release(&target);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(links_are_found)};

	return UNIT_RUN(tests);
}
