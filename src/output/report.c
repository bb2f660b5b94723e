#include "output/report.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "transfer/url.h"

struct report *report_new(int64_t now_us, int64_t now_unix_us)
{
	struct report *report = mem_zero(1, sizeof(*report));

	report->started_us = now_us;
	report->started_unix_us = now_unix_us;
	report->samples = mem_zero(SAMPLE_LIMIT, sizeof(struct sample));
	return report;
}

void report_free(struct report *report)
{
	if (!report)
		return;
	for (size_t i = 0; i < report->sample_count; i++)
		free(report->samples[i].url);
	free(report->samples);
	host_table_release(&report->hosts);
	for (size_t i = 0; i < FAILURES * EXAMPLES; i++) {
		struct example *example = &report->examples[i / EXAMPLES][i % EXAMPLES];

		free(example->url);
		free(example->message);
	}
	free(report);
}

/* A copy that is cut where it is too long, and then ends with an ellipsis. */
static char *cut_text(const char *data, size_t len)
{
	size_t keep = TEXT_LIMIT;

	if (len <= TEXT_LIMIT)
		return mem_bytes(data, len);
	/* Not inside of a character. */
	while (keep && ((unsigned char)data[keep] & 0xc0) == 0x80)
		keep--;
	return mem_printf("%.*s\xe2\x80\xa6", (int)keep, data);
}

static char *cut_url(const struct result *r)
{
	struct buf masked;
	char *text;

	buf_init(&masked, BUF_UNLIMITED);
	url_put_masked(&masked, r->request.url.data, r->request.url.len);
	text = cut_text(masked.data, masked.len);
	buf_release(&masked);
	return text;
}

/* ---- the sample ---- */

/*
 * A list may have a period, such as two hosts in turn: every n-th of it would be no sample. So the
 * choice is random, but the same for the same index (the finisher of SplitMix64).
 */
static bool is_chosen(uint64_t index, unsigned bits)
{
	uint64_t x = index + UINT64_C(0x9e3779b97f4a7c15);

	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	x ^= x >> 31;
	return !(x & ((UINT64_C(1) << bits) - 1));
}

static void halve(struct report *report)
{
	size_t kept = 0;

	report->sample_bits++;
	for (size_t i = 0; i < report->sample_count; i++) {
		struct sample *sample = &report->samples[i];

		if (is_chosen(sample->index, report->sample_bits))
			report->samples[kept++] = *sample;
		else
			free(sample->url);
	}
	report->sample_count = kept;
}

static void add_sample(struct report *report, const struct result *r, const struct phases *phases)
{
	uint64_t index = r->request.index;

	report->attempted++;
	while (is_chosen(index, report->sample_bits) && report->sample_count == SAMPLE_LIMIT)
		halve(report);
	if (!is_chosen(index, report->sample_bits))
		return;
	report->samples[report->sample_count++] = (struct sample){
		.index = index,
		.phases = *phases,
		.failure = r->failure,
		.attempts = r->attempts,
		.http_code = r->http_code,
		.bytes = r->size_download,
		.url = cut_url(r),
	};
}

/* ---- */

static void add_example(struct report *report, const struct result *r)
{
	char *message = cut_text(r->message.data, r->message.len);

	for (size_t i = 0; i < EXAMPLES; i++) {
		struct example *example = &report->examples[r->failure][i];

		if (!example->url) {
			*example = (struct example){cut_url(r), message, 1};
			return;
		}
		if (!strcmp(example->message, message)) {
			example->count++;
			break;
		}
	}
	free(message);
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
	host_table_add(&report->hosts, r);
	add_sample(report, r, &phases);
}

void report_add(struct report *report, const struct result *r)
{
	if (r->attempts)
		add_attempted(report, r);
	if (r->failure)
		add_example(report, r);
}
