#include "output/report.h"

#include <stdlib.h>

#include "base/mem.h"
#include "output/phases.h"

struct report *report_new(int64_t now_us, int64_t now_unix_us)
{
	struct report *report = mem_zero(1, sizeof(*report));

	report->started_us = now_us;
	report->started_unix_us = now_unix_us;
	samples_init(&report->samples, SAMPLE_LIMIT);
	return report;
}

void report_free(struct report *report)
{
	if (!report)
		return;
	samples_release(&report->samples);
	failure_groups_release(&report->failures);
	free(report);
}

static void add_attempted(struct report *report, const struct result *r)
{
	struct series_transfer transfer = {.bytes = r->size_download, .is_ok = result_is_ok(r)};
	struct phases phases;

	phases_of(&phases, r, report->started_us);
	transfer.begin_us = phases_attempt_us(&phases);
	transfer.end_us = phases_end_us(&phases);
	transfer.receive_us = transfer.end_us - phases.us[PHASE_RECEIVE];
	series_add(&report->series, &transfer);
	samples_add(&report->samples, r, &phases);
}

void report_add(struct report *report, const struct result *r)
{
	if (r->attempts)
		add_attempted(report, r);
	if (r->failure)
		failure_groups_add(&report->failures, r);
}
