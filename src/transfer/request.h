/*
 * What is to be fetched. Plain data: filled in by input/, read by all that follow.
 */
#ifndef TRANSFER_REQUEST_H
#define TRANSFER_REQUEST_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/hash.h"

struct fetch_options;

struct request {
	uint64_t index;    /* place in the input of this run, from 0 */
	struct buf url;    /* of the input, globs expanded, with a scheme; empty: there is none */
	struct buf origin; /* of url: see request_find_origin() */

	/* What its globs stand for, from the left: texts with a NUL behind each. Empty: no globs.
	 */
	struct buf globs;

	/* Where it stands. file is borrowed for the run, NULL for the command line; line from 1. */
	const char *file;
	uint64_t line;

	/* How to fetch it: shared by many, outlives the request; or own. */
	const struct fetch_options *options;
	struct fetch_options *own; /* of this request alone, and owned by it; NULL: none */

	/* What a job line says besides. The first two are JSON as it was written; empty: none. */
	struct buf id, meta;
	struct buf output; /* the name of its file; empty: the run's template */
	bool has_retries;  /* instead of the run's */
	uint64_t retries;

	/* For one that comes from an answer: to which request, and how many steps from the input.
	 */
	bool is_derived;
	uint64_t parent;
	uint64_t depth;
	uint64_t page;    /* so many pages of its chain come before it */
	bool has_no_next; /* the page behind it is asked for by somebody else */

	/* Not empty: the input cannot be used, and why. It is not fetched; its result says so. */
	struct buf problem;

	int64_t accepted_us; /* monotonic: when the run took it from the input */
};

void request_init(struct request *request);
void request_release(struct request *request);

/*
 * The same for requests that ask for the same: method, URL, headers and body, whatever the
 * credentials are (see transfer/fingerprint.h), so that it survives a new token. In every version.
 */
struct hash request_fingerprint(const struct request *request);

/* The same for requests that ask for the same with the same credentials. */
struct hash request_identity(const struct request *request);

/*
 * Computes the origin, once, for all that need to know which server a request goes to: when it is
 * admitted. url is one that has a scheme.
 */
void request_find_origin(struct request *request);

/* Empty again; keeps small memory for the next use. */
void request_recycle(struct request *request);

/* Whether a request with this method may be sent twice for one (RFC 9110, 9.2.2). */
bool method_is_idempotent(const char *method);

#endif
