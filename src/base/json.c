#include "base/json.h"

#include <math.h>
#include <string.h>

#include "base/buf.h"
#include "base/utf8.h"

void json_init(struct json *j, struct buf *out)
{
	*j = (struct json){.out = out};
}

static void before_value(struct json *j)
{
	if (j->needs_comma)
		buf_put_byte(j->out, ',');
	j->needs_comma = true;
}

void json_begin(struct json *j, char bracket)
{
	before_value(j);
	buf_put_byte(j->out, bracket);
	j->needs_comma = false;
}

void json_end(struct json *j, char bracket)
{
	buf_put_byte(j->out, bracket);
	j->needs_comma = true;
}

/* True for the bytes that stand in a JSON string as they are, without a look at their neighbours.
 */
static bool is_plain(unsigned char c)
{
	return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

static void put_special(struct buf *out, uint32_t code)
{
	static const char names[] = "\"\"\\\\\bb\ff\nn\rr\tt";
	const char *name;

	for (name = names; *name; name += 2) {
		if ((uint32_t)*name == code) {
			buf_put_byte(out, '\\');
			buf_put_byte(out, name[1]);
			return;
		}
	}
	buf_printf(out, "\\u%04x", code);
}

/* What is there of a string, beyond what is plain. Returns its size. */
static size_t put_other(struct buf *out, const char *data, size_t len)
{
	uint32_t code = 0;
	size_t size = utf8_next(data, len, &code);

	if (!size)
		buf_put(out, "\xef\xbf\xbd", 3);
	else if (code < 0x80 || utf8_is_unsafe(code))
		put_special(out, code);
	else
		buf_put(out, data, size);
	return size ? size : 1;
}

static void put_string(struct buf *out, const char *data, size_t len)
{
	buf_put_byte(out, '"');
	while (len) {
		size_t size = 0;

		while (size < len && is_plain((unsigned char)data[size]))
			size++;
		if (size)
			buf_put(out, data, size);
		else
			size = put_other(out, data, len);
		data += size;
		len -= size;
	}
	buf_put_byte(out, '"');
}

void json_key_bytes(struct json *j, const char *key, size_t len)
{
	before_value(j);
	put_string(j->out, key, len);
	buf_put_byte(j->out, ':');
	j->needs_comma = false;
}

void json_key(struct json *j, const char *key)
{
	json_key_bytes(j, key, strlen(key));
}

/* Beyond ASCII there is nothing but characters of strings, which may be escaped. */
void json_raw(struct json *j, const char *text, size_t len)
{
	before_value(j);
	while (len) {
		size_t size = 0;

		while (size < len && (unsigned char)text[size] < 0x7f)
			size++;
		if (size)
			buf_put(j->out, text, size);
		else
			size = put_other(j->out, text, len);
		text += size;
		len -= size;
	}
}

void json_null(struct json *j)
{
	json_raw(j, "null", 4);
}

void json_bool(struct json *j, bool value)
{
	json_raw(j, value ? "true" : "false", value ? 4 : 5);
}

void json_int(struct json *j, int64_t value)
{
	before_value(j);
	buf_put_int(j->out, value);
}

void json_uint(struct json *j, uint64_t value)
{
	before_value(j);
	buf_put_uint(j->out, value);
}

void json_seconds(struct json *j, int64_t time_us)
{
	before_value(j);
	buf_put_seconds(j->out, time_us);
}

void json_number(struct json *j, double value, int decimals)
{
	if (!isfinite(value)) {
		json_null(j);
		return;
	}
	before_value(j);
	buf_printf(j->out, "%.*f", decimals, value);
}

void json_bytes(struct json *j, const char *data, size_t len)
{
	before_value(j);
	put_string(j->out, data, len);
}

void json_text(struct json *j, const char *text)
{
	if (text)
		json_bytes(j, text, strlen(text));
	else
		json_null(j);
}

void base64_put(struct buf *out, const char *data, size_t len)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const unsigned char *p = (const unsigned char *)data;

	for (; len; p += 3) {
		size_t take = len < 3 ? len : 3;
		uint32_t bits = (uint32_t)p[0] << 16 | (take > 1 ? (uint32_t)p[1] << 8 : 0) |
		                (take > 2 ? p[2] : 0);
		char four[4] = {digits[bits >> 18], digits[bits >> 12 & 63],
		                take > 1 ? digits[bits >> 6 & 63] : '=',
		                take > 2 ? digits[bits & 63] : '='};
		buf_put(out, four, sizeof(four));
		len -= take;
	}
}

void json_base64(struct json *j, const char *data, size_t len)
{
	before_value(j);
	buf_put_byte(j->out, '"');
	base64_put(j->out, data, len);
	buf_put_byte(j->out, '"');
}
