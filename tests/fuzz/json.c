/*
 * Feeds base/json_read.c a pointer (the first line) and a text, and base/json.c its bytes.
 * What is read is written as JSON that reads as the same again; any bytes are written as JSON.
 */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/json_read.h"

static void write_value(struct buf *out, const struct cJSON *value)
{
	struct json json;

	buf_clear(out);
	json_init(&json, out);
	json_value(&json, value);
}

static void on_found(const struct cJSON *value, void *arg)
{
	struct buf *out = arg;
	struct buf plain;

	write_value(out, value);
	REQUIRE(fuzz_is_json(out->data, out->len));
	buf_init(&plain, BUF_UNLIMITED);
	json_put_plain(&plain, out->data, out->len);
	REQUIRE(plain.len <= out->len);
	buf_release(&plain);
}

static void check_value(const struct cJSON *value, const char *pointer_text, struct buf *out)
{
	struct json_pointer *pointer;
	struct cJSON *again;
	struct buf twice;

	buf_init(&twice, BUF_UNLIMITED);
	write_value(out, value);
	again = json_parse(out->data, out->len, NULL);
	REQUIRE(again);
	write_value(&twice, again);
	REQUIRE(!strcmp(out->data, twice.data));
	json_free(again);
	buf_release(&twice);
	if (json_pointer_parse(pointer_text, &pointer, NULL))
		return;
	json_pointer_visit(pointer, value, on_found, out);
	json_pointer_free(pointer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct parts parts = {(const char *)data, size};
	char *pointer = parts_next(&parts, '\n');
	struct cJSON *value = json_parse(parts.at, parts.left, NULL);
	struct json json;
	struct buf out;

	buf_init(&out, BUF_UNLIMITED);
	if (value)
		check_value(value, pointer, &out);
	json_free(value);
	buf_clear(&out);
	json_init(&json, &out);
	json_begin(&json, '{');
	json_key(&json, pointer);
	json_bytes(&json, parts.at, parts.left);
	json_key(&json, "base64");
	json_base64(&json, parts.at, parts.left);
	json_end(&json, '}');
	/* But for a NUL, which we write and do not read. */
	REQUIRE((parts.left && memchr(parts.at, '\0', parts.left)) ||
	        fuzz_is_json(out.data, out.len));
	buf_release(&out);
	free(pointer);
	return 0;
}
