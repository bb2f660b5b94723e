/*
 * transfer/head: which heads of answers are gone on with.
 */
#include "unit.h"

#include "base/buf.h"
#include "transfer/ceilings.h"
#include "transfer/head.h"

static enum head_verdict take(struct head *head, const char *line, const char *accepts)
{
	return head_take(head, line, strlen(line), accepts);
}

/* The verdict on the last line of several. */
static void codings_and_lengths(void **state)
{
	static const struct {
		const char *name, *accepts;
		enum head_verdict expected;
		const char *lines[6];
	} cases[] = {
		{"nothing of it", NULL, HEAD_GOOD, {"HTTP/1.1 200 OK\r\n", "X: gzip, gzip\r\n"}},
		{"one coding", "gzip", HEAD_GOOD, {"Content-Encoding: gzip\r\n"}},
		{"two", "gzip", HEAD_OTHER_CODING, {"Content-Encoding: gzip, gzip\r\n"}},
		{"two, that are not decoded", NULL, HEAD_GOOD, {"Content-Encoding: gzip, br\r\n"}},
		{"two in two lines",
	         "gzip",
	         HEAD_OTHER_CODING,
	         {"Content-Encoding: gzip\r\n", "content-encoding:br\r\n"}},
		{"two in two answers",
	         "gzip",
	         HEAD_GOOD,
	         {"HTTP/1.1 302 x\r\n", "Content-Encoding: gzip\r\n", "\r\n", "HTTP/1.1 200 OK\r\n",
	          "Content-Encoding: gzip\r\n"}},
		{"none", "gzip", HEAD_GOOD, {"Content-Encoding: identity, , gzip\r\n"}},
		{"zstd", "gzip, br", HEAD_OTHER_CODING, {"Content-Encoding: zstd\r\n"}},
		{"zstd in any case", "gzip", HEAD_OTHER_CODING, {"content-encoding:ZSTD\n"}},
		{"zstd that was asked for",
	         "br, zstd;q=0.5",
	         HEAD_GOOD,
	         {"Content-Encoding: zstd\r\n"}},
		{"chunks", NULL, HEAD_GOOD, {"Transfer-Encoding: gzip, chunked\r\n"}},
		{"chunks, and two more",
	         NULL,
	         HEAD_OTHER_CODING,
	         {"Transfer-Encoding: gzip, gzip, chunked\r\n"}},
		{"one of each kind",
	         "gzip",
	         HEAD_OTHER_CODING,
	         {"Content-Encoding: gzip\r\n", "Transfer-Encoding: gzip\r\n"}},
		{"zstd in transfer", NULL, HEAD_OTHER_CODING, {"Transfer-Encoding: zstd\r\n"}},

		{"a length", NULL, HEAD_GOOD, {"Content-Length:  007 \r\n"}},
		{"no length", NULL, HEAD_BAD_LENGTH, {"Content-Length: \r\n"}},
		{"less than nothing", NULL, HEAD_BAD_LENGTH, {"Content-Length: -1\r\n"}},
		{"with a sign", NULL, HEAD_BAD_LENGTH, {"Content-Length: +1\r\n"}},
		{"the longest", NULL, HEAD_GOOD, {"Content-Length: 999999999999999999\r\n"}},
		{"longer", NULL, HEAD_BAD_LENGTH, {"Content-Length: 1000000000000000000\r\n"}},
		{"words", NULL, HEAD_BAD_LENGTH, {"Content-Length: 7 or 8\r\n"}},
		{"the same twice",
	         NULL,
	         HEAD_GOOD,
	         {"Content-Length: 0\r\n", "Content-Length: 0\r\n"}},
		{"two that differ",
	         NULL,
	         HEAD_BAD_LENGTH,
	         {"Content-Length: 0\r\n", "Content-Length: 1\r\n"}},
		{"two answers",
	         NULL,
	         HEAD_GOOD,
	         {"Content-Length: 1\r\n", "\r\n", "HTTP/1.1 200 OK\r\n", "Content-Length: 2\r\n"}},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct head head = {0};
		enum head_verdict verdict = HEAD_GOOD;

		for (size_t k = 0; k < COUNT(cases[i].lines) && cases[i].lines[k]; k++) {
			case_int(cases[i].name, verdict, HEAD_GOOD);
			verdict = take(&head, cases[i].lines[k], cases[i].accepts);
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
		assert_int_equal(take(&head, "A: b\r\n", NULL), HEAD_GOOD);
	assert_int_equal(take(&head, "A: b\r\n", NULL), HEAD_TOO_MANY);

	head = (struct head){0};
	memset(line, 'a', sizeof(line) - 1);
	line[sizeof(line) - 1] = '\0';
	for (size_t sum = strlen(line); sum <= MAX_HEAD_BYTES; sum += strlen(line))
		assert_int_equal(take(&head, line, NULL), HEAD_GOOD);
	assert_int_equal(take(&head, line, NULL), HEAD_TOO_LARGE);
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
		assert_int_equal(take(&head, lines[i].line, NULL), HEAD_GOOD);
		case_int(lines[i].line, head.is_over, lines[i].is_over);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(codings_and_lengths),
		cmocka_unit_test(ceilings),
		cmocka_unit_test(the_end_of_heads),
	};
	return UNIT_RUN(tests);
}
