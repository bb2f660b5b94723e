/*
 * A network thread: its own loop and engine. The front hands it fetches, it hands them back with
 * their results. Within app/ only.
 *
 * An attempt runs only while it has one of the slots that all workers share, so that there are
 * never more at once than -c says. The front may hand out a few fetches more than there are slots:
 * a worker whose attempt ends then begins the next without a word with the front.
 */
#ifndef APP_WORKER_H
#define APP_WORKER_H

#include <stdatomic.h>
#include <stdbool.h>

#include "async/channel.h"
#include "base/buf.h"
#include "base/err.h"
#include "transfer/result.h"

struct fetch;
struct session;
struct worker;

struct slots {
	atomic_long free;
};

/*
 * Starts the thread. Finished fetches are sent to results, reports to reports; these, session and
 * slots outlive the worker.
 * fetches, descriptors: as many it may have at once (see engine_new()).
 * NULL with *e when there is no thread or no loop to be had.
 */
struct worker *worker_new(struct channel *results, struct channel *reports, struct session *session,
                          struct slots *slots, const char *backend, uint64_t fetches,
                          uint64_t descriptors, struct error *e);

/* Every fetch was handed back. Ends and joins the thread. NULL is fine. */
void worker_free(struct worker *worker);

/* From the front's thread, as are all of these. The fetch comes back through the channel. */
void worker_submit(struct worker *worker, struct fetch *fetch);

/* Sends what was submitted. */
void worker_flush(struct worker *worker);

/* How many it has that were not handed back. */
unsigned worker_load(const struct worker *worker);
void worker_took_back(struct worker *worker);

/* Where fetches wait for slots, and slots are free now: to be called when fetches have come back.
 */
void worker_use_slots(struct worker *worker);

/* Those that wait for slots come back as they are: see fetch->is_unstarted. */
void worker_recall(struct worker *worker);

/* Of all bodies that it has received, also of those that are not whole. */
uint64_t worker_received_bytes(const struct worker *worker);

/* A list of what a worker has in flight, for people. */
struct worker_report {
	struct channel_item item; /* owner: this */
	struct buf text;          /* a line for each fetch */
};

/*
 * Asks for the worker's report, which comes through the reports channel. Not again before it has
 * come.
 */
void worker_ask_report(struct worker *worker);

/* All that it has, and all that comes, ends at once with this failure. Once. */
void worker_cancel(struct worker *worker, enum failure failure);

#endif
