#include "input/job_line.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/json_read.h"
#include "base/mem.h"
#include "base/units.h"
#include "transfer/field.h"
#include "transfer/options.h"
#include "transfer/request.h"

enum {
	MAX_HEADERS = 1000, /* as libcurl goes through all of them for each */
	MAX_RETRIES = 1000000,
	LEAST_TIME_US = 1000,
};

struct job {
	struct request *request;
	const struct fetch_options *shared;
	struct error *e;
};

/* What the job changes, and no other request sees. */
static struct fetch_options *own(struct job *job)
{
	struct request *r = job->request;

	if (!r->own)
		r->own = fetch_options_derive(job->shared);
	return r->own;
}

static bool has_control(const char *text)
{
	for (; *text; text++) {
		if ((unsigned char)*text < 0x20 || *text == 0x7f)
			return true;
	}
	return false;
}

/* ---- members ---- */

static enum err take_url(struct job *job, const struct cJSON *value)
{
	const char *url = json_chars(value);

	if (!*url)
		return error_set(job->e, ERR_SYNTAX, "it is empty");
	if (has_control(url))
		return error_set(job->e, ERR_SYNTAX, "a control character");
	return ERR_NONE;
}

static enum err take_method(struct job *job, const struct cJSON *value)
{
	struct fetch_options *options = own(job);

	options->wants_head = false; /* -I is a method, too */
	return fetch_options_set_method(options, json_chars(value), job->e);
}

/* value is a string, or NULL: it is not to be sent. */
static enum err add_header(struct job *job, struct header_list *list, const char *name,
                           const char *value)
{
	struct buf header;
	enum err failed;

	buf_init(&header, BUF_UNLIMITED);
	buf_put_text(&header, name);
	if (!value) {
		buf_put_byte(&header, ':');
	} else {
		value += strspn(value, " \t");
		buf_put_text(&header, *value ? ": " : ";");
		buf_put_text(&header, value);
	}
	failed = header_list_add(list, header.data, job->e);
	buf_release(&header);
	return failed ? error_set(job->e, failed, "a control character in \"%s\"", name) : ERR_NONE;
}

static enum err refuse_header(struct job *job, const char *name, const struct cJSON *value)
{
	return error_set(job->e, ERR_SYNTAX,
	                 "\"%s\" is %s, not a string, an array of strings or null", name,
	                 json_type_name(json_type(value)));
}

static enum err add_headers(struct job *job, struct header_list *list, const struct cJSON *member)
{
	const char *name = json_name(member);
	enum err failed = ERR_NONE;

	switch (json_type(member)) {
	case JSON_NULL: return add_header(job, list, name, NULL);
	case JSON_STRING: return add_header(job, list, name, json_chars(member));
	case JSON_ARRAY: break;
	default: return refuse_header(job, name, member);
	}
	for (const struct cJSON *v = json_first(member); v && !failed; v = json_next(v)) {
		if (json_type(v) != JSON_STRING)
			return refuse_header(job, name, v);
		failed = add_header(job, list, name, json_chars(v));
	}
	return failed;
}

/* Who has written "Name: value" in the place of a name does not want to see the value. */
static enum err refuse_name(struct job *job, const char *name)
{
	size_t len = strcspn(name, ":");
	bool is_more = name[len] && name[len + 1];

	return error_set(job->e, ERR_SYNTAX, "\"%.*s%s\" is not the name of a header",
	                 (int)(len + (name[len] == ':')), name, is_more ? "..." : "");
}

/* Names are the same in upper and lower case. */
static struct hash name_hash(const char *name, size_t len)
{
	char *lower = mem_bytes(name, len);
	struct hash hash;

	for (size_t i = 0; i < len; i++) {
		if (lower[i] >= 'A' && lower[i] <= 'Z')
			lower[i] = (char)(lower[i] | 0x20);
	}
	hash = hash_bytes(lower, len);
	free(lower);
	return hash;
}

/* Adds the names to a set, which is empty. */
static enum err check_header_names(struct job *job, const struct cJSON *headers,
                                   struct hash_set *names)
{
	size_t count = 0;

	for (const struct cJSON *h = json_first(headers); h; h = json_next(h)) {
		const char *name = json_name(h);

		if (!field_is_token(name))
			return refuse_name(job, name);
		count++;
		if (json_type(h) == JSON_ARRAY) {
			for (const struct cJSON *v = json_first(h); v; v = json_next(v))
				count++;
		}
		if (count > MAX_HEADERS)
			return error_set(job->e, ERR_LIMIT, "more than %d", MAX_HEADERS);
		if (!hash_set_add(names, name_hash(name, strlen(name))))
			return error_set(job->e, ERR_SYNTAX, "\"%s\" comes twice", name);
	}
	return ERR_NONE;
}

/* A header_is_replaced_fn. */
static bool is_in_job(const char *header, size_t name_len, void *names)
{
	return hash_set_has(names, name_hash(header, name_len));
}

static enum err take_headers(struct job *job, const struct cJSON *value)
{
	struct header_list list = {0};
	struct hash_set names = {0};
	enum err failed = check_header_names(job, value, &names);

	for (const struct cJSON *h = json_first(value); h && !failed; h = json_next(h))
		failed = add_headers(job, &list, h);
	if (!failed && names.used)
		fetch_options_replace_headers(own(job), &list, is_in_job, &names);
	header_list_release(&list);
	hash_set_release(&names);
	return failed;
}

/* An empty one, in the place of that of -d. */
static struct buf *new_body(struct job *job)
{
	struct fetch_options *options = own(job);

	options->has_body = true;
	buf_clear(&options->body);
	return &options->body;
}

static enum err set_body(struct job *job, const char *data, size_t len)
{
	if (buf_add(new_body(job), data, len))
		return error_set(job->e, ERR_LIMIT, "it is too large");
	return ERR_NONE;
}

static enum err take_body(struct job *job, const struct cJSON *value)
{
	return set_body(job, json_chars(value), strlen(json_chars(value)));
}

static enum err take_json(struct job *job, const struct cJSON *value)
{
	static const char *const names[] = {"Content-Type", "Accept"};
	struct fetch_options *options = own(job);
	struct header_list list = {0};
	struct json json;
	struct buf text;
	enum err failed;

	buf_init(&text, BUF_UNLIMITED);
	json_init(&json, &text);
	json_value(&json, value);
	failed = set_body(job, text.data, text.len);
	buf_release(&text);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]) && !failed; i++) {
		if (!fetch_options_has_header(options, names[i], strlen(names[i])))
			failed = add_header(job, &list, names[i], "application/json");
	}
	fetch_options_replace_headers(options, &list, NULL, NULL);
	return failed;
}

/* What is no regular file could keep the whole run waiting. */
static enum err take_body_file(struct job *job, const struct cJSON *value)
{
	const char *path = json_chars(value);
	struct stat status;

	if (stat(path, &status))
		return error_set(job->e, ERR_SYSTEM, "%s: %s", path, strerror(errno));
	if (!S_ISREG(status.st_mode))
		return error_set(job->e, ERR_SYSTEM, "%s: not a regular file", path);
	/* A file may have the name that means standard input. */
	return file_read(strcmp(path, "-") != 0 ? path : "./-", new_body(job), job->e);
}

/* A relative path, of which each component names something. */
static bool is_below(const char *path)
{
	for (;; path++) {
		size_t len = strcspn(path, "/");

		if (!len || !strncmp(path, "..", len))
			return false;
		path += len;
		if (!*path)
			return true;
	}
}

static enum err take_output(struct job *job, const struct cJSON *value)
{
	const char *path = json_chars(value);

	if (!is_below(path))
		return error_set(job->e, ERR_SYNTAX, "\"%s\" is not a path below the folder", path);
	buf_put_text(&job->request->output, path);
	return ERR_NONE;
}

static enum err take_time(struct job *job, const struct cJSON *value, const char *option)
{
	int64_t time_us;

	if (units_parse_duration(json_chars(value), &time_us))
		return error_set(job->e, ERR_SYNTAX,
		                 "\"%s\" is not a time like 2, 0.5, \"250ms\" or \"1m\"",
		                 json_chars(value));
	if (time_us && time_us < LEAST_TIME_US)
		return error_set(job->e, ERR_SYNTAX, "\"%s\" is shorter than 1 ms",
		                 json_chars(value));
	fetch_options_set_number(own(job), option, time_us / 1000);
	return ERR_NONE;
}

static enum err take_max_time(struct job *job, const struct cJSON *value)
{
	return take_time(job, value, "TIMEOUT_MS");
}

static enum err take_connect_timeout(struct job *job, const struct cJSON *value)
{
	return take_time(job, value, "CONNECTTIMEOUT_MS");
}

static enum err take_number(struct job *job, const struct cJSON *value, uint64_t max,
                            uint64_t *ret_number)
{
	if (units_parse_uint(json_chars(value), 0, max, ret_number))
		return error_set(job->e, ERR_SYNTAX, "%s is not a whole number from 0 to %llu",
		                 json_chars(value), (unsigned long long)max);
	return ERR_NONE;
}

static enum err take_retry(struct job *job, const struct cJSON *value)
{
	job->request->has_retries = true;
	return take_number(job, value, MAX_RETRIES, &job->request->retries);
}

/* The words of libcurl would say the password. */
static enum err take_user(struct job *job, const struct cJSON *value)
{
	if (has_control(json_chars(value)))
		return error_set(job->e, ERR_SYNTAX, "a control character");
	if (fetch_options_set(own(job), "USERPWD", json_chars(value), NULL))
		return error_set(job->e, ERR_SYNTAX, "libcurl does not take it");
	return ERR_NONE;
}

static enum err take_depth(struct job *job, const struct cJSON *value)
{
	return take_number(job, value, INT64_MAX, &job->request->depth);
}

/* ---- the table ---- */

#define STRING (1U << JSON_STRING)
#define NUMBER (1U << JSON_NUMBER)
#define OBJECT (1U << JSON_OBJECT)
#define ANY    (~0U)

enum member_kind {
	MEMBER_URL,
	MEMBER_ID,
	MEMBER_META,
	MEMBER_METHOD,
	MEMBER_HEADERS,
	MEMBER_BODY,
	MEMBER_JSON,
	MEMBER_BODY_FILE,
	MEMBER_OUTPUT,
	MEMBER_MAX_TIME,
	MEMBER_CONNECT_TIMEOUT,
	MEMBER_RETRY,
	MEMBER_USER,
	MEMBER_DEPTH,
	MEMBERS,
};

/* In the order in which they are taken: what json adds depends on headers. */
static const struct {
	const char *name;
	unsigned types;
	enum err (*take)(struct job *job, const struct cJSON *value); /* NULL: its text is kept */
} table[MEMBERS] = {
	[MEMBER_URL] = {"url", STRING, take_url},
	[MEMBER_ID] = {"id", ANY, NULL},
	[MEMBER_META] = {"meta", ANY, NULL},
	[MEMBER_METHOD] = {"method", STRING, take_method},
	[MEMBER_HEADERS] = {"headers", OBJECT, take_headers},
	[MEMBER_BODY] = {"body", STRING, take_body},
	[MEMBER_JSON] = {"json", ANY, take_json},
	[MEMBER_BODY_FILE] = {"body_file", STRING, take_body_file},
	[MEMBER_OUTPUT] = {"output", STRING, take_output},
	[MEMBER_MAX_TIME] = {"max_time", NUMBER | STRING, take_max_time},
	[MEMBER_CONNECT_TIMEOUT] = {"connect_timeout", NUMBER | STRING, take_connect_timeout},
	[MEMBER_RETRY] = {"retry", NUMBER, take_retry},
	[MEMBER_USER] = {"user", STRING, take_user},
	[MEMBER_DEPTH] = {"depth", NUMBER, take_depth},
};

static enum member_kind find_member(const char *name)
{
	enum member_kind kind = 0;

	while (kind < MEMBERS && strcmp(table[kind].name, name) != 0)
		kind++;
	return kind;
}

static const char *types_name(unsigned types)
{
	switch (types) {
	case STRING: return "a string";
	case NUMBER: return "a number";
	case OBJECT: return "an object";
	default: return "a number or a string";
	}
}

static enum err take_member(struct job *job, enum member_kind kind, const struct cJSON *value)
{
	enum json_type type = json_type(value);
	struct error words = {""}, *e = job->e;
	enum err failed;

	if (!(table[kind].types & 1U << type))
		return error_set(e, ERR_SYNTAX, "\"%s\" is %s, not %s", table[kind].name,
		                 json_type_name(type), types_name(table[kind].types));
	if (!table[kind].take)
		return ERR_NONE;
	job->e = &words;
	failed = table[kind].take(job, value);
	job->e = e;
	return failed ? error_set(e, failed, "\"%s\": %s", table[kind].name, words.text) : ERR_NONE;
}

/* ---- the text of members ---- */

/* at is its first quote. */
static const char *end_of_string(const char *at)
{
	for (at++; *at != '"'; at++)
		at += *at == '\\';
	return at + 1;
}

static const char *end_of_value(const char *at)
{
	size_t depth = 0;

	do {
		if (*at == '"') {
			at = end_of_string(at);
			continue;
		}
		if (*at == '{' || *at == '[')
			depth++;
		else if (*at == '}' || *at == ']')
			depth--;
		at++;
	} while (depth || !strchr(",} \t\r", *at));
	return at;
}

/* Goes on to the text of the next member's value. The line is known to be good JSON. */
static const char *next_text(const char **at, size_t *ret_len)
{
	const char *value = end_of_string(strchr(*at, '"'));

	value = strchr(value, ':') + 1;
	value += strspn(value, " \t\r");
	*at = end_of_value(value);
	*ret_len = (size_t)(*at - value);
	return value;
}

/* ---- the line ---- */

/* Finds the members. Those that say of which job a result is are kept, whatever else is wrong. */
static enum err sort_members(struct job *job, const char *line, const struct cJSON *object,
                             const struct cJSON *members[MEMBERS])
{
	enum err failed = ERR_NONE;

	for (const struct cJSON *m = json_first(object); m; m = json_next(m)) {
		enum member_kind kind = find_member(json_name(m));
		size_t len;
		const char *text = next_text(&line, &len);

		if (kind == MEMBERS || members[kind]) {
			if (!failed)
				failed = error_set(job->e, ERR_SYNTAX,
				                   kind == MEMBERS ? "no job has a \"%s\""
				                                   : "\"%s\" comes twice",
				                   json_name(m));
			continue;
		}
		members[kind] = m;
		if (kind == MEMBER_URL && json_type(m) == JSON_STRING)
			buf_put_text(&job->request->url, json_chars(m));
		else if (kind == MEMBER_ID)
			buf_put(&job->request->id, text, len);
		else if (kind == MEMBER_META)
			buf_put(&job->request->meta, text, len);
	}
	return failed;
}

static enum err check_bodies(struct job *job, const struct cJSON *const members[MEMBERS])
{
	const char *first = NULL;

	for (enum member_kind kind = MEMBER_BODY; kind <= MEMBER_BODY_FILE; kind++) {
		if (!members[kind])
			continue;
		if (first)
			return error_set(job->e, ERR_SYNTAX, "\"%s\" and \"%s\" exclude each other",
			                 first, table[kind].name);
		first = table[kind].name;
	}
	return ERR_NONE;
}

static enum err seal(struct job *job)
{
	struct fetch_options *options = job->request->own;

	if (!options)
		return ERR_NONE;
	fetch_options_seal(options);
	if (options->wants_head && options->has_body)
		return error_set(job->e, ERR_SYNTAX,
		                 "the method HEAD and a body exclude each other");
	job->request->options = options;
	return ERR_NONE;
}

static enum err take_object(struct job *job, const char *line, const struct cJSON *object)
{
	const struct cJSON *members[MEMBERS] = {NULL};
	enum err failed = sort_members(job, line, object, members);

	if (!failed && !members[MEMBER_URL])
		failed = error_set(job->e, ERR_SYNTAX, "no \"url\"");
	if (!failed)
		failed = check_bodies(job, members);
	for (enum member_kind kind = 0; kind < MEMBERS && !failed; kind++) {
		if (members[kind])
			failed = take_member(job, kind, members[kind]);
	}
	return failed ? failed : seal(job);
}

void job_line_take(const char *line, size_t len, const struct fetch_options *shared,
                   struct request *request)
{
	struct error e = {""}, words = {""};
	struct job job = {.request = request, .shared = shared, .e = &e};
	struct cJSON *object = json_parse(line, len, &words);
	enum err failed;

	request->options = shared;
	if (object)
		failed = take_object(&job, line, object);
	else
		failed = error_set(&e, ERR_SYNTAX, "not a job: %s", words.text);
	json_free(object);
	if (!failed)
		return;
	fetch_options_free(request->own);
	request->own = NULL;
	request->options = shared;
	buf_put_text(&request->problem, e.text);
}
