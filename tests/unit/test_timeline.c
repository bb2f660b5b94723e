/*
 * policy/timeline: what is due first comes first, whatever is set and unset between.
 */
#include "unit.h"

#include <stdlib.h>

#include "base/mem.h"
#include "policy/timeline.h"

static uint64_t random_next(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

/* Takes all that is set, in order: "3 5 5 8". */
static void case_all(const char *name, struct timeline *timeline, const char *expected)
{
	char text[256] = "";
	struct alarm *alarm;
	size_t len = 0;

	while ((alarm = timeline_first(timeline))) {
		len += (size_t)snprintf(text + len, sizeof(text) - len, len ? " %lld" : "%lld",
		                        (long long)alarm->at_us);
		timeline_unset(timeline, alarm);
		case_true(name, !alarm->place);
	}
	case_text(name, text, expected);
	timeline_release(timeline);
}

/*
 * A case is a row of words: "a=5" sets alarm a to 5, anew if it is set, and "-a" takes it away.
 * Then all are taken in order.
 */
static void the_earliest_comes_first(void **state)
{
	static const struct {
		const char *name, *events, *expected;
	} cases[] = {
		{"none", "", ""},
		{"one", "a=5", "5"},
		{"in order", "a=1 b=2 c=3 d=4", "1 2 3 4"},
		{"in reverse", "a=4 b=3 c=2 d=1", "1 2 3 4"},
		{"mixed", "a=5 b=1 c=7 d=3 e=9 f=2 g=8", "1 2 3 5 7 8 9"},
		{"at the same time", "a=2 b=1 c=2 d=1 e=2", "1 1 2 2 2"},
		{"at the ends of time", "a=9223372036854775807 b=0 c=-9223372036854775807",
	         "-9223372036854775807 0 9223372036854775807"},

		{"anew, later", "a=1 b=2 c=3 a=4", "2 3 4"},
		{"anew, earlier", "a=1 b=2 c=3 c=0", "0 1 2"},
		{"anew, the same", "a=1 b=2 c=3 b=2", "1 2 3"},
		{"anew, into the middle", "a=1 b=3 c=5 a=4", "3 4 5"},
		{"anew, the only one", "a=5 a=3 a=7", "7"},

		{"unset the first", "a=1 b=2 c=3 -a", "2 3"},
		{"unset in the middle", "a=1 b=2 c=3 d=4 e=5 -c", "1 2 4 5"},
		{"unset the last", "a=1 b=2 c=3 -c", "1 2"},
		{"unset the only one", "a=1 -a", ""},
		{"unset what is not set", "a=1 -b", "1"},
		{"unset twice", "a=1 b=2 -a -a", "2"},
		{"unset, and set again", "a=1 b=2 -a a=3", "2 3"},
		/* The last of the heap is g, and goes up from where it takes the place of e. */
		{"unset in another branch", "a=1 b=10 c=2 d=11 e=12 f=3 g=4 -e", "1 2 3 4 10 11"},
		/* And here it goes down. */
		{"unset above others", "a=1 b=2 c=9 d=3 e=4 f=10 g=11 -b", "1 3 4 9 10 11"},
		/* What fills the hole is earlier than what was above the hole. */
		{"unset below one that is later",
	         "a=1 b=20 c=2 d=21 e=22 f=3 g=4 h=23 i=24 j=25 "
	         "k=26 l=5 -h",
	         "1 2 3 4 5 20 21 22 24 25 26"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		char *words = mem_text(cases[i].events), *at = words, *word;
		struct alarm alarms[26] = {0};
		struct timeline timeline = {0};

		while ((word = strsep(&at, " "))) {
			if (*word == '-')
				timeline_unset(&timeline, &alarms[word[1] - 'a']);
			else if (*word)
				timeline_set(&timeline, &alarms[*word - 'a'],
				             strtoll(word + 2, NULL, 10));
		}
		case_all(cases[i].name, &timeline, cases[i].expected);
		free(words);
	}
}

static void what_is_still_set_is_forgotten(void **state)
{
	struct timeline timeline = {0};
	struct alarm alarms[100] = {0};

	(void)state;
	timeline_release(&timeline);
	for (size_t i = 0; i < COUNT(alarms); i++)
		timeline_set(&timeline, &alarms[i], (int64_t)i);
	timeline_release(&timeline);
	assert_null(timeline_first(&timeline));
	alarms[7] = (struct alarm){0};
	timeline_set(&timeline, &alarms[7], 7);
	assert_ptr_equal(timeline_first(&timeline), &alarms[7]);
	timeline_release(&timeline);
}

/* ---- beside a sorted array ---- */

enum { ALARMS = 300, STEPS = 100000 };

struct sorted {
	int64_t times[ALARMS];
	size_t count;
};

static void sorted_add(struct sorted *sorted, int64_t at_us)
{
	size_t i = sorted->count++;

	for (; i && sorted->times[i - 1] > at_us; i--)
		sorted->times[i] = sorted->times[i - 1];
	sorted->times[i] = at_us;
}

static void sorted_drop(struct sorted *sorted, int64_t at_us)
{
	size_t i = 0;

	while (sorted->times[i] != at_us)
		i++;
	sorted->count--;
	for (; i < sorted->count; i++)
		sorted->times[i] = sorted->times[i + 1];
}

static void any_row_of_changes_is_as_with_a_sorted_array(void **state)
{
	static const struct {
		const char *name;
		uint64_t seed, times; /* so many different ones */
	} cases[] = {
		{"times far apart", 1, UINT64_C(1) << 40},
		{"many at the same time", 2, 20},
		{"hardly any but the same", 3, 2},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const char *name = cases[i].name;
		uint64_t seed = cases[i].seed * UINT64_C(0x9e3779b97f4a7c15);
		struct alarm alarms[ALARMS] = {0}, *first;
		struct sorted sorted = {.count = 0};
		struct timeline timeline = {0};

		for (size_t step = 0; step < STEPS; step++) {
			struct alarm *alarm = &alarms[random_next(&seed) % ALARMS];
			int64_t at_us = (int64_t)(random_next(&seed) % cases[i].times);

			if (alarm->place)
				sorted_drop(&sorted, alarm->at_us);
			if (random_next(&seed) % 2) {
				timeline_set(&timeline, alarm, at_us);
				sorted_add(&sorted, at_us);
			} else {
				timeline_unset(&timeline, alarm);
			}
			first = timeline_first(&timeline);
			case_true(name, !first == !sorted.count);
			if (first)
				case_int(name, first->at_us, sorted.times[0]);
		}
		for (size_t k = 0; k < sorted.count; k++) {
			first = timeline_first(&timeline);
			case_int(name, first->at_us, sorted.times[k]);
			timeline_unset(&timeline, first);
		}
		assert_null(timeline_first(&timeline));
		timeline_release(&timeline);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_earliest_comes_first),
		cmocka_unit_test(what_is_still_set_is_forgotten),
		cmocka_unit_test(any_row_of_changes_is_as_with_a_sorted_array),
	};

	return UNIT_RUN(tests);
}
