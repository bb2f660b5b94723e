/*
 * output/output: every result is counted, written and given back once, in the order asked for; and
 * what waits for its turn is bounded.
 */
#include "unit_async.h"

#include "async/stream.h"
#include "base/buf.h"
#include "output/format.h"
#include "output/output.h"
#include "output/stats.h"
#include "transfer/options.h"
#include "transfer/result.h"

enum { MIB = 1024 * 1024 };

static char method[] = "GET";
static const struct fetch_options how = {.method = method};

/* ---- a format that writes what it is called with ---- */

static void order_begin(struct format_state *state, struct buf *out)
{
	(void)state;
	buf_put_text(out, "begin\n");
}

static void order_put(struct format_state *state, struct buf *out, const struct result *result)
{
	(void)state;
	buf_printf(out, "%llu\n", (unsigned long long)result->request.index);
}

static void order_end(struct format_state *state, struct buf *out, const struct stats *stats)
{
	(void)state;
	buf_printf(out, "end %llu in %lld\n", (unsigned long long)stats->requests,
	           (long long)stats->wall_us);
}

static const struct format any_order = {
	.name = "any order", .begin = order_begin, .put = order_put, .end = order_end};
static const struct format in_order = {.name = "in order",
                                       .is_in_order = true,
                                       .begin = order_begin,
                                       .put = order_put,
                                       .end = order_end};
static const struct format bare = {.name = "bare", .put = order_put};

/* ---- a desk: an output into a file, and the results that go through it ---- */

struct desk {
	struct stage *stage;
	struct output_options options;
	struct stream *stream;
	struct output *output;
	FILE *file;
	struct result *results;
	uint64_t count;
	/* What came back, in this order, and how often each. */
	uint64_t *returned;
	uint64_t returned_count;
	unsigned *times;
};

static void on_done(struct result *result, void *arg)
{
	struct desk *desk = arg;

	assert_true(desk->returned_count < desk->count);
	desk->returned[desk->returned_count++] = result->request.index;
	desk->times[result->request.index]++;
	buf_release(&result->body); /* it is ours again */
}

static struct desk *desk_new(struct stage *stage, const struct format *format, bool is_ordered,
                             uint64_t window, uint64_t count)
{
	struct desk *desk = mem_zero(1, sizeof(*desk));

	desk->stage = stage;
	desk->options = (struct output_options){
		.format = format, .is_ordered = is_ordered, .window = window};
	desk->file = tmpfile();
	desk->stream = stream_new(stage->loop, fileno(desk->file), NULL, NULL);
	desk->count = count;
	desk->results = mem_zero(count, sizeof(*desk->results));
	desk->returned = mem_zero(count, sizeof(*desk->returned));
	desk->times = mem_zero(count, sizeof(*desk->times));
	for (uint64_t i = 0; i < count; i++) {
		result_init(&desk->results[i]);
		desk->results[i].request.index = i;
		desk->results[i].request.options = &how;
		desk->results[i].attempts = 1;
		desk->results[i].http_code = 200;
	}
	desk->output = output_new(&desk->options, desk->stream, NULL, on_done, desk);
	return desk;
}

static void add_alone(struct desk *desk, uint64_t index)
{
	output_add(desk->output, &desk->results[index]);
}

/* With all that it makes possible, as the next turns would. */
static void add(struct desk *desk, uint64_t index)
{
	add_alone(desk, index);
	while (output_is_behind(desk->output))
		output_go_on(desk->output);
}

/* Ends the output and returns all that was written; the caller frees it. */
static char *desk_end(struct desk *desk)
{
	struct buf text;
	size_t len;

	output_end(desk->output, 1234);
	assert_err(job_await(stream_flush(desk->stream)), ERR_NONE);
	output_free(desk->output);
	stream_free(desk->stream);
	rewind(desk->file);
	buf_init(&text, BUF_UNLIMITED);
	do {
		len = fread(buf_room(&text, 4096), 1, 4096, desk->file);
		buf_grew(&text, len);
	} while (len);
	fclose(desk->file);
	for (uint64_t i = 0; i < desk->count; i++)
		result_release(&desk->results[i]);
	free(desk->results);
	free(desk->returned);
	free(desk->times);
	free(desk);
	return buf_take(&text, &len);
}

static void case_written(const char *name, struct desk *desk, const char *expected)
{
	char *text = desk_end(desk);

	case_text(name, text, expected);
	free(text);
}

static uint64_t random_next(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

static void shuffle(uint64_t *numbers, uint64_t count, uint64_t *seed)
{
	for (uint64_t i = 0; i < count; i++)
		numbers[i] = i;
	for (uint64_t i = count; i > 1; i--) {
		uint64_t k = random_next(seed) % i, number = numbers[k];

		numbers[k] = numbers[i - 1];
		numbers[i - 1] = number;
	}
}

/* "begin", the numbers, "end". */
static char *expected_text(const uint64_t *numbers, uint64_t count)
{
	struct buf text;
	size_t len;

	buf_init(&text, BUF_UNLIMITED);
	buf_put_text(&text, "begin\n");
	for (uint64_t i = 0; i < count; i++)
		buf_printf(&text, "%llu\n", (unsigned long long)(numbers ? numbers[i] : i));
	buf_printf(&text, "end %llu in 1234\n", (unsigned long long)count);
	return buf_take(&text, &len);
}

/* ---- order ---- */

static void slow_put(struct format_state *state, struct buf *out, const struct result *result)
{
	work_for_a_slice();
	order_put(state, out, result);
}

static void what_waited_is_written_in_slices(void **state)
{
	static const struct format slow = {.name = "slow",
	                                   .is_in_order = true,
	                                   .put = slow_put,
	                                   .begin = order_begin,
	                                   .end = order_end};
	enum { ALL = 6 };
	char *expected = expected_text(NULL, ALL);
	struct desk *desk = desk_new(*state, &slow, true, 8192, ALL);

	for (uint64_t i = ALL - 2; i > 0; i--)
		add_alone(desk, i);
	assert_false(output_is_behind(desk->output));
	add_alone(desk, 0);
	assert_int_equal(desk->returned_count, 1);
	assert_true(output_is_behind(desk->output));
	add_alone(desk, ALL - 1); /* nor does another one write what waits */
	assert_int_equal(desk->returned_count, 1);
	output_go_on(desk->output);
	assert_int_equal(desk->returned_count, 2);
	case_written("slow", desk, expected);
	free(expected);
}

static void any_permutation_comes_out_in_order(void **state)
{
	enum { COUNT_ALL = 5000 };
	static const struct {
		const char *name;
		const struct format *format;
		bool is_ordered;
		uint64_t seed;
	} cases[] = {
		{"--ordered, 1", &any_order, true, 1},
		{"--ordered, 2", &any_order, true, 2},
		{"a format in order, 3", &in_order, false, 3},
		{"both, 4", &in_order, true, 4},
	};
	uint64_t *order = mem_zero(COUNT_ALL, sizeof(*order));
	char *expected = expected_text(NULL, COUNT_ALL);

	for (size_t i = 0; i < COUNT(cases); i++) {
		uint64_t seed = cases[i].seed * UINT64_C(0x9e3779b97f4a7c15);
		struct desk *desk =
			desk_new(*state, cases[i].format, cases[i].is_ordered, 8192, COUNT_ALL);

		shuffle(order, COUNT_ALL, &seed);
		for (uint64_t k = 0; k < COUNT_ALL; k++) {
			add(desk, order[k]);
			/* What has waited goes on at once. */
			case_int(cases[i].name, desk->times[order[k]],
			         desk->returned_count > order[k]);
		}
		case_uint(cases[i].name, desk->returned_count, COUNT_ALL);
		for (uint64_t k = 0; k < COUNT_ALL; k++) {
			case_uint(cases[i].name, desk->returned[k], k);
			case_uint(cases[i].name, desk->times[k], 1);
		}
		case_written(cases[i].name, desk, expected);
	}
	free(expected);
	free(order);
}

/* As a run does it: no more in flight than -c, none begins without room, each ends in its time. */
static void a_run_with_a_small_window_comes_out_in_order(void **state)
{
	enum { COUNT_ALL = 5000 };
	static const struct {
		const char *name;
		uint64_t window, concurrency, seed;
	} cases[] = {
		{"a window of one", 1, 10, 5},
		{"a window of two", 2, 10, 6},
		{"as large as the concurrency", 100, 100, 7},
		{"smaller than the concurrency", 7, 100, 8},
		{"larger", 200, 100, 9},
		{"no power of two, for the ring", 37, 37, 10},
	};
	char *expected = expected_text(NULL, COUNT_ALL);

	for (size_t i = 0; i < COUNT(cases); i++) {
		uint64_t seed = cases[i].seed * UINT64_C(0x9e3779b97f4a7c15);
		struct desk *desk = desk_new(*state, &any_order, true, cases[i].window, COUNT_ALL);
		uint64_t begun = 0, in_flight = 0, flight[128];

		while (desk->returned_count < COUNT_ALL) {
			uint64_t k;

			while (begun < COUNT_ALL && in_flight < cases[i].concurrency &&
			       output_has_room(desk->output, begun))
				flight[in_flight++] = begun++;
			assert_true(in_flight > 0); /* else it would be stuck */
			case_true(cases[i].name, begun - desk->returned_count <= cases[i].window);
			k = random_next(&seed) % in_flight;
			add(desk, flight[k]);
			flight[k] = flight[--in_flight];
		}
		case_written(cases[i].name, desk, expected);
	}
	free(expected);
}

static void without_order_results_are_written_as_they_come(void **state)
{
	enum { COUNT_ALL = 5000 };
	uint64_t seed = 11, *order = mem_zero(COUNT_ALL, sizeof(*order));
	/* The window is of no interest then. */
	struct desk *desk = desk_new(*state, &any_order, false, 0, COUNT_ALL);
	char *expected;

	shuffle(order, COUNT_ALL, &seed);
	for (uint64_t k = 0; k < COUNT_ALL; k++) {
		assert_true(output_has_room(desk->output, k));
		add(desk, order[k]);
		assert_int_equal(desk->returned_count, k + 1);
		assert_int_equal(desk->returned[k], order[k]);
	}
	expected = expected_text(order, COUNT_ALL);
	case_written("as they come", desk, expected);
	free(expected);
	free(order);
}

static void each_is_counted_when_it_comes(void **state)
{
	struct desk *desk = desk_new(*state, &any_order, true, 10, 3);

	result_fail(&desk->results[2], FAILURE_DNS, "no such host");
	add(desk, 2);
	add(desk, 1);
	assert_int_equal(desk->returned_count, 0);
	assert_int_equal(output_stats(desk->output)->requests, 2);
	assert_int_equal(output_stats(desk->output)->ok, 1);
	assert_int_equal(output_stats(desk->output)->failures[FAILURE_DNS], 1);
	add(desk, 0);
	assert_int_equal(desk->returned_count, 3);
	assert_int_equal(output_stats(desk->output)->requests, 3);
	case_written("three", desk, "begin\n0\n1\n2\nend 3 in 1234\n");
}

static void nothing_is_a_beginning_and_an_end(void **state)
{
	case_written("any order", desk_new(*state, &any_order, false, 1, 0),
	             "begin\nend 0 in 1234\n");
	case_written("in order", desk_new(*state, &in_order, false, 1, 0),
	             "begin\nend 0 in 1234\n");
	case_written("neither beginning nor end", desk_new(*state, &bare, true, 1, 0), "");
	output_free(NULL);
}

/* Who reads from a pipe sees the beginning, and each result, when it is there. */
static void what_can_be_written_is_written_at_once(void **state)
{
	struct stage *s = *state;
	struct desk *desk = desk_new(s, &any_order, true, 10, 3);
	char *text;

	settle(s->loop);
	assert_int_equal(lseek(fileno(desk->file), 0, SEEK_END), 6); /* begin */
	add(desk, 1);
	settle(s->loop);
	assert_int_equal(lseek(fileno(desk->file), 0, SEEK_END), 6);
	add(desk, 0);
	settle(s->loop);
	assert_int_equal(lseek(fileno(desk->file), 0, SEEK_END), 10); /* 0 and 1 */
	add(desk, 2);
	text = desk_end(desk);
	assert_string_equal(text, "begin\n0\n1\n2\nend 3 in 1234\n");
	free(text);
}

/* ---- room ---- */

static void case_room(const char *name, const struct desk *desk, uint64_t first, uint64_t end)
{
	for (uint64_t i = first; i < end; i++)
		case_true(name, output_has_room(desk->output, i));
	case_true(name, !output_has_room(desk->output, end));
	case_true(name, !output_has_room(desk->output, end + 1));
	case_true(name, !output_has_room(desk->output, end + 1000));
}

static void there_is_room_within_the_window(void **state)
{
	struct desk *desk = desk_new(*state, &any_order, true, 4, 9);

	case_room("at the beginning", desk, 0, 4);
	add(desk, 3);
	case_room("the last of the window waits", desk, 0, 4);
	add(desk, 1);
	case_room("two wait", desk, 0, 4);
	add(desk, 0);
	case_room("two are gone", desk, 2, 6);
	add(desk, 5);
	add(desk, 4);
	case_room("all but the first of the window wait", desk, 2, 6);
	add(desk, 2);
	case_room("all are gone", desk, 6, 10);
	add(desk, 6);
	case_room("one by one", desk, 7, 11);
	add(desk, 8);
	add(desk, 7);
	case_written("nine", desk, "begin\n0\n1\n2\n3\n4\n5\n6\n7\n8\nend 9 in 1234\n");
}

static void give_body(struct desk *desk, uint64_t index, size_t len)
{
	struct buf *body = &desk->results[index].body;

	buf_room(body, len);
	buf_grew(body, len); /* what is in it does not matter */
}

/* 64 MiB of bodies may wait. The one that they wait for may begin all the same. */
static void there_is_room_while_what_waits_is_not_too_large(void **state)
{
	struct desk *desk = desk_new(*state, &any_order, true, 100, 12);

	give_body(desk, 1, 32 * MIB);
	add(desk, 1);
	case_room("half of it waits", desk, 0, 100);
	give_body(desk, 2, 32 * MIB - 1);
	add(desk, 2);
	case_room("all but a byte waits", desk, 0, 100);
	give_body(desk, 3, 1);
	add(desk, 3);
	case_room("all of it waits", desk, 0, 1);
	give_body(desk, 4, 10 * MIB); /* it was in flight before */
	add(desk, 4);
	case_room("more than all of it waits", desk, 0, 1);
	give_body(desk, 0, 10 * MIB);
	add(desk, 0);
	case_room("nothing waits", desk, 5, 105);

	/* A body that is written at once does not count. */
	give_body(desk, 5, 64 * MIB);
	add(desk, 5);
	case_room("a large one passed", desk, 6, 106);
	give_body(desk, 7, 64 * MIB);
	add(desk, 7);
	case_room("a large one waits", desk, 6, 7);
	add(desk, 6);
	case_room("and is gone", desk, 8, 108);
	for (uint64_t i = 8; i < 12; i++)
		add(desk, i);
	case_written("twelve", desk,
	             "begin\n0\n1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\nend 12 in 1234\n");
}

static void without_order_there_is_always_room(void **state)
{
	struct desk *desk = desk_new(*state, &any_order, false, 2, 3);

	for (uint64_t i = 0; i < 100; i++)
		assert_true(output_has_room(desk->output, i * i));
	give_body(desk, 2, 64 * MIB);
	add(desk, 2);
	give_body(desk, 1, 64 * MIB);
	add(desk, 1);
	assert_true(output_has_room(desk->output, UINT64_MAX));
	add(desk, 0);
	case_written("three", desk, "begin\n2\n1\n0\nend 3 in 1234\n");
}

/* ---- what an earlier run has done ---- */

/* A row of events: "3" is the result of request 3, and "s3" says that it is skipped. */
static void nobody_waits_for_what_is_skipped(void **state)
{
	static const struct {
		const char *name, *events, *written; /* in order */
		uint64_t skipped;
	} cases[] = {
		{"the first", "s0 1 2", "1 2", 1},
		{"one in the middle", "0 s1 2", "0 2", 1},
		{"the last", "0 1 s2", "0 1", 1},
		{"all", "s0 s1 s2", "", 3},
		{"ahead of the one that is waited for", "s1 2 0", "0 2", 1},
		{"what waits for it goes on", "1 2 s0", "1 2", 1},
		{"what waits between", "1 s2 3 s0", "1 3", 2},
		{"many ahead", "s1 s2 s3 s4 5 0", "0 5", 4},
		{"backwards", "5 s4 3 s2 1 s0", "1 3 5", 3},
		{"a ring that turns", "s0 s1 s2 s3 s4 s5 s6 s7 s8 9 10 s11 12", "9 10 12", 10},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct desk *desk = desk_new(*state, &bare, true, 6, 13);
		char *words = mem_text(cases[i].events), *at = words, *word, *text;
		uint64_t results = 0;

		while ((word = strsep(&at, " "))) {
			if (*word == 's')
				output_skip(desk->output, strtoull(word + 1, NULL, 10));
			else
				add(desk, strtoull(word, NULL, 10));
			results += *word != 's';
		}
		case_uint(cases[i].name, desk->returned_count, results);
		case_uint(cases[i].name, output_stats(desk->output)->requests, results);
		case_uint(cases[i].name, output_stats(desk->output)->skipped, cases[i].skipped);
		text = desk_end(desk);
		for (char *p = text; *p; p++)
			*p = *p == '\n' ? ' ' : *p;
		if (*text)
			text[strlen(text) - 1] = '\0';
		case_text(cases[i].name, text, cases[i].written);
		free(text);
		free(words);
	}
}

static void what_is_skipped_leaves_room_for_others(void **state)
{
	struct desk *desk = desk_new(*state, &any_order, true, 4, 12);

	output_skip(desk->output, 1);
	case_room("it waits too", desk, 0, 4);
	output_skip(desk->output, 0);
	case_room("the first is skipped", desk, 2, 6);
	output_skip(desk->output, 2);
	output_skip(desk->output, 3);
	case_room("more are skipped", desk, 4, 8);
	give_body(desk, 5, 64 * MIB);
	add(desk, 5);
	case_room("what waits is too large", desk, 4, 5);
	output_skip(desk->output, 4);
	case_room("what it has waited for is skipped", desk, 6, 10);
	case_written("one", desk, "begin\n5\nend 1 in 1234\n");
}

static void without_order_what_is_skipped_is_only_counted(void **state)
{
	struct desk *desk = desk_new(*state, &any_order, false, 0, 3);

	output_skip(desk->output, 1);
	add(desk, 2);
	output_skip(desk->output, 1000000);
	add(desk, 0);
	assert_int_equal(desk->returned_count, 2);
	assert_int_equal(output_stats(desk->output)->skipped, 2);
	case_written("two", desk, "begin\n2\n0\nend 2 in 1234\n");
}

/* Every third was done; the others end in any order, within the window. */
static void a_run_that_skips_many_comes_out_in_order(void **state)
{
	enum { COUNT_ALL = 3000, WINDOW = 50, CONCURRENCY = 20 };
	uint64_t seed = UINT64_C(0x9e3779b97f4a7c15), begun = 0, in_flight = 0;
	uint64_t flight[CONCURRENCY];
	struct desk *desk = desk_new(*state, &any_order, true, WINDOW, COUNT_ALL);

	while (begun < COUNT_ALL || in_flight) {
		uint64_t k;

		while (begun < COUNT_ALL && in_flight < CONCURRENCY &&
		       output_has_room(desk->output, begun)) {
			if (begun % 3 == 1)
				output_skip(desk->output, begun);
			else
				flight[in_flight++] = begun;
			begun++;
		}
		if (!in_flight)
			continue;
		k = random_next(&seed) % in_flight;
		add(desk, flight[k]);
		flight[k] = flight[--in_flight];
	}
	assert_int_equal(desk->returned_count, COUNT_ALL / 3 * 2);
	for (uint64_t i = 0; i < desk->returned_count; i++)
		assert_int_equal(desk->returned[i], i / 2 * 3 + i % 2 * 2);
	assert_int_equal(output_stats(desk->output)->skipped, COUNT_ALL / 3);
	free(desk_end(desk));
}

/* ---- with a format of gather's ---- */

static void a_json_document_is_in_order(void **state)
{
	struct stage *s = *state;
	struct desk *desk = desk_new(s, &format_json, false, 10, 0);
	char *text;

	/* Once more, with a field and three results. */
	text = desk_end(desk);
	assert_non_null(strstr(text, "\"results\":[\n]"));
	free(text);
	desk = desk_new(s, &format_json, false, 10, 3);
	assert_err(field_list_add(&desk->options.fields, "index", NULL), ERR_NONE);
	add(desk, 2);
	add(desk, 0);
	add(desk, 1);
	field_list_release(&desk->options.fields);
	text = desk_end(desk);
	assert_non_null(strstr(text, "[\n{\"index\":0},\n{\"index\":1},\n{\"index\":2}\n],"));
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_waited_is_written_in_slices),
		TEST(any_permutation_comes_out_in_order),
		TEST(a_run_with_a_small_window_comes_out_in_order),
		TEST(without_order_results_are_written_as_they_come),
		TEST(each_is_counted_when_it_comes),
		TEST(nothing_is_a_beginning_and_an_end),
		TEST(what_can_be_written_is_written_at_once),
		TEST(there_is_room_within_the_window),
		TEST(there_is_room_while_what_waits_is_not_too_large),
		TEST(without_order_there_is_always_room),
		TEST(nobody_waits_for_what_is_skipped),
		TEST(what_is_skipped_leaves_room_for_others),
		TEST(without_order_what_is_skipped_is_only_counted),
		TEST(a_run_that_skips_many_comes_out_in_order),
		TEST(a_json_document_is_in_order),
	};

	return UNIT_RUN(tests);
}
