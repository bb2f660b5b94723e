#include "output/html.h"

#include <string.h>

#include "base/buf.h"
#include "base/utf8.h"

void html_put(struct buf *out, const char *data, size_t len)
{
	while (len) {
		size_t plain = 0;

		while (plain < len && !memchr("&<>\"'", data[plain], 5))
			plain++;
		utf8_put(out, data, plain, UTF8_FOR_TERMINALS);
		if (plain < len)
			buf_printf(out, "&#%d;", data[plain++]);
		data += plain;
		len -= plain;
	}
}

void html_put_text(struct buf *out, const char *text)
{
	html_put(out, text, strlen(text));
}
