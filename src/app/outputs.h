/*
 * All that a run writes: results to standard output and where --write-out says, the log, files, the
 * report, the waterfall; and what the log and the files say about earlier runs. Within app/ only,
 * but for outputs_fixed_path().
 */
#ifndef APP_OUTPUTS_H
#define APP_OUTPUTS_H

#include <stdbool.h>

#include "async/stream.h"
#include "base/buf.h"
#include "base/err.h"
#include "output/output.h"
#include "policy/resume.h"

struct config;
struct loop;
struct request;

/* {0} is closed. Read nothing but output, which takes results. */
struct outputs {
	const struct config *config;
	struct output *output;
	struct stream *stream, *log; /* log: NULL is none */
	struct outlets *outlets;     /* NULL: none */
	struct resume *resume;       /* NULL: none */
	int64_t log_seen_us;         /* when the log was last seen to be there */
	struct store *store;         /* NULL: no files, so far */
	struct waterfall *waterfall; /* NULL: none */
	struct buf file_name;        /* of the request that is being asked about */
};

/* Each is called with the arg of outputs_open(). */
struct outputs_events {
	output_done_fn *done;     /* see output_new() */
	stream_failed_fn *failed; /* see stream_new() */
	resume_stop_fn *stop;     /* see resume_open(); nothing may be written after it said so */
};

/*
 * Opens what config says, which is borrowed like loop and events. Prints warnings. ERR_SYSTEM with
 * words; it is to be closed then too.
 */
MUST_USE enum err outputs_open(struct outputs *outputs, const struct config *config,
                               struct loop *loop, const struct outputs_events *events, void *arg,
                               struct error *e);
void outputs_close(struct outputs *outputs);

/*
 * The path that -o names for all bodies, where its template has no variables; the caller frees it.
 * NULL: each has a name of its own, or there are no files.
 */
char *outputs_fixed_path(const struct config *config);

/* Opens the folder for files if the request is the first to have one. False with words. */
bool outputs_open_folder(struct outputs *outputs, const struct request *request, struct error *e);

/*
 * Whether the result's request was done before, as the log shows or since its file is there. Gives
 * the result its file if not. Either way it has its name then, so that those behind it get theirs:
 * to be asked once for each, in the order of the input.
 */
bool outputs_is_done_before(struct outputs *outputs, struct result *result);

/* Stream i of those that results are written to; NULL past the last. */
struct stream *outputs_stream(const struct outputs *outputs, size_t i);

/* The folder for files when its disk is full; else NULL. */
const char *outputs_full_folder(const struct outputs *outputs);

/*
 * Whether the file of --resume was deleted, which is looked at once a second. outputs_flush() says
 * so.
 */
bool outputs_has_lost_log(struct outputs *outputs, int64_t now_us);

/* All is written, or cannot be: then it says so on standard error and returns false. */
bool outputs_flush(struct outputs *outputs);

/* The waterfall and the summary, if there are to be any, to standard error. After output_end(). */
void outputs_print_end(const struct outputs *outputs);

#endif
