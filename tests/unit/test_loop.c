/*
 * async/loop and async/signals: turns, posts, the time of a turn, back ends.
 */
#include "unit_async.h"

#include <ev.h>

#include "async/group.h"
#include "async/lines.h"
#include "async/signals.h"
#include "async/sleep.h"
#include "base/clock.h"

/* ---- making and freeing ---- */

static void the_usual_back_ends_work(void **state)
{
	static const char *const names[] = {"epoll", "poll", "select"};

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++) {
		struct loop *loop = loop_new(false, names[i], NULL);
		struct lines *lines;
		int fds[2];

		case_true(names[i], loop != NULL);
		case_text(names[i], loop_backend(loop), names[i]);
		pipe_new(fds);
		write_all(fds[1], "x", 1);
		lines = lines_new(loop, fds[0], 10);
		case_err(names[i], job_await(lines_wait(lines)), ERR_NONE);
		case_err(names[i], job_await(sleep_for(loop, 1)), ERR_NONE);
		lines_free(lines);
		loop_free(loop);
		close(fds[0]);
		close(fds[1]);
	}
}

static void a_back_end_that_is_not_there_is_refused_with_words(void **state)
{
	static const struct {
		const char *name, *words;
	} cases[] = {
		{"kqueue", "libev has no backend kqueue here"},
		{"epol", "libev knows no backend \"epol\""},
		{"", "libev knows no backend \"\""},
		{"EPOLL", "libev knows no backend \"EPOLL\""},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct error e = {""};

		case_true(cases[i].name, !loop_new(false, cases[i].name, &e));
		case_text(cases[i].name, e.text, cases[i].words);
		case_true(cases[i].name, !loop_new(false, cases[i].name, NULL));
	}
}

/* Whether these work is up to the kernel. */
static void a_back_end_that_the_kernel_may_lack_works_or_is_refused_with_words(void **state)
{
	static const char *const names[] = {"linuxaio", "iouring"};

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++) {
		struct error e = {""};
		struct loop *loop = loop_new(false, names[i], &e);

		if (loop)
			case_text(names[i], loop_backend(loop), names[i]);
		else
			case_true(names[i], e.text[0] != '\0');
		loop_free(loop);
	}
}

static void the_environment_does_not_choose_the_back_end(void **state)
{
	struct loop *loop;

	(void)state;
	setenv("LIBEV_FLAGS", "1", 1); /* select */
	loop = loop_new(false, "poll", NULL);
	assert_string_equal(loop_backend(loop), "poll");
	loop_free(loop);
	loop = loop_new(false, NULL, NULL);
	assert_string_not_equal(loop_backend(loop), "select");
	loop_free(loop);
	unsetenv("LIBEV_FLAGS");
}

static void freeing_no_loop_is_fine(void **state)
{
	(void)state;
	loop_free(NULL);
}

/* One after the other: a process has one at a time. */
static void the_main_loop_can_be_made_again(void **state)
{
	(void)state;
	for (int i = 0; i < 3; i++) {
		struct loop *loop = loop_new(true, NULL, NULL);

		assert_non_null(loop);
		assert_err(job_await(sleep_for(loop, 1)), ERR_NONE);
		assert_false(loop_turn(loop));
		loop_free(loop);
	}
}

/* ---- turns ---- */

static void a_loop_with_nothing_to_wait_for_ends_at_once(void **state)
{
	struct stage *s = *state;

	assert_false(loop_turn(s->loop));
	loop_run(s->loop);
	assert_false(loop_turn(s->loop));
}

static void a_turn_says_whether_there_is_more_to_wait_for(void **state)
{
	struct stage *s = *state;
	struct job *sleep = job_ref(sleep_for(s->loop, 1));

	while (!job_is_finished(sleep))
		loop_turn(s->loop);
	assert_false(loop_turn(s->loop));
	job_unref(sleep);
}

/* ---- posts ---- */

enum note_action { JUST_RUN, POST_AGAIN_ONCE, POST_OTHER, UNPOST_OTHER, FREE_ITSELF };

struct note {
	struct post post; /* first: a post is its note */
	struct stage *stage;
	const char *name;
	enum note_action action;
	struct note *other;
};

static void note_run(struct post *post)
{
	struct note *n = (struct note *)post;

	diary_add(&n->stage->diary, "%s", n->name);
	switch (n->action) {
	case JUST_RUN: break;
	case POST_AGAIN_ONCE:
		n->action = JUST_RUN;
		loop_post(n->stage->loop, post);
		break;
	case POST_OTHER: loop_post(n->stage->loop, &n->other->post); break;
	case UNPOST_OTHER: loop_unpost(n->stage->loop, &n->other->post); break;
	case FREE_ITSELF:
		memset(n, 0xff, sizeof(*n));
		free(n);
		break;
	}
}

static struct note note(struct stage *s, const char *name, enum note_action action,
                        struct note *other)
{
	return (struct note){{.fn = note_run}, s, name, action, other};
}

static void posts_run_on_a_later_turn_first_in_first_out(void **state)
{
	struct stage *s = *state;
	struct note a = note(s, "a", JUST_RUN, NULL);
	struct note b = note(s, "b", JUST_RUN, NULL);
	struct note c = note(s, "c", JUST_RUN, NULL);

	loop_post(s->loop, &c.post);
	loop_post(s->loop, &a.post);
	loop_post(s->loop, &b.post);
	assert_string_equal(diary_read(&s->diary), "");
	loop_turn(s->loop);
	assert_string_equal(diary_read(&s->diary), "c a b");
	assert_false(loop_turn(s->loop));
}

static void posting_what_is_posted_already_does_nothing(void **state)
{
	struct stage *s = *state;
	struct note a = note(s, "a", JUST_RUN, NULL);
	struct note b = note(s, "b", JUST_RUN, NULL);

	loop_post(s->loop, &a.post);
	loop_post(s->loop, &b.post);
	loop_post(s->loop, &a.post);
	loop_run(s->loop);
	assert_string_equal(diary_read(&s->diary), "a b");
}

struct slow_post {
	struct post post;
	unsigned *runs;
};

static void run_slowly(struct post *post)
{
	struct slow_post *slow = (struct slow_post *)post;

	++*slow->runs;
	work_for_a_slice();
}

static void posts_that_take_a_slice_each_have_a_turn_of_their_own(void **state)
{
	struct stage *s = *state;
	struct slow_post posts[6];
	unsigned runs = 0;

	for (size_t i = 0; i < COUNT(posts); i++) {
		posts[i] = (struct slow_post){{.fn = run_slowly}, &runs};
		loop_post(s->loop, &posts[i].post);
	}
	for (unsigned turn = 1; turn <= COUNT(posts); turn++) {
		loop_turn(s->loop);
		assert_int_equal(runs, turn);
	}
	loop_run(s->loop);
	assert_int_equal(runs, COUNT(posts));
}

static void a_post_may_free_itself(void **state)
{
	struct stage *s = *state;
	struct note *a = mem_zero(1, sizeof(*a));
	struct note b = note(s, "b", JUST_RUN, NULL);

	*a = note(s, "a", FREE_ITSELF, NULL);
	loop_post(s->loop, &a->post);
	loop_post(s->loop, &b.post);
	loop_run(s->loop);
	assert_string_equal(diary_read(&s->diary), "a b");
}

static void what_a_post_posts_runs_on_the_turn_after(void **state)
{
	struct stage *s = *state;
	struct note again = note(s, "again", POST_AGAIN_ONCE, NULL);
	struct note late = note(s, "late", JUST_RUN, NULL);
	struct note other = note(s, "other", POST_OTHER, &late);

	loop_post(s->loop, &again.post);
	loop_post(s->loop, &other.post);
	assert_true(loop_turn(s->loop));
	assert_string_equal(diary_read(&s->diary), "again other");
	loop_turn(s->loop);
	assert_string_equal(diary_read(&s->diary), "again late");
	assert_false(loop_turn(s->loop));
}

static void what_is_taken_back_does_not_run(void **state)
{
	static const struct {
		const char *name;
		int taken; /* of a, b, c */
		const char *expected;
	} cases[] = {{"the first", 0, "b c d"},
	             {"the middle one", 1, "a c d"},
	             {"the last", 2, "a b d"}};
	struct stage *s = *state;

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct note notes[4] = {note(s, "a", JUST_RUN, NULL), note(s, "b", JUST_RUN, NULL),
		                        note(s, "c", JUST_RUN, NULL), note(s, "d", JUST_RUN, NULL)};

		for (int k = 0; k < 3; k++)
			loop_post(s->loop, &notes[k].post);
		loop_unpost(s->loop, &notes[cases[i].taken].post);
		loop_unpost(s->loop, &notes[cases[i].taken].post);
		/* The end of the queue is still where it should be. */
		loop_post(s->loop, &notes[3].post);
		loop_run(s->loop);
		case_text(cases[i].name, diary_read(&s->diary), cases[i].expected);
	}
}

static void taking_back_the_only_one_leaves_nothing(void **state)
{
	struct stage *s = *state;
	struct note a = note(s, "a", JUST_RUN, NULL);

	loop_post(s->loop, &a.post);
	loop_unpost(s->loop, &a.post);
	loop_run(s->loop);
	loop_turn(s->loop);
	assert_false(loop_turn(s->loop));
	loop_post(s->loop, &a.post);
	loop_run(s->loop);
	assert_string_equal(diary_read(&s->diary), "a");
}

static void a_post_may_take_back_another_of_the_same_turn(void **state)
{
	static const struct {
		const char *name;
		int taken; /* of the three behind the one that takes it */
		const char *expected;
	} cases[] = {
		{"the next", 0, "taker b c d"},
		{"the one after", 1, "taker a c d"},
		{"the last", 2, "taker a b d"},
	};
	struct stage *s = *state;

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct note notes[3] = {note(s, "a", JUST_RUN, NULL), note(s, "b", JUST_RUN, NULL),
		                        note(s, "c", JUST_RUN, NULL)};
		struct note d = note(s, "d", JUST_RUN, NULL);
		struct note taker = note(s, "taker", UNPOST_OTHER, &notes[cases[i].taken]);

		loop_post(s->loop, &taker.post);
		for (int k = 0; k < 3; k++)
			loop_post(s->loop, &notes[k].post);
		loop_post(s->loop, &d.post);
		loop_run(s->loop);
		case_text(cases[i].name, diary_read(&s->diary), cases[i].expected);
	}
}

static void a_post_may_take_back_what_was_posted_meanwhile(void **state)
{
	struct stage *s = *state;
	struct note late = note(s, "late", JUST_RUN, NULL);
	struct note last = note(s, "last", JUST_RUN, NULL);
	struct note poster = note(s, "poster", POST_OTHER, &late);
	struct note taker = note(s, "taker", UNPOST_OTHER, &late);
	struct note after = note(s, "after", POST_OTHER, &last);

	loop_post(s->loop, &poster.post);
	loop_post(s->loop, &taker.post);
	loop_post(s->loop, &after.post);
	loop_run(s->loop);
	assert_string_equal(diary_read(&s->diary), "poster taker after last");
}

/* ---- posts and descriptors ---- */

enum { GIVE_UP = 1000000 };

/* Posts itself again and again, until told to stop or until it has starved everybody else. */
struct chain {
	struct post post; /* first: a post is its chain */
	struct loop *loop;
	const struct job *until;
	unsigned runs;
};

static void chain_run(struct post *post)
{
	struct chain *c = (struct chain *)post;

	if (!job_is_finished(c->until) && ++c->runs < GIVE_UP)
		loop_post(c->loop, post);
}

static void a_chain_of_posts_does_not_starve_a_descriptor(void **state)
{
	struct stage *s = *state;
	struct chain c = {.post.fn = chain_run, .loop = s->loop};
	struct lines *lines;
	int fds[2];

	pipe_new(fds);
	lines = lines_new(s->loop, fds[0], 10);
	struct job *wait = job_ref(lines_wait(lines));
	c.until = wait;
	loop_post(s->loop, &c.post);
	loop_turn(s->loop);
	write_all(fds[1], "x", 1);
	assert_err(job_await(wait), ERR_NONE);
	loop_run(s->loop);
	assert_true(c.runs > 0);
	assert_true(c.runs < GIVE_UP);
	job_unref(wait);
	lines_free(lines);
	close(fds[0]);
	close(fds[1]);
}

static void count_down(struct ev_loop *ev, ev_io *watcher, int revents)
{
	unsigned *left = watcher->data;

	(void)revents;
	if (!--*left)
		ev_io_stop(ev, watcher);
}

static void a_descriptor_that_is_always_ready_does_not_starve_a_post(void **state)
{
	struct stage *s = *state;
	struct note post = note(s, "again", POST_AGAIN_ONCE, NULL);
	unsigned left = GIVE_UP;
	ev_io watcher;
	int fds[2];

	pipe_new(fds);
	write_all(fds[1], "x", 1); /* and nobody reads it */
	ev_io_init(&watcher, count_down, fds[0], EV_READ);
	watcher.data = &left;
	ev_io_start(loop_ev(s->loop), &watcher);
	loop_post(s->loop, &post.post);
	for (int i = 0; i < 3; i++)
		loop_turn(s->loop);
	assert_string_equal(diary_read(&s->diary), "again again");
	assert_true(left < GIVE_UP);
	ev_io_stop(loop_ev(s->loop), &watcher);
	close(fds[0]);
	close(fds[1]);
}

static void a_chain_of_posts_does_not_starve_a_timer(void **state)
{
	struct stage *s = *state;
	struct job *sleep = job_ref(sleep_for(s->loop, 1 * MS));
	struct chain c = {.post.fn = chain_run, .loop = s->loop, .until = sleep};

	loop_post(s->loop, &c.post);
	assert_err(job_await(sleep), ERR_NONE);
	loop_run(s->loop);
	assert_true(c.runs < GIVE_UP);
	job_unref(sleep);
}

/* A job that ends at once, whose end starts the next one. */
struct job_chain {
	struct loop *loop;
	const struct job *until;
	struct job_waiter waiter;
	unsigned runs;
};

static void on_link_done(struct job *job, enum err result, void *arg)
{
	struct job_chain *c = arg;

	(void)job;
	(void)result;
	if (!job_is_finished(c->until) && ++c->runs < GIVE_UP)
		job_watch(gather(c->loop, NULL, 0), &c->waiter, on_link_done, c);
}

static void a_chain_of_instant_jobs_does_not_starve_a_descriptor(void **state)
{
	struct stage *s = *state;
	struct job_chain c = {.loop = s->loop};
	struct lines *lines;
	int fds[2];

	pipe_new(fds);
	lines = lines_new(s->loop, fds[0], 10);
	struct job *wait = job_ref(lines_wait(lines));
	c.until = wait;
	job_watch(gather(s->loop, NULL, 0), &c.waiter, on_link_done, &c);
	loop_turn(s->loop);
	write_all(fds[1], "x", 1);
	assert_err(job_await(wait), ERR_NONE);
	loop_run(s->loop);
	assert_true(c.runs > 0);
	assert_true(c.runs < GIVE_UP);
	job_unref(wait);
	lines_free(lines);
	close(fds[0]);
	close(fds[1]);
}

/* ---- the time of a turn ---- */

struct look_at_time {
	struct post post; /* first: a post is its look */
	struct loop *loop;
	int64_t first, second, real;
};

static void look_at_time(struct post *post)
{
	struct look_at_time *look = (struct look_at_time *)post;

	look->first = loop_now_us(look->loop);
	do {
		look->real = clock_mono_us();
	} while (look->real == look->first);
	look->second = loop_now_us(look->loop);
}

static void a_turn_has_one_time_and_the_next_a_later_one(void **state)
{
	struct stage *s = *state;
	struct look_at_time one = {.post.fn = look_at_time, .loop = s->loop}, two = one;
	int64_t before = clock_mono_us();

	loop_post(s->loop, &one.post);
	loop_turn(s->loop);
	assert_true(one.first >= before);
	assert_true(one.real > one.first);
	assert_true(one.second == one.first);
	assert_true(loop_now_us(s->loop) == one.first);
	loop_post(s->loop, &two.post);
	loop_turn(s->loop);
	assert_true(two.first >= one.real);
	assert_true(two.second == two.first);
}

static void there_is_a_time_before_the_first_turn(void **state)
{
	struct stage *s = *state;
	int64_t before = clock_mono_us();
	int64_t now = loop_now_us(s->loop);

	assert_true(now >= before && now <= clock_mono_us());
	assert_true(loop_now_us(s->loop) == now);
}

/* ---- signals ---- */

static void on_signal(int signum, void *arg)
{
	diary_add(arg, "%s", signum == SIGUSR1 ? "USR1" : "USR2");
}

static void a_signal_is_a_call_from_the_loop(void **state)
{
	struct stage *s = *state;
	struct signal_watch *one = signal_watch_new(s->loop, SIGUSR1, on_signal, &s->diary);
	struct signal_watch *two = signal_watch_new(s->loop, SIGUSR2, on_signal, &s->diary);
	struct job *forever = job_ref(sleep_for(s->loop, HOUR));

	raise(SIGUSR1);
	assert_string_equal(diary_read(&s->diary), "");
	while (!s->diary.len)
		loop_turn(s->loop);
	assert_string_equal(diary_read(&s->diary), "USR1");
	raise(SIGUSR2);
	while (!s->diary.len)
		loop_turn(s->loop);
	assert_string_equal(diary_read(&s->diary), "USR2");
	job_cancel(forever);
	job_unref(forever);
	loop_run(s->loop);
	signal_watch_free(one);
	signal_watch_free(two);
}

static void watching_a_signal_does_not_keep_the_loop_running(void **state)
{
	struct stage *s = *state;
	struct signal_watch *watch = signal_watch_new(s->loop, SIGUSR1, on_signal, &s->diary);

	loop_run(s->loop);
	assert_false(loop_turn(s->loop));
	assert_err(job_await(sleep_for(s->loop, 1)), ERR_NONE);
	assert_false(loop_turn(s->loop));
	signal_watch_free(watch);
	assert_false(loop_turn(s->loop));
}

static void a_signal_that_is_not_watched_any_more_has_its_default_effect(void **state)
{
	struct stage *s = *state;
	struct sigaction now;

	for (int i = 0; i < 2; i++) {
		signal_watch_free(signal_watch_new(s->loop, SIGUSR1, on_signal, &s->diary));
		assert_int_equal(sigaction(SIGUSR1, NULL, &now), 0);
		assert_true(now.sa_handler == SIG_DFL);
	}
	signal_watch_free(NULL);
}

/* None is lost: not before the watch, nor after its last turn, nor behind it. */
static void a_blocked_signal_waits_for_the_next_watch(void **state)
{
	struct stage *s = *state;
	sigset_t one, pending, before;

	sigemptyset(&one);
	sigaddset(&one, SIGUSR1);
	assert_int_equal(pthread_sigmask(SIG_BLOCK, &one, &before), 0);
	for (int i = 0; i < 2; i++) {
		struct signal_watch *watch;
		struct job *forever;

		raise(SIGUSR1);
		sigpending(&pending);
		assert_true(sigismember(&pending, SIGUSR1));
		watch = signal_watch_new(s->loop, SIGUSR1, on_signal, &s->diary);
		forever = job_ref(sleep_for(s->loop, HOUR));
		while (!s->diary.len)
			loop_turn(s->loop);
		assert_string_equal(diary_read(&s->diary), "USR1");
		job_cancel(forever);
		job_unref(forever);
		loop_run(s->loop);
		raise(SIGUSR1);
		signal_watch_free(watch);
		assert_string_equal(diary_read(&s->diary), "USR1");
	}
	pthread_sigmask(SIG_SETMASK, &before, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_usual_back_ends_work),
		cmocka_unit_test(a_back_end_that_is_not_there_is_refused_with_words),
		cmocka_unit_test(
			a_back_end_that_the_kernel_may_lack_works_or_is_refused_with_words),
		cmocka_unit_test(the_environment_does_not_choose_the_back_end),
		cmocka_unit_test(freeing_no_loop_is_fine),
		cmocka_unit_test(the_main_loop_can_be_made_again),
		TEST(a_loop_with_nothing_to_wait_for_ends_at_once),
		TEST(a_turn_says_whether_there_is_more_to_wait_for),
		TEST(posts_run_on_a_later_turn_first_in_first_out),
		TEST(posting_what_is_posted_already_does_nothing),
		TEST(posts_that_take_a_slice_each_have_a_turn_of_their_own),
		TEST(a_post_may_free_itself),
		TEST(what_a_post_posts_runs_on_the_turn_after),
		TEST(what_is_taken_back_does_not_run),
		TEST(taking_back_the_only_one_leaves_nothing),
		TEST(a_post_may_take_back_another_of_the_same_turn),
		TEST(a_post_may_take_back_what_was_posted_meanwhile),
		TEST(a_chain_of_posts_does_not_starve_a_descriptor),
		TEST(a_descriptor_that_is_always_ready_does_not_starve_a_post),
		TEST(a_chain_of_posts_does_not_starve_a_timer),
		TEST(a_chain_of_instant_jobs_does_not_starve_a_descriptor),
		TEST(a_turn_has_one_time_and_the_next_a_later_one),
		TEST(there_is_a_time_before_the_first_turn),
		TEST_MAIN(a_signal_is_a_call_from_the_loop),
		TEST_MAIN(watching_a_signal_does_not_keep_the_loop_running),
		TEST_MAIN(a_signal_that_is_not_watched_any_more_has_its_default_effect),
		TEST_MAIN(a_blocked_signal_waits_for_the_next_watch),
	};
	return UNIT_RUN(tests);
}
