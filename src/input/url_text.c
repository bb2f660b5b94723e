#include "input/url_text.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "base/utf8.h"
#include "transfer/url.h"

/* ---- what is taken off ---- */

static bool is_invisible(uint32_t code)
{
	static const struct {
		uint32_t first, last;
	} ranges[] = {
		{' ', ' '},       {'\t', '\t'},     {0x85, 0x85},     {0xa0, 0xa0},
		{0xad, 0xad},     {0x61c, 0x61c},   {0x1680, 0x1680}, {0x180e, 0x180e},
		{0x2000, 0x200f}, {0x2028, 0x202f}, {0x205f, 0x206f}, {0x3000, 0x3000},
		{0xfeff, 0xfeff},
	};

	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
		if (code >= ranges[i].first && code <= ranges[i].last)
			return true;
	}
	return false;
}

/* The length of the last character. */
static size_t last_length(const char *text, size_t len)
{
	size_t size = 1;

	while (size < len && size < 4 && ((unsigned char)text[len - size] & 0xc0) == 0x80)
		size++;
	return size;
}

void url_text_trim(char **text, size_t *len)
{
	uint32_t code;
	size_t size;

	while ((size = utf8_next(*text, *len, &code)) && is_invisible(code)) {
		*text += size;
		*len -= size;
	}
	while (*len) {
		size = last_length(*text, *len);
		if (utf8_next(*text + *len - size, size, &code) != size || !is_invisible(code))
			return;
		*len -= size;
	}
}

/* ---- why it cannot be fetched ---- */

/* Schemes without a host, whose URIs have no "//" and may have an "@". */
static bool is_other_uri(const char *text, size_t scheme_len)
{
	static const char *const schemes[] = {
		"about", "acct", "blob", "callto", "cid",         "data",     "facetime",
		"fax",   "geo",  "im",   "intent", "javascript",  "magnet",   "mailto",
		"mid",   "news", "pres", "sip",    "sips",        "skype",    "sms",
		"smsto", "tel",  "urn",  "vcard",  "view-source", "whatsapp", "xmpp",
	};
	const char *rest = text + scheme_len + 1;

	/* host:port */
	if (!rest[strspn(rest, "0123456789")] || !strncmp(rest, "//", 2))
		return false;
	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
		if (scheme_len == strlen(schemes[i]) && !strncasecmp(text, schemes[i], scheme_len))
			return true;
	}
	return false;
}

enum err url_text_check(const char *text, struct error *e)
{
	size_t len = strcspn(text, ":/?#");
	const char *at = memchr(text, '@', strcspn(text, "/?#"));
	enum err failed;

	if (text[len] == ':' && is_other_uri(text, len))
		return error_set(e, ERR_SYNTAX, "a URI with the scheme %.*s cannot be fetched",
		                 (int)len, text);
	/* user:password@host is as good as in curl. */
	if (at && !memchr(text, ':', (size_t)(at - text)))
		return error_set(e, ERR_SYNTAX,
		                 "looks like an e-mail address (a URL with a login needs its "
		                 "scheme: http://user@host)");
	failed = url_check(text, e);
	if (failed == ERR_UNSUPPORTED)
		return ERR_NONE;
	return failed && strchr(text, ' ') ? error_set(e, failed, "a space in the URL (write %%20)")
	                                   : failed;
}

/* ---- what would help ---- */

const char *url_text_hint(const char *line)
{
	if (strchr(line, '\t'))
		return "for tab-separated values: --csv-input --csv-delimiter TAB --template "
		       "'{+COLUMN}'";
	if (strchr("\"'", *line))
		return "for quoted values: --csv-input --template '{+COLUMN}'; in a plain list "
		       "URLs have no quotes";
	if (*line == '<')
		return "for XML or HTML: a list has one URL a line";
	if (*line == '[')
		return "for a JSON array: a list has one URL or JSON object a line";
	if (strchr(line, '{') || (strchr(line, '[') && !strstr(line, "//[")))
		return "--glob expands {a,b} and [1-9] in lists";
	if (strchr(line, ','))
		return "for comma-separated values: --csv-input --template '{+COLUMN}'";
	if (strchr(line, ';'))
		return "for semicolon-separated values: --csv-input --csv-delimiter ';' "
		       "--template '{+COLUMN}'";
	return NULL;
}

const char *url_text_find_encoding(const char *data, size_t len)
{
	static const struct {
		const char *magic;
		size_t len;
		const char *hint;
	} encodings[] = {
		{"\x1f\x8b", 2, "the list is compressed (gzip -dc FILE | gather -i -)"},
		{"\x28\xb5\x2f\xfd", 4, "the list is compressed (zstd -dc FILE | gather -i -)"},
		{"\xfd"
	         "7zXZ",
	         5, "the list is compressed (xz -dc FILE | gather -i -)"},
		{"BZh", 3, "the list is compressed (bzip2 -dc FILE | gather -i -)"},
		{"PK\x03\x04", 4, "the list is a ZIP archive (unzip -p FILE | gather -i -)"},
		{"\xff\xfe", 2, "the list is UTF-16 (iconv -f UTF-16 -t UTF-8 FILE | gather -i -)"},
		{"\xfe\xff", 2, "the list is UTF-16 (iconv -f UTF-16 -t UTF-8 FILE | gather -i -)"},
	};

	for (size_t i = 0; i < sizeof(encodings) / sizeof(encodings[0]); i++) {
		if (len >= encodings[i].len && !memcmp(data, encodings[i].magic, encodings[i].len))
			return encodings[i].hint;
	}
	/* Without a byte order mark. */
	if (len >= 4 && data[0] && !data[1] && data[2] && !data[3])
		return "the list is UTF-16 (iconv -f UTF-16LE -t UTF-8 FILE | gather -i -)";
	if (len >= 4 && !data[0] && data[1] && !data[2] && data[3])
		return "the list is UTF-16 (iconv -f UTF-16BE -t UTF-8 FILE | gather -i -)";
	return NULL;
}
