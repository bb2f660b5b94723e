#include "async/channel.h"

#include <ev.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>

#include "async/loop.h"
#include "async/slice.h"
#include "base/mem.h"

struct channel {
	struct loop *loop;
	ev_async wake;
	channel_fn *receive;
	channel_batch_end_fn *batch_end;
	void *arg;
	int expected;
	struct channel_batch arrived; /* and not yet received */
	struct post go_on;

	pthread_mutex_t mutex; /* guards what follows */
	struct channel_batch sent;
};

static void append(struct channel_batch *batch, const struct channel_batch *more)
{
	if (!more->first)
		return;
	if (batch->first)
		batch->last->next = more->first;
	else
		batch->first = more->first;
	batch->last = more->last;
}

/* Receives for a slice of the turn; the rest waits for the next one. */
static void receive_slice(struct channel *channel)
{
	struct slice slice = slice_begin();
	struct channel_item *item;

	while ((item = channel->arrived.first)) {
		channel->arrived.first = item->next;
		channel->receive(item, channel->arg);
		if (slice_is_over(&slice))
			break;
	}
	if (channel->arrived.first)
		loop_post(channel->loop, &channel->go_on);
	if (channel->batch_end)
		channel->batch_end(channel->arg);
}

static void on_go_on(struct post *post)
{
	receive_slice((struct channel *)((char *)post - offsetof(struct channel, go_on)));
}

static void on_wake(struct ev_loop *ev, ev_async *wake, int revents)
{
	struct channel *channel = wake->data;

	(void)ev;
	(void)revents;
	pthread_mutex_lock(&channel->mutex);
	append(&channel->arrived, &channel->sent);
	channel->sent = (struct channel_batch){0};
	pthread_mutex_unlock(&channel->mutex);
	receive_slice(channel);
}

struct channel *channel_new(struct loop *loop, channel_fn *receive, channel_batch_end_fn *batch_end,
                            void *arg)
{
	struct channel *channel = mem_zero(1, sizeof(*channel));

	channel->loop = loop;
	channel->receive = receive;
	channel->batch_end = batch_end;
	channel->arg = arg;
	pthread_mutex_init(&channel->mutex, NULL);
	channel->go_on.fn = on_go_on;
	ev_async_init(&channel->wake, on_wake);
	channel->wake.data = channel;
	ev_async_start(loop_ev(loop), &channel->wake);
	ev_unref(loop_ev(loop));
	return channel;
}

void channel_free(struct channel *channel)
{
	if (!channel)
		return;
	if (!channel->expected)
		ev_ref(loop_ev(channel->loop));
	ev_async_stop(loop_ev(channel->loop), &channel->wake);
	loop_unpost(channel->loop, &channel->go_on);
	pthread_mutex_destroy(&channel->mutex);
	free(channel);
}

void channel_batch_add(struct channel_batch *batch, struct channel_item *item)
{
	item->next = NULL;
	append(batch, &(struct channel_batch){item, item});
}

void channel_send_batch(struct channel *channel, struct channel_batch *batch)
{
	if (!batch->first)
		return;
	pthread_mutex_lock(&channel->mutex);
	/* Under the lock: once it is open the receiver may end, and the channel with it. */
	if (!channel->sent.first)
		ev_async_send(loop_ev(channel->loop), &channel->wake);
	append(&channel->sent, batch);
	pthread_mutex_unlock(&channel->mutex);
	*batch = (struct channel_batch){0};
}

void channel_send(struct channel *channel, struct channel_item *item)
{
	struct channel_batch batch = {0};

	channel_batch_add(&batch, item);
	channel_send_batch(channel, &batch);
}

void channel_expect(struct channel *channel, int change)
{
	int before = channel->expected;

	channel->expected += change;
	if (!before && channel->expected)
		ev_ref(loop_ev(channel->loop));
	else if (before && !channel->expected)
		ev_unref(loop_ev(channel->loop));
}

enum err thread_start(pthread_t *ret_id, void *(*fn)(void *), void *arg)
{
	sigset_t all, before;
	int failed;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	failed = pthread_create(ret_id, NULL, fn, arg);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return failed ? ERR_SYSTEM : ERR_NONE;
}
