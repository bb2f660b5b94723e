/*
 * A child process as a job: bytes to its standard input, its output and exit status back.
 */
#ifndef ASYNC_CHILD_H
#define ASYNC_CHILD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct job;
struct loop;

struct child_options {
	char *const *env;        /* NULL: ours */
	const char *input;       /* for its standard input, borrowed until done; NULL: /dev/null */
	size_t input_len;        /* bytes */
	const char *input_file;  /* a file to read instead, borrowed for the call; NULL: none */
	size_t max_output_bytes; /* what is kept of its standard output; the rest is read and
	                            dropped */
	size_t max_error_bytes;  /* the same of its standard error; 0: that is ours */
	int64_t time_us;         /* until it is ended; 0: no limit */
	int64_t grace_us;        /* it is ended with SIGTERM, and so much later with SIGKILL; 0:
	                            with SIGKILL at once */
};

/*
 * Starts argv[0] (looked up in PATH) in a process group of its own, with default signals. loop is
 * the main loop.
 * The job finishes when the process has ended and its output is closed: ERR_NONE whatever the exit
 * status, ERR_SYSTEM when it could not be started, ERR_TIMEOUT when it was ended for its time. A
 * child that does not read its input, or ends before it has, is no error. Who ends it, by its time
 * or by cancel, ends its process group, and it reports when that is gone or was sent SIGKILL. The
 * caller's process ignores SIGPIPE.
 */
struct job *child_start(struct loop *loop, char *const *argv, const struct child_options *options);

/* SIGKILL to the process group of a child that has not finished, for those who leave at once. */
void child_kill(struct job *child);

/* Of a finished child: 0 to 255, or 128 + the signal that ended it, as a shell says it; -1 when it
 * could not be started. */
int child_status(const struct job *child);

/* Why a finished child could not be started: an errno; 0 when it was. */
int child_errno(const struct job *child);

/* Of a finished child, valid as long as the job is; NUL-terminated. */
const char *child_output(const struct job *child, size_t *ret_len);
const char *child_errors(const struct job *child, size_t *ret_len);

/* Whether a finished child wrote more than was kept. */
bool child_is_cut(const struct job *child);

#endif
