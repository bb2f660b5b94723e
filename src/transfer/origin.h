/*
 * What an engine knows of an origin (scheme, host and port): whether its name has been looked up,
 * and which lanes have connections to it. Within transfer/ only.
 *
 * Names: libcurl looks a name up on a thread of its own, for every transfer that needs it. So when
 * many transfers to a new origin begin at once, the first one asks and the others wait for its
 * answer; and only so many names are asked for at once. What libcurl has learnt it keeps for
 * all for 60 seconds (CURLOPT_DNS_CACHE_TIMEOUT); after that somebody asks again.
 * A look-up cannot be stopped: one that is given up when its transfer's time has run out goes on
 * until the resolver gives up, too. When many do, names are asked for one by one.
 *
 * Connections: they belong to a lane. A transfer goes where one waits to be used again, so that a
 * host is not connected to more often than it has transfers at once.
 */
#ifndef TRANSFER_ORIGIN_H
#define TRANSFER_ORIGIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;
struct lane;
struct origin;

enum { LOOKUP_LIMIT = 64, GIVEN_UP_LIMIT = 1024 };

enum origin_wait { NOT_WAITING, WAITING_FOR_NAME, READY_TO_CONNECT };

/* A transfer to an origin. Embedded in the engine's. */
struct origin_user {
	struct origin_user *prev, *next; /* among those that wait, or are ready */
	struct origin *origin;
	enum origin_wait wait;
	bool is_asking; /* its look-up is the one that the others wait for */
};

/* See origins_init(). */
struct origins {
	struct origin *table;      /* by key; those used last come last */
	struct origin *queue;      /* names that wait until fewer are asked for */
	struct origin_user *ready; /* may connect now; see origins_next_ready() */
	unsigned lookup_limit, given_up_limit;
	unsigned asked;
	unsigned first_given_up, given_up_count;
	int64_t given_up[GIVEN_UP_LIMIT]; /* a ring: when each of these look-ups will be over */
};

/*
 * Knows nothing. lookup_limit: names asked for at once, at most LOOKUP_LIMIT; given_up_limit:
 * look-ups given up until names are asked for one by one, at most GIVEN_UP_LIMIT.
 */
void origins_init(struct origins *origins, unsigned lookup_limit, unsigned given_up_limit);

/* Nobody uses an origin any more. */
void origins_release(struct origins *origins);

/* A transfer to an origin (request_find_origin()) begins and ends. The user is zeroed before, and
 * is not waiting at the end. */
void origin_enter(struct origins *origins, struct origin_user *user, const struct buf *key);
void origin_leave(struct origins *origins, struct origin_user *user);

/* True when the user may connect now. Otherwise it waits until it is ready. */
bool origin_may_connect(struct origins *origins, struct origin_user *user, int64_t now_us);

/* The name is known: those that waited are ready. Only the first such call of an asking user
 * counts. */
void origin_answered(struct origins *origins, struct origin_user *user, int64_t now_us);

/* The user ended. If it was still asking, one of those that wait asks instead. */
void origin_unanswered(struct origins *origins, struct origin_user *user, int64_t now_us);

/* To be called before that when its look-up goes on. */
void origin_gave_up(struct origins *origins, const struct origin_user *user, int64_t now_us);

/* Takes a user that waits or is ready out of its list; for one that is cancelled. */
void origin_stop_waiting(struct origins *origins, struct origin_user *user);

/* The first of those that wait for the user's name; NULL when there is none. */
struct origin_user *origin_first_waiting(const struct origin_user *user);

/* Takes one that waited and may connect now; NULL when there is none. */
struct origin_user *origins_next_ready(struct origins *origins);

/*
 * A lane with fewer than limit transfers that has a connection for the user: one that is idle, or
 * over TLS (where HTTP/2 may share it) one that was used last. NULL when there is none.
 */
struct lane *origin_find_lane(const struct origin_user *user, unsigned limit);

/* The user's transfer begins in lane, and ends there leaving its connection open. */
void origin_begin_in(struct origin_user *user, struct lane *lane);
void origin_end_in(struct origin_user *user, struct lane *lane);

#endif
