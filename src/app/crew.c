#include "app/crew.h"

#include <stdlib.h>

#include "app/config.h"
#include "app/fetch.h"
#include "app/machine.h"
#include "async/channel.h"
#include "base/mem.h"
#include "policy/scheduler.h"

enum {
	LEAST_FOR_SPARES = 4,
	MOST_SPARES = 64,
	FILE_DESCRIPTORS = 2, /* of a body that is being saved: a part and its directory */
};

static void on_result(struct channel_item *item, void *arg)
{
	struct crew *crew = arg;
	struct fetch *fetch = item->owner;

	channel_expect(crew->results, -1);
	worker_took_back(fetch->worker);
	crew->load--;
	crew->events->done(fetch, crew->arg);
}

static void on_results_end(void *arg)
{
	struct crew *crew = arg;

	crew->events->done_all(crew->arg);
}

static void on_report(struct channel_item *item, void *arg)
{
	const struct worker_report *report = item->owner;
	struct crew *crew = arg;

	crew->reports_awaited--;
	crew->events->report(&report->text, crew->arg);
}

/*
 * How many requests may wait in the workers for slots: enough to bridge the way to the front and
 * back. Not where it counts when exactly each begins; and not with several workers, of which one
 * could take the slots that belong to the connections of another.
 */
static uint64_t count_spares(const struct scheduler_options *schedule, uint64_t concurrency,
                             uint64_t threads)
{
	uint64_t spares = concurrency / 2;

	if (threads > 1 || schedule->per_host || schedule->rate.count ||
	    schedule->host_rate.count || concurrency < LEAST_FOR_SPARES)
		return 0;
	return spares < MOST_SPARES ? spares : MOST_SPARES;
}

enum err crew_open(struct crew *crew, struct loop *loop, struct session *session,
                   const struct config *config, uint64_t others, const struct crew_events *events,
                   void *arg, struct error *e)
{
	const struct scheduler_options *schedule = &config->schedule;
	struct machine_share share = {
		.concurrency = schedule->concurrency,
		.threads = config->threads ? config->threads
	                                   : machine_choose_threads(schedule->concurrency),
		.keeps_hosts = schedule->per_host || schedule->host_rate.count,
		.fetch_descriptors = config->file_name ? FILE_DESCRIPTORS : 0,
		.others = others,
	};

	machine_fit_descriptors(&share);
	*crew = (struct crew){
		.events = events,
		.arg = arg,
		.keeps_hosts = share.keeps_hosts,
		.results = channel_new(loop, on_result, on_results_end, crew),
		.reports = channel_new(loop, on_report, NULL, crew),
		.concurrency = share.concurrency,
		.room = share.concurrency +
	                count_spares(schedule, share.concurrency, share.threads),
		.workers = mem_zero(share.threads, sizeof(struct worker *)),
	};
	atomic_init(&crew->slots.free, (long)share.concurrency);
	for (; crew->count < share.threads; crew->count++) {
		struct worker *w = worker_new(crew->results, crew->reports, session, &crew->slots,
		                              config->backend, machine_thread_fetches(&share),
		                              share.engine_descriptors, e);
		if (!w)
			return ERR_SYSTEM;
		crew->workers[crew->count] = w;
	}
	return ERR_NONE;
}

void crew_close(struct crew *crew)
{
	while (crew->count)
		worker_free(crew->workers[--crew->count]);
	free(crew->workers);
	channel_free(crew->results);
	channel_free(crew->reports);
}

/*
 * The one with most room; connections to a host are in all of them. But a host that is to be
 * spared has its connections in one.
 */
static struct worker *choose_worker(const struct crew *crew, const struct fetch *fetch)
{
	struct worker *best = crew->workers[0];

	if (crew->keeps_hosts)
		return crew->workers[scheduler_host_number(&fetch->ticket) % crew->count];
	for (unsigned i = 1; i < crew->count; i++) {
		if (worker_load(crew->workers[i]) < worker_load(best))
			best = crew->workers[i];
	}
	return best;
}

void crew_submit(struct crew *crew, struct fetch *fetch)
{
	if (++crew->load > crew->most)
		crew->most = crew->load;
	channel_expect(crew->results, +1);
	worker_submit(choose_worker(crew, fetch), fetch);
}

void crew_flush(struct crew *crew)
{
	for (unsigned i = 0; i < crew->count; i++) {
		worker_flush(crew->workers[i]);
		worker_use_slots(crew->workers[i]);
	}
}

void crew_recall(struct crew *crew)
{
	for (unsigned i = 0; i < crew->count; i++)
		worker_recall(crew->workers[i]);
}

void crew_cancel(struct crew *crew, enum failure failure)
{
	for (unsigned i = 0; i < crew->count; i++)
		worker_cancel(crew->workers[i], failure);
}

uint64_t crew_in_flight(const struct crew *crew)
{
	return crew->concurrency - (uint64_t)atomic_load(&crew->slots.free);
}

uint64_t crew_most_in_flight(const struct crew *crew)
{
	return crew->most < crew->concurrency ? crew->most : crew->concurrency;
}

uint64_t crew_received_bytes(const struct crew *crew)
{
	uint64_t bytes = 0;

	for (unsigned i = 0; i < crew->count; i++)
		bytes += worker_received_bytes(crew->workers[i]);
	return bytes;
}

bool crew_ask(struct crew *crew)
{
	if (crew->reports_awaited)
		return false;
	for (; crew->reports_awaited < crew->count; crew->reports_awaited++)
		worker_ask_report(crew->workers[crew->reports_awaited]);
	return true;
}
