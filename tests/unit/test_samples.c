/*
 * output/samples: which requests stand for all, and in which order they come.
 */
#include "unit.h"

#include "base/buf.h"
#include "output/samples.h"

enum { LIMIT = 100 };

static void add_timed(struct samples *samples, uint64_t index, int64_t begin_us, int64_t total_us)
{
	struct phases phases = {.begin_us = begin_us, .us[PHASE_WAIT] = total_us};
	struct result r;

	result_init(&r);
	buf_put_text(&r.request.url, "http://user:secret@h/");
	r.request.index = index;
	r.attempts = 2;
	r.http_code = 404;
	r.failure = FAILURE_HTTP;
	r.size_download = 7;
	r.time_total_us = total_us;
	samples_add(samples, &r, &phases);
	result_release(&r);
}

static void add(struct samples *samples, uint64_t index, int64_t begin_us)
{
	add_timed(samples, index, begin_us, 8);
}

static void fill(struct samples *samples, size_t limit, uint64_t requests)
{
	samples_init(samples, limit);
	for (uint64_t i = 0; i < requests; i++)
		add(samples, i, (int64_t)i);
}

static void all_are_kept_as_long_as_there_is_room(void **state)
{
	static const struct {
		const char *name;
		size_t limit;
		uint64_t requests, kept;
	} cases[] = {
		{"none", LIMIT, 0, 0},
		{"one", LIMIT, 1, 1},
		{"as many as there is room for", LIMIT, LIMIT, LIMIT},
		{"one more", LIMIT, LIMIT + 1, LIMIT},
		{"many", LIMIT, 100000, LIMIT},
		{"room for one", 1, 3, 1},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct samples samples;

		fill(&samples, cases[i].limit, cases[i].requests);
		samples_sort(&samples);
		case_uint(cases[i].name, samples.added, cases[i].requests);
		case_uint(cases[i].name, samples.count, cases[i].kept);
		for (size_t k = 1; k < samples.count; k++)
			case_true(cases[i].name,
			          samples.items[k].index > samples.items[k - 1].index);
		samples_release(&samples);
	}
}

/* The largest gap between two of them is not much more than the mean, however many there were. */
static void they_are_spread_evenly(void **state)
{
	static const uint64_t counts[] = {101, 150, 200, 1000, 12345, 100000};

	(void)state;
	for (size_t i = 0; i < COUNT(counts); i++) {
		struct samples samples;
		uint64_t last = 0, mean = 4 * counts[i] / (3 * LIMIT), widest = 0;
		char name[32];

		snprintf(name, sizeof(name), "of %" PRIu64, counts[i]);
		fill(&samples, LIMIT, counts[i]);
		samples_sort(&samples);
		for (size_t k = 0; k < samples.count; k++) {
			uint64_t gap = samples.items[k].index - last;

			widest = gap > widest ? gap : widest;
			last = samples.items[k].index;
		}
		widest = counts[i] - last > widest ? counts[i] - last : widest;
		case_true(name, widest <= 2 * (mean + 1));
		samples_release(&samples);
	}
}

/* Every part of what comes in turns has its share, as with hosts. */
static void they_are_in_step_with_no_turns(void **state)
{
	(void)state;
	for (uint64_t turns = 2; turns <= 12; turns++) {
		size_t by_turn[12] = {0};
		struct samples samples;
		char name[32];

		fill(&samples, 240, 100000);
		samples_sort(&samples);
		for (size_t i = 0; i < samples.count; i++)
			by_turn[samples.items[i].index % turns]++;
		for (uint64_t i = 0; i < turns; i++) {
			size_t share = 240 / turns;

			snprintf(name, sizeof(name), "%" PRIu64 " of %" PRIu64, i, turns);
			case_true(name, by_turn[i] > share / 2 && by_turn[i] < 2 * share);
		}
		samples_release(&samples);
	}
}

/* Results come in the order in which they end. */
static void they_are_the_same_whatever_comes_first(void **state)
{
	enum { REQUESTS = 1000 };
	struct samples forth, back;

	(void)state;
	samples_init(&forth, LIMIT);
	samples_init(&back, LIMIT);
	for (uint64_t i = 0; i < REQUESTS; i++) {
		add(&forth, i, 0);
		add(&back, REQUESTS - 1 - i, 0);
	}
	samples_sort(&forth);
	samples_sort(&back);
	for (size_t i = 0; i < LIMIT; i++)
		case_uint("index", forth.items[i].index, back.items[i].index);
	samples_release(&forth);
	samples_release(&back);
}

static void the_order_is_that_of_beginning_then_of_input(void **state)
{
	struct samples samples;

	(void)state;
	samples_init(&samples, LIMIT);
	add(&samples, 3, 10);
	add(&samples, 2, 20);
	add(&samples, 1, 20);
	add(&samples, 0, 30);
	samples_sort(&samples);
	case_uint("first", samples.items[0].index, 3);
	case_uint("second", samples.items[1].index, 1);
	case_uint("third", samples.items[2].index, 2);
	case_uint("fourth", samples.items[3].index, 0);
	samples_release(&samples);
}

static void what_a_picture_needs_is_kept(void **state)
{
	struct samples samples;
	const struct sample *s;

	(void)state;
	samples_init(&samples, 1);
	add(&samples, 5, 6);
	samples_sort(&samples);
	s = &samples.items[0];
	case_text("no password", s->url, "http://user:***@h/");
	case_uint("index", s->index, 5);
	case_int("begin", s->phases.begin_us, 6);
	case_int("bytes", s->bytes, 7);
	case_int("time", s->total_us, 8);
	case_int("attempts", s->attempts, 2);
	case_int("status", s->http_code, 404);
	case_int("failure", s->failure, FAILURE_HTTP);
	samples_release(&samples);
}

/* ---- the slowest ---- */

/* Those of 100 to 109 are slow, the later the slower. */
static void fill_with_slow(struct samples *samples, size_t limit, uint64_t requests)
{
	samples_init(samples, limit);
	for (uint64_t i = 0; i < requests; i++) {
		bool is_slow = i >= 100 && i < 110;

		add_timed(samples, i, (int64_t)i, is_slow ? 1000 * (int64_t)i : 8);
	}
}

static void the_slowest_are_always_there(void **state)
{
	static const struct {
		const char *name;
		size_t limit;
		uint64_t requests;
		size_t slowest, found; /* how many have room, and are slow */
	} cases[] = {
		{"all", 1000, 1000, 0, 10},      {"one too many", 999, 1000, 249, 10},
		{"forty", 40, 100000, 10, 10},   {"ten", 10, 100000, 2, 2},
		{"room for one", 1, 1000, 1, 1}, {"room for two", 2, 1000, 1, 1},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		uint64_t found = 0, least = 110 - cases[i].found;
		struct samples samples;

		fill_with_slow(&samples, cases[i].limit, cases[i].requests);
		samples_sort(&samples);
		for (size_t k = 0; k < samples.count; k++) {
			uint64_t index = samples.items[k].index;

			found += index >= least && index < 110;
			case_true("none is there twice", !k || index > samples.items[k - 1].index);
		}
		case_uint(cases[i].name, found, cases[i].found);
		case_uint(cases[i].name, samples.slowest, cases[i].slowest);
		case_uint(cases[i].name, samples.count, cases[i].limit);
		samples_release(&samples);
	}
}

/* ---- the parts of the time ---- */

static void views_end_where_most_ended(void **state)
{
	static const struct {
		const char *name;
		int64_t times[10]; /* of requests that begin at once; 0: the end */
		int64_t ends[4];
	} cases[] = {
		{"even", {10, 20, 30, 40, 50, 60, 70, 80}, {80}},
		{"one is slow", {10, 11, 12, 13, 1000}, {1000, 13}},
		{"a half is slow", {10, 11, 12, 1000, 1001, 1002}, {1002, 12}},
		{"more than a half is slow", {10, 11, 1000, 1001, 1002}, {1002}},
		{"twice", {10, 11, 12, 13, 500, 501, 9000}, {9000, 501, 13}},
		{"a third of three quarters", {25, 25, 25, 100}, {100, 25}},
		{"a bit more", {26, 26, 26, 100}, {100}},
		{"one", {7}, {7}},
		{"none", {0}, {0}},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct samples_view views[SAMPLES_VIEWS];
		struct samples samples;
		size_t count, k = 0;

		samples_init(&samples, LIMIT);
		for (; cases[i].times[k]; k++)
			add_timed(&samples, k, 0, cases[i].times[k]);
		samples_sort(&samples);
		count = samples_get_views(&samples, 3, views);
		for (k = 0; cases[i].ends[k]; k++)
			case_int(cases[i].name, k < count ? views[k].end_us : -1, cases[i].ends[k]);
		case_uint(cases[i].name, count, k);
		case_uint(cases[i].name, count ? views[0].ended : 0, samples.count);
		samples_release(&samples);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_are_kept_as_long_as_there_is_room),
		cmocka_unit_test(they_are_spread_evenly),
		cmocka_unit_test(they_are_in_step_with_no_turns),
		cmocka_unit_test(they_are_the_same_whatever_comes_first),
		cmocka_unit_test(the_order_is_that_of_beginning_then_of_input),
		cmocka_unit_test(the_slowest_are_always_there),
		cmocka_unit_test(views_end_where_most_ended),
		cmocka_unit_test(what_a_picture_needs_is_kept),
	};

	return UNIT_RUN(tests);
}
