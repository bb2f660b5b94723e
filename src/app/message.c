#include "app/message.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "transfer/url.h"

void message_print(const char *format, ...)
{
	struct buf masked, text;
	va_list args;
	char *words;

	va_start(args, format);
	words = mem_vprintf(format, args);
	va_end(args);
	buf_init(&masked, BUF_UNLIMITED);
	buf_init(&text, BUF_UNLIMITED);
	url_put_text_masked(&masked, words, strlen(words));
	utf8_put(&text, masked.data, masked.len, UTF8_FOR_TERMINALS);
	fprintf(stderr, "gather: %s\n", text.data);
	free(words);
	buf_release(&masked);
	buf_release(&text);
}

void message_print_lines(struct buf *lines)
{
	char *at = lines->data, *line;

	while ((line = strsep(&at, "\n")) && *line)
		message_print("%s", line);
	buf_clear(lines);
}
