#include "base/utf8.h"

#include <string.h>

#include "base/buf.h"

size_t utf8_next(const char *data, size_t len, uint32_t *ret_code)
{
	/* The smallest code point that needs this many bytes. */
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	const unsigned char *p = (const unsigned char *)data;
	uint32_t code;
	size_t size;

	if (!len)
		return 0;
	if (p[0] < 0x80) {
		*ret_code = p[0];
		return 1;
	}
	if (p[0] >= 0xc2 && p[0] < 0xe0) {
		size = 2;
		code = p[0] & 0x1fu;
	} else if ((p[0] & 0xf0) == 0xe0) {
		size = 3;
		code = p[0] & 0x0fu;
	} else if (p[0] >= 0xf0 && p[0] < 0xf5) {
		size = 4;
		code = p[0] & 0x07u;
	} else {
		return 0;
	}
	if (len < size)
		return 0;
	for (size_t i = 1; i < size; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (p[i] & 0x3fu);
	}
	if (code < least[size] || code > 0x10ffff || (code >= 0xd800 && code < 0xe000))
		return 0;
	*ret_code = code;
	return size;
}

bool utf8_is_text(const char *data, size_t len)
{
	uint32_t code;

	if (memchr(data, 0, len))
		return false;
	while (len) {
		size_t size = utf8_next(data, len, &code);
		if (!size)
			return false;
		data += size;
		len -= size;
	}
	return true;
}

bool utf8_is_unsafe(uint32_t code)
{
	return code < 0x20 || (code >= 0x7f && code < 0xa0) || code == 0x61c || code == 0x200e ||
	       code == 0x200f || (code >= 0x2028 && code <= 0x202e) ||
	       (code >= 0x2066 && code <= 0x206f);
}

/* Of what sets a color (ECMA-48, SGR), like "\033[1;31m", as `less -R` lets through; 0: none does.
 */
static size_t color_length(const char *data, size_t len)
{
	size_t at = 2;

	if (len < 3 || data[0] != '\033' || data[1] != '[')
		return 0;
	while (at < len && data[at] >= '0' && data[at] <= ';')
		at++;
	return at < len && data[at] == 'm' ? at + 1 : 0;
}

static bool is_of_screen(const char *data, size_t len)
{
	return *data == '\n' || *data == '\t' || (*data == '\r' && len > 1 && data[1] == '\n');
}

static bool is_fit(const char *data, size_t len, uint32_t code, enum utf8_use use)
{
	return code && (use == UTF8_FOR_FILES || !utf8_is_unsafe(code) ||
	                (use >= UTF8_FOR_SCREENS && is_of_screen(data, len)));
}

void utf8_put(struct buf *out, const char *data, size_t len, enum utf8_use use)
{
	bool has_color = false;

	while (len) {
		size_t plain = 0, size;
		uint32_t code = 0;

		while (plain < len && data[plain] >= 0x20 && data[plain] < 0x7f)
			plain++;
		buf_put(out, data, plain);
		data += plain;
		len -= plain;
		if (!len)
			break;
		size = use == UTF8_WITH_COLORS ? color_length(data, len) : 0;
		if (size) {
			has_color = true;
			buf_put(out, data, size);
		} else if ((size = utf8_next(data, len, &code)) && is_fit(data, len, code, use)) {
			buf_put(out, data, size);
		} else {
			buf_put_text(out, "\xef\xbf\xbd");
		}
		data += size ? size : 1;
		len -= size ? size : 1;
	}
	if (has_color)
		buf_put_text(out, "\033[m");
}
