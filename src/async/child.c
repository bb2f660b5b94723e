#include "async/child.h"

#include <assert.h>
#include <errno.h>
#include <ev.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "async/job.h"
#include "base/buf.h"
#include "base/mem.h"

enum {
	READ_BYTES = 64 * 1024,
	TICK_US = 20000, /* between looks at what is left of a group that has had SIGTERM */
};

/* What it writes: our end of the pipe, and what is kept of it. */
struct outflow {
	int fd; /* -1 when closed */
	ev_io readable;
	struct buf kept;
	bool is_cut;
};

struct child {
	struct job job; /* first: a job is its child */
	pid_t group;    /* its pid too; 0: it could not be started */
	bool is_running;
	int status, spawn_errno;
	int to; /* our end of its standard input; -1 when closed */
	ev_child ended;
	ev_io writable;
	const char *input;
	size_t input_left;
	struct outflow output, errors;

	enum err ended_as; /* why it is being ended; ERR_NONE: it is not */
	bool is_killed;
	int64_t grace_us; /* that are left */
	ev_timer limit, tick;
};

static void close_fd(struct child *c, ev_io *watcher, int *fd)
{
	if (*fd < 0)
		return;
	ev_io_stop(loop_ev(c->job.loop), watcher);
	close(*fd);
	*fd = -1;
}

static void close_outflows(struct child *c)
{
	close_fd(c, &c->output.readable, &c->output.fd);
	close_fd(c, &c->errors.readable, &c->errors.fd);
}

static void check_end(struct child *c)
{
	struct ev_loop *ev = loop_ev(c->job.loop);

	if (c->is_running || c->output.fd >= 0 || c->errors.fd >= 0)
		return;
	/* Of a group that is being ended, nothing may be left: the tick looks again. */
	if (c->ended_as && !c->is_killed && !kill(-c->group, 0))
		return;
	close_fd(c, &c->writable, &c->to);
	ev_timer_stop(ev, &c->limit);
	ev_timer_stop(ev, &c->tick);
	job_finish(&c->job, c->ended_as ? c->ended_as : c->status < 0 ? ERR_SYSTEM : ERR_NONE);
}

/*
 * Where the system refuses to watch a pipe libev says so, and stops: then it is looked at anew.
 * Only one that is set anew is asked for again.
 */
static void watch_on(struct ev_loop *ev, ev_io *watcher, int events, int revents)
{
	if (!(revents & EV_ERROR))
		return;
	ev_io_set(watcher, watcher->fd, events);
	ev_io_start(ev, watcher);
}

static void on_writable(struct ev_loop *ev, ev_io *watcher, int revents)
{
	struct child *c = watcher->data;
	ssize_t n = write(c->to, c->input, c->input_left);

	watch_on(ev, watcher, EV_WRITE, revents);
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
	struct outflow *o = watcher == &c->output.readable ? &c->output : &c->errors;
	char data[READ_BYTES];
	ssize_t n = read(o->fd, data, sizeof(data));

	watch_on(ev, watcher, EV_READ, revents);
	if (n > 0) {
		size_t room = o->kept.max - o->kept.len;
		enum err e = buf_add(&o->kept, data, (size_t)n < room ? (size_t)n : room);
		assert(!e);
		(void)e;
		o->is_cut |= (size_t)n > room;
	} else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
		close_fd(c, &o->readable, &o->fd);
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
	if (c->is_killed) /* who has left the group may still hold the pipes */
		close_outflows(c);
	check_end(c);
}

/* ---- ending it ---- */

static void kill_group(struct child *c)
{
	ev_timer_stop(loop_ev(c->job.loop), &c->tick);
	kill(-c->group, SIGKILL);
	c->is_killed = true;
	if (!c->is_running) { /* what it started held the pipes */
		close_outflows(c);
		check_end(c);
	}
}

static void on_tick(struct ev_loop *ev, ev_timer *timer, int revents)
{
	struct child *c = timer->data;

	(void)ev;
	(void)revents;
	c->grace_us -= TICK_US;
	if (c->grace_us <= 0)
		kill_group(c);
	else
		check_end(c);
}

static void end_group(struct child *c, enum err ended_as)
{
	struct ev_loop *ev = loop_ev(c->job.loop);
	bool is_ending = c->ended_as != ERR_NONE;

	c->ended_as = ended_as;
	if (is_ending)
		return;
	ev_timer_stop(ev, &c->limit);
	if (!c->grace_us) {
		kill_group(c);
		return;
	}
	kill(-c->group, SIGTERM);
	ev_timer_start(ev, &c->tick);
}

static void on_limit(struct ev_loop *ev, ev_timer *timer, int revents)
{
	(void)ev;
	(void)revents;
	end_group(timer->data, ERR_TIMEOUT);
}

static void child_cancel(struct job *job)
{
	end_group((struct child *)job, ERR_CANCELED);
}

static void child_free(struct job *job)
{
	struct child *c = (struct child *)job;

	buf_release(&c->output.kept);
	buf_release(&c->errors.kept);
	free(c);
}

static const struct job_kind child_kind = {"child", child_cancel, child_free};

/* ---- starting it ---- */

/* The ends of its pipes; -1: none, or closed. */
struct pipes {
	int in[2], out[2], errors[2];
};

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

static bool make_pipes(struct pipes *p, const struct child_options *options)
{
	bool has_input = options->input && !options->input_file;

	return make_pipe(p->out, 0) && (!has_input || make_pipe(p->in, 1)) &&
	       (!options->max_error_bytes || make_pipe(p->errors, 0));
}

static void close_end(int fd)
{
	if (fd >= 0)
		close(fd);
}

/* 0 or an errno. */
static int set_streams(posix_spawn_file_actions_t *actions, const struct child_options *options,
                       const struct pipes *p)
{
	const char *input_file = options->input_file ? options->input_file : "/dev/null";
	int failed;

	if (p->in[0] >= 0)
		failed = posix_spawn_file_actions_adddup2(actions, p->in[0], STDIN_FILENO);
	else
		failed = posix_spawn_file_actions_addopen(actions, STDIN_FILENO, input_file,
		                                          O_RDONLY, 0);
	if (!failed)
		failed = posix_spawn_file_actions_adddup2(actions, p->out[1], STDOUT_FILENO);
	if (!failed && p->errors[1] >= 0)
		failed = posix_spawn_file_actions_adddup2(actions, p->errors[1], STDERR_FILENO);
	return failed;
}

static int spawn(struct child *c, char *const *argv, const struct child_options *options,
                 const struct pipes *p)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	sigset_t all, none;
	pid_t pid;
	int failed;

	sigfillset(&all);
	sigemptyset(&none);
	posix_spawnattr_init(&attr);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF |
	                                        POSIX_SPAWN_SETSIGMASK);
	posix_spawnattr_setsigdefault(&attr, &all);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawn_file_actions_init(&actions);
	failed = set_streams(&actions, options, p);
	if (!failed)
		failed = posix_spawnp(&pid, argv[0], &actions, &attr, argv,
		                      options->env ? options->env : environ);
	if (!failed)
		c->group = pid;
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attr);
	return failed;
}

static void outflow_init(struct child *c, struct outflow *o, int fd, size_t max_bytes)
{
	o->fd = fd;
	buf_init(&o->kept, max_bytes);
	ev_io_init(&o->readable, on_readable, fd, EV_READ);
	o->readable.data = c;
}

static void watch(struct child *c, const struct child_options *options)
{
	struct ev_loop *ev = loop_ev(c->job.loop);

	ev_child_start(ev, &c->ended);
	ev_io_start(ev, &c->output.readable);
	if (c->errors.fd >= 0)
		ev_io_start(ev, &c->errors.readable);
	if (c->to >= 0)
		ev_io_start(ev, &c->writable);
	if (options->time_us)
		ev_timer_start(ev, &c->limit);
}

struct job *child_start(struct loop *loop, char *const *argv, const struct child_options *options)
{
	struct child *c = mem_zero(1, sizeof(*c));
	struct pipes p = {{-1, -1}, {-1, -1}, {-1, -1}};

	job_start(&c->job, loop, &child_kind);
	c->status = -1;
	c->input = options->input;
	c->input_left = options->input_len;
	c->grace_us = options->grace_us;
	c->spawn_errno = make_pipes(&p, options) ? spawn(c, argv, options, &p) : errno;
	close_end(p.in[0]);
	close_end(p.out[1]);
	close_end(p.errors[1]);
	c->to = p.in[1];
	outflow_init(c, &c->output, p.out[0], options->max_output_bytes);
	outflow_init(c, &c->errors, p.errors[0], options->max_error_bytes);
	ev_io_init(&c->writable, on_writable, c->to, EV_WRITE);
	ev_child_init(&c->ended, on_ended, c->group, 0);
	ev_timer_init(&c->limit, on_limit, (double)options->time_us / 1e6, 0.);
	ev_timer_init(&c->tick, on_tick, TICK_US / 1e6, TICK_US / 1e6);
	c->writable.data = c->ended.data = c->limit.data = c->tick.data = c;
	c->is_running = c->group != 0;
	if (c->is_running) {
		watch(c, options);
	} else {
		close_outflows(c);
		check_end(c);
	}
	return &c->job;
}

/* ---- what became of it ---- */

static const struct child *finished_child(const struct job *job)
{
	assert(job->kind == &child_kind && job->is_finished);
	return (const struct child *)job;
}

void child_kill(struct job *child)
{
	const struct child *c = (const struct child *)child;

	assert(child->kind == &child_kind);
	if (!child->is_finished)
		kill(-c->group, SIGKILL);
}

int child_status(const struct job *child)
{
	return finished_child(child)->status;
}

int child_errno(const struct job *child)
{
	return finished_child(child)->spawn_errno;
}

const char *child_output(const struct job *child, size_t *ret_len)
{
	const struct buf *kept = &finished_child(child)->output.kept;

	*ret_len = kept->len;
	return kept->data;
}

const char *child_errors(const struct job *child, size_t *ret_len)
{
	const struct buf *kept = &finished_child(child)->errors.kept;

	*ret_len = kept->len;
	return kept->data;
}

bool child_is_cut(const struct job *child)
{
	const struct child *c = finished_child(child);

	return c->output.is_cut || c->errors.is_cut;
}
