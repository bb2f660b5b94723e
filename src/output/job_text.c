#include "output/job_text.h"

#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/utf8.h"
#include "transfer/options.h"
#include "transfer/request.h"

struct line {
	struct json json;
	const struct fetch_options *options;
	const char *unsaid; /* the member that JSON cannot say; NULL: none */
};

static void put_bytes(struct line *l, const char *member, const char *data, size_t len)
{
	if (!utf8_is_text(data, len))
		l->unsaid = member;
	json_bytes(&l->json, data, len);
}

static void put_member(struct line *l, const char *member, const char *data, size_t len)
{
	json_key(&l->json, member);
	put_bytes(l, member, data, len);
}

/* JSON as it is, if there is any. */
static void put_raw(struct line *l, const char *member, const struct buf *text)
{
	if (!text->len)
		return;
	json_key(&l->json, member);
	json_raw(&l->json, text->data, text->len);
}

/* ---- headers ---- */

/* As libcurl looks for it. */
static size_t name_length(const char *header)
{
	const char *colon = strchr(header, ':');

	return colon ? (size_t)(colon - header) : strcspn(header, ";");
}

static bool has_same_name(const char *a, const char *b)
{
	return name_length(a) == name_length(b) && !strncasecmp(a, b, name_length(a));
}

/* NULL: it is a header that is not to be sent ("Name:"). */
static const char *value_of(const char *header)
{
	const char *end = header + name_length(header), *value = end + (*end != '\0');

	value += strspn(value, " \t");
	return (*end == ';') == !*value ? value : NULL;
}

static void put_values(struct line *l, size_t first)
{
	const char *name = fetch_options_header(l->options, first), *header, *value;
	bool is_sent = false;

	if (!utf8_is_text(name, name_length(name)))
		l->unsaid = "headers";
	json_key_bytes(&l->json, name, name_length(name));
	for (size_t i = first; (header = fetch_options_header(l->options, i)); i++) {
		value = has_same_name(header, name) ? value_of(header) : NULL;
		if (!value)
			continue;
		if (!is_sent)
			json_begin(&l->json, '[');
		is_sent = true;
		put_bytes(l, "headers", value, strlen(value));
	}
	if (is_sent)
		json_end(&l->json, ']');
	else
		json_null(&l->json);
}

static bool is_first_of_name(const struct line *l, size_t i)
{
	for (size_t k = 0; k < i; k++) {
		if (has_same_name(fetch_options_header(l->options, k),
		                  fetch_options_header(l->options, i)))
			return false;
	}
	return true;
}

/* What an option says, unless a header says it: before and value make that header. */
static void put_header(struct line *l, const char *name, const char *before, const char *value)
{
	struct buf text;

	if (!value || fetch_options_has_header(l->options, name, strlen(name)))
		return;
	json_key(&l->json, name);
	if (!*value) {
		json_null(&l->json);
		return;
	}
	buf_init(&text, BUF_UNLIMITED);
	buf_put_text(&text, before);
	buf_put_text(&text, value);
	json_begin(&l->json, '[');
	put_bytes(l, "headers", text.data, text.len);
	json_end(&l->json, ']');
	buf_release(&text);
}

/* NULL when it is what is sent by default. */
static const char *get_user_agent(const struct fetch_options *options)
{
	const char *text = fetch_options_text(options, "USERAGENT");

	return text && strcmp(text, USUAL_USER_AGENT) != 0 ? text : NULL;
}

static void put_headers(struct line *l)
{
	const struct fetch_options *o = l->options;
	const char *agent = get_user_agent(o), *referer = fetch_options_text(o, "REFERER"),
		   *bearer = fetch_options_text(o, "XOAUTH2_BEARER"),
		   *cookie = fetch_options_text(o, "COOKIE"),
		   *range = o->has_body ? NULL : fetch_options_text(o, "RANGE");

	if (!fetch_options_header(o, 0) && !agent && !referer && !bearer && !cookie && !range)
		return;
	json_key(&l->json, "headers");
	json_begin(&l->json, '{');
	for (size_t i = 0; fetch_options_header(o, i); i++) {
		if (is_first_of_name(l, i))
			put_values(l, i);
	}
	put_header(l, "Authorization", "Bearer ", bearer);
	put_header(l, "User-Agent", "", agent);
	put_header(l, "Referer", "", referer);
	put_header(l, "Cookie", "", cookie);
	put_header(l, "Range", "bytes=", range);
	json_end(&l->json, '}');
}

/* ---- the line ---- */

static void put_time(struct line *l, const char *member, int64_t time_ms, int64_t usual_ms)
{
	if (time_ms == usual_ms)
		return;
	json_key(&l->json, member);
	json_seconds(&l->json, time_ms * 1000);
}

static void put_how(struct line *l)
{
	const struct fetch_options *o = l->options;
	const char *user = fetch_options_text(o, "USERPWD");

	/* A GET with a body is not what a body makes of a request. */
	if (strcmp(o->method, "GET") != 0 || o->has_body)
		put_member(l, "method", o->method, strlen(o->method));
	put_headers(l);
	if (o->has_body)
		put_member(l, "body", o->body.data, o->body.len);
	put_time(l, "max_time", fetch_options_number(o, "TIMEOUT_MS"), 0);
	put_time(l, "connect_timeout", fetch_options_number(o, "CONNECTTIMEOUT_MS"),
	         USUAL_CONNECT_MS);
	if (user)
		put_member(l, "user", user, strlen(user));
}

static void put_request(struct line *l, const struct request *r)
{
	json_begin(&l->json, '{');
	put_member(l, "url", r->url.data, r->url.len);
	put_raw(l, "id", &r->id);
	put_raw(l, "meta", &r->meta);
	put_how(l);
	if (r->output.len)
		put_member(l, "output", r->output.data, r->output.len);
	if (r->has_retries) {
		json_key(&l->json, "retry");
		json_uint(&l->json, r->retries);
	}
	if (r->depth) {
		json_key(&l->json, "depth");
		json_uint(&l->json, r->depth);
	}
	json_end(&l->json, '}');
}

enum err job_text_put(struct buf *out, const struct request *request, struct error *e)
{
	struct line line = {.options = request->options};
	size_t start = out->len;

	json_init(&line.json, out);
	put_request(&line, request);
	buf_put_byte(out, '\n');
	if (!line.unsaid)
		return ERR_NONE;
	buf_cut(out, start);
	return error_set(e, ERR_UNSUPPORTED,
	                 "a job line cannot say \"%s\": it is not UTF-8, or has a NUL",
	                 line.unsaid);
}
