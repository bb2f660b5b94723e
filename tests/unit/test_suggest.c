/*
 * cli/suggest: what a mistyped option may have been meant to be.
 */
#include "unit.h"

#include <stdlib.h>

#include "base/mem.h"
#include "cli/options.h"
#include "cli/suggest.h"

static const char *shown(const char *name)
{
	return name ? name : "(none)";
}

static void the_nearest_name_is_suggested(void **state)
{
	static const struct {
		const char *name, *typed, *expected;
	} cases[] = {
		{"itself", "concurrency", "concurrency"},
		{"a letter dropped", "concurency", "concurrency"},
		{"a letter doubled", "headerr", "header"},
		{"a letter changed", "compresset", "compressed"},
		{"two letters exchanged", "hedaer", "header"},
		{"the first letter dropped", "nsecure", "insecure"},
		{"the last letter dropped", "insecur", "insecure"},
		{"a dash dropped", "maxtime", "max-time"},
		{"a dash too many", "un-ique", "unique"},
		{"an underscore for a dash", "no_location", "no-location"},
		{"British spelling", "colour", "color"},
		{"singular", "field", "fields"},
		{"a word of another tool", "json-lines", "(none)"},
		{"with a value", "concurency=5", "concurrency"},
		{"with a long value", "colour=a-value-that-is-longer-than-any-name-of-an-option",
	         "color"},
		{"with an empty value", "colour=", "color"},
		{"nothing", "", "(none)"},
		{"only a value", "=5", "(none)"},
		{"one letter", "x", "(none)"},
		{"something else", "xyzzy", "(none)"},
		{"something long", "frobnicate-the-widgets", "(none)"},
		{"as long as it goes", "concurrencyconcurrencyconcurrenc", "(none)"},
		{"longer", "concurrencyconcurrencyconcurrencyconcurrency", "(none)"},
		{"bytes that are no text", "\xff\xfe\033", "(none)"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		case_text(cases[i].name, shown(suggest_option(cases[i].typed)), cases[i].expected);
}

static void a_name_suggests_itself(void **state)
{
	(void)state;
	for (size_t i = 0; i < option_count; i++) {
		const struct option_spec *o = &option_table[i];

		/* What is not shown is not suggested either. */
		if (o->help)
			case_text(o->name, shown(suggest_option(o->name)), o->name);
		else
			case_true(o->name, strcmp(shown(suggest_option(o->name)), o->name) != 0);
	}
}

/* With one letter missing, wherever, there is a suggestion, and it has that letter or another. */
static void one_slip_is_forgiven(void **state)
{
	(void)state;
	for (size_t i = 0; i < option_count; i++) {
		const char *name = option_table[i].name;
		size_t len = strlen(name), itself = 0;

		if (!option_table[i].help || len < 5)
			continue;
		for (size_t k = 0; k < len; k++) {
			char *typed = mem_printf("%.*s%s", (int)k, name, name + k + 1);
			const char *found = suggest_option(typed);

			case_true(name, found != NULL);
			case_true(name, strlen(found) + 1 >= len - 1 && strlen(found) <= len);
			itself += !strcmp(found, name);
			free(typed);
		}
		/* "oproxy" may be "noproxy" or "proxy". */
		case_true(name, itself * 2 >= len);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_nearest_name_is_suggested),
		cmocka_unit_test(a_name_suggests_itself),
		cmocka_unit_test(one_slip_is_forgiven),
	};

	return UNIT_RUN(tests);
}
