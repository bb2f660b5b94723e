/*
 * How far a run is: what is told about it while it goes on, as a line for a terminal, as text and
 * as JSON. Counts and times in, text out: no terminal, no clock, no loop.
 */
#ifndef OUTPUT_PROGRESS_H
#define OUTPUT_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct buf;

enum progress_mode {
	PROGRESS_NONE,
	PROGRESS_LINE,  /* one line of a terminal, drawn again and again */
	PROGRESS_PLAIN, /* a line of text now and then */
	PROGRESS_JSON,  /* an object a line */
};

/* What is counted at a moment. */
struct progress_counts {
	uint64_t done, ok; /* results, and the good ones among them */
	uint64_t total;    /* requests that are known of; done and more */
	bool is_total;     /* there will be no more than these */
	uint64_t skipped;  /* done in an earlier run, and not among the others */
	uint64_t in_flight, waiting;
	uint64_t bytes; /* of bodies, also of those that are not whole */
};

/* Rates are those of the last seconds: of this long, where there are samples so old. */
enum { PROGRESS_SPAN_US = 5000000, PROGRESS_SAMPLES = 16 };

struct progress_sample {
	int64_t time_us;
	uint64_t done, bytes;
};

/* Read nothing. */
struct progress {
	struct progress_counts counts;
	int64_t started_us, now_us;
	struct progress_sample samples[PROGRESS_SAMPLES]; /* a ring */
	unsigned newest;
};

void progress_begin(struct progress *p, int64_t now_us);

/* How it stands now. Times never go back. */
void progress_note(struct progress *p, const struct progress_counts *counts, int64_t now_us);

/* How the line may look. */
struct progress_look {
	unsigned columns;        /* it has no more */
	bool has_color, is_utf8; /* else it is ASCII */
};

/*
 * The line, without a newline: done/total, a bar, requests and bytes a second, how many are in
 * flight, have failed and were skipped, and the time left; without what does not fit or is not
 * known. done/taken+ where more may come.
 */
void progress_put_line(struct buf *out, const struct progress *p, const struct progress_look *look);

/* The same in words, ASCII, with a newline. */
void progress_put_plain(struct buf *out, const struct progress *p);

/*
 * {"done", "total", "ok", "failed", "skipped", "in_flight", "waiting", "bytes", "rate",
 * "bytes_per_second", "elapsed", "eta"} and a newline. total and eta are null when not known.
 */
void progress_put_json(struct buf *out, const struct progress *p);

#endif
