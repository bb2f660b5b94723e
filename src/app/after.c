#include "app/after.h"

#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "app/config.h"
#include "app/fetch.h"
#include "app/message.h"
#include "app/ticker.h"
#include "async/job.h"
#include "async/loop.h"
#include "async/offload.h"
#include "base/json_read.h"
#include "base/mem.h"
#include "transfer/result.h"

/* A body that takes a thread as long to wake as to read. */
enum { LARGE_BYTES = 16 * 1024 };

/* A response that is looked at. */
struct look {
	struct after *after;
	struct fetch *fetch;
	struct ticker *ticker;
	bool is_asked, leads_on, leads_on_in_json;
	bool is_large, is_read;
	struct cJSON *json; /* NULL: not needed, or not to be had */
	struct error error; /* why it is not */
	struct findings found;
	struct look *prev, *next;
	struct post go_on; /* with the next slice */
	struct job *job;   /* while it is on the thread */
	struct job_waiter waiter;
	atomic_bool is_stopped;
};

void after_open(struct after *after, struct loop *loop, const struct config *config,
                after_done_fn *done, void *arg)
{
	*after = (struct after){
		.config = config,
		.deriver = deriver_new(&config->derive),
		.loop = loop,
		.pool = offload_pool_new(loop, 1),
		.done = done,
		.arg = arg,
	};
}

void after_close(struct after *after)
{
	offload_pool_free(after->pool);
	deriver_free(after->deriver);
}

/* ---- the steps of a look ---- */

/* Work of the thread: the result is nobody else's meanwhile. */
static int read_body(void *arg)
{
	struct look *look = arg;
	const struct extract_list *extracts = &look->after->config->extracts;
	struct result *result = &look->fetch->result;
	enum err failed = json_read_until(&look->is_stopped, result->body.data, result->body.len,
	                                  &look->json, &look->error);

	if (failed == ERR_LIMIT && result_is_ok(result)) {
		result_fail(result, FAILURE_TOO_LARGE, "");
		buf_printf(&result->message, "the JSON is too large: %s", look->error.text);
	}
	if (look->is_asked && failed != ERR_CANCELED)
		extract_put(&result->extract, extracts, look->json);
	if (look->leads_on_in_json && look->json)
		deriver_find(look->after->deriver, result, look->json, &look->found);
	return 0;
}

/* Work of the thread, since a million values take their time. */
static int free_json(void *arg)
{
	struct look *look = arg;

	json_free(look->json);
	return 0;
}

/* True when there is more to be taken. */
static bool take_slice(struct look *look)
{
	struct deriver *deriver = look->after->deriver;
	struct result *result = &look->fetch->result;
	bool has_more;

	if (!look->leads_on || !result_is_ok(result))
		return false;
	if (look->leads_on_in_json && !look->json)
		deriver_take_unreadable(deriver, result, look->error.text);
	has_more = deriver_take(deriver, result, &look->found);
	ticker_print_lines(look->ticker, deriver_notices(deriver));
	return has_more;
}

static void start_reading(struct after *after);

static void look_free(struct look *look)
{
	findings_release(&look->found);
	free(look);
}

static void on_freed(struct job *job, enum err result, void *arg)
{
	struct look *look = arg;
	struct after *after = look->after;

	(void)job;
	if (result)
		free_json(look);
	look_free(look);
	after->is_reading = false;
	start_reading(after);
}

static void look_release(struct look *look)
{
	if (look->is_large) {
		look->job = offload(look->after->pool, free_json, look);
		job_watch(look->job, &look->waiter, on_freed, look);
	} else {
		json_free(look->json);
		look_free(look);
	}
}

/* Its result has all that it is to have. */
static void end(struct look *look)
{
	struct result *result = &look->fetch->result;

	if (look->is_asked && !look->json && result_is_ok(result))
		derive_warn(result, "nothing extracted: %s", look->error.text);
	look_release(look);
}

/* ---- looks that take longer ---- */

/* It is not waiting any more, and not on the thread. */
static void give_back(struct look *look)
{
	struct after *after = look->after;
	struct fetch *fetch = look->fetch;

	DL_DELETE(after->active, look);
	loop_unpost(after->loop, &look->go_on);
	if (after->stopped_as)
		fetch_cancel(fetch, after->stopped_as);
	end(look);
	after->done(fetch, after->arg);
}

static void on_go_on(struct post *post)
{
	struct look *look = (struct look *)((char *)post - offsetof(struct look, go_on));

	if (take_slice(look))
		loop_post(look->after->loop, post);
	else
		give_back(look);
}

static void on_read(struct job *job, enum err result, void *arg)
{
	struct look *look = arg;

	(void)job;
	look->job = NULL;
	if (result == ERR_SYSTEM) /* there is no thread to be had */
		read_body(look);
	if (look->after->stopped_as)
		give_back(look);
	else
		on_go_on(&look->go_on);
}

static void start_reading(struct after *after)
{
	struct look *look = after->waiting;

	if (!look || after->is_reading)
		return;
	after->is_reading = true;
	DL_DELETE(after->waiting, look);
	DL_APPEND(after->active, look);
	look->job = offload(after->pool, read_body, look);
	job_watch(look->job, &look->waiter, on_read, look);
}

static struct look *look_new(struct after *after, struct fetch *fetch, struct ticker *ticker)
{
	const struct extract_list *extracts = &after->config->extracts;
	struct result *result = &fetch->result;
	bool is_whole = result_is_ok(result) || result->failure == FAILURE_HTTP;
	struct look *look = mem_zero(1, sizeof(*look));

	look->after = after;
	look->fetch = fetch;
	look->ticker = ticker;
	look->go_on.fn = on_go_on;
	look->is_asked = extracts->count && (is_whole || result->http_code);
	look->leads_on = after->deriver && result_is_ok(result);
	look->leads_on_in_json = look->leads_on && deriver_needs_json(after->deriver, result);
	look->is_read = (look->is_asked && is_whole) || look->leads_on_in_json;
	look->is_large = look->is_read && result->body.len > LARGE_BYTES;
	return look;
}

bool after_take(struct after *after, struct fetch *fetch, struct ticker *ticker)
{
	struct look *look;

	if (!after->deriver && !after->config->extracts.count)
		return true;
	look = look_new(after, fetch, ticker);
	if (look->is_large && after->stopped_as) {
		fetch_cancel(fetch, after->stopped_as);
		look_free(look);
		return true;
	}
	if (look->is_large) {
		DL_APPEND(after->waiting, look);
		start_reading(after);
		return false;
	}
	if (look->is_read)
		read_body(look);
	else if (look->is_asked)
		extract_put(&fetch->result.extract, &after->config->extracts, NULL);
	if (take_slice(look) && !after->stopped_as) {
		DL_APPEND(after->active, look);
		loop_post(after->loop, &look->go_on);
		return false;
	}
	end(look);
	return true;
}

void after_stop(struct after *after, enum failure failure)
{
	struct look *look, *next;

	after->stopped_as = failure;
	while ((look = after->waiting)) {
		struct fetch *fetch = look->fetch;

		DL_DELETE(after->waiting, look);
		fetch_cancel(fetch, failure);
		look_free(look);
		after->done(fetch, after->arg);
	}
	DL_FOREACH_SAFE (after->active, look, next) {
		if (look->job)
			atomic_store(&look->is_stopped, true); /* it comes back soon */
		else
			give_back(look);
	}
}
