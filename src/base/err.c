#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>

enum err error_set(struct error *e, enum err code, const char *format, ...)
{
	if (e) {
		va_list ap;
		va_start(ap, format);
		vsnprintf(e->text, sizeof(e->text), format, ap);
		va_end(ap);
	}
	return code;
}

const char *err_name(enum err code)
{
	switch (code) {
	case ERR_NONE: return "ERR_NONE";
	case ERR_AGAIN: return "ERR_AGAIN";
	case ERR_EOF: return "ERR_EOF";
	case ERR_CANCELED: return "ERR_CANCELED";
	case ERR_TIMEOUT: return "ERR_TIMEOUT";
	case ERR_LIMIT: return "ERR_LIMIT";
	case ERR_SYNTAX: return "ERR_SYNTAX";
	case ERR_UNSUPPORTED: return "ERR_UNSUPPORTED";
	case ERR_SYSTEM: return "ERR_SYSTEM";
	case ERR_FAILED: return "ERR_FAILED";
	}
	return "ERR_?";
}
