/*
 * A comparison for people: what it is of, a row for each level, a bar for the time of each, and
 * the notes.
 */
#ifndef OUTPUT_COMPARISON_TABLE_H
#define OUTPUT_COMPARISON_TABLE_H

#include <stdbool.h>
#include <stddef.h>

struct buf;
struct comparison;

struct table_look {
	size_t width; /* columns, SIZE_MAX in a file; where they are too few, the least figures go
	               */
	bool is_utf8; /* bars to an eighth of a column, or of # */
	bool has_color;
};

void comparison_put_table(struct buf *out, const struct comparison *c,
                          const struct table_look *look);

#endif
