/*
 * base/hash: the value is the same everywhere and for ever, the set is a set, and the bag counts.
 */
#include "unit.h"

#include <stdlib.h>

#include "base/hash.h"
#include "base/mem.h"

static void case_hash(const char *name, struct hash h, uint64_t high, uint64_t low)
{
	char actual[64], expected[64];

	snprintf(actual, sizeof(actual), "%016" PRIx64 "%016" PRIx64, h.high, h.low);
	snprintf(expected, sizeof(expected), "%016" PRIx64 "%016" PRIx64, high, low);
	case_text(name, actual, expected);
}

/* `printf abc | xxhsum -H2` */
static void the_value_is_that_of_xxhsum(void **state)
{
	static const struct {
		const char *text;
		uint64_t high, low;
	} cases[] = {
		{"", 0x99aa06d3014798d8, 0x6001c324468d497f},
		{"a", 0xa96faf705af16834, 0xe6c632b61e964e1f},
		{"abc", 0x06b05ab6733a6185, 0x78af5f94892f3950},
		{"The quick brown fox jumps over the lazy dog", 0xddd650205ca3e7fa,
	         0x24a1cc2e3a8a7651},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		case_hash(cases[i].text, hash_bytes(cases[i].text, strlen(cases[i].text)),
		          cases[i].high, cases[i].low);
}

/* From xxHash's own sanity tests: one length for each of its ways through the data. */
static void the_value_is_that_of_the_published_vectors(void **state)
{
	static const struct {
		const char *name;
		size_t len;
		uint64_t low, high;
	} cases[] = {
		{"0 bytes", 0, 0x6001C324468D497F, 0x99AA06D3014798D8},
		{"1 byte", 1, 0xC44BDFF4074EECDB, 0xA6CD5E9392000F6A},
		{"6 bytes", 6, 0x3E7039BDDA43CFC6, 0x082AFE0B8162D12A},
		{"12 bytes", 12, 0x061A192713F69AD9, 0x6E3EFD8FC7802B18},
		{"24 bytes", 24, 0x1E7044D28B1B901D, 0x0CE966E4678D3761},
		{"48 bytes", 48, 0xF942219AED80F67B, 0xA002AC4E5478227E},
		{"129 bytes", 129, 0x86C9E3BC8F0A3B5C, 0x03815FC91F1B30B6},
		{"222 bytes", 222, 0xF1AEBD597CEC6B3A, 0x337E09641B948717},
		{"241 bytes", 241, 0xC5A639ECD2030E5E, 0x99A80ECF0ECFC647},
		{"4160 bytes", 4160, 0x4F323B15321E94E1, 0x67140711C1E3E335},
	};
	unsigned char data[4160];
	uint64_t next = 2654435761;

	(void)state;
	for (size_t i = 0; i < sizeof(data); i++) {
		data[i] = (unsigned char)(next >> 56);
		next *= UINT64_C(11400714785074694797);
	}
	for (size_t i = 0; i < COUNT(cases); i++)
		case_hash(cases[i].name, hash_bytes(data, cases[i].len), cases[i].high,
		          cases[i].low);
}

/* Nothing but this table holds a change back: a shard or a journal depends on these. */
static void the_value_of_several_parts_does_not_change(void **state)
{
	static const struct {
		const char *name, *parts[3];
		uint64_t high, low;
	} cases[] = {
		{"one part", {"abc"}, 0xb6b2b1c3cd1c782d, 0xf5c56289328581f0},
		{"two parts",
	         {"GET", "https://example.com/"},
	         0x0b2dfc3d0f5ca52c,
	         0x2bcab6cd01f74177},
		{"three parts",
	         {"POST", "https://example.com/", "a=1"},
	         0x4f1698791e820dde,
	         0xaaee47e6d030103d},
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
	assert_int_equal(bag.set.used, MEMBERS / 4 * 3);
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
		if (bag.set.capacity > 64)
			assert_true(bag.set.capacity *
			                    (sizeof(bag.set.slots[0]) + sizeof(bag.counts[0])) <=
			            bag.set.used * 64);
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
		cmocka_unit_test(the_value_is_that_of_xxhsum),
		cmocka_unit_test(the_value_is_that_of_the_published_vectors),
		cmocka_unit_test(the_value_of_several_parts_does_not_change),
		cmocka_unit_test(the_borders_and_the_order_of_parts_count),
		cmocka_unit_test(an_empty_part_counts),
		cmocka_unit_test(the_set_knows_what_it_has_seen),
		cmocka_unit_test(the_set_takes_24_to_48_bytes_a_member),
		cmocka_unit_test(members_that_collide_are_all_kept),
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
