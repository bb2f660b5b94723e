/*
 * output/fit: text of others in so many columns.
 */
#include "unit.h"

#include <locale.h>
#include <stdlib.h>

#include "base/buf.h"
#include "output/fit.h"

static char *fitted(const char *text, size_t columns, bool is_utf8)
{
	struct buf out;
	size_t len;

	buf_init(&out, BUF_UNLIMITED);
	fit_put(&out, text, columns, is_utf8);
	return buf_take(&out, &len);
}

static void text_has_just_its_columns(void **state)
{
	static const struct {
		const char *name, *text;
		size_t columns;
		const char *utf8, *ascii;
	} cases[] = {
		{"nothing", "", 3, "   ", "   "},
		{"with room", "abc", 5, "abc  ", "abc  "},
		{"just", "abcde", 5, "abcde", "abcde"},
		{"few columns show the end", "abcdefghij", 6, "…fghij", "..ghij"},
		{"the least", "abcdefghij", 3, "…ij", "..j"},
		{"many show the beginning, too", "h.example/one/two/three/four", 16,
	         "h.exa…three/four", "h.ex..three/four"},
		{"one too many", "abcdefghijklmnopqrstuvwxyz", 25, "abcdefgh…klmnopqrstuvwxyz",
	         "abcdefg..klmnopqrstuvwxyz"},
		{"beyond ASCII", "h/é/ß", 6, "h/é/ß ", "h/?/? "},
		{"cut between them", "éßéßéßéß", 5, "…éßéß", "..???"},
		{"two columns each", "h/世界", 8, "h/世界  ", "h/??    "},
		{"half a character is a space", "世界世界", 6, "…世界 ", "????  "},
		{"a combining character takes none", "cafe\xcc\x81", 5, "cafe\xcc\x81 ", "cafe?"},
		{"and is not left alone", "abcde\xcc\x81xyz", 4, "…xyz", "..yz"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		char *utf8 = fitted(cases[i].text, cases[i].columns, true);
		char *ascii = fitted(cases[i].text, cases[i].columns, false);

		case_text(cases[i].name, utf8, cases[i].utf8);
		case_text(cases[i].name, ascii, cases[i].ascii);
		case_uint(cases[i].name, fit_width(utf8, true), cases[i].columns);
		case_uint(cases[i].name, strlen(ascii), cases[i].columns);
		free(utf8);
		free(ascii);
	}
}

static void what_would_steer_the_terminal_is_replaced(void **state)
{
	static const struct {
		const char *name, *text, *utf8, *ascii;
	} cases[] = {
		{"an escape", "a\033[31mb", "a\xef\xbf\xbd[31mb", "a?[31mb"},
		{"line ends", "a\r\nb",
	         "a\xef\xbf\xbd\xef\xbf\xbd"
	         "b",
	         "a??b"},
		{"a tab", "a\tb",
	         "a\xef\xbf\xbd"
	         "b",
	         "a?b"},
		{"C1",
	         "a\xc2\x9b"
	         "31mb",
	         "a\xef\xbf\xbd"
	         "31mb",
	         "a?31mb"},
		{"right to left", "a\xe2\x80\xaegpj.exe", "a\xef\xbf\xbdgpj.exe", "a?gpj.exe"},
		{"not UTF-8",
	         "a\xff\xfe"
	         "b",
	         "a\xef\xbf\xbd\xef\xbf\xbd"
	         "b",
	         "a??b"},
		{"cut short", "a\xe4\xb8", "a\xef\xbf\xbd\xef\xbf\xbd", "a??"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		char *utf8 = fitted(cases[i].text, fit_width(cases[i].text, true), true);
		char *ascii = fitted(cases[i].text, fit_width(cases[i].text, false), false);

		case_text(cases[i].name, utf8, cases[i].utf8);
		case_text(cases[i].name, ascii, cases[i].ascii);
		free(utf8);
		free(ascii);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_has_just_its_columns),
		cmocka_unit_test(what_would_steer_the_terminal_is_replaced),
	};

	return setlocale(LC_CTYPE, "C.UTF-8") ? UNIT_RUN(tests) : 1;
}
