#include "async/child.h"

#include <assert.h>
#include <errno.h>
#include <ev.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "async/job.h"
#include "base/buf.h"
#include "base/mem.h"

enum { READ_BYTES = 64 * 1024 };

struct child {
	struct job job; /* first: a job is its child */
	pid_t group;    /* its pid too */
	bool is_running;
	int status;
	int to, from; /* our ends of its pipes; -1 when closed */
	ev_child ended;
	ev_io writable, readable;
	const char *input;
	size_t input_left;
	struct buf output;
};

static void close_fd(struct child *c, ev_io *watcher, int *fd)
{
	if (*fd < 0)
		return;
	ev_io_stop(loop_ev(c->job.loop), watcher);
	close(*fd);
	*fd = -1;
}

static void check_end(struct child *c)
{
	if (c->is_running || c->from >= 0)
		return;
	close_fd(c, &c->writable, &c->to);
	job_finish(&c->job, c->job.is_cancel_asked ? ERR_CANCELED
	                    : c->status < 0        ? ERR_SYSTEM
	                                           : ERR_NONE);
}

static void on_writable(struct ev_loop *ev, ev_io *watcher, int revents)
{
	struct child *c = watcher->data;
	ssize_t n = write(c->to, c->input, c->input_left);

	(void)ev;
	(void)revents;
	if (n > 0) {
		c->input += n;
		c->input_left -= (size_t)n;
	} else if (n < 0 && errno != EAGAIN && errno != EINTR) {
		c->input_left = 0; /* it does not want the rest */
	}
	if (!c->input_left)
		close_fd(c, &c->writable, &c->to);
}

static void on_readable(struct ev_loop *ev, ev_io *watcher, int revents)
{
	struct child *c = watcher->data;
	char data[READ_BYTES];
	ssize_t n = read(c->from, data, sizeof(data));

	(void)ev;
	(void)revents;
	if (n > 0) {
		size_t room = c->output.max - c->output.len;
		enum err e = buf_add(&c->output, data, (size_t)n < room ? (size_t)n : room);
		assert(!e);
		(void)e;
	} else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
		close_fd(c, &c->readable, &c->from);
		check_end(c);
	}
}

static void on_ended(struct ev_loop *ev, ev_child *watcher, int revents)
{
	struct child *c = watcher->data;
	int status = watcher->rstatus;

	(void)revents;
	ev_child_stop(ev, watcher);
	c->is_running = false;
	c->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	if (c->job.is_cancel_asked) /* what it started may still hold the pipe */
		close_fd(c, &c->readable, &c->from);
	check_end(c);
}

static void child_cancel(struct job *job)
{
	struct child *c = (struct child *)job;

	if (c->group)
		kill(-c->group, SIGKILL);
	if (!c->is_running) { /* what it started held the pipe */
		close_fd(c, &c->readable, &c->from);
		check_end(c);
	}
}

static void child_free(struct job *job)
{
	struct child *c = (struct child *)job;

	buf_release(&c->output);
	free(c);
}

static const struct job_kind child_kind = {"child", child_cancel, child_free};

/* Both ends close on exec and our end does not block. */
static bool make_pipe(int fds[2], int our_end)
{
	if (pipe2(fds, O_CLOEXEC)) {
		fds[0] = fds[1] = -1;
		return false;
	}
	fcntl(fds[our_end], F_SETFL, O_NONBLOCK);
	return true;
}

static void spawn(struct child *c, char *const *argv, char *const *env, int in, int out)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	sigset_t all, none;
	pid_t pid;

	sigfillset(&all);
	sigemptyset(&none);
	posix_spawnattr_init(&attr);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF |
	                                        POSIX_SPAWN_SETSIGMASK);
	posix_spawnattr_setsigdefault(&attr, &all);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawn_file_actions_init(&actions);
	if (in >= 0)
		posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
	else
		posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
	if (!posix_spawnp(&pid, argv[0], &actions, &attr, argv, env))
		c->group = pid;
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attr);
}

struct job *child_start(struct loop *loop, char *const *argv, const struct child_options *options)
{
	struct child *c = mem_zero(1, sizeof(*c));
	int in[2] = {-1, -1}, out[2] = {-1, -1};

	job_start(&c->job, loop, &child_kind);
	c->status = -1;
	c->input = options->input;
	c->input_left = options->input_len;
	buf_init(&c->output, options->max_output_bytes);
	if (make_pipe(out, 0) && (!options->input || make_pipe(in, 1)))
		spawn(c, argv, options->env ? options->env : environ, in[0], out[1]);
	if (in[0] >= 0)
		close(in[0]);
	if (out[1] >= 0)
		close(out[1]);
	c->to = in[1];
	c->from = out[0];

	ev_io_init(&c->writable, on_writable, c->to, EV_WRITE);
	ev_io_init(&c->readable, on_readable, c->from, EV_READ);
	ev_child_init(&c->ended, on_ended, c->group, 0);
	c->writable.data = c->readable.data = c->ended.data = c;
	c->is_running = c->group != 0;
	if (!c->is_running) {
		close_fd(c, &c->readable, &c->from);
		check_end(c);
		return &c->job;
	}
	ev_child_start(loop_ev(loop), &c->ended);
	ev_io_start(loop_ev(loop), &c->readable);
	if (c->to >= 0)
		ev_io_start(loop_ev(loop), &c->writable);
	return &c->job;
}

int child_status(const struct job *child)
{
	assert(child->kind == &child_kind && child->is_finished);
	return ((const struct child *)child)->status;
}

const char *child_output(const struct job *child, size_t *ret_len)
{
	const struct child *c = (const struct child *)child;

	assert(child->kind == &child_kind && child->is_finished);
	*ret_len = c->output.len;
	return c->output.data;
}
