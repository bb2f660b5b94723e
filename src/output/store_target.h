/*
 * What the bodies of a run are written into where -o names no regular file: a device, a FIFO, a
 * socket or an open descriptor. One body after another, as nobody could tell the pieces of two
 * apart; but a device that is no terminal, such as /dev/null, takes them all at once. Within
 * output/ only.
 */
#ifndef OUTPUT_STORE_TARGET_H
#define OUTPUT_STORE_TARGET_H

#include "base/err.h"

struct job;
struct offload_pool;
struct store_target;

/* Of a body, embedded by who writes it. */
struct store_turn {
	struct job *job; /* that waits for it */
	struct store_turn *prev, *next;
};

/* Waits for the reader of a FIFO. ERR_SYSTEM with words that name path. */
MUST_USE enum err store_target_open(const char *path, struct store_target **ret_target,
                                    struct error *e);

/* Nobody has a turn. NULL is fine. */
void store_target_free(struct store_target *target);

/* Borrowed. Only who has the turn may write to it, and may block there. */
int store_target_fd(const struct store_target *target);

/*
 * NULL: it is the turn of this one, which may be so already. Otherwise a job of the pool that is
 * done when it is. From any thread, as is the next.
 */
struct job *store_turn_take(struct store_target *target, struct store_turn *turn,
                            struct offload_pool *pool);

/* The next one's turn. Nothing for one that does not have it. */
void store_turn_give(struct store_target *target, struct store_turn *turn);

#endif
