#include "transfer/field.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"

static const char blanks[] = " \t";
static const char ends[] = " \t;,=\""; /* of a token; servers use more than RFC 9110 has */

#define TOKEN                                                  \
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz" \
	"0123456789!#$%&'*+-.^_`|~"

bool field_is_token(const char *text)
{
	return *text && !text[strspn(text, TOKEN)];
}

enum err field_check_header(const char *header, struct error *e)
{
	size_t len = strcspn(header, strchr(header, ':') ? ":" : ";");
	const char *value = header + len;

	if (field_has_control(header, strlen(header)))
		return error_set(e, ERR_SYNTAX, "a control character in a header");
	if (!len || !*value || (*value == ';' && value[1 + strspn(value + 1, blanks)]))
		return error_set(e, ERR_SYNTAX, "it is not NAME: VALUE");
	/* A template may have variables there. */
	if (strspn(header, TOKEN "{}") < len)
		return error_set(e, ERR_SYNTAX,
		                 "the name of a header has a blank or another character that names "
		                 "cannot have (RFC 9110, 5.1)");
	return ERR_NONE;
}

bool field_has_control(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (((unsigned char)text[i] < 0x20 && text[i] != '\t') || text[i] == 0x7f)
			return true;
	}
	return false;
}

bool field_is_secret(const char *name, size_t len)
{
	static const char *const words[] = {"auth",    "cookie", "credential", "key",  "passw",
	                                    "session", "secret", "signature",  "token"};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		size_t word_len = strlen(words[i]);

		for (size_t k = 0; k + word_len <= len; k++) {
			if (!strncasecmp(name + k, words[i], word_len))
				return true;
		}
	}
	return false;
}

bool field_is_of_body(const char *name, size_t len)
{
	static const char *const names[] = {"Digest", "Expect", "Trailer", "Transfer-Encoding"};
	static const char content[] = "Content-";

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (len == strlen(names[i]) && !strncasecmp(name, names[i], len))
			return true;
	}
	return len > strlen(content) && !strncasecmp(name, content, strlen(content));
}

static const char *skip(const char *at, const char *bytes)
{
	return at + strspn(at, bytes);
}

static const char *take_token(const char *at, struct buf *out)
{
	size_t len = strcspn(at, ends);

	buf_put(out, at, len);
	return at + len;
}

/* From behind the first quote to behind the last; a string that is not closed ends with the text.
 */
static const char *take_quoted(const char *at, struct buf *out)
{
	for (; *at && *at != '"'; at++) {
		if (*at == '\\' && at[1])
			at++;
		buf_put_byte(out, *at);
	}
	return *at ? at + 1 : at;
}

bool field_next_param(const char **at, struct buf *ret_name, struct buf *ret_value)
{
	const char *p = skip(*at, blanks);

	buf_clear(ret_name);
	buf_clear(ret_value);
	if (*p == ';')
		p = take_token(skip(p, " \t;"), ret_name);
	if (!ret_name->len) {
		*at = p;
		return false;
	}
	for (char *c = ret_name->data; *c; c++)
		*c = (char)tolower((unsigned char)*c);
	p = skip(p, blanks);
	if (*p == '=') {
		p = skip(p + 1, blanks);
		p = *p == '"' ? take_quoted(p + 1, ret_value) : take_token(p, ret_value);
	}
	*at = p;
	return true;
}
