/*
 * What comes after a response, before its result is written: its JSON is read, once, for all who
 * want something of it. A large body is read on a thread, and what many values lead to is taken in
 * slices, so that the loop goes on meanwhile. Within app/ only.
 */
#ifndef APP_AFTER_H
#define APP_AFTER_H

#include "input/derive.h"
#include "transfer/result.h"

struct config;
struct fetch;
struct look;
struct loop;
struct offload_pool;
struct ticker;

/* The fetch is the caller's again. Called once for each that after_take() has kept. */
typedef void after_done_fn(struct fetch *fetch, void *arg);

/* {0} is closed. Read nothing but deriver. */
struct after {
	const struct config *config;
	struct deriver *deriver; /* NULL: nothing is derived */
	struct loop *loop;
	struct offload_pool *pool; /* of one thread: one large value is in memory at a time */
	struct look *waiting;      /* for the thread, in order */
	struct look *active;       /* on the thread, or taken in slices */
	bool is_reading;           /* a large one is active, or being freed */
	enum failure stopped_as;   /* FAILURE_NONE: it goes on */
	after_done_fn *done;
	void *arg;
};

/* loop and config are borrowed. */
void after_open(struct after *after, struct loop *loop, const struct config *config,
                after_done_fn *done, void *arg);

/* Every fetch was given back, and the loop has run until no job was alive. */
void after_close(struct after *after);

/*
 * Takes what the result of a fetch that is through has to say; it may be given a warning, or fail.
 * Says on standard error what is to be known; the ticker makes room for that, and may be NULL.
 * True when that is done; false when done is called later.
 */
bool after_take(struct after *after, struct fetch *fetch, struct ticker *ticker);

/*
 * Ends with this failure what is under way, soon, and all large ones that come. done may be called
 * from inside. Once.
 */
void after_stop(struct after *after, enum failure failure);

#endif
