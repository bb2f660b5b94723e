/*
 * --exec: a command for each answer, so many at once, as children of the run's loop. Within app/
 * only.
 *
 * A fetch that waits for its command, or whose command runs, belongs to this; it holds no slot. The
 * run starts no more requests while exec_is_full(), which bounds what waits here to that and to the
 * transfers that are in flight already.
 */
#ifndef APP_EXEC_H
#define APP_EXEC_H

#include <stdbool.h>
#include <stdint.h>

#include "transfer/result.h"

struct fetch;
struct loop;

struct exec_options {
	const char *command; /* for /bin/sh; NULL: none */
	uint64_t jobs;       /* at once; 0: one per core */
	int64_t timeout_us;  /* for each; 0: no limit */
	uint64_t open_files; /* the soft limit that commands are given; 0: that of this process */
	bool prints_errors;  /* its standard error goes to ours, and results do not show it */
};

/* The fetch is through: its result has what the command wrote, and failed when the command did. */
typedef void exec_done_fn(struct fetch *fetch, void *arg);

/* Read nothing. */
struct exec {
	struct loop *loop;
	const struct exec_options *options;
	exec_done_fn *done;
	void *arg;
	struct fetch *waiting, *running;
	uint64_t jobs, waiting_count, running_count;
	size_t waiting_bytes;
	enum failure stopped_as;
};

/* options is borrowed. Nothing to release once all that was added is done. */
void exec_init(struct exec *exec, struct loop *loop, const struct exec_options *options,
               exec_done_fn *done, void *arg);

/*
 * Takes a fetch whose result is ok; done is called later, or from inside where all is stopped. Its
 * command is started by exec_start().
 */
void exec_add(struct exec *exec, struct fetch *fetch);

/* Starts commands that may run, for a slice of the turn; true when there are more. */
bool exec_start(struct exec *exec);

/* Whether more waits here than is good. It changes when a command is through. */
bool exec_is_full(const struct exec *exec);

/* How many descriptors the commands may take; 0 where there are none. */
uint64_t exec_descriptors(const struct exec *exec);

/* What the result's command, if one ran, wrote to standard error, to ours; if options say so. */
void exec_print_errors(const struct exec *exec, const struct result *result);

/*
 * Starts no more, ends those that run, and all fail with this: those that wait from inside, those
 * that run when their processes have ended.
 */
void exec_stop(struct exec *exec, enum failure failure);

/* Kills all processes, for those who leave at once. */
void exec_kill(const struct exec *exec);

#endif
