/*
 * transfer/result: the bodies that are in memory, and how many of them there may be.
 */
#include "unit.h"

#include <stdlib.h>

#include "base/mem.h"
#include "transfer/ceilings.h"
#include "transfer/result.h"

enum { SHARE = 100 };

static struct result *result_new(void)
{
	struct result *result = mem_zero(1, sizeof(*result));

	result_init(result);
	return result;
}

static void result_free(struct result *result)
{
	result_release(result);
	free(result);
}

static bool keep(struct result *result, struct kept *kept, size_t len)
{
	static const char data[2 * SHARE];

	return result_keep(result, kept, data, len);
}

static void what_is_kept_is_counted_until_it_is_given_back(void **state)
{
	struct kept kept = {.share = SHARE};
	struct result *one = result_new(), *two = result_new(), *three = result_new();

	(void)state;
	assert_true(keep(one, &kept, 30) && keep(two, &kept, 40) && keep(one, &kept, 1) &&
	            keep(three, &kept, 9));
	assert_int_equal(kept.bytes, 80);
	result_drop_body(one);
	result_drop_body(one);
	assert_int_equal(kept.bytes, 49);
	result_clear_attempt(two);
	assert_int_equal(kept.bytes, 9);
	assert_true(keep(two, &kept, 7));
	result_recycle(two);
	assert_int_equal(kept.bytes, 9);
	result_free(three);
	assert_int_equal(kept.bytes, 0);
	result_free(one);
	result_free(two);
}

static void over_the_ceiling_nobody_has_more_than_its_share(void **state)
{
	struct kept kept = {.bytes = MAX_KEPT_BODIES - SHARE - 2, .share = SHARE};
	struct result *large = result_new(), *small = result_new();

	(void)state;
	assert_true(keep(large, &kept, SHARE + 1));
	assert_true(keep(small, &kept, SHARE));
	assert_false(keep(large, &kept, 1));
	assert_false(keep(small, &kept, 1));
	result_drop_body(large);
	assert_true(keep(small, &kept, 1));
	result_free(large);
	result_free(small);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_kept_is_counted_until_it_is_given_back),
		cmocka_unit_test(over_the_ceiling_nobody_has_more_than_its_share),
	};

	return UNIT_RUN(tests);
}
