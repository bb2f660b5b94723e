/*
 * async/lines: what a line is, wherever it comes from and however it is cut up on the way.
 */
#include "unit_async.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>

#include "async/lines.h"
#include "base/buf.h"

/*
 * These stand in front of the C library's: poll() so that a test can make it say that a signal
 * came in between, read() to notice when it would stop the loop. Otherwise they are as ever.
 */
static unsigned interrupted_polls, blocking_reads;

int poll(struct pollfd *fds, nfds_t count, int timeout_ms)
{
	struct timespec timeout = {timeout_ms / 1000, timeout_ms % 1000 * 1000000L};

	if (interrupted_polls) {
		interrupted_polls--;
		errno = EINTR;
		return -1;
	}
	return ppoll(fds, count, timeout_ms < 0 ? NULL : &timeout, NULL);
}

ssize_t read(int fd, void *data, size_t len)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	struct iovec part = {data, len};

	if (!(fcntl(fd, F_GETFL) & O_NONBLOCK) && !ppoll(&p, 1, &(struct timespec){0, 0}, NULL)) {
		blocking_reads++;
		errno = EDEADLK;
		return -1;
	}
	return readv(fd, &part, 1);
}

/* ---- where lines come from ---- */

enum source { FROM_FILE, FROM_PIPE, FROM_PIPE_BYTE_BY_BYTE, FROM_SOCKET, SOURCES };

static const char *const source_names[] = {"file", "pipe", "pipe, byte by byte", "socket"};

struct reader {
	struct lines *lines;
	struct buf said; /* "line" for each line, ERR_X "line" for each that is not whole */
	int in, out;     /* out is -1 when there is no more to come */
	int flags;
};

static void reader_open(struct reader *r, struct stage *s, enum source source, size_t max)
{
	int fds[2] = {-1, -1};
	FILE *file;

	switch (source) {
	case FROM_FILE:
		file = tmpfile();
		fds[0] = dup(fileno(file));
		fds[1] = dup(fileno(file));
		fclose(file);
		break;
	case FROM_SOCKET:
		if (socketpair(AF_UNIX, SOCK_STREAM, 0, fds))
			abort();
		break;
	default: pipe_new(fds); break;
	}
	r->in = fds[0];
	r->out = fds[1];
	r->flags = fcntl(r->in, F_GETFL);
	r->lines = lines_new(s->loop, r->in, max);
	buf_init(&r->said, BUF_UNLIMITED);
}

static void reader_end_of_input(struct reader *r)
{
	close(r->out);
	r->out = -1;
}

static void reader_close(struct reader *r)
{
	lines_free(r->lines);
	buf_release(&r->said);
	close(r->in);
	if (r->out >= 0)
		close(r->out);
}

static void say_line(struct buf *said, enum err e, const char *line, size_t len)
{
	if (said->len)
		buf_put_byte(said, ' ');
	if (e)
		buf_printf(said, "%s ", err_name(e));
	buf_put_byte(said, '"');
	for (size_t i = 0; i < len; i++) {
		if (line[i] == '\r' || line[i] == '\0')
			buf_put_text(said, line[i] ? "\\r" : "\\0");
		else
			buf_put_byte(said, line[i]);
	}
	buf_put_byte(said, '"');
}

/* Takes lines as long as there are some, and returns what came then. */
static enum err reader_take(struct reader *r)
{
	for (;;) {
		char *line = NULL;
		size_t len = 0;
		enum err e = lines_next(r->lines, &line, &len);

		if (e && e != ERR_LIMIT)
			return e;
		if (line[len] != '\0')
			say_line(&r->said, ERR_FAILED, "no NUL behind the line", 22);
		say_line(&r->said, e, line, len);
	}
}

/* ---- the table ---- */

static const struct line_case {
	const char *name;
	size_t max;
	const char *input;
	size_t len;
	const char *expected;
} line_cases[] = {
#define INPUT(text) text, sizeof(text) - 1
	{"nothing", 10, INPUT(""), ""},
	{"a line", 10, INPUT("one\n"), "\"one\""},
	{"three lines", 10, INPUT("one\ntwo\nthree\n"), "\"one\" \"two\" \"three\""},
	{"the last without LF", 10, INPUT("one\ntwo"), "\"one\" \"two\""},
	{"the only one without LF", 10, INPUT("one"), "\"one\""},
	{"a single byte without LF", 10, INPUT("x"), "\"x\""},
	{"CRLF", 10, INPUT("one\r\ntwo\r\n"), "\"one\" \"two\""},
	{"LF and CRLF", 10, INPUT("one\ntwo\r\nthree\n"), "\"one\" \"two\" \"three\""},
	{"the last with CR only", 10, INPUT("one\r"), "\"one\""},
	{"CR inside", 10, INPUT("o\rne\n"), "\"o\\rne\""},
	{"CR at the beginning", 10, INPUT("\rone\n"), "\"\\rone\""},
	{"two CR before LF", 10, INPUT("one\r\r\n"), "\"one\\r\""},
	{"an empty line", 10, INPUT("\n"), "\"\""},
	{"an empty line with CRLF", 10, INPUT("\r\n"), "\"\""},
	{"empty lines", 10, INPUT("\n\r\n\n"), "\"\" \"\" \"\""},
	{"empty lines between", 10, INPUT("one\n\n\ntwo\n\n"), "\"one\" \"\" \"\" \"two\" \"\""},
	{"NUL inside", 10, INPUT("o\0ne\ntwo\n"), "\"o\\0ne\" \"two\""},
	{"NUL only", 10, INPUT("\0\n\0"), "\"\\0\" \"\\0\""},
	{"spaces and tabs stay", 10, INPUT(" \tone \n"), "\" \tone \""},
	{"bytes above 127", 10, INPUT("\xc3\xa9\xff\n"), "\"\xc3\xa9\xff\""},

	{"exactly the most, LF", 3, INPUT("abc\nd\n"), "\"abc\" \"d\""},
	{"exactly the most, CRLF", 3, INPUT("abc\r\nd\n"), "\"abc\" \"d\""},
	{"exactly the most, end", 3, INPUT("abc"), "\"abc\""},
	{"exactly the most, CR and end", 3, INPUT("abc\r"), "\"abc\""},
	{"exactly the most, with a CR in it", 3, INPUT("ab\r\r\nd\n"), "\"ab\\r\" \"d\""},
	{"one more, LF", 3, INPUT("abcX\nd\n"), "ERR_LIMIT \"abc\" \"d\""},
	{"one more, CRLF", 3, INPUT("abcX\r\nd\n"), "ERR_LIMIT \"abc\" \"d\""},
	{"one more, CR and end", 3, INPUT("abcX\r"), "ERR_LIMIT \"abc\""},
	{"one more, which is a CR but not at the end", 3, INPUT("abc\rX\nd\n"),
         "ERR_LIMIT \"abc\" \"d\""},
	{"one more, which is a CR before CRLF", 3, INPUT("abc\r\r\nd\n"),
         "ERR_LIMIT \"abc\" \"d\""},
	{"two more, LF", 3, INPUT("abcXY\nd\n"), "ERR_LIMIT \"abc\" \"d\""},
	{"two more, end", 3, INPUT("abcXY"), "ERR_LIMIT \"abc\""},
	{"much more", 3, INPUT("abcdefghijklmnopqrstuvwxyz\nd\n"), "ERR_LIMIT \"abc\" \"d\""},
	{"much more, and the last without LF", 3, INPUT("abcdefghijkl\nd"),
         "ERR_LIMIT \"abc\" \"d\""},
	{"two too long in a row", 3, INPUT("abcdef\nghijkl\nm\n"),
         "ERR_LIMIT \"abc\" ERR_LIMIT \"ghi\" \"m\""},
	{"too long, then empty", 3, INPUT("abcdef\n\nd\n"), "ERR_LIMIT \"abc\" \"\" \"d\""},
	{"too long, with NUL", 3, INPUT("a\0bXYZ\nd\n"), "ERR_LIMIT \"a\\0b\" \"d\""},
	{"a most of nothing", 0, INPUT("\nX\n\r\nXY"), "\"\" ERR_LIMIT \"\" \"\" ERR_LIMIT \"\""},
};

static void check_lines(struct stage *s, const struct line_case *c, enum source source)
{
	char name[128];
	struct reader r;
	enum err e;

	snprintf(name, sizeof(name), "%s (%s)", c->name, source_names[source]);
	reader_open(&r, s, source, c->max);
	if (source == FROM_PIPE_BYTE_BY_BYTE) {
		for (size_t i = 0; i < c->len; i++) {
			case_err(name, reader_take(&r), ERR_AGAIN);
			write_all(r.out, c->input + i, 1);
		}
		case_err(name, reader_take(&r), ERR_AGAIN);
	} else {
		write_all(r.out, c->input, c->len);
	}
	if (source == FROM_FILE)
		lseek(r.in, 0, SEEK_SET);
	reader_end_of_input(&r);
	e = reader_take(&r);
	case_text(name, r.said.data, c->expected);
	case_err(name, e, ERR_EOF);
	case_err(name, reader_take(&r), ERR_EOF); /* stays so */
	case_int(name, fcntl(r.in, F_GETFL), r.flags);
	case_uint(name, blocking_reads, 0);
	reader_close(&r);
}

static void lines_of_every_kind_from_everywhere(void **state)
{
	for (size_t i = 0; i < COUNT(line_cases); i++) {
		for (int source = 0; source < SOURCES; source++)
			check_lines(*state, &line_cases[i], (enum source)source);
	}
}

static void a_last_line_without_lf_has_the_same_limit(void **state)
{
	static const struct line_case cases[] = {
		{"one more, end", 3, INPUT("abcX"), "ERR_LIMIT \"abc\""},
		{"one more, end, behind another", 3, INPUT("d\nabcX"), "\"d\" ERR_LIMIT \"abc\""},
		{"a most of nothing, and one", 0, INPUT("X"), "ERR_LIMIT \"\""},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		for (int source = 0; source < SOURCES; source++)
			check_lines(*state, &cases[i], (enum source)source);
	}
}

/* ---- long ones ---- */

/* Fills a file with a pattern of so many bytes between a head and a tail. */
static void file_with_long_line(struct reader *r, struct stage *s, size_t max, size_t len,
                                const char *tail)
{
	char *data = mem_zero(len, 1);

	for (size_t i = 0; i < len; i++)
		data[i] = (char)('a' + i % 26);
	reader_open(r, s, FROM_FILE, max);
	write_all(r->out, "head\n", 5);
	write_all(r->out, data, len);
	write_all(r->out, tail, strlen(tail));
	lseek(r->in, 0, SEEK_SET);
	free(data);
}

static bool is_pattern(const char *line, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (line[i] != (char)('a' + i % 26))
			return false;
	}
	return true;
}

/* A file is never waited for, except for the loop to have its turn. */
static enum err next_of_file(struct lines *lines, char **ret_line, size_t *ret_len)
{
	enum err e;

	while ((e = lines_next(lines, ret_line, ret_len)) == ERR_AGAIN)
		assert_err(job_await(lines_wait(lines)), ERR_NONE);
	return e;
}

/* Around the 64 KiB that are read at once, with the head in front, and far beyond. */
static void a_line_longer_than_what_is_read_at_once(void **state)
{
	static const size_t lengths[] = {
		65528, 65529, 65530, 65531, 65532, 65535, 65536, 65537, 131072, 300000, 1 << 20,
	};
	static const char *const tails[] = {"\ntail\n", "\r\ntail\n", "\ntail", "\r\ntail"};

	for (size_t i = 0; i < COUNT(lengths); i++) {
		for (size_t t = 0; t < COUNT(tails); t++) {
			for (int over = 0; over < 2; over++) {
				size_t max = lengths[i] - (size_t)over, len = 0;
				struct reader r;
				char name[64], *line;

				snprintf(name, sizeof(name), "%zu bytes of %zu, tail %zu",
				         lengths[i], max, t);
				file_with_long_line(&r, *state, max, lengths[i], tails[t]);
				case_err(name, next_of_file(r.lines, &line, &len), ERR_NONE);
				case_text(name, line, "head");
				case_err(name, next_of_file(r.lines, &line, &len),
				         over ? ERR_LIMIT : ERR_NONE);
				case_uint(name, len, max);
				case_true(name, is_pattern(line, len));
				case_true(name, line[len] == '\0');
				case_err(name, next_of_file(r.lines, &line, &len), ERR_NONE);
				case_text(name, line, "tail");
				case_err(name, next_of_file(r.lines, &line, &len), ERR_EOF);
				reader_close(&r);
			}
		}
	}
}

static void a_line_far_too_long_is_passed_over(void **state)
{
	struct reader r;
	size_t len = 0;
	char *line;

	file_with_long_line(&r, *state, 1000, 5 << 20, "\ntail\n");
	assert_err(next_of_file(r.lines, &line, &len), ERR_NONE);
	assert_string_equal(line, "head");
	assert_err(next_of_file(r.lines, &line, &len), ERR_LIMIT);
	assert_int_equal(len, 1000);
	assert_true(is_pattern(line, len));
	assert_err(next_of_file(r.lines, &line, &len), ERR_NONE);
	assert_string_equal(line, "tail");
	assert_err(next_of_file(r.lines, &line, &len), ERR_EOF);
	reader_close(&r);
}

static void many_lines_are_all_read(void **state)
{
	enum { MANY = 200000 };
	struct reader r;
	struct buf text;
	char *line, expected[32];
	size_t len = 0;

	reader_open(&r, *state, FROM_FILE, 100);
	buf_init(&text, BUF_UNLIMITED);
	for (int i = 0; i < MANY; i++)
		buf_printf(&text, "line %d%s", i, i % 3 ? "\n" : "\r\n");
	write_all(r.out, text.data, text.len);
	lseek(r.in, 0, SEEK_SET);
	for (int i = 0; i < MANY; i++) {
		snprintf(expected, sizeof(expected), "line %d", i);
		case_err(expected, next_of_file(r.lines, &line, &len), ERR_NONE);
		case_text(expected, line, expected);
		case_uint(expected, len, strlen(expected));
	}
	assert_err(next_of_file(r.lines, &line, &len), ERR_EOF);
	buf_release(&text);
	reader_close(&r);
}

/* ---- waiting ---- */

static void a_pipe_that_stays_open_is_waited_for(void **state)
{
	struct stage *s = *state;
	struct reader r;

	reader_open(&r, s, FROM_PIPE, 100);
	for (int i = 0; i < 3; i++) {
		struct job *wait;

		assert_err(reader_take(&r), ERR_AGAIN);
		wait = diary_watch(&s->diary, lines_wait(r.lines), "wait");
		settle(s->loop);
		assert_string_equal(diary_read(&s->diary), "");
		write_all(r.out, "one\ntw", 6);
		assert_err(job_await(wait), ERR_NONE);
		assert_string_equal(diary_read(&s->diary), "wait");
		assert_err(reader_take(&r), ERR_AGAIN);
		assert_string_equal(r.said.data, "\"one\"");
		write_all(r.out, "o\n", 2);
		assert_err(job_await(lines_wait(r.lines)), ERR_NONE);
		assert_err(reader_take(&r), ERR_AGAIN);
		assert_string_equal(r.said.data, "\"one\" \"two\"");
		buf_clear(&r.said);
	}
	write_all(r.out, "last", 4);
	assert_err(reader_take(&r), ERR_AGAIN);
	struct job *wait = lines_wait(r.lines);
	reader_end_of_input(&r);
	assert_err(job_await(wait), ERR_NONE);
	assert_err(reader_take(&r), ERR_EOF);
	assert_string_equal(r.said.data, "\"last\"");
	reader_close(&r);
}

static void a_wait_can_be_cancelled_and_another_begun(void **state)
{
	struct stage *s = *state;
	struct reader r;

	reader_open(&r, s, FROM_PIPE, 100);
	for (int i = 0; i < 3; i++) {
		struct job *wait = diary_watch(&s->diary, lines_wait(r.lines), "wait");

		job_cancel(wait);
		if (i) /* a new one may begin before the old one has reported */
			diary_watch(&s->diary, lines_wait(r.lines), "again");
		write_all(r.out, "x\n", 2);
		loop_run(s->loop);
		assert_string_equal(diary_read(&s->diary),
		                    i ? "wait=ERR_CANCELED again" : "wait=ERR_CANCELED");
	}
	assert_err(reader_take(&r), ERR_AGAIN);
	assert_string_equal(r.said.data, "\"x\" \"x\" \"x\"");
	reader_close(&r);
}

static void a_regular_file_can_be_waited_for(void **state)
{
	struct stage *s = *state;
	struct reader r;

	reader_open(&r, s, FROM_FILE, 100);
	assert_err(job_await(lines_wait(r.lines)), ERR_NONE);
	assert_err(reader_take(&r), ERR_EOF);
	reader_close(&r);
}

/*
 * A signal comes (say, SIGCHLD) while lines_next() looks whether there is something. There is not,
 * so it must not read, which would stop the loop.
 */
static void a_signal_at_the_wrong_moment_does_not_make_it_block(void **state)
{
	struct stage *s = *state;
	struct reader r;

	reader_open(&r, s, FROM_PIPE, 100);
	interrupted_polls = 1;
	assert_err(reader_take(&r), ERR_AGAIN);
	assert_int_equal(interrupted_polls, 0);
	write_all(r.out, "one\n", 4);
	assert_err(reader_take(&r), ERR_AGAIN);
	assert_string_equal(r.said.data, "\"one\"");
	reader_close(&r);
}

/* ---- errors ---- */

static void a_directory_cannot_be_read(void **state)
{
	struct stage *s = *state;
	int fd = open("/tmp", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct lines *lines = lines_new(s->loop, fd, 100);
	char *line = NULL;
	size_t len = 4711;

	assert_true(fd >= 0);
	errno = 0;
	assert_err(lines_next(lines, &line, &len), ERR_SYSTEM);
	assert_int_equal(errno, EISDIR);
	assert_err(lines_next(lines, &line, &len), ERR_EOF);
	assert_err(lines_next(lines, &line, &len), ERR_EOF);
	assert_null(line);
	assert_int_equal(len, 4711);
	lines_free(lines);
	close(fd);
}

/* Half a URL is not a URL: what came before the error is no last line. */
static void half_a_line_before_an_error_is_no_line(void **state)
{
	struct reader r;

	reader_open(&r, *state, FROM_SOCKET, 100);
	write_all(r.out, "whole\nhal", 9);
	write_all(r.in, "unread", 6); /* which makes the other end's close a reset */
	assert_err(reader_take(&r), ERR_AGAIN);
	reader_end_of_input(&r);
	errno = 0;
	assert_err(reader_take(&r), ERR_SYSTEM);
	assert_int_equal(errno, ECONNRESET);
	assert_err(reader_take(&r), ERR_EOF);
	assert_string_equal(r.said.data, "\"whole\"");
	reader_close(&r);
}

/* Neither gives anything out, and neither ever runs dry. */
static void what_is_always_ready_leaves_the_loop_its_turns(void **state)
{
	struct stage *s = *state;
	int fd = open("/dev/zero", O_RDONLY | O_CLOEXEC);
	struct lines *lines = lines_new(s->loop, fd, 100);
	const char *data;
	char *line;
	size_t len;

	assert_err(lines_next(lines, &line, &len), ERR_LIMIT);
	for (unsigned waits = 0; waits < 20; waits++) {
		assert_err(lines_next(lines, &line, &len), ERR_AGAIN);
		assert_err(job_await(lines_wait(lines)), ERR_NONE);
	}
	for (len = 0; lines_peek(lines, &data, &len) != ERR_AGAIN;)
		lines_consume(lines, len);
	assert_err(job_await(lines_wait(lines)), ERR_NONE);
	assert_err(lines_peek(lines, &data, &len), ERR_NONE);
	lines_free(lines);
	close(fd);
}

static void data_can_be_used_without_its_lines(void **state)
{
	const char *data = NULL;
	struct reader r;
	char *line;
	size_t len = 0;

	reader_open(&r, *state, FROM_PIPE, 100);
	assert_err(lines_peek(r.lines, &data, &len), ERR_AGAIN);
	write_all(r.out, "one\ntwo\nthree\nfo", 16);
	assert_err(lines_peek(r.lines, &data, &len), ERR_NONE);
	case_bytes("all", data, len, "one\ntwo\nthree\nfo", 16);
	lines_consume(r.lines, 5);
	assert_err(lines_next(r.lines, &line, &len), ERR_NONE);
	case_bytes("the rest of a line", line, len, "wo", 2);
	assert_err(lines_peek(r.lines, &data, &len), ERR_NONE);
	case_bytes("what is left", data, len, "three\nfo", 8);
	lines_consume(r.lines, len);
	assert_err(lines_peek(r.lines, &data, &len), ERR_AGAIN);
	write_all(r.out, "ur", 2);
	reader_end_of_input(&r);
	assert_err(lines_peek(r.lines, &data, &len), ERR_NONE);
	case_bytes("more", data, len, "ur", 2);
	lines_consume(r.lines, 2);
	assert_err(lines_peek(r.lines, &data, &len), ERR_EOF);
	assert_err(lines_peek(r.lines, &data, &len), ERR_EOF);
	reader_close(&r);
}

static void freeing_none_is_fine(void **state)
{
	(void)state;
	lines_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(lines_of_every_kind_from_everywhere),
		TEST(a_last_line_without_lf_has_the_same_limit),
		TEST(a_line_longer_than_what_is_read_at_once),
		TEST(a_line_far_too_long_is_passed_over),
		TEST(many_lines_are_all_read),
		TEST(a_pipe_that_stays_open_is_waited_for),
		TEST(a_wait_can_be_cancelled_and_another_begun),
		TEST(a_regular_file_can_be_waited_for),
		TEST(a_signal_at_the_wrong_moment_does_not_make_it_block),
		TEST(a_directory_cannot_be_read),
		TEST(half_a_line_before_an_error_is_no_line),
		TEST(what_is_always_ready_leaves_the_loop_its_turns),
		TEST(data_can_be_used_without_its_lines),
		TEST(freeing_none_is_fine),
	};
	return UNIT_RUN(tests);
}
