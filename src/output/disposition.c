#include "output/disposition.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "transfer/url.h"

static const char blanks[] = " \t";

/* The length of text without the blanks at its end. */
static size_t trimmed(const char *text, size_t len)
{
	while (len && strchr(blanks, text[len - 1]))
		len--;
	return len;
}

/* After the opening quote. A string that is not closed ends with the field. */
static const char *take_quoted(const char *at, struct buf *out)
{
	for (; *at && *at != '"'; at++) {
		if (*at == '\\' && (at[1] == '"' || at[1] == '\\'))
			at++;
		buf_put_byte(out, *at);
	}
	return at;
}

/* The apostrophe that ends a value; NULL when there is none before its ';'. */
static const char *find_apostrophe(const char *at)
{
	while ((at = strchr(at, '\''))) {
		const char *next = at + 1 + strspn(at + 1, blanks);

		if (!*next || *next == ';')
			return at;
		at++;
	}
	return NULL;
}

static const char *take_value(const char *at, struct buf *out)
{
	const char *end = NULL;

	buf_clear(out);
	at += strspn(at, blanks);
	if (*at == '"') {
		at = take_quoted(at + 1, out);
		return at + strcspn(at, ";");
	}
	if (*at == '\'')
		end = find_apostrophe(++at);
	if (!end)
		end = at + trimmed(at, strcspn(at, ";"));
	buf_put(out, at, (size_t)(end - at));
	return end + strcspn(end, ";");
}

/* RFC 8187: charset'language'text, percent-encoded. False in a charset other than UTF-8. */
static bool decode_extended(struct buf *text)
{
	static const char charset[] = "utf-8'";
	struct buf plain;
	const char *at;

	if (strncasecmp(text->data, charset, strlen(charset)) != 0 ||
	    !(at = strchr(text->data + strlen(charset), '\'')))
		return false;
	buf_init(&plain, BUF_UNLIMITED);
	url_put_decoded(&plain, at + 1, strlen(at + 1));
	buf_clear(text);
	buf_put(text, plain.data, plain.len);
	buf_release(&plain);
	return true;
}

static bool is_name(const char *text, size_t len, const char *name)
{
	return len == strlen(name) && !strncasecmp(text, name, len);
}

/* The value of filename*, or else the first one of filename. */
static void get_value(struct buf *ret_value, const char *at)
{
	struct buf value;
	bool is_extended = false;

	buf_init(&value, BUF_UNLIMITED);
	while (!is_extended && *(at += strspn(at, " \t;"))) {
		const char *name = at;
		size_t len = strcspn(at, "=;");

		at += len;
		if (*at != '=')
			continue;
		at = take_value(at + 1, &value);
		len = trimmed(name, len);
		is_extended = is_name(name, len, "filename*") && decode_extended(&value);
		if (is_extended || (is_name(name, len, "filename") && !ret_value->len)) {
			buf_clear(ret_value);
			buf_put(ret_value, value.data, value.len);
		}
	}
	buf_release(&value);
}

void disposition_get_name(struct buf *ret_name, const char *field)
{
	size_t start;

	buf_clear(ret_name);
	get_value(ret_name, field);
	/* Some servers send a path of their own, with slashes of either kind. */
	for (start = ret_name->len; start; start--) {
		if (strchr("/\\", ret_name->data[start - 1]) && ret_name->data[start - 1])
			break;
	}
	buf_consume(ret_name, start);
}
