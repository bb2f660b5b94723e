#include "app/outputs.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/config.h"
#include "app/message.h"
#include "app/terminal.h"
#include "async/job.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "output/file_name.h"
#include "output/format.h"
#include "output/host_summary.h"
#include "output/outlets.h"
#include "output/stats.h"
#include "output/waterfall.h"
#include "policy/resume.h"

enum {
	LOOK_EVERY_US = 1000000, /* for a log that was removed */
	USUAL_ROWS = 40,         /* of the waterfall, where there is no terminal */
	LEAST_ROWS = 10,
	OTHER_LINES = 5, /* of a screen: what is around the rows, and the prompt */
};

/* ---- open and close ---- */

static enum err open_log(struct outputs *o, struct loop *loop, const struct outputs_events *events,
                         void *arg, struct error *e)
{
	const char *path = o->config->resume;
	int64_t cut_bytes;

	if (!path)
		return ERR_NONE;
	o->resume = resume_open(path, events->stop, arg, e);
	if (!o->resume)
		return ERR_SYSTEM;
	cut_bytes = resume_cut_bytes(o->resume);
	if (cut_bytes)
		message_print("warning: cut a torn last line of %lld bytes off %s",
		              (long long)cut_bytes, path);
	o->log = stream_new(loop, resume_fd(o->resume), events->failed, arg);
	return ERR_NONE;
}

/* Where files go; "" where gather runs. The caller frees it. */
static char *files_directory(const struct config *config)
{
	const char *dir = config->output_dir ? config->output_dir : "", *folder = "";

	if (config->file_name)
		folder = file_name_folder(config->file_name);
	return mem_printf("%s%s%s", dir, *dir && *folder ? "/" : "", folder);
}

char *outputs_fixed_path(const struct config *config)
{
	const char *name = config->file_name ? file_name_fixed(config->file_name) : NULL;
	char *directory, *path;
	size_t len;

	if (!name)
		return NULL;
	directory = files_directory(config);
	len = strlen(directory);
	path = mem_printf("%s%s%s", directory, len && directory[len - 1] != '/' ? "/" : "", name);
	free(directory);
	return path;
}

static enum err open_store(struct outputs *o, struct error *e)
{
	char *directory = files_directory(o->config), *fixed = outputs_fixed_path(o->config);
	enum err failed = ERR_SYSTEM;

	o->store = store_new(*directory ? directory : ".", o->config->if_exists, e);
	if (o->store)
		failed = ERR_NONE;
	if (o->store && fixed && file_is_special(fixed))
		failed = store_open_target(o->store, fixed, file_name_fixed(o->config->file_name),
		                           e);
	free(directory);
	free(fixed);
	return failed;
}

static void open_waterfall(struct outputs *o)
{
	unsigned screen = terminal_rows(STDERR_FILENO), rows = USUAL_ROWS;

	if (!o->config->has_waterfall)
		return;
	if (screen)
		rows = screen > LEAST_ROWS + OTHER_LINES ? screen - OTHER_LINES : LEAST_ROWS;
	o->waterfall = waterfall_new(rows, clock_mono_us());
	output_set_waterfall(o->output, o->waterfall);
}

enum err outputs_open(struct outputs *o, const struct config *config, struct loop *loop,
                      const struct outputs_events *events, void *arg, struct error *e)
{
	const struct output_options *options = &config->output;

	*o = (struct outputs){.config = config};
	buf_init(&o->file_name, BUF_UNLIMITED);
	if ((config->file_name && open_store(o, e)) || open_log(o, loop, events, arg, e))
		return ERR_SYSTEM;
	o->stream = stream_new(loop, STDOUT_FILENO, events->failed, arg);
	if (options->format == &format_write_out) {
		o->outlets =
			outlets_open(options->write_out, loop, o->stream, events->failed, arg, e);
		if (!o->outlets)
			return ERR_SYSTEM;
	}
	o->output = output_new(options, o->stream, o->log, events->done, arg);
	output_set_outlets(o->output, o->outlets);
	open_waterfall(o);
	return ERR_NONE;
}

void outputs_close(struct outputs *o)
{
	output_free(o->output);
	waterfall_free(o->waterfall);
	outlets_close(o->outlets);
	stream_free(o->stream);
	stream_free(o->log);
	resume_close(o->resume);
	store_free(o->store);
	buf_release(&o->file_name);
}

/* ---- while it runs ---- */

/* Whether the body goes to a file. Where levels are compared there is a table, and no more. */
static bool has_file(const struct outputs *o, const struct request *request)
{
	return o->config->file_name || (request->output.len && !o->config->compare.level_count);
}

bool outputs_open_folder(struct outputs *o, const struct request *request, struct error *e)
{
	return !has_file(o, request) || o->store || !open_store(o, e);
}

bool outputs_is_done_before(struct outputs *o, struct result *result)
{
	const struct request *request = &result->request;
	bool is_logged = o->resume && resume_is_done(o->resume, request_fingerprint(request));

	if (!has_file(o, request))
		return is_logged;
	if (store_has_target(o->store) && !request->output.len) {
		if (!is_logged)
			store_assign_target(o->store, result);
		return is_logged;
	}
	buf_clear(&o->file_name);
	file_name_put(&o->file_name, o->config->file_name, request);
	if (is_logged)
		store_pass(o->store, &o->file_name);
	return is_logged || !store_assign(o->store, &o->file_name, result);
}

struct stream *outputs_stream(const struct outputs *o, size_t i)
{
	const char *name;

	return i ? outlets_stream(o->outlets, i - 1, &name) : o->stream;
}

const char *outputs_full_folder(const struct outputs *o)
{
	return o->store ? store_full_folder(o->store) : NULL;
}

bool outputs_has_lost_log(struct outputs *o, int64_t now_us)
{
	if (!o->resume || now_us - o->log_seen_us < LOOK_EVERY_US)
		return false;
	o->log_seen_us = now_us;
	return resume_is_removed(o->resume);
}

/* ---- the end ---- */

static bool flush(struct stream *stream, const char *name)
{
	int write_errno;

	job_await(stream_flush(stream));
	write_errno = stream_errno(stream);
	/* A reader that has seen enough is no error to talk about. */
	if (write_errno && write_errno != EPIPE)
		message_print("cannot write %s: %s", name, strerror(write_errno));
	return !write_errno;
}

static bool write_report(const struct outputs *o)
{
	struct error e;

	if (!output_write_report(o->output, &e))
		return true;
	message_print("%s", e.text);
	return false;
}

bool outputs_flush(struct outputs *o)
{
	bool is_written = flush(o->stream, "results");
	struct stream *stream;
	const char *name;

	if (o->log)
		is_written &= flush(o->log, o->config->resume);
	for (size_t i = 0; (stream = outlets_stream(o->outlets, i, &name)); i++)
		is_written &= flush(stream, name);
	is_written &= write_report(o);
	if (o->resume && resume_is_removed(o->resume)) {
		message_print("%s was removed during the run, and its results with it",
		              o->config->resume);
		is_written = false;
	}
	if (outputs_full_folder(o)) {
		message_print("no space left in %s", outputs_full_folder(o));
		is_written = false;
	}
	return is_written;
}

static void print_waterfall(const struct outputs *o)
{
	const struct waterfall_look look = {
		.columns = terminal_columns(STDERR_FILENO),
		.is_utf8 = terminal_is_utf8(),
		.has_color = o->config->summary_has_color,
	};
	struct buf text;

	if (!o->waterfall || !output_stats(o->output)->requests)
		return;
	buf_init(&text, BUF_UNLIMITED);
	/* Apart from results, which may be on the same terminal, and from the summary. */
	if (o->config->output.format != &format_silent)
		buf_put_byte(&text, '\n');
	waterfall_put(&text, o->waterfall, &look);
	if (o->config->has_summary || o->config->has_host_summary)
		buf_put_byte(&text, '\n');
	fputs(text.data, stderr);
	buf_release(&text);
}

static void print_summary(const struct outputs *o)
{
	const struct stats *stats = output_stats(o->output);
	bool has_color = o->config->summary_has_color;
	struct buf text;

	buf_init(&text, BUF_UNLIMITED);
	if (o->config->has_summary)
		stats_put_text(&text, stats, has_color);
	/* A log may have lines of any length. */
	if (o->config->has_host_summary)
		host_summary_put_text(&text, stats->hosts, stats->host_rows,
		                      isatty(STDERR_FILENO) ? terminal_columns(STDERR_FILENO)
		                                            : SIZE_MAX,
		                      has_color);
	if (!o->config->has_summary)
		buf_consume(&text, 1); /* the empty line after it */
	fputs(text.data, stderr);
	buf_release(&text);
}

/* Without this a list that starts over looks like one that is taken up. */
static void warn_of_unmatched(const struct outputs *o)
{
	uint64_t count = o->resume ? resume_count_unmatched(o->resume) : 0;

	if (count)
		message_print("warning: no request of this run is among the %llu that %s has as "
		              "done (method, URL, headers and body must be the same)",
		              (unsigned long long)count, o->config->resume);
}

void outputs_print_end(const struct outputs *o)
{
	warn_of_unmatched(o);
	print_waterfall(o);
	if (!stream_errno(o->stream))
		print_summary(o);
}
