/*
 * base/utf8 and base/json: whatever the bytes, what is written is JSON and safe for a terminal.
 */
#include "unit.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/utf8.h"

#define FFFD "\xef\xbf\xbd"

/* ---- UTF-8 ---- */

/* An encoder of its own, straight from the table of RFC 3629 section 3. */
static size_t encode(uint32_t code, char out[4])
{
	if (code < 0x80) {
		out[0] = (char)code;
		return 1;
	}
	if (code < 0x800) {
		out[0] = (char)(0xc0 | code >> 6);
		out[1] = (char)(0x80 | (code & 0x3f));
		return 2;
	}
	if (code < 0x10000) {
		out[0] = (char)(0xe0 | code >> 12);
		out[1] = (char)(0x80 | (code >> 6 & 0x3f));
		out[2] = (char)(0x80 | (code & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | code >> 18);
	out[1] = (char)(0x80 | (code >> 12 & 0x3f));
	out[2] = (char)(0x80 | (code >> 6 & 0x3f));
	out[3] = (char)(0x80 | (code & 0x3f));
	return 4;
}

static void every_code_point_is_read_and_no_surrogate(void **state)
{
	(void)state;
	for (uint32_t code = 0; code <= 0x10ffff; code++) {
		bool is_surrogate = code >= 0xd800 && code <= 0xdfff;
		char text[8] = "";
		size_t len = encode(code, text);
		uint32_t read = 0xffffffff;
		size_t size = utf8_next(text, sizeof(text), &read);

		if (is_surrogate ? size != 0 : size != len || read != code)
			fail_msg("U+%04X: size %zu, code U+%04X", code, size, read);
		/* Cut short it is none. */
		for (size_t cut = 0; cut < len; cut++) {
			if (utf8_next(text, cut, &read))
				fail_msg("U+%04X cut to %zu bytes is taken for a character", code,
				         cut);
		}
	}
}

static const struct malformed {
	const char *name;
	const char *bytes;
	size_t len;
} malformed[] = {
	{"continuation byte alone, lowest", "\x80", 1},
	{"continuation byte alone, highest", "\xbf", 1},
	{"lead byte of two, then the end", "\xc3", 1},
	{"lead byte of three, then the end", "\xe2", 1},
	{"two bytes of three, then the end", "\xe2\x82", 2},
	{"three bytes of four, then the end", "\xf0\x9f\x98", 3},
	{"lead byte after lead byte", "\xc3\xc3", 2},
	{"overlong NUL", "\xc0\x80", 2},
	{"overlong slash in two bytes", "\xc0\xaf", 2},
	{"overlong in two bytes, highest", "\xc1\xbf", 2},
	{"overlong in three bytes, lowest", "\xe0\x80\x80", 3},
	{"overlong in three bytes, highest", "\xe0\x9f\xbf", 3},
	{"overlong in four bytes, lowest", "\xf0\x80\x80\x80", 4},
	{"overlong in four bytes, highest", "\xf0\x8f\xbf\xbf", 4},
	{"surrogate U+D800", "\xed\xa0\x80", 3},
	{"surrogate U+DBFF", "\xed\xaf\xbf", 3},
	{"surrogate U+DC00", "\xed\xb0\x80", 3},
	{"surrogate U+DFFF", "\xed\xbf\xbf", 3},
	{"surrogate pair (CESU-8)", "\xed\xa0\xbd\xed\xb8\x80", 6},
	{"U+110000", "\xf4\x90\x80\x80", 4},
	{"lead byte F5", "\xf5\x80\x80\x80", 4},
	{"five bytes", "\xf8\x88\x80\x80\x80", 5},
	{"six bytes", "\xfc\x84\x80\x80\x80\x80", 6},
	{"FE", "\xfe", 1},
	{"FF", "\xff", 1},
};

static void what_is_malformed_is_no_character(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(malformed); i++) {
		uint32_t code = 4711;

		case_uint(malformed[i].name, utf8_next(malformed[i].bytes, malformed[i].len, &code),
		          0);
		case_uint(malformed[i].name, code, 4711);
		case_true(malformed[i].name, !utf8_is_text(malformed[i].bytes, malformed[i].len));
	}
}

/* A continuation byte that is missing is noticed whatever stands in its place. */
static void a_sequence_broken_at_any_place_is_no_character(void **state)
{
	static const char *const whole[] = {"\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x98\x80"};
	static const char intruders[] = {'\0', 'a', '\x7f', '\xc3', '\xe2', '\xf0', '\xff'};

	(void)state;
	for (size_t i = 0; i < COUNT(whole); i++) {
		for (size_t at = 1; at < strlen(whole[i]); at++) {
			for (size_t k = 0; k < sizeof(intruders); k++) {
				char text[8] = "";
				uint32_t code;

				memcpy(text, whole[i], strlen(whole[i]));
				text[at] = intruders[k];
				case_uint(whole[i], utf8_next(text, sizeof(text), &code), 0);
			}
		}
	}
}

static void text_is_utf8_without_nul(void **state)
{
	static const struct {
		const char *name, *bytes;
		size_t len;
		bool is_text;
	} cases[] = {
		{"nothing", "", 0, true},
		{"ASCII", "hello", 5, true},
		{"tab, newline, escape", "\t\n\x1b", 3, true},
		{"all four lengths", "a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", 10, true},
		{"NUL in front", "\0a", 2, false},
		{"NUL at the end", "a\0", 2, false},
		{"Latin-1", "caf\xe9", 4, false},
		{"cut at the end", "caf\xc3", 4, false},
		{"broken in the middle", "caf\xc3-", 5, false},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		case_int(cases[i].name, utf8_is_text(cases[i].bytes, cases[i].len),
		         cases[i].is_text);
}

static void controls_and_reordering_are_unsafe_and_nothing_else(void **state)
{
	static const uint32_t ranges[][2] = {
		{0x00, 0x1f},     {0x7f, 0x9f},     {0x61c, 0x61c},
		{0x200e, 0x200f}, {0x2028, 0x202e}, {0x2066, 0x206f},
	};

	(void)state;
	for (uint32_t code = 0; code <= 0x10ffff; code++) {
		bool is_unsafe = false;

		for (size_t i = 0; i < COUNT(ranges); i++)
			is_unsafe |= code >= ranges[i][0] && code <= ranges[i][1];
		if (utf8_is_unsafe(code) != is_unsafe)
			fail_msg("U+%04X: utf8_is_unsafe() is %d", code, !is_unsafe);
	}
}

static void what_is_put_is_utf8_and_for_a_terminal_safe(void **state)
{
	static const struct {
		const char *name, *data;
		size_t len;
		const char *for_files, *for_terminals;
	} cases[] = {
		{"nothing", "", 0, "", ""},
		{"plain", "hello ~", 7, "hello ~", "hello ~"},
		{"every length", "a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", 10,
	         "a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", "a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"},
		{"NUL", "a\0b", 3, "a" FFFD "b", "a" FFFD "b"},
		{"newline and tab", "a\n\tb", 4, "a\n\tb", "a" FFFD FFFD "b"},
		{"CRLF", "a\r\n", 3, "a\r\n", "a" FFFD FFFD},
		{"a separator of lines", "\xe2\x80\xa8", 3, "\xe2\x80\xa8", FFFD},
		{"joined emoji", "\xe2\x80\x8d\xef\xb8\x8f", 6, "\xe2\x80\x8d\xef\xb8\x8f",
	         "\xe2\x80\x8d\xef\xb8\x8f"},
		{"escape sequence", "\x1b[2J", 4, "\x1b[2J", FFFD "[2J"},
		{"DEL", "\x7f", 1, "\x7f", FFFD},
		{"C1 control", "\xc2\x9b", 2, "\xc2\x9b", FFFD},
		{"right-to-left override", "\xe2\x80\xae", 3, "\xe2\x80\xae", FFFD},
		{"malformed", "\xc3(\xff", 3, FFFD "(" FFFD, FFFD "(" FFFD},
		{"cut at the end", "abc\xe2\x82", 5, "abc" FFFD FFFD, "abc" FFFD FFFD},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct buf out;

		buf_init(&out, BUF_UNLIMITED);
		buf_put_text(&out, "<");
		utf8_put(&out, cases[i].data, cases[i].len, UTF8_FOR_FILES);
		case_text(cases[i].name, out.data + 1, cases[i].for_files);
		buf_clear(&out);
		utf8_put(&out, cases[i].data, cases[i].len, UTF8_FOR_TERMINALS);
		case_text(cases[i].name, out.data, cases[i].for_terminals);
		buf_release(&out);
	}
}

static void on_a_screen_lines_end_and_have_tabs(void **state)
{
	static const struct {
		const char *name, *data, *expected;
	} cases[] = {
		{"lines and tabs", "a\n\tb\n", "a\n\tb\n"},
		{"CRLF", "a\r\nb\r\n", "a\r\nb\r\n"},
		{"CR", "a\rb\r", "a" FFFD "b" FFFD},
		{"the rest", "\x1b[2J\b\xc2\x9b\xe2\x80\xae", FFFD "[2J" FFFD FFFD FFFD},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct buf out;

		buf_init(&out, BUF_UNLIMITED);
		utf8_put(&out, cases[i].data, strlen(cases[i].data), UTF8_FOR_SCREENS);
		case_text(cases[i].name, out.data, cases[i].expected);
		buf_release(&out);
	}
}

static void colors_may_be_let_through_and_end_with_the_text(void **state)
{
	static const struct {
		const char *name, *data, *expected;
	} cases[] = {
		{"none", "a\n", "a\n"},
		{"one", "\x1b[31ma", "\x1b[31ma\x1b[m"},
		{"one that ends", "\x1b[1;38:5:9ma\x1b[0m", "\x1b[1;38:5:9ma\x1b[0m\x1b[m"},
		{"nothing is cleared", "\x1b[2J", FFFD "[2J"},
		{"cut", "\x1b[31", FFFD "[31"},
		{"half", "\x1b[", FFFD "["},
		{"another letter between", "\x1b[3?1m", FFFD "[3?1m"},
		{"a title", "\x1b]0;x\x07m", FFFD "]0;x" FFFD "m"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct buf out;

		buf_init(&out, BUF_UNLIMITED);
		utf8_put(&out, cases[i].data, strlen(cases[i].data), UTF8_WITH_COLORS);
		case_text(cases[i].name, out.data, cases[i].expected);
		buf_clear(&out);
		utf8_put(&out, "\x1b[31m", 5, UTF8_FOR_SCREENS);
		case_text("not on any screen", out.data, FFFD "[31m");
		buf_release(&out);
	}
}

/* ---- JSON strings ---- */

static void case_string(const char *name, const char *data, size_t len, const char *expected)
{
	struct buf out;
	struct json j;

	buf_init(&out, BUF_UNLIMITED);
	json_init(&j, &out);
	json_bytes(&j, data, len);
	case_bytes(name, out.data, out.len, expected, strlen(expected));
	buf_release(&out);
}

static void strings_are_escaped_where_they_must_be(void **state)
{
	static const struct {
		const char *name, *text, *expected;
	} cases[] = {
		{"empty", "", "\"\""},
		{"plain", "hello, world", "\"hello, world\""},
		{"quote", "say \"hi\"", "\"say \\\"hi\\\"\""},
		{"quote alone", "\"", "\"\\\"\""},
		{"backslash", "C:\\n", "\"C:\\\\n\""},
		{"backslash at the end", "a\\", "\"a\\\\\""},
		{"slash stays", "</script>", "\"</script>\""},
		{"tilde is the last plain one", "~", "\"~\""},
		{"space is the first plain one", " ", "\" \""},
		{"every length of UTF-8 stays", "a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80",
	         "\"a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\""},
		{"U+00A0, the first after C1, stays", "\xc2\xa0", "\"\xc2\xa0\""},
		{"U+10FFFF stays", "\xf4\x8f\xbf\xbf", "\"\xf4\x8f\xbf\xbf\""},
		{"U+FFFD itself stays", FFFD, "\"" FFFD "\""},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		case_string(cases[i].name, cases[i].text, strlen(cases[i].text), cases[i].expected);
}

static void every_control_character_is_escaped(void **state)
{
	static const char *const short_names[0x20] = {
		['\b'] = "\\b", ['\f'] = "\\f", ['\n'] = "\\n", ['\r'] = "\\r", ['\t'] = "\\t",
	};

	(void)state;
	for (uint32_t code = 0; code < 0xa0; code++) {
		char name[16], text[8], escape[8], expected[32];
		size_t len = encode(code, text + 1);

		if (code >= 0x20 && code < 0x7f)
			continue;
		snprintf(name, sizeof(name), "U+%04X", code);
		if (code < 0x20 && short_names[code])
			snprintf(escape, sizeof(escape), "%s", short_names[code]);
		else
			snprintf(escape, sizeof(escape), "\\u%04x", code);
		/* With neighbours, which stay as they are. */
		text[0] = '<';
		text[len + 1] = '>';
		snprintf(expected, sizeof(expected), "\"<%s>\"", escape);
		case_string(name, text, len + 2, expected);
	}
}

static void every_malformed_byte_becomes_a_replacement_character(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(malformed); i++) {
		char text[16], expected[64] = "\"<";

		snprintf(text, sizeof(text), "<");
		memcpy(text + 1, malformed[i].bytes, malformed[i].len);
		text[malformed[i].len + 1] = '>';
		for (size_t k = 0; k < malformed[i].len; k++)
			strcat(expected, FFFD);
		strcat(expected, ">\"");
		case_string(malformed[i].name, text, malformed[i].len + 2, expected);
	}
}

static void what_follows_a_malformed_byte_is_not_lost(void **state)
{
	static const struct {
		const char *name, *text, *expected;
	} cases[] = {
		{"a letter", "\xc3(", "\"" FFFD "(\""},
		{"a quote", "\xe2\x82\"", "\"" FFFD FFFD "\\\"\""},
		{"a whole character", "\xf0\x9f\xc3\xa9", "\"" FFFD FFFD "\xc3\xa9\""},
		{"a control character", "\xe2\n", "\"" FFFD "\\n\""},
		{"the end", "abc\xf0", "\"abc" FFFD "\""},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		case_string(cases[i].name, cases[i].text, strlen(cases[i].text), cases[i].expected);
}

/* Every pair of bytes there is, read back by another's parser. */
static void any_bytes_make_a_string_that_a_parser_takes(void **state)
{
	struct buf out;

	(void)state;
	buf_init(&out, BUF_UNLIMITED);
	for (unsigned pair = 0; pair < 0x10000; pair++) {
		char bytes[2] = {(char)(pair >> 8), (char)(pair & 0xff)};
		struct json j;
		cJSON *parsed;

		buf_clear(&out);
		json_init(&j, &out);
		json_bytes(&j, bytes, sizeof(bytes));
		if (!utf8_is_text(out.data, out.len))
			fail_msg("the string for %04x is not UTF-8: %s", pair, out.data);
		for (size_t i = 0; i < out.len; i++) {
			if ((unsigned char)out.data[i] < 0x20 || out.data[i] == 0x7f)
				fail_msg("the string for %04x has a control character", pair);
		}
		parsed = cJSON_ParseWithLengthOpts(out.data, out.len + 1, NULL, 1);
		if (!cJSON_IsString(parsed))
			fail_msg("the string for %04x is not JSON: %s", pair, out.data);
		if (utf8_is_text(bytes, 2) &&
		    (strlen(parsed->valuestring) != 2 || memcmp(parsed->valuestring, bytes, 2)))
			fail_msg("the string for %04x says something else: %s", pair, out.data);
		cJSON_Delete(parsed);
	}
	buf_release(&out);
}

/* ---- JSON documents ---- */

static void commas_are_put_where_they_belong(void **state)
{
	struct buf out;
	struct json j;

	(void)state;
	buf_init(&out, BUF_UNLIMITED);
	json_init(&j, &out);
	json_begin(&j, '{');
	json_key(&j, "none");
	json_null(&j);
	json_key(&j, "yes");
	json_bool(&j, true);
	json_key(&j, "no");
	json_bool(&j, false);
	json_key(&j, "text");
	json_text(&j, "t");
	json_key(&j, "no text");
	json_text(&j, NULL);
	json_key(&j, "empty object");
	json_begin(&j, '{');
	json_end(&j, '}');
	json_key(&j, "empty array");
	json_begin(&j, '[');
	json_end(&j, ']');
	json_key(&j, "array");
	json_begin(&j, '[');
	json_int(&j, -1);
	json_uint(&j, 2);
	json_seconds(&j, 123456);
	json_number(&j, 2.5, 1);
	json_raw(&j, "{\"raw\":1}", 9);
	json_base64(&j, "f", 1);
	json_begin(&j, '[');
	json_begin(&j, '[');
	json_end(&j, ']');
	json_end(&j, ']');
	json_begin(&j, '{');
	json_key(&j, "k");
	json_text(&j, "v");
	json_end(&j, '}');
	json_bool(&j, true);
	json_end(&j, ']');
	json_key_bytes(&j, "last", 4);
	json_bytes(&j, "x\0y", 3);
	json_end(&j, '}');
	assert_string_equal(out.data, "{\"none\":null,\"yes\":true,\"no\":false,\"text\":\"t\","
	                              "\"no text\":null,\"empty object\":{},\"empty array\":[],"
	                              "\"array\":[-1,2,0.123456,2.5,{\"raw\":1},\"Zg==\",[[]],"
	                              "{\"k\":\"v\"},true],\"last\":\"x\\u0000y\"}");
	buf_release(&out);
}

static void what_is_unsafe_is_escaped_also_in_what_is_json_already(void **state)
{
	static const struct {
		const char *name, *text, *expected;
	} cases[] = {
		{"plain", "[1, \"a\\n\"]", "[1, \"a\\n\"]"},
		{"letters", "\"\xc3\xa9\xf0\x9f\x98\x80\"", "\"\xc3\xa9\xf0\x9f\x98\x80\""},
		{"DEL and C1", "\"\x7f\xc2\x9b\"", "\"\\u007f\\u009b\""},
		{"an override", "{\"\xe2\x80\xae\":\"\xe2\x81\xa6x\"}",
	         "{\"\\u202e\":\"\\u2066x\"}"},
		{"not UTF-8", "\"\xff\"", "\"" FFFD "\""},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct buf out;
		struct json j;

		buf_init(&out, BUF_UNLIMITED);
		json_init(&j, &out);
		json_raw(&j, cases[i].text, strlen(cases[i].text));
		case_text(cases[i].name, out.data, cases[i].expected);
		buf_release(&out);
	}
}

static void a_document_may_be_appended_to_what_is_there(void **state)
{
	struct buf out;
	struct json j;

	(void)state;
	buf_init(&out, BUF_UNLIMITED);
	for (int i = 0; i < 2; i++) {
		json_init(&j, &out);
		json_int(&j, i);
		buf_put_byte(&out, '\n');
	}
	assert_string_equal(out.data, "0\n1\n");
	buf_release(&out);
}

static void keys_are_strings_like_others(void **state)
{
	struct buf out;
	struct json j;

	(void)state;
	buf_init(&out, BUF_UNLIMITED);
	json_init(&j, &out);
	json_begin(&j, '{');
	json_key(&j, "");
	json_int(&j, 1);
	json_key(&j, "\"\\\n");
	json_int(&j, 2);
	json_key_bytes(&j, "a\0\xff", 3);
	json_int(&j, 3);
	json_end(&j, '}');
	assert_string_equal(out.data, "{\"\":1,\"\\\"\\\\\\n\":2,\"a\\u0000" FFFD "\":3}");
	buf_release(&out);
}

static void numbers_that_json_cannot_say_are_null(void **state)
{
	static const struct {
		const char *expected;
		double value;
		int decimals;
	} cases[] = {
		{"0", 0, 0},           {"0.00", 0, 2},        {"-1.5", -1.5, 1},
		{"3.142", 3.14159, 3}, {"1000000", 1e6, 0},   {"100000000000000000000", 1e20, 0},
		{"null", NAN, 2},      {"null", INFINITY, 2}, {"null", -INFINITY, 0},
	};
	struct buf out;

	(void)state;
	buf_init(&out, BUF_UNLIMITED);
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct json j;

		buf_clear(&out);
		json_init(&j, &out);
		json_number(&j, cases[i].value, cases[i].decimals);
		case_text(cases[i].expected, out.data, cases[i].expected);
	}
	buf_release(&out);
}

static void the_largest_integers_are_written_in_full(void **state)
{
	struct buf out;
	struct json j;

	(void)state;
	buf_init(&out, BUF_UNLIMITED);
	json_init(&j, &out);
	json_begin(&j, '[');
	json_int(&j, INT64_MIN);
	json_int(&j, INT64_MAX);
	json_uint(&j, UINT64_MAX);
	json_end(&j, ']');
	assert_string_equal(out.data,
	                    "[-9223372036854775808,9223372036854775807,18446744073709551615]");
	buf_release(&out);
}

/* ---- base64 ---- */

static void case_base64(const char *name, const char *data, size_t len, const char *expected)
{
	struct buf out;
	struct json j;

	buf_init(&out, BUF_UNLIMITED);
	json_init(&j, &out);
	json_base64(&j, data, len);
	case_text(name, out.data, expected);
	buf_release(&out);
}

/* RFC 4648 section 10. */
static void base64_of_the_rfc(void **state)
{
	static const struct {
		const char *text, *expected;
	} cases[] = {
		{"", "\"\""},
		{"f", "\"Zg==\""},
		{"fo", "\"Zm8=\""},
		{"foo", "\"Zm9v\""},
		{"foob", "\"Zm9vYg==\""},
		{"fooba", "\"Zm9vYmE=\""},
		{"foobar", "\"Zm9vYmFy\""},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		case_base64(cases[i].text, cases[i].text, strlen(cases[i].text), cases[i].expected);
	case_base64("no data at all", NULL, 0, "\"\"");
}

static void base64_uses_all_of_its_alphabet_in_order(void **state)
{
	/* The 48 bytes whose six-bit groups are 0, 1, 2, ... 63. */
	char data[48];

	(void)state;
	for (uint32_t i = 0; i < 16; i++) {
		uint32_t bits = (4 * i) << 18 | (4 * i + 1) << 12 | (4 * i + 2) << 6 | (4 * i + 3);

		data[3 * i] = (char)(bits >> 16);
		data[3 * i + 1] = (char)(bits >> 8 & 0xff);
		data[3 * i + 2] = (char)(bits & 0xff);
	}
	case_base64("alphabet", data, sizeof(data),
	            "\"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/\"");
	case_base64("bytes that are negative as a char", "\xff\xfe\xfd\xfc", 4, "\"//79/A==\"");
	case_base64("NUL bytes", "\0\0", 2, "\"AAA=\"");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_code_point_is_read_and_no_surrogate),
		cmocka_unit_test(what_is_malformed_is_no_character),
		cmocka_unit_test(a_sequence_broken_at_any_place_is_no_character),
		cmocka_unit_test(text_is_utf8_without_nul),
		cmocka_unit_test(controls_and_reordering_are_unsafe_and_nothing_else),
		cmocka_unit_test(what_is_put_is_utf8_and_for_a_terminal_safe),
		cmocka_unit_test(on_a_screen_lines_end_and_have_tabs),
		cmocka_unit_test(colors_may_be_let_through_and_end_with_the_text),
		cmocka_unit_test(strings_are_escaped_where_they_must_be),
		cmocka_unit_test(every_control_character_is_escaped),
		cmocka_unit_test(every_malformed_byte_becomes_a_replacement_character),
		cmocka_unit_test(what_follows_a_malformed_byte_is_not_lost),
		cmocka_unit_test(any_bytes_make_a_string_that_a_parser_takes),
		cmocka_unit_test(commas_are_put_where_they_belong),
		cmocka_unit_test(what_is_unsafe_is_escaped_also_in_what_is_json_already),
		cmocka_unit_test(a_document_may_be_appended_to_what_is_there),
		cmocka_unit_test(keys_are_strings_like_others),
		cmocka_unit_test(numbers_that_json_cannot_say_are_null),
		cmocka_unit_test(the_largest_integers_are_written_in_full),
		cmocka_unit_test(base64_of_the_rfc),
		cmocka_unit_test(base64_uses_all_of_its_alphabet_in_order),
	};
	return UNIT_RUN(tests);
}
