/*
 * A way for other threads to hand things to a loop, in batches: one wake for all that were sent
 * since the loop last looked. And how a thread is started.
 */
#ifndef ASYNC_CHANNEL_H
#define ASYNC_CHANNEL_H

#include <pthread.h>

#include "base/err.h"

struct channel;
struct loop;

/* Embedded in what is sent; owner is for the receiver. An item is in one channel at a time. */
struct channel_item {
	struct channel_item *next;
	void *owner;
};

/* Items on their way, in order. {0} is none. */
struct channel_batch {
	struct channel_item *first, *last;
};

void channel_batch_add(struct channel_batch *batch, struct channel_item *item);

/* Called in the receiving loop, in the order of sending for each sender. */
typedef void channel_fn(struct channel_item *item, void *arg);

/* Called after the items of a wake; several times for those that take longer than a slice
 * (slice.h).
 */
typedef void channel_batch_end_fn(void *arg);

/* The loop that receives makes and frees the channel. batch_end may be NULL. */
struct channel *channel_new(struct loop *loop, channel_fn *receive, channel_batch_end_fn *batch_end,
                            void *arg);

/* Nobody may send any more; items that were not received are not touched. NULL is fine. */
void channel_free(struct channel *channel);

/* From any thread. The items belong to the receiver from here on; the batch is empty again. */
void channel_send_batch(struct channel *channel, struct channel_batch *batch);
void channel_send(struct channel *channel, struct channel_item *item);

/*
 * For the receiver: by how many more (or fewer) items it waits for. While that number is above
 * zero the channel keeps its loop waiting.
 */
void channel_expect(struct channel *channel, int change);

/*
 * Starts a thread that has every signal blocked, so that signals come to the main thread.
 * ERR_SYSTEM when there is none to be had.
 */
MUST_USE enum err thread_start(pthread_t *ret_id, void *(*fn)(void *), void *arg);

#endif
