#include "async/lines.h"

#include <assert.h>
#include <errno.h>
#include <ev.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "async/job.h"
#include "async/sleep.h"
#include "base/buf.h"
#include "base/mem.h"

enum {
	READ_BYTES = 64 * 1024,
	/* Read in a turn: files never run dry, and lines that are passed over give nothing out. */
	TURN_BYTES = 1024 * 1024,
};

struct lines {
	struct loop *loop;
	int fd;
	size_t max_bytes;
	struct buf data;      /* read and not given out */
	size_t start;         /* where the next line begins in it */
	size_t searched;      /* no LF before this place */
	size_t turn_bytes;    /* read since the loop was waited for */
	bool is_passing_over; /* inside a line that was too long */
	bool is_at_end;
	struct line_wait *wait; /* while one is alive */
};

struct line_wait {
	struct job job; /* first: a job is its wait */
	struct lines *lines;
	ev_io watcher;
};

struct lines *lines_new(struct loop *loop, int fd, size_t max_bytes)
{
	struct lines *lines = mem_zero(1, sizeof(*lines));

	lines->loop = loop;
	lines->fd = fd;
	lines->max_bytes = max_bytes;
	buf_init(&lines->data, BUF_UNLIMITED);
	return lines;
}

void lines_free(struct lines *lines)
{
	if (!lines)
		return;
	assert(!lines->wait);
	buf_release(&lines->data);
	free(lines);
}

/* Reads once, if that does not block. */
static enum err read_more(struct lines *lines)
{
	struct pollfd p = {.fd = lines->fd, .events = POLLIN};
	ssize_t got;
	int is_ready;

	if (lines->turn_bytes >= TURN_BYTES)
		return ERR_AGAIN;
	is_ready = poll(&p, 1, 0);
	if (is_ready == 0 || (is_ready < 0 && errno == EINTR))
		return ERR_AGAIN;
	/* Only when the data at hand is used up or holds no whole line: so what moves is short. */
	buf_consume(&lines->data, lines->start);
	lines->searched -= lines->start;
	lines->start = 0;
	got = read(lines->fd, buf_room(&lines->data, READ_BYTES), READ_BYTES);
	if (got > 0) {
		buf_grew(&lines->data, (size_t)got);
		lines->turn_bytes += (size_t)got;
		return ERR_NONE;
	}
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return ERR_AGAIN;
	lines->is_at_end = true;
	if (got == 0)
		return ERR_EOF;
	/* Half a line is no line. */
	buf_clear(&lines->data);
	lines->searched = 0;
	return ERR_SYSTEM;
}

/* Gives out the line from start to end; next is where the one behind it starts. */
static void give(struct lines *lines, size_t end, size_t next, char **ret_line, size_t *ret_len)
{
	char *line = lines->data.data + lines->start;
	size_t len = end - lines->start;

	if (len && line[len - 1] == '\r')
		len--;
	/* The byte behind the line is its LF, its CR, or the buffer's own NUL. */
	line[len] = '\0';
	lines->start = lines->searched = next;
	*ret_line = line;
	*ret_len = len;
}

/* Whether what lies from start to end is, or begins, a line over the ceiling. */
static bool is_too_long(const struct lines *lines, size_t end, bool is_whole)
{
	size_t len = end - lines->start;

	if (len <= lines->max_bytes)
		return false;
	/* One byte more may be the CR of its end, or turn out to be. */
	return len - 1 > lines->max_bytes || (is_whole && lines->data.data[end - 1] != '\r');
}

enum err lines_next(struct lines *lines, char **ret_line, size_t *ret_len)
{
	for (;;) {
		struct buf *data = &lines->data;
		const char *lf = data->len > lines->searched
		                         ? memchr(data->data + lines->searched, '\n',
		                                  data->len - lines->searched)
		                         : NULL;
		size_t end = lf ? (size_t)(lf - data->data) : data->len;
		enum err e;

		lines->searched = end;
		if (lines->is_passing_over) {
			lines->start = lines->searched = lf ? end + 1 : end;
			lines->is_passing_over = !lf;
			if (lf)
				continue;
		} else if (is_too_long(lines, end, lf || lines->is_at_end)) {
			lines->is_passing_over = true;
			*ret_line = data->data + lines->start;
			*ret_len = lines->max_bytes;
			(*ret_line)[*ret_len] = '\0';
			lines->start += lines->max_bytes;
			return ERR_LIMIT;
		} else if (lf) {
			give(lines, end, end + 1, ret_line, ret_len);
			return ERR_NONE;
		}
		if (!lines->is_at_end) {
			e = read_more(lines);
			if (e && e != ERR_EOF)
				return e;
		} else if (data->len > lines->start) {
			give(lines, data->len, data->len, ret_line, ret_len);
			return ERR_NONE;
		} else {
			return ERR_EOF;
		}
	}
}

enum err lines_peek(struct lines *lines, const char **ret_data, size_t *ret_len)
{
	while (lines->data.len == lines->start) {
		enum err e = lines->is_at_end ? ERR_EOF : read_more(lines);

		if (e)
			return e;
	}
	*ret_data = lines->data.data + lines->start;
	*ret_len = lines->data.len - lines->start;
	return ERR_NONE;
}

void lines_consume(struct lines *lines, size_t len)
{
	lines->start += len;
	lines->searched = lines->start;
}

static void wait_end(struct line_wait *w, enum err result)
{
	ev_io_stop(loop_ev(w->job.loop), &w->watcher);
	w->lines->wait = NULL;
	job_finish(&w->job, result);
}

static void wait_cancel(struct job *job)
{
	wait_end((struct line_wait *)job, ERR_CANCELED);
}

static void wait_free(struct job *job)
{
	free(job);
}

static const struct job_kind wait_kind = {"lines", wait_cancel, wait_free};

static void on_readable(struct ev_loop *ev, ev_io *watcher, int revents)
{
	(void)ev;
	(void)revents;
	wait_end(watcher->data, ERR_NONE);
}

struct job *lines_wait(struct lines *lines)
{
	bool is_turn_over = lines->turn_bytes >= TURN_BYTES;
	struct line_wait *w;

	assert(!lines->wait);
	lines->turn_bytes = 0;
	if (is_turn_over)
		return sleep_for(lines->loop, 0);
	w = mem_zero(1, sizeof(*w));
	lines->wait = w;
	w->lines = lines;
	job_start(&w->job, lines->loop, &wait_kind);
	ev_io_init(&w->watcher, on_readable, lines->fd, EV_READ);
	w->watcher.data = w;
	ev_io_start(loop_ev(lines->loop), &w->watcher);
	return &w->job;
}
