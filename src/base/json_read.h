/*
 * Reads JSON (RFC 8259) with cJSON, which keeps numbers as doubles and takes some texts that are
 * no JSON. So here
 *   - a number is the text that stands for it: 12345678901234567890 stays that;
 *   - the text must be UTF-8, its numbers those of RFC 8259, its strings without control
 *     characters;
 *   - "\u0000", which C's strings cannot hold, and half a surrogate pair, which UTF-8 cannot, are
 *     refused in what the user writes, and U+FFFD in what servers send;
 *   - nothing but blanks may follow the value.
 */
#ifndef BASE_JSON_READ_H
#define BASE_JSON_READ_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

struct buf;
struct cJSON;
struct json;

/* Once in a process, before there are threads: memory does not fail for cJSON either (base/mem.h).
 */
void json_global_init(void);

/* Ceilings, as a value takes about a hundred bytes of memory. */
#define JSON_MAX_BYTES  ((size_t)16 << 20)
#define JSON_MAX_VALUES 1000000

/*
 * The value of what the user writes, to be freed with json_free(). A byte order mark before it is
 * passed over. NULL with words: it is no JSON, over a ceiling, or nested more than 1,000 deep.
 */
struct cJSON *json_parse(const char *text, size_t len, struct error *e);

/*
 * The same for what servers send; ERR_LIMIT tells what is over a ceiling from what is no JSON,
 * which is ERR_SYNTAX.
 */
MUST_USE enum err json_read(const char *text, size_t len, struct cJSON **ret_value,
                            struct error *e);

/*
 * The same, which ends soon with ERR_CANCELED when another thread sets *stop: 16 MiB take a good
 * part of a second.
 */
MUST_USE enum err json_read_until(const atomic_bool *stop, const char *text, size_t len,
                                  struct cJSON **ret_value, struct error *e);

/* NULL is fine. */
void json_free(struct cJSON *value);

enum json_type {
	JSON_NULL,
	JSON_FALSE,
	JSON_TRUE,
	JSON_NUMBER,
	JSON_STRING,
	JSON_ARRAY,
	JSON_OBJECT,
};

enum json_type json_type(const struct cJSON *value);

/* "a string", for messages. */
const char *json_type_name(enum json_type type);

/* Of a string its characters, of a number its text as it was written. Borrowed. */
const char *json_chars(const struct cJSON *value);

/* The first of an array or object, and the one behind another; NULL: no more. */
const struct cJSON *json_first(const struct cJSON *value);
const struct cJSON *json_next(const struct cJSON *value);

/* The name of a member of an object. Borrowed. */
const char *json_name(const struct cJSON *member);

/* The last member of that name; NULL when there is none, or value is no object. */
const struct cJSON *json_member(const struct cJSON *value, const char *name);

/* Writes a value: compact, numbers as they were written. */
void json_value(struct json *json, const struct cJSON *value);

/*
 * Appends JSON as it reads outside of JSON: of a string its characters, of null nothing, anything
 * else as it is. text is known to be good. out has no ceiling.
 */
void json_put_plain(struct buf *out, const char *text, size_t len);

/* ---- pointers (RFC 6901) ---- */

struct json_pointer;

/*
 * "" is the whole value, "/a/0/b~1c" a place in it. A token "*" is every element of an array and
 * every member of an object; a name "*" is written "~2", which RFC 6901 does not have.
 * ERR_SYNTAX with words.
 */
MUST_USE enum err json_pointer_parse(const char *text, struct json_pointer **ret_pointer,
                                     struct error *e);

/* NULL is fine. */
void json_pointer_free(struct json_pointer *pointer);

/* Whether it has a "*": it may be several values. */
bool json_pointer_is_many(const struct json_pointer *pointer);

typedef void json_found_fn(const struct cJSON *value, void *arg);

/* Calls fn for each value that is there, in order. */
void json_pointer_visit(const struct json_pointer *pointer, const struct cJSON *root,
                        json_found_fn *fn, void *arg);

#endif
