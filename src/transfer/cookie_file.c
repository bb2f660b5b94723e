#include "transfer/cookie_file.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/file.h"
#include "transfer/field.h"

enum { MAX_BYTES = 64 << 20 };

enum line_kind { LINE_EMPTY, LINE_COOKIE, LINE_HEADER, LINE_STRANGE };

/* As libcurl reads it: fields between tabs, of which several are one. */
static size_t count_fields(const char *line)
{
	size_t fields = 0;

	for (line += strspn(line, "\t"); *line; line += strspn(line, "\t")) {
		line += strcspn(line, "\t");
		fields++;
	}
	return fields;
}

static bool is_header(char *line)
{
	size_t len = strcspn(line, ":");
	bool is_token;

	if (!strncmp(line, "HTTP/", strlen("HTTP/")))
		return true;
	if (!line[len])
		return false;
	line[len] = '\0';
	is_token = field_is_token(line);
	line[len] = ':';
	return is_token;
}

static enum line_kind judge(char *line)
{
	static const char http_only[] = "#HttpOnly_", set_cookie[] = "Set-Cookie:";
	size_t fields;

	if (!line[strspn(line, " \t\r")])
		return LINE_EMPTY;
	if (*line == '#' && strncmp(line, http_only, strlen(http_only)) != 0)
		return LINE_EMPTY;
	if (field_line_begins(line, strlen(line), set_cookie))
		return LINE_COOKIE;
	fields = count_fields(line);
	if (fields == 6 || fields == 7) /* the value may be empty */
		return LINE_COOKIE;
	return is_header(line) ? LINE_HEADER : LINE_STRANGE;
}

static enum err check_text(const char *path, char *text, struct error *e)
{
	bool has_cookie = false, has_header = false;
	char *line;

	for (size_t number = 1; (line = strsep(&text, "\n")); number++) {
		enum line_kind kind = judge(line);

		if (kind == LINE_STRANGE)
			return error_set(e, ERR_SYNTAX,
			                 "%s:%zu: not a cookie: expected 7 fields separated by "
			                 "tabs, or \"Set-Cookie: NAME=VALUE\"",
			                 path, number);
		has_cookie |= kind == LINE_COOKIE;
		has_header |= kind == LINE_HEADER;
	}
	return has_header && !has_cookie
	               ? error_set(e, ERR_SYNTAX, "%s: no cookie among its headers", path)
	               : ERR_NONE;
}

enum err cookie_file_check(const char *path, struct error *e)
{
	struct stat status;
	enum err failed;
	struct buf text;

	if (!*path || !strcmp(path, "-"))
		return ERR_NONE;
	if (stat(path, &status))
		return error_set(e, ERR_SYSTEM, "%s: %s", path, strerror(errno));
	/* Others could not be read again. */
	if (!S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode))
		return ERR_NONE;
	buf_init(&text, MAX_BYTES);
	failed = file_read(path, &text, e);
	if (!failed)
		failed = check_text(path, text.data, e);
	buf_release(&text);
	return failed;
}
