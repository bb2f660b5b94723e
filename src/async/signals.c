#include "async/signals.h"

#include <ev.h>
#include <stdlib.h>

#include "async/loop.h"
#include "base/mem.h"

struct signal_watch {
	struct loop *loop;
	ev_signal watcher;
	void (*fn)(int signum, void *arg);
	void *arg;
};

static void on_signal(struct ev_loop *ev, ev_signal *watcher, int revents)
{
	struct signal_watch *watch = watcher->data;

	(void)ev;
	(void)revents;
	watch->fn(watcher->signum, watch->arg);
}

struct signal_watch *signal_watch_new(struct loop *loop, int signum,
                                      void (*fn)(int signum, void *arg), void *arg)
{
	struct signal_watch *watch = mem_zero(1, sizeof(*watch));

	watch->loop = loop;
	watch->fn = fn;
	watch->arg = arg;
	ev_signal_init(&watch->watcher, on_signal, signum);
	watch->watcher.data = watch;
	ev_signal_start(loop_ev(loop), &watch->watcher);
	ev_unref(loop_ev(loop));
	return watch;
}

void signal_watch_free(struct signal_watch *watch)
{
	if (!watch)
		return;
	ev_ref(loop_ev(watch->loop));
	ev_signal_stop(loop_ev(watch->loop), &watch->watcher);
	free(watch);
}
