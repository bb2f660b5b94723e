/*
 * base/buf, base/mem, base/err and base/clock: the ground that everything stands on.
 */
#include "unit.h"

#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"

/* ---- buf ---- */

static void a_new_buffer_is_an_empty_text(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 10);
	assert_non_null(b.data);
	assert_string_equal(b.data, "");
	assert_int_equal(b.len, 0);
	assert_int_equal(b.max, 10);
	buf_release(&b);
}

static void a_released_buffer_can_be_used_and_released_again(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 10);
	assert_err(buf_add(&b, "0123456789", 10), ERR_NONE);
	buf_release(&b);
	assert_string_equal(b.data, "");
	assert_int_equal(b.len, 0);
	assert_err(buf_add(&b, "0123456789", 10), ERR_NONE);
	assert_err(buf_add(&b, "x", 1), ERR_LIMIT);
	buf_release(&b);
	buf_release(&b);
}

static void what_is_added_stops_at_the_ceiling(void **state)
{
	static const struct {
		const char *name;
		size_t max;
		const char *before, *added;
		enum err expected;
	} cases[] = {
		{"below", 10, "abc", "def", ERR_NONE},
		{"up to it", 6, "abc", "def", ERR_NONE},
		{"one over", 5, "abc", "def", ERR_LIMIT},
		{"all at once", 3, "", "abc", ERR_NONE},
		{"all at once, one over", 2, "", "abc", ERR_LIMIT},
		{"full, and one more", 3, "abc", "d", ERR_LIMIT},
		{"full, and nothing more", 3, "abc", "", ERR_NONE},
		{"a ceiling of 0 and nothing", 0, "", "", ERR_NONE},
		{"a ceiling of 0 and something", 0, "", "a", ERR_LIMIT},
		{"no ceiling", BUF_UNLIMITED, "abc", "def", ERR_NONE},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const char *name = cases[i].name;
		char both[32];
		struct buf b;

		buf_init(&b, cases[i].max);
		case_err(name, buf_add(&b, cases[i].before, strlen(cases[i].before)), ERR_NONE);
		struct buf was = b;
		case_err(name, buf_add(&b, cases[i].added, strlen(cases[i].added)),
		         cases[i].expected);
		if (cases[i].expected) {
			case_true(name, b.data == was.data && b.cap == was.cap);
			case_text(name, b.data, cases[i].before);
			case_uint(name, b.len, strlen(cases[i].before));
		} else {
			snprintf(both, sizeof(both), "%s%s", cases[i].before, cases[i].added);
			case_text(name, b.data, both);
			case_uint(name, b.len, strlen(both));
		}
		buf_release(&b);
	}
}

static void a_length_that_would_overflow_is_over_the_ceiling(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 10);
	assert_err(buf_add(&b, "abc", 3), ERR_NONE);
	assert_err(buf_add(&b, "abc", SIZE_MAX), ERR_LIMIT);
	assert_err(buf_add(&b, "abc", SIZE_MAX - 2), ERR_LIMIT);
	assert_string_equal(b.data, "abc");
	buf_release(&b);
}

static void it_grows_byte_by_byte_and_keeps_every_byte(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, BUF_UNLIMITED);
	for (size_t i = 0; i < 10000; i++) {
		buf_put_byte(&b, (char)(i % 251));
		assert_int_equal(b.len, i + 1);
		assert_int_equal(b.data[b.len], '\0');
	}
	for (size_t i = 0; i < b.len; i++)
		assert_int_equal((unsigned char)b.data[i], i % 251);
	buf_release(&b);
}

static void nul_bytes_are_bytes_like_others(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 8);
	assert_err(buf_add(&b, "a\0b\0", 4), ERR_NONE);
	assert_err(buf_add(&b, "\0", 1), ERR_NONE);
	case_bytes("NUL", b.data, b.len, "a\0b\0", 5);
	assert_int_equal(b.data[b.len], '\0');
	buf_release(&b);
}

static void consume_drops_from_the_front_and_cut_from_the_end(void **state)
{
	static const struct {
		const char *name;
		bool is_cut;
		size_t len;
		const char *rest;
	} cases[] = {
		{"consume nothing", false, 0, "abcdef"},
		{"consume one", false, 1, "bcdef"},
		{"consume all but one", false, 5, "f"},
		{"consume all", false, 6, ""},
		{"consume more", false, 1000, ""},
		{"cut nothing", true, 6, "abcdef"},
		{"cut to one", true, 1, "a"},
		{"cut to nothing", true, 0, ""},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct buf b;

		buf_init(&b, BUF_UNLIMITED);
		buf_put_text(&b, "abcdef");
		if (cases[i].is_cut)
			buf_cut(&b, cases[i].len);
		else
			buf_consume(&b, cases[i].len);
		case_text(cases[i].name, b.data, cases[i].rest);
		case_uint(cases[i].name, b.len, strlen(cases[i].rest));
		buf_release(&b);
	}
}

static void an_empty_buffer_can_be_cleared_cut_and_consumed(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, BUF_UNLIMITED);
	buf_clear(&b);
	buf_cut(&b, 0);
	buf_consume(&b, 0);
	buf_consume(&b, 10);
	buf_recycle(&b, 0);
	buf_put(&b, "", 0);
	buf_grew(&b, 0);
	assert_string_equal(b.data, "");
	assert_int_equal(b.len, 0);
}

static void clear_keeps_the_memory_and_recycle_keeps_only_a_little(void **state)
{
	static const struct {
		const char *name;
		size_t keep_less_cap; /* keep is cap less this */
		bool is_kept;
	} cases[] = {{"as much as there is", 0, true}, {"one byte less", 1, false}};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct buf b;
		size_t cap;

		buf_init(&b, BUF_UNLIMITED);
		buf_put_text(&b, "something");
		cap = b.cap;
		buf_clear(&b);
		case_text(cases[i].name, b.data, "");
		case_uint(cases[i].name, b.cap, cap);
		buf_put_text(&b, "something");
		buf_recycle(&b, cap - cases[i].keep_less_cap);
		case_text(cases[i].name, b.data, "");
		case_uint(cases[i].name, b.len, 0);
		case_uint(cases[i].name, b.cap, cases[i].is_kept ? cap : 0);
		buf_put_text(&b, "again");
		case_text(cases[i].name, b.data, "again");
		buf_release(&b);
	}
}

static void room_is_written_to_and_then_counted(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, BUF_UNLIMITED);
	buf_put_text(&b, "head ");
	memset(buf_room(&b, 1000), 'x', 1000);
	assert_int_equal(b.len, 5);
	buf_grew(&b, 3);
	assert_string_equal(b.data, "head xxx");
	buf_put_text(&b, " tail");
	assert_string_equal(b.data, "head xxx tail");
	buf_release(&b);
}

static void whole_numbers_are_written_in_decimal(void **state)
{
	static const struct {
		const char *expected;
		int64_t number;
	} ints[] = {
		{"0", 0},
		{"1", 1},
		{"-1", -1},
		{"9", 9},
		{"10", 10},
		{"-10", -10},
		{"9223372036854775807", INT64_MAX},
		{"-9223372036854775808", INT64_MIN},
	};
	static const struct {
		const char *expected;
		uint64_t number;
	} uints[] = {{"0", 0}, {"10000", 10000}, {"18446744073709551615", UINT64_MAX}};
	struct buf b;

	(void)state;
	buf_init(&b, BUF_UNLIMITED);
	for (size_t i = 0; i < COUNT(ints); i++) {
		buf_clear(&b);
		buf_put_int(&b, ints[i].number);
		case_text(ints[i].expected, b.data, ints[i].expected);
	}
	for (size_t i = 0; i < COUNT(uints); i++) {
		buf_clear(&b);
		buf_put_uint(&b, uints[i].number);
		case_text(uints[i].expected, b.data, uints[i].expected);
	}
	buf_release(&b);
}

static void seconds_have_six_digits_after_the_point(void **state)
{
	static const struct {
		const char *expected;
		int64_t time_us;
	} cases[] = {
		{"0.000000", 0},
		{"0.000001", 1},
		{"0.999999", 999999},
		{"1.000000", 1000000},
		{"1.200000", 1200000},
		{"86400.000010", INT64_C(86400000010)},
		{"-0.000001", -1},
		{"-1.500000", -1500000},
		{"9223372036854.775807", INT64_MAX},
		{"-9223372036854.775807", -INT64_MAX},
	};
	struct buf b;

	(void)state;
	buf_init(&b, BUF_UNLIMITED);
	for (size_t i = 0; i < COUNT(cases); i++) {
		buf_clear(&b);
		buf_put_seconds(&b, cases[i].time_us);
		case_text(cases[i].expected, b.data, cases[i].expected);
	}
	buf_release(&b);
}

/* buf_put_int() can write it, so this can too. */
static void seconds_of_the_smallest_number(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, BUF_UNLIMITED);
	buf_put_seconds(&b, INT64_MIN);
	assert_string_equal(b.data, "-9223372036854.775808");
	buf_release(&b);
}

static void formatted_text_of_any_length_is_whole(void **state)
{
	static const int lengths[] = {0, 1, 254, 255, 256, 257, 5000};

	(void)state;
	for (size_t i = 0; i < COUNT(lengths); i++) {
		char name[32];
		struct buf b;

		snprintf(name, sizeof(name), "%d bytes", lengths[i]);
		buf_init(&b, BUF_UNLIMITED);
		buf_put_text(&b, "<");
		buf_printf(&b, "%*s", lengths[i], "");
		buf_put_text(&b, ">");
		case_uint(name, b.len, (size_t)lengths[i] + 2);
		case_uint(name, strspn(b.data + 1, " "), (size_t)lengths[i]);
		case_text(name, b.data + lengths[i] + 1, ">");
		buf_release(&b);
	}
}

static void take_hands_out_the_memory_and_leaves_an_empty_buffer(void **state)
{
	struct buf b;
	size_t len = 99;
	char *data;

	(void)state;
	buf_init(&b, 5);
	data = buf_take(&b, &len);
	assert_string_equal(data, "");
	assert_int_equal(len, 0);
	free(data);

	assert_err(buf_add(&b, "a\0bcd", 5), ERR_NONE);
	data = buf_take(&b, &len);
	case_bytes("taken", data, len + 1, "a\0bcd", 6);
	free(data);
	assert_string_equal(b.data, "");
	assert_int_equal(b.len, 0);
	assert_err(buf_add(&b, "fghij", 5), ERR_NONE);
	assert_err(buf_add(&b, "k", 1), ERR_LIMIT);
	buf_release(&b);
}

/* ---- mem ---- */

static void copies_of_texts_and_bytes(void **state)
{
	char *p;

	(void)state;
	assert_null(mem_text(NULL));
	p = mem_text("");
	assert_string_equal(p, "");
	free(p);
	p = mem_bytes("a\0b", 3);
	case_bytes("bytes", p, 4, "a\0b", 4);
	free(p);
	p = mem_bytes(NULL, 0);
	assert_string_equal(p, "");
	free(p);
	p = mem_printf("%s-%05d-%300s", "a", 42, "");
	assert_int_equal(strlen(p), 308);
	free(p);
}

static void memory_of_no_size_is_memory(void **state)
{
	char *p;

	(void)state;
	p = mem_zero(0, 8);
	assert_non_null(p);
	free(p);
	p = mem_resize(NULL, 0, 8);
	assert_non_null(p);
	p = mem_resize(p, 4, 8);
	memset(p, 1, 32);
	free(p);
	p = mem_zero(100, 3);
	for (size_t i = 0; i < 300; i++)
		assert_int_equal(p[i], 0);
	free(p);
}

static void too_much_memory_ends_the_process_with_status_3_and_a_message(void **state)
{
	char words[64] = "";
	int fds[2], status;
	pid_t pid;

	(void)state;
	assert_int_equal(pipe(fds), 0);
	pid = fork();
	if (!pid) {
		dup2(fds[1], STDERR_FILENO);
		free(mem_resize(NULL, SIZE_MAX / 2, 4));
		_exit(0);
	}
	assert_true(pid > 0);
	close(fds[1]);
	assert_true(read(fds[0], words, sizeof(words) - 1) > 0);
	close(fds[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 3);
	assert_string_equal(words, "gather: out of memory\n");
}

/* ---- err ---- */

static void every_code_has_a_name_of_its_own(void **state)
{
	(void)state;
	for (int i = ERR_NONE; i <= ERR_FAILED; i++) {
		assert_string_not_equal(err_name((enum err)i), "ERR_?");
		for (int j = ERR_NONE; j < i; j++)
			assert_string_not_equal(err_name((enum err)i), err_name((enum err)j));
	}
	assert_string_equal(err_name(ERR_CANCELED), "ERR_CANCELED");
	assert_string_equal(err_name((enum err)(ERR_FAILED + 1)), "ERR_?");
}

static void words_are_optional_and_cut_where_the_room_ends(void **state)
{
	struct error e = {"before"};

	(void)state;
	assert_err(error_set(NULL, ERR_SYNTAX, "line %d", 3), ERR_SYNTAX);
	assert_err(error_set(&e, ERR_SYNTAX, "line %d", 3), ERR_SYNTAX);
	assert_string_equal(e.text, "line 3");
	assert_err(error_set(&e, ERR_LIMIT, "%2000s", "end"), ERR_LIMIT);
	assert_int_equal(strlen(e.text), sizeof(e.text) - 1);
}

/* ---- clock ---- */

static void the_monotonic_clock_does_not_go_back(void **state)
{
	int64_t before = clock_mono_us();

	(void)state;
	for (int i = 0; i < 10000; i++) {
		int64_t now = clock_mono_us();
		assert_true(now >= before);
		before = now;
	}
}

static void the_clock_for_people_counts_from_1970(void **state)
{
	int64_t seconds = clock_unix_us() / 1000000;

	(void)state;
	assert_true(seconds >= (int64_t)time(NULL) - 3600);
	assert_true(seconds <= (int64_t)time(NULL) + 3600);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_new_buffer_is_an_empty_text),
		cmocka_unit_test(a_released_buffer_can_be_used_and_released_again),
		cmocka_unit_test(what_is_added_stops_at_the_ceiling),
		cmocka_unit_test(a_length_that_would_overflow_is_over_the_ceiling),
		cmocka_unit_test(it_grows_byte_by_byte_and_keeps_every_byte),
		cmocka_unit_test(nul_bytes_are_bytes_like_others),
		cmocka_unit_test(consume_drops_from_the_front_and_cut_from_the_end),
		cmocka_unit_test(an_empty_buffer_can_be_cleared_cut_and_consumed),
		cmocka_unit_test(clear_keeps_the_memory_and_recycle_keeps_only_a_little),
		cmocka_unit_test(room_is_written_to_and_then_counted),
		cmocka_unit_test(whole_numbers_are_written_in_decimal),
		cmocka_unit_test(seconds_have_six_digits_after_the_point),
		cmocka_unit_test(formatted_text_of_any_length_is_whole),
		cmocka_unit_test(take_hands_out_the_memory_and_leaves_an_empty_buffer),
		cmocka_unit_test(copies_of_texts_and_bytes),
		cmocka_unit_test(memory_of_no_size_is_memory),
		cmocka_unit_test(too_much_memory_ends_the_process_with_status_3_and_a_message),
		cmocka_unit_test(every_code_has_a_name_of_its_own),
		cmocka_unit_test(words_are_optional_and_cut_where_the_room_ends),
		cmocka_unit_test(the_monotonic_clock_does_not_go_back),
		cmocka_unit_test(the_clock_for_people_counts_from_1970),
		/* Last, since a build with UBSan ends here if it fails. */
		cmocka_unit_test(seconds_of_the_smallest_number),
	};
	return UNIT_RUN(tests);
}
