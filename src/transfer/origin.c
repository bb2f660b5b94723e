#include "transfer/origin.h"

#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "base/mem.h"
#include "base/table.h"
#include "transfer/lane.h"
#include "transfer/url.h"

enum {
	REMEMBERED = 4096,           /* origins that nobody uses at the moment */
	NAME_LIFE_US = 60 * 1000000, /* libcurl's */
	LOOKUP_US = 10 * 1000000,    /* at most, by default: resolv.conf(5), twice 5 seconds */
};

enum name_state {
	NAME_UNKNOWN,
	NAME_QUEUED, /* users wait until fewer names are asked for */
	NAME_ASKED,  /* one user asks, the others wait */
	NAME_KNOWN,
	NAME_NONE, /* an address: nothing to ask */
};

/* Idle connections in a lane; as far as we know: a server may have closed them. */
struct idle {
	struct lane *lane;
	unsigned count;
};

struct origin {
	UT_hash_handle hh;
	struct origin *prev, *next; /* in the queue */
	enum name_state name;
	int64_t known_until_us;
	struct origin_user *waiting; /* in the order of their coming */
	unsigned users;
	bool is_tls;
	struct lane *last; /* where its last transfer began */
	struct idle *idle;
	size_t idle_count;
	char key[]; /* "http://host:port" */
};

/* An address needs no look-up; libcurl knows localhost by itself (RFC 6761). */
static bool needs_lookup(const char *key)
{
	const char *host = url_authority(key, strlen(key));
	size_t len = strcspn(host, ":");

	return *host != '[' && strspn(host, "0123456789.") < len &&
	       !(len == strlen("localhost") && !strncmp(host, "localhost", len));
}

static void origin_free(struct origins *origins, struct origin *origin)
{
	HASH_DEL(origins->table, origin);
	free(origin->idle);
	free(origin);
}

/* To the end: it was used last. */
static void put_last(struct origins *origins, struct origin *origin)
{
	size_t len = origin->hh.keylen;

	HASH_DEL(origins->table, origin);
	HASH_ADD(hh, origins->table, key, len, origin);
}

/* Forgets the one that has not been used for longest. */
static void forget_one(struct origins *origins)
{
	struct origin *origin, *next;
	int looked_at = 0;

	HASH_ITER (hh, origins->table, origin, next) {
		if (!origin->users) {
			origin_free(origins, origin);
			return;
		}
		put_last(origins, origin);
		if (++looked_at == 8) /* others will be forgotten another time */
			return;
	}
}

void origins_init(struct origins *origins, unsigned lookup_limit, unsigned given_up_limit)
{
	*origins = (struct origins){
		.lookup_limit = lookup_limit,
		.given_up_limit = given_up_limit,
	};
}

void origins_release(struct origins *origins)
{
	struct origin *origin, *next;

	HASH_ITER (hh, origins->table, origin, next) {
		origin_free(origins, origin);
	}
}

void origin_enter(struct origins *origins, struct origin_user *user, const struct buf *key)
{
	size_t len = key->len;
	struct origin *origin;

	HASH_FIND(hh, origins->table, key->data, len, origin);
	if (!origin) {
		if (HASH_COUNT(origins->table) >= REMEMBERED)
			forget_one(origins);
		origin = mem_zero(1, sizeof(*origin) + len + 1);
		memcpy(origin->key, key->data, len);
		origin->name = needs_lookup(origin->key) ? NAME_UNKNOWN : NAME_NONE;
		origin->is_tls = !strncmp(origin->key, "https:", 6);
		HASH_ADD(hh, origins->table, key, len, origin);
	}
	origin->users++;
	user->origin = origin;
}

void origin_leave(struct origins *origins, struct origin_user *user)
{
	struct origin *origin = user->origin;

	user->origin = NULL;
	if (!--origin->users && HASH_COUNT(origins->table) >= REMEMBERED / 2)
		put_last(origins, origin);
}

/* ---- names ---- */

static void wait(struct origin_user *user)
{
	user->wait = WAITING_FOR_NAME;
	DL_APPEND(user->origin->waiting, user);
}

static void stop_waiting(struct origin_user *user)
{
	user->wait = NOT_WAITING;
	DL_DELETE(user->origin->waiting, user);
}

static void make_ready(struct origins *origins, struct origin_user *user)
{
	stop_waiting(user);
	user->wait = READY_TO_CONNECT;
	DL_APPEND(origins->ready, user);
}

static void ask(struct origins *origins, struct origin_user *user)
{
	user->origin->name = NAME_ASKED;
	user->is_asking = true;
	origins->asked++;
}

static bool may_ask(struct origins *origins, int64_t now_us)
{
	while (origins->given_up_count && origins->given_up[origins->first_given_up] <= now_us) {
		origins->first_given_up = (origins->first_given_up + 1) % GIVEN_UP_LIMIT;
		origins->given_up_count--;
	}
	return origins->asked <
	       (origins->given_up_count < origins->given_up_limit ? origins->lookup_limit : 1);
}

/* An answer has come, or will not: the next name's turn, whose first user asks. */
static void stop_asking(struct origins *origins, struct origin_user *user, int64_t now_us)
{
	struct origin *next;

	user->is_asking = false;
	origins->asked--;
	while ((next = origins->queue) && may_ask(origins, now_us)) {
		struct origin_user *first = next->waiting;

		DL_DELETE(origins->queue, next);
		make_ready(origins, first);
		ask(origins, first);
	}
}

bool origin_may_connect(struct origins *origins, struct origin_user *user, int64_t now_us)
{
	struct origin *origin = user->origin;

	if (origin->name == NAME_NONE)
		return true;
	if (origin->name == NAME_KNOWN) {
		if (now_us < origin->known_until_us)
			return true;
		origin->name = NAME_UNKNOWN;
	}
	if (origin->name == NAME_UNKNOWN && may_ask(origins, now_us)) {
		ask(origins, user);
		return true;
	}
	if (origin->name == NAME_UNKNOWN) {
		origin->name = NAME_QUEUED;
		DL_APPEND(origins->queue, origin);
	}
	wait(user);
	return false;
}

void origin_answered(struct origins *origins, struct origin_user *user, int64_t now_us)
{
	struct origin *origin = user->origin;
	struct origin_user *waiting;

	if (!user->is_asking)
		return;
	origin->name = NAME_KNOWN;
	origin->known_until_us = now_us + NAME_LIFE_US;
	while ((waiting = origin->waiting))
		make_ready(origins, waiting);
	stop_asking(origins, user, now_us);
}

void origin_gave_up(struct origins *origins, const struct origin_user *user, int64_t now_us)
{
	if (user->is_asking && origins->given_up_count < GIVEN_UP_LIMIT)
		origins->given_up[(origins->first_given_up + origins->given_up_count++) %
		                  GIVEN_UP_LIMIT] = now_us + LOOKUP_US;
}

void origin_unanswered(struct origins *origins, struct origin_user *user, int64_t now_us)
{
	struct origin *origin = user->origin;

	if (!user->is_asking)
		return;
	origin->name = NAME_UNKNOWN;
	/* Behind the other names, which have waited for longer. */
	if (origin->waiting) {
		origin->name = NAME_QUEUED;
		DL_APPEND(origins->queue, origin);
	}
	stop_asking(origins, user, now_us);
}

void origin_stop_waiting(struct origins *origins, struct origin_user *user)
{
	struct origin *origin = user->origin;

	if (user->wait == READY_TO_CONNECT)
		DL_DELETE(origins->ready, user);
	else if (user->wait == WAITING_FOR_NAME)
		stop_waiting(user);
	user->wait = NOT_WAITING;
	if (origin->name == NAME_QUEUED && !origin->waiting) {
		DL_DELETE(origins->queue, origin);
		origin->name = NAME_UNKNOWN;
	}
}

struct origin_user *origin_first_waiting(const struct origin_user *user)
{
	return user->origin->waiting;
}

struct origin_user *origins_next_ready(struct origins *origins)
{
	struct origin_user *user = origins->ready;

	if (user) {
		DL_DELETE(origins->ready, user);
		user->wait = NOT_WAITING;
	}
	return user;
}

/* ---- connections ---- */

struct lane *origin_find_lane(const struct origin_user *user, unsigned limit)
{
	const struct origin *origin = user->origin;

	if (origin->is_tls && origin->last && lane_load(origin->last) < limit)
		return origin->last;
	for (size_t i = 0; i < origin->idle_count; i++) {
		if (origin->idle[i].count && lane_load(origin->idle[i].lane) < limit)
			return origin->idle[i].lane;
	}
	return NULL;
}

static struct idle *find_idle(struct origin *origin, struct lane *lane)
{
	for (size_t i = 0; i < origin->idle_count; i++) {
		if (origin->idle[i].lane == lane)
			return &origin->idle[i];
	}
	return NULL;
}

void origin_begin_in(struct origin_user *user, struct lane *lane)
{
	struct idle *idle = find_idle(user->origin, lane);

	user->origin->last = lane;
	if (idle && idle->count)
		idle->count--;
}

void origin_end_in(struct origin_user *user, struct lane *lane)
{
	struct origin *origin = user->origin;
	struct idle *idle = find_idle(origin, lane);

	if (!idle) {
		origin->idle = mem_resize(origin->idle, origin->idle_count + 1, sizeof(*idle));
		idle = &origin->idle[origin->idle_count++];
		*idle = (struct idle){.lane = lane};
	}
	/* A lane keeps no more than this. */
	if (idle->count < LANE_LIMIT)
		idle->count++;
}
