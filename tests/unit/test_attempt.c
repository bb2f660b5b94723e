/*
 * transfer/attempt: a handle that is set up again and again.
 */
#include "unit.h"

#include <malloc.h>

#include "base/buf.h"
#include "transfer/attempt.h"
#include "transfer/options.h"
#include "transfer/session.h"

enum { TIMES = 2000 };

/* Two ways to fetch in turn, so that each attempt needs its handle set up anew. */
static void prepare_in_turn(struct attempt *attempt, const struct fetch_options *ways)
{
	for (int i = 0; i < TIMES; i++) {
		struct result r;

		result_init(&r);
		r.request.options = &ways[i % 2];
		buf_put_text(&r.request.url, "http://127.0.0.1/");
		assert_int_equal(attempt_prepare(attempt, &r), CURLE_OK);
		result_release(&r);
	}
}

static void setting_up_anew_takes_no_more_memory(void **state)
{
	static const char *const no_file = "";
	const struct session_options kept = {.cookie_files = &no_file, .cookie_file_count = 1};
	struct session *session = session_new(&kept, 1);
	const struct attempt_setup setup = {
		.share = session_share(session),
		.cookies = session_cookies(session),
		.buffer_bytes = 16384,
	};
	struct fetch_options ways[2];
	struct attempt attempt;
	size_t before;

	(void)state;
	for (size_t i = 0; i < COUNT(ways); i++) {
		fetch_options_init(&ways[i]);
		fetch_options_seal(&ways[i]);
	}
	assert_true(attempt_init(&attempt, &setup, NULL));
	prepare_in_turn(&attempt, ways);
	before = mallinfo2().uordblks;
	prepare_in_turn(&attempt, ways);
	assert_in_range(mallinfo2().uordblks, 0, before + TIMES);
	attempt_release(&attempt);
	for (size_t i = 0; i < COUNT(ways); i++)
		fetch_options_release(&ways[i]);
	assert_err(session_free(session, NULL), ERR_NONE);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(setting_up_anew_takes_no_more_memory),
	};
	int failed;

	if (transfer_global_init(NULL))
		return 1;
	failed = UNIT_RUN(tests);
	transfer_global_release();
	return failed;
}
