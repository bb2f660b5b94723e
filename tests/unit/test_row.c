/*
 * input/row, and input/source with templates: what each line and each record becomes.
 */
#include "unit_async.h"

#include "base/buf.h"
#include "input/count.h"
#include "input/row.h"
#include "input/source.h"
#include "input/template.h"
#include "transfer/options.h"
#include "transfer/request.h"
#include "transfer/session.h"

enum { MIB = 1024 * 1024 };

static char folder[] = "/tmp/gather-test-row-XXXXXX";

static int folder_setup(void **state)
{
	(void)state;
	return mkdtemp(folder) && !chdir(folder) ? 0 : -1;
}

static int folder_teardown(void **state)
{
	(void)state;
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

/* ---- what there is to fill ---- */

struct setup {
	const char *url, *headers[3], *body; /* NULL: none */
	bool is_csv, is_unique;
	const char *list, *more; /* files with these contents; NULL: none */
	const char *argument;
};

static void make_options(const struct setup *setup, struct fetch_options *options,
                         struct row_templates *templates)
{
	fetch_options_init(options);
	for (size_t i = 0; i < COUNT(setup->headers) && setup->headers[i]; i++)
		assert_err(fetch_options_set(options, "HTTPHEADER", setup->headers[i], NULL),
		           ERR_NONE);
	options->has_body = setup->body != NULL;
	if (setup->body)
		assert_err(buf_add(&options->body, setup->body, strlen(setup->body)), ERR_NONE);
	assert_err(
		template_new(setup->url, strlen(setup->url), TEMPLATE_URL, &templates->url, NULL),
		ERR_NONE);
	assert_err(row_templates_take(templates, options, NULL), ERR_NONE);
	fetch_options_seal(options);
}

/* "list:2 h/x [A: b] <body>" or "list:2 h/x ! words", with a * where options are shared. */
static void put_request(struct buf *out, const struct request *r)
{
	const char *header;

	if (r->file)
		buf_printf(out, "%s:%llu ", r->file, (unsigned long long)r->line);
	buf_put(out, r->url.data, r->url.len);
	if (r->problem.len) {
		buf_printf(out, " ! %s\n", r->problem.data);
		return;
	}
	for (size_t i = 0; (header = fetch_options_header(r->options, i)); i++)
		buf_printf(out, " [%s]", header);
	if (r->options->has_body) {
		assert_string_equal(r->options->method, "POST");
		buf_printf(out, " <%s>", r->options->body.data);
	}
	buf_put_text(out, r->own ? "\n" : "*\n");
}

/* All requests, a line each. The caller frees it. */
static char *read_all(struct stage *s, const struct setup *setup)
{
	struct source_item items[3];
	struct row_templates templates = {0};
	struct fetch_options options;
	struct source_options so = {.items = items,
	                            .request = &options,
	                            .templates = &templates,
	                            .is_csv = setup->is_csv,
	                            .is_unique = setup->is_unique};
	struct source *source;
	struct request r;
	struct buf out;
	uint64_t count = 0, requests = 0;
	size_t len;
	enum err e;

	make_options(setup, &options, &templates);
	if (setup->list) {
		write_list("list", setup->list, strlen(setup->list));
		items[so.count++] = (struct source_item){true, "list"};
	}
	if (setup->more) {
		write_list("other", setup->more, strlen(setup->more));
		items[so.count++] = (struct source_item){true, "other"};
	}
	if (setup->argument)
		items[so.count++] = (struct source_item){false, setup->argument};
	source = source_new(s->loop, &so);
	request_init(&r);
	buf_init(&out, BUF_UNLIMITED);
	while ((e = source_next(source, &r)) != ERR_EOF) {
		if (e == ERR_AGAIN) {
			assert_err(job_await(source_wait(source)), ERR_NONE);
			continue;
		}
		put_request(&out, &r);
		request_recycle(&r);
		requests++;
	}
	/* Who looked ahead has seen the same. */
	if (count_requests(&so, &count))
		assert_int_equal(count, requests);
	else
		assert_true(setup->is_unique);
	request_release(&r);
	source_free(source);
	fetch_options_release(&options);
	row_templates_release(&templates);
	return buf_take(&out, &len);
}

static const struct {
	const char *name;
	struct setup setup;
	const char *expected;
} cases[] = {
	{"lines",
         {.url = "h/{}", .list = "# no\n a/b \n\nc", .more = "d\r\n", .argument = "[1-2]"},
         "list:2 h/a%2Fb*\nlist:4 h/c*\nother:1 h/d*\nh/%5B1-2%5D*\n"},
	{"JSON lines",
         {.url = "h/{id}?{s}{t}{n}",
          .list = "{\"id\":9007199254740993,\"s\":\"\\u00e9\",\"t\":"
                  "true,\"n\":null}\n {\"id\":1.50e+2,\"s\":\"\","
                  "\"t\":false,\"n\":0,\"more\":[]}"},
         "list:1 h/9007199254740993?%C3%A9true*\nlist:2 h/1.50e%2B2?false0*\n"},
	{"a JSON line as a line",
         {.url = "h/{}", .list = "{\"a\":1}\n{not JSON"},
         "list:1 h/%7B%22a%22%3A1%7D*\nlist:2 h/%7Bnot%20JSON*\n"},
	{"lines that cannot fill it",
         {.url = "h/{a}",
          .list = "x\n{\"b\":1}\n{\"a\":[]}\n{\"a\":{}}\n{\"a\":1,\"a\":2}\n{\"a\"}\n{\"a\":1}\n"},
         "list:1  ! --template: no member \"a\": the line is no JSON object\n"
         "list:2  ! --template: no member \"a\"\n"
         "list:3  ! --template: member \"a\" is an array, and no text\n"
         "list:4  ! --template: member \"a\" is an object, and no text\n"
         "list:5  ! --template: two members \"a\"\n"
         "list:6  ! --template: bad JSON: it is no JSON\n"
         "list:7 h/1*\n"},
	{"what a value makes of the URL",
         {.url = "h/{}", .list = "..\n...\n"},
         "list:1  ! --template: the path would have a segment \"..\"\nlist:2 h/...*\n"},
	{"a URL that is none",
         {.url = "{+a}", .list = "{\"a\":\"\"}\n{\"a\":\"x\\u0001\"}\nx"},
         "list:1  ! an empty URL\nlist:2 x\x01 ! a control character in the URL\n"
         "list:3  ! --template: no member \"a\": the line is no JSON object\n"},
	{"a body",
         {.url = "h/", .body = "{\"a\":\"{}\"}", .headers = {"A: {{b}}"}, .list = "x\"\ny"},
         "list:1 h/ [A: {b}] <{\"a\":\"x\\\"\"}>\nlist:2 h/ [A: {b}] <{\"a\":\"y\"}>\n"},
	{"headers, in their order",
         {.url = "h/{}",
          .body = "{{x}}",
          .headers = {"A: {}", "B: {{}}", "A: 2{+}"},
          .list = "x y\n"},
         "list:1 h/x%20y [A: x y] [B: {}] [A: 2x y] <{x}>\n"},
	{"headers without a value",
         {.url = "h/", .headers = {"A: {a}", "B:", "C:{a}{a}"}, .list = "{\"a\":\"\"}"},
         "list:1 h/ [A;] [B:] [C;]\n"},
	{"a header that cannot be",
         {.url = "h/", .headers = {"A: {a}"}, .list = "{\"a\":\"\\n\"}"},
         "list:1  ! --header: \"a\" has a control character, which no header can have\n"},
	{"--unique",
         {.url = "h/", .body = "{}", .list = "x\ny\nx\n", .is_unique = true},
         "list:1 h/ <x>\nlist:2 h/ <y>\n"},
	{"CSV",
         {.url = "h/{a}?{b c}",
          .is_csv = true,
          .list = "\xef\xbb\xbf\"a\",b c\r\n1,\"x\r\ny\"\r\n\r\n#,\"\"\"\"\r\n"},
         "list:2 h/1?x%0D%0Ay*\nlist:5 h/%23?%22*\n"},
	{"CSV lists with headers of their own",
         {.url = "h/{a}",
          .is_csv = true,
          .list = "a,b\n1,2\n",
          .more = "b,a\n3,4",
          .argument = "x"},
         "list:2 h/1*\nother:2 h/4*\n ! --template: no member \"a\": the line is no JSON object\n"},
	{"a whole record",
         {.url = "h/{}", .is_csv = true, .list = "a,b\n\"1\" ,2\n\"1\",\"\n\"\n"},
         "list:2  ! text behind a field in quotes\nlist:3 h/%221%22%2C%22%0A%22*\n"},
	{"records that cannot be used",
         {.url = "h/{a}", .is_csv = true, .list = "a,b\n1\n1,2,3\n1,2\n\"\n\",1\n\"1,2\n3,4\n"},
         "list:2  ! 1 fields in 2 columns\n"
         "list:3  ! 3 fields in 2 columns\n"
         "list:4 h/1*\n"
         "list:5 h/%0A*\n"
         "list:7  ! a quote that is not closed\n"},
	{"no records", {.url = "h/{a}", .is_csv = true, .list = "\n\na,b\n", .more = ""}, ""},
	{"an unknown column",
         {.url = "h/{a}",
          .headers = {"X: {b}"},
          .body = "{c}",
          .is_csv = true,
          .list = "a,b\n1,2\n3,4\n",
          .more = "a,b,c\n5,6,7"},
         "list:1  ! --data: no column \"c\"; there are \"a\", \"b\" "
         "({{ and }} are plain braces)\nother:2 h/5 [X: 6] <7>\n"},
	{"columns of one name",
         {.url = "h/{a}", .is_csv = true, .list = "a,b,b\n1,2,3\n"},
         "list:1  ! two columns \"b\"\n"},
	{"a column without a name",
         {.url = "h/{a}", .is_csv = true, .list = "\na,,b\n1,2,3\n"},
         "list:2  ! column 2 has no name\n"},
	{"names that cannot be read",
         {.url = "h/{a}", .is_csv = true, .list = "a,\"b\n1,2\n"},
         "list:1  ! the names of the columns: a quote that is not closed\n"},
};

static void what_rows_become(void **state)
{
	for (size_t i = 0; i < COUNT(cases); i++) {
		char *all = read_all(*state, &cases[i].setup);

		case_text(cases[i].name, all, cases[i].expected);
		free(all);
	}
}

static void a_record_may_have_a_mebibyte(void **state)
{
	struct setup setup = {.url = "h/{b}", .is_csv = true, .more = "b\nlast"};
	struct buf list;
	char *all;

	buf_init(&list, BUF_UNLIMITED);
	buf_put_text(&list, "a,b\n\"");
	while (list.len < MIB)
		buf_put_text(&list, "x\n");
	buf_put_text(&list, "\",1\n\"");
	while (list.len < 2 * MIB + 100)
		buf_put_text(&list, "y\n");
	buf_put_text(&list, "\",2\nz,3\n");
	setup.list = list.data;
	all = read_all(*state, &setup);
	assert_non_null(strstr(all, "list:2 h/1*\n"));
	assert_non_null(strstr(all, " ! a record over 1 MiB\nlist:"));
	assert_non_null(strstr(all, " h/3*\nother:2 h/last*\n"));
	free(all);
	buf_release(&list);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_rows_become),
		TEST(a_record_may_have_a_mebibyte),
	};
	int failed;

	if (transfer_global_init(NULL))
		return 1;
	unit_begin();
	failed = cmocka_run_group_tests(tests, folder_setup, folder_teardown);
	transfer_global_release();
	return failed;
}
