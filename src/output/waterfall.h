/*
 * The requests of a run over time, for a terminal: a row for each with a bar that shows its phases,
 * above an axis of times and a legend.
 *
 *   200  103 ms  /wiki/1990  ..----====::::::::##
 *   404   51 ms  /wiki/none  ..----:::::#
 *                            |0      |50 ms  |100 ms
 *   . queue  - connect  = TLS  : wait  # receive
 */
#ifndef OUTPUT_WATERFALL_H
#define OUTPUT_WATERFALL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;
struct result;
struct waterfall;

struct waterfall_look {
	size_t columns;
	bool is_utf8; /* else it is ASCII */
	bool has_color;
};

/* At most so many rows, at least 1: of more requests it is a sample. The run begins now. */
struct waterfall *waterfall_new(size_t rows, int64_t now_us);

/* NULL is fine. */
void waterfall_free(struct waterfall *w);

void waterfall_add(struct waterfall *w, const struct result *result);

/* When all results were added. What could not be attempted has no row, but is counted. */
void waterfall_put(struct buf *out, struct waterfall *w, const struct waterfall_look *look);

#endif
