#include "async/sleep.h"

#include <ev.h>
#include <stdlib.h>

#include "async/job.h"
#include "base/mem.h"

struct sleep {
	struct job job; /* first: a job is its sleep */
	ev_timer timer;
};

static void sleep_cancel(struct job *job)
{
	struct sleep *s = (struct sleep *)job;

	ev_timer_stop(loop_ev(job->loop), &s->timer);
	job_finish(job, ERR_CANCELED);
}

static void sleep_free(struct job *job)
{
	free(job);
}

static const struct job_kind sleep_kind = {"sleep", sleep_cancel, sleep_free};

static void on_timer(struct ev_loop *ev, ev_timer *timer, int revents)
{
	struct sleep *s = timer->data;

	(void)ev;
	(void)revents;
	job_finish(&s->job, ERR_NONE);
}

struct job *sleep_for(struct loop *loop, int64_t time_us)
{
	struct sleep *s = mem_zero(1, sizeof(*s));
	struct ev_loop *ev = loop_ev(loop);

	job_start(&s->job, loop, &sleep_kind);
	ev_timer_init(&s->timer, on_timer, time_us > 0 ? (double)time_us / 1e6 : 0., 0.);
	s->timer.data = s;
	/* The loop's time, from which timers count, stands still between turns. */
	if (!ev_depth(ev))
		ev_now_update(ev);
	ev_timer_start(ev, &s->timer);
	return &s->job;
}
