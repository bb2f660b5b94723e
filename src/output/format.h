/*
 * How results are written: one format for a run, each a beginning, a record per result and an end.
 */
#ifndef OUTPUT_FORMAT_H
#define OUTPUT_FORMAT_H

#include <stdbool.h>

struct buf;
struct field_list;
struct outlets;
struct result;
struct stats;

/* What a format needs to know; {0} but for fields. */
struct format_state {
	const struct field_list *fields;
	bool has_color;
	bool is_terminal;        /* what it is written to: it gets nothing that would steer it */
	bool has_safe_cells;     /* CSV: none of them is a formula */
	bool needs_comma;        /* JSON: an element stands before */
	struct outlets *outlets; /* write-out: it does without `out` */
};

struct format {
	const char *name;
	bool is_in_order; /* only makes sense in input order */
	void (*begin)(struct format_state *state, struct buf *out); /* NULL: nothing */
	void (*put)(struct format_state *state, struct buf *out, const struct result *result);
	void (*end)(struct format_state *state, struct buf *out, const struct stats *stats);
};

/*
 * text       STATUS  BYTES  SECONDS  URL  [CLASS: MESSAGE]  [warning: MESSAGE], a line each
 * jsonl      a JSON object a line
 * json       {"results": [...], "summary": {...}}
 * csv        RFC 4180
 * write-out  what a format of the user's says, to where it says (output/write_out.h)
 * cat        the bodies of those that succeeded
 * silent     nothing
 *
 * Text and JSON are safe for a terminal in any case. CSV, bodies, and what a command has written
 * (--exec), which text, cat and silent put behind, are only where there is one: elsewhere they are
 * what they are.
 */
extern const struct format format_text, format_jsonl, format_json, format_csv, format_write_out,
	format_cat, format_silent;

#endif
