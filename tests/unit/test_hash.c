/*
 * base/hash: the hash is the same everywhere and never changes, places differ from process to
 * process, the set is a set, and the bag counts.
 */
#include "unit.h"

#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/mem.h"

static void case_hash(const char *name, struct hash h, uint64_t high, uint64_t low)
{
	char actual[64], expected[64];

	snprintf(actual, sizeof(actual), "%016" PRIx64 "%016" PRIx64, h.high, h.low);
	snprintf(expected, sizeof(expected), "%016" PRIx64 "%016" PRIx64, high, low);
	case_text(name, actual, expected);
}

/*
 * Nothing but this table holds a change back: shards and resume logs depend on these. Each part is
 * hashed behind the 16 bytes of the hash before it, which are zero for the first.
 */
static void the_hash_of_parts_does_not_change(void **state)
{
	static const struct {
		const char *name, *parts[3];
		uint64_t high, low;
	} cases[] = {
		{"empty", {""}, 0x28d26cd575c89e97, 0xd59d71f7ff084737},
		{"one part", {"abc"}, 0x0d215dd0e8664a3f, 0x76b932d2f67f7e27},
		{"two parts",
	         {"GET", "https://example.com/"},
	         0x249dbed3375642d0,
	         0x4a2802afa50fa7bb},
		{"three parts",
	         {"POST", "https://example.com/", "a=1"},
	         0x214cca307fb2bf6c,
	         0x456290a8d1461416},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct hash h = {0};

		for (size_t j = 0; j < 3 && cases[i].parts[j]; j++)
			h = hash_more(h, cases[i].parts[j], strlen(cases[i].parts[j]));
		case_hash(cases[i].name, h, cases[i].high, cases[i].low);
	}
}

static bool is_same(struct hash a, struct hash b)
{
	return a.low == b.low && a.high == b.high;
}

static struct hash hash_parts(const char *first, const char *second)
{
	struct hash h = hash_more((struct hash){0}, first, strlen(first));

	return hash_more(h, second, strlen(second));
}

static void the_borders_and_the_order_of_parts_count(void **state)
{
	static const char *const parts[][2] = {
		{"ab", "c"}, {"a", "bc"}, {"", "abc"}, {"abc", ""}, {"c", "ab"}, {"bc", "a"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(parts); i++) {
		for (size_t j = 0; j < COUNT(parts); j++)
			case_int(parts[i][0],
			         is_same(hash_parts(parts[i][0], parts[i][1]),
			                 hash_parts(parts[j][0], parts[j][1])),
			         i == j);
	}
}

static void an_empty_part_counts(void **state)
{
	struct hash one = hash_more((struct hash){0}, "a", 1);

	(void)state;
	assert_false(is_same(one, hash_more(one, "", 0)));
	assert_false(is_same(hash_more((struct hash){0}, "", 0), (struct hash){0}));
}

/* ---- the set ---- */

static void the_set_knows_what_it_has_seen(void **state)
{
	struct hash_set set = {0};
	uint64_t count = 100000;

	(void)state;
	assert_false(hash_set_has(&set, hash_bytes("a", 1)));
	for (uint64_t i = 0; i < count; i++) {
		assert_false(hash_set_has(&set, hash_bytes(&i, sizeof(i))));
		assert_true(hash_set_add(&set, hash_bytes(&i, sizeof(i))));
		assert_true(hash_set_has(&set, hash_bytes(&i, sizeof(i))));
	}
	assert_int_equal(set.used, count);
	for (uint64_t i = 0; i < count; i++)
		assert_false(hash_set_add(&set, hash_bytes(&i, sizeof(i))));
	assert_int_equal(set.used, count);
	hash_set_release(&set);
}

static void a_set_grows_bit_by_bit(void **state)
{
	struct hash_set set = {0};
	unsigned growths = 0;

	(void)state;
	for (uint64_t i = 0; i < 200000; i++) {
		size_t capacity = set.capacity, moved = set.old ? set.moved : 0;
		bool was_moving = set.old;
		uint64_t known = i / 2;

		assert_true(hash_set_add(&set, hash_bytes(&i, sizeof(i))));
		growths += set.capacity != capacity;
		assert_false(was_moving && set.capacity != capacity);
		if (set.old)
			assert_in_range(set.moved - (set.capacity == capacity ? moved : 0), 0, 16);
		/* What has moved, and what has not. */
		assert_true(hash_set_has(&set, hash_bytes(&known, sizeof(known))));
		assert_false(hash_set_add(&set, hash_bytes(&known, sizeof(known))));
	}
	assert_int_equal(set.used, 200000);
	assert_in_range(growths, 10, 20);
	hash_set_release(&set);
}

static void the_set_takes_24_to_48_bytes_a_member(void **state)
{
	struct hash_set set = {0};

	(void)state;
	for (uint64_t i = 0; i < 100000; i++) {
		size_t bytes;

		hash_set_add(&set, hash_bytes(&i, sizeof(i)));
		bytes = set.capacity * sizeof(set.slots[0]);
		/* Two thirds of a power of two is no whole number: one member more may fit. */
		assert_true(bytes >= (set.used - 1) * 24);
		/* The smallest table is larger than its first members need. */
		if (set.capacity > 64)
			assert_true(bytes <= set.used * 48);
	}
	hash_set_release(&set);
}

/* All of them want the same place, and the last place of the table at that. */
static void members_that_collide_are_all_kept(void **state)
{
	struct hash_set set = {0};

	(void)state;
	for (uint64_t i = 1; i <= 1000; i++)
		assert_true(hash_set_add(&set, (struct hash){.low = UINT64_MAX, .high = i}));
	for (uint64_t i = 1; i <= 1000; i++)
		assert_false(hash_set_add(&set, (struct hash){.low = UINT64_MAX, .high = i}));
	assert_true(hash_set_add(&set, (struct hash){.low = 0, .high = 1}));
	assert_true(hash_set_add(&set, (struct hash){.low = 1, .high = 0}));
	assert_false(hash_set_add(&set, (struct hash){.low = 0, .high = 1}));
	assert_false(hash_set_add(&set, (struct hash){.low = 1, .high = 0}));
	hash_set_release(&set);
}

static int64_t cpu_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static int64_t time_to_add(uint64_t count, int shift)
{
	struct hash_set set = {0};
	int64_t start_us = cpu_us();

	for (uint64_t i = 1; i <= count; i++)
		hash_set_add(&set, (struct hash){.low = i << shift, .high = i});
	hash_set_release(&set);
	return cpu_us() - start_us;
}

/*
 * Members that agree in the low bits would all want one place of a table that took its places from
 * these: a step for each of those before, hundreds of times as long in all.
 */
static void chosen_members_take_no_longer_than_others(void **state)
{
	(void)state;
	assert_true(time_to_add(20000, 40) <= 10 * time_to_add(20000, 0) + 20000);
}

static uint64_t place_in_another_process(void)
{
	uint64_t place = 0;
	int ends[2];
	pid_t child;

	assert_int_equal(pipe(ends), 0);
	child = fork();
	assert_true(child >= 0);
	if (!child) {
		place = hash_place("example.com", 11);
		_exit(write(ends[1], &place, sizeof(place)) != sizeof(place));
	}
	assert_int_equal(read(ends[0], &place, sizeof(place)), sizeof(place));
	assert_int_equal(waitpid(child, NULL, 0), child);
	close(ends[0]);
	close(ends[1]);
	return place;
}

/* The first test, since the first place that is asked for draws the key. */
static void each_process_has_places_of_its_own(void **state)
{
	(void)state;
	assert_true(place_in_another_process() != place_in_another_process());
	assert_true(hash_place("a", 1) == hash_place("a", 1));
	assert_true(hash_place("a", 1) != hash_place("b", 1));
}

static void an_empty_set_can_be_released_and_a_released_set_used(void **state)
{
	struct hash_set set = {0};
	struct hash h = hash_bytes("a", 1);

	(void)state;
	hash_set_release(&set);
	assert_true(hash_set_add(&set, h));
	hash_set_release(&set);
	assert_int_equal(set.used, 0);
	assert_true(hash_set_add(&set, h));
	assert_false(hash_set_add(&set, h));
	hash_set_release(&set);
}

/* ---- the bag ---- */

static struct hash hash_number(uint64_t number)
{
	return hash_bytes(&number, sizeof(number));
}

/* A row of events: "+a" adds a, "-a" takes one that is there, and "!a" wants one in vain. */
static void the_bag_gives_as_often_as_it_was_given(void **state)
{
	static const struct {
		const char *name, *events;
	} cases[] = {
		{"empty", "!a"},
		{"one", "+a -a !a"},
		{"another", "+a !b -a !a !b"},
		{"twice", "+a +a -a -a !a"},
		{"again", "+a -a +a -a !a"},
		{"again, after more than enough", "+a -a !a !a +a -a !a"},
		{"several", "+a +b +a +c -c -a -b -a !a !b !c"},
		{"among others", "+a +b +c -b !b +b -a -b -c !a !b !c"},
		{"nothing in between", "!a +b !a -b !a +a -a !a"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct hash_bag bag = {0};

		for (const char *at = cases[i].events; *at; at += at[2] ? 3 : 2) {
			struct hash h = hash_bytes(at + 1, 1);

			if (*at == '+')
				hash_bag_add(&bag, h);
			else
				case_int(cases[i].name, hash_bag_take(&bag, h), *at == '-');
		}
		hash_bag_release(&bag);
	}
}

/* Counts go along when the table grows. */
static void the_bag_counts_while_it_grows(void **state)
{
	enum { MEMBERS = 50000 };
	struct hash_bag bag = {0};

	(void)state;
	/* Number i is there i % 4 times, never, or up to 3 times. */
	for (uint64_t turn = 0; turn < 3; turn++) {
		for (uint64_t i = 0; i < MEMBERS; i++) {
			if (turn < i % 4)
				hash_bag_add(&bag, hash_number(i));
		}
	}
	assert_int_equal(bag.used, MEMBERS / 4 * 3);
	for (uint64_t i = 0; i < MEMBERS; i++) {
		for (uint64_t turn = 0; turn < i % 4; turn++)
			assert_true(hash_bag_take(&bag, hash_number(i)));
		assert_false(hash_bag_take(&bag, hash_number(i)));
	}
	hash_bag_release(&bag);
}

/* One that was taken keeps its place in the table, or those behind it would not be found. */
static void members_of_a_bag_that_collide_are_all_found(void **state)
{
	enum { MEMBERS = 40 };
	struct hash_bag bag = {0};

	(void)state;
	for (uint64_t i = 1; i <= MEMBERS; i++)
		hash_bag_add(&bag, (struct hash){.low = UINT64_MAX, .high = i});
	for (uint64_t i = 1; i <= MEMBERS; i += 2)
		assert_true(hash_bag_take(&bag, (struct hash){.low = UINT64_MAX, .high = i}));
	for (uint64_t i = 1; i <= MEMBERS; i++)
		assert_int_equal(hash_bag_take(&bag, (struct hash){.low = UINT64_MAX, .high = i}),
		                 i % 2 == 0);
	hash_bag_release(&bag);
}

static void any_row_of_changes_is_as_with_counters(void **state)
{
	enum { NUMBERS = 2000, STEPS = 200000 };
	uint64_t seed = UINT64_C(0x9e3779b97f4a7c15);
	uint32_t *counters = mem_zero(NUMBERS, sizeof(*counters));
	struct hash_bag bag = {0};

	(void)state;
	for (size_t i = 0; i < STEPS; i++) {
		uint64_t number;

		seed ^= seed << 13;
		seed ^= seed >> 7;
		seed ^= seed << 17;
		number = (seed >> 8) % NUMBERS;
		if (seed >> 63) {
			hash_bag_add(&bag, hash_number(number));
			counters[number]++;
		} else {
			assert_int_equal(hash_bag_take(&bag, hash_number(number)),
			                 counters[number] > 0);
			counters[number] -= counters[number] > 0;
		}
	}
	hash_bag_release(&bag);
	free(counters);
}

static void a_bag_takes_no_more_than_64_bytes_a_member(void **state)
{
	struct hash_bag bag = {0};

	(void)state;
	for (uint64_t i = 0; i < 100000; i++) {
		hash_bag_add(&bag, hash_number(i));
		/* The smallest table is larger than its first members need. */
		if (bag.capacity > 64)
			assert_true(bag.capacity * (sizeof(bag.slots[0]) + sizeof(bag.counts[0])) <=
			            bag.used * 64);
	}
	hash_bag_release(&bag);
}

static void an_empty_bag_can_be_released_and_a_released_bag_used(void **state)
{
	struct hash_bag bag = {0};
	struct hash h = hash_number(1);

	(void)state;
	hash_bag_release(&bag);
	hash_bag_add(&bag, h);
	hash_bag_release(&bag);
	assert_false(hash_bag_take(&bag, h));
	hash_bag_add(&bag, h);
	assert_true(hash_bag_take(&bag, h));
	assert_false(hash_bag_take(&bag, h));
	hash_bag_release(&bag);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_process_has_places_of_its_own),
		cmocka_unit_test(the_hash_of_parts_does_not_change),
		cmocka_unit_test(the_borders_and_the_order_of_parts_count),
		cmocka_unit_test(an_empty_part_counts),
		cmocka_unit_test(the_set_knows_what_it_has_seen),
		cmocka_unit_test(a_set_grows_bit_by_bit),
		cmocka_unit_test(the_set_takes_24_to_48_bytes_a_member),
		cmocka_unit_test(members_that_collide_are_all_kept),
		cmocka_unit_test(chosen_members_take_no_longer_than_others),
		cmocka_unit_test(an_empty_set_can_be_released_and_a_released_set_used),
		cmocka_unit_test(the_bag_gives_as_often_as_it_was_given),
		cmocka_unit_test(the_bag_counts_while_it_grows),
		cmocka_unit_test(members_of_a_bag_that_collide_are_all_found),
		cmocka_unit_test(any_row_of_changes_is_as_with_counters),
		cmocka_unit_test(a_bag_takes_no_more_than_64_bytes_a_member),
		cmocka_unit_test(an_empty_bag_can_be_released_and_a_released_bag_used),
	};
	return UNIT_RUN(tests);
}
