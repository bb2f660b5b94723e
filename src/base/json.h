/*
 * Writes JSON (RFC 8259) into a buffer as it goes. Reading is cJSON's work.
 *
 * Calls must form a document: a key before each member of an object, begin and end in pairs.
 * Commas are put where they belong. Strings may hold any bytes: what is not UTF-8 becomes
 * U+FFFD, and what is unsafe (utf8_is_unsafe()) is escaped, so the output is always valid, and may
 * be shown on a terminal.
 */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;

struct json {
	struct buf *out; /* borrowed; has no ceiling */
	bool needs_comma;
};

void json_init(struct json *j, struct buf *out);
void json_begin(struct json *j, char bracket); /* '{' or '[' */
void json_end(struct json *j, char bracket);   /* '}' or ']' */
void json_key(struct json *j, const char *key);
void json_key_bytes(struct json *j, const char *key, size_t len);
void json_null(struct json *j);
void json_bool(struct json *j, bool value);
void json_int(struct json *j, int64_t value);
void json_uint(struct json *j, uint64_t value);
void json_seconds(struct json *j, int64_t time_us);           /* 0.123456 */
void json_number(struct json *j, double value, int decimals); /* not finite: null */
void json_text(struct json *j, const char *text);             /* NULL: null */
void json_bytes(struct json *j, const char *data, size_t len);
void json_base64(struct json *j, const char *data, size_t len);

/* Base64 (RFC 4648, padded) outside of any document. out has no ceiling. */
void base64_put(struct buf *out, const char *data, size_t len);

/* text is one JSON value already, on one line, and is written as it is, but for such escapes. */
void json_raw(struct json *j, const char *text, size_t len);

#endif
