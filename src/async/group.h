/*
 * Waiting for several jobs: asyncio's gather() and wait().
 *
 * A group holds a reference to each of its members until it is freed itself, so that after its
 * done their results can be read with group_get(), in the order in which they were given.
 * The array is copied. A member may be finished already, and may be in several groups.
 */
#ifndef ASYNC_GROUP_H
#define ASYNC_GROUP_H

#include <stddef.h>

struct job;
struct loop;

/*
 * Finishes when all have: with ERR_NONE when all succeeded, else with the result of the first one,
 * in the order given, that did not. Cancelling it cancels the members.
 */
struct job *gather(struct loop *loop, struct job *const *jobs, size_t count);

/*
 * Finishes with the first of them and with its result; the others run on.
 * Cancelling it leaves the members alone. count is at least 1.
 */
struct job *wait_first(struct loop *loop, struct job *const *jobs, size_t count);

/*
 * Finishes with the first one that fails, with its result, or else with ERR_NONE when all are
 * done. The others run on. Cancelling it leaves the members alone.
 */
struct job *wait_first_failure(struct loop *loop, struct job *const *jobs, size_t count);

/* Member i of a group; borrowed. */
struct job *group_get(const struct job *group, size_t i);

/* The member that ended a wait_first() or a wait_first_failure(); NULL when none did. */
struct job *group_winner(const struct job *group);

#endif
