/*
 * Where the bodies of accepted answers go, besides the result: a vtable, so that the engine need
 * not know of files. A sink belongs to a result and is used by the engine that fetches it, on its
 * loop.
 *
 * For each attempt: begin, any number of puts, end; then the owner is told that it has ended. Only
 * then the sink is at rest.
 */
#ifndef TRANSFER_SINK_H
#define TRANSFER_SINK_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

struct offload_pool;
struct result;
struct sink;

/* Who uses a sink for an attempt. Both are called on the loop of the pool. */
struct sink_owner {
	/* After SINK_FULL: it can take more. Never from inside a call. */
	void (*ready)(struct sink_owner *owner);

	/* After end(), once: all is kept, or nothing is left. May be called from inside end(). */
	void (*ended)(struct sink_owner *owner);
};

enum sink_state {
	SINK_TOOK,   /* all of it */
	SINK_FULL,   /* nothing of it: put it again when ready */
	SINK_FAILED, /* nothing can be put any more */
};

struct sink_kind {
	/* An attempt begins. The pool, for what may block, and the owner are borrowed to its end.
	 */
	void (*begin)(struct sink *sink, struct offload_pool *pool, struct sink_owner *owner);

	/* Copies data. */
	enum sink_state (*put)(struct sink *sink, const char *data, size_t len);

	/*
	 * No more comes. What was put is thrown away unless is_kept. If it could not be kept the
	 * result, whose sink this is, has FAILURE_WRITE when it has ended; a failure that it has
	 * already stays.
	 */
	void (*end)(struct sink *sink, struct result *result, bool is_kept);
};

/* Embedded in what the kind makes of it. */
struct sink {
	const struct sink_kind *kind;
};

#endif
