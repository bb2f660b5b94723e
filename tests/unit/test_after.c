/*
 * app/after: what a response leads to is read and taken while the loop has its turns.
 */
#include "unit_async.h"

#include "app/after.h"
#include "app/config.h"
#include "app/fetch.h"
#include "base/json_read.h"
#include "output/extract.h"
#include "transfer/options.h"

enum { VALUES = 300000, SMALL = 100, LOOKS = 3 };

/* A run that has nothing but its loop, and the fetches that came back to it. */
struct front {
	struct config config;
	struct fetch_options options;
	struct after after;
	struct fetch_pool pool;
	struct fetch *fetches[LOOKS];
	struct fetch *returned[LOOKS];
	size_t returned_count;
	struct post turn;
	struct loop *loop;
	unsigned turns;
};

static void on_done(struct fetch *fetch, void *arg)
{
	struct front *front = arg;

	assert_in_range(front->returned_count, 0, LOOKS - 1);
	front->returned[front->returned_count++] = fetch;
}

static void on_turn(struct post *post)
{
	struct front *front = (struct front *)((char *)post - offsetof(struct front, turn));

	front->turns++;
	loop_post(front->loop, post);
}

/* [1000000,1000001,...], of which `follow` and `extract` are pointers. NULL: none. */
static struct front *front_new(struct stage *s, size_t values, const char *follow,
                               const char *extract)
{
	struct front *f = mem_zero(1, sizeof(*f));
	struct buf text;

	f->loop = s->loop;
	f->turn.fn = on_turn;
	fetch_options_init(&f->options);
	f->config.derive.fetch = &f->options;
	if (follow)
		assert_err(derive_add_follow(&f->config.derive, follow, NULL), ERR_NONE);
	if (extract)
		assert_err(extract_list_add(&f->config.extracts, extract, NULL), ERR_NONE);
	f->config.derive.max_requests = 10 * VALUES;
	derive_keep(&f->config.derive, &f->options);
	fetch_options_seal(&f->options);
	buf_init(&text, BUF_UNLIMITED);
	for (size_t i = 0; i < values; i++)
		buf_printf(&text, "%c%zu", i ? ',' : '[', 1000000 + i);
	buf_put_byte(&text, ']');
	for (size_t i = 0; i < LOOKS; i++) {
		struct result *result;

		f->fetches[i] = fetch_pool_take(&f->pool);
		result = &f->fetches[i]->result;
		buf_put_text(&result->request.url, "http://h/");
		result->request.options = &f->options;
		result->attempts = 1;
		result->http_code = 200;
		buf_put(&result->body, text.data, text.len);
	}
	buf_release(&text);
	after_open(&f->after, s->loop, &f->config, on_done, f);
	return f;
}

static void wait_until_returned(struct front *f, size_t count)
{
	loop_post(f->loop, &f->turn);
	while (f->returned_count < count)
		loop_turn(f->loop);
	loop_unpost(f->loop, &f->turn);
}

static void front_free(struct front *f)
{
	struct request request;

	loop_run(f->loop);
	request_init(&request);
	while (deriver_next(f->after.deriver, &request))
		request_recycle(&request);
	request_release(&request);
	after_close(&f->after);
	for (size_t i = 0; i < LOOKS; i++)
		fetch_pool_give(&f->pool, f->fetches[i]);
	fetch_pool_release(&f->pool);
	derive_options_release(&f->config.derive);
	extract_list_release(&f->config.extracts);
	fetch_options_release(&f->options);
	free(f);
}

/* Without the thread; only its values may take more than a slice, on a slow machine. */
static void a_small_body_is_read_at_once(void **state)
{
	struct front *f = front_new(*state, SMALL, "/*", "x=/1");
	bool is_done = after_take(&f->after, f->fetches[0], NULL);

	assert_false(f->after.is_reading);
	if (!is_done)
		wait_until_returned(f, 1);
	assert_int_equal(deriver_waiting(f->after.deriver), SMALL);
	assert_string_equal(extract_find(&f->fetches[0]->result.extract, "x"), "1000001");
	front_free(f);
}

static void the_loop_has_its_turns_while_large_bodies_are_read(void **state)
{
	struct front *f = front_new(*state, VALUES, NULL, "x=/1");

	for (size_t i = 0; i < LOOKS; i++)
		assert_false(after_take(&f->after, f->fetches[i], NULL));
	assert_int_equal(f->returned_count, 0);
	wait_until_returned(f, LOOKS);
	assert_true(f->turns > 20 * LOOKS);
	for (size_t i = 0; i < LOOKS; i++) {
		assert_ptr_equal(f->returned[i], f->fetches[i]); /* in order */
		assert_string_equal(extract_find(&f->returned[i]->result.extract, "x"), "1000001");
	}
	front_free(f);
}

static void many_values_are_taken_in_slices(void **state)
{
	struct front *f = front_new(*state, VALUES, "/*", NULL);
	uint64_t before = 0, most = 0, now;
	unsigned slices = 0;

	assert_false(after_take(&f->after, f->fetches[0], NULL));
	loop_post(f->loop, &f->turn);
	while (!f->returned_count) {
		loop_turn(f->loop);
		now = deriver_waiting(f->after.deriver);
		slices += now > before;
		most = now - before > most ? now - before : most;
		before = now;
	}
	loop_unpost(f->loop, &f->turn);
	assert_int_equal(before, VALUES);
	assert_true(slices > 5);
	assert_true(most < VALUES / 2);
	front_free(f);
}

/* One is on the thread, the others wait for it. */
static void what_is_stopped_is_cancelled(void **state)
{
	struct front *f = front_new(*state, VALUES, "/*", NULL);

	for (size_t i = 0; i < LOOKS - 1; i++)
		assert_false(after_take(&f->after, f->fetches[i], NULL));
	after_stop(&f->after, FAILURE_DEADLINE);
	assert_int_equal(f->returned_count, LOOKS - 2);
	assert_true(after_take(&f->after, f->fetches[LOOKS - 1], NULL));
	wait_until_returned(f, LOOKS - 1);
	for (size_t i = 0; i < LOOKS; i++)
		assert_int_equal(f->fetches[i]->result.failure, FAILURE_DEADLINE);
	assert_int_equal(deriver_waiting(f->after.deriver), 0);
	front_free(f);
}

static void what_is_stopped_between_slices_is_cancelled(void **state)
{
	struct front *f = front_new(*state, VALUES, "/*", NULL);

	assert_false(after_take(&f->after, f->fetches[0], NULL));
	loop_post(f->loop, &f->turn);
	while (!deriver_waiting(f->after.deriver))
		loop_turn(f->loop);
	loop_unpost(f->loop, &f->turn);
	assert_int_equal(f->returned_count, 0);
	after_stop(&f->after, FAILURE_CANCELED);
	assert_int_equal(f->returned_count, 1);
	assert_int_equal(f->fetches[0]->result.failure, FAILURE_CANCELED);
	assert_in_range(deriver_waiting(f->after.deriver), 1, VALUES - 1);
	front_free(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_small_body_is_read_at_once),
		TEST(the_loop_has_its_turns_while_large_bodies_are_read),
		TEST(many_values_are_taken_in_slices),
		TEST(what_is_stopped_is_cancelled),
		TEST(what_is_stopped_between_slices_is_cancelled),
	};

	json_global_init();
	return UNIT_RUN(tests);
}
