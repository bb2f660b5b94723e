#include "async/loop.h"

#include <assert.h>
#include <errno.h>
#include <ev.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <utlist.h>

#include "async/job.h"
#include "async/slice.h"
#include "async/versions.h"
#include "base/clock.h"
#include "base/mem.h"

struct loop {
	struct ev_loop *ev;
	struct job *jobs; /* alive */

	struct post *first, **last; /* posted, in order */
	struct post border;         /* among them: what comes after it is for another turn */
	ev_prepare wake;            /* never started: only fed */
	ev_idle again;              /* runs while a turn has left posts behind */
	ev_async nudge;             /* ends a wait that was not to be */

	unsigned stamp_turn;
	int64_t stamp_us;
};

static const struct {
	const char *name;
	unsigned flag;
} backends[] = {
	{"select", EVBACKEND_SELECT},     {"poll", EVBACKEND_POLL},
	{"epoll", EVBACKEND_EPOLL},       {"kqueue", EVBACKEND_KQUEUE},
	{"linuxaio", EVBACKEND_LINUXAIO}, {"iouring", EVBACKEND_IOURING},
};

#define BACKENDS (sizeof(backends) / sizeof(backends[0]))

static enum err find_backend(const char *name, unsigned *ret_flags, struct error *e)
{
	if (!name)
		return ERR_NONE;
	for (size_t i = 0; i < BACKENDS; i++) {
		if (strcmp(backends[i].name, name))
			continue;
		if (!(ev_supported_backends() & backends[i].flag))
			return error_set(e, ERR_UNSUPPORTED, "libev has no backend %s here", name);
		*ret_flags = backends[i].flag;
		return ERR_NONE;
	}
	return error_set(e, ERR_SYNTAX, "libev knows no backend \"%s\"", name);
}

static void append(struct loop *loop, struct post *post)
{
	post->is_queued = true;
	post->next = NULL;
	*loop->last = post;
	loop->last = &post->next;
}

static struct post *pop(struct loop *loop)
{
	struct post *post = loop->first;

	loop->first = post->next;
	if (!loop->first)
		loop->last = &loop->first;
	post->is_queued = false;
	return post;
}

/*
 * Runs what was posted before this call, for a slice of the turn. What these post in their turn,
 * and what is left, waits until the loop has looked at its descriptors again, so that no chain of
 * posts and no number of them can starve those.
 */
static void run_posts(struct loop *loop)
{
	struct slice slice = slice_begin();
	struct post *post;

	if (loop->first && !loop->border.is_queued)
		append(loop, &loop->border);
	while (loop->first && (post = pop(loop)) != &loop->border) {
		post->fn(post);
		if (slice_is_over(&slice))
			break;
	}
	if (loop->first)
		ev_idle_start(loop->ev, &loop->again);
	else
		ev_idle_stop(loop->ev, &loop->again);
}

static void on_wake(struct ev_loop *ev, ev_prepare *w, int revents)
{
	(void)ev;
	(void)revents;
	run_posts(w->data);
}

static void on_again(struct ev_loop *ev, ev_idle *w, int revents)
{
	(void)ev;
	(void)revents;
	run_posts(w->data);
}

/* ---- when the system gives nothing more ---- */

/* Its own way is to abort. An ev_set_allocator() function: a realloc() that frees for 0 bytes. */
static void *allocate(void *p, long size)
{
	if (size)
		return mem_resize(p, (size_t)size, 1);
	free(p);
	return NULL;
}

/* Libev cannot go on: a descriptor of its own cannot be made, or waiting fails. */
static void end_process(const char *what)
{
	const char *name = strrchr(what, ')'); /* it begins with "(libev) " */

	fprintf(stderr, "gather: no event loop:%s: %s\n", name ? name + 1 : what, strerror(errno));
	_exit(3);
}

/*
 * A descriptor that the system refuses to watch is pending, as an error, but libev would wait
 * first.
 */
static void on_release(struct ev_loop *ev)
{
	struct loop *loop = ev_userdata(ev);

	if (ev_pending_count(ev))
		ev_async_send(ev, &loop->nudge);
}

static void on_acquire(struct ev_loop *ev)
{
	(void)ev;
}

static void on_nudge(struct ev_loop *ev, ev_async *w, int revents)
{
	(void)ev;
	(void)w;
	(void)revents;
}

/*
 * Other threads, signals and children are heard of through a descriptor of libev's own. When the
 * system refuses to watch that one libev forgets it, and what it counts is one less.
 */
static bool can_be_woken(struct loop *loop)
{
	bool is_watched;

	ev_async_init(&loop->nudge, on_nudge);
	ev_async_start(loop->ev, &loop->nudge);
	is_watched = ev_run(loop->ev, EVRUN_NOWAIT);
	ev_unref(loop->ev);
	return is_watched;
}

struct loop *loop_new(bool is_main, const char *backend, struct error *e)
{
	unsigned flags = EVFLAG_AUTO;
	struct loop *loop;
	struct ev_loop *ev;

	if (find_backend(backend, &flags, e))
		return NULL;
	/* LIBEV_FLAGS must not change what --backend says. */
	flags |= EVFLAG_NOENV;
	if (is_main) { /* the first: there are no other threads yet */
		ev_set_allocator(allocate);
		ev_set_syserr_cb(end_process);
	}
	ev = is_main ? ev_default_loop(flags) : ev_loop_new(flags);
	if (!ev) {
		error_set(e, ERR_SYSTEM, "no event loop%s%s: %s", backend ? " on " : "",
		          backend ? backend : "", errno ? strerror(errno) : "not available");
		return NULL;
	}
	loop = mem_zero(1, sizeof(*loop));
	loop->ev = ev;
	loop->last = &loop->first;
	loop->stamp_turn = ev_iteration(ev) - 1;
	ev_prepare_init(&loop->wake, on_wake);
	ev_idle_init(&loop->again, on_again);
	/* What a turn's descriptors cause is run after all of them, in one go. */
	ev_set_priority(&loop->wake, EV_MINPRI);
	/* Idle watchers run only when nothing of their priority or above is pending. */
	ev_set_priority(&loop->again, EV_MAXPRI);
	loop->wake.data = loop->again.data = loop;
	ev_set_userdata(ev, loop);
	ev_set_loop_release_cb(ev, on_release, on_acquire);
	if (can_be_woken(loop))
		return loop;
	error_set(e, ERR_SYSTEM, "no event loop: the system watches no more descriptors");
	ev_loop_destroy(ev);
	free(loop);
	return NULL;
}

void loop_free(struct loop *loop)
{
	struct job *job, *next;

	if (!loop)
		return;
	while (loop->jobs) {
		DL_FOREACH_SAFE (loop->jobs, job, next) {
			job_cancel(job);
		}
		loop_turn(loop);
	}
	loop_run(loop);
	ev_idle_stop(loop->ev, &loop->again);
	ev_ref(loop->ev);
	ev_async_stop(loop->ev, &loop->nudge);
	ev_loop_destroy(loop->ev);
	free(loop);
}

bool loop_turn(struct loop *loop)
{
	return ev_run(loop->ev, EVRUN_ONCE) || loop->first;
}

void loop_run(struct loop *loop)
{
	/* The time may have gone on since the last turn, and timers count from the loop's time. */
	ev_now_update(loop->ev);
	while (loop->jobs || loop->first) {
		if (!loop_turn(loop) && loop->jobs) {
			fprintf(stderr, "gather: bug: a job waits for nothing\n");
			abort();
		}
	}
}

const char *loop_backend(const struct loop *loop)
{
	for (size_t i = 0; i < BACKENDS; i++) {
		if (ev_backend(loop->ev) == backends[i].flag)
			return backends[i].name;
	}
	return "unknown";
}

int64_t loop_now_us(struct loop *loop)
{
	if (loop->stamp_turn != ev_iteration(loop->ev)) {
		loop->stamp_turn = ev_iteration(loop->ev);
		loop->stamp_us = clock_mono_us();
	}
	return loop->stamp_us;
}

struct ev_loop *loop_ev(struct loop *loop)
{
	return loop->ev;
}

struct job **loop_jobs(struct loop *loop)
{
	return &loop->jobs;
}

void loop_post(struct loop *loop, struct post *post)
{
	if (post->is_queued)
		return;
	if (!loop->first && !ev_is_active(&loop->again)) {
		/* A fed event belongs to the turn that is running; between turns it would be run
		 * and then the turn would block. An active idle watcher keeps it from blocking. */
		if (ev_depth(loop->ev))
			ev_feed_event(loop->ev, &loop->wake, EV_CUSTOM);
		else
			ev_idle_start(loop->ev, &loop->again);
	}
	append(loop, post);
}

void loop_unpost(struct loop *loop, struct post *post)
{
	struct post **at = &loop->first;

	if (!post->is_queued)
		return;
	while (*at != post)
		at = &(*at)->next;
	*at = post->next;
	if (loop->last == &post->next)
		loop->last = at;
	post->is_queued = false;
}

char *async_version(char *text, size_t size)
{
	size_t len = (size_t)snprintf(text, size, "libev %d.%d (", ev_version_major(),
	                              ev_version_minor());

	for (size_t i = 0; i < BACKENDS && len < size; i++) {
		if (ev_supported_backends() & backends[i].flag)
			len += (size_t)snprintf(text + len, size - len, "%s%s",
			                        text[len - 1] == '(' ? "" : " ", backends[i].name);
	}
	if (len < size)
		snprintf(text + len, size - len, ")");
	return text;
}
