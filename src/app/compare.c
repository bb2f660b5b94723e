/*
 * Each run is cold: it has nothing of the one before it. The lists are read to their end before the
 * first, so that no run waits for its input, and all have the same.
 */
#include "app/compare.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "app/config.h"
#include "app/exit_code.h"
#include "app/message.h"
#include "app/run.h"
#include "app/terminal.h"
#include "async/job.h"
#include "async/loop.h"
#include "async/stream.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/units.h"
#include "output/color.h"
#include "output/comparison.h"
#include "output/comparison_page.h"
#include "output/comparison_table.h"
#include "output/format.h"
#include "output/host_table.h"

struct compare {
	const struct config *config;
	int *copies; /* of the lists; -1: not a list */
	struct buf limits;
	struct comparison comparison;
	struct host_table hosts; /* of all runs, for the report */
	int64_t started_unix_us;
	int signal; /* that ended it; 0: none */
	bool has_begun, has_failures;
};

/* ---- before ---- */

static enum err copy_lists(struct compare *c, struct error *e)
{
	const struct source_options *source = &c->config->source;
	enum err failed = ERR_NONE;

	c->copies = mem_resize(NULL, source->count, sizeof(*c->copies));
	for (size_t i = 0; i < source->count; i++)
		c->copies[i] = -1;
	for (size_t i = 0; i < source->count && !failed; i++) {
		if (source->items[i].is_list)
			failed = file_copy(source->items[i].text, &c->copies[i], e);
	}
	return failed;
}

/* The options that may keep a level below its concurrency. */
static void put_limits(struct buf *out, const struct scheduler_options *schedule)
{
	const struct {
		bool is_set;
		const char *name;
	} limits[] = {
		{schedule->per_host, "--per-host"},
		{schedule->chunk, "--chunk"},
		{schedule->rate.count, "--rate"},
		{schedule->host_rate.count, "--host-rate"},
	};

	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
		if (limits[i].is_set)
			buf_printf(out, "%s%s", out->len ? ", " : "", limits[i].name);
	}
}

/* ---- runs ---- */

static sigset_t interrupts(void)
{
	sigset_t signals;

	sigemptyset(&signals);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	return signals;
}

/* One that came while no run watched for it. */
static void take_signal(struct compare *c)
{
	const struct timespec no_time = {0};
	sigset_t signals = interrupts();
	int signum = sigtimedwait(&signals, NULL, &no_time);

	if (signum > 0 && !c->signal)
		c->signal = signum;
}

static void print_run(const struct compare *c, uint64_t level, const struct stats *stats)
{
	uint64_t failed = stats->requests - stats->ok;
	bool is_red = c->config->summary_has_color && failed;
	char wall[UNITS_TEXT];

	fprintf(stderr, "run %lld of %llu, level %llu: %llu request%s in %s, %s%llu failed%s\n",
	        (long long)c->comparison.turns,
	        (unsigned long long)comparison_planned(&c->comparison), (unsigned long long)level,
	        (unsigned long long)stats->requests, stats->requests == 1 ? "" : "s",
	        units_show_time(wall, stats->wall_us), color_on(is_red, COLOR_RED),
	        (unsigned long long)failed, color_off(is_red));
}

/* One run of a level. EXIT_USAGE when it could not begin. */
static int run_level(struct compare *c, uint64_t level)
{
	struct run_figures *figures = mem_zero(1, sizeof(*figures));
	struct config config = *c->config;
	int code;

	config.source.copies = c->copies;
	config.source.is_repeated = c->has_begun;
	c->has_begun = true;
	config.schedule.concurrency = level;
	config.output.format = &format_silent;
	config.output.report = NULL; /* it is of the comparison, not of a run */
	if (c->config->output.report)
		config.output.hosts = &c->hosts;
	config.has_summary = false;
	code = run_once(&config, figures);
	c->signal = figures->signal;
	if (code != EXIT_USAGE && !c->signal) {
		comparison_add(&c->comparison, &figures->stats, figures->most_in_flight);
		c->has_failures |= figures->stats.ok != figures->stats.requests;
		if (c->config->has_summary)
			print_run(c, level, &figures->stats);
	}
	free(figures);
	return code;
}

/* Between runs the default effect of a signal would lose what was measured. */
static int run_levels(struct compare *c)
{
	sigset_t signals = interrupts();
	int level, code = EXIT_ALL_OK;

	pthread_sigmask(SIG_BLOCK, &signals, NULL);
	while (code != EXIT_USAGE && !c->signal && (level = comparison_turn(&c->comparison)) >= 0) {
		code = run_level(c, c->config->compare.levels[level]);
		take_signal(c);
	}
	pthread_sigmask(SIG_UNBLOCK, &signals, NULL);
	return code;
}

/* ---- after ---- */

static void put_comparison(struct buf *out, const struct compare *c)
{
	const struct output_options *output = &c->config->output;
	struct table_look look = {.has_color = output->has_color};

	if (output->format == &format_json) {
		comparison_put_json(out, &c->comparison);
	} else if (output->format == &format_csv) {
		comparison_put_csv(out, &c->comparison);
	} else {
		look.width = output->is_terminal ? terminal_columns(STDOUT_FILENO) : SIZE_MAX;
		look.is_utf8 = terminal_is_utf8();
		comparison_put_table(out, &c->comparison, &look);
	}
}

/* CSV has no place for them. */
static void print_notes(const struct compare *c)
{
	struct buf notes;

	buf_init(&notes, BUF_UNLIMITED);
	comparison_put_notes(&notes, &c->comparison);
	fputs(notes.data, stderr);
	buf_release(&notes);
}

/* The errno of the write that failed, or 0. */
static int print_comparison(const struct compare *c)
{
	struct error e = {""};
	struct loop *loop = loop_new(true, c->config->backend, &e);
	struct stream *stream;
	int write_errno;

	if (!loop) { /* there was one for the runs */
		message_print("cannot write the comparison: %s", e.text);
		return ENOMEM;
	}
	stream = stream_new(loop, STDOUT_FILENO, NULL, NULL);
	put_comparison(stream_buf(stream), c);
	stream_commit(stream);
	job_await(stream_flush(stream));
	loop_run(loop);
	write_errno = stream_errno(stream);
	stream_free(stream);
	loop_free(loop);
	if (write_errno && write_errno != EPIPE)
		message_print("cannot write the comparison: %s", strerror(write_errno));
	if (c->config->output.format == &format_csv)
		print_notes(c);
	return write_errno;
}

static bool write_report(struct compare *c)
{
	const struct output_options *output = &c->config->output;
	const struct comparison_page page = {
		.comparison = &c->comparison,
		.about =
			{
				.title = output->title,
				.command = output->command,
				.started_unix_us = c->started_unix_us,
				.hosts = &c->hosts,
			},
	};
	const char *path = output->report;
	struct error e;

	if (!path || !comparison_page_write(path, &page, &e))
		return true;
	message_print("%s", e.text);
	return false;
}

static int compare_to_end(struct compare *c)
{
	bool is_written;

	c->started_unix_us = clock_unix_us();
	if (run_levels(c) == EXIT_USAGE)
		return c->comparison.turns ? EXIT_UNWRITTEN : EXIT_USAGE;
	if (c->config->has_summary)
		fputc('\n', stderr); /* on a terminal the table follows */
	is_written = !print_comparison(c);
	is_written &= write_report(c);
	if (c->signal)
		return EXIT_SIGNAL + c->signal;
	if (!is_written)
		return EXIT_UNWRITTEN;
	return c->has_failures ? EXIT_SOME_FAILED : EXIT_ALL_OK;
}

int compare(const struct config *config)
{
	const struct compare_options *options = &config->compare;
	struct compare c = {.config = config};
	struct error e = {""};
	int code = EXIT_USAGE;

	buf_init(&c.limits, BUF_UNLIMITED);
	put_limits(&c.limits, &config->schedule);
	comparison_init(&c.comparison, options->levels, options->level_count, options->repeats,
	                c.limits.len ? c.limits.data : NULL);
	if (copy_lists(&c, &e))
		message_print("cannot read the list: %s", e.text);
	else
		code = compare_to_end(&c);
	for (size_t i = 0; i < config->source.count; i++) {
		if (c.copies[i] >= 0)
			close(c.copies[i]);
	}
	free(c.copies);
	comparison_release(&c.comparison);
	host_table_release(&c.hosts);
	buf_release(&c.limits);
	return code;
}
