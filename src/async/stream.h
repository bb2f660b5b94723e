/*
 * Bytes out to a descriptor, without stopping the loop: what a pipe does not take now is kept and
 * written when it does. The writer looks at stream_is_full() and stops making more.
 */
#ifndef ASYNC_STREAM_H
#define ASYNC_STREAM_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

struct job;
struct loop;
struct stream;

/* A write has failed. Called once, from the loop, never from inside a stream_* call. */
typedef void stream_failed_fn(void *arg);

/*
 * fd is borrowed. Pipes and terminals are opened once more through /proc so that they can be set
 * to non-blocking without a change for those who share them; where that fails writes may block.
 * failed may be NULL. The process ignores SIGPIPE.
 */
struct stream *stream_new(struct loop *loop, int fd, stream_failed_fn *failed, void *arg);

/*
 * Somebody else on the terminal that the stream writes to, who makes room for it. leave is called
 * before anything is written; false: not yet, ask when the terminal takes more. come_back is called
 * when nothing waits any more and what was written last has ended a line. Both from the loop.
 */
struct stream_neighbor {
	bool (*leave)(void *arg);
	void (*come_back)(void *arg);
	void *arg;
};

/* Whether the stream writes to a terminal, and fd is that one, too. */
bool stream_is_on_terminal(const struct stream *stream, int fd);

/* Copies it. NULL: there is none, or none any more. */
void stream_set_neighbor(struct stream *stream, const struct stream_neighbor *neighbor);

/* What is not written yet is dropped: await stream_flush() before. */
void stream_free(struct stream *stream);

/* Put whole records here, then call stream_commit(). */
struct buf *stream_buf(struct stream *stream);

/*
 * A record ends here. It is written together with others: when enough have gathered, or when the
 * loop has nothing more urgent to do, so that a lone line is seen at once.
 */
void stream_commit(struct stream *stream);

/* True while more waits than is good: make no more, and wait for stream_drain(). */
bool stream_is_full(const struct stream *stream);

/* A job that finishes when the stream is not full, or has failed. One at a time. */
struct job *stream_drain(struct stream *stream);

/* A job that finishes when all is written (ERR_NONE), or cannot be (ERR_SYSTEM). One at a time. */
struct job *stream_flush(struct stream *stream);

/*
 * 0, or the errno of the write that failed. From then on everything is dropped. A regular file
 * then ends with the last record that fitted whole.
 */
int stream_errno(const struct stream *stream);

#endif
