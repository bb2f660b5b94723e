/*
 * Records of comma-separated values (RFC 4180), as they arrive in pieces.
 *
 * Fields are separated by commas, or another character, records end in LF or CRLF. A field in
 * quotes may have commas, line ends, which stay as they are, and quotes, each doubled. Spaces are
 * part of a field. An empty line is a record without fields. A byte order mark before the first
 * record is passed over.
 */
#ifndef INPUT_CSV_H
#define INPUT_CSV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/* For csv.c: where a record is. */
enum csv_state {
	CSV_AT_START, /* of a field */
	CSV_PLAIN,    /* inside of one without quotes */
	CSV_QUOTED,   /* inside of quotes */
	CSV_CLOSING,  /* behind a quote in quotes: their end, or half of a doubled one */
	CSV_LOST,     /* behind something that cannot be; up to the end of the line */
};

/* Read the members freely. */
struct csv {
	struct buf text;     /* of the record, as it was written, without its end */
	size_t count;        /* of its fields */
	const char *problem; /* the record cannot be used, and why; NULL: it can */
	uint64_t first_line; /* where it begins, from 1 */

	/* Between fields: ',' but for who changes it after csv_init(). */
	char delimiter;

	/* For csv.c. */
	size_t mark; /* bytes of a byte order mark that have come; MARK_BYTES: it is decided */
	enum csv_state state;
	bool is_whole;
	bool has_return; /* a CR outside of quotes, which may be half a line end */
	uint64_t lines;  /* that have ended */
	struct buf values;
	size_t *starts, room; /* of each value in values, which ends with a NUL */
};

/* A longer record is passed over, and has a problem. */
enum { CSV_MAX_BYTES = 1024 * 1024 };

void csv_init(struct csv *csv);
void csv_release(struct csv *csv);

/*
 * Takes what it needs of data, and says how much that was. True when that ends a record, which
 * stays until the next call.
 */
bool csv_take(struct csv *csv, const char *data, size_t len, size_t *ret_taken);

/* There is no more. True when that ends a record: the last one may lack its line end. */
bool csv_end(struct csv *csv);

/* The value of field i, with a NUL behind it and none in it. Borrowed. */
const char *csv_value(const struct csv *csv, size_t i);
size_t csv_value_length(const struct csv *csv, size_t i);

#endif
