/*
 * input/csv: records, however they are cut up on the way.
 */
#include "unit.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/mem.h"
#include "input/csv.h"

static void put_shown(struct buf *out, const char *text)
{
	for (; *text; text++) {
		if (*text == '\n' || *text == '\r')
			buf_put_text(out, *text == '\n' ? "\\n" : "\\r");
		else
			buf_put_byte(out, *text);
	}
}

/* "3: a|b|" is a record that begins in line 3, "3: ! words" one that cannot be used. */
static void put_record(struct buf *out, const struct csv *csv)
{
	buf_printf(out, "%s%llu: ", out->len ? " " : "", (unsigned long long)csv->first_line);
	if (csv->problem)
		buf_printf(out, "! %s", csv->problem);
	for (size_t i = 0; !csv->problem && i < csv->count; i++) {
		assert_int_equal(csv_value_length(csv, i), strlen(csv_value(csv, i)));
		put_shown(out, csv_value(csv, i));
		buf_put_byte(out, '|');
	}
}

/* All records of a text that comes in pieces of so many bytes. The caller frees it. */
static char *read_all(const char *data, size_t len, size_t piece)
{
	struct buf out;
	struct csv csv;
	size_t out_len;

	csv_init(&csv);
	buf_init(&out, BUF_UNLIMITED);
	for (size_t at = 0, taken = 0; at < len; at += taken) {
		size_t size = len - at < piece ? len - at : piece;

		if (csv_take(&csv, data + at, size, &taken))
			put_record(&out, &csv);
		else
			assert_int_equal(taken, size);
	}
	if (csv_end(&csv))
		put_record(&out, &csv);
	assert_false(csv_end(&csv)); /* it is said once */
	csv_release(&csv);
	return buf_take(&out, &out_len);
}

#define DATA(text) (text), sizeof(text) - 1

static const struct {
	const char *name, *data;
	size_t len;
	const char *expected;
} cases[] = {
	{"nothing", DATA(""), ""},
	{"a field", DATA("a\n"), "1: a|"},
	{"fields", DATA("a,b c,d\n"), "1: a|b c|d|"},
	{"records", DATA("a,b\nc,d\n"), "1: a|b| 2: c|d|"},
	{"CRLF", DATA("a,b\r\nc,d\r\n"), "1: a|b| 2: c|d|"},
	{"no line end", DATA("a,b\nc,d"), "1: a|b| 2: c|d|"},
	{"half a line end", DATA("a,b\r"), "1: a|b|"},
	{"spaces stay", DATA(" a , b \n"), "1:  a | b |"},
	{"an empty field", DATA("a,,b\n"), "1: a||b|"},
	{"an empty first one", DATA(",a\n"), "1: |a|"},
	{"an empty last one", DATA("a,\n"), "1: a||"},
	{"empty ones only", DATA(",,\n"), "1: |||"},
	{"the same at the end", DATA("a,"), "1: a||"},
	{"empty lines", DATA("\na\n\r\n\nb\n\n"), "1:  2: a| 3:  4:  5: b| 6: "},
	{"quotes", DATA("\"a\",b,\"c\"\n"), "1: a|b|c|"},
	{"quotes around nothing", DATA("\"\"\n\"\",\"\"\n"), "1: | 2: ||"},
	{"a comma in quotes", DATA("\"a,b\",c\n"), "1: a,b|c|"},
	{"doubled quotes", DATA("\"a\"\"b\",\"\"\"\"\n"), "1: a\"b|\"|"},
	{"LF in quotes", DATA("\"a\nb\",c\nd\n"), "1: a\\nb|c| 3: d|"},
	{"CRLF in quotes", DATA("\"a\r\nb\r\n\",c\r\nd\r\n"), "1: a\\r\\nb\\r\\n|c| 4: d|"},
	{"CR in quotes", DATA("\"a\rb\"\r\n"), "1: a\\rb|"},
	{"empty lines in quotes", DATA("\"\n\n\"\nx\n"), "1: \\n\\n| 4: x|"},
	{"CR inside of a line", DATA("a\rb,\rc\n"), "1: a\\rb|\\rc|"},
	{"CR twice", DATA("a\r\r\n"), "1: a\\r|"},
	{"no comment", DATA("#a\n"), "1: #a|"},
	{"not ASCII", DATA("\303\251,\351\n"), "1: \303\251|\351|"},
	{"an open quote", DATA("a\n\"b\nc\n"), "1: a| 2: ! a quote that is not closed"},
	{"an open quote behind a doubled one", DATA("\"b\"\"\nc"),
         "1: ! a quote that is not closed"},
	{"a stray quote", DATA("a\"b,c\nd\n"), "1: ! a quote in a field without quotes 2: d|"},
	{"two stray quotes", DATA("a\"b\",\"c\nd\n"),
         "1: ! a quote in a field without quotes 2: d|"},
	{"a quote behind a space", DATA("a, \"b\"\nd\n"),
         "1: ! a quote in a field without quotes 2: d|"},
	{"text behind quotes", DATA("\"a\"b,c\nd\n"), "1: ! text behind a field in quotes 2: d|"},
	{"a space behind quotes", DATA("\"a\" ,c\nd\n"),
         "1: ! text behind a field in quotes 2: d|"},
	{"CR behind quotes", DATA("\"a\"\rb\nd\n"), "1: ! text behind a field in quotes 2: d|"},
	{"text behind quotes over lines", DATA("\"a\n\"b\nd\n"),
         "1: ! text behind a field in quotes 3: d|"},
	{"a NUL", DATA("a\0b\nc\n"), "1: ! a NUL byte in the record 2: c|"},
	{"a NUL in quotes", DATA("\"\0\n\"\nc\n"), "1: ! a NUL byte in the record 3: c|"},
};

static void records_in_pieces_of_any_size(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		for (size_t piece = 1; piece <= cases[i].len + 1; piece++) {
			char *all = read_all(cases[i].data, cases[i].len, piece);
			char *name = mem_printf("%s, by %zu", cases[i].name, piece);

			case_text(name, all, cases[i].expected);
			free(all);
			free(name);
		}
	}
}

static void a_byte_order_mark_is_passed_over(void **state)
{
	static const struct {
		const char *name, *data, *expected;
	} marked[] = {
		{"at the beginning", "\xef\xbb\xbf\"a\",b\n\xef\xbb\xbf\n",
	         "1: a|b| 2: \xef\xbb\xbf|"},
		{"once",
	         "\xef\xbb\xbf\xef\xbb\xbf"
	         "a\n",
	         "1: \xef\xbb\xbf"
	         "a|"},
		{"alone", "\xef\xbb\xbf", ""},
		{"half of one", "\xef\xbb,a\n", "1: \xef\xbb|a|"},
		{"half of one alone", "\xef\xbb", "1: \xef\xbb|"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(marked); i++) {
		size_t len = strlen(marked[i].data);

		for (size_t piece = 1; piece <= len; piece++) {
			char *all = read_all(marked[i].data, len, piece);

			case_text(marked[i].name, all, marked[i].expected);
			free(all);
		}
	}
}

static void a_record_has_its_text(void **state)
{
	static const char data[] = "\"a\r\nb\", c\r\nd,\"e\"\nf\"g,h\nlast\r";
	static const char *const texts[] = {"\"a\r\nb\", c", "d,\"e\"", "f\"g,h", "last"};
	size_t at = 0, taken, count = 0;
	struct csv csv;

	(void)state;
	csv_init(&csv);
	for (; at < sizeof(data) - 1; at += taken) {
		if (csv_take(&csv, data + at, sizeof(data) - 1 - at, &taken))
			case_text("a record", csv.text.data, texts[count++]);
	}
	assert_true(csv_end(&csv));
	case_text("the last", csv.text.data, texts[count++]);
	assert_int_equal(count, COUNT(texts));
	csv_release(&csv);
}

/* Where it ends is known nevertheless: what looks like a record in it is none. */
static void a_record_over_a_mebibyte_is_passed_over(void **state)
{
	static const struct {
		const char *name;
		size_t fill;
		const char *expected;
	} sizes[] = {
		{"just as long", CSV_MAX_BYTES - 6, NULL},
		{"too long", CSV_MAX_BYTES - 5, "1: ! a record over 1 MiB 3: c|"},
		{"far too long", 3 * CSV_MAX_BYTES, "1: ! a record over 1 MiB 3: c|"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(sizes); i++) {
		struct buf data;
		char *all;

		buf_init(&data, BUF_UNLIMITED);
		buf_put_byte(&data, '"');
		for (size_t k = 0; k < sizes[i].fill; k++)
			buf_put_byte(&data, 'x');
		buf_put_text(&data, "\nb\",d\nc\n");
		all = read_all(data.data, data.len, 65536);
		if (sizes[i].expected)
			case_text(sizes[i].name, all, sizes[i].expected);
		else
			case_true(sizes[i].name, strstr(all, "xx\\nb|d| 3: c|") != NULL);
		free(all);
		buf_release(&data);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_in_pieces_of_any_size),
		cmocka_unit_test(a_byte_order_mark_is_passed_over),
		cmocka_unit_test(a_record_has_its_text),
		cmocka_unit_test(a_record_over_a_mebibyte_is_passed_over),
	};

	return UNIT_RUN(tests);
}
