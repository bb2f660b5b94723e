#include "base/mem.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void mem_out(void)
{
	static const char words[] = "gather: out of memory\n";
	/* Not stdio: it might want memory. Not exit(): handlers might. */
	if (write(STDERR_FILENO, words, sizeof(words) - 1) < 0)
		_exit(3);
	_exit(3);
}

void *mem_zero(size_t count, size_t size)
{
	void *p = calloc(count ? count : 1, size);
	if (!p)
		mem_out();
	return p;
}

void *mem_alloc(size_t size)
{
	return mem_resize(NULL, size, 1);
}

void *mem_resize(void *p, size_t count, size_t size)
{
	if (size && count > SIZE_MAX / size)
		mem_out();
	size *= count;
	p = realloc(p, size > 0 ? size : 1);
	if (!p)
		mem_out();
	return p;
}

char *mem_text(const char *text)
{
	return text ? mem_bytes(text, strlen(text)) : NULL;
}

char *mem_bytes(const void *data, size_t len)
{
	char *p = mem_alloc(len + 1);
	if (len)
		memcpy(p, data, len);
	p[len] = '\0';
	return p;
}

char *mem_vprintf(const char *format, va_list args)
{
	char *text;

	if (vasprintf(&text, format, args) < 0)
		mem_out();
	return text;
}

char *mem_printf(const char *format, ...)
{
	va_list args;
	char *text;

	va_start(args, format);
	text = mem_vprintf(format, args);
	va_end(args);
	return text;
}
