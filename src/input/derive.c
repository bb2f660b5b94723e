#include "input/derive.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "async/slice.h"
#include "base/hash.h"
#include "base/json_read.h"
#include "base/mem.h"
#include "transfer/field.h"
#include "transfer/link.h"
#include "transfer/options.h"
#include "transfer/result.h"
#include "transfer/travel.h"
#include "transfer/url.h"

enum {
	MAX_VALUE_BYTES = 65536, /* of what becomes a URL */
	SHOWN_BYTES = 60,        /* of a value that cannot */
	NO_CONTENT = 204,
	IDLE_BYTES = 65536, /* of the queue that may be taken already */
};

/* ---- how to fetch ---- */

/* A header_is_replaced_fn. */
static bool is_of_body(const char *header, size_t name_len, void *arg)
{
	(void)arg;
	return field_is_of_body(header, name_len);
}

/* That of the run's, for a GET without a body. */
static struct fetch_options *make_get(const struct derive_options *options, bool is_leaf)
{
	struct fetch_options *get = fetch_options_derive(options->fetch);

	free(get->method);
	get->method = NULL;
	get->wants_head = false;
	if (get->has_body)
		fetch_options_replace_headers(get, &(struct header_list){0}, is_of_body, NULL);
	get->has_body = false;
	buf_release(&get->body);
	buf_init(&get->body, MAX_REQUEST_BODY);
	if (is_leaf) {
		get->needs_body = options->keeps.needs_body;
		get->continues = options->keeps.continues;
		get->max_kept_bytes = options->keeps.max_bytes;
	}
	return get;
}

struct journey {
	enum hop hop;
	bool sends_all;
};

/* A header_is_replaced_fn. */
static bool stays(const char *header, size_t name_len, void *arg)
{
	const struct journey *journey = arg;

	(void)name_len;
	return !header_travels(header, journey->hop, journey->sends_all);
}

/* What is for the origin alone that the user has named. */
static void drop_secrets(struct fetch_options *options, enum hop hop)
{
	static const char *const settings[] = {"USERPWD",          "USERNAME",         "PASSWORD",
	                                       "XOAUTH2_BEARER",   "COOKIE",           "NETRC",
	                                       "SSLCERT",          "SSLKEY",           "KEYPASSWD",
	                                       "TLSAUTH_USERNAME", "TLSAUTH_PASSWORD", "REFERER"};
	size_t count = sizeof(settings) / sizeof(settings[0]) - (hop == HOP_UPGRADE);
	struct journey journey = {hop, options->sends_headers};

	if (hop == HOP_WITHIN)
		return;
	if (fetch_options_has(options, "XOAUTH2_BEARER"))
		fetch_options_unset(options, "HTTPAUTH");
	for (size_t i = 0; i < count; i++)
		fetch_options_unset(options, settings[i]);
	fetch_options_replace_headers(options, &(struct header_list){0}, stays, &journey);
}

/* ---- the deriver ---- */

struct deriver {
	const struct derive_options *options;
	struct fetch_options *sets[HOPS][2]; /* by how far it is, and is_leaf */
	struct hash_set seen;                /* URLs */
	struct buf queue;                    /* of struct record, each with its URL behind it */
	size_t taken;                        /* bytes of it */
	uint64_t waiting, derived;
	bool is_cut;
	bool has_told_cut, has_told_pages, has_told_at_once; /* once is enough for a run */
	struct buf notices;
	struct buf target, url, last; /* of the answer that is looked at */
};

struct record {
	uint64_t parent, depth, page;
	enum hop farthest; /* from the origin of the input that it comes of */
	bool has_no_next;
	size_t url_len;
};

/* A response that is looked at. */
struct step {
	struct deriver *deriver;
	struct result *result;
	struct findings *found;
	const char *base; /* what URLs are relative to */
	bool is_next;     /* the next page is looked for */
};

struct deriver *deriver_new(const struct derive_options *options)
{
	struct deriver *d;

	if (!derive_is_on(options))
		return NULL;
	d = mem_zero(1, sizeof(*d));
	d->options = options;
	for (int i = 0; i < 2 * HOPS; i++) {
		struct fetch_options *set = make_get(options, i & 1);

		drop_secrets(set, (enum hop)(i >> 1));
		fetch_options_seal(set);
		d->sets[i >> 1][i & 1] = set;
	}
	buf_init(&d->queue, BUF_UNLIMITED);
	buf_init(&d->notices, BUF_UNLIMITED);
	buf_init(&d->target, BUF_UNLIMITED);
	buf_init(&d->url, BUF_UNLIMITED);
	buf_init(&d->last, BUF_UNLIMITED);
	return d;
}

void deriver_free(struct deriver *d)
{
	if (!d)
		return;
	for (int i = 0; i < 2 * HOPS; i++)
		fetch_options_free(d->sets[i >> 1][i & 1]);
	hash_set_release(&d->seen);
	buf_release(&d->queue);
	buf_release(&d->notices);
	buf_release(&d->target);
	buf_release(&d->url);
	buf_release(&d->last);
	free(d);
}

void deriver_pass(struct deriver *d, const struct request *request)
{
	if (d && !request->problem.len && !strcmp(request->options->method, "GET") &&
	    !url_resolve(request->url.data, NULL, &d->url, NULL))
		hash_set_add(&d->seen, hash_bytes(d->url.data, d->url.len));
}

static bool is_followed(const struct derive_options *options, uint64_t depth)
{
	return options->follow_count && (!options->max_depth || depth < options->max_depth);
}

static bool is_leaf(const struct derive_options *options, uint64_t depth)
{
	return !options->next && !is_followed(options, depth);
}

bool deriver_needs_json(const struct deriver *d, const struct result *result)
{
	return d && !is_leaf(d->options, result->request.depth) && result->http_code != NO_CONTENT;
}

uint64_t deriver_waiting(const struct deriver *d)
{
	return d ? d->waiting : 0;
}

bool deriver_is_cut(const struct deriver *d)
{
	return d && d->is_cut;
}

struct buf *deriver_notices(struct deriver *d)
{
	return &d->notices;
}

void derive_warn(struct result *result, const char *format, ...)
{
	char text[512];
	va_list args;

	if (result->warning.len)
		return;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	url_put_text_masked(&result->warning, text, strlen(text));
}

/* ---- the queue ---- */

/* Logins are never regained: who came from another origin has none to hand on. */
static enum hop farthest(const struct deriver *d, const struct request *parent)
{
	enum hop hop = hop_of(parent->url.data, d->url.data);

	for (enum hop had = HOPS - 1; had > hop; had--) {
		if (parent->options == d->sets[had][0] || parent->options == d->sets[had][1])
			return had;
	}
	return hop;
}

static uint64_t limit(uint64_t given, uint64_t usual)
{
	return given ? given : usual;
}

static void cut_requests(struct step *s)
{
	struct deriver *d = s->deriver;
	uint64_t most = limit(d->options->max_requests, DERIVE_MAX_REQUESTS);

	derive_warn(s->result, "not followed: --max-requests %llu is reached",
	            (unsigned long long)most);
	if (!d->has_told_cut)
		buf_printf(&d->notices,
		           "warning: --max-requests %llu is reached: no more are derived\n",
		           (unsigned long long)most);
	d->is_cut = d->has_told_cut = true;
}

/* Queues d->url, unless it was there before. */
static void queue_url(struct step *s, uint64_t depth, uint64_t page, bool has_no_next)
{
	struct deriver *d = s->deriver;
	struct hash hash = hash_bytes(d->url.data, d->url.len);
	struct record record = {
		.parent = s->result->request.index,
		.depth = depth,
		.page = page,
		.has_no_next = has_no_next,
		.url_len = d->url.len,
	};

	if (hash_set_has(&d->seen, hash))
		return;
	if (d->derived == limit(d->options->max_requests, DERIVE_MAX_REQUESTS)) {
		cut_requests(s);
		return;
	}
	hash_set_add(&d->seen, hash);
	record.farthest = farthest(d, &s->result->request);
	buf_put(&d->queue, &record, sizeof(record));
	buf_put(&d->queue, d->url.data, d->url.len);
	d->waiting++;
	d->derived++;
}

bool deriver_next(struct deriver *d, struct request *r)
{
	struct record record;

	if (!d || !d->waiting)
		return false;
	memcpy(&record, d->queue.data + d->taken, sizeof(record));
	d->taken += sizeof(record);
	buf_put(&r->url, d->queue.data + d->taken, record.url_len);
	d->taken += record.url_len;
	d->waiting--;
	if (d->taken > IDLE_BYTES && d->taken > d->queue.len / 2) {
		buf_consume(&d->queue, d->taken);
		d->taken = 0;
	}
	r->is_derived = true;
	r->parent = record.parent;
	r->depth = record.depth;
	r->page = record.page;
	r->has_no_next = record.has_no_next;
	r->options = d->sets[record.farthest][is_leaf(d->options, record.depth)];
	return true;
}

/* ---- what an answer says ---- */

/* Pages after this one are missing, which the user must not find out alone. */
static void tell_broken(struct deriver *d, const struct request *r, const char *why)
{
	url_put_masked(&d->notices, r->url.data, r->url.len);
	buf_put_text(&d->notices, ": the chain of pages breaks off here: ");
	for (; *why; why++)
		buf_put_byte(&d->notices, (char)(*why == '\n' ? ' ' : *why)); /* one line */
	buf_put_byte(&d->notices, '\n');
	d->is_cut = true;
}

static void refuse(struct step *s, const char *format, ...) PRINTF_LIKE(2, 3);

static void refuse(struct step *s, const char *format, ...)
{
	char text[512];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	derive_warn(s->result, "%s", text);
	if (s->is_next)
		tell_broken(s->deriver, &s->result->request, text);
}

/* Leaves in *ret_url what target means; false with a warning when it cannot be fetched. */
static bool resolve(struct step *s, const char *target, struct buf *ret_url)
{
	struct error e = {""};
	struct buf shown;

	if (strlen(target) > MAX_VALUE_BYTES) {
		error_set(&e, ERR_LIMIT, "longer than 64 KiB");
	} else if (!url_resolve(s->base, target, ret_url, &e)) {
		if (!strncasecmp(ret_url->data, "http://", 7) ||
		    !strncasecmp(ret_url->data, "https://", 8))
			return true;
		error_set(&e, ERR_SYNTAX, "neither http nor https");
	}
	buf_init(&shown, BUF_UNLIMITED);
	url_put_masked(&shown, target, strlen(target));
	refuse(s, "not followed: \"%.*s\": %s", SHOWN_BYTES, shown.data, e.text);
	buf_release(&shown);
	return false;
}

/* The text of a value; NULL when it asks for nothing, with a warning when it cannot say it. */
static const char *get_text(struct step *s, const struct cJSON *value, const char *option)
{
	enum json_type type = json_type(value);
	const char *text = NULL;

	if (type == JSON_STRING || type == JSON_NUMBER)
		text = json_chars(value);
	else if (type != JSON_NULL)
		refuse(s, "%s found %s, and no URL", option, json_type_name(type));
	return text && *text ? text : NULL;
}

/* What servers say where there is no next page. */
static bool is_end(const struct cJSON *value)
{
	enum json_type type = json_type(value);

	switch (type) {
	case JSON_NULL:
	case JSON_FALSE: return true;
	case JSON_NUMBER: return strtod(json_chars(value), NULL) == 0;
	case JSON_STRING: return !*json_chars(value);
	case JSON_ARRAY:
	case JSON_OBJECT: return !json_first(value);
	case JSON_TRUE: break;
	}
	return false;
}

static void fill_template(struct buf *out, const char *template, const char *value)
{
	while (*template) {
		size_t len = strcspn(template, "{");

		buf_put(out, template, len);
		template += len;
		if (!strncmp(template, "{}", 2)) {
			url_put_encoded(out, value, strlen(value));
			template += 2;
		} else if (!strncmp(template, "{+}", 3)) {
			buf_put_text(out, value);
			template += 3;
		} else if (*template) {
			buf_put_byte(out, *template ++);
		}
	}
}

static void take_value(struct step *s, const struct cJSON *value)
{
	struct deriver *d = s->deriver;
	const char *text = get_text(s, value, "--follow");

	if (!text)
		return;
	if (d->options->follow_url && strlen(text) <= MAX_VALUE_BYTES) {
		buf_clear(&d->target);
		fill_template(&d->target, d->options->follow_url, text);
		text = d->target.data;
	}
	if (resolve(s, text, &d->url))
		queue_url(s, s->result->request.depth + 1, 0, false);
}

/* ---- pages ---- */

/* There is one more page than there may be. */
static void cut_pages(struct step *s)
{
	struct deriver *d = s->deriver;
	uint64_t most = limit(d->options->max_pages, DERIVE_MAX_PAGES);

	derive_warn(s->result, "there are more pages than --max-pages %llu",
	            (unsigned long long)most);
	if (!d->has_told_pages) {
		buf_printf(&d->notices, "warning: --max-pages %llu is reached at ",
		           (unsigned long long)most);
		url_put_masked(&d->notices, s->result->request.url.data,
		               s->result->request.url.len);
		buf_put_text(&d->notices, ", and there are more\n");
	}
	d->has_told_pages = true;
	/* Who has said how many has got them. */
	d->is_cut |= !d->options->max_pages;
}

static void tell_at_once(struct deriver *d, const struct request *r, uint64_t first, uint64_t last)
{
	if (!d->has_told_at_once) {
		buf_printf(&d->notices, "pages %llu to %llu of ", (unsigned long long)first,
		           (unsigned long long)last);
		url_put_masked(&d->notices, r->url.data, r->url.len);
		buf_put_text(&d->notices, " are fetched at once (--next-sequential forbids it)\n");
	}
	d->has_told_at_once = true;
}

/* Finds all the pages from d->url on, when it is certain which these are. */
static bool find_all_pages(struct step *s)
{
	struct deriver *d = s->deriver;
	struct findings *f = s->found;
	const struct request *r = &s->result->request;
	uint64_t most = limit(d->options->max_pages, DERIVE_MAX_PAGES);
	struct page_range range;

	if (r->page || d->options->is_sequential || most < 3 ||
	    !link_find(&s->result->headers, "last", &d->target) ||
	    url_resolve(s->base, d->target.data, &d->last, NULL) ||
	    !page_range_find(s->base, d->url.data, d->last.data, &range))
		return false;
	f->pages = range;
	f->page = range.first;
	f->last_page = range.last - range.first < most - 1 ? range.last : range.first + most - 2;
	f->page_url = mem_text(d->url.data);
	tell_at_once(d, r, range.first, f->last_page);
	return true;
}

/* Queues the next one of those. */
static void take_page_at_once(struct step *s)
{
	struct deriver *d = s->deriver;
	struct findings *f = s->found;
	const struct page_range *range = &f->pages;

	buf_clear(&d->url);
	page_range_put(&d->url, range, f->page_url, f->page);
	queue_url(s, s->result->request.depth, f->page - range->first + 1, f->page != range->last);
	if (f->page++ < f->last_page)
		return;
	if (f->last_page < range->last)
		cut_pages(s);
	free(f->page_url);
	f->page_url = NULL;
}

/* The next page is at target. */
static void take_page(struct step *s, const char *target)
{
	struct deriver *d = s->deriver;
	const struct request *r = &s->result->request;

	if (r->has_no_next || !resolve(s, target, &d->url))
		return;
	if (hash_set_has(&d->seen, hash_bytes(d->url.data, d->url.len)))
		return;
	if (r->page + 1 >= limit(d->options->max_pages, DERIVE_MAX_PAGES))
		cut_pages(s);
	else if (!d->options->follows_links || !find_all_pages(s))
		queue_url(s, r->depth, r->page + 1, false);
}

/* ---- what has been found ---- */

void findings_release(struct findings *f)
{
	free(f->values);
	free(f->page_url);
	*f = (struct findings){0};
}

/* A json_found_fn. */
static void on_next(const struct cJSON *value, void *arg)
{
	((struct findings *)arg)->next = value;
}

/* A json_found_fn. */
static void on_value(const struct cJSON *value, void *arg)
{
	struct findings *f = arg;

	if (f->count == f->capacity) {
		f->capacity = f->capacity ? 2 * f->capacity : 64;
		f->values = mem_resize(f->values, f->capacity, sizeof(*f->values));
	}
	f->values[f->count++] = value;
}

void deriver_find(const struct deriver *d, const struct result *result, const struct cJSON *json,
                  struct findings *found)
{
	const struct derive_options *options = d->options;

	if (options->next)
		json_pointer_visit(options->next, json, on_next, found);
	for (size_t i = 0; i < options->follow_count; i++) {
		if (is_followed(options, result->request.depth))
			json_pointer_visit(options->follow[i], json, on_value, found);
	}
}

static void take_next(struct step *s)
{
	struct deriver *d = s->deriver;
	const struct cJSON *next = s->found->next;
	const char *text = next && !is_end(next) ? get_text(s, next, "--next") : NULL;

	if (text)
		take_page(s, text);
	if (d->options->follows_links && link_find(&s->result->headers, "next", &d->target))
		take_page(s, d->target.data);
}

/* False when there is nothing left to take. */
static bool take_one(struct step *s)
{
	struct findings *f = s->found;

	s->is_next = !f->has_begun || f->page_url;
	if (!f->has_begun)
		take_next(s);
	else if (f->page_url)
		take_page_at_once(s);
	else if (f->taken < f->count && !s->deriver->has_told_cut)
		take_value(s, f->values[f->taken++]);
	else
		return false;
	f->has_begun = true;
	return true;
}

bool deriver_take(struct deriver *d, struct result *result, struct findings *found)
{
	struct slice slice = slice_begin();
	struct step step = {.deriver = d, .result = result, .found = found};

	assert(result_is_ok(result));
	step.base =
		result->url_effective.len ? result->url_effective.data : result->request.url.data;
	while (take_one(&step)) {
		if (slice_is_over(&slice))
			return true;
	}
	return false;
}

void deriver_take_unreadable(struct deriver *d, struct result *result, const char *why)
{
	const struct request *r = &result->request;
	/* What --follow has found need not be a page, and who accepts errors expects them. */
	struct step step = {
		.deriver = d,
		.result = result,
		.is_next =
			d->options->next && (!r->is_derived || r->page) && result->http_code < 400,
	};

	refuse(&step, "not followed: %s", why);
}
