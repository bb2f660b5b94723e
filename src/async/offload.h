/*
 * Blocking work on threads of its own, so that the loop goes on meanwhile.
 */
#ifndef ASYNC_OFFLOAD_H
#define ASYNC_OFFLOAD_H

struct job;
struct loop;
struct offload_pool;

/*
 * Threads are made when they are needed, at most max_threads: the first when work comes, and one
 * more whenever work has waited for 10 ms. So what is done in no time has one thread, and what
 * waits itself, for a slow disk, has as many as help.
 */
struct offload_pool *offload_pool_new(struct loop *loop, unsigned max_threads);

/* No job of the pool may be alive. Joins the threads. NULL is fine. */
void offload_pool_free(struct offload_pool *pool);

/*
 * Runs work(arg) on a thread; the job's result is what it returns (an enum err as an int).
 * arg is borrowed until done. Work that has not begun can be cancelled; work that has runs to its
 * end, and the job then reports ERR_CANCELED. When no thread can be made at all: ERR_SYSTEM.
 */
struct job *offload(struct offload_pool *pool, int (*work)(void *arg), void *arg);

/*
 * A job that waits for something on another thread, and takes none of the pool's: it is done when
 * offload_wake() is called for it, once, from any thread. It cannot be cancelled.
 */
struct job *offload_wait(struct offload_pool *pool);
void offload_wake(struct job *job);

#endif
