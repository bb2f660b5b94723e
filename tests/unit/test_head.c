/*
 * transfer/head: which heads of answers are gone on with.
 */
#include "unit.h"

#include "base/buf.h"
#include "transfer/ceilings.h"
#include "transfer/head.h"

static enum head_verdict take(struct head *head, const char *line, bool decodes_content)
{
	return head_take(head, line, strlen(line), decodes_content);
}

/* The verdict on the last line of several. */
static void codings_and_lengths(void **state)
{
	static const struct {
		const char *name;
		bool decodes_content;
		enum head_verdict expected;
		const char *lines[6];
	} cases[] = {
		{"nothing of it", true, HEAD_GOOD, {"HTTP/1.1 200 OK\r\n", "X: gzip, gzip\r\n"}},
		{"one coding", true, HEAD_GOOD, {"Content-Encoding: gzip\r\n"}},
		{"two", true, HEAD_OTHER_CODING, {"Content-Encoding: gzip, gzip\r\n"}},
		{"two, that are not decoded", false, HEAD_GOOD, {"Content-Encoding: gzip, br\r\n"}},
		{"two in two lines",
	         true,
	         HEAD_OTHER_CODING,
	         {"Content-Encoding: gzip\r\n", "content-encoding:br\r\n"}},
		{"two in two answers",
	         true,
	         HEAD_GOOD,
	         {"HTTP/1.1 302 x\r\n", "Content-Encoding: gzip\r\n", "\r\n", "HTTP/1.1 200 OK\r\n",
	          "Content-Encoding: gzip\r\n"}},
		{"none", true, HEAD_GOOD, {"Content-Encoding: identity, , gzip\r\n"}},
		{"an unknown one, perhaps without a body",
	         true,
	         HEAD_GOOD,
	         {"Content-Encoding: zstd\r\n"}},
		{"chunks", false, HEAD_GOOD, {"Transfer-Encoding: gzip, chunked\r\n"}},
		{"chunks, and two more",
	         false,
	         HEAD_OTHER_CODING,
	         {"Transfer-Encoding: gzip, gzip, chunked\r\n"}},
		{"one of each kind",
	         true,
	         HEAD_OTHER_CODING,
	         {"Content-Encoding: gzip\r\n", "Transfer-Encoding: gzip\r\n"}},
		{"an unknown one in transfer",
	         false,
	         HEAD_OTHER_CODING,
	         {"Transfer-Encoding: zstd\r\n"}},

		{"a length", false, HEAD_GOOD, {"Content-Length:  007 \r\n"}},
		{"no length", false, HEAD_BAD_LENGTH, {"Content-Length: \r\n"}},
		{"less than nothing", false, HEAD_BAD_LENGTH, {"Content-Length: -1\r\n"}},
		{"with a sign", false, HEAD_BAD_LENGTH, {"Content-Length: +1\r\n"}},
		{"the longest", false, HEAD_GOOD, {"Content-Length: 9223372036854775807\r\n"}},
		{"longer", false, HEAD_HUGE_LENGTH, {"Content-Length: 9223372036854775808\r\n"}},
		{"much longer",
	         false,
	         HEAD_HUGE_LENGTH,
	         {"Content-Length: 99999999999999999999999\r\n"}},
		{"no number, and long",
	         false,
	         HEAD_BAD_LENGTH,
	         {"Content-Length: 99999999999999999999x\r\n"}},
		{"zeros before it",
	         false,
	         HEAD_GOOD,
	         {"Content-Length: 00000000000000000000000005\r\n"}},
		{"the same in a list", false, HEAD_GOOD, {"Content-Length: 5, 5 ,05\r\n"}},
		{"others in a list", false, HEAD_BAD_LENGTH, {"Content-Length: 5, 6\r\n"}},
		{"nothing in a list", false, HEAD_BAD_LENGTH, {"Content-Length: 5,,5\r\n"}},
		{"a list, and another",
	         false,
	         HEAD_BAD_LENGTH,
	         {"Content-Length: 5, 5\r\n", "Content-Length: 6\r\n"}},
		{"words", false, HEAD_BAD_LENGTH, {"Content-Length: 7 or 8\r\n"}},
		{"the same twice",
	         false,
	         HEAD_GOOD,
	         {"Content-Length: 0\r\n", "Content-Length: 0\r\n"}},
		{"two that differ",
	         false,
	         HEAD_BAD_LENGTH,
	         {"Content-Length: 0\r\n", "Content-Length: 1\r\n"}},
		{"two answers",
	         false,
	         HEAD_GOOD,
	         {"Content-Length: 1\r\n", "\r\n", "HTTP/1.1 200 OK\r\n", "Content-Length: 2\r\n"}},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct head head = {0};
		enum head_verdict verdict = HEAD_GOOD;

		for (size_t k = 0; k < COUNT(cases[i].lines) && cases[i].lines[k]; k++) {
			case_int(cases[i].name, verdict, HEAD_GOOD);
			verdict = take(&head, cases[i].lines[k], cases[i].decodes_content);
		}
		case_int(cases[i].name, verdict, cases[i].expected);
	}
}

static void ceilings(void **state)
{
	struct head head = {0};
	char line[1001];

	(void)state;
	for (unsigned i = 0; i < MAX_HEAD_LINES; i++)
		assert_int_equal(take(&head, "A: b\r\n", false), HEAD_GOOD);
	assert_int_equal(take(&head, "A: b\r\n", false), HEAD_TOO_MANY);

	head = (struct head){0};
	memset(line, 'a', sizeof(line) - 1);
	line[sizeof(line) - 1] = '\0';
	for (size_t sum = strlen(line); sum <= MAX_HEAD_BYTES; sum += strlen(line))
		assert_int_equal(take(&head, line, false), HEAD_GOOD);
	assert_int_equal(take(&head, line, false), HEAD_TOO_LARGE);
}

/* The one that a body is decoded from. */
static void codings(void **state)
{
	static const struct {
		const char *lines[2];
		enum coding expected;
	} cases[] = {
		{{"HTTP/1.1 200 OK\r\n"}, CODING_NONE},
		{{"Content-Encoding: gzip\r\n"}, CODING_GZIP},
		{{"content-encoding:\tX-GZIP \r\n"}, CODING_GZIP},
		{{"Content-Encoding: deflate\r\n"}, CODING_DEFLATE},
		{{"Content-Encoding: br\r\n"}, CODING_BROTLI},
		{{"Content-Encoding: zstd\r\n"}, CODING_UNKNOWN},
		{{"Content-Encoding: identity\r\n"}, CODING_NONE},
		{{"Content-Encoding: none\r\n"}, CODING_NONE},
		{{"Content-Encoding:\r\n"}, CODING_NONE},
		{{"Transfer-Encoding: chunked\r\n"}, CODING_NONE},
		{{"Transfer-Encoding: gzip, chunked\r\n"}, CODING_GZIP},
		{{"Content-Encoding: gzip\r\n", "HTTP/1.1 200 OK\r\n"}, CODING_NONE},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct head head = {0};

		for (size_t k = 0; k < COUNT(cases[i].lines) && cases[i].lines[k]; k++)
			take(&head, cases[i].lines[k], true);
		case_int(cases[i].lines[0], head.coding, cases[i].expected);
	}
}

/* A head that is not the last is not the end. */
static void the_end_of_heads(void **state)
{
	static const struct {
		const char *line;
		bool is_over;
	} lines[] = {
		{"HTTP/1.1 100 Continue\r\n", false},
		{"\r\n", false},
		{"HTTP/1.1 103 Hints\r\n", false},
		{"Link: x\r\n", false},
		{"\r\n", false},
		{"HTTP/2 200\r\n", false},
		{"A: b\r\n", false},
		{"\r\n", true},
		{"Trailer: t\r\n", true},
		{"HTTP/1.1 101 Switching\r\n", false},
		{"\r\n", true},
	};
	struct head head = {0};

	(void)state;
	for (size_t i = 0; i < COUNT(lines); i++) {
		assert_int_equal(take(&head, lines[i].line, false), HEAD_GOOD);
		case_int(lines[i].line, head.is_over, lines[i].is_over);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(codings_and_lengths),
		cmocka_unit_test(codings),
		cmocka_unit_test(ceilings),
		cmocka_unit_test(the_end_of_heads),
	};
	return UNIT_RUN(tests);
}
