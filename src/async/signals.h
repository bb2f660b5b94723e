/*
 * Signals as callbacks of the main loop. They do not keep it running.
 */
#ifndef ASYNC_SIGNALS_H
#define ASYNC_SIGNALS_H

struct loop;
struct signal_watch;

/*
 * fn runs in the loop, never in a signal handler. One watch for a signal at a time. A signal that
 * is blocked is not while it is watched: so one that must not be lost can wait for the next watch.
 */
struct signal_watch *signal_watch_new(struct loop *loop, int signum,
                                      void (*fn)(int signum, void *arg), void *arg);

/*
 * The same for a signal that asks the process to end, of which there may be several. A second one
 * that comes, of either, gives fn a second more to end the process. Then, or with a third, it exits
 * with the status 128 + signum: the loop may be held up by a call that blocks.
 */
struct signal_watch *signal_watch_new_ending(struct loop *loop, int signum,
                                             void (*fn)(int signum, void *arg), void *arg);

/*
 * The signal has its default effect again. Or it is blocked as before: then fn is called for one
 * that has come until now, in a turn of the loop that waits for nothing. NULL is fine.
 */
void signal_watch_free(struct signal_watch *watch);

#endif
