#include "output/extract.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/json_read.h"
#include "base/mem.h"

static const char name_bytes[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				 "0123456789_-.";

void extract_list_release(struct extract_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		free(list->extracts[i].name);
		json_pointer_free(list->extracts[i].pointer);
	}
	free(list->extracts);
	*list = (struct extract_list){0};
}

bool extract_list_has(const struct extract_list *list, const char *name)
{
	for (size_t i = 0; i < list->count; i++) {
		if (!strcmp(list->extracts[i].name, name))
			return true;
	}
	return false;
}

enum err extract_list_add(struct extract_list *list, const char *text, struct error *e)
{
	size_t len = strspn(text, name_bytes);
	struct extract extract;
	enum err failed;

	if (!len || text[len] != '=')
		return error_set(e, ERR_SYNTAX,
		                 "\"%s\" is not NAME=POINTER, with letters, digits, _, - and . in "
		                 "the name",
		                 text);
	extract.name = mem_bytes(text, len);
	if (extract_list_has(list, extract.name))
		failed = error_set(e, ERR_SYNTAX, "\"%s\" is there already", extract.name);
	else
		failed = json_pointer_parse(text + len + 1, &extract.pointer, e);
	if (failed) {
		free(extract.name);
		return failed;
	}
	list->extracts = mem_resize(list->extracts, list->count + 1, sizeof(extract));
	list->extracts[list->count++] = extract;
	return ERR_NONE;
}

/* A json_found_fn. */
static void put_found(const struct cJSON *value, void *arg)
{
	json_value(arg, value);
}

static void put_one(struct buf *out, const struct json_pointer *pointer, const struct cJSON *answer)
{
	bool is_many = json_pointer_is_many(pointer);
	size_t start = out->len;
	struct json json;

	json_init(&json, out);
	if (answer && is_many)
		json_begin(&json, '[');
	if (answer)
		json_pointer_visit(pointer, answer, put_found, &json);
	if (answer && is_many)
		json_end(&json, ']');
	if (out->len == start)
		json_null(&json);
}

void extract_put(struct buf *out, const struct extract_list *list, const struct cJSON *answer)
{
	for (size_t i = 0; i < list->count; i++) {
		buf_put(out, list->extracts[i].name, strlen(list->extracts[i].name) + 1);
		put_one(out, list->extracts[i].pointer, answer);
		buf_put_byte(out, '\0');
	}
}

static const char *text_behind(const char *text)
{
	return text + strlen(text) + 1;
}

const char *extract_find(const struct buf *extract, const char *name)
{
	const char *end = extract->data + extract->len, *value;

	for (const char *at = extract->data; at < end; at = text_behind(value)) {
		value = text_behind(at);
		if (!strcmp(at, name))
			return value;
	}
	return NULL;
}

void extract_put_json(struct json *json, const struct buf *extract)
{
	const char *end = extract->data + extract->len, *value;

	json_begin(json, '{');
	for (const char *at = extract->data; at < end; at = text_behind(value)) {
		value = text_behind(at);
		json_key(json, at);
		json_raw(json, value, strlen(value));
	}
	json_end(json, '}');
}
