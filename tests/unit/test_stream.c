/*
 * async/stream: every byte, in order, without stopping the loop; and what becomes of a file when
 * there is no room for all.
 */
#include "unit_async.h"

#include <malloc.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "async/stream.h"

enum { FULL_BYTES = 512 * 1024 }; /* as the header's "more than is good", see stream.c */

/* ---- a reader at the other end, which reads when the test says so ---- */

struct sink {
	int fd;
	struct buf data;
};

static void sink_init(struct sink *sink, int fd)
{
	sink->fd = fd;
	buf_init(&sink->data, BUF_UNLIMITED);
	fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
}

static void sink_release(struct sink *sink)
{
	buf_release(&sink->data);
	close(sink->fd);
}

/* False when there was nothing. */
static bool sink_read(struct sink *sink, size_t len)
{
	ssize_t n = read(sink->fd, buf_room(&sink->data, len), len);

	if (n > 0)
		buf_grew(&sink->data, (size_t)n);
	return n > 0;
}

/* Each turn finds room in the pipe, because we made some. */
static enum err sink_read_until_done(struct sink *sink, struct loop *loop, struct job *job)
{
	while (!job_is_finished(job)) {
		while (sink_read(sink, 50000))
			;
		loop_turn(loop);
	}
	return job_await(job);
}

static void put_record(struct stream *stream, struct buf *expected, int number)
{
	buf_printf(stream_buf(stream), "record %d of a slow reader's many\n", number);
	buf_printf(expected, "record %d of a slow reader's many\n", number);
	stream_commit(stream);
}

/* ---- to a pipe ---- */

static void a_lone_record_is_seen_at_once_but_not_inside_the_call(void **state)
{
	struct stage *s = *state;
	struct stream *stream;
	struct sink sink;
	int fds[2];

	pipe_new(fds);
	sink_init(&sink, fds[0]);
	stream = stream_new(s->loop, fds[1], NULL, NULL);
	buf_put_text(stream_buf(stream), "one\n");
	stream_commit(stream);
	buf_put_text(stream_buf(stream), "two\n");
	stream_commit(stream);
	assert_false(sink_read(&sink, 100));
	loop_turn(s->loop);
	assert_true(sink_read(&sink, 100));
	assert_string_equal(sink.data.data, "one\ntwo\n");
	/* A commit of nothing is nothing. */
	stream_commit(stream);
	loop_run(s->loop);
	assert_false(sink_read(&sink, 100));
	assert_int_equal(stream_errno(stream), 0);
	stream_free(stream);
	close(fds[1]);
	sink_release(&sink);
}

/* ---- with a neighbor ---- */

struct neighbor {
	struct sink *sink;
	unsigned refusals; /* before it leaves */
	unsigned left, came_back;
};

/* It must hear of what is written before that can be read. */
static bool neighbor_leave(void *arg)
{
	struct neighbor *n = arg;

	assert_false(sink_read(n->sink, 100));
	if (n->refusals) {
		n->refusals--;
		return false;
	}
	n->left++;
	return true;
}

static void neighbor_come_back(void *arg)
{
	struct neighbor *n = arg;

	while (sink_read(n->sink, 50000))
		;
	n->came_back++;
}

static void commit_text(struct stage *s, struct stream *stream, const char *text)
{
	buf_put_text(stream_buf(stream), text);
	stream_commit(stream);
	settle(s->loop);
}

static void a_neighbor_leaves_first_and_comes_back_where_a_line_begins(void **state)
{
	struct stage *s = *state;
	struct stream *stream;
	struct sink sink;
	struct neighbor n = {&sink, 0, 0, 0};
	int fds[2];

	pipe_new(fds);
	sink_init(&sink, fds[0]);
	stream = stream_new(s->loop, fds[1], NULL, NULL);
	stream_set_neighbor(stream,
	                    &(struct stream_neighbor){neighbor_leave, neighbor_come_back, &n});
	stream_commit(stream);
	settle(s->loop);
	assert_int_equal(n.left, 0); /* for nothing */

	commit_text(s, stream, "one\n");
	assert_int_equal(n.left, 1);
	assert_int_equal(n.came_back, 1);
	assert_string_equal(sink.data.data, "one\n");
	commit_text(s, stream, "two, ");
	assert_int_equal(n.left, 2);
	assert_int_equal(n.came_back, 1); /* not yet */
	assert_true(sink_read(&sink, 100));
	commit_text(s, stream, "three\n");
	assert_int_equal(n.came_back, 2);

	stream_set_neighbor(stream, NULL);
	commit_text(s, stream, "four\n");
	assert_int_equal(n.left, 3);
	assert_true(sink_read(&sink, 100));
	assert_string_equal(sink.data.data, "one\ntwo, three\nfour\n");
	stream_free(stream);
	close(fds[1]);
	sink_release(&sink);
}

static void a_neighbor_that_cannot_leave_yet_is_asked_again(void **state)
{
	struct stage *s = *state;
	struct stream *stream;
	struct sink sink;
	struct neighbor n = {&sink, 2, 0, 0};
	int fds[2];

	pipe_new(fds);
	sink_init(&sink, fds[0]);
	stream = stream_new(s->loop, fds[1], NULL, NULL);
	stream_set_neighbor(stream,
	                    &(struct stream_neighbor){neighbor_leave, neighbor_come_back, &n});
	buf_put_text(stream_buf(stream), "one\n");
	assert_err(job_await(stream_flush(stream)), ERR_NONE);
	assert_int_equal(n.refusals, 0);
	assert_int_equal(n.left, 1);
	assert_int_equal(n.came_back, 1);
	assert_string_equal(sink.data.data, "one\n");
	stream_free(stream);
	close(fds[1]);
	sink_release(&sink);
}

/* Half a line is in the pipe, and the rest waits for a reader: no place for anybody else. */
static void a_neighbor_stays_away_until_all_is_written(void **state)
{
	struct stage *s = *state;
	struct stream *stream;
	struct sink sink;
	struct neighbor n = {&sink, 0, 0, 0};
	struct job *flush;
	int fds[2];

	pipe_new(fds);
	sink_init(&sink, fds[0]);
	stream = stream_new(s->loop, fds[1], NULL, NULL);
	stream_set_neighbor(stream, &(struct stream_neighbor){NULL, neighbor_come_back, &n});
	for (unsigned i = 0; i < 20000; i++)
		buf_put_text(stream_buf(stream), "a line of many\n");
	flush = job_ref(stream_flush(stream));
	while (!job_is_finished(flush)) {
		assert_int_equal(n.came_back, 0);
		while (sink_read(&sink, 50000))
			;
		loop_turn(s->loop);
	}
	assert_int_equal(n.came_back, 1);
	assert_int_equal(sink.data.len, 20000 * strlen("a line of many\n"));
	job_unref(flush);
	settle(s->loop);
	stream_free(stream);
	close(fds[1]);
	sink_release(&sink);
}

/* ---- to a slow reader ---- */

static void to_a_slow_reader(struct stage *s, const char *name, int in, int out)
{
	struct stream *stream = stream_new(s->loop, out, NULL, NULL);
	struct buf expected;
	struct job *drain, *flush;
	struct sink sink;
	int number = 0;

	sink_init(&sink, in);
	buf_init(&expected, BUF_UNLIMITED);

	/* The pipe takes some, and the rest is kept, until it is more than is good. */
	while (!stream_is_full(stream)) {
		put_record(stream, &expected, number++);
		if (number % 1000 == 0)
			settle(s->loop);
	}
	case_true(name, stream_buf(stream)->len >= FULL_BYTES);
	case_true(name, stream_buf(stream)->len < expected.len);
	drain = job_ref(stream_drain(stream));
	settle(s->loop);
	case_true(name, !job_is_finished(drain));

	case_err(name, sink_read_until_done(&sink, s->loop, drain), ERR_NONE);
	case_true(name, !stream_is_full(stream));
	case_true(name, stream_buf(stream)->len > 0);
	job_unref(drain);

	/* More may be put behind it, and all of it comes. */
	for (int i = 0; i < 100; i++)
		put_record(stream, &expected, number++);
	flush = job_ref(stream_flush(stream));
	case_err(name, sink_read_until_done(&sink, s->loop, flush), ERR_NONE);
	case_uint(name, stream_buf(stream)->len, 0);
	job_unref(flush);
	while (sink_read(&sink, 50000))
		;
	case_bytes(name, sink.data.data, sink.data.len, expected.data, expected.len);
	case_int(name, stream_errno(stream), 0);
	case_true(name, !loop_turn(s->loop));
	stream_free(stream);
	buf_release(&expected);
	sink_release(&sink);
	close(out);
}

static void a_slow_reader_gets_every_byte_and_holds_up_nobody(void **state)
{
	int fds[2];

	pipe_new(fds);
	to_a_slow_reader(*state, "pipe", fds[0], fds[1]);
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds))
		abort();
	to_a_slow_reader(*state, "socket that does not block", fds[0], fds[1]);
}

static void records_larger_than_a_pipe_and_than_what_is_full(void **state)
{
	static const size_t sizes[] = {1, 65535, 65536, 65537, FULL_BYTES - 1, FULL_BYTES, 3 << 20};
	struct stage *s = *state;

	for (size_t i = 0; i < COUNT(sizes); i++) {
		char name[32], *data = mem_zero(sizes[i], 1);
		struct stream *stream;
		struct sink sink;
		struct job *flush;
		int fds[2];

		snprintf(name, sizeof(name), "%zu bytes", sizes[i]);
		for (size_t k = 0; k < sizes[i]; k++)
			data[k] = (char)(k * 31 % 253);
		pipe_new(fds);
		sink_init(&sink, fds[0]);
		stream = stream_new(s->loop, fds[1], NULL, NULL);
		buf_put(stream_buf(stream), data, sizes[i]);
		stream_commit(stream);
		flush = job_ref(stream_flush(stream));
		case_err(name, sink_read_until_done(&sink, s->loop, flush), ERR_NONE);
		while (sink_read(&sink, 50000))
			;
		case_bytes(name, sink.data.data, sink.data.len, data, sizes[i]);
		job_unref(flush);
		stream_free(stream);
		close(fds[1]);
		sink_release(&sink);
		free(data);
	}
}

static void drain_and_flush_of_an_empty_stream_finish_at_once(void **state)
{
	struct stage *s = *state;
	struct stream *stream;
	int fds[2];

	pipe_new(fds);
	stream = stream_new(s->loop, fds[1], NULL, NULL);
	diary_watch(&s->diary, stream_drain(stream), "drain");
	diary_watch(&s->diary, stream_flush(stream), "flush");
	assert_string_equal(diary_read(&s->diary), "");
	loop_run(s->loop);
	assert_string_equal(diary_read(&s->diary), "drain flush");
	/* Flush also writes what was put and not committed. */
	buf_put_text(stream_buf(stream), "x");
	assert_err(job_await(stream_flush(stream)), ERR_NONE);
	assert_int_equal(stream_buf(stream)->len, 0);
	stream_free(stream);
	close(fds[0]);
	close(fds[1]);
}

static void drain_and_flush_can_be_cancelled_and_asked_for_again(void **state)
{
	struct stage *s = *state;
	struct stream *stream;
	struct job *job;
	char *zeros = mem_zero(1, 2 * FULL_BYTES);
	int fds[2];

	pipe_new(fds);
	stream = stream_new(s->loop, fds[1], NULL, NULL);
	buf_put(stream_buf(stream), zeros, 2 * FULL_BYTES);
	for (int i = 0; i < 2; i++) {
		job = diary_watch(&s->diary, stream_drain(stream), "drain");
		settle(s->loop);
		job_cancel(job);
		job = diary_watch(&s->diary, stream_flush(stream), "flush");
		settle(s->loop);
		job_cancel(job);
		settle(s->loop);
		assert_string_equal(diary_read(&s->diary), "drain=ERR_CANCELED flush=ERR_CANCELED");
	}
	stream_free(stream); /* what is not written is dropped */
	assert_false(loop_turn(s->loop));
	close(fds[0]);
	close(fds[1]);
	free(zeros);
}

static void freeing_drops_what_is_not_written(void **state)
{
	struct stage *s = *state;
	struct stream *stream;
	struct sink sink;
	int fds[2];

	pipe_new(fds);
	sink_init(&sink, fds[0]);
	stream = stream_new(s->loop, fds[1], NULL, NULL);
	buf_put_text(stream_buf(stream), "never seen");
	stream_commit(stream);
	stream_free(stream);
	loop_run(s->loop);
	assert_false(sink_read(&sink, 100));
	assert_int_equal(write(fds[1], "x", 1), 1); /* the descriptor was borrowed */
	stream_free(NULL);
	close(fds[1]);
	sink_release(&sink);
}

/* ---- who shares the descriptor ---- */

static void the_flags_of_a_shared_descriptor_do_not_change(void **state)
{
	struct stage *s = *state;
	int pty = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC), pipe_fds[2];
	FILE *file = tmpfile();
	struct {
		const char *name;
		int fd;
	} cases[3];

	assert_true(pty >= 0 && !grantpt(pty) && !unlockpt(pty));
	pipe_new(pipe_fds);
	cases[0].name = "pipe";
	cases[0].fd = pipe_fds[1];
	cases[1].name = "terminal";
	cases[1].fd = open(ptsname(pty), O_RDWR | O_NOCTTY | O_CLOEXEC);
	cases[2].name = "file";
	cases[2].fd = fileno(file);
	for (size_t i = 0; i < COUNT(cases); i++) {
		int flags = fcntl(cases[i].fd, F_GETFL);
		struct stream *stream = stream_new(s->loop, cases[i].fd, NULL, NULL);

		case_true(cases[i].name, flags >= 0 && !(flags & O_NONBLOCK));
		case_int(cases[i].name, fcntl(cases[i].fd, F_GETFL), flags);
		buf_put_text(stream_buf(stream), "x\n");
		case_err(cases[i].name, job_await(stream_flush(stream)), ERR_NONE);
		case_int(cases[i].name, fcntl(cases[i].fd, F_GETFL), flags);
		stream_free(stream);
		case_int(cases[i].name, fcntl(cases[i].fd, F_GETFL), flags);
	}
	close(cases[1].fd);
	close(pty);
	close(pipe_fds[0]);
	close(pipe_fds[1]);
	fclose(file);
}

/* ---- failures ---- */

static void check_failed(const char *name, struct stream *stream, int expected_errno)
{
	case_int(name, stream_errno(stream), expected_errno);
	for (int i = 0; i < 3; i++) {
		/* From now on all is dropped, and nobody is told to wait. */
		buf_put_text(stream_buf(stream), "more\n");
		stream_commit(stream);
		case_uint(name, stream_buf(stream)->len, 0);
		case_true(name, !stream_is_full(stream));
		case_err(name, job_await(stream_drain(stream)), ERR_SYSTEM);
		case_err(name, job_await(stream_flush(stream)), ERR_SYSTEM);
	}
	case_int(name, stream_errno(stream), expected_errno);
}

static void a_reader_that_goes_away(void **state)
{
	static const struct {
		const char *name;
		enum { BEFORE_NEW, BEFORE_WRITE, WHILE_FULL } when;
	} cases[] = {
		{"before the stream is made", BEFORE_NEW},
		{"before anything is written", BEFORE_WRITE},
		{"while more waits than is good", WHILE_FULL},
	};
	struct stage *s = *state;
	char *zeros = mem_zero(1, 2 * FULL_BYTES);

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct stream *stream;
		struct job *job;
		int fds[2];

		pipe_new(fds);
		if (cases[i].when == BEFORE_NEW)
			close(fds[0]);
		stream = stream_new(s->loop, fds[1], NULL, NULL);
		if (cases[i].when == BEFORE_WRITE)
			close(fds[0]);
		buf_put(stream_buf(stream), zeros,
		        cases[i].when == WHILE_FULL ? 2 * FULL_BYTES : 5);
		job = diary_watch(&s->diary, stream_drain(stream), "drain");
		if (cases[i].when == WHILE_FULL) {
			settle(s->loop);
			case_text(cases[i].name, diary_read(&s->diary), "");
			close(fds[0]);
			case_err(cases[i].name, job_await(job), ERR_SYSTEM);
			case_text(cases[i].name, diary_read(&s->diary), "drain=ERR_SYSTEM");
		} else {
			case_err(cases[i].name, job_await(job), ERR_NONE);
			case_err(cases[i].name, job_await(stream_flush(stream)), ERR_SYSTEM);
			case_text(cases[i].name, diary_read(&s->diary), "drain");
		}
		check_failed(cases[i].name, stream, EPIPE);
		stream_free(stream);
		close(fds[1]);
	}
	free(zeros);
}

static void a_device_that_is_full(void **state)
{
	struct stage *s = *state;
	int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);
	struct stream *stream = stream_new(s->loop, fd, NULL, NULL);

	assert_true(fd >= 0);
	buf_put_text(stream_buf(stream), "x\n");
	stream_commit(stream);
	assert_int_equal(stream_errno(stream), 0);
	loop_run(s->loop);
	check_failed("/dev/full", stream, ENOSPC);
	stream_free(stream);
	close(fd);
}

static void on_failed(void *arg)
{
	diary_add(arg, "failed");
}

static void a_failure_is_told_once_and_from_the_loop(void **state)
{
	struct stage *s = *state;
	int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);
	struct stream *stream = stream_new(s->loop, fd, on_failed, &s->diary);
	char *zeros = mem_zero(1, FULL_BYTES);

	/* So much that it is written inside the call; the news of it is not told there. */
	buf_put(stream_buf(stream), zeros, FULL_BYTES);
	stream_commit(stream);
	assert_int_equal(stream_errno(stream), ENOSPC);
	assert_string_equal(diary_read(&s->diary), "");
	loop_run(s->loop);
	assert_string_equal(diary_read(&s->diary), "failed");
	check_failed("/dev/full", stream, ENOSPC);
	assert_string_equal(diary_read(&s->diary), "");
	stream_free(stream);

	/* Nobody is told any more when the stream is gone. */
	stream = stream_new(s->loop, fd, on_failed, &s->diary);
	buf_put(stream_buf(stream), zeros, FULL_BYTES);
	stream_commit(stream);
	assert_int_equal(stream_errno(stream), ENOSPC);
	stream_free(stream);
	loop_run(s->loop);
	assert_string_equal(diary_read(&s->diary), "");
	close(fd);
	free(zeros);
}

/* ---- to a regular file ---- */

static void read_file(int fd, struct buf *data)
{
	char chunk[4096];
	off_t at = 0;
	ssize_t n;

	while ((n = pread(fd, chunk, sizeof(chunk), at)) > 0) {
		buf_put(data, chunk, (size_t)n);
		at += n;
	}
}

static void a_file_is_written_from_where_it_stands(void **state)
{
	static const struct {
		const char *name, *before;
		off_t at;
		int flags;
		const char *expected;
	} cases[] = {
		{"empty", "", 0, 0, "one\ntwo\n"},
		{"at the end", "head\n", 5, 0, "head\none\ntwo\n"},
		{"in the middle", "head\nold\n-\n-\n", 5, 0, "head\none\ntwo\n"},
		{"append", "head\n", 0, O_APPEND, "head\none\ntwo\n"},
	};
	struct stage *s = *state;

	for (size_t i = 0; i < COUNT(cases); i++) {
		FILE *file = tmpfile();
		int fd = fileno(file);
		struct stream *stream;
		struct buf data;

		write_all(fd, cases[i].before, strlen(cases[i].before));
		lseek(fd, cases[i].at, SEEK_SET);
		fcntl(fd, F_SETFL, cases[i].flags);
		stream = stream_new(s->loop, fd, NULL, NULL);
		buf_put_text(stream_buf(stream), "one\n");
		stream_commit(stream);
		loop_run(s->loop);
		buf_put_text(stream_buf(stream), "two\n");
		case_err(cases[i].name, job_await(stream_flush(stream)), ERR_NONE);
		buf_init(&data, BUF_UNLIMITED);
		read_file(fd, &data);
		case_text(cases[i].name, data.data, cases[i].expected);
		buf_release(&data);
		stream_free(stream);
		fclose(file);
	}
}

static void enough_records_are_written_without_waiting_for_the_turn(void **state)
{
	struct stage *s = *state;
	FILE *file = tmpfile();
	struct stream *stream = stream_new(s->loop, fileno(file), NULL, NULL);
	char *zeros = mem_zero(1, 64 * 1024);
	struct stat st;

	buf_put(stream_buf(stream), zeros, 64 * 1024 - 1);
	stream_commit(stream);
	assert_int_equal(fstat(fileno(file), &st), 0);
	assert_int_equal(st.st_size, 0);
	buf_put(stream_buf(stream), zeros, 1);
	stream_commit(stream);
	assert_int_equal(fstat(fileno(file), &st), 0);
	assert_int_equal(st.st_size, 64 * 1024);
	loop_run(s->loop);
	stream_free(stream);
	fclose(file);
	free(zeros);
}

/* Nothing under a sanitizer, which has an allocator of its own. */
static size_t memory_in_use(void)
{
	struct mallinfo2 info = mallinfo2();

	return info.uordblks + info.hblkhd;
}

static void commits_that_write_nothing_take_no_memory(void **state)
{
	static const struct {
		const char *name;
		bool has_failed;
	} cases[] = {{"nothing was put", false}, {"the stream has failed", true}};
	struct stage *s = *state;

	for (size_t i = 0; i < COUNT(cases); i++) {
		FILE *file = tmpfile();
		struct stream *stream;
		size_t before;
		int fd;

		/* Open for reading only, it refuses to be written. */
		fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
		stream = stream_new(s->loop, cases[i].has_failed ? fd : fileno(file), NULL, NULL);
		buf_put_text(stream_buf(stream), "x");
		case_err(cases[i].name, job_await(stream_flush(stream)),
		         cases[i].has_failed ? ERR_SYSTEM : ERR_NONE);
		before = memory_in_use();
		for (int k = 0; k < 1000000; k++) {
			if (cases[i].has_failed)
				buf_put_byte(stream_buf(stream), 'x');
			stream_commit(stream);
		}
		case_true(cases[i].name, memory_in_use() <= before + 100000);
		stream_free(stream);
		close(fd);
		fclose(file);
	}
}

enum { RECORD = 100, RECORDS = 10, HEAD = 5 };

/*
 * Writes ten records of a hundred bytes behind a head of five to a file that may have `room` bytes
 * behind the head. A record of the file system's full disk, without one.
 */
static void fill_file(struct stage *s, const char *name, bool is_batch, int flags, rlim_t room,
                      struct buf *ret_data)
{
	FILE *file = tmpfile();
	int fd = fileno(file);
	void (*before)(int) = signal(SIGXFSZ, SIG_IGN);
	struct rlimit limit, less;
	struct stream *stream;
	int failed_errno;

	write_all(fd, "head\n", HEAD);
	fcntl(fd, F_SETFL, flags);
	stream = stream_new(s->loop, fd, NULL, NULL);
	getrlimit(RLIMIT_FSIZE, &limit);
	less = limit;
	less.rlim_cur = HEAD + room;
	setrlimit(RLIMIT_FSIZE, &less);
	/* Nothing may fail or be printed from here... */
	for (int i = 0; i < RECORDS; i++) {
		buf_printf(stream_buf(stream), "%0*d\n", RECORD - 1, i);
		stream_commit(stream);
		if (!is_batch)
			loop_run(s->loop);
	}
	loop_run(s->loop);
	failed_errno = stream_errno(stream);
	/* ...to here. */
	setrlimit(RLIMIT_FSIZE, &limit);
	signal(SIGXFSZ, before);
	case_int(name, failed_errno, room < RECORD * RECORDS ? EFBIG : 0);
	if (failed_errno)
		check_failed(name, stream, EFBIG);
	read_file(fd, ret_data);
	/* Who writes on behind us does so where the file ends. */
	case_int(name, lseek(fd, 0, SEEK_CUR), (intmax_t)ret_data->len);
	stream_free(stream);
	fclose(file);
}

static const struct room_case {
	const char *name;
	rlim_t room;
	size_t fitting;
} room_cases[] = {
	{"no room", 0, 0},
	{"room for half a record", 50, 0},
	{"room for one", 100, 1},
	{"room for one and a byte", 101, 1},
	{"room for five and a half", 550, 5},
	{"room for all but a byte", RECORD *RECORDS - 1, RECORDS - 1},
	{"room for all", RECORD *RECORDS, RECORDS},
};

static void expect_records(struct buf *b, size_t count)
{
	buf_init(b, BUF_UNLIMITED);
	buf_put_text(b, "head\n");
	for (size_t i = 0; i < count; i++)
		buf_printf(b, "%0*zu\n", RECORD - 1, i);
}

static void a_full_file_ends_with_a_whole_record(void **state)
{
	static const int flags[] = {0, O_APPEND};

	for (size_t i = 0; i < COUNT(room_cases); i++) {
		for (size_t k = 0; k < 2 * COUNT(flags); k++) {
			struct buf data, expected;
			char name[64];

			snprintf(name, sizeof(name), "%s, %s, flags %d", room_cases[i].name,
			         k / 2 ? "in one write" : "one by one", flags[k % 2]);
			buf_init(&data, BUF_UNLIMITED);
			fill_file(*state, name, k / 2, flags[k % 2], room_cases[i].room, &data);
			case_uint(name, (data.len - HEAD) % RECORD, 0);
			expect_records(&expected, room_cases[i].fitting);
			case_true(name, data.len <= expected.len);
			case_bytes(name, data.data, data.len, expected.data, data.len);
			buf_release(&expected);
			buf_release(&data);
		}
	}
}

/* "A regular file then ends with the last record that fitted whole." */
static void a_full_file_keeps_every_record_that_fitted(struct stage *s, bool is_batch)
{
	for (size_t i = 0; i < COUNT(room_cases); i++) {
		struct buf data, expected;

		buf_init(&data, BUF_UNLIMITED);
		fill_file(s, room_cases[i].name, is_batch, 0, room_cases[i].room, &data);
		expect_records(&expected, room_cases[i].fitting);
		case_bytes(room_cases[i].name, data.data, data.len, expected.data, expected.len);
		buf_release(&expected);
		buf_release(&data);
	}
}

static void a_full_file_keeps_every_record_that_fitted_one_by_one(void **state)
{
	a_full_file_keeps_every_record_that_fitted(*state, false);
}

static void a_full_file_keeps_every_record_that_fitted_in_one_write(void **state)
{
	a_full_file_keeps_every_record_that_fitted(*state, true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_lone_record_is_seen_at_once_but_not_inside_the_call),
		TEST(a_neighbor_leaves_first_and_comes_back_where_a_line_begins),
		TEST(a_neighbor_that_cannot_leave_yet_is_asked_again),
		TEST(a_neighbor_stays_away_until_all_is_written),
		TEST(a_slow_reader_gets_every_byte_and_holds_up_nobody),
		TEST(records_larger_than_a_pipe_and_than_what_is_full),
		TEST(drain_and_flush_of_an_empty_stream_finish_at_once),
		TEST(drain_and_flush_can_be_cancelled_and_asked_for_again),
		TEST(freeing_drops_what_is_not_written),
		TEST(the_flags_of_a_shared_descriptor_do_not_change),
		TEST(a_reader_that_goes_away),
		TEST(a_device_that_is_full),
		TEST(a_failure_is_told_once_and_from_the_loop),
		TEST(a_file_is_written_from_where_it_stands),
		TEST(enough_records_are_written_without_waiting_for_the_turn),
		TEST(commits_that_write_nothing_take_no_memory),
		TEST(a_full_file_ends_with_a_whole_record),
		TEST(a_full_file_keeps_every_record_that_fitted_one_by_one),
		TEST(a_full_file_keeps_every_record_that_fitted_in_one_write),
	};
	return UNIT_RUN(tests);
}
