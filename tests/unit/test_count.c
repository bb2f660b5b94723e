/*
 * input/count: how many requests there will be, without asking for them. That it counts as
 * input/source reads is tested there, for every list of its tests.
 */
#include "unit.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "input/count.h"
#include "input/source.h"

static char folder[] = "/tmp/gather-test-count-XXXXXX";

static int folder_setup(void **state)
{
	(void)state;
	return mkdtemp(folder) && !chdir(folder) && !mkfifo("fifo", 0600) ? 0 : -1;
}

static int folder_teardown(void **state)
{
	(void)state;
	unlink("fifo");
	unlink("list");
	unlink("other");
	return chdir("/") || rmdir(folder) ? -1 : 0;
}

static void write_list(const char *path, const char *data, size_t len)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_int_equal(fwrite(data, 1, len, file), len);
	fclose(file);
}

#define ITEMS(...)                                          \
	.items = (const struct source_item[]){__VA_ARGS__}, \
	.count = COUNT(((const struct source_item[]){__VA_ARGS__}))
#define URL(text)           \
	{                   \
		false, text \
	}
#define LIST(name)         \
	{                  \
		true, name \
	}

static const struct count_case {
	const char *name;
	struct source_options options;
	bool is_known;
	uint64_t count;
} cases[] = {
	{"nothing", {0}, true, 0},
	{"URLs", {ITEMS(URL("a"), URL("b"))}, true, 2},
	{"a glob", {ITEMS(URL("http://h/{a,b}/[1-100]")), .globs_urls = true}, true, 200},
	{"no glob", {ITEMS(URL("http://h/{a,b}/[1-100]"))}, true, 1},
	{"a bad glob", {ITEMS(URL("http://h/[1-")), .globs_urls = true}, true, 1},
	{"more than can be counted",
         {ITEMS(URL("[0-9223372036854775806][0-9223372036854775806]")), .globs_urls = true},
         true,
         UINT64_MAX},
	{"a list", {ITEMS(LIST("list"))}, true, 3},
	{"lists and URLs", {ITEMS(LIST("list"), URL("a"), LIST("list"), LIST("other"))}, true, 8},
	{"a list that is not there", {ITEMS(LIST("nothing"), LIST("list"))}, true, 4},
	{"globs in lists", {ITEMS(LIST("list")), .globs_lists = true}, false, 0},
	{"globs in lists, but no list", {ITEMS(URL("a")), .globs_lists = true}, true, 1},
	{"--unique", {ITEMS(URL("a")), .is_unique = true}, false, 0},
	{"--shard", {ITEMS(URL("a")), .shard = 1, .shards = 2}, false, 0},
	{"a FIFO", {ITEMS(URL("a"), LIST("fifo"))}, false, 0},
	{"a folder", {ITEMS(LIST("."))}, false, 0},
};

static void what_can_be_counted_is(void **state)
{
	(void)state;
	write_list("list", "a\n\n# no\nb\nc", 12);
	write_list("other", "a\n", 2);
	for (size_t i = 0; i < COUNT(cases); i++) {
		uint64_t count = 4711;

		case_int(cases[i].name, count_requests(&cases[i].options, &count),
		         cases[i].is_known);
		case_uint(cases[i].name, count, cases[i].is_known ? cases[i].count : 4711);
	}
}

/* A return that does not end a line is a request that cannot be used. */
static void returns_within_lines_are_requests(void **state)
{
	static const char text[] = "\ra\n\r\r\n \r\n\r#\r\n\r";
	struct source_options options = {ITEMS(LIST("list"))};
	uint64_t count = 0;

	(void)state;
	write_list("list", text, sizeof(text) - 1);
	assert_true(count_requests(&options, &count));
	assert_int_equal(count, 3);
}

/* Pieces of a list that is read in pieces are not lines. */
static void a_long_list_is_counted_whole(void **state)
{
	static const char line[] = "  http://www.example.org/some/where\r\n\t# no\r\n \r\n";
	struct source_options options = {ITEMS(LIST("list"))};
	FILE *file = fopen("list", "w");
	uint64_t count;

	(void)state;
	for (unsigned i = 0; i < 20000; i++)
		fputs(line, file);
	fclose(file);
	assert_true(count_requests(&options, &count));
	assert_int_equal(count, 20000);
}

static void a_list_that_is_too_long_is_not_read(void **state)
{
	struct source_options one = {ITEMS(LIST("list"))};
	struct source_options two = {ITEMS(LIST("list"), LIST("other"))};
	uint64_t count;

	(void)state;
	write_list("list", "a\n", 2);
	write_list("other", "a\n", 2);
	assert_int_equal(truncate("list", COUNT_MOST_BYTES - 1), 0);
	assert_true(count_requests(&one, &count));
	assert_int_equal(count, 2); /* the second is a line of NULs */
	assert_false(count_requests(&two, &count));
	assert_int_equal(truncate("list", COUNT_MOST_BYTES + 1), 0);
	assert_false(count_requests(&one, &count));
}

static void standard_input_is_counted_and_not_read(void **state)
{
	struct source_options options = {ITEMS(LIST("-"))};
	int saved = dup(STDIN_FILENO), fds[2], fd;
	uint64_t count = 0;
	bool is_known;

	(void)state;
	write_list("list", "a\nb\n", 4);
	fd = open("list", O_RDONLY | O_CLOEXEC);
	dup2(fd, STDIN_FILENO);
	close(fd);
	is_known = count_requests(&options, &count);
	assert_int_equal(lseek(STDIN_FILENO, 0, SEEK_CUR), 0);
	assert_true(is_known);
	assert_int_equal(count, 2);

	assert_int_equal(pipe(fds), 0);
	dup2(fds[0], STDIN_FILENO);
	is_known = count_requests(&options, &count);
	dup2(saved, STDIN_FILENO);
	assert_false(is_known);
	close(saved);
	close(fds[0]);
	close(fds[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_can_be_counted_is),
		cmocka_unit_test(returns_within_lines_are_requests),
		cmocka_unit_test(a_long_list_is_counted_whole),
		cmocka_unit_test(a_list_that_is_too_long_is_not_read),
		cmocka_unit_test(standard_input_is_counted_and_not_read),
	};
	unit_begin();
	return cmocka_run_group_tests(tests, folder_setup, folder_teardown);
}
