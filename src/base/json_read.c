#include "base/json_read.h"

#include <cjson/cJSON.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/utf8.h"

/*
 * Numbers are given to cJSON as strings that begin with this byte, which no UTF-8 has, so that
 * their text stays.
 */
#define NUMBER_MARK '\xff'

enum { MAX_DEPTH = 1000 }; /* cJSON's */

/* Of the thread that reads; NULL: it is not to be stopped. */
static _Thread_local const atomic_bool *stop_flag;

static bool is_stopped(void)
{
	return stop_flag && atomic_load_explicit(stop_flag, memory_order_relaxed);
}

/* cJSON gives up when there is no memory, and does so at nothing else. */
static void *allocate(size_t size)
{
	return is_stopped() ? NULL : mem_alloc(size);
}

void json_global_init(void)
{
	cJSON_InitHooks(&(cJSON_Hooks){allocate, free});
}

/* ---- the text, made ready ---- */

struct scan {
	const char *text, *at, *end;
	struct buf out;
	size_t values, depth;
	bool is_lenient;
	const char *uncopied; /* of the string that is being taken */
	struct error *e;
};

static enum err refuse(struct scan *s, const char *what)
{
	return error_set(s->e, ERR_SYNTAX, "%s at byte %zu", what, (size_t)(s->at - s->text) + 1);
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool is_digit(const struct scan *s)
{
	return s->at < s->end && *s->at >= '0' && *s->at <= '9';
}

static bool take(struct scan *s, const char *any)
{
	if (s->at == s->end || !*s->at || !strchr(any, *s->at))
		return false;
	s->at++;
	return true;
}

static bool take_digits(struct scan *s)
{
	if (!is_digit(s))
		return false;
	while (is_digit(s))
		s->at++;
	return true;
}

/* RFC 8259, 6. */
static enum err take_number(struct scan *s)
{
	const char *start = s->at, *number_end;
	bool is_good;

	take(s, "-");
	is_good = take(s, "0") || take_digits(s);
	if (is_good && take(s, "."))
		is_good = take_digits(s);
	if (is_good && take(s, "eE")) {
		take(s, "+-");
		is_good = take_digits(s);
	}
	if (!is_good || is_digit(s))
		return refuse(s, "a number that is none");
	number_end = s->at;
	while (s->at < s->end && is_blank(*s->at))
		s->at++;
	if (s->at < s->end && *s->at == ':')
		return refuse(s, "a number as a name");
	buf_put_byte(&s->out, '"');
	buf_put_byte(&s->out, NUMBER_MARK);
	buf_put(&s->out, start, (size_t)(number_end - start));
	buf_put_byte(&s->out, '"');
	return ERR_NONE;
}

/* The code unit of the escape "\uXXXX" at at; -1: there is none. */
static long read_code_unit(const char *at, const char *end)
{
	char digits[5] = "";

	if (end - at < 6 || at[0] != '\\' || at[1] != 'u')
		return -1;
	memcpy(digits, at + 2, 4);
	return strspn(digits, "0123456789abcdefABCDEF") == 4 ? strtol(digits, NULL, 16) : -1;
}

static bool is_in(long unit, long first, long last)
{
	return unit >= first && unit <= last;
}

/* Copies what was taken since the last time. */
static void copy_taken(struct scan *s)
{
	buf_put(&s->out, s->uncopied, (size_t)(s->at - s->uncopied));
	s->uncopied = s->at;
}

/* RFC 8259, 7. cJSON takes any other digit for U+0000, and that for the end of a string. */
static enum err take_code_unit(struct scan *s)
{
	long unit = read_code_unit(s->at, s->end), low = -1;

	if (unit < 0)
		return refuse(s, "an escape that is none");
	if (is_in(unit, 0xd800, 0xdbff))
		low = read_code_unit(s->at + 6, s->end);
	if (is_in(low, 0xdc00, 0xdfff)) {
		s->at += 12;
		return ERR_NONE;
	}
	if (!unit || is_in(unit, 0xd800, 0xdfff)) {
		if (!s->is_lenient)
			return refuse(s, unit ? "half a surrogate pair" : "a NUL in a string");
		copy_taken(s);
		buf_put_text(&s->out, "\\ufffd");
		s->uncopied += 6;
	}
	s->at += 6;
	return ERR_NONE;
}

/* The next character of a string; of an escape all of it. */
static enum err take_character(struct scan *s)
{
	uint32_t code;
	size_t size = utf8_next(s->at, (size_t)(s->end - s->at), &code);

	if (!size)
		return refuse(s, "a string that is not UTF-8");
	if (code < 0x20)
		return refuse(s, "a control character in a string");
	if (code == '\\' && s->end - s->at >= 2) {
		if (s->at[1] == 'u')
			return take_code_unit(s);
		size = 2;
	}
	s->at += size;
	return ERR_NONE;
}

static enum err take_string(struct scan *s)
{
	s->uncopied = s->at++;
	while (s->at < s->end && *s->at != '"') {
		enum err failed = take_character(s);

		if (failed)
			return failed;
	}
	if (s->at >= s->end)
		return refuse(s, "a string that does not end");
	s->at++;
	copy_taken(s);
	return ERR_NONE;
}

static enum err count_value(struct scan *s)
{
	if (++s->values > JSON_MAX_VALUES)
		return error_set(s->e, ERR_LIMIT, "more than %d values", JSON_MAX_VALUES);
	return ERR_NONE;
}

static enum err take_value(struct scan *s)
{
	enum err failed = count_value(s);

	if (failed)
		return failed;
	return *s->at == '"' ? take_string(s) : take_number(s);
}

/* What is no string and no number is left to cJSON. */
static enum err scan(struct scan *s)
{
	while (s->at < s->end) {
		enum err failed = ERR_NONE;

		if (is_stopped())
			return error_set(s->e, ERR_CANCELED, "stopped");
		if (*s->at == '"' || *s->at == '-' || is_digit(s)) {
			failed = take_value(s);
		} else if ((unsigned char)*s->at >= 0x80 ||
		           ((unsigned char)*s->at < 0x20 && !is_blank(*s->at))) {
			failed = refuse(s, "something that is no JSON");
		} else {
			/* Literals and empty values are values as well. */
			if (strchr(",[{", *s->at))
				failed = count_value(s);
			if (strchr("[{", *s->at) && ++s->depth > MAX_DEPTH)
				failed = error_set(s->e, ERR_LIMIT, "nested more than %d deep",
				                   MAX_DEPTH);
			/* Where there are more than it ends, cJSON says so. */
			s->depth -= s->depth && strchr("]}", *s->at);
			buf_put_byte(&s->out, *s->at++);
		}
		if (failed)
			return failed;
	}
	return ERR_NONE;
}

/* ---- the value ---- */

static enum err read_value(const char *text, size_t len, bool is_lenient, struct cJSON **ret_value,
                           struct error *e)
{
	struct scan s = {
		.text = text, .at = text, .end = text + len, .is_lenient = is_lenient, .e = e};
	struct cJSON *value;
	const char *end = NULL;
	enum err failed;

	if (len > JSON_MAX_BYTES)
		return error_set(e, ERR_LIMIT, "over %zu MiB", JSON_MAX_BYTES >> 20);
	if (len >= 3 && !memcmp(text, "\xef\xbb\xbf", 3))
		s.at += 3;
	buf_init(&s.out, BUF_UNLIMITED);
	failed = scan(&s);
	if (!failed) {
		value = cJSON_ParseWithLengthOpts(s.out.data, s.out.len + 1, &end, true);
		if (value)
			*ret_value = value;
		else if (is_stopped())
			failed = error_set(e, ERR_CANCELED, "stopped");
		else
			failed = error_set(e, ERR_SYNTAX, "it is no JSON");
	}
	buf_release(&s.out);
	return failed;
}

struct cJSON *json_parse(const char *text, size_t len, struct error *e)
{
	struct cJSON *value = NULL;

	return read_value(text, len, false, &value, e) ? NULL : value;
}

enum err json_read(const char *text, size_t len, struct cJSON **ret_value, struct error *e)
{
	return read_value(text, len, true, ret_value, e);
}

enum err json_read_until(const atomic_bool *stop, const char *text, size_t len,
                         struct cJSON **ret_value, struct error *e)
{
	enum err failed;

	stop_flag = stop;
	failed = json_read(text, len, ret_value, e);
	stop_flag = NULL;
	return failed;
}

void json_free(struct cJSON *value)
{
	cJSON_Delete(value);
}

enum json_type json_type(const struct cJSON *value)
{
	switch (value->type & 0xff) {
	case cJSON_False: return JSON_FALSE;
	case cJSON_True: return JSON_TRUE;
	case cJSON_String: return *value->valuestring == NUMBER_MARK ? JSON_NUMBER : JSON_STRING;
	case cJSON_Array: return JSON_ARRAY;
	case cJSON_Object: return JSON_OBJECT;
	default: return JSON_NULL;
	}
}

const char *json_type_name(enum json_type type)
{
	static const char *const names[] = {
		[JSON_NULL] = "null",        [JSON_FALSE] = "false",     [JSON_TRUE] = "true",
		[JSON_NUMBER] = "a number",  [JSON_STRING] = "a string", [JSON_ARRAY] = "an array",
		[JSON_OBJECT] = "an object",
	};

	return names[type];
}

const char *json_chars(const struct cJSON *value)
{
	return value->valuestring + (json_type(value) == JSON_NUMBER);
}

const struct cJSON *json_first(const struct cJSON *value)
{
	return value->child;
}

const struct cJSON *json_next(const struct cJSON *value)
{
	return value->next;
}

const char *json_name(const struct cJSON *member)
{
	return member->string;
}

const struct cJSON *json_member(const struct cJSON *value, const char *name)
{
	const struct cJSON *found = NULL;

	if (json_type(value) != JSON_OBJECT)
		return NULL;
	for (const struct cJSON *m = value->child; m; m = m->next) {
		if (!strcmp(m->string, name))
			found = m;
	}
	return found;
}

void json_value(struct json *json, const struct cJSON *value)
{
	enum json_type type = json_type(value);
	const char *chars;

	switch (type) {
	case JSON_NULL: json_null(json); break;
	case JSON_FALSE: json_bool(json, false); break;
	case JSON_TRUE: json_bool(json, true); break;
	case JSON_STRING: json_text(json, json_chars(value)); break;
	case JSON_NUMBER:
		chars = json_chars(value);
		json_raw(json, chars, strlen(chars));
		break;
	case JSON_ARRAY:
	case JSON_OBJECT:
		json_begin(json, type == JSON_ARRAY ? '[' : '{');
		for (const struct cJSON *v = value->child; v; v = v->next) {
			if (type == JSON_OBJECT)
				json_key(json, v->string);
			json_value(json, v);
		}
		json_end(json, type == JSON_ARRAY ? ']' : '}');
		break;
	}
}

void json_put_plain(struct buf *out, const char *text, size_t len)
{
	struct cJSON *value = NULL;

	if (*text == '"')
		value = json_parse(text, len, NULL);
	if (value)
		buf_put_text(out, json_chars(value));
	else if (len != strlen("null") || memcmp(text, "null", len) != 0)
		buf_put(out, text, len);
	json_free(value);
}

/* ---- pointers ---- */

enum { NO_INDEX = -1 };

struct token {
	char *name; /* NULL: every one */
	long index; /* of an array; NO_INDEX when the name is none (RFC 6901, 4) */
};

struct json_pointer {
	struct token *tokens;
	size_t count;
};

void json_pointer_free(struct json_pointer *pointer)
{
	if (!pointer)
		return;
	for (size_t i = 0; i < pointer->count; i++)
		free(pointer->tokens[i].name);
	free(pointer->tokens);
	free(pointer);
}

static long read_index(const char *name)
{
	size_t len = strspn(name, "0123456789");

	if (!len || name[len] || len > 9 || (*name == '0' && len > 1))
		return NO_INDEX;
	return strtol(name, NULL, 10);
}

/* False for an escape that is none. */
static bool unescape(char *name)
{
	static const char escaped[] = "~/*";
	char *out = name;

	for (; *name; name++) {
		if (*name == '~') {
			if (*++name < '0' || *name > '2')
				return false;
			*out++ = escaped[*name - '0'];
		} else {
			*out++ = *name;
		}
	}
	*out = '\0';
	return true;
}

static bool add_token(struct json_pointer *pointer, const char *text, size_t len)
{
	struct token *token;

	pointer->tokens = mem_resize(pointer->tokens, pointer->count + 1, sizeof(*token));
	token = &pointer->tokens[pointer->count++];
	*token = (struct token){.index = NO_INDEX};
	if (len == 1 && *text == '*')
		return true;
	token->name = mem_bytes(text, len);
	token->index = read_index(token->name);
	return unescape(token->name);
}

enum err json_pointer_parse(const char *text, struct json_pointer **ret_pointer, struct error *e)
{
	struct json_pointer *pointer = mem_zero(1, sizeof(*pointer));
	bool is_good = !*text || *text == '/';

	for (const char *at = text; is_good && *at == '/';) {
		size_t len = strcspn(at + 1, "/");

		is_good = add_token(pointer, at + 1, len);
		at += 1 + len;
	}
	if (!is_good) {
		json_pointer_free(pointer);
		return error_set(e, ERR_SYNTAX,
		                 "\"%s\" is no JSON pointer: that is /a/b, with ~0 for ~, ~1 for / "
		                 "and ~2 for *",
		                 text);
	}
	*ret_pointer = pointer;
	return ERR_NONE;
}

bool json_pointer_is_many(const struct json_pointer *pointer)
{
	for (size_t i = 0; i < pointer->count; i++) {
		if (!pointer->tokens[i].name)
			return true;
	}
	return false;
}

static void visit(const struct token *token, size_t left, const struct cJSON *value,
                  json_found_fn *fn, void *arg)
{
	enum json_type type = json_type(value);
	const struct cJSON *v;

	if (!left) {
		fn(value, arg);
	} else if (!token->name) {
		for (v = value->child; v; v = v->next)
			visit(token + 1, left - 1, v, fn, arg);
	} else {
		v = NULL;
		if (type == JSON_OBJECT)
			v = json_member(value, token->name);
		else if (type == JSON_ARRAY && token->index != NO_INDEX)
			v = cJSON_GetArrayItem(value, (int)token->index);
		if (v)
			visit(token + 1, left - 1, v, fn, arg);
	}
}

void json_pointer_visit(const struct json_pointer *pointer, const struct cJSON *root,
                        json_found_fn *fn, void *arg)
{
	visit(pointer->tokens, pointer->count, root, fn, arg);
}
