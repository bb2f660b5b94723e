#include "async/stream.h"

#include <assert.h>
#include <errno.h>
#include <ev.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "async/job.h"
#include "base/file.h"
#include "base/mem.h"

enum {
	ENOUGH_BYTES = 64 * 1024, /* worth a write of its own */
	FULL_BYTES = 512 * 1024,
};

enum drain_until { UNTIL_ROOM, UNTIL_EMPTY };

struct drain {
	struct job job; /* first: a job is its drain */
	struct stream *stream;
	enum drain_until until;
};

struct stream {
	struct loop *loop;
	int fd;
	bool is_own_fd, is_regular;
	int failed_errno;
	size_t *ends; /* of a regular file: where the records in data end */
	size_t end_count, end_capacity;
	struct buf data; /* whole records that are not written, perhaps less a beginning that is */
	ev_io writable;
	struct post flush;
	struct post tell_failed;
	stream_failed_fn *failed;
	void *arg;
	struct stream_neighbor neighbor;
	struct drain *drain; /* while one is alive */
};

static void write_out(struct stream *stream);

static void on_flush(struct post *post)
{
	write_out((struct stream *)((char *)post - offsetof(struct stream, flush)));
}

static void on_writable(struct ev_loop *ev, ev_io *watcher, int revents)
{
	(void)ev;
	/* The system refuses to watch it. Only what is set anew is asked for again. */
	if (revents & EV_ERROR)
		ev_io_set(watcher, watcher->fd, EV_WRITE);
	write_out(watcher->data);
}

static void on_tell_failed(struct post *post)
{
	struct stream *stream =
		(struct stream *)((char *)post - offsetof(struct stream, tell_failed));

	stream->failed(stream->arg);
}

struct stream *stream_new(struct loop *loop, int fd, stream_failed_fn *failed, void *arg)
{
	struct stream *stream = mem_zero(1, sizeof(*stream));
	int own = file_open_again(fd);
	struct stat st;

	stream->loop = loop;
	stream->fd = fd;
	stream->is_regular = !fstat(fd, &st) && S_ISREG(st.st_mode);
	if (own >= 0) {
		stream->fd = own;
		stream->is_own_fd = true;
	}
	buf_init(&stream->data, BUF_UNLIMITED);
	stream->flush.fn = on_flush;
	stream->tell_failed.fn = on_tell_failed;
	stream->failed = failed;
	stream->arg = arg;
	ev_io_init(&stream->writable, on_writable, stream->fd, EV_WRITE);
	stream->writable.data = stream;
	return stream;
}

void stream_free(struct stream *stream)
{
	if (!stream)
		return;
	assert(!stream->drain);
	loop_unpost(stream->loop, &stream->flush);
	loop_unpost(stream->loop, &stream->tell_failed);
	ev_io_stop(loop_ev(stream->loop), &stream->writable);
	if (stream->is_own_fd)
		close(stream->fd);
	buf_release(&stream->data);
	free(stream->ends);
	free(stream);
}

struct buf *stream_buf(struct stream *stream)
{
	return &stream->data;
}

void stream_set_neighbor(struct stream *stream, const struct stream_neighbor *neighbor)
{
	stream->neighbor = neighbor ? *neighbor : (struct stream_neighbor){0};
}

bool stream_is_on_terminal(const struct stream *stream, int fd)
{
	struct stat ours, theirs;

	return isatty(stream->fd) && isatty(fd) && !fstat(stream->fd, &ours) &&
	       !fstat(fd, &theirs) && ours.st_rdev == theirs.st_rdev;
}

bool stream_is_full(const struct stream *stream)
{
	return stream->data.len >= FULL_BYTES;
}

int stream_errno(const struct stream *stream)
{
	return stream->failed_errno;
}

static void drain_end(struct stream *stream, enum err result)
{
	struct drain *d = stream->drain;

	stream->drain = NULL;
	job_finish(&d->job, result);
}

static void check_drain(struct stream *stream)
{
	bool is_empty = !stream->data.len;

	if (!stream->drain)
		return;
	if (!stream->failed_errno && stream->drain->until == UNTIL_EMPTY && is_empty &&
	    stream->is_regular && !file_settle(stream->fd))
		stream->failed_errno = errno;
	if (stream->failed_errno)
		drain_end(stream, ERR_SYSTEM);
	else if (stream->drain->until == UNTIL_EMPTY ? is_empty : !stream_is_full(stream))
		drain_end(stream, ERR_NONE);
}

/* The record that did not fit whole goes, if the file ends there and so is ours to cut. */
static void cut_torn_record(struct stream *stream, size_t written)
{
	struct stat st;
	off_t end = lseek(stream->fd, 0, SEEK_CUR);
	size_t whole = 0;

	for (size_t i = 0; i < stream->end_count && stream->ends[i] <= written; i++)
		whole = stream->ends[i];
	if (whole == written || !stream->is_regular || end < 0 || fstat(stream->fd, &st) ||
	    st.st_size != end)
		return;
	end -= (off_t)(written - whole);
	if (!ftruncate(stream->fd, end))
		(void)lseek(stream->fd, end, SEEK_SET);
}

static void write_out(struct stream *stream)
{
	const struct stream_neighbor *neighbor = &stream->neighbor;
	size_t written = 0;
	bool is_line = false;

	if (stream->data.len && neighbor->leave && !neighbor->leave(neighbor->arg)) {
		ev_io_start(loop_ev(stream->loop), &stream->writable);
		return;
	}
	while (written < stream->data.len) {
		ssize_t n =
			write(stream->fd, stream->data.data + written, stream->data.len - written);
		if (n >= 0) {
			written += (size_t)n;
		} else if (errno == EAGAIN) {
			break;
		} else if (errno != EINTR) {
			stream->failed_errno = errno;
			if (stream->failed)
				loop_post(stream->loop, &stream->tell_failed);
			cut_torn_record(stream, written);
			written = stream->data.len;
		}
	}
	is_line = written && stream->data.data[written - 1] == '\n';
	buf_consume(&stream->data, written);
	stream->end_count = 0;
	if (stream->data.len)
		ev_io_start(loop_ev(stream->loop), &stream->writable);
	else
		ev_io_stop(loop_ev(stream->loop), &stream->writable);
	if (is_line && !stream->data.len && neighbor->come_back)
		neighbor->come_back(neighbor->arg);
	check_drain(stream);
}

static void note_record_end(struct stream *stream)
{
	if (stream->end_count == stream->end_capacity) {
		stream->end_capacity = stream->end_capacity ? 2 * stream->end_capacity : 64;
		stream->ends = mem_resize(stream->ends, stream->end_capacity, sizeof(size_t));
	}
	stream->ends[stream->end_count++] = stream->data.len;
}

void stream_commit(struct stream *stream)
{
	if (stream->failed_errno)
		buf_clear(&stream->data);
	if (!stream->data.len)
		return;
	if (stream->is_regular)
		note_record_end(stream);
	if (ev_is_active(&stream->writable))
		return;
	if (stream->data.len >= ENOUGH_BYTES)
		write_out(stream);
	else
		loop_post(stream->loop, &stream->flush);
}

static void drain_cancel(struct job *job)
{
	drain_end(((struct drain *)job)->stream, ERR_CANCELED);
}

static void drain_free(struct job *job)
{
	free(job);
}

static const struct job_kind drain_kind = {"drain", drain_cancel, drain_free};

static struct job *drain_new(struct stream *stream, enum drain_until until)
{
	struct drain *d = mem_zero(1, sizeof(*d));

	assert(!stream->drain);
	d->stream = stream;
	d->until = until;
	stream->drain = d;
	job_start(&d->job, stream->loop, &drain_kind);
	stream_commit(stream);
	check_drain(stream);
	return &d->job;
}

struct job *stream_drain(struct stream *stream)
{
	return drain_new(stream, UNTIL_ROOM);
}

struct job *stream_flush(struct stream *stream)
{
	return drain_new(stream, UNTIL_EMPTY);
}
