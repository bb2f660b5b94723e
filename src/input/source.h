/*
 * Where requests come from: URLs and list files, in the order given, one at a time. The run pulls;
 * nothing is read before it is asked for, and a list is never held in memory.
 *
 * A list: a URL a line, or a job line (input/job_line.h), which begins with '{'; blank lines and
 * lines that begin with '#' are passed over; LF or CRLF; what cannot be seen around a URL is not
 * part of it (url_text_trim()).
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

struct buf;
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
	bool is_repeated; /* what there was to be told has been told */
	bool globs_urls, globs_lists;
	bool is_urls_only;                     /* a job line is a problem */
	const struct row_templates *templates; /* NULL: what is named is a URL */
	bool is_csv;                           /* lists are CSV; with templates only */
	char csv_delimiter;                    /* between their fields; 0: a comma */
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

/*
 * What the user is to know, as lines without "gather: ": a list without a URL. To be cleared when
 * they are written.
 */
struct buf *source_notices(struct source *source);

/* A job that finishes when it is worth asking again. After ERR_AGAIN only; one at a time. */
struct job *source_wait(struct source *source);

#endif
