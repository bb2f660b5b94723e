/*
 * The transfer engine: fetches requests on one loop, spread over lanes, with easy handles that are
 * used again. How many run at once is for the caller to decide.
 */
#ifndef TRANSFER_ENGINE_H
#define TRANSFER_ENGINE_H

#include <stdint.h>

#include "base/err.h"

struct engine;
struct job;
struct loop;
struct result;
struct session;

/*
 * loop and session are borrowed and outlive the engine. fetches: how many will run at once, at
 * least 1, from which the size of their buffers follows. descriptors: how many it may have open at
 * once, connections that it keeps for later fetches too; see engine_descriptors().
 */
struct engine *engine_new(struct loop *loop, struct session *session, uint64_t fetches,
                          uint64_t descriptors);

/* As many descriptors an engine needs at least for so many fetches at once, without their sinks. */
uint64_t engine_descriptors(uint64_t fetches);

/* No fetch is alive. Closes the connections. NULL is fine. */
void engine_free(struct engine *engine);

/*
 * Makes one attempt, as soon as the name of the origin is known or may be asked for, at
 * result->request, whose options are sealed, and fills in the outcome; result->attempts is counted
 * up. result is borrowed until done. The job ends with ERR_NONE when an accepted answer came whole,
 * with ERR_FAILED when not (result->failure says why), and with ERR_CANCELED when it was cancelled:
 * the connection is then closed, and the outcome is FAILURE_CANCELED.
 */
struct job *engine_fetch(struct engine *engine, struct result *result);

/* How far a fetch that has not finished is. */
struct fetch_progress {
	const char *phase; /* queued, resolving, connecting, TLS, sending, waiting, receiving */
	int64_t age_us;    /* since its attempt began; 0 while it is queued */
	int64_t bytes;     /* of the body so far */
};

/* Of all bodies so far, whole or not: the sum of all size_download. From any thread. */
uint64_t engine_received_bytes(const struct engine *engine);

/* fetch is a job of engine_fetch(). From the engine's thread. */
void engine_get_progress(const struct job *fetch, struct fetch_progress *ret_progress);

#endif
