/*
 * A limit on how many do something at once: asyncio's Semaphore. First come, first served.
 */
#ifndef ASYNC_LIMITER_H
#define ASYNC_LIMITER_H

#include <stddef.h>

struct job;
struct loop;

struct limiter {
	struct loop *loop;
	struct limiter_wait *waiting; /* in order */
	size_t limit, used;
};

/* limit is at least 1. No allocation; nothing to release once nobody holds or waits. */
void limiter_init(struct limiter *limiter, struct loop *loop, size_t limit);

/*
 * A job that finishes with ERR_NONE when the caller has a place. Every such place is given back
 * with limiter_release(); a cancelled wait holds none.
 */
struct job *limiter_acquire(struct limiter *limiter);
void limiter_release(struct limiter *limiter);

/* A lower limit takes nothing away from those who hold a place. */
void limiter_set_limit(struct limiter *limiter, size_t limit);

#endif
