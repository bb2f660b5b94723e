#include "output/fields.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/json_read.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "output/extract.h"
#include "transfer/options.h"
#include "transfer/result.h"
#include "transfer/url.h"

#define EXTRACT_PREFIX "extract."

/* How a member is stored in the result, and when it is null. */
enum kind {
	KIND_UINT64,
	KIND_UNSIGNED,
	KIND_INT,
	KIND_STATUS,  /* int, three digits in --write-out */
	KIND_PORT,    /* int, 0 is null */
	KIND_INT64,   /* null without an attempt */
	KIND_TIME,    /* int64_t, microseconds, -1 is null */
	KIND_BUF,     /* text, empty is null */
	KIND_JSON,    /* JSON in a buf, the same */
	KIND_CSTRING, /* NULL is null */
	KIND_VERSION, /* the same */
	KIND_IP,      /* an array of char, empty is null */
	KIND_FAILURE,
	KIND_OK,
	KIND_DERIVED, /* uint64_t, null unless the request is derived */
	KIND_METHOD,
	KIND_URL,
	KIND_URL_EFFECTIVE,
	KIND_HEADERS,
	KIND_BODY,
	KIND_BODY_BASE64,
	KIND_EXTRACT,
	KIND_EXEC,

	/* From here on a member is there only where it is named. */
	KIND_FINGERPRINT,
	KIND_CHECKSUM, /* as KIND_IP */
	KIND_NUM_HEADERS,
	KIND_EXTRACT_ONE, /* not in the table: "extract.NAME" */
	KIND_EXEC_STATUS,
	KIND_EXEC_BUF, /* of struct command */

	/* From here on it is one of struct details, and null without an attempt. */
	KIND_DETAIL_STATUS,
	KIND_DETAIL_INT64,
	KIND_DETAIL_BUF,
	KIND_DETAIL_URL,
	KIND_NUM_CERTS,
	KIND_CERTS,
};

struct field {
	const char *name;
	enum kind kind;
	size_t offset; /* in struct result, or in struct details or struct command */
};

#define AT(member)     offsetof(struct result, member)
#define DETAIL(member) offsetof(struct details, member)
#define EXEC(member)   offsetof(struct command, member)

static const struct field table[] = {
	{"index", KIND_UINT64, AT(request.index)},
	{"id", KIND_JSON, AT(request.id)},
	{"meta", KIND_JSON, AT(request.meta)},
	{"url", KIND_URL, 0},
	{"method", KIND_METHOD, 0},
	{"ok", KIND_OK, 0},
	{"http_code", KIND_STATUS, AT(http_code)},
	{"error", KIND_FAILURE, 0},
	{"errormsg", KIND_BUF, AT(message)},
	{"exitcode", KIND_INT, AT(exitcode)},
	{"attempts", KIND_UNSIGNED, AT(attempts)},
	{"url_effective", KIND_URL_EFFECTIVE, 0},
	{"http_version", KIND_VERSION, AT(http_version)},
	{"content_type", KIND_BUF, AT(content_type)},
	{"scheme", KIND_CSTRING, AT(scheme)},
	{"size_download", KIND_INT64, AT(size_download)},
	{"size_header", KIND_INT64, AT(size_header)},
	{"size_request", KIND_INT64, AT(size_request)},
	{"size_upload", KIND_INT64, AT(size_upload)},
	{"speed_download", KIND_INT64, AT(speed_download)},
	{"num_redirects", KIND_INT64, AT(num_redirects)},
	{"num_connects", KIND_INT64, AT(num_connects)},
	{"remote_ip", KIND_IP, AT(remote_ip)},
	{"remote_port", KIND_PORT, AT(remote_port)},
	{"local_ip", KIND_IP, AT(local_ip)},
	{"local_port", KIND_PORT, AT(local_port)},
	{"time_queue", KIND_TIME, AT(time_queue_us)},
	{"time_namelookup", KIND_TIME, AT(time_namelookup_us)},
	{"time_connect", KIND_TIME, AT(time_connect_us)},
	{"time_appconnect", KIND_TIME, AT(time_appconnect_us)},
	{"time_pretransfer", KIND_TIME, AT(time_pretransfer_us)},
	{"time_starttransfer", KIND_TIME, AT(time_starttransfer_us)},
	{"time_redirect", KIND_TIME, AT(time_redirect_us)},
	{"time_total", KIND_TIME, AT(time_total_us)},
	{"started_at", KIND_TIME, AT(started_unix_us)},
	{"filename_effective", KIND_BUF, AT(filename)},
	{"warning", KIND_BUF, AT(warning)},
	{"parent", KIND_DERIVED, AT(request.parent)},
	{"depth", KIND_DERIVED, AT(request.depth)},
	{"headers", KIND_HEADERS, 0},
	{"body", KIND_BODY, 0},
	{"body_base64", KIND_BODY_BASE64, 0},
	{"extract", KIND_EXTRACT, 0},
	{"exec", KIND_EXEC, 0},
	{"fingerprint", KIND_FINGERPRINT, 0},
	{"checksum", KIND_CHECKSUM, AT(checksum)},
	{"num_headers", KIND_NUM_HEADERS, 0},
	{"exec.exitcode", KIND_EXEC_STATUS, 0},
	{"exec.stdout", KIND_EXEC_BUF, EXEC(output)},
	{"exec.stderr", KIND_EXEC_BUF, EXEC(errors)},
	{"http_connect", KIND_DETAIL_STATUS, DETAIL(http_connect)},
	{"redirect_url", KIND_DETAIL_URL, DETAIL(redirect_url)},
	{"referer", KIND_DETAIL_URL, DETAIL(referer)},
	{"speed_upload", KIND_DETAIL_INT64, DETAIL(speed_upload)},
	{"ssl_verify_result", KIND_DETAIL_INT64, DETAIL(ssl_verify_result)},
	{"proxy_ssl_verify_result", KIND_DETAIL_INT64, DETAIL(proxy_ssl_verify_result)},
	{"ftp_entry_path", KIND_DETAIL_BUF, DETAIL(ftp_entry_path)},
	{"num_certs", KIND_NUM_CERTS, DETAIL(num_certs)},
	{"certs", KIND_CERTS, DETAIL(certs)},
};

enum { FIELDS = sizeof(table) / sizeof(table[0]) };

void field_list_release(struct field_list *list)
{
	for (size_t i = 0; i < list->made_count; i++)
		free(list->made[i]);
	free(list->made);
	free(list->fields);
	*list = (struct field_list){0};
}

static void add_one(struct field_list *list, const struct field *field)
{
	list->fields = mem_resize(list->fields, list->count + 1, sizeof(field));
	list->fields[list->count++] = field;
}

void field_list_add_all(struct field_list *list, bool with_headers, bool with_body)
{
	for (const struct field *f = table; f < table + FIELDS; f++) {
		bool is_body = f->kind == KIND_BODY || f->kind == KIND_BODY_BASE64;
		bool is_of_run = f->kind == KIND_EXTRACT || f->kind == KIND_EXEC;
		if (!is_of_run && (f->kind != KIND_HEADERS || with_headers) &&
		    (!is_body || with_body) && f->kind < KIND_FINGERPRINT &&
		    !field_list_has(list, f->name))
			add_one(list, f);
	}
}

const struct field *field_find(const char *name)
{
	for (const struct field *f = table; f < table + FIELDS; f++) {
		if (!strcmp(f->name, name))
			return f;
	}
	return NULL;
}

const struct field *field_list_add_extract(struct field_list *list, const char *name)
{
	size_t size = strlen(name) + 1;
	struct field *field = mem_zero(1, sizeof(*field) + size);

	field->kind = KIND_EXTRACT_ONE;
	field->name = memcpy(field + 1, name, size);
	list->made = mem_resize(list->made, list->made_count + 1, sizeof(field));
	list->made[list->made_count++] = field;
	add_one(list, field);
	return field;
}

enum err field_list_add(struct field_list *list, const char *names, struct error *e)
{
	char *copy = mem_text(names), *at = copy, *name;
	enum err failed = ERR_NONE;

	while (!failed && (name = strsep(&at, ","))) {
		const struct field *f = field_find(name);
		if (f)
			add_one(list, f);
		else if (!strncmp(name, EXTRACT_PREFIX, strlen(EXTRACT_PREFIX)))
			field_list_add_extract(list, name);
		else
			failed = error_set(e, ERR_SYNTAX, "no field \"%s\"", name);
	}
	free(copy);
	return failed;
}

bool field_list_has(const struct field_list *list, const char *name)
{
	for (size_t i = 0; i < list->count; i++) {
		if (!strcmp(list->fields[i]->name, name))
			return true;
	}
	return false;
}

void field_keep(const struct field *field, struct fetch_options *options)
{
	enum kind kind = field->kind;

	options->keeps_headers |= kind == KIND_HEADERS || kind == KIND_NUM_HEADERS;
	options->keeps_checksum |= kind == KIND_CHECKSUM;
	options->keeps_body |= kind == KIND_BODY || kind == KIND_BODY_BASE64;
	options->keeps_details |= kind >= KIND_DETAIL_STATUS;
	options->keeps_certs |= kind == KIND_NUM_CERTS || kind == KIND_CERTS;
}

const char *field_extract(const struct field *field)
{
	return field->kind == KIND_EXTRACT_ONE ? field->name + strlen(EXTRACT_PREFIX) : NULL;
}

const char *field_name(const struct field *field)
{
	return field->name;
}

const char *field_name_at(size_t i)
{
	return i < FIELDS ? table[i].name : NULL;
}

enum value_type {
	VALUE_NULL,
	VALUE_INT,
	VALUE_BOOL,
	VALUE_SECONDS,
	VALUE_TEXT,
	VALUE_JSON,
	VALUE_BASE64,
	VALUE_URL,
	VALUE_HEADERS,
	VALUE_HASH,
	VALUE_EXTRACT, /* the result's */
	VALUE_COMMAND,
};

/* A member as one of the few things that a format must be able to write. */
struct value {
	enum value_type type;
	int64_t number;
	const char *data;
	size_t len;
	struct hash hash;
	const struct result *result;
};

static struct value text_value(const char *data, size_t len)
{
	return (struct value){.type = VALUE_TEXT, .data = data, .len = len};
}

static struct value buf_value(enum value_type type, const struct buf *b)
{
	return (struct value){.type = b->len ? type : VALUE_NULL, .data = b->data, .len = b->len};
}

static struct value int_value(int64_t number)
{
	return (struct value){.type = VALUE_INT, .number = number};
}

static struct value cstring_value(const char *text)
{
	return text ? text_value(text, strlen(text)) : (struct value){0};
}

static struct value body_value(const struct result *r, enum kind kind)
{
	bool is_base64 = kind == KIND_BODY_BASE64;

	/* A request without an answer has no body; an empty answer has an empty one. */
	if ((!r->http_code && !result_is_ok(r)) ||
	    utf8_is_text(r->body.data, r->body.len) == is_base64)
		return (struct value){0};
	return (struct value){.type = is_base64 ? VALUE_BASE64 : VALUE_TEXT,
	                      .data = r->body.data,
	                      .len = r->body.len};
}

static int64_t count_lines(const struct buf *lines)
{
	int64_t count = 0;

	for (const char *at = lines->data; (at = strchr(at, '\n')); at++)
		count++;
	return count;
}

static struct value get_detail(const struct field *f, const struct result *r)
{
	const void *p;

	if (!r->details || !r->attempts)
		return (struct value){0};
	p = (const char *)r->details + f->offset;
	switch (f->kind) {
	case KIND_DETAIL_STATUS: return int_value(*(const int *)p);
	case KIND_DETAIL_INT64:
	case KIND_NUM_CERTS: return int_value(*(const int64_t *)p);
	case KIND_DETAIL_URL: return buf_value(VALUE_URL, p);
	default: return buf_value(VALUE_TEXT, p);
	}
}

static struct value extract_value(const struct field *f, const struct result *r)
{
	const char *value;

	if (f->kind == KIND_EXTRACT)
		return (struct value){.type = r->extract.len ? VALUE_EXTRACT : VALUE_NULL,
		                      .result = r};
	value = extract_find(&r->extract, field_extract(f));
	if (!value || !strcmp(value, "null"))
		return (struct value){0};
	return (struct value){.type = VALUE_JSON, .data = value, .len = strlen(value)};
}

static struct value command_value(const struct field *f, const struct result *r)
{
	const struct command *command = r->command;
	const struct buf *text;

	if (!command)
		return (struct value){0};
	if (f->kind == KIND_EXEC)
		return (struct value){.type = VALUE_COMMAND, .result = r};
	if (f->kind == KIND_EXEC_STATUS && command->exitcode < 0)
		return (struct value){0};
	if (f->kind == KIND_EXEC_STATUS)
		return int_value(command->exitcode);
	text = (const struct buf *)((const char *)command + f->offset);
	return text_value(text->data, text->len);
}

static struct value get_value(const struct field *f, const struct result *r)
{
	const void *p = (const char *)r + f->offset;

	switch (f->kind) {
	case KIND_UINT64: return int_value((int64_t) * (const uint64_t *)p);
	case KIND_UNSIGNED: return int_value(*(const unsigned *)p);
	case KIND_INT:
	case KIND_STATUS: return int_value(*(const int *)p);
	case KIND_PORT: return *(const int *)p ? int_value(*(const int *)p) : (struct value){0};
	case KIND_INT64: return r->attempts ? int_value(*(const int64_t *)p) : (struct value){0};
	case KIND_TIME:
		return (struct value){.type = *(const int64_t *)p < 0 ? VALUE_NULL : VALUE_SECONDS,
		                      .number = *(const int64_t *)p};
	case KIND_BUF: return buf_value(VALUE_TEXT, p);
	case KIND_JSON: return buf_value(VALUE_JSON, p);
	case KIND_CSTRING:
	case KIND_VERSION: return cstring_value(*(const char *const *)p);
	case KIND_IP:
	case KIND_CHECKSUM: return *(const char *)p ? cstring_value(p) : (struct value){0};
	case KIND_FAILURE: return cstring_value(failure_name(r->failure));
	case KIND_OK: return (struct value){.type = VALUE_BOOL, .number = result_is_ok(r)};
	case KIND_DERIVED:
		return r->request.is_derived ? int_value((int64_t) * (const uint64_t *)p)
		                             : (struct value){0};
	case KIND_METHOD: return cstring_value(r->request.options->method);
	case KIND_URL: return buf_value(VALUE_URL, &r->request.url);
	case KIND_URL_EFFECTIVE:
		if (!r->attempts)
			break;
		return buf_value(VALUE_URL,
		                 r->url_effective.len ? &r->url_effective : &r->request.url);
	case KIND_HEADERS:
		return (struct value){.type = r->http_code ? VALUE_HEADERS : VALUE_NULL,
		                      .data = r->headers.data,
		                      .len = r->headers.len};
	case KIND_NUM_HEADERS:
		return (struct value){.type = r->http_code ? VALUE_INT : VALUE_NULL,
		                      .number = count_lines(&r->headers)};
	case KIND_BODY:
	case KIND_BODY_BASE64: return body_value(r, f->kind);
	case KIND_FINGERPRINT:
		return (struct value){.type = VALUE_HASH, .hash = request_fingerprint(&r->request)};
	case KIND_EXTRACT:
	case KIND_EXTRACT_ONE: return extract_value(f, r);
	case KIND_EXEC:
	case KIND_EXEC_STATUS:
	case KIND_EXEC_BUF: return command_value(f, r);
	case KIND_DETAIL_STATUS:
	case KIND_DETAIL_INT64:
	case KIND_DETAIL_BUF:
	case KIND_DETAIL_URL:
	case KIND_NUM_CERTS:
	case KIND_CERTS: return get_detail(f, r);
	}
	return (struct value){0};
}

/* "name: value\n" lines as an object of arrays, each name where it stands first. */
static void put_headers(struct json *json, const char *data, size_t len)
{
	const char *end = data + len;

	json_begin(json, '{');
	for (const char *line = data, *next; line < end; line = next) {
		size_t name_len =
			(size_t)((const char *)memchr(line, ':', (size_t)(end - line)) - line) + 2;
		bool is_first = true;

		next = (const char *)memchr(line, '\n', (size_t)(end - line)) + 1;
		for (const char *l = data; l < line && is_first;
		     l = (const char *)memchr(l, '\n', (size_t)(end - l)) + 1)
			is_first = memcmp(l, line, name_len) != 0;
		if (!is_first)
			continue;
		json_key_bytes(json, line, name_len - 2);
		json_begin(json, '[');
		for (const char *l = line; l < end;) {
			const char *line_end = memchr(l, '\n', (size_t)(end - l));
			if ((size_t)(line_end - l) >= name_len && !memcmp(l, line, name_len))
				json_bytes(json, l + name_len, (size_t)(line_end - l) - name_len);
			l = line_end + 1;
		}
		json_end(json, ']');
	}
	json_end(json, '}');
}

/* Text under its name, or what is none as base64 under "name_base64". */
static void put_output(struct json *json, const char *name, const char *base64_name,
                       const struct buf *output)
{
	if (utf8_is_text(output->data, output->len)) {
		json_key(json, name);
		json_bytes(json, output->data, output->len);
	} else {
		json_key(json, base64_name);
		json_base64(json, output->data, output->len);
	}
}

static void put_command(struct json *json, const struct command *command)
{
	json_begin(json, '{');
	json_key(json, "exitcode");
	if (command->exitcode < 0)
		json_null(json);
	else
		json_int(json, command->exitcode);
	put_output(json, "stdout", "stdout_base64", &command->output);
	put_output(json, "stderr", "stderr_base64", &command->errors);
	json_key(json, "truncated");
	json_bool(json, command->is_cut);
	json_end(json, '}');
}

enum { HASH_TEXT = 33 };

/* 32 hexadecimal digits. */
static void show_hash(char text[HASH_TEXT], struct hash h)
{
	snprintf(text, HASH_TEXT, "%016llx%016llx", (unsigned long long)h.high,
	         (unsigned long long)h.low);
}

static void put_json_value(struct json *json, const struct value *v)
{
	char hash[HASH_TEXT];
	struct buf masked;

	switch (v->type) {
	case VALUE_NULL: json_null(json); break;
	case VALUE_INT: json_int(json, v->number); break;
	case VALUE_BOOL: json_bool(json, v->number); break;
	case VALUE_SECONDS: json_seconds(json, v->number); break;
	case VALUE_TEXT: json_bytes(json, v->data, v->len); break;
	case VALUE_JSON: json_raw(json, v->data, v->len); break;
	case VALUE_BASE64: json_base64(json, v->data, v->len); break;
	case VALUE_HEADERS: put_headers(json, v->data, v->len); break;
	case VALUE_EXTRACT: extract_put_json(json, &v->result->extract); break;
	case VALUE_COMMAND: put_command(json, v->result->command); break;
	case VALUE_HASH:
		show_hash(hash, v->hash);
		json_text(json, hash);
		break;
	case VALUE_URL:
		if (!memchr(v->data, '@', v->len)) {
			json_bytes(json, v->data, v->len);
			break;
		}
		buf_init(&masked, BUF_UNLIMITED);
		url_put_masked(&masked, v->data, v->len);
		json_bytes(json, masked.data, masked.len);
		buf_release(&masked);
		break;
	}
}

void fields_put_json(struct json *json, const struct field_list *list, const struct result *result)
{
	json_begin(json, '{');
	for (size_t i = 0; i < list->count; i++) {
		struct value v = get_value(list->fields[i], result);
		json_key(json, list->fields[i]->name);
		put_json_value(json, &v);
	}
	json_end(json, '}');
}

/* The characters that OWASP names (CSV Injection), with their full-width forms. */
static bool is_formula(const char *data, size_t len)
{
	static const char *const starts[] = {"=",      "+",      "-",      "@",
	                                     "\uff1d", "\uff0b", "\uff0d", "\uff20"};

	while (len && (*data == '"' || *data == ' ')) {
		data++;
		len--;
	}
	for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++) {
		size_t start_len = strlen(starts[i]);

		if (len >= start_len && !memcmp(data, starts[i], start_len))
			return true;
	}
	return false;
}

/*
 * Puts an apostrophe before what a spreadsheet could take for a formula. One that splits lines at a
 * semicolon or tab sees quotes only at the start of its own cells: to it a cell, or a line, begins
 * after each of these and after each line end in data.
 */
static void put_guarded(struct buf *out, const char *data, size_t len)
{
	if (len && strchr("\t\r\n", *data) && *data)
		buf_put_byte(out, '\'');
	for (size_t i = 0; i < len; i++) {
		bool is_start = !i || (data[i - 1] && strchr(";\t\r\n", data[i - 1]));

		if (is_start && is_formula(data + i, len - i))
			buf_put_byte(out, '\'');
		buf_put_byte(out, data[i]);
	}
}

/* Quoted when it must be (RFC 4180, 2.6). */
static void put_csv_quoted(struct buf *out, const char *data, size_t len)
{
	bool is_quoted = false;
	const char *quote;

	for (size_t i = 0; i < len && !is_quoted; i++)
		is_quoted = data[i] && strchr(",\"\r\n", data[i]);
	if (is_quoted)
		buf_put_byte(out, '"');
	while (is_quoted && (quote = memchr(data, '"', len))) {
		utf8_put(out, data, (size_t)(quote - data), UTF8_FOR_FILES);
		buf_put_text(out, "\"\"");
		len -= (size_t)(quote + 1 - data);
		data = quote + 1;
	}
	utf8_put(out, data, len, UTF8_FOR_FILES);
	if (is_quoted)
		buf_put_byte(out, '"');
}

static void put_csv_text(struct buf *out, const char *data, size_t len, bool is_safe)
{
	struct buf guarded;

	if (!is_safe) {
		put_csv_quoted(out, data, len);
		return;
	}
	buf_init(&guarded, BUF_UNLIMITED);
	put_guarded(&guarded, data, len);
	put_csv_quoted(out, guarded.data, guarded.len);
	buf_release(&guarded);
}

/* A value as it is, without quotes; nothing for null. */
static void put_plain_value(struct buf *out, const struct value *v)
{
	char hash[HASH_TEXT];
	struct json json;

	switch (v->type) {
	case VALUE_NULL: break;
	case VALUE_INT: buf_put_int(out, v->number); break;
	case VALUE_BOOL: buf_put_text(out, v->number ? "true" : "false"); break;
	case VALUE_SECONDS: buf_put_seconds(out, v->number); break;
	case VALUE_TEXT: buf_put(out, v->data, v->len); break;
	case VALUE_JSON: json_put_plain(out, v->data, v->len); break;
	case VALUE_URL: url_put_masked(out, v->data, v->len); break;
	case VALUE_BASE64: base64_put(out, v->data, v->len); break;
	case VALUE_HEADERS:
	case VALUE_EXTRACT:
	case VALUE_COMMAND:
		json_init(&json, out);
		put_json_value(&json, v);
		break;
	case VALUE_HASH:
		show_hash(hash, v->hash);
		buf_put_text(out, hash);
		break;
	}
}

/* What is written as text that may need quotes. */
static bool has_text(enum value_type type)
{
	return type == VALUE_URL || type == VALUE_HEADERS || type == VALUE_EXTRACT ||
	       type == VALUE_JSON || type == VALUE_COMMAND;
}

static void put_csv_value(struct buf *out, const struct value *v, bool is_safe)
{
	struct buf text;

	if (v->type == VALUE_TEXT) {
		put_csv_text(out, v->data, v->len, is_safe);
		return;
	}
	if (!has_text(v->type)) {
		put_plain_value(out, v);
		return;
	}
	buf_init(&text, BUF_UNLIMITED);
	put_plain_value(&text, v);
	if (v->type == VALUE_JSON && *v->data == '-') /* a number */
		is_safe = false;
	put_csv_text(out, text.data, text.len, is_safe);
	buf_release(&text);
}

void fields_put_csv_header(struct buf *out, const struct field_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		if (i)
			buf_put_byte(out, ',');
		buf_put_text(out, list->fields[i]->name);
	}
	buf_put_text(out, "\r\n");
}

void fields_put_csv(struct buf *out, const struct field_list *list, const struct result *result,
                    bool has_safe_cells)
{
	for (size_t i = 0; i < list->count; i++) {
		struct value v = get_value(list->fields[i], result);
		if (i)
			buf_put_byte(out, ',');
		put_csv_value(out, &v, has_safe_cells);
	}
	buf_put_text(out, "\r\n");
}

/* What curl writes for what does not apply. */
static const char *null_text(enum kind kind)
{
	switch (kind) {
	case KIND_STATUS:
	case KIND_DETAIL_STATUS: return "000";
	case KIND_TIME: return "0.000000";
	case KIND_PORT:
	case KIND_INT64:
	case KIND_VERSION:
	case KIND_NUM_HEADERS:
	case KIND_DETAIL_INT64:
	case KIND_NUM_CERTS: return "0";
	case KIND_HEADERS: return "{}";
	default: return "";
	}
}

void field_put_text(struct buf *out, const struct field *field, const struct result *result)
{
	struct value v = get_value(field, result);

	if (v.type == VALUE_NULL)
		buf_put_text(out, null_text(field->kind));
	else if (field->kind == KIND_STATUS || field->kind == KIND_DETAIL_STATUS)
		buf_printf(out, "%03d", (int)v.number);
	else
		put_plain_value(out, &v);
}
