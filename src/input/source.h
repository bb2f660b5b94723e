/*
 * Where requests come from: URLs and list files, in the order given, one at a time. The run pulls;
 * nothing is read before it is asked for, and a list is never held in memory.
 *
 * A list: a URL a line, or a job line (input/job_line.h), which begins with '{'; blank lines and
 * lines that begin with '#' are passed over; LF or CRLF; a byte order mark is passed over; spaces
 * and tabs around a URL are not part of it.
 *
 * With templates each line of a list, or record of a CSV list, is a row that fills them, and so is
 * each argument (input/row.h). No globs are expanded then.
 */
#ifndef INPUT_SOURCE_H
#define INPUT_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct fetch_options;
struct job;
struct loop;
struct request;
struct row_templates;
struct source;

/* A URL on the command line or the name of a list ("-" is standard input). */
struct source_item {
	bool is_list;
	const char *text;
};

struct source_options {
	const struct source_item *items; /* borrowed, as is all of this, as long as the source */
	size_t count;
	/* Of each item: a file to read in the list's stead, from its beginning; NULL: none. */
	const int *copies;
	bool globs_urls, globs_lists;
	bool is_urls_only;                     /* a job line is a problem */
	const struct row_templates *templates; /* NULL: what is named is a URL */
	bool is_csv;                           /* lists are CSV; with templates only */
	bool is_unique;                        /* drop what has been named before */
	uint64_t shard, shards; /* keep share shard (from 1) of shards; 0 of 0: all */
	const char *scheme;     /* written before URLs that have none; NULL: they stay without */
	const struct fetch_options *request; /* how to fetch them */
};

struct source *source_new(struct loop *loop, const struct source_options *options);

/* No source_wait() is alive. NULL is fine. */
void source_free(struct source *source);

/*
 * Fills in the next request, which is initialised or recycled.
 *   ERR_NONE   it is in *ret_request. Input that cannot be used comes as a request with a problem:
 *              a bad line, a bad glob, and also a list that cannot be opened or read
 *   ERR_AGAIN  nothing has arrived, or much was passed over: source_wait(), then ask again
 *   ERR_EOF    no more
 */
MUST_USE enum err source_next(struct source *source, struct request *ret_request);

/* A job that finishes when it is worth asking again. After ERR_AGAIN only; one at a time. */
struct job *source_wait(struct source *source);

#endif
