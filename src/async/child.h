/*
 * A child process as a job: bytes to its standard input, its output and exit status back.
 */
#ifndef ASYNC_CHILD_H
#define ASYNC_CHILD_H

#include <stddef.h>

struct job;
struct loop;

struct child_options {
	char *const *env;        /* NULL: ours */
	const char *input;       /* for its standard input, borrowed until done; NULL: /dev/null */
	size_t input_len;        /* bytes */
	size_t max_output_bytes; /* what is kept of its standard output; the rest is read and
	                            dropped */
};

/*
 * Starts argv[0] (looked up in PATH) in a process group of its own, with default signals; its
 * standard error is ours. loop is the main loop.
 * The job finishes when the process has ended and its standard output is closed: ERR_NONE whatever
 * the exit status, ERR_SYSTEM when it could not be started. A child that does not read its input,
 * or ends before it has, is no error. Cancel kills the process group (SIGKILL) and reports when it
 * has ended. The caller's process ignores SIGPIPE.
 */
struct job *child_start(struct loop *loop, char *const *argv, const struct child_options *options);

/* Of a finished child: 0 to 255, or 128 + the signal that ended it, as a shell says it; -1 when it
 * could not be started. */
int child_status(const struct job *child);

/* Of a finished child, valid as long as the job is; NUL-terminated. */
const char *child_output(const struct job *child, size_t *ret_len);

#endif
