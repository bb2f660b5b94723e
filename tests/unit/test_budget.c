/*
 * transfer/budget: what an engine may open is no more than it was given.
 */
#include "unit.h"

#include "transfer/budget.h"
#include "transfer/lane.h"
#include "transfer/origin.h"

enum { LANE_PAIR = 2 };

/* What an engine opens at most that has so many fetches. */
static uint64_t most(const struct budget *b, uint64_t fetches)
{
	uint64_t lanes = (fetches + b->lane_fetches - 1) / b->lane_fetches;

	return lanes * (b->lane_connections + LANE_PAIR) + 4 * (uint64_t)b->lookups + b->given_up;
}

static void it_is_never_exceeded(void **state)
{
	(void)state;
	for (uint64_t fetches = 1; fetches < 3000; fetches += 1 + fetches / 50) {
		uint64_t needed = budget_least(fetches);

		for (uint64_t more = 0; more < 10000; more += 1 + more / 4) {
			struct budget b = budget_divide(fetches, needed + more);

			assert_true(most(&b, fetches) <= needed + more);
			assert_true(b.lane_fetches >= 1 && b.lane_fetches <= LANE_LIMIT);
			assert_true(b.lane_connections > b.lane_fetches);
			assert_true(b.lookups >= 1 && b.lookups <= LOOKUP_LIMIT);
			assert_true(b.given_up >= 1 && b.given_up <= GIVEN_UP_LIMIT);
		}
	}
}

static void with_plenty_all_is_as_large_as_is_good(void **state)
{
	static const uint64_t fetches[] = {1, 64, 65, 100, 1000, 100000};

	(void)state;
	for (size_t i = 0; i < sizeof(fetches) / sizeof(fetches[0]); i++) {
		struct budget b = budget_divide(fetches[i], UINT64_MAX);

		assert_int_equal(b.lane_fetches, LANE_LIMIT);
		assert_int_equal(b.lookups, LOOKUP_LIMIT);
		assert_int_equal(b.given_up, GIVEN_UP_LIMIT);
	}
}

static void less_than_needed_is_taken_for_enough(void **state)
{
	struct budget enough = budget_divide(100, budget_least(100)), b = budget_divide(100, 3);

	(void)state;
	assert_memory_equal(&b, &enough, sizeof(b));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_never_exceeded),
		cmocka_unit_test(with_plenty_all_is_as_large_as_is_good),
		cmocka_unit_test(less_than_needed_is_taken_for_enough),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
