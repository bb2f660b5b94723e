/*
 * async/channel: things sent from other threads arrive all, once, and in order.
 */
#include "unit_async.h"

#include <semaphore.h>

#include "async/channel.h"
#include "async/sleep.h"

enum { SENDERS = 4, ITEMS = 5000 };

struct letter {
	struct channel_item item;
	int sender, number;
};

struct sender {
	struct channel *channel;
	struct letter letters[ITEMS];
};

struct mailbox {
	struct channel *channel;
	int received, out_of_order;
	int next[SENDERS];
	int batches, received_before_end;
};

static void *send_all(void *arg)
{
	struct sender *sender = arg;

	for (int i = 0; i < ITEMS; i++)
		channel_send(sender->channel, &sender->letters[i].item);
	return NULL;
}

static void receive(struct channel_item *item, void *arg)
{
	struct mailbox *box = arg;
	const struct letter *letter = item->owner;

	if (letter->number != box->next[letter->sender]++)
		box->out_of_order++;
	box->received++;
	channel_expect(box->channel, -1);
}

static void count_batch(void *arg)
{
	struct mailbox *box = arg;

	box->batches++;
	box->received_before_end = box->received;
}

static struct letter letter(int sender, int number)
{
	return (struct letter){.sender = sender, .number = number};
}

static void of_several_senders_everything_arrives_in_the_order_of_each(void **state)
{
	struct stage *s = *state;
	struct mailbox box = {.received = 0};
	struct sender *senders = mem_zero(SENDERS, sizeof(*senders));
	pthread_t threads[SENDERS];

	box.channel = channel_new(s->loop, receive, count_batch, &box);
	channel_expect(box.channel, SENDERS * ITEMS);
	for (int k = 0; k < SENDERS; k++) {
		senders[k].channel = box.channel;
		for (int i = 0; i < ITEMS; i++) {
			senders[k].letters[i] = letter(k, i);
			senders[k].letters[i].item.owner = &senders[k].letters[i];
		}
	}
	for (int k = 0; k < SENDERS; k++)
		assert_err(thread_start(&threads[k], send_all, &senders[k]), ERR_NONE);
	while (loop_turn(s->loop))
		;
	/* The loop has waited for all of them and not for more. */
	assert_int_equal(box.received, SENDERS * ITEMS);
	assert_int_equal(box.out_of_order, 0);
	assert_int_equal(box.received_before_end, SENDERS * ITEMS);
	assert_in_range(box.batches, 1, SENDERS * ITEMS);
	for (int k = 0; k < SENDERS; k++)
		pthread_join(threads[k], NULL);
	channel_free(box.channel);
	free(senders);
}

static void what_the_loop_sends_to_itself_arrives_on_a_turn(void **state)
{
	struct stage *s = *state;
	struct mailbox box = {.received = 0};
	struct letter letters[3];

	box.channel = channel_new(s->loop, receive, count_batch, &box);
	channel_expect(box.channel, 3);
	for (int i = 0; i < 3; i++) {
		letters[i] = letter(0, i);
		letters[i].item.owner = &letters[i];
		channel_send(box.channel, &letters[i].item);
	}
	assert_int_equal(box.received, 0);
	loop_turn(s->loop);
	assert_int_equal(box.received, 3);
	assert_int_equal(box.out_of_order, 0);
	/* One wake for all, and its end after the last. */
	assert_int_equal(box.batches, 1);
	assert_int_equal(box.received_before_end, 3);
	channel_free(box.channel);
}

static void a_batch_is_sent_as_one_and_is_empty_then(void **state)
{
	struct stage *s = *state;
	struct mailbox box = {.received = 0};
	struct channel_batch batch = {0};
	struct letter letters[10];
	int next = 0;

	box.channel = channel_new(s->loop, receive, count_batch, &box);
	for (int i = 0; i < 10; i++) {
		letters[i] = letter(0, i);
		letters[i].item.owner = &letters[i];
	}
	/* A batch, an item and a batch, before the loop looks; a batch of nothing between them. */
	channel_expect(box.channel, 8);
	while (next < 4)
		channel_batch_add(&batch, &letters[next++].item);
	channel_send_batch(box.channel, &batch);
	assert_null(batch.first);
	channel_send_batch(box.channel, &batch);
	channel_send(box.channel, &letters[next++].item);
	while (next < 8)
		channel_batch_add(&batch, &letters[next++].item);
	channel_send_batch(box.channel, &batch);
	assert_int_equal(box.received, 0);
	loop_turn(s->loop);
	assert_int_equal(box.received, 8);
	assert_int_equal(box.batches, 1);

	/* And another when it has looked. */
	channel_expect(box.channel, 2);
	while (next < 10)
		channel_batch_add(&batch, &letters[next++].item);
	channel_send_batch(box.channel, &batch);
	loop_turn(s->loop);
	assert_int_equal(box.received, 10);
	assert_int_equal(box.batches, 2);
	assert_int_equal(box.out_of_order, 0);

	/* Nothing wakes nobody. */
	channel_send_batch(box.channel, &batch);
	assert_false(loop_turn(s->loop));
	assert_int_equal(box.batches, 2);
	channel_free(box.channel);
}

static void receive_slowly(struct channel_item *item, void *arg)
{
	work_for_a_slice();
	receive(item, arg);
}

static void what_takes_a_slice_has_a_turn_of_its_own(void **state)
{
	struct stage *s = *state;
	struct mailbox box = {.received = 0};
	struct letter letters[8];

	box.channel = channel_new(s->loop, receive_slowly, count_batch, &box);
	channel_expect(box.channel, 8);
	for (int i = 0; i < 8; i++) {
		letters[i] = letter(0, i);
		letters[i].item.owner = &letters[i];
		if (i < 6)
			channel_send(box.channel, &letters[i].item);
	}
	/* The first turn has the wake, and what it posts. */
	loop_turn(s->loop);
	assert_in_range(box.received, 1, 2);
	for (int i = 6; i < 8; i++)
		channel_send(box.channel, &letters[i].item);
	for (int before = box.received; box.received < 8; before = box.received) {
		loop_turn(s->loop);
		assert_in_range(box.received, before, before + 2);
	}
	assert_int_equal(box.out_of_order, 0);
	assert_int_equal(box.batches, 8);
	channel_free(box.channel);
}

static void only_what_is_expected_keeps_the_loop_waiting(void **state)
{
	struct stage *s = *state;
	struct mailbox box = {.received = 0};
	struct letter one = letter(0, 0);

	one.item.owner = &one;
	box.channel = channel_new(s->loop, receive, count_batch, &box);
	assert_false(loop_turn(s->loop));
	channel_expect(box.channel, +2);
	channel_expect(box.channel, -1);
	channel_send(box.channel, &one.item);
	assert_false(loop_turn(s->loop)); /* it waited, and was the last to be waited for */
	assert_int_equal(box.received, 1);
	channel_expect(box.channel, +1);
	channel_expect(box.channel, -1);
	assert_false(loop_turn(s->loop));
	channel_free(box.channel);
	assert_false(loop_turn(s->loop));
}

static void a_channel_can_be_freed_while_something_is_expected(void **state)
{
	struct stage *s = *state;

	for (int expected = 0; expected < 3; expected++) {
		struct channel *channel = channel_new(s->loop, receive, NULL, NULL);

		channel_expect(channel, expected);
		channel_free(channel);
		/* The loop's count of what it waits for is right again. */
		assert_false(loop_turn(s->loop));
		assert_err(job_await(sleep_for(s->loop, 1)), ERR_NONE);
		assert_false(loop_turn(s->loop));
	}
	channel_free(NULL);
}

static void what_was_not_received_is_not_touched(void **state)
{
	struct stage *s = *state;
	struct mailbox box = {.received = 0};
	struct letter *one = mem_zero(1, sizeof(*one));

	box.channel = channel_new(s->loop, receive, count_batch, &box);
	channel_send(box.channel, &one->item);
	channel_free(box.channel);
	free(one);
	loop_run(s->loop);
	assert_int_equal(box.received, 0);
}

struct again {
	struct channel *channel;
	struct letter letter;
	int times;
};

static void send_again(struct channel_item *item, void *arg)
{
	struct again *again = arg;

	if (++again->times < 1000)
		channel_send(again->channel, item);
	else
		channel_expect(again->channel, -1);
}

static void an_item_may_be_sent_again_from_where_it_is_received(void **state)
{
	struct stage *s = *state;
	struct again again = {.times = 0};

	again.channel = channel_new(s->loop, send_again, NULL, &again);
	channel_expect(again.channel, 1);
	channel_send(again.channel, &again.letter.item);
	while (loop_turn(s->loop))
		;
	assert_int_equal(again.times, 1000);
	channel_free(again.channel);
}

/* ---- two loops, as the front and a worker have them ---- */

enum { QUESTIONS = 2000 };

struct question {
	struct channel_item item;
	int number, answer;
};

struct worker {
	struct channel *questions, *answers;
	struct channel_batch answered; /* gathered, and sent at the end of a batch of questions */
	sem_t is_ready;
	int received;
};

static void on_question(struct channel_item *item, void *arg)
{
	struct worker *w = arg;
	struct question *q = item->owner;

	q->answer = q->number * q->number;
	w->received++;
	channel_expect(w->questions, -1);
	channel_batch_add(&w->answered, item);
}

static void on_questions_end(void *arg)
{
	struct worker *w = arg;

	channel_send_batch(w->answers, &w->answered);
}

static void *worker_main(void *arg)
{
	struct worker *w = arg;
	struct loop *loop = loop_new(false, NULL, NULL);

	w->questions = channel_new(loop, on_question, on_questions_end, w);
	channel_expect(w->questions, QUESTIONS);
	sem_post(&w->is_ready);
	while (loop_turn(loop))
		;
	channel_free(w->questions);
	loop_free(loop);
	return NULL;
}

static void on_answer(struct channel_item *item, void *arg)
{
	struct channel **answers = arg;

	(void)item;
	channel_expect(*answers, -1);
}

static void two_loops_in_two_threads_talk(void **state)
{
	struct stage *s = *state;
	struct worker w = {.received = 0};
	struct question *questions = mem_zero(QUESTIONS, sizeof(*questions));
	struct channel *answers = channel_new(s->loop, on_answer, NULL, &answers);
	pthread_t thread;

	w.answers = answers;
	sem_init(&w.is_ready, 0, 0);
	channel_expect(answers, QUESTIONS);
	assert_err(thread_start(&thread, worker_main, &w), ERR_NONE);
	while (sem_wait(&w.is_ready))
		;
	for (int i = 0; i < QUESTIONS; i++) {
		questions[i].number = i;
		questions[i].item.owner = &questions[i];
		channel_send(w.questions, &questions[i].item);
	}
	while (loop_turn(s->loop))
		;
	pthread_join(thread, NULL);
	assert_int_equal(w.received, QUESTIONS);
	for (int i = 0; i < QUESTIONS; i++)
		assert_int_equal(questions[i].answer, i * i);
	channel_free(answers);
	sem_destroy(&w.is_ready);
	free(questions);
}

/* ---- threads ---- */

static void *look_at_mask(void *arg)
{
	pthread_sigmask(SIG_BLOCK, NULL, arg);
	return arg;
}

static void a_thread_has_every_signal_blocked_and_its_starter_what_it_had(void **state)
{
	static const int signals[] = {SIGINT, SIGTERM, SIGCHLD, SIGHUP, SIGUSR1, SIGPIPE, SIGALRM};
	sigset_t in_thread, before, after;
	pthread_t thread;
	void *result;

	(void)state;
	pthread_sigmask(SIG_BLOCK, NULL, &before);
	assert_err(thread_start(&thread, look_at_mask, &in_thread), ERR_NONE);
	pthread_join(thread, &result);
	assert_ptr_equal(result, &in_thread);
	pthread_sigmask(SIG_BLOCK, NULL, &after);
	for (size_t i = 0; i < COUNT(signals); i++) {
		case_int(strsignal(signals[i]), sigismember(&in_thread, signals[i]), 1);
		case_int(strsignal(signals[i]), sigismember(&after, signals[i]),
		         sigismember(&before, signals[i]));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(of_several_senders_everything_arrives_in_the_order_of_each),
		TEST(what_the_loop_sends_to_itself_arrives_on_a_turn),
		TEST(a_batch_is_sent_as_one_and_is_empty_then),
		TEST(what_takes_a_slice_has_a_turn_of_its_own),
		TEST(only_what_is_expected_keeps_the_loop_waiting),
		TEST(a_channel_can_be_freed_while_something_is_expected),
		TEST(what_was_not_received_is_not_touched),
		TEST(an_item_may_be_sent_again_from_where_it_is_received),
		TEST(two_loops_in_two_threads_talk),
		cmocka_unit_test(a_thread_has_every_signal_blocked_and_its_starter_what_it_had),
	};
	return UNIT_RUN(tests);
}
