/*
 * What a run was like, for a page to look at (--report): collected from the results as they come,
 * in bounded memory, and drawn by report_page.h with what stats.h has. Read the members freely.
 */
#ifndef OUTPUT_REPORT_H
#define OUTPUT_REPORT_H

#include <stddef.h>
#include <stdint.h>

#include "output/failure_groups.h"
#include "output/samples.h"
#include "output/series.h"
#include "transfer/result.h"

enum { SAMPLE_LIMIT = 2000 };

struct report {
	int64_t started_us, started_unix_us; /* by both clocks (base/clock.h) */

	struct samples samples; /* of the requests that were attempted */
	struct series series;
	struct failure_groups failures;
};

/* The run begins now, by both clocks. */
struct report *report_new(int64_t now_us, int64_t now_unix_us);

/* NULL is fine. */
void report_free(struct report *report);

void report_add(struct report *report, const struct result *result);

#endif
