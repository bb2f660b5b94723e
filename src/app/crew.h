/*
 * The network threads of a run, and the slots that they share. Fetches go in and come back with
 * their results. All calls are the front's. Within app/ only.
 */
#ifndef APP_CREW_H
#define APP_CREW_H

#include <stdbool.h>
#include <stdint.h>

#include "app/worker.h"
#include "base/err.h"
#include "transfer/result.h"

struct buf;
struct config;
struct fetch;
struct loop;
struct session;

/* Each is called with the arg of crew_open(). */
struct crew_events {
	/* Its attempt is over, or it comes back as it was: see fetch->is_unstarted. */
	void (*done)(struct fetch *fetch, void *arg);
	/* As many as had come were done. */
	void (*done_all)(void *arg);
	/* Lines about what one of the threads has in flight, after crew_ask(). */
	void (*report)(const struct buf *text, void *arg);
};

/* {0} is closed. Read nothing but room. */
struct crew {
	const struct crew_events *events;
	void *arg;
	struct worker **workers;
	unsigned count;
	unsigned reports_awaited;
	bool keeps_hosts; /* each host has its connections in one worker */
	struct slots slots;
	struct channel *results, *reports;
	uint64_t concurrency; /* -c, or what the machine lets a run have */
	uint64_t room;        /* as many fetches may be here at once: some may wait for slots */
	uint64_t load, most;  /* how many are here, and were */
};

/*
 * Starts the threads. loop is the front's; config, session and events outlive the crew. others: as
 * many descriptors the run may need elsewhere. To be closed, also when it fails.
 */
MUST_USE enum err crew_open(struct crew *crew, struct loop *loop, struct session *session,
                            const struct config *config, uint64_t others,
                            const struct crew_events *events, void *arg, struct error *e);

/* Every fetch has come back. Ends and joins the threads. */
void crew_close(struct crew *crew);

/* There is room for it. Its ticket runs. */
void crew_submit(struct crew *crew, struct fetch *fetch);

/* Sends what was submitted, and fills the slots that are free. */
void crew_flush(struct crew *crew);

/* What waits for slots comes back as it is. */
void crew_recall(struct crew *crew);

/* All that it has, and all that comes, ends at once with this failure. Once. */
void crew_cancel(struct crew *crew, enum failure failure);

/* Attempts that are under way. */
uint64_t crew_in_flight(const struct crew *crew);

/* The most that were at once. */
uint64_t crew_most_in_flight(const struct crew *crew);

/* Of all bodies, also of those that are not whole. */
uint64_t crew_received_bytes(const struct crew *crew);

/* Asks each thread for its report. False when those that were asked for before have not all come.
 */
bool crew_ask(struct crew *crew);

#endif
