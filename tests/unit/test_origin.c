/*
 * transfer/origin: who may ask for a name, who waits for whose answer, and what is remembered.
 */
#include "unit.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/mem.h"
#include "transfer/origin.h"

#define S_US INT64_C(1000000)

/* Many transfers to names of our own, as an engine has them. */
struct fleet {
	struct origins origins;
	struct origin_user users[400];
	size_t count;
};

static struct fleet *fleet_new(void)
{
	struct fleet *fleet = mem_zero(1, sizeof(*fleet));

	origins_init(&fleet->origins, LOOKUP_LIMIT, GIVEN_UP_LIMIT);
	return fleet;
}

static void fleet_free(struct fleet *fleet)
{
	origins_release(&fleet->origins);
	free(fleet);
}

/* A transfer to http://name begins. */
static struct origin_user *begin(struct fleet *fleet, const char *name)
{
	struct origin_user *user = &fleet->users[fleet->count++];
	struct buf key;

	buf_init(&key, BUF_UNLIMITED);
	buf_printf(&key, "http://%s", name);
	*user = (struct origin_user){0};
	origin_enter(&fleet->origins, user, &key);
	buf_release(&key);
	return user;
}

static struct origin_user *begin_numbered(struct fleet *fleet, size_t number)
{
	char name[32];

	snprintf(name, sizeof(name), "h%zu.example", number);
	return begin(fleet, name);
}

static bool may_connect(struct fleet *fleet, struct origin_user *user)
{
	return origin_may_connect(&fleet->origins, user, 0);
}

static void end(struct fleet *fleet, struct origin_user *user)
{
	origin_unanswered(&fleet->origins, user, 0);
	origin_leave(&fleet->origins, user);
}

static void cancel(struct fleet *fleet, struct origin_user *user)
{
	origin_stop_waiting(&fleet->origins, user);
	end(fleet, user);
}

static struct origin_user *next_ready(struct fleet *fleet)
{
	return origins_next_ready(&fleet->origins);
}

/* ---- one name ---- */

static void an_address_is_nothing_to_ask_for(void **state)
{
	static const char *const names[] = {"127.0.0.1", "127.0.0.1:80", "[::1]",
	                                    "[::1]:80",  "localhost",    "localhost:8080"};

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++) {
		struct fleet *fleet = fleet_new();
		struct origin_user *first = begin(fleet, names[i]),
				   *second = begin(fleet, names[i]);

		case_true(names[i], may_connect(fleet, first) && may_connect(fleet, second));
		case_true(names[i], !first->is_asking && !second->is_asking);
		end(fleet, first);
		end(fleet, second);
		fleet_free(fleet);
	}
}

static void the_first_asks_and_the_others_wait_for_its_answer(void **state)
{
	struct fleet *fleet = fleet_new();
	struct origin_user *first = begin(fleet, "a"), *second = begin(fleet, "a"),
			   *third = begin(fleet, "a"), *later;

	(void)state;
	assert_true(may_connect(fleet, first) && first->is_asking);
	assert_false(may_connect(fleet, second));
	assert_false(may_connect(fleet, third));
	assert_null(next_ready(fleet));
	origin_answered(&fleet->origins, first, 0);
	origin_answered(&fleet->origins, first, 0);
	assert_ptr_equal(next_ready(fleet), second);
	assert_ptr_equal(next_ready(fleet), third);
	assert_null(next_ready(fleet));
	end(fleet, first);
	end(fleet, second);
	end(fleet, third);

	later = begin(fleet, "a");
	assert_true(origin_may_connect(&fleet->origins, later, 59 * S_US) && !later->is_asking);
	assert_true(origin_may_connect(&fleet->origins, later, 60 * S_US) && later->is_asking);
	end(fleet, later);
	fleet_free(fleet);
}

static void one_of_those_that_wait_asks_instead(void **state)
{
	struct fleet *fleet = fleet_new();
	struct origin_user *first = begin(fleet, "a"), *second = begin(fleet, "a"),
			   *third = begin(fleet, "a");

	(void)state;
	assert_true(may_connect(fleet, first) && !may_connect(fleet, second) &&
	            !may_connect(fleet, third));
	end(fleet, first);
	assert_ptr_equal(next_ready(fleet), second);
	assert_true(second->is_asking && !third->is_asking);
	assert_null(next_ready(fleet));
	assert_ptr_equal(origin_first_waiting(second), third);
	origin_stop_waiting(&fleet->origins, third);
	assert_null(origin_first_waiting(second));
	end(fleet, third);
	end(fleet, second);
	assert_int_equal(fleet->origins.asked, 0);
	fleet_free(fleet);
}

/* ---- many names ---- */

/* All that may be asked for at once, and more that wait: each by so many transfers. */
static struct fleet *fleet_of_names(size_t names, size_t each)
{
	struct fleet *fleet = fleet_new();

	for (size_t i = 0; i < names * each; i++) {
		struct origin_user *user = begin_numbered(fleet, i / each);
		bool is_first = i % each == 0;

		case_true("the first of a name",
		          may_connect(fleet, user) == (is_first && i / each < LOOKUP_LIMIT));
	}
	return fleet;
}

static void an_answer_lets_the_next_name_ask(void **state)
{
	struct fleet *fleet = fleet_of_names(LOOKUP_LIMIT + 2, 1);

	(void)state;
	origin_answered(&fleet->origins, &fleet->users[5], 0);
	assert_ptr_equal(next_ready(fleet), &fleet->users[LOOKUP_LIMIT]);
	assert_true(fleet->users[LOOKUP_LIMIT].is_asking);
	assert_null(next_ready(fleet));
	cancel(fleet, &fleet->users[LOOKUP_LIMIT]);
	assert_ptr_equal(next_ready(fleet), &fleet->users[LOOKUP_LIMIT + 1]);
	fleet_free(fleet);
}

/* However the look-ups end, no more than the limit are asked for, and all have their turn. */
static void names_that_are_not_answered_stay_within_the_limit(void **state)
{
	enum { EACH = 3 };
	struct fleet *fleet = fleet_of_names(LOOKUP_LIMIT + 20, EACH);
	size_t ended = 0;
	struct origin_user *user;

	(void)state;
	for (size_t i = 0; i < LOOKUP_LIMIT; i++, ended++) {
		end(fleet, &fleet->users[i * EACH]);
		assert_int_equal(fleet->origins.asked, LOOKUP_LIMIT);
	}
	for (; (user = next_ready(fleet)); ended++) {
		assert_true(user->is_asking);
		end(fleet, user);
		assert_in_range(fleet->origins.asked, 0, LOOKUP_LIMIT);
	}
	assert_int_equal(ended, fleet->count);
	assert_int_equal(fleet->origins.asked, 0);
	fleet_free(fleet);
}

static void those_that_are_cancelled_hold_up_nobody(void **state)
{
	struct fleet *fleet = fleet_of_names(LOOKUP_LIMIT + 3, 1);
	struct origin_user *first = &fleet->users[LOOKUP_LIMIT], *again;

	(void)state;
	cancel(fleet, first); /* waits in the queue */
	end(fleet, &fleet->users[0]);
	assert_ptr_equal(fleet->origins.ready, first + 1);
	cancel(fleet, first + 1); /* is ready to ask */
	assert_ptr_equal(next_ready(fleet), first + 2);
	assert_null(next_ready(fleet));
	end(fleet, first + 2);
	assert_int_equal(fleet->origins.asked, LOOKUP_LIMIT - 1);
	again = begin_numbered(fleet, LOOKUP_LIMIT);
	assert_true(may_connect(fleet, again) && again->is_asking);
	fleet_free(fleet);
}

/* Their threads go on for ten seconds. */
static void few_are_asked_for_while_many_were_given_up(void **state)
{
	struct fleet *fleet = fleet_new();
	struct origin_user *user, *first, *second;

	(void)state;
	for (size_t i = 0; i < GIVEN_UP_LIMIT; i++) {
		fleet->count = 0;
		user = begin_numbered(fleet, i);
		assert_true(origin_may_connect(&fleet->origins, user, (int64_t)i));
		origin_gave_up(&fleet->origins, user, (int64_t)i);
		origin_unanswered(&fleet->origins, user, (int64_t)i);
		origin_leave(&fleet->origins, user);
	}
	first = begin(fleet, "first");
	second = begin(fleet, "second");
	assert_true(origin_may_connect(&fleet->origins, first, 9 * S_US));
	assert_false(origin_may_connect(&fleet->origins, second, 9 * S_US));
	assert_true(origin_may_connect(&fleet->origins, begin(fleet, "third"), 10 * S_US));
	origin_answered(&fleet->origins, first, 10 * S_US);
	assert_ptr_equal(next_ready(fleet), second);
	fleet_free(fleet);
}

/* One at a time does not mean none. */
static void each_name_has_its_turn_while_many_were_given_up(void **state)
{
	struct fleet *fleet = fleet_of_names(LOOKUP_LIMIT + 20, 1);
	size_t ended = 0;

	(void)state;
	for (size_t i = 0; i < GIVEN_UP_LIMIT; i++)
		origin_gave_up(&fleet->origins, &fleet->users[0], S_US);
	for (; ended < LOOKUP_LIMIT - 1; ended++)
		end(fleet, &fleet->users[ended]);
	assert_int_equal(fleet->origins.asked, 1);
	assert_null(next_ready(fleet));
	for (struct origin_user *user = &fleet->users[ended]; user;
	     user = next_ready(fleet), ended++)
		end(fleet, user);
	assert_int_equal(ended, fleet->count);
	fleet_free(fleet);
}

/* ---- memory ---- */

/* A transfer to a name that is known, or will be. Returns whether it had to ask. */
static bool visit(struct fleet *fleet, size_t number)
{
	struct origin_user *user;
	bool has_asked;

	fleet->count = COUNT(fleet->users) - 1;
	user = begin_numbered(fleet, number);
	assert_true(may_connect(fleet, user));
	has_asked = user->is_asking;
	origin_answered(&fleet->origins, user, 0);
	end(fleet, user);
	return has_asked;
}

/* Some transfers go on all the time, begun before all others. */
static void what_was_used_last_and_what_is_used_is_remembered(void **state)
{
	enum { BUSY = 20, MANY = 10000, KEPT = 1000 };
	struct fleet *fleet = fleet_new();
	size_t known = 0;

	(void)state;
	for (size_t i = 0; i < BUSY; i++) {
		struct origin_user *user = begin_numbered(fleet, i);

		assert_true(may_connect(fleet, user));
		origin_answered(&fleet->origins, user, 0);
	}
	for (size_t i = BUSY; i < MANY; i++)
		assert_true(visit(fleet, i));
	for (size_t i = MANY - KEPT; i < MANY; i++)
		assert_false(visit(fleet, i));
	for (size_t i = 0; i < BUSY; i++)
		assert_false(visit(fleet, i));
	for (size_t i = BUSY; i < MANY - KEPT; i++)
		known += !visit(fleet, i);
	assert_int_equal(known, 0);
	for (size_t i = 0; i < BUSY; i++)
		end(fleet, &fleet->users[i]);
	fleet_free(fleet);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_address_is_nothing_to_ask_for),
		cmocka_unit_test(the_first_asks_and_the_others_wait_for_its_answer),
		cmocka_unit_test(one_of_those_that_wait_asks_instead),
		cmocka_unit_test(an_answer_lets_the_next_name_ask),
		cmocka_unit_test(names_that_are_not_answered_stay_within_the_limit),
		cmocka_unit_test(those_that_are_cancelled_hold_up_nobody),
		cmocka_unit_test(few_are_asked_for_while_many_were_given_up),
		cmocka_unit_test(each_name_has_its_turn_while_many_were_given_up),
		cmocka_unit_test(what_was_used_last_and_what_is_used_is_remembered),
	};

	return UNIT_RUN(tests);
}
