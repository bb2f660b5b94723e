#include "async/signals.h"

#include <ev.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#include "async/loop.h"
#include "base/mem.h"

enum {
	GRACE_S = 1,
	EXIT_SIGNAL = 128, /* as a shell counts */
};

/* Signals belong to the process, and nothing else can be read in a handler. */
static volatile sig_atomic_t ending_signal, endings;

struct signal_watch {
	struct loop *loop;
	ev_signal watcher;
	bool was_blocked;
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

/* Says whether it was blocked before. */
static bool set_blocked(int signum, int how)
{
	sigset_t one, before;

	sigemptyset(&one);
	sigaddset(&one, signum);
	pthread_sigmask(how, &one, &before);
	return sigismember(&before, signum) == 1;
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
	watch->was_blocked = set_blocked(signum, SIG_UNBLOCK);
	return watch;
}

/* A handler, and the only one: no loop is needed here. */
static void on_ending(int signum)
{
	if (signum == SIGALRM || endings > 1)
		_exit(EXIT_SIGNAL + ending_signal);
	ending_signal = signum;
	endings++;
	if (endings > 1)
		alarm(GRACE_S);
	ev_feed_signal(signum);
}

struct signal_watch *signal_watch_new_ending(struct loop *loop, int signum,
                                             void (*fn)(int signum, void *arg), void *arg)
{
	struct signal_watch *watch = signal_watch_new(loop, signum, fn, arg);
	struct sigaction action = {.sa_handler = on_ending, .sa_flags = SA_RESTART};

	sigfillset(&action.sa_mask);
	sigaction(signum, &action, NULL);
	sigaction(SIGALRM, &action, NULL);
	set_blocked(SIGALRM, SIG_UNBLOCK);
	return watch;
}

void signal_watch_free(struct signal_watch *watch)
{
	if (!watch)
		return;
	if (watch->was_blocked) {
		set_blocked(watch->watcher.signum, SIG_BLOCK);
		ev_run(loop_ev(watch->loop), EVRUN_NOWAIT);
	}
	ev_ref(loop_ev(watch->loop));
	ev_signal_stop(loop_ev(watch->loop), &watch->watcher);
	alarm(0);
	endings = 0;
	free(watch);
}
