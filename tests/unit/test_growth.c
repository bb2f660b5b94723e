/*
 * Time grows with the size of the input, not with its square: every parser of what a list or a
 * server says, up to the largest input that it takes, and every table that they fill.
 *
 * A case makes its largest input and one of a 16th of its size, and compares the CPU times. A
 * square would take 256 times as long. What the caches of the processor make of larger inputs is
 * less than a factor of 8.
 */
#include "unit.h"

#include <stdlib.h>
#include <time.h>

#include "base/buf.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/json_read.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "input/csv.h"
#include "input/glob.h"
#include "input/job_line.h"
#include "input/pages.h"
#include "input/row.h"
#include "input/template.h"
#include "output/file_name.h"
#include "output/html.h"
#include "output/host_table.h"
#include "transfer/head.h"
#include "transfer/link.h"
#include "transfer/options.h"
#include "transfer/request.h"
#include "transfer/result.h"
#include "transfer/session.h"
#include "transfer/url.h"

enum {
	FACTOR = 16,
	MOST_FACTOR = 8 * FACTOR,
	REPEATS = 5,   /* of which the fastest counts */
	SLACK = 10000, /* microseconds, for inputs that take next to nothing */
};

/* A sanitizer looks at all that a call may read, such as memmem(): its times say nothing. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { HAS_TIMES = 0 };
#else
enum { HAS_TIMES = 1 };
#endif

typedef void consume_fn(const struct buf *input);

struct growth_case {
	const char *name;
	const char *first, *piece, *last; /* the input is first, piece * n, last */
	size_t most;                      /* n, at the most */
	consume_fn *consume;
};

static struct buf scratch; /* for what parsers put out */

static struct buf *empty(void)
{
	buf_clear(&scratch);
	return &scratch;
}

/* ---- what consumes an input ---- */

static void mask_text(const struct buf *input)
{
	url_put_text_masked(empty(), input->data, input->len);
}

static void mask_url(const struct buf *input)
{
	url_put_masked(empty(), input->data, input->len);
}

static void put_origin(const struct buf *input)
{
	url_put_origin(empty(), input->data, input->len);
}

static void resolve_url(const struct buf *input)
{
	if (url_resolve("http://a.example/b/c", input->data, empty(), NULL))
		buf_clear(&scratch);
}

static void read_json(const struct buf *input)
{
	struct cJSON *value = json_parse(input->data, input->len, NULL);
	struct json json;

	json_init(&json, empty());
	if (value)
		json_value(&json, value);
	json_free(value);
}

static void take_job(const struct buf *input)
{
	struct fetch_options options;
	struct request r;

	fetch_options_init(&options);
	for (int i = 0; i < 100; i++) {
		char header[32];

		snprintf(header, sizeof(header), "X-Own-%d: 1", i);
		assert_false(fetch_options_add_header(&options, header, NULL));
	}
	fetch_options_seal(&options);
	request_init(&r);
	job_line_take(input->data, input->len, &options, &r);
	request_release(&r);
	fetch_options_release(&options);
}

static void read_csv(const struct buf *input)
{
	const struct row_templates templates = {0};
	const char *at = input->data, *end = at + input->len;
	struct csv csv;
	size_t taken;

	csv_init(&csv);
	while (at < end) {
		if (csv_take(&csv, at, (size_t)(end - at), &taken) &&
		    row_templates_check(&templates, &csv, NULL))
			break;
		at += taken;
	}
	csv_release(&csv);
}

static void find_link(const struct buf *input)
{
	link_find(input, "next", empty());
}

/* Each line of a head, as libcurl hands it out. */
static void take_head(const struct buf *input)
{
	const char *at = input->data, *newline;
	struct head head = {0};

	while ((newline = strchr(at, '\n'))) {
		head_take(&head, at, (size_t)(newline + 1 - at), true);
		at = newline + 1;
	}
}

static void name_served(const struct buf *input)
{
	file_name_put_served(empty(), input->data);
}

static void name_file(const struct buf *input)
{
	struct file_template *template = NULL;
	struct request r;

	assert_false(file_name_parse("{host}/{path}", &template, NULL));
	request_init(&r);
	buf_put(&r.url, input->data, input->len);
	file_name_put(empty(), template, &r);
	request_release(&r);
	file_name_free(template);
}

static void parse_glob(const struct buf *input)
{
	struct glob *glob = NULL;

	if (!glob_new(input->data, &glob, NULL))
		glob_free(glob);
}

static void parse_template(const struct buf *input)
{
	struct template *template = NULL;

	if (!template_new(input->data, input->len, TEMPLATE_BODY, &template, NULL))
		template_free(template);
}

static void find_pages(const struct buf *input)
{
	struct page_range range;
	char *next = mem_printf("%s1", input->data), *last = mem_printf("%s9", input->data);

	page_range_find(input->data, next, last, &range);
	free(next);
	free(last);
}

static void clean_text(const struct buf *input)
{
	struct json json;

	json_init(&json, empty());
	json_bytes(&json, input->data, input->len);
	html_put(empty(), input->data, input->len);
	utf8_put(empty(), input->data, input->len, UTF8_FOR_TERMINALS);
}

/* A URL a line, into all the tables that they fill. */
static void fill_tables(const struct buf *input)
{
	struct host_table table = {0};
	struct hash_set set = {0};
	const char *at = input->data, *newline;
	struct fetch_options options;
	struct result r;

	fetch_options_init(&options);
	fetch_options_seal(&options);
	result_init(&r);
	r.request.options = &options;
	for (unsigned i = 0; (newline = strchr(at, '\n')); i++, at = newline + 1) {
		buf_clear(&r.request.url);
		buf_printf(&r.request.url, "http://h%u%.*s", i, (int)(newline - at), at);
		hash_set_add(&set, request_fingerprint(&r.request));
		request_find_origin(&r.request);
		host_table_add(&table, &r);
	}
	result_release(&r);
	fetch_options_release(&options);
	hash_set_release(&set);
	host_table_release(&table);
}

/* ---- the cases ---- */

#define MIB ((size_t)1 << 20)

static const struct growth_case cases[] = {
	{"masking: URLs without a blank", "", "://x:y", "", MIB / 6, mask_text},
	{"masking: logins without a blank", "", "://x:y@", "", MIB / 7, mask_text},
	{"masking: one login at the end", "", "://x:y", "@", MIB / 6, mask_text},
	{"masking: colons", "a://", ":", "@", MIB, mask_text},
	{"masking: many words", "", "a://b:c@d ", "", MIB / 10, mask_text},
	{"masking a URL: URLs in it", "", "://x:y", "@", MIB / 6, mask_url},
	{"masking a URL: slashes", "http:", "/", "@", MIB, mask_url},
	{"origin: logins", "http://", "a@", "", MIB / 2, put_origin},
	{"resolving: steps up", "/", "a/../", "", 65536 / 5, resolve_url},
	{"resolving: segments", "/", "a/", "", 65536 / 2, resolve_url},
	{"resolving: escapes", "/", "%20 ", "", 65536 / 4, resolve_url},
	{"JSON: an array", "[0", ",0", "]", 900000, read_json},
	{"JSON: an array of objects", "[{}", ",{\"a\":1}", "]", 400000, read_json},
	{"JSON: one name", "{\"a\":0", ",\"a\":0", "}", 900000, read_json},
	{"JSON: escapes in a string", "\"", "\\u00e9", "\"", 2 * MIB, read_json},
	{"JSON: digits", "", "1", "", 4 * MIB, read_json},
	{"JSON: open brackets", "", "[", "", MIB, read_json},
	{"JSON: unfinished strings", "", "\"", "", MIB, read_json},
	{"job line: values of a header", "{\"url\":\"http://a/\",\"headers\":{\"a\":[\"1\"",
         ",\"1\"", "]}}", 990, take_job},
	{"job line: unknown members", "{\"url\":\"http://a/\"", ",\"x\":1", "}", 150000, take_job},
	{"CSV: fields", "a", ",", "\n", MIB - 10, read_csv},
	{"CSV: quotes", "a,\"", "\"\"", "\"\n", MIB / 2 - 10, read_csv},
	{"CSV: records", "a,b\n", "1,2\n", "", MIB, read_csv},
	{"Link: parameters", "link:<u>", ";a=b", "\n", MIB / 4, find_link},
	{"Link: targets", "link:<u>", ",<u>;rel=x", "\n", MIB / 10, find_link},
	{"Link: words of rel", "link:<u>;rel=\"", "a ", "\"\n", MIB / 2, find_link},
	{"Link: fields", "", "link:<u>;rel=x\n", "", 20000, find_link},
	{"Link: open targets", "link:", "<", "\n", MIB, find_link},
	{"head: fields", "HTTP/1.1 200 OK\r\n", "A: b\r\n", "\r\n", 40000, take_head},
	{"head: codings", "HTTP/1.1 200 OK\r\nContent-Encoding: ", "identity,", "\r\n", 30000,
         take_head},
	{"head: lengths", "HTTP/1.1 200 OK\r\nContent-Length: ", "5,", "5\r\n", 100000, take_head},
	{"disposition: parameters", "attachment", ";a=b", "", 60000, name_served},
	{"disposition: a long name", "attachment; filename=\"", "\\a", "\"", 100000, name_served},
	{"disposition: escapes", "attachment; filename*=UTF-8''", "%41", "", 80000, name_served},
	{"name: directories", "http://h/", "a/", "", MIB / 2, name_file},
	{"name: dots", "http://h/", "../", "a", MIB / 3, name_file},
	{"name: one component", "http://h/", "a", "", MIB, name_file},
	{"name: bytes that are not UTF-8", "http://h/", "%ff", "", MIB / 3, name_file},
	{"glob: alternatives", "http://{a", ",a", "}", MIB / 2, parse_glob},
	{"glob: open braces", "http://", "{a", "", MIB / 2, parse_glob},
	{"glob: open brackets", "http://", "[a", "", MIB / 2, parse_glob},
	{"template: open braces", "{", "{a", "", MIB / 2, parse_template},
	{"template: variables", "", "{a}", "", 100000, parse_template},
	{"pages: digits", "http://h/", "1", "", MIB, find_pages},
	{"text: control characters", "", "\x1b", "", MIB, clean_text},
	{"text: bytes that are not UTF-8", "", "\xf0\x9f", "", MIB / 2, clean_text},
	{"tables: hosts", "", ".example/\n", "", 100000, fill_tables},
};

static void make_input(const struct growth_case *c, size_t n, struct buf *input)
{
	buf_clear(input);
	buf_put_text(input, c->first);
	while (n--)
		buf_put_text(input, c->piece);
	buf_put_text(input, c->last);
}

static int64_t cpu_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static int64_t time_us(consume_fn *consume, const struct buf *input)
{
	int64_t start = cpu_us();

	consume(input);
	return cpu_us() - start;
}

static int64_t least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* n pieces are in all. In turns, so that both meet the same moods of the machine. */
static void case_growth(const char *name, size_t n, consume_fn *consume, const struct buf *part,
                        const struct buf *all)
{
	int64_t part_us = INT64_MAX / MOST_FACTOR / 2, all_us = INT64_MAX;

	for (int i = 0; i < REPEATS; i++) {
		part_us = least(part_us, time_us(consume, part));
		all_us = least(all_us, time_us(consume, all));
	}
	if (all_us <= MOST_FACTOR * part_us + SLACK)
		return;
	print_error("case \"%s\": %zu pieces take %" PRId64 " us, 1/%d of them %" PRId64 "\n", name,
	            n, all_us, FACTOR, part_us);
	fail();
}

static void time_grows_with_the_input(void **state)
{
	struct buf part, all;

	(void)state;
	if (!HAS_TIMES)
		skip();
	buf_init(&part, BUF_UNLIMITED);
	buf_init(&all, BUF_UNLIMITED);
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct growth_case *c = &cases[i];

		make_input(c, c->most / FACTOR, &part);
		make_input(c, c->most, &all);
		case_growth(c->name, c->most, c->consume, &part, &all);
	}
	buf_release(&part);
	buf_release(&all);
}

/* ---- names that differ ---- */

static void make_columns(struct buf *out, size_t n)
{
	buf_clear(out);
	for (size_t i = 0; i < n; i++)
		buf_printf(out, "%s%zx", i ? "," : "", i);
	buf_put_text(out, "\n");
}

static void make_job(struct buf *out, size_t n)
{
	buf_clear(out);
	buf_put_text(out, "{\"url\":\"http://a/\",\"headers\":{");
	for (size_t i = 0; i < n; i++)
		buf_printf(out, "%s\"h%zx\":\"1\"", i ? "," : "", i);
	buf_put_text(out, "}}");
}

static void make_members(struct buf *out, size_t n)
{
	buf_clear(out);
	for (size_t i = 0; i < n; i++)
		buf_printf(out, "%c\"h%zx\":1", i ? ',' : '{', i);
	buf_put_text(out, "}");
}

static void time_grows_with_the_number_of_names(void **state)
{
	static const struct {
		const char *name;
		void (*make)(struct buf *out, size_t n);
		consume_fn *consume;
		size_t most;
	} named[] = {
		{"columns of a CSV header", make_columns, read_csv, 130000},
		{"headers of a job line", make_job, take_job, 1000},
		{"members of an object", make_members, read_json, 400000},
	};
	struct buf part, all;

	(void)state;
	if (!HAS_TIMES)
		skip();
	buf_init(&part, BUF_UNLIMITED);
	buf_init(&all, BUF_UNLIMITED);
	for (size_t i = 0; i < COUNT(named); i++) {
		named[i].make(&part, named[i].most / FACTOR);
		named[i].make(&all, named[i].most);
		case_growth(named[i].name, named[i].most, named[i].consume, &part, &all);
	}
	buf_release(&part);
	buf_release(&all);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(time_grows_with_the_input),
		cmocka_unit_test(time_grows_with_the_number_of_names),
	};
	int failed;

	buf_init(&scratch, BUF_UNLIMITED);
	json_global_init();
	if (transfer_global_init(NULL))
		return 1;
	failed = UNIT_RUN(tests);
	transfer_global_release();
	buf_release(&scratch);
	return failed;
}
