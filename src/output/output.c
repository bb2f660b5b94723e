#include "output/output.h"

#include <assert.h>
#include <stdlib.h>

#include "async/slice.h"
#include "async/stream.h"
#include "base/clock.h"
#include "base/mem.h"
#include "output/about.h"
#include "output/format.h"
#include "output/host_table.h"
#include "output/report.h"
#include "output/report_page.h"
#include "output/stats.h"
#include "output/waterfall.h"
#include "transfer/result.h"

/* What results hold that wait for an earlier one. */
enum { HELD_BYTES_LIMIT = 64 * 1024 * 1024 };

struct output {
	const struct output_options *options;
	struct stream *stream, *log; /* log: NULL is none */
	struct format_state state, log_state;
	output_done_fn *done;
	void *arg;
	struct stats stats;
	struct host_table hosts;     /* of stats */
	struct report *report;       /* NULL: none */
	struct waterfall *waterfall; /* NULL: none */
	uint64_t next;               /* the index that is to be written next, in order */
	uint64_t held;               /* how many wait */
	size_t held_bytes;
	struct result skipped; /* in the ring, it stands for all that were */
	struct result
		*ring[]; /* in order only: those that wait, at their index modulo the window */
};

static bool is_ordered(const struct output_options *options)
{
	return options->is_ordered || options->format->is_in_order;
}

struct output *output_new(const struct output_options *options, struct stream *stream,
                          struct stream *log, output_done_fn *done, void *arg)
{
	size_t ring = is_ordered(options) ? options->window * sizeof(struct result *) : 0;
	struct output *output = mem_zero(1, sizeof(*output) + ring);

	output->options = options;
	output->stream = stream;
	output->log = log;
	output->log_state.fields = &options->log_fields;
	output->done = done;
	output->arg = arg;
	output->state.fields = &options->fields;
	output->state.has_color = options->has_color;
	output->state.is_terminal = options->is_terminal;
	output->state.has_safe_cells = options->has_safe_cells;
	output->stats.hosts = options->hosts;
	if (!options->hosts && (options->report || options->host_stats))
		output->stats.hosts = &output->hosts;
	output->stats.host_rows = options->host_stats;
	if (options->report)
		output->report = report_new(clock_mono_us(), clock_unix_us());
	if (options->format->begin) {
		options->format->begin(&output->state, stream_buf(stream));
		stream_commit(stream);
	}
	return output;
}

void output_set_outlets(struct output *output, struct outlets *outlets)
{
	output->state.outlets = outlets;
}

void output_set_waterfall(struct output *output, struct waterfall *waterfall)
{
	output->waterfall = waterfall;
}

void output_free(struct output *output)
{
	if (!output)
		return;
	assert(!output->held);
	report_free(output->report);
	host_table_release(&output->hosts);
	free(output);
}

static void write_one(struct output *output, struct result *result)
{
	output->options->format->put(&output->state, stream_buf(output->stream), result);
	stream_commit(output->stream);
	output->done(result, output->arg);
}

static struct result **slot_of(struct output *output, uint64_t index)
{
	return &output->ring[index % output->options->window];
}

/* result waits for those before it. */
static void put_in_order(struct output *output, uint64_t index, struct result *result)
{
	assert(index - output->next < output->options->window);
	*slot_of(output, index) = result;
	output->held++;
	output->held_bytes += result_held_bytes(result);
	if (index == output->next)
		output_go_on(output);
}

bool output_is_behind(struct output *output)
{
	return is_ordered(output->options) && *slot_of(output, output->next);
}

void output_go_on(struct output *output)
{
	struct slice slice = slice_begin();
	struct result **slot, *result;

	while (output_is_behind(output)) {
		slot = slot_of(output, output->next);
		result = *slot;
		*slot = NULL;
		output->held--;
		output->held_bytes -= result_held_bytes(result);
		output->next++;
		if (result != &output->skipped)
			write_one(output, result);
		if (slice_is_over(&slice))
			break;
	}
}

void output_add(struct output *output, struct result *result)
{
	stats_add(&output->stats, result);
	if (output->report)
		report_add(output->report, result);
	if (output->waterfall)
		waterfall_add(output->waterfall, result);
	if (output->log) {
		format_jsonl.put(&output->log_state, stream_buf(output->log), result);
		stream_commit(output->log);
	}
	if (is_ordered(output->options))
		put_in_order(output, result->request.index, result);
	else
		write_one(output, result);
}

void output_skip(struct output *output, uint64_t index)
{
	output->stats.skipped++;
	if (is_ordered(output->options))
		put_in_order(output, index, &output->skipped);
}

bool output_has_room(const struct output *output, uint64_t index)
{
	return !is_ordered(output->options) || index == output->next ||
	       (index - output->next < output->options->window &&
	        output->held_bytes < HELD_BYTES_LIMIT);
}

void output_end(struct output *output, int64_t wall_us)
{
	while (output_is_behind(output))
		output_go_on(output);
	assert(!output->held);
	output->stats.wall_us = wall_us;
	if (output->options->format->end) {
		output->options->format->end(&output->state, stream_buf(output->stream),
		                             &output->stats);
		stream_commit(output->stream);
	}
}

enum err output_write_report(const struct output *output, struct error *e)
{
	const struct output_options *options = output->options;
	const struct about words = {.title = options->title, .command = options->command};

	return options->report ? report_page_write(options->report, output->report, &output->stats,
	                                           &words, e)
	                       : ERR_NONE;
}

const struct stats *output_stats(const struct output *output)
{
	return &output->stats;
}
