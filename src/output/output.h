/*
 * Where results go: each is counted and written exactly once, as it comes or in input order.
 */
#ifndef OUTPUT_OUTPUT_H
#define OUTPUT_OUTPUT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "output/fields.h"

struct format;
struct host_table;
struct outlets;
struct output;
struct result;
struct stats;
struct stream;
struct waterfall;
struct write_out;

struct output_options {
	const struct format *format;
	const struct write_out *write_out; /* of format_write_out */
	struct field_list fields;
	bool is_ordered, has_color;
	bool is_terminal;    /* what results are written to */
	bool has_safe_cells; /* of CSV: none is a formula */
	uint64_t window;     /* in order: how far ahead of the one waited for others may begin */

	struct field_list log_fields; /* of the log, which has JSON lines as results come */

	const char *report;       /* the file of the page about the run; NULL: none */
	const char *title;        /* of that page; NULL: none */
	const char *command;      /* for that page: the command line, with its secrets masked */
	uint64_t host_stats;      /* how many hosts the summary shows, each way; 0: none */
	struct host_table *hosts; /* that counts hosts over several runs; NULL: each run does */
};

/* Called when the output needs a result no longer. */
typedef void output_done_fn(struct result *result, void *arg);

/*
 * options, stream and log are borrowed for the life of the output; log may be NULL. Writes what
 * comes before results.
 */
struct output *output_new(const struct output_options *options, struct stream *stream,
                          struct stream *log, output_done_fn *done, void *arg);

/* What format_write_out writes to, in place of the stream alone. Borrowed; before any result. */
void output_set_outlets(struct output *output, struct outlets *outlets);

/* Is given every result, too. Borrowed; before any result. */
void output_set_waterfall(struct output *output, struct waterfall *waterfall);

/* No result is held: output_end() was called. NULL is fine. */
void output_free(struct output *output);

/*
 * Takes the result and gives it back through done, perhaps later: when it has to wait for those
 * before it.
 */
void output_add(struct output *output, struct result *result);

/*
 * Whether results are held that wait for no other one: a slice of the turn (async/slice.h) was not
 * enough for them. output_go_on() writes another slice of them, on a later turn.
 */
bool output_is_behind(struct output *output);
void output_go_on(struct output *output);

/* Request index was done in an earlier run: it is counted, and nobody waits for it. */
void output_skip(struct output *output, uint64_t index);

/*
 * Whether request index may begin. In order it may not while it is too far ahead of one that the
 * others wait for, or what waits is too large: this is what bounds the memory. Then ask again after
 * an output_add().
 */
bool output_has_room(const struct output *output, uint64_t index);

/* All results have come. Writes what is held, and what comes behind results. */
void output_end(struct output *output, int64_t wall_us);

/* Writes the report, if there is to be one. After output_end(). ERR_SYSTEM names the file. */
MUST_USE enum err output_write_report(const struct output *output, struct error *e);

const struct stats *output_stats(const struct output *output);

#endif
