/*
 * Where the bodies of accepted answers go, besides the result: a vtable, so that the engine need
 * not know of files. A sink belongs to a result and is used by the engine that fetches it, on its
 * loop.
 *
 * For each attempt: begin; when an accepted answer has a body, start and any number of puts; end.
 * Then the owner is told that it has ended. Only then the sink is at rest.
 */
#ifndef TRANSFER_SINK_H
#define TRANSFER_SINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct offload_pool;
struct result;
struct sink;

/* Who uses a sink for an attempt. Both are called on the loop of the pool. */
struct sink_owner {
	/* After SINK_FULL: it can take more. Never from inside a call. */
	void (*ready)(struct sink_owner *owner);

	/* After end(), once. May be called from inside end(). */
	void (*ended)(struct sink_owner *owner);
};

enum sink_state {
	SINK_TOOK,   /* all of it */
	SINK_FULL,   /* all of it, but is to have no more before it is ready */
	SINK_FAILED, /* nothing can be put any more */
};

/* A body that is about to come. The texts are borrowed for the call, and may be NULL. */
struct sink_body {
	int64_t from;            /* its first byte that comes: 0, or what the sink asks for */
	const char *validator;   /* names it for If-Range, when it may be continued */
	const char *disposition; /* Content-Disposition as it stands, when that is asked for */
};

/* What becomes of what was put. */
enum sink_end {
	SINK_KEEP,    /* the body is whole */
	SINK_BREAK,   /* it broke off: to be thrown away, unless it can be continued */
	SINK_DISCARD, /* there is none, or it is nothing to continue */
};

struct sink_kind {
	/* An attempt begins. The pool, for what may block, and the owner are borrowed to its end.
	 */
	void (*begin)(struct sink *sink, struct offload_pool *pool, struct sink_owner *owner);

	void (*start)(struct sink *sink, const struct sink_body *body);

	/* Copies data. What is put although it is full is taken, too. */
	enum sink_state (*put)(struct sink *sink, const char *data, size_t len);

	/*
	 * No more comes. If a whole body could not be kept the result, whose sink this is, has
	 * FAILURE_WRITE when it has ended; a failure that it has already stays.
	 */
	void (*end)(struct sink *sink, struct result *result, enum sink_end end);
};

enum { SINK_VALIDATOR = 128 };

/* Embedded in what the kind makes of it. */
struct sink {
	const struct sink_kind *kind;

	/* What it has of a body that broke off. To be read at rest. */
	int64_t wanted_from;            /* the first byte that it wants of it; 0: has nothing */
	char validator[SINK_VALIDATOR]; /* of that body */
};

#endif
