#include "transfer/engine.h"

#include <stddef.h>
#include <stdlib.h>
#include <utlist.h>

#include "async/job.h"
#include "base/mem.h"
#include "transfer/attempt.h"
#include "transfer/lane.h"
#include "transfer/result.h"
#include "transfer/session.h"

struct transfer {
	struct job job; /* first: a job is its transfer */
	struct lane_entry entry;
	struct attempt attempt;
	struct engine *engine;
	struct transfer *next_free;
};

struct engine {
	struct loop *loop;
	struct session *session;
	struct lane **lanes;
	size_t lane_count;
	struct transfer *free_transfers;
};

static void transfer_end(struct transfer *t, CURLcode code)
{
	attempt_harvest(&t->attempt, code);
	job_finish(&t->job, t->attempt.result->failure ? ERR_FAILED : ERR_NONE);
}

static void on_lane_done(struct lane_entry *entry, CURLcode code)
{
	transfer_end((struct transfer *)((char *)entry - offsetof(struct transfer, entry)), code);
}

static void transfer_cancel(struct job *job)
{
	struct transfer *t = (struct transfer *)job;

	lane_remove(&t->entry);
	attempt_harvest(&t->attempt, CURLE_OK);
	result_fail(t->attempt.result, FAILURE_CANCELED, "canceled");
	job_finish(job, ERR_CANCELED);
}

/* Back to the pool: the next fetch finds the handle set up. */
static void transfer_free(struct job *job)
{
	struct transfer *t = (struct transfer *)job;

	t->next_free = t->engine->free_transfers;
	t->engine->free_transfers = t;
}

static const struct job_kind transfer_kind = {"transfer", transfer_cancel, transfer_free};

static struct transfer *transfer_take(struct engine *engine)
{
	struct transfer *t = engine->free_transfers;

	if (t) {
		engine->free_transfers = t->next_free;
	} else {
		t = mem_zero(1, sizeof(*t));
		t->engine = engine;
		if (!attempt_init(&t->attempt))
			abort();
	}
	t->entry = (struct lane_entry){.easy = t->attempt.easy};
	return t;
}

/* The first lane with room: few transfers share one lane and its connections. */
static struct lane *choose_lane(struct engine *engine)
{
	for (size_t i = 0; i < engine->lane_count; i++) {
		if (lane_load(engine->lanes[i]) < LANE_LIMIT)
			return engine->lanes[i];
	}
	engine->lanes = mem_resize(engine->lanes, engine->lane_count + 1, sizeof(struct lane *));
	engine->lanes[engine->lane_count] = lane_new(engine->loop, on_lane_done);
	return engine->lanes[engine->lane_count++];
}

struct engine *engine_new(struct loop *loop, struct session *session)
{
	struct engine *engine = mem_zero(1, sizeof(*engine));

	engine->loop = loop;
	engine->session = session;
	return engine;
}

void engine_free(struct engine *engine)
{
	struct transfer *t;

	if (!engine)
		return;
	while ((t = engine->free_transfers)) {
		engine->free_transfers = t->next_free;
		attempt_release(&t->attempt);
		free(t);
	}
	for (size_t i = 0; i < engine->lane_count; i++)
		lane_free(engine->lanes[i]);
	free(engine->lanes);
	free(engine);
}

struct job *engine_fetch(struct engine *engine, struct result *result)
{
	struct transfer *t = transfer_take(engine);
	CURLcode code;

	job_start(&t->job, engine->loop, &transfer_kind);
	result->attempts++;
	code = attempt_prepare(&t->attempt, result, session_share(engine->session), &t->entry);
	if (!code)
		code = lane_add(choose_lane(engine), &t->entry);
	if (code)
		transfer_end(t, code);
	return &t->job;
}
