/*
 * input/derive: which requests come of an answer, and how they are made.
 */
#include "unit.h"

#include <stdlib.h>

#include "base/json_read.h"
#include "base/mem.h"
#include "input/derive.h"
#include "transfer/options.h"
#include "transfer/result.h"
#include "transfer/session.h"

/* How the input is fetched, and what is derived. */
struct house {
	struct fetch_options fetch;
	struct derive_options options;
	struct deriver *deriver;
};

static void set(struct house *h, const char *name, const char *value)
{
	assert_err(fetch_options_set(&h->fetch, name, value, NULL), ERR_NONE);
}

static void house_begin(struct house *h)
{
	*h = (struct house){.options = {.fetch = &h->fetch}};
	fetch_options_init(&h->fetch);
}

/* place: "link" or a pointer, NULL: none; follow: pointers with blanks between. */
static void house_derives(struct house *h, const char *next, const char *follow)
{
	char *words = mem_text(follow ? follow : ""), *at = words, *word;

	if (next)
		assert_err(derive_set_next(&h->options, next, NULL), ERR_NONE);
	while ((word = strsep(&at, " "))) {
		if (follow)
			assert_err(derive_add_follow(&h->options, word, NULL), ERR_NONE);
	}
	free(words);
}

static void house_open(struct house *h)
{
	derive_keep(&h->options, &h->fetch);
	fetch_options_seal(&h->fetch);
	h->deriver = deriver_new(&h->options);
	assert_non_null(h->deriver);
}

static void house_close(struct house *h)
{
	deriver_free(h->deriver);
	derive_options_release(&h->options);
	fetch_options_release(&h->fetch);
}

static void take(struct deriver *d, struct result *r, const struct cJSON *json)
{
	struct findings found = {0};

	if (json)
		deriver_find(d, r, json, &found);
	while (deriver_take(d, r, &found))
		;
	findings_release(&found);
}

/* The input names url, and that is answered; leaves what is derived, with blanks between. */
static void answer(struct house *h, struct result *r, const char *url, const char *links,
                   const char *text)
{
	struct cJSON *json = text ? json_parse(text, strlen(text), NULL) : NULL;

	buf_clear(&r->request.url);
	buf_put_text(&r->request.url, url);
	if (!r->request.options)
		r->request.options = &h->fetch;
	deriver_pass(h->deriver, &r->request);
	if (links)
		buf_printf(&r->headers, "link: %s\n", links);
	take(h->deriver, r, json);
	json_free(json);
}

static void put_derived(struct house *h, struct buf *out)
{
	struct request request;

	request_init(&request);
	while (deriver_next(h->deriver, &request)) {
		buf_printf(out, "%s%s", out->len ? " " : "", request.url.data);
		request_recycle(&request);
	}
	request_release(&request);
}

/* ---- what is derived ---- */

#define URL "http://h/v0/item"

static const struct derive_case {
	const char *name, *next, *follow, *follow_url;
	const char *links, *json;
	const char *expected, *warning;
} cases[] = {
	{"an absolute URL", "/next", NULL, NULL, NULL, "{\"next\":\"http://g/2\"}", "http://g/2",
         ""},
	{"a relative one", "/next", NULL, NULL, NULL, "{\"next\":\"item2\"}", "http://h/v0/item2",
         ""},
	{"a path", "/next", NULL, NULL, NULL, "{\"next\":\"/x\"}", "http://h/x", ""},
	{"a query", "/next", NULL, NULL, NULL, "{\"next\":\"?c=2\"}", URL "?c=2", ""},
	{"a fragment is dropped", "/next", NULL, NULL, NULL, "{\"next\":\"/x#y\"}", "http://h/x",
         ""},
	{"a deep place", "/a/0/b", NULL, NULL, NULL, "{\"a\":[{\"b\":\"/x\"}]}", "http://h/x", ""},
	{"null ends", "/next", NULL, NULL, NULL, "{\"next\":null}", "", ""},
	{"an empty text ends", "/next", NULL, NULL, NULL, "{\"next\":\"\"}", "", ""},
	{"nothing ends", "/next", NULL, NULL, NULL, "{}", "", ""},
	{"itself ends", "/next", NULL, NULL, NULL, "{\"next\":\"item\"}", "", ""},
	{"no JSON at all", "/next", "/a", NULL, NULL, NULL, "", ""},
	{"an array", "/next", NULL, NULL, NULL, "{\"next\":[1]}", "",
         "--next found an array, and no URL"},
	{"an object", NULL, "/a", NULL, NULL, "{\"a\":{}}", "",
         "--follow found an object, and no URL"},
	{"true", NULL, "/a", NULL, NULL, "{\"a\":true}", "", "--follow found true, and no URL"},
	{"file", "/next", NULL, NULL, NULL, "{\"next\":\"file:///etc/passwd\"}", "",
         "not followed: \"file:///etc/passwd\": neither http nor https"},
	{"ftp", "/next", NULL, NULL, NULL, "{\"next\":\"ftp://h/\"}", "",
         "not followed: \"ftp://h/\": neither http nor https"},
	{"a link", "link", NULL, NULL, "</2>; rel=next", NULL, "http://h/2", ""},
	{"no link to the next", "link", NULL, NULL, "</2>; rel=prev", NULL, "", ""},
	{"links are not asked for", "/next", NULL, NULL, "</2>; rel=next", "{}", "", ""},
	{"pages at once", "link", NULL, NULL, "<?page=2>; rel=next, <?page=4>; rel=last", NULL,
         URL "?page=2 " URL "?page=3 " URL "?page=4", ""},
	{"all of them", NULL, "/kids/*", NULL, NULL, "{\"kids\":[\"a\",\"b\",\"a\",\"\",null]}",
         "http://h/v0/a http://h/v0/b", ""},
	{"numbers", NULL, "/*", NULL, NULL, "[1,-2,9007199254740993,9007199254740992]",
         "http://h/v0/1 http://h/v0/-2 http://h/v0/9007199254740993 "
         "http://h/v0/9007199254740992",
         ""},
	{"a template", NULL, "/*", "/i/{}.json", NULL, "[12345678901234567890,\"a/b c\\u00e9\"]",
         "http://h/i/12345678901234567890.json http://h/i/a%2Fb%20c%C3%A9.json", ""},
	{"braces that are no variable", NULL, "/*", "http://g/{}?x={y}&{", NULL, "[1]",
         "http://g/1?x={y}&{", ""},
	{"a raw template", NULL, "/*", "http://g/{+}?x={}", NULL, "[\"a/b&c\"]",
         "http://g/a/b&c?x=a%2Fb%26c", ""},
	{"unreserved characters", NULL, "/*", "/{}", NULL, "[\"AZaz09-._~!\"]",
         "http://h/AZaz09-._~%21", ""},
	{"a brace in a value is no place", NULL, "/*", "/{}", NULL, "[\"{}\"]", "http://h/%7B%7D",
         ""},
	{"several places", NULL, "/a /b/*", NULL, NULL, "{\"b\":[\"2\",\"3\"],\"a\":\"1\"}",
         "http://h/v0/1 http://h/v0/2 http://h/v0/3", ""},
	{"next and follow", "/n", "/a", NULL, NULL, "{\"a\":\"1\",\"n\":\"2\"}",
         "http://h/v0/2 http://h/v0/1", ""},
};

static void what_an_answer_says_is_derived(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct derive_case *c = &cases[i];
		struct house h;
		struct result r;
		struct buf out;

		house_begin(&h);
		house_derives(&h, c->next, c->follow);
		h.options.follow_url = mem_text(c->follow_url);
		house_open(&h);
		result_init(&r);
		buf_init(&out, BUF_UNLIMITED);
		answer(&h, &r, URL, c->links, c->json);
		put_derived(&h, &out);
		case_text(c->name, out.data, c->expected);
		case_text(c->name, r.warning.data, c->warning);
		case_uint(c->name, deriver_waiting(h.deriver), 0);
		buf_release(&out);
		result_release(&r);
		house_close(&h);
	}
}

static void a_value_that_is_too_long_is_a_warning(void **state)
{
	struct house h;
	struct result r;
	struct buf json;

	(void)state;
	house_begin(&h);
	house_derives(&h, NULL, "/*");
	house_open(&h);
	result_init(&r);
	buf_init(&json, BUF_UNLIMITED);
	buf_put_text(&json, "[\"");
	for (unsigned i = 0; i <= 65536; i++)
		buf_put_byte(&json, 'a');
	buf_put_text(&json, "\"]");
	answer(&h, &r, URL, NULL, json.data);
	assert_int_equal(deriver_waiting(h.deriver), 0);
	assert_non_null(strstr(r.warning.data, "longer than 64 KiB"));
	assert_true(r.warning.len < 200);
	buf_release(&json);
	result_release(&r);
	house_close(&h);
}

static void a_url_is_derived_once_in_a_run(void **state)
{
	static const char *const answers[] = {"[\"/a\",\"/b\"]",
	                                      "[\"/b\",\"http://h/a#x\",\"/c\"]"};
	struct house h;
	struct result r;
	struct buf out;

	(void)state;
	house_begin(&h);
	house_derives(&h, NULL, "/*");
	house_open(&h);
	buf_init(&out, BUF_UNLIMITED);
	for (size_t i = 0; i < COUNT(answers); i++) {
		result_init(&r);
		answer(&h, &r, i ? "h/2" : "h/c", NULL, answers[i]); /* c: of the input */
		result_release(&r);
	}
	put_derived(&h, &out);
	assert_string_equal(out.data, "http://h/a http://h/b");
	buf_release(&out);
	house_close(&h);
}

/* ---- bounds ---- */

static void a_chain_ends_at_its_bound(void **state)
{
	static const struct {
		const char *name;
		uint64_t given, pages;
		bool is_cut;
	} chains[] = {{"given", 3, 3, false}, {"one", 1, 1, false}, {"usual", 0, 1000, true}};

	(void)state;
	for (size_t i = 0; i < COUNT(chains); i++) {
		uint64_t pages = 0;
		struct house h;
		struct result r;
		char *json;

		house_begin(&h);
		h.options.max_pages = chains[i].given;
		house_derives(&h, "/n", NULL);
		house_open(&h);
		result_init(&r);
		do {
			char *url = mem_text(pages ? r.request.url.data : "http://h/0");
			json = mem_printf("{\"n\":\"/%llu\"}", (unsigned long long)++pages);
			answer(&h, &r, url, NULL, json);
			free(url);
			free(json);
			buf_clear(&r.request.url);
		} while (deriver_next(h.deriver, &r.request));
		case_uint(chains[i].name, pages, chains[i].pages);
		case_int(chains[i].name, deriver_is_cut(h.deriver), chains[i].is_cut);
		case_true(chains[i].name, strstr(r.warning.data, "--max-pages") != NULL);
		case_true(chains[i].name,
		          strstr(deriver_notices(h.deriver)->data, "warning: --max-pages") != NULL);
		result_release(&r);
		house_close(&h);
	}
}

static void pages_at_once_keep_to_the_bound(void **state)
{
	struct house h;
	struct result r;
	struct buf out;

	(void)state;
	house_begin(&h);
	h.options.max_pages = 3;
	house_derives(&h, "link", NULL);
	house_open(&h);
	result_init(&r);
	buf_init(&out, BUF_UNLIMITED);
	answer(&h, &r, "http://h/", "<?page=2>; rel=next, <?page=9>; rel=last", NULL);
	put_derived(&h, &out);
	assert_string_equal(out.data, "http://h/?page=2 http://h/?page=3");
	assert_string_equal(r.warning.data, "there are more pages than --max-pages 3");
	assert_false(deriver_is_cut(h.deriver));
	buf_release(&out);
	result_release(&r);
	house_close(&h);
}

/* Only the last of them goes on, to what has come since. */
static void pages_at_once_do_not_look_for_their_next(void **state)
{
	struct house h;
	struct result r;
	struct buf out;

	(void)state;
	house_begin(&h);
	house_derives(&h, "link", NULL);
	house_open(&h);
	result_init(&r);
	buf_init(&out, BUF_UNLIMITED);
	answer(&h, &r, "http://h/", "<?page=2>; rel=next, <?page=4>; rel=last", NULL);
	assert_non_null(strstr(deriver_notices(h.deriver)->data,
	                       "pages 2 to 4 of http://h/ are fetched at once"));
	for (unsigned page = 2; page <= 4; page++) {
		result_recycle(&r);
		assert_true(deriver_next(h.deriver, &r.request));
		assert_int_equal(r.request.page, page - 1);
		buf_put_text(&r.headers, "link: <?page=5>; rel=next, <?page=9>; rel=last\n");
		assert_int_equal(deriver_waiting(h.deriver), 4 - page);
		take(h.deriver, &r, NULL);
	}
	put_derived(&h, &out);
	assert_string_equal(out.data, "http://h/?page=5");
	buf_release(&out);
	result_release(&r);
	house_close(&h);
}

static void requests_end_at_their_bound(void **state)
{
	struct house h;
	struct result r;
	struct buf out;

	(void)state;
	house_begin(&h);
	h.options.max_requests = 2;
	house_derives(&h, NULL, "/*");
	house_open(&h);
	result_init(&r);
	buf_init(&out, BUF_UNLIMITED);
	answer(&h, &r, URL, NULL, "[\"1\",\"2\",\"1\"]");
	assert_false(deriver_is_cut(h.deriver)); /* it was all there is */
	assert_string_equal(r.warning.data, "");
	answer(&h, &r, URL, NULL, "[\"3\",\"4\"]");
	assert_true(deriver_is_cut(h.deriver));
	assert_string_equal(r.warning.data, "not followed: --max-requests 2 is reached");
	assert_string_equal(deriver_notices(h.deriver)->data,
	                    "warning: --max-requests 2 is reached: no more are derived\n");
	put_derived(&h, &out);
	assert_string_equal(out.data, "http://h/v0/1 http://h/v0/2");
	buf_release(&out);
	result_release(&r);
	house_close(&h);
}

/* Steps of --follow count, pages do not; and what is deepest is not read. */
static void depth_counts_steps(void **state)
{
	struct house h;
	struct result r;

	(void)state;
	house_begin(&h);
	h.options.max_depth = 2;
	house_derives(&h, "link", "/*");
	house_open(&h);
	result_init(&r);
	answer(&h, &r, "http://h/0", "</0b>; rel=next", "[\"1\"]");
	result_recycle(&r);
	assert_true(deriver_next(h.deriver, &r.request));
	assert_string_equal(r.request.url.data, "http://h/0b");
	assert_int_equal(r.request.depth, 0);
	result_recycle(&r);
	assert_true(deriver_next(h.deriver, &r.request));
	assert_string_equal(r.request.url.data, "http://h/1");
	assert_int_equal(r.request.depth, 1);
	assert_true(deriver_needs_json(h.deriver, &r));
	assert_true(r.request.options->needs_body);
	answer(&h, &r, "http://h/1", NULL, "[\"2\"]");
	result_recycle(&r);
	assert_true(deriver_next(h.deriver, &r.request));
	assert_int_equal(r.request.depth, 2);
	assert_false(deriver_needs_json(h.deriver, &r));
	assert_false(r.request.options->needs_body);
	assert_true(r.request.options->keeps_headers);
	answer(&h, &r, "http://h/2", NULL, "[\"3\"]");
	assert_int_equal(deriver_waiting(h.deriver), 0);
	result_release(&r);
	house_close(&h);
}

/* ---- how they are made ---- */

static void put_options(struct buf *out, const struct fetch_options *options)
{
	static const char *const settings[] = {"USERPWD", "XOAUTH2_BEARER", "HTTPAUTH", "REFERER",
	                                       "USERAGENT"};
	const char *header;

	buf_printf(out, "%s", options->method);
	for (size_t i = 0; (header = fetch_options_header(options, i)); i++)
		buf_printf(out, " %s", header);
	for (size_t i = 0; i < COUNT(settings); i++)
		buf_printf(out, "%s%s", fetch_options_has(options, settings[i]) ? " " : "",
		           fetch_options_has(options, settings[i]) ? settings[i] : "");
	assert_false(options->has_body);
	assert_false(fetch_options_has(options, "NOBODY"));
	assert_false(fetch_options_has(options, "CUSTOMREQUEST"));
}

/* Answers what is derived with one more target, and says how that is to be fetched. */
static void case_trust(const char *name, bool sends_headers, const char *const *targets,
                       const char *expected)
{
	struct house h;
	struct result r;
	struct buf out;

	house_begin(&h);
	h.fetch.sends_headers = sends_headers;
	h.fetch.method = mem_text("PUT");
	h.fetch.has_body = true;
	set(&h, "HTTPHEADER", "X-Key: 1");
	set(&h, "HTTPHEADER", "Accept: a/b");
	set(&h, "HTTPHEADER", "authorization: Basic x");
	set(&h, "HTTPHEADER", "Cookie: a=1");
	set(&h, "HTTPHEADER", "content-type: text/plain");
	set(&h, "USERPWD", "u:p");
	set(&h, "REFERER", "http://r/");
	assert_err(fetch_options_set_bearer(&h.fetch, "token", NULL), ERR_NONE);
	house_derives(&h, NULL, "/*");
	house_open(&h);
	result_init(&r);
	buf_put_text(&r.request.url, "http://h/");
	r.request.options = &h.fetch;
	for (; *targets; targets++) {
		char *text = mem_printf("[\"%s\"]", *targets);
		struct cJSON *json = json_parse(text, strlen(text), NULL);

		take(h.deriver, &r, json);
		json_free(json);
		free(text);
		result_recycle(&r);
		case_true(name, deriver_next(h.deriver, &r.request));
	}
	buf_init(&out, BUF_UNLIMITED);
	put_options(&out, r.request.options);
	case_text(name, out.data, expected);
	buf_release(&out);
	result_release(&r);
	house_close(&h);
}

static void logins_stay_with_their_origin(void **state)
{
	static const char all[] =
		"GET X-Key: 1 Accept: a/b authorization: Basic x Cookie: a=1 USERPWD "
		"XOAUTH2_BEARER HTTPAUTH REFERER USERAGENT";
	static const struct {
		const char *name;
		bool sends_headers;
		const char *targets[4];
		const char *expected;
	} chains[] = {
		{"the same origin", false, {"/a"}, all},
		{"the same, written otherwise", false, {"HTTP://H:80/a"}, all},
		{"twice", false, {"/a", "/b"}, all},
		{"another host", false, {"http://g/"}, "GET Accept: a/b USERAGENT"},
		{"another port", false, {"http://h:81/"}, "GET Accept: a/b USERAGENT"},
		{"an upgrade", false, {"https://h/"}, "GET X-Key: 1 Accept: a/b REFERER USERAGENT"},
		{"an upgrade to another port",
	         false,
	         {"https://h:81/"},
	         "GET X-Key: 1 Accept: a/b REFERER USERAGENT"},
		{"an upgrade, and within it",
	         false,
	         {"https://h/", "/a"},
	         "GET X-Key: 1 Accept: a/b REFERER USERAGENT"},
		{"an upgrade to another host", false, {"https://g/"}, "GET Accept: a/b USERAGENT"},
		{"an upgrade and back",
	         false,
	         {"https://h/", "http://h/a"},
	         "GET Accept: a/b USERAGENT"},
		{"an upgrade from another host",
	         false,
	         {"http://g/", "https://g/"},
	         "GET Accept: a/b USERAGENT"},
		{"a host with a login", false, {"http://h@g/"}, "GET Accept: a/b USERAGENT"},
		{"a longer name", false, {"http://h.g/"}, "GET Accept: a/b USERAGENT"},
		{"not regained", false, {"http://g/", "http://h/a"}, "GET Accept: a/b USERAGENT"},
		{"nor there", false, {"http://g/", "/b"}, "GET Accept: a/b USERAGENT"},
		{"headers to all", true, {"http://g/"}, "GET X-Key: 1 Accept: a/b USERAGENT"},
		{"headers, not regained",
	         true,
	         {"http://g/", "http://h/a"},
	         "GET X-Key: 1 Accept: a/b USERAGENT"},
		{"headers to the same", true, {"/a"}, all},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(chains); i++)
		case_trust(chains[i].name, chains[i].sends_headers, chains[i].targets,
		           chains[i].expected);
}

/* ---- options ---- */

static void options_are_checked(void **state)
{
	struct derive_options options = {0};
	struct error e;

	(void)state;
	assert_false(derive_is_on(&options));
	assert_null(deriver_new(&options));
	assert_err(derive_set_next(&options, "next", &e), ERR_SYNTAX);
	assert_err(derive_set_next(&options, "/a/*", &e), ERR_SYNTAX);
	assert_err(derive_add_follow(&options, "a", &e), ERR_SYNTAX);
	assert_err(derive_set_follow_url(&options, "http://h/", &e), ERR_SYNTAX);
	assert_err(derive_set_follow_url(&options, "http://h/{id}", &e), ERR_SYNTAX);
	assert_false(derive_is_on(&options));
	assert_err(derive_set_next(&options, "link", &e), ERR_NONE);
	assert_true(derive_is_on(&options) && options.follows_links);
	assert_err(derive_set_next(&options, "/a", &e), ERR_NONE);
	assert_true(derive_is_on(&options) && !options.follows_links);
	derive_options_release(&options);
	assert_false(derive_is_on(&options));
	assert_err(derive_add_follow(&options, "/*", &e), ERR_NONE);
	assert_true(derive_is_on(&options));
	derive_options_release(&options);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_an_answer_says_is_derived),
		cmocka_unit_test(a_value_that_is_too_long_is_a_warning),
		cmocka_unit_test(a_url_is_derived_once_in_a_run),
		cmocka_unit_test(a_chain_ends_at_its_bound),
		cmocka_unit_test(pages_at_once_keep_to_the_bound),
		cmocka_unit_test(pages_at_once_do_not_look_for_their_next),
		cmocka_unit_test(requests_end_at_their_bound),
		cmocka_unit_test(depth_counts_steps),
		cmocka_unit_test(logins_stay_with_their_origin),
		cmocka_unit_test(options_are_checked),
	};
	int failed;

	if (transfer_global_init(NULL))
		return 1;
	failed = UNIT_RUN(tests);
	transfer_global_release();
	return failed;
}
