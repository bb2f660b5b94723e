/*
 * Runs of one list at several levels of concurrency, side by side, and what to say of them; as JSON
 * and CSV here, for people in comparison_table.h and comparison_page.h. No clock: it is told what
 * came of each run.
 *
 * A level's time, rate and connections are the medians of its runs; its latency is that of all its
 * requests together. Levels without a run are left out.
 */
#ifndef OUTPUT_COMPARISON_H
#define OUTPUT_COMPARISON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "output/histogram.h"
#include "output/latency.h"
#include "output/stats.h"

struct buf;

struct comparison_run {
	int64_t turn; /* which it was of all runs, from 1 */
	int64_t wall_us;
	int64_t requests, failed, connections, most_in_flight;
	struct latency latency;
};

struct comparison_level {
	uint64_t concurrency; /* that it was to have */
	struct comparison_run *runs;
	size_t run_count;
	struct histogram latency;
};

struct comparison {
	struct comparison_level *levels;
	size_t level_count;
	uint64_t repeats;   /* the runs that each level was to have */
	const char *limits; /* the options that may keep a level below; NULL: none */
	int64_t turns;      /* runs so far */
	uint64_t http_versions[HTTP_VERSIONS]; /* of the responses of all runs */
};

/* concurrencies is copied, and rises; limits is borrowed. */
void comparison_init(struct comparison *c, const uint64_t *concurrencies, size_t level_count,
                     uint64_t repeats, const char *limits);
void comparison_release(struct comparison *c);

/* How many runs there are to be. */
uint64_t comparison_planned(const struct comparison *c);

/*
 * The level whose turn it is; -1 when all have had theirs. Each repetition begins with another
 * level, so that what drifts in the meantime favours none.
 */
int comparison_turn(const struct comparison *c);

/* What came of the run of that level. */
void comparison_add(struct comparison *c, const struct stats *stats, uint64_t most_in_flight);

/* What a level came to. It has a run. */
struct comparison_figures {
	int64_t wall_us, connections;
	int64_t requests, failed; /* of all runs */
	int64_t most_in_flight;   /* in any */
	double rate;              /* requests a second */
	double speed_up;          /* over the first level; NAN where that has no run */
	double efficiency; /* of the speed-up, by how many times more was in flight; 1 is ideal */
	struct latency latency;
};

struct comparison_figures comparison_figures(const struct comparison *c, size_t level);

/* Of a run; all have the same, or it is noted. */
int64_t comparison_requests(const struct comparison *c);

/* Requests failed, or the levels did not do the same, or nothing: no level is better than another.
 */
bool comparison_is_void(const struct comparison *c);

/*
 * What to know of the figures, a line each. Those that begin with "warning: " say that the levels
 * are not what they seem, or cannot be compared.
 */
void comparison_put_notes(struct buf *out, const struct comparison *c);

/* The manual, JSON AND CSV OF A COMPARISON, has the members. */
void comparison_put_json(struct buf *out, const struct comparison *c);
void comparison_put_csv(struct buf *out, const struct comparison *c);

#endif
