/*
 * Shows on standard error how far a run is, in one of the ways of output/progress.h: asks for the
 * counts by the clock of the loop, and costs a request nothing. Within app/ only.
 *
 * The line and results may be on the same terminal. Then the line is erased before results are
 * written and drawn again when all are, and only where a line of output begins.
 */
#ifndef APP_TICKER_H
#define APP_TICKER_H

#include <stdbool.h>

#include "output/progress.h"

struct buf;
struct loop;
struct source_options;
struct stream;
struct ticker;

typedef void ticker_count_fn(struct progress_counts *ret_counts, void *arg);

struct ticker_options {
	enum progress_mode mode;
	bool has_color;
	const struct source_options *source; /* to look ahead in; NULL: that says nothing */
	ticker_count_fn *count;              /* called from the loop */
	void *arg;
};

/* Begins to count the time. NULL when the mode is PROGRESS_NONE, which is fine below. */
struct ticker *ticker_new(struct loop *loop, const struct ticker_options *options);

/*
 * The line makes room for what is written with stream, if that is on its terminal. No other stream
 * is there too. Until ticker_end().
 */
void ticker_yield_to(struct ticker *ticker, struct stream *stream);

/* The last word, and the line is gone for good. Its cancelled sleep is still to be run. */
void ticker_end(struct ticker *ticker);

/* After ticker_end(). */
void ticker_free(struct ticker *ticker);

/* Around what else is written to standard error: takes the line away, and brings it back. */
void ticker_hide(struct ticker *ticker);
void ticker_show(struct ticker *ticker);

/* message_print_lines(), with room made for what is printed. The ticker may be NULL. */
void ticker_print_lines(struct ticker *ticker, struct buf *text);

#endif
