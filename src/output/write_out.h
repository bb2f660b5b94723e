/*
 * curl's --write-out (curl(1), -w): a format that is read once and filled in for every result.
 *
 *   %{NAME}          a field of the table (output/fields.h) by its name, in either case;
 *                    response_code, urlnum and header_json are http_code, index and headers
 *   %{json}          the object that --jsonl writes
 *   %header{NAME}    the first value of a header of the last answer
 *   %{onerror}       what follows is for failures only
 *   %{stdout} %{stderr} %output{FILE} %output{>>FILE}
 *                    where what follows goes; >> appends
 *   %% \n \r \t      a percent sign, line feed, carriage return, tab
 *
 * Any other character after % or \ is itself, with that before it.
 */
#ifndef OUTPUT_WRITE_OUT_H
#define OUTPUT_WRITE_OUT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

struct buf;
struct fetch_options;
struct field_list;
struct result;
struct write_out;

/* Where text goes. The first target of every format is standard output. */
enum write_out_place { PLACE_STDOUT, PLACE_STDERR, PLACE_FILE, PLACE_FILE_END };

struct write_out_target {
	enum write_out_place place;
	char *name; /* of the file; else for messages. Owned by the format */
};

/*
 * Copies what it needs of format. NULL with words that name what is unknown, and its place in the
 * format, counted from 1.
 */
struct write_out *write_out_parse(const char *format, struct error *e);
void write_out_free(struct write_out *w); /* NULL is fine */

/* Lets the options keep what the format shows. */
void write_out_keep(const struct write_out *w, struct fetch_options *options);

/* Its fields "extract.NAME". */
const struct field_list *write_out_extracts(const struct write_out *w);

/* Target i: each is there once, in the order of the format. NULL past the last. */
const struct write_out_target *write_out_target_at(const struct write_out *w, size_t i);

/* What a target is for write_out_put(): the bytes are put behind what is there. */
struct write_out_sink {
	struct buf *out;  /* no ceiling; several targets may have the same one */
	bool is_terminal; /* values are stripped of what would steer it */
};

/* Puts a result into the sinks, one for each target. fields: the members of %{json}. */
void write_out_put(const struct write_out *w, const struct field_list *fields,
                   const struct write_out_sink *sinks, const struct result *result);

#endif
