#include "transfer/engine.h"

#include <assert.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "async/job.h"
#include "async/offload.h"
#include "base/mem.h"
#include "transfer/attempt.h"
#include "transfer/budget.h"
#include "transfer/kept_open.h"
#include "transfer/lane.h"
#include "transfer/origin.h"
#include "transfer/result.h"
#include "transfer/session.h"
#include "transfer/sink.h"

/* Threads of an engine that write bodies, at most: enough for a disk that is far away. */
enum { WRITERS = 16 };

struct transfer {
	struct job job; /* first: a job is its transfer */
	struct sink_owner sink_owner;
	bool is_in_sink; /* it has begun with the result's sink */
	bool is_closing; /* nothing but the sink has to end */
	struct lane_entry entry;
	struct origin_user user;
	struct attempt attempt;
	struct engine *engine;
	struct result *result;
	int64_t started_us;
	struct transfer *next_free;
};

struct engine {
	struct loop *loop;
	struct attempt_setup setup;
	_Atomic uint64_t received_bytes;
	struct origins origins;
	struct budget budget;
	struct kept_open kept_open;
	struct goaways goaways;
	struct post connect_ready;
	struct lane **lanes;
	size_t lane_count;
	struct transfer *free_transfers;
	struct offload_pool *writers; /* made for the first that has a sink */
};

static struct transfer *transfer_of_user(struct origin_user *user)
{
	return (struct transfer *)((char *)user - offsetof(struct transfer, user));
}

/* ---- the end of a transfer ---- */

/* Those that waited for another's look-up, and for its turn to ask, go on in a later turn. */
static void post_ready(struct engine *engine)
{
	if (engine->origins.ready)
		loop_post(engine->loop, &engine->connect_ready);
}

static void on_sink_ended(struct sink_owner *owner)
{
	struct transfer *t =
		(struct transfer *)((char *)owner - offsetof(struct transfer, sink_owner));

	switch (t->result->failure) {
	case FAILURE_NONE: job_finish(&t->job, ERR_NONE); break;
	case FAILURE_CANCELED: job_finish(&t->job, ERR_CANCELED); break;
	default: job_finish(&t->job, ERR_FAILED); break;
	}
}

static enum sink_end sink_end_of(const struct transfer *t)
{
	if (!t->result->failure)
		return attempt_has_content(&t->attempt) ? SINK_KEEP : SINK_DISCARD;
	return t->attempt.stop == NOT_STOPPED ? SINK_BREAK : SINK_DISCARD;
}

/* The result stands, unless its body cannot be kept. */
static void transfer_end(struct transfer *t)
{
	struct engine *engine = t->engine;
	struct result *r = t->result;

	origin_unanswered(&engine->origins, &t->user, loop_now_us(engine->loop));
	origin_leave(&engine->origins, &t->user);
	post_ready(engine);
	t->is_closing = true;
	if (t->is_in_sink)
		r->sink->kind->end(r->sink, r, sink_end_of(t));
	else
		on_sink_ended(&t->sink_owner);
}

/* A URL that libcurl does not accept: nothing was attempted. */
static void forget_attempt(struct result *r)
{
	r->attempts = 0;
	r->time_queue_us = r->time_total_us = r->started_us = r->started_unix_us = -1;
}

static void harvest_transfer(struct transfer *t, CURLcode code)
{
	t->attempt.has_scrap = t->entry.has_scrap;
	attempt_harvest(&t->attempt, code);
	if (t->result->failure == FAILURE_INPUT)
		forget_attempt(t->result);
}

static void transfer_finish(struct transfer *t, CURLcode code)
{
	harvest_transfer(t, code);
	transfer_end(t);
}

static void begin_attempt(struct result *r, int64_t now_us)
{
	int64_t queued_us = now_us - r->request.accepted_us;

	/* Two threads' time stamps may be in either order. */
	if (r->attempts++ == 0)
		r->time_queue_us = queued_us > 0 ? queued_us : 0;
}

/* Fails an attempt that waited for the look-up of another as that one failed. */
static void share_failure(struct result *r, const struct result *asker)
{
	result_clear_attempt(r);
	result_fail(r, asker->failure, asker->message.data);
	begin_attempt(r, asker->started_us);
	r->exitcode = asker->exitcode;
	r->time_total_us = asker->time_total_us;
	r->started_us = asker->started_us;
	r->started_unix_us = asker->started_unix_us;
}

/*
 * Nobody else needs to ask for a name that does not exist, or whose look-up takes longer than such
 * a transfer may: it is the answer to those that wait. But some may have other limits.
 */
static void tell_others(struct transfer *t)
{
	const struct result *r = t->result;
	struct origin_user *user = origin_first_waiting(&t->user), *next;

	for (; user; user = next) {
		struct transfer *other = transfer_of_user(user);

		next = user->next;
		if (r->failure == FAILURE_TIMEOUT &&
		    other->result->request.options != r->request.options)
			continue;
		origin_stop_waiting(&t->engine->origins, user);
		share_failure(other->result, r);
		transfer_end(other);
	}
}

static void name_failed(struct transfer *t)
{
	struct engine *engine = t->engine;

	if (t->result->failure == FAILURE_TIMEOUT)
		origin_gave_up(&engine->origins, &t->user, loop_now_us(engine->loop));
	if (t->result->failure == FAILURE_TIMEOUT || t->result->failure == FAILURE_DNS)
		tell_others(t);
}

/* Input on a connection with TLS or HTTP/2 may be anything, and is read as what it is. */
static void note_socket(struct transfer *t)
{
	const struct result *r = t->result;
	bool is_plain = r->scheme && !strcmp(r->scheme, "http") && r->http_version &&
	                *r->http_version == '1';

	kept_open_add(&t->engine->kept_open, r->local_port,
	              is_plain ? t->entry.socket : CURL_SOCKET_BAD);
}

static void on_lane_done(struct lane_entry *entry, struct lane *lane, CURLcode code)
{
	struct transfer *t = (struct transfer *)((char *)entry - offsetof(struct transfer, entry));

	if (code && attempt_needs_another(&t->attempt)) {
		code = attempt_prepare_anew(&t->attempt);
		if (!code)
			code = lane_add(lane, entry);
		if (!code)
			return;
	}
	if (!code)
		origin_end_in(&t->user, lane);
	harvest_transfer(t, code);
	note_socket(t);
	if (t->user.is_asking)
		name_failed(t);
	transfer_end(t);
}

static void transfer_cancel(struct job *job)
{
	struct transfer *t = (struct transfer *)job;

	if (t->is_closing)
		return;
	if (t->entry.lane) {
		lane_remove(&t->entry);
		attempt_harvest(&t->attempt, CURLE_ABORTED_BY_CALLBACK);
		t->result->exitcode = CURLE_OK; /* libcurl found nothing wrong */
	} else {
		origin_stop_waiting(&t->engine->origins, &t->user);
	}
	result_fail(t->result, FAILURE_CANCELED, "canceled");
	transfer_end(t);
}

/* Back to the pool: the next fetch finds the handle set up. */
static void transfer_free(struct job *job)
{
	struct transfer *t = (struct transfer *)job;

	t->next_free = t->engine->free_transfers;
	t->engine->free_transfers = t;
}

static const struct job_kind transfer_kind = {"transfer", transfer_cancel, transfer_free};

/* ---- its beginning ---- */

/* A lane that has a connection for it, or else the first one with room. */
static struct lane *choose_lane(struct engine *engine, const struct transfer *t)
{
	struct lane *lane = origin_find_lane(&t->user, engine->budget.lane_fetches);
	bool multiplexes = t->attempt.multiplexes;

	if (lane && lane_multiplexes(lane) == multiplexes)
		return lane;
	for (size_t i = 0; i < engine->lane_count; i++) {
		lane = engine->lanes[i];
		if (lane_load(lane) < engine->budget.lane_fetches &&
		    lane_multiplexes(lane) == multiplexes)
			return lane;
	}
	engine->lanes = mem_resize(engine->lanes, engine->lane_count + 1, sizeof(struct lane *));
	engine->lanes[engine->lane_count] =
		lane_new(engine->loop, on_lane_done, multiplexes, engine->budget.lane_connections);
	return engine->lanes[engine->lane_count++];
}

/* Called when the sink has taken what it had too much of. */
static void on_sink_ready(struct sink_owner *owner)
{
	struct transfer *t =
		(struct transfer *)((char *)owner - offsetof(struct transfer, sink_owner));
	CURLcode code;

	if (t->is_closing)
		return;
	t->attempt.is_full = false;
	code = lane_go_on(&t->entry);
	if (code) {
		lane_remove(&t->entry);
		transfer_finish(t, code);
	}
}

static void begin_in_sink(struct transfer *t)
{
	struct engine *engine = t->engine;
	struct sink *sink = t->result->sink;

	if (!engine->writers)
		engine->writers = offload_pool_new(engine->loop, WRITERS);
	t->sink_owner = (struct sink_owner){on_sink_ready, on_sink_ended};
	t->is_in_sink = true;
	sink->kind->begin(sink, engine->writers, &t->sink_owner);
}

static void transfer_connect(struct transfer *t)
{
	struct result *r = t->result;
	struct lane *lane;
	CURLcode code = attempt_prepare(&t->attempt, r);

	t->started_us = loop_now_us(t->engine->loop);
	begin_attempt(r, t->started_us);
	if (r->sink)
		begin_in_sink(t);
	if (!code) {
		lane = choose_lane(t->engine, t);
		code = lane_add(lane, &t->entry);
		if (!code)
			origin_begin_in(&t->user, lane);
	}
	if (code)
		transfer_finish(t, code);
}

static void on_connect_ready(struct post *post)
{
	struct engine *engine =
		(struct engine *)((char *)post - offsetof(struct engine, connect_ready));
	struct origin_user *user;

	while ((user = origins_next_ready(&engine->origins)))
		transfer_connect(transfer_of_user(user));
}

/* An attempt_connects_fn: what it asked for is in libcurl's cache now, for all. */
static void on_connects(struct attempt *attempt)
{
	struct transfer *t =
		(struct transfer *)((char *)attempt - offsetof(struct transfer, attempt));

	origin_answered(&t->engine->origins, &t->user, loop_now_us(t->engine->loop));
	post_ready(t->engine);
}

static void on_opens(struct attempt *attempt)
{
	on_connects(attempt);
	lane_note_open(attempt->owner);
}

static struct transfer *transfer_take(struct engine *engine)
{
	struct transfer *t = engine->free_transfers;

	if (t) {
		engine->free_transfers = t->next_free;
	} else {
		t = mem_zero(1, sizeof(*t));
		t->engine = engine;
		if (!attempt_init(&t->attempt, &engine->setup, &t->entry))
			mem_out();
	}
	t->entry = (struct lane_entry){.easy = t->attempt.easy};
	t->user = (struct origin_user){0};
	t->is_in_sink = t->is_closing = false;
	return t;
}

struct job *engine_fetch(struct engine *engine, struct result *result)
{
	struct transfer *t = transfer_take(engine);

	assert(result->request.origin.len);
	t->result = result;
	job_start(&t->job, engine->loop, &transfer_kind);
	origin_enter(&engine->origins, &t->user, &result->request.origin);
	if (origin_may_connect(&engine->origins, &t->user, loop_now_us(engine->loop)))
		transfer_connect(t);
	return &t->job;
}

uint64_t engine_received_bytes(const struct engine *engine)
{
	return atomic_load(&engine->received_bytes);
}

void engine_get_progress(const struct job *fetch, struct fetch_progress *ret_progress)
{
	const struct transfer *t = (const struct transfer *)fetch;

	*ret_progress = (struct fetch_progress){.phase = "queued"};
	if (!t->entry.lane)
		return;
	ret_progress->phase = attempt_phase(&t->attempt);
	ret_progress->age_us = loop_now_us(t->engine->loop) - t->started_us;
	ret_progress->bytes = t->attempt.body_bytes;
}

/* ---- the engine ---- */

/* Large bodies want large buffers; ten thousand connections want small ones. */
static long buffer_size(uint64_t expected)
{
	if (expected <= 128)
		return 64 * 1024;
	return expected <= 1024 ? 32 * 1024 : 8 * 1024;
}

struct engine *engine_new(struct loop *loop, struct session *session, uint64_t fetches,
                          uint64_t descriptors)
{
	struct engine *engine = mem_zero(1, sizeof(*engine));

	engine->loop = loop;
	engine->budget = budget_divide(fetches, descriptors);
	origins_init(&engine->origins, engine->budget.lookups, engine->budget.given_up);
	engine->connect_ready.fn = on_connect_ready;
	engine->setup = (struct attempt_setup){
		.share = session_share(session),
		.cookies = session_cookies(session),
		.guard = session_guard(session),
		.buffer_bytes = buffer_size(fetches),
		.received_bytes = &engine->received_bytes,
		.kept = session_kept(session),
		.kept_open = &engine->kept_open,
		.goaways = &engine->goaways,
		.connects = on_connects,
		.opens = on_opens,
	};
	return engine;
}

uint64_t engine_descriptors(uint64_t fetches)
{
	return budget_least(fetches);
}

void engine_free(struct engine *engine)
{
	struct transfer *t;

	if (!engine)
		return;
	offload_pool_free(engine->writers);
	while ((t = engine->free_transfers)) {
		engine->free_transfers = t->next_free;
		attempt_release(&t->attempt);
		free(t);
	}
	for (size_t i = 0; i < engine->lane_count; i++)
		lane_free(engine->lanes[i]);
	free(engine->lanes);
	origins_release(&engine->origins);
	loop_unpost(engine->loop, &engine->connect_ready);
	free(engine);
}
