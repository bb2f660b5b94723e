/*
 * One event loop for one thread, on libev.
 *
 * A loop runs turns. A turn takes one time stamp, waits until something can go on, and runs what
 * can. Nothing here is shared between threads except what says so (channel.h).
 */
#ifndef ASYNC_LOOP_H
#define ASYNC_LOOP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct ev_loop;
struct job;
struct loop;

/*
 * A loop for the calling thread. is_main: the process has one such loop, and only it can watch
 * signals and child processes. backend: a name of libev's ("epoll", "poll", "select",
 * "linuxaio", "iouring", "kqueue"), or NULL for libev's own choice.
 * NULL with *e when the backend is unknown (ERR_SYNTAX's words), not available here, or the
 * system is out of descriptors.
 */
struct loop *loop_new(bool is_main, const char *backend, struct error *e);

/* Cancels every job that is alive, runs until each has reported, and frees the loop. */
void loop_free(struct loop *loop);

/* Runs until no job is alive and nothing is posted. */
void loop_run(struct loop *loop);

/* One turn: waits for something unless something is ready. False when there was nothing to wait
 * for. */
bool loop_turn(struct loop *loop);

/* The name of the backend in use: "epoll". */
const char *loop_backend(const struct loop *loop);

/* Microseconds of the monotonic clock, the same for a whole turn. */
int64_t loop_now_us(struct loop *loop);

/* For the modules that own watchers: async/ and transfer/. */
struct ev_loop *loop_ev(struct loop *loop);

/*
 * Something to run on a later turn of the calls around it, first in first out. The memory is the
 * caller's and stays valid until fn is entered; there it may be freed or posted again.
 * Posting what is posted already does nothing.
 */
struct post {
	struct post *next;
	void (*fn)(struct post *post);
	bool is_queued;
};

void loop_post(struct loop *loop, struct post *post);

/* Takes back what was posted, if it has not run. */
void loop_unpost(struct loop *loop, struct post *post);

/* For job.c: the jobs that are alive, doubly linked. */
struct job **loop_jobs(struct loop *loop);

#endif
