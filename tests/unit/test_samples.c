/*
 * output/samples: which requests stand for all, and in which order they come.
 */
#include "unit.h"

#include "base/buf.h"
#include "output/samples.h"

enum { LIMIT = 100 };

static void add(struct samples *samples, uint64_t index, int64_t begin_us)
{
	struct phases phases = {.begin_us = begin_us};
	struct result r;

	result_init(&r);
	buf_put_text(&r.request.url, "http://user:secret@h/");
	r.request.index = index;
	r.attempts = 2;
	r.http_code = 404;
	r.failure = FAILURE_HTTP;
	r.size_download = 7;
	r.time_total_us = 8;
	samples_add(samples, &r, &phases);
	result_release(&r);
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
		uint64_t last = 0, mean = counts[i] / LIMIT, widest = 0;
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_are_kept_as_long_as_there_is_room),
		cmocka_unit_test(they_are_spread_evenly),
		cmocka_unit_test(they_are_in_step_with_no_turns),
		cmocka_unit_test(they_are_the_same_whatever_comes_first),
		cmocka_unit_test(the_order_is_that_of_beginning_then_of_input),
		cmocka_unit_test(what_a_picture_needs_is_kept),
	};

	return UNIT_RUN(tests);
}
