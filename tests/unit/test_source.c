/*
 * input/source: URLs and lists, in order, each line that asks for something exactly once.
 */
#include "unit_async.h"

#include <locale.h>

#include <sys/stat.h>

#include "base/buf.h"
#include "base/file.h"
#include "input/count.h"
#include "input/source.h"
#include "transfer/options.h"
#include "transfer/request.h"

enum { MIB = 1024 * 1024 };

static char folder[] = "/tmp/gather-test-source-XXXXXX";
static const struct fetch_options how; /* only its address is of interest */

/* ---- a folder of lists, which is the current one ---- */

static int folder_setup(void **state)
{
	(void)state;
	return mkdtemp(folder) && !chdir(folder) && !mkdir("folder", 0700) ? 0 : -1;
}

static int folder_teardown(void **state)
{
	(void)state;
	unlink("list");
	unlink("other");
	return rmdir("folder") || chdir("/") || rmdir(folder) ? -1 : 0;
}

static void write_list(const char *path, const char *data, size_t len)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (fd < 0)
		abort();
	write_all(fd, data, len);
	close(fd);
}

/* ---- reading a source ---- */

/* "2 list:7 http://h/x" or "2 - http://h/x", with "! words" behind it when there is a problem. */
static void put_request(struct buf *out, const struct request *r)
{
	buf_printf(out, "%llu ", (unsigned long long)r->index);
	if (r->file)
		buf_printf(out, "%s:%llu", r->file, (unsigned long long)r->line);
	else
		buf_put_byte(out, '-');
	buf_put_byte(out, ' ');
	buf_put(out, r->url.data, r->url.len);
	if (r->problem.len)
		buf_printf(out, " ! %s", r->problem.data);
	buf_put_byte(out, '\n');
}

static enum err next(struct source *source, struct request *r)
{
	enum err e;

	request_recycle(r);
	while ((e = source_next(source, r)) == ERR_AGAIN)
		assert_err(job_await(source_wait(source)), ERR_NONE);
	return e;
}

/* All requests of a source, a line each. The caller frees it. */
static char *read_source(struct stage *s, const struct source_options *options)
{
	struct source_options all = *options;
	struct source *source;
	uint64_t requests = 0, count;
	struct request r;
	struct buf out;
	size_t len;
	enum err e;

	all.request = &how;
	source = source_new(s->loop, &all);
	request_init(&r);
	buf_init(&out, BUF_UNLIMITED);
	while (!(e = next(source, &r))) {
		assert_ptr_equal(r.options, &how);
		r.index = requests++; /* as the run does */
		put_request(&out, &r);
	}
	assert_err(e, ERR_EOF);
	/* Who looked ahead has seen the same. */
	if (count_requests(options, &count))
		assert_int_equal(count, requests);
	assert_err(source_next(source, &r), ERR_EOF); /* and stays so */
	request_release(&r);
	source_free(source);
	return buf_take(&out, &len);
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

static void case_source(struct stage *s, const char *name, const struct source_options *options,
                        const char *expected)
{
	char *all = read_source(s, options);

	case_text(name, all, expected);
	free(all);
}

/* ---- order ---- */

static void nothing_asks_for_nothing(void **state)
{
	case_source(*state, "no items", &(struct source_options){0}, "");
}

static void urls_and_lists_come_in_the_order_given(void **state)
{
	write_list("list", "one\ntwo\n", 8);
	write_list("other", "# nothing\n\nthree", 16);
	case_source(
		*state, "mixed",
		&(struct source_options){ITEMS(URL("http://h/a"), LIST("list"), URL("http://h/b"),
	                                       URL("c"), LIST("other"), LIST("list"), URL("d"))},
		"0 - http://h/a\n"
		"1 list:1 one\n"
		"2 list:2 two\n"
		"3 - http://h/b\n"
		"4 - c\n"
		"5 other:3 three\n"
		"6 list:1 one\n"
		"7 list:2 two\n"
		"8 - d\n");
}

static void job_lines_stand_among_urls(void **state)
{
	static const char list[] = "\xef\xbb\xbf{\"url\":\"h/a{1,2}\"}\r\n"
				   "b\n"
				   "\t {\"url\":\"c\",\"id\":1} \t\n"
				   "# {\"url\":\"no\"}\n"
				   "{1,2}\n"
				   "{\"url\":\"d\"";

	write_list("list", list, strlen(list));
	for (int globs = 0; globs < 2; globs++)
		case_source(*state, "mixed",
		            &(struct source_options){ITEMS(LIST("list")), .globs_lists = globs},
		            "0 list:1 h/a{1,2}\n"
		            "1 list:2 b\n"
		            "2 list:3 c\n"
		            "3 list:5  ! not a job: it is no JSON\n"
		            "4 list:6  ! not a job: it is no JSON\n");
	case_source(*state, "URLs only",
	            &(struct source_options){ITEMS(LIST("list")), .is_urls_only = true},
	            "0 list:1  ! a job line, and --urls-only is given\n"
	            "1 list:2 b\n"
	            "2 list:3  ! a job line, and --urls-only is given\n"
	            "3 list:5  ! a job line, and --urls-only is given\n"
	            "4 list:6  ! a job line, and --urls-only is given\n");
}

/* It may say a password. */
static void nothing_is_shown_of_a_job_that_is_too_long(void **state)
{
	struct buf list;

	buf_init(&list, BUF_UNLIMITED);
	buf_put_text(&list, " {\"user\":\"me:secret\",\"url\":\"");
	while (list.len < 2 * MIB)
		buf_put_byte(&list, 'x');
	buf_put_text(&list, "\"}\nb\n");
	write_list("list", list.data, list.len);
	case_source(*state, "too long", &(struct source_options){ITEMS(LIST("list"))},
	            "0 list:1  ! a line over 1 MiB\n1 list:2 b\n");
	buf_release(&list);
}

/* The names stay, for messages; what is read is the copy, each time from its beginning. */
static void a_copy_is_read_in_the_stead_of_a_list(void **state)
{
	struct source_options options = {ITEMS(LIST("list"), URL("b"), LIST("-"), LIST("gone"))};
	int copies[4] = {-1, -1, -1, -1};

	write_list("list", "a\n\x01\n", 4);
	write_list("other", "c\n", 2);
	assert_err(file_copy("list", &copies[0], NULL), ERR_NONE);
	assert_err(file_copy("other", &copies[2], NULL), ERR_NONE);
	assert_err(file_copy("/dev/null", &copies[3], NULL), ERR_NONE);
	options.copies = copies;
	write_list("list", "changed\n", 8);
	for (int i = 0; i < 2; i++)
		case_source(*state, "copies", &options,
		            "0 list:1 a\n"
		            "1 list:2 \x01 ! a control character in the URL\n"
		            "2 - b\n"
		            "3 stdin:1 c\n");
	close(copies[0]);
	close(copies[2]);
	close(copies[3]);
}

/* ---- lines ---- */

#define LINES(text) (text), sizeof(text) - 1

static void a_list_is_read_line_by_line(void **state)
{
	static const struct {
		const char *name, *list;
		size_t len;
		const char *expected;
	} cases[] = {
		{"empty", LINES(""), ""},
		{"one line", LINES("http://h/\n"), "0 list:1 http://h/\n"},
		{"no newline at the end", LINES("a\nb"), "0 list:1 a\n1 list:2 b\n"},
		{"blank lines count as lines", LINES("\n\na\n\nb\n\n"), "0 list:3 a\n1 list:5 b\n"},
		{"only blank lines", LINES("\n \n\t\n \t \n"), ""},
		{"only a space", LINES(" "), ""},
		{"comments", LINES("# one\na\n#two\n# http://h/\nb\n#"),
	         "0 list:2 a\n1 list:5 b\n"},
		{"a comment behind blanks", LINES(" \t# one\na\n"), "0 list:2 a\n"},
		{"a # behind a URL is part of it", LINES("http://h/#top\nhttp://h/ # x\n"),
	         "0 list:1 http://h/#top\n"
	         "1 list:2 http://h/ # x ! a space in the URL (write %20)\n"},
		{"blanks around a URL", LINES("  a\nb\t\n \t c d \t \n"),
	         "0 list:1 a\n1 list:2 b\n2 list:3 c d ! a space in the URL (write %20)\n"},
		{"CRLF", LINES("a\r\n\r\n# x\r\nb\r\n"), "0 list:1 a\n1 list:4 b\n"},
		{"CRLF and blanks", LINES(" a \r\n \r\n"), "0 list:1 a\n"},
		{"CRLF and no newline at the end", LINES("a\r\nb\r"), "0 list:1 a\n1 list:2 b\n"},
		{"LF and CRLF", LINES("a\nb\r\nc\n"), "0 list:1 a\n1 list:2 b\n2 list:3 c\n"},
		{"a byte order mark", LINES("\xef\xbb\xbfhttp://h/\nb\n"),
	         "0 list:1 http://h/\n1 list:2 b\n"},
		{"a byte order mark before a comment", LINES("\xef\xbb\xbf# x\nb\n"),
	         "0 list:2 b\n"},
		{"a byte order mark before a blank", LINES("\xef\xbb\xbf a\n"), "0 list:1 a\n"},
		{"a byte order mark alone", LINES("\xef\xbb\xbf"), ""},
		{"a byte order mark and CRLF", LINES("\xef\xbb\xbf\r\na"), "0 list:2 a\n"},
		{"a byte order mark where lists were joined", LINES("a\n\357\273\277b\n"),
	         "0 list:1 a\n1 list:2 b\n"},
		{"UTF-8", LINES("http://b\303\274cher.example/\xe2\x82\xac\n"),
	         "0 list:1 http://b\303\274cher.example/\xe2\x82\xac\n"},
		{"not UTF-8", LINES("http://h/\xff\n"), "0 list:1 http://h/\xff\n"},
		{"globs are plain in a list", LINES("h/[1-2]{a,b}\nh/{\n"),
	         "0 list:1 h/[1-2]{a,b}\n1 list:2 h/{\n"},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		write_list("list", cases[i].list, cases[i].len);
		case_source(*state, cases[i].name, &(struct source_options){ITEMS(LIST("list"))},
		            cases[i].expected);
	}
}

/* A line that cannot be used is a request with a problem, and the others go on. */
static void a_bad_line_is_one_request_with_a_problem(void **state)
{
	static const struct {
		const char *name, *list;
		size_t len;
		uint64_t line;
		const char *words;
	} cases[] = {
		{"NUL in the middle", LINES("a\nx\0y\nb\n"), 2, "NUL"},
		{"NUL at the beginning", LINES("a\n\0\nb\n"), 2, "NUL"},
		{"NUL at the end", LINES("a\nx\0\nb\n"), 2, "NUL"},
		{"ESC", LINES("a\n\nhttp://h/\033[31m\nb\n"), 3, "control"},
		{"a tab inside", LINES("a\nx\ty\nb\n"), 2, "control"},
		{"a CR inside", LINES("a\nx\ry\nb\n"), 2, "control"},
		{"two CRs at the end", LINES("a\nx\r\r\nb\n"), 2, "control"},
		{"DEL", LINES("a\nx\x7f\nb\n"), 2, "control"},
		{"SOH", LINES("a\n\x01\nb\n"), 2, "control"},
	};
	struct stage *s = *state;

	for (size_t i = 0; i < COUNT(cases); i++) {
		const char *name = cases[i].name;
		struct source *source;
		struct request r;

		write_list("list", cases[i].list, cases[i].len);
		source = source_new(s->loop, &(struct source_options){ITEMS(LIST("list"))});
		request_init(&r);
		case_err(name, next(source, &r), ERR_NONE);
		case_uint(name, r.problem.len, 0);
		case_err(name, next(source, &r), ERR_NONE);
		case_text(name, r.file, "list");
		case_uint(name, r.line, cases[i].line);
		if (!strstr(r.problem.data, cases[i].words))
			fail_msg("%s: no \"%s\" in: %s", name, cases[i].words, r.problem.data);
		case_err(name, next(source, &r), ERR_NONE);
		case_text(name, r.url.data, "b");
		case_uint(name, r.problem.len, 0);
		case_uint(name, r.line, cases[i].line + 1);
		case_err(name, next(source, &r), ERR_EOF);
		request_release(&r);
		source_free(source);
	}
}

static void a_bad_argument_is_one_request_with_a_problem(void **state)
{
	case_source(*state, "arguments",
	            &(struct source_options){
			    ITEMS(URL("a"), URL(""), URL("x\ny"), URL("x\033y"), URL("b"))},
	            "0 - a\n"
	            "1 -  ! an empty URL\n"
	            "2 - x\ny ! a control character in the URL\n"
	            "3 - x\033y ! a control character in the URL\n"
	            "4 - b\n");
}

struct long_line {
	const char *name, *begin, *end;
	size_t len; /* of the line, all in all */
	bool is_comment, is_too_long;
};

static void case_long_line(struct stage *s, const struct long_line *c)
{
	bool is_at_end = !strchr(c->end, '\n');
	struct source *source;
	struct request r;
	struct buf list;

	buf_init(&list, BUF_UNLIMITED);
	buf_put_text(&list, "a\n");
	buf_put_text(&list, c->begin);
	while (list.len < 2 + c->len)
		buf_put_byte(&list, 'x');
	buf_put_text(&list, c->end);
	if (!is_at_end)
		buf_put_text(&list, "b\n");
	write_list("list", list.data, list.len);
	buf_release(&list);

	source = source_new(s->loop, &(struct source_options){ITEMS(LIST("list"))});
	request_init(&r);
	case_err(c->name, next(source, &r), ERR_NONE);
	case_text(c->name, r.url.data, "a");
	if (!c->is_comment) {
		case_err(c->name, next(source, &r), ERR_NONE);
		case_uint(c->name, r.line, 2);
		case_true(c->name, (r.problem.len > 0) == c->is_too_long);
		if (c->is_too_long) {
			case_true(c->name, strstr(r.problem.data, "1 MiB") != NULL);
			case_true(c->name, r.url.len > 0 && r.url.len < 100);
		} else {
			case_uint(c->name, r.url.len, c->len);
		}
	}
	if (!is_at_end) {
		case_err(c->name, next(source, &r), ERR_NONE);
		case_text(c->name, r.url.data, "b");
		case_uint(c->name, r.line, 3);
	}
	case_err(c->name, next(source, &r), ERR_EOF);
	request_release(&r);
	source_free(source);
}

static void a_line_may_have_a_mebibyte(void **state)
{
	static const struct long_line cases[] = {
		{"one byte less", "", "\n", MIB - 1, false, false},
		{"exactly", "", "\n", MIB, false, false},
		{"exactly, with CRLF", "", "\r\n", MIB, false, false},
		{"exactly, at the end", "", "", MIB, false, false},
		{"exactly, with CR at the end", "", "\r", MIB, false, false},
		{"one byte more", "", "\n", MIB + 1, false, true},
		{"one byte more, with CRLF", "", "\r\n", MIB + 1, false, true},
		{"three times", "", "\n", 3 * MIB, false, true},
		{"three times, at the end", "", "", 3 * MIB, false, true},
		{"a comment", "#", "\n", MIB, true, false},
		{"a comment of three times that", "#", "\n", 3 * MIB, true, false},
		{"a comment of three times that, at the end", "#", "", 3 * MIB, true, false},
	};

	for (size_t i = 0; i < COUNT(cases); i++)
		case_long_line(*state, &cases[i]);
}

static void the_last_line_may_have_no_more_either(void **state)
{
	static const struct long_line cases[] = {
		{"one byte more, at the end", "", "", MIB + 1, false, true},
	};

	for (size_t i = 0; i < COUNT(cases); i++)
		case_long_line(*state, &cases[i]);
}

/* ---- lists that cannot be read ---- */

static void a_list_that_cannot_be_read_is_one_request_with_a_problem(void **state)
{
	write_list("list", "one\n", 4);
	case_source(*state, "missing and a folder",
	            &(struct source_options){ITEMS(URL("a"), LIST("missing"), LIST("list"),
	                                           LIST("folder"), LIST(""), URL("b"))},
	            "0 - a\n"
	            "1 missing:0  ! cannot open the list: No such file or directory\n"
	            "2 list:1 one\n"
	            "3 folder:0  ! cannot read the list: Is a directory\n"
	            "4 :0  ! cannot open the list: No such file or directory\n"
	            "5 - b\n");
}

/* ---- globs ---- */

static void globs_are_expanded_where_they_are_asked_for(void **state)
{
	static const struct {
		const char *name;
		bool in_urls, in_lists;
		const char *expected;
	} cases[] = {
		{"by default", true, false,
	         "0 - u/1\n1 - u/2\n2 list:1 l/[8-9]\n3 list:2 l/\\{\n4 - v\n"},
		{"-g", false, false, "0 - u/[1-2]\n1 list:1 l/[8-9]\n2 list:2 l/\\{\n3 - v\n"},
		{"--glob", true, true,
	         "0 - u/1\n1 - u/2\n2 list:1 l/8\n3 list:1 l/9\n4 list:2 l/{\n5 - v\n"},
		{"-g --glob", false, true,
	         "0 - u/[1-2]\n1 list:1 l/8\n2 list:1 l/9\n3 list:2 l/{\n4 - v\n"},
	};

	write_list("list", "l/[8-9]\nl/\\{\n", 13);
	for (size_t i = 0; i < COUNT(cases); i++)
		case_source(*state, cases[i].name,
		            &(struct source_options){ITEMS(URL("u/[1-2]"), LIST("list"), URL("v")),
		                                     .globs_urls = cases[i].in_urls,
		                                     .globs_lists = cases[i].in_lists},
		            cases[i].expected);
}

static void a_request_knows_what_its_globs_stand_for(void **state)
{
	static const struct {
		const char *url, *globs;
		size_t len;
	} expected[] = {
		{"a/x/1", "x\0001", 4}, {"a/x/2", "x\0002", 4}, {"b", "", 0},  {"l/08", "08", 3},
		{"m", "", 0},           {"c/[1-2", "", 0},      {"d/", "", 1},
	};
	struct stage *s = *state;
	struct source *source;
	struct request r;

	write_list("list", "l/[08-08]\nm\n", 12);
	source = source_new(
		s->loop, &(struct source_options){ITEMS(URL("a/{x}/[1-2]"), URL("b"), LIST("list"),
	                                                URL("c/[1-2"), URL("d/{,}")),
	                                          .globs_urls = true, .globs_lists = true});
	request_init(&r);
	for (size_t i = 0; i < COUNT(expected); i++) {
		assert_err(next(source, &r), ERR_NONE);
		case_text(expected[i].url, r.url.data, expected[i].url);
		case_bytes(expected[i].url, r.globs.data, r.globs.len, expected[i].globs,
		           expected[i].len);
	}
	request_release(&r);
	source_free(source);
}

static void a_bad_glob_is_one_request_with_a_problem(void **state)
{
	struct stage *s = *state;
	struct source *source;
	struct request r;

	write_list("list", "ok\nl/[9-8]\nok\n", 14);
	source = source_new(s->loop,
	                    &(struct source_options){ITEMS(URL("u/{a"), LIST("list"), URL("v")),
	                                             .globs_urls = true, .globs_lists = true});
	request_init(&r);
	assert_err(next(source, &r), ERR_NONE);
	assert_string_equal(r.url.data, "u/{a");
	assert_null(r.file);
	assert_non_null(strstr(r.problem.data, "column 3"));
	assert_err(next(source, &r), ERR_NONE);
	assert_int_equal(r.problem.len, 0);
	assert_err(next(source, &r), ERR_NONE);
	assert_string_equal(r.url.data, "l/[9-8]");
	assert_string_equal(r.file, "list");
	assert_int_equal(r.line, 2);
	assert_non_null(strstr(r.problem.data, "column 3"));
	assert_err(next(source, &r), ERR_NONE);
	assert_int_equal(r.line, 3);
	assert_int_equal(r.problem.len, 0);
	assert_err(next(source, &r), ERR_NONE);
	assert_string_equal(r.url.data, "v");
	assert_err(next(source, &r), ERR_EOF);
	request_release(&r);
	source_free(source);
}

/* Ten lines of 2^63 requests each: they are made as they are asked for. */
static void huge_globs_of_a_list_cost_nothing_before_they_are_asked_for(void **state)
{
	struct stage *s = *state;
	struct source *source;
	struct request r;

	write_list("list", "a/[0-9223372036854775807]\nb\n", 28);
	source = source_new(s->loop,
	                    &(struct source_options){ITEMS(LIST("list")), .globs_lists = true});
	request_init(&r);
	for (uint64_t i = 0; i < 10000; i++) {
		assert_err(next(source, &r), ERR_NONE);
		assert_int_equal(r.line, 1);
	}
	assert_string_equal(r.url.data, "a/9999");
	request_release(&r);
	source_free(source);
}

/* ---- --unique ---- */

static void unique_drops_what_was_named_before(void **state)
{
	static const char list[] = "a\nb\na\n# a\n b\nA\na/\nx\x01y\nx\x01y\nc\n";
	static const struct {
		const char *name;
		bool is_unique;
		const char *expected;
	} cases[] = {
		{"without", false,
	         "0 - b\n1 - a\n2 - a\n3 list:1 a\n4 list:2 b\n5 list:3 a\n6 list:5 b\n"
	         "7 list:6 A\n8 list:7 a/\n"
	         "9 list:8 x\x01y ! a control character in the URL\n"
	         "10 list:9 x\x01y ! a control character in the URL\n"
	         "11 list:10 c\n12 - c\n13 - d\n"},
		{"--unique", true,
	         /* Every line that cannot be used has its result. */
	         "0 - b\n1 - a\n2 list:6 A\n3 list:7 a/\n"
	         "4 list:8 x\x01y ! a control character in the URL\n"
	         "5 list:9 x\x01y ! a control character in the URL\n"
	         "6 list:10 c\n7 - d\n"},
	};

	write_list("list", list, sizeof(list) - 1);
	for (size_t i = 0; i < COUNT(cases); i++)
		case_source(*state, cases[i].name,
		            &(struct source_options){
				    ITEMS(URL("b"), URL("{a,a}"), LIST("list"), URL("{c,d}")),
				    .globs_urls = true, .is_unique = cases[i].is_unique},
		            cases[i].expected);
}

static void unique_keeps_the_first_of_many(void **state)
{
	struct stage *s = *state;
	struct source *source;
	struct request r;
	struct buf list;

	buf_init(&list, BUF_UNLIMITED);
	/* 20000 lines that name 7000 URLs. */
	for (unsigned i = 0; i < 20000; i++)
		buf_printf(&list, "http://h/%u\n", i * 37 % 7000);
	write_list("list", list.data, list.len);
	buf_release(&list);
	source = source_new(s->loop, &(struct source_options){ITEMS(LIST("list")),
	                                                      .is_unique = true, .request = &how});
	request_init(&r);
	for (unsigned i = 0; i < 7000; i++) {
		char expected[32];

		snprintf(expected, sizeof(expected), "http://h/%u", i * 37 % 7000);
		assert_err(next(source, &r), ERR_NONE);
		assert_string_equal(r.url.data, expected);
		assert_int_equal(r.line, i + 1);
	}
	assert_err(next(source, &r), ERR_EOF);
	request_release(&r);
	source_free(source);
}

/* ---- --shard ---- */

enum { HOSTS = 300, PATHS = 3, SHARD_LINES = HOSTS * PATHS };

/* Host i in as many ways as a host can be written. */
static void write_hosts(void)
{
	struct buf list;

	buf_init(&list, BUF_UNLIMITED);
	for (unsigned i = 0; i < HOSTS; i++)
		buf_printf(&list,
		           "http://host%u.example/a\n"
		           "HTTPS://user:pass@HOST%u.Example:8443/b?c@d\n"
		           "Host%u.example\n",
		           i, i, i);
	write_list("list", list.data, list.len);
	buf_release(&list);
}

static void shards_are_a_partition_by_host(void **state)
{
	static const uint64_t counts[] = {1, 2, 3, 7, 16, 1000};
	struct stage *s = *state;

	write_hosts();
	for (size_t c = 0; c < COUNT(counts); c++) {
		uint64_t owner[SHARD_LINES] = {0}, all = 0;

		for (uint64_t shard = 1; shard <= counts[c]; shard++) {
			struct source *source =
				source_new(s->loop, &(struct source_options){ITEMS(LIST("list")),
			                                                     .shard = shard,
			                                                     .shards = counts[c]});
			struct request r;
			uint64_t count = 0, line = 0;

			request_init(&r);
			while (!next(source, &r)) {
				count++;
				assert_true(r.line > line); /* the order stays */
				line = r.line;
				assert_int_equal(owner[line - 1], 0); /* nobody else has it */
				owner[line - 1] = shard;
			}
			all += count;
			/* 900 lines, 300 hosts: no shard of a few can be empty by chance. */
			if (counts[c] <= 16)
				assert_true(count >= SHARD_LINES / counts[c] / 4);
			request_release(&r);
			source_free(source);
		}
		assert_int_equal(all, SHARD_LINES);
		for (size_t i = 0; i < SHARD_LINES; i++)
			assert_int_equal(owner[i], owner[i / PATHS * PATHS]);
	}
}

/* The share of a URL, from 1; 0 when it is in none or in several. */
static uint64_t shard_of(struct stage *s, const char *url, uint64_t shards)
{
	uint64_t found = 0;
	unsigned count = 0;

	for (uint64_t shard = 1; shard <= shards; shard++) {
		struct source *source = source_new(
			s->loop, &(struct source_options){ITEMS(URL(url)), .shard = shard,
		                                          .shards = shards});
		struct request r;

		request_init(&r);
		while (!next(source, &r)) {
			found = shard;
			count++;
		}
		request_release(&r);
		source_free(source);
	}
	return count == 1 ? found : 0;
}

/*
 * What is in one share today is in it with every later version: machines that run different ones
 * still share a list. If this fails, the hash has changed, and the shares of everybody with it.
 */
static void shares_never_change(void **state)
{
	static const struct {
		const char *url;
		uint64_t of_2, of_4, of_10, of_1000;
	} cases[] = {
		{"http://example.com/", 1, 3, 5, 835},
		{"https://www.example.org/path", 2, 2, 2, 342},
		{"http://localhost:8080/", 2, 4, 2, 672},
		{"http://127.0.0.1/", 1, 1, 5, 905},
		{"http://[::1]/", 1, 1, 7, 197},
		{"http://b\303\274cher.example/", 1, 3, 1, 531},
		{"hacker-news.firebaseio.com", 1, 1, 7, 217},
		/* Neither has a host: their texts decide. */
		{"http://", 1, 3, 9, 939},
		{"x\x01y", 2, 2, 4, 314},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		case_uint(cases[i].url, shard_of(*state, cases[i].url, 2), cases[i].of_2);
		case_uint(cases[i].url, shard_of(*state, cases[i].url, 4), cases[i].of_4);
		case_uint(cases[i].url, shard_of(*state, cases[i].url, 10), cases[i].of_10);
		case_uint(cases[i].url, shard_of(*state, cases[i].url, 1000), cases[i].of_1000);
	}
}

static void what_has_no_host_is_in_one_share(void **state)
{
	static const char list[] = "http://\nhttp://h:bad/\nx\x01y\n/\nfile:///x\n";
	char *all[3];
	struct stage *s = *state;
	size_t len = 0;

	write_list("list", list, sizeof(list) - 1);
	for (uint64_t shard = 1; shard <= 3; shard++) {
		all[shard - 1] = read_source(
			s, &(struct source_options){ITEMS(LIST("list"), LIST("missing")),
		                                    .shard = shard, .shards = 3});
		for (const char *p = all[shard - 1]; *p; p++)
			len += *p == '\n';
		free(all[shard - 1]);
	}
	assert_int_equal(len, 6);
}

static void unique_and_shard_go_together(void **state)
{
	char *first, *second;

	first = read_source(*state, &(struct source_options){ITEMS(URL("http://a[1-40]/{x,x,y}")),
	                                                     .globs_urls = true, .is_unique = true,
	                                                     .shard = 1, .shards = 2});
	second = read_source(*state, &(struct source_options){ITEMS(URL("http://a[1-40]/{x,x,y}")),
	                                                      .globs_urls = true, .is_unique = true,
	                                                      .shard = 2, .shards = 2});
	for (unsigned host = 1; host <= 40; host++) {
		char x[32], y[32];

		snprintf(x, sizeof(x), " http://a%u/x\n", host);
		snprintf(y, sizeof(y), " http://a%u/y\n", host);
		const char *in_first = strstr(first, x), *in_second = strstr(second, x);
		assert_true(!in_first != !in_second);
		assert_null(strstr((in_first ? in_first : in_second) + 1, x));
		assert_true(!strstr(first, y) == !in_first);
		assert_true(!strstr(second, y) == !in_second);
	}
	free(first);
	free(second);
}

/* ---- lists that arrive slowly ---- */

static void a_pipe_is_served_as_it_speaks(void **state)
{
	struct stage *s = *state;
	struct source *source;
	struct request r;
	char name[32];
	int fds[2];

	pipe_new(fds);
	snprintf(name, sizeof(name), "/dev/fd/%d", fds[0]);
	source = source_new(s->loop, &(struct source_options){ITEMS(LIST(name), URL("last"))});
	request_init(&r);
	assert_err(source_next(source, &r), ERR_AGAIN);
	for (unsigned i = 0; i < 3; i++) {
		struct job *wait = diary_watch(&s->diary, source_wait(source), "input");
		char line[32];

		settle(s->loop);
		assert_string_equal(diary_read(&s->diary), "");
		snprintf(line, sizeof(line), "http://h/%u\n", i);
		write_all(fds[1], line, 10);
		assert_err(job_await(wait), ERR_NONE);
		assert_string_equal(diary_read(&s->diary), "input");
		/* The line is not whole. */
		assert_err(source_next(source, &r), ERR_AGAIN);
		write_all(fds[1], "\n", 1);
		assert_err(next(source, &r), ERR_NONE);
		line[10] = '\0';
		assert_string_equal(r.url.data, line);
		request_recycle(&r);
		assert_err(source_next(source, &r), ERR_AGAIN);
	}
	close(fds[1]);
	assert_err(next(source, &r), ERR_NONE);
	assert_string_equal(r.url.data, "last");
	assert_err(next(source, &r), ERR_EOF);
	request_release(&r);
	source_free(source);
	close(fds[0]);
}

static void a_dash_is_standard_input(void **state)
{
	struct stage *s = *state;
	int fds[2], saved = dup(STDIN_FILENO);
	char *all;

	pipe_new(fds);
	write_all(fds[1], "a\n\nb", 4);
	close(fds[1]);
	dup2(fds[0], STDIN_FILENO);
	close(fds[0]);
	/* The second time there is nothing left; and it is not ours to close. */
	all = read_source(s, &(struct source_options){ITEMS(LIST("-"), URL("c"), LIST("-"))});
	assert_true(fcntl(STDIN_FILENO, F_GETFD) >= 0);
	dup2(saved, STDIN_FILENO);
	close(saved);
	assert_string_equal(all, "0 stdin:1 a\n1 stdin:3 b\n2 - c\n");
	free(all);
}

/* The number that the next descriptor will have: it grows when one leaks. */
static int next_fd(void)
{
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

	close(fd);
	return fd;
}

static void a_source_may_be_left_at_any_place(void **state)
{
	struct stage *s = *state;
	int before = next_fd();

	write_list("list", "a/[1-9]\nb\nc\n", 12);
	for (unsigned taken = 0; taken < 13; taken++) {
		struct source *source = source_new(
			s->loop,
			&(struct source_options){ITEMS(URL("x"), LIST("list")), .globs_lists = true,
		                                 .is_unique = true, .request = &how});
		struct request r;

		request_init(&r);
		for (unsigned i = 0; i < taken; i++)
			assert_err(next(source, &r), i < 12 ? ERR_NONE : ERR_EOF);
		request_release(&r);
		source_free(source);
		assert_int_equal(next_fd(), before);
	}
	source_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(nothing_asks_for_nothing),
		TEST(urls_and_lists_come_in_the_order_given),
		TEST(job_lines_stand_among_urls),
		TEST(nothing_is_shown_of_a_job_that_is_too_long),
		TEST(a_copy_is_read_in_the_stead_of_a_list),
		TEST(a_list_is_read_line_by_line),
		TEST(a_bad_line_is_one_request_with_a_problem),
		TEST(a_bad_argument_is_one_request_with_a_problem),
		TEST(a_line_may_have_a_mebibyte),
		TEST(the_last_line_may_have_no_more_either),
		TEST(a_list_that_cannot_be_read_is_one_request_with_a_problem),
		TEST(globs_are_expanded_where_they_are_asked_for),
		TEST(a_request_knows_what_its_globs_stand_for),
		TEST(a_bad_glob_is_one_request_with_a_problem),
		TEST(huge_globs_of_a_list_cost_nothing_before_they_are_asked_for),
		TEST(unique_drops_what_was_named_before),
		TEST(unique_keeps_the_first_of_many),
		TEST(shards_are_a_partition_by_host),
		TEST(shares_never_change),
		TEST(what_has_no_host_is_in_one_share),
		TEST(unique_and_shard_go_together),
		TEST(a_pipe_is_served_as_it_speaks),
		TEST(a_dash_is_standard_input),
		TEST(a_source_may_be_left_at_any_place),
	};

	setlocale(LC_CTYPE, "C.UTF-8"); /* as the program */
	unit_begin();
	return cmocka_run_group_tests(tests, folder_setup, folder_teardown);
}
