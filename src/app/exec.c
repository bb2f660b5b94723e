#include "app/exec.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <utlist.h>

#include "app/fetch.h"
#include "app/machine.h"
#include "app/message.h"
#include "async/child.h"
#include "async/slice.h"
#include "base/json_read.h"
#include "base/mem.h"
#include "base/units.h"
#include "base/utf8.h"
#include "transfer/options.h"
#include "transfer/url.h"

enum {
	OUTPUT_BYTES = 1024 * 1024, /* that are kept of what a command writes, each way */
	GRACE_US = 1000000,
	/* What may wait: so many results, or twice as many as commands run, and bytes of bodies. */
	WINDOW = 256,
	WINDOW_BYTES = 64 * 1024 * 1024,
};

/* ---- the environment ---- */

/* {0} is empty. */
struct environment {
	char **variables;
	size_t count, owned_from;
};

static void environment_add(struct environment *env, char *variable)
{
	env->variables = mem_resize(env->variables, env->count + 1, sizeof(char *));
	env->variables[env->count++] = variable;
}

static void environment_release(struct environment *env)
{
	for (size_t i = env->owned_from; i < env->count; i++)
		free(env->variables[i]);
	free(env->variables);
}

static bool is_set_here(const char *variable)
{
	static const char *const names[] = {
		"GATHER_URL=", "GATHER_STATUS=", "GATHER_INDEX=", "GATHER_ID=", "GATHER_FILE="};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (!strncmp(variable, names[i], strlen(names[i])))
			return true;
	}
	return false;
}

/* Ours, and what the command may want to know of r: texts, of which none has a NUL. */
static void environment_make(struct environment *env, const struct result *r)
{
	const struct buf *id = &r->request.id;
	struct buf chars;

	/* It is JSON: of a string the command wants the characters. */
	buf_init(&chars, BUF_UNLIMITED);
	json_put_plain(&chars, id->data, id->len);
	for (char **v = environ; *v; v++) {
		if (!is_set_here(*v))
			environment_add(env, *v);
	}
	env->owned_from = env->count;
	environment_add(env, mem_printf("GATHER_URL=%s", r->request.url.data));
	environment_add(env, mem_printf("GATHER_STATUS=%d", r->http_code));
	environment_add(env, mem_printf("GATHER_INDEX=%llu", (unsigned long long)r->request.index));
	environment_add(env, mem_printf("GATHER_ID=%s", chars.data));
	environment_add(env, mem_printf("GATHER_FILE=%s", r->filename.data));
	buf_release(&chars);
	environment_add(env, NULL);
}

/* ---- what became of a command ---- */

static void print_errors(const struct buf *errors)
{
	struct buf clean;

	buf_init(&clean, BUF_UNLIMITED);
	if (isatty(STDERR_FILENO)) {
		utf8_put(&clean, errors->data, errors->len, UTF8_WITH_COLORS);
		errors = &clean;
	}
	if (errors->len)
		fwrite(errors->data, 1, errors->len, stderr);
	buf_release(&clean);
}

void exec_print_errors(const struct exec *exec, const struct result *r)
{
	const struct command *command = r->command;
	struct buf url;

	if (!command || !exec->options->prints_errors)
		return;
	print_errors(&command->errors);
	if (!command->is_cut)
		return;
	buf_init(&url, BUF_UNLIMITED);
	url_put_masked(&url, r->request.url.data, r->request.url.len);
	message_print("warning: what the command for %s wrote was cut at 1 MiB", url.data);
	buf_release(&url);
}

static void fail(struct result *r, char *message)
{
	result_fail(r, FAILURE_EXEC, message);
	free(message);
}

static void judge(const struct exec *exec, struct fetch *fetch, enum err ended)
{
	struct result *r = &fetch->result;
	int status = child_status(fetch->command);
	char time[UNITS_TEXT];

	if (ended == ERR_CANCELED)
		fetch_cancel(fetch, exec->stopped_as);
	else if (ended == ERR_TIMEOUT)
		fail(r, mem_printf("the command had not ended after %s",
		                   units_show_time(time, exec->options->timeout_us)));
	else if (status < 0)
		fail(r, mem_printf("the command could not be started: %s",
		                   strerror(child_errno(fetch->command))));
	else if (status)
		fail(r, mem_printf("the command ended with status %d", status));
}

static void on_ended(struct job *job, enum err result, void *arg)
{
	struct fetch *fetch = arg;
	struct exec *exec = fetch->exec;
	struct command *command = result_command(&fetch->result);
	const char *text;
	size_t len;

	DL_DELETE(exec->running, fetch);
	exec->running_count--;
	command->exitcode = child_status(job);
	command->is_cut = child_is_cut(job);
	text = child_output(job, &len);
	buf_put(&command->output, text, len);
	text = child_errors(job, &len);
	buf_put(&command->errors, text, len);
	judge(exec, fetch, result);
	exec->done(fetch, exec->arg);
}

/* ---- the queue ---- */

void exec_init(struct exec *exec, struct loop *loop, const struct exec_options *options,
               exec_done_fn *done, void *arg)
{
	*exec = (struct exec){.loop = loop, .options = options, .done = done, .arg = arg};
	exec->jobs = options->jobs ? options->jobs : machine_count_cores();
}

void exec_add(struct exec *exec, struct fetch *fetch)
{
	if (exec->stopped_as) {
		fetch_cancel(fetch, exec->stopped_as);
		exec->done(fetch, exec->arg);
		return;
	}
	fetch->exec = exec;
	DL_APPEND(exec->waiting, fetch);
	exec->waiting_count++;
	exec->waiting_bytes += fetch->result.body.len;
}

static struct fetch *take_waiting(struct exec *exec)
{
	struct fetch *fetch = exec->waiting;

	DL_DELETE(exec->waiting, fetch);
	exec->waiting_count--;
	exec->waiting_bytes -= fetch->result.body.len;
	return fetch;
}

/*
 * The shell lowers the limit of open files, which this process may have raised: more than 1024
 * break select(2). posix_spawn(3) cannot do that, and lowering it here would touch other threads.
 * On the same line, so that the shell's messages have the line numbers of the command.
 */
static char *command_line(const struct exec_options *options)
{
	return options->open_files
	               ? mem_printf("ulimit -Sn %llu; %s", (unsigned long long)options->open_files,
	                            options->command)
	               : mem_text(options->command);
}

/* The body goes to its standard input: from its file, where it is not in memory. */
static void start(struct exec *exec, struct fetch *fetch)
{
	const struct result *r = &fetch->result;
	bool is_in_memory = r->request.options->needs_body;
	char *argv[] = {(char[]){"/bin/sh"}, (char[]){"-c"}, NULL, NULL};
	char *command = command_line(exec->options);
	struct environment env = {0};
	struct child_options options = {
		.input = r->body.data,
		.input_len = r->body.len,
		.input_file = is_in_memory || !r->filename.len ? NULL : r->filename.data,
		.max_output_bytes = OUTPUT_BYTES,
		.max_error_bytes = OUTPUT_BYTES,
		.time_us = exec->options->timeout_us,
		.grace_us = GRACE_US,
	};

	argv[2] = command;
	environment_make(&env, r);
	options.env = env.variables;
	fetch->command = child_start(exec->loop, argv, &options);
	job_watch(fetch->command, &fetch->waiter, on_ended, fetch);
	DL_APPEND(exec->running, fetch);
	exec->running_count++;
	environment_release(&env);
	free(command);
}

static bool can_start(const struct exec *exec)
{
	return exec->waiting && exec->running_count < exec->jobs;
}

bool exec_start(struct exec *exec)
{
	struct slice slice = slice_begin();

	while (can_start(exec)) {
		start(exec, take_waiting(exec));
		if (slice_is_over(&slice))
			break;
	}
	return can_start(exec);
}

bool exec_is_full(const struct exec *exec)
{
	return (exec->waiting_count >= WINDOW && exec->waiting_count >= 2 * exec->jobs) ||
	       exec->waiting_bytes >= WINDOW_BYTES;
}

uint64_t exec_descriptors(const struct exec *exec)
{
	/* Three pipes each, and the other ends of those that are being made. */
	return exec->options->command ? 3 * exec->jobs + 3 : 0;
}

/* ---- the end ---- */

void exec_stop(struct exec *exec, enum failure failure)
{
	struct fetch *fetch;

	exec->stopped_as = failure;
	while (exec->waiting) {
		fetch = take_waiting(exec);
		fetch_cancel(fetch, failure);
		exec->done(fetch, exec->arg);
	}
	DL_FOREACH (exec->running, fetch) {
		job_cancel(fetch->command);
	}
}

void exec_kill(const struct exec *exec)
{
	struct fetch *fetch;

	DL_FOREACH (exec->running, fetch) {
		child_kill(fetch->command);
	}
}
