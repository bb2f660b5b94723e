#include "output/fit.h"

#include <stdint.h>
#include <string.h>
#include <wchar.h>

#include "base/buf.h"
#include "base/utf8.h"

enum { FEW = 16 }; /* columns: then there is room for an end only */

struct ellipsis {
	const char *text;
	size_t columns;
};

/* A character, as it is shown. */
struct shown {
	const char *data;
	size_t len, columns;
	size_t taken; /* bytes of the text */
};

static struct shown shown_at(const char *text, size_t len, bool is_utf8)
{
	static const char *const replacements[] = {"?", "\xef\xbf\xbd"};
	uint32_t code = 0;
	size_t size = utf8_next(text, len, &code);
	struct shown shown = {text, size, 1, size ? size : 1};
	int columns = -1;

	if (size && !utf8_is_unsafe(code) && (is_utf8 || code < 0x80))
		columns = code < 0x80 ? 1 : wcwidth((wchar_t)code);
	if (columns < 0) {
		shown.data = replacements[is_utf8];
		shown.len = strlen(shown.data);
	} else {
		shown.columns = (size_t)columns;
	}
	return shown;
}

size_t fit_width(const char *text, bool is_utf8)
{
	size_t len = strlen(text), columns = 0;
	struct shown shown;

	for (size_t i = 0; i < len; i += shown.taken) {
		shown = shown_at(text + i, len - i, is_utf8);
		columns += shown.columns;
	}
	return columns;
}

/* As much of text as has room; returns the bytes of it that were taken. *columns become less. */
static size_t put_some(struct buf *out, const char *text, size_t *columns, bool is_utf8)
{
	size_t len = strlen(text), i = 0;
	struct shown shown;

	for (; i < len; i += shown.taken) {
		shown = shown_at(text + i, len - i, is_utf8);
		if (shown.columns > *columns)
			break;
		buf_put(out, shown.data, shown.len);
		*columns -= shown.columns;
	}
	return i;
}

/* The end of text that takes at most so many columns, and begins with no combining character. */
static const char *end_of(const char *text, size_t columns, bool is_utf8)
{
	size_t len = strlen(text), width = fit_width(text, is_utf8);
	struct shown shown;

	for (; len; text += shown.taken, len -= shown.taken) {
		shown = shown_at(text, len, is_utf8);
		if (width <= columns && shown.columns)
			break;
		width -= shown.columns;
	}
	return text;
}

void fit_put(struct buf *out, const char *text, size_t columns, bool is_utf8)
{
	const struct ellipsis ellipsis =
		is_utf8 ? (struct ellipsis){"\xe2\x80\xa6", 1} : (struct ellipsis){"..", 2};

	if (fit_width(text, is_utf8) > columns) {
		size_t head = columns < FEW ? 0 : (columns - ellipsis.columns) / 3, left = head;

		text += put_some(out, text, &left, is_utf8);
		buf_put_text(out, ellipsis.text);
		columns -= head - left + ellipsis.columns;
		text = end_of(text, columns, is_utf8);
	}
	put_some(out, text, &columns, is_utf8);
	for (; columns; columns--)
		buf_put_byte(out, ' ');
}
