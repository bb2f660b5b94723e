#include "transfer/url.h"

#include <ctype.h>
#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"

static enum err url_parse(CURLU *u, const char *url, struct error *e)
{
	CURLUcode code = curl_url_set(u, CURLUPART_URL, url, CURLU_GUESS_SCHEME);

	return code ? error_set(e, ERR_SYNTAX, "%s", curl_url_strerror(code)) : ERR_NONE;
}

enum err url_check(const char *url, struct error *e)
{
	CURLU *u = curl_url();
	enum err failed = url_parse(u, url, e);

	curl_url_cleanup(u);
	return failed;
}

static void make_lower(char *text, size_t len)
{
	for (char *p = text; len--; p++)
		*p = *p >= 'A' && *p <= 'Z' ? (char)(*p | 0x20) : *p;
}

static void put_lower(struct buf *out, const char *text, size_t len)
{
	buf_put(out, text, len);
	make_lower(out->data + out->len - len, len);
}

static enum err url_part(const char *url, CURLUPart part, struct buf *ret_text)
{
	CURLU *u = curl_url();
	char *text = NULL;
	enum err failed = url_parse(u, url, NULL);

	if (!failed && curl_url_get(u, part, &text, 0))
		failed = ERR_SYNTAX;
	if (!failed) {
		buf_clear(ret_text);
		buf_put_text(ret_text, text);
	}
	curl_free(text);
	curl_url_cleanup(u);
	return failed;
}

enum err url_host(const char *url, struct buf *ret_host)
{
	enum err failed = url_part(url, CURLUPART_HOST, ret_host);

	if (!failed)
		make_lower(ret_host->data, ret_host->len);
	return failed;
}

enum err url_path(const char *url, struct buf *ret_path)
{
	return url_part(url, CURLUPART_PATH, ret_path);
}

enum err url_resolve(const char *base, const char *target, struct buf *ret_url, struct error *e)
{
	CURLU *u = curl_url();
	CURLUcode code = CURLUE_OK;
	/* A target that is nothing but a fragment is the base, which libcurl 7.88 gets wrong. */
	char *part = target ? mem_bytes(target, strcspn(target, "#")) : NULL, *text = NULL;
	enum err failed = url_parse(u, base, e);

	/* As libcurl reads what a redirect says. */
	if (!failed && part && *part)
		code = curl_url_set(u, CURLUPART_URL, part, CURLU_URLENCODE | CURLU_ALLOW_SPACE);
	if (!failed && !code)
		code = curl_url_set(u, CURLUPART_FRAGMENT, NULL, 0);
	if (!failed && !code)
		code = curl_url_get(u, CURLUPART_URL, &text, 0);
	if (code)
		failed = error_set(e, ERR_SYNTAX, "%s", curl_url_strerror(code));
	/* libcurl 7.88 decodes a name with %7F, and refuses it only then. */
	if (!failed)
		failed = url_check(text, e);
	if (!failed) {
		buf_clear(ret_url);
		buf_put_text(ret_url, text);
	}
	curl_free(text);
	free(part);
	curl_url_cleanup(u);
	return failed;
}

void url_put_encoded(struct buf *out, const char *text)
{
	char *encoded = curl_easy_escape(NULL, text, 0);

	buf_put_text(out, encoded ? encoded : "");
	curl_free(encoded);
}

static int hex_value(char c)
{
	if (isdigit((unsigned char)c))
		return c - '0';
	return isxdigit((unsigned char)c) ? (c | 0x20) - 'a' + 10 : -1;
}

void url_put_decoded(struct buf *out, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		int high = text[i] == '%' && len - i > 2 ? hex_value(text[i + 1]) : -1;
		int low = high >= 0 ? hex_value(text[i + 2]) : -1;
		char byte = text[i];

		if (low >= 0) {
			byte = (char)(high << 4 | low);
			i += 2;
		}
		buf_put_byte(out, byte);
	}
}

const char *url_authority(const char *url, size_t len)
{
	const char *end = url + len, *p = url;
	size_t slashes = 0;

	while (p < end && (isalnum((unsigned char)*p) || *p == '+' || *p == '-' || *p == '.'))
		p++;
	if (p == end || *p++ != ':')
		return url;
	/* libcurl takes one slash and three for two; but the third of a file is its path's. */
	while (p + slashes < end && slashes < 3 && p[slashes] == '/' &&
	       (slashes < 2 || strncasecmp(url, "file:", 5) != 0))
		slashes++;
	return slashes ? p + slashes : url;
}

static size_t authority_length(const char *authority, const char *end)
{
	const char *p = authority;

	while (p < end && *p != '/' && *p != '?' && *p != '#')
		p++;
	return (size_t)(p - authority);
}

size_t url_origin_length(const char *url, size_t len)
{
	const char *authority = url_authority(url, len);

	return (size_t)(authority - url) + authority_length(authority, url + len);
}

/* The port that a URL need not name. */
static const char *usual_port(const char *scheme, size_t len)
{
	static const char *const ports[][2] = {
		{"http", "80"}, {"https", "443"}, {"ftp", "21"}, {"ftps", "990"}};

	for (size_t i = 0; i < sizeof(ports) / sizeof(ports[0]); i++) {
		if (len == strlen(ports[i][0]) && !strncasecmp(scheme, ports[i][0], len))
			return ports[i][1];
	}
	return "";
}

void url_put_origin(struct buf *out, const char *url, size_t len)
{
	const char *host = url_authority(url, len);
	const char *scheme = host == url ? "http" : url, *at, *colon;
	size_t scheme_len = strcspn(scheme, ":"), host_len = authority_length(host, url + len);

	at = memrchr(host, '@', host_len);
	if (at) {
		host_len -= (size_t)(at + 1 - host);
		host = at + 1;
	}
	put_lower(out, scheme, scheme_len);
	buf_put_text(out, "://");
	put_lower(out, host, host_len);
	/* A colon inside of the brackets of an IPv6 address is none of a port. */
	colon = memrchr(host, ':', host_len);
	if (!colon || memchr(colon, ']', (size_t)(host + host_len - colon)))
		buf_put_byte(out, ':');
	else if (colon + 1 < host + host_len)
		return;
	buf_put_text(out, usual_port(scheme, scheme_len));
}

void url_put_masked(struct buf *out, const char *url, size_t len)
{
	const char *start = url_authority(url, len);
	const char *end = url + len, *at, *colon;

	at = memrchr(start, '@', authority_length(start, end));
	colon = at ? memchr(start, ':', (size_t)(at - start)) : NULL;
	if (!colon) {
		buf_put(out, url, len);
		return;
	}
	buf_put(out, url, (size_t)(colon + 1 - url));
	buf_put_text(out, "***");
	buf_put(out, at, (size_t)(end - at));
}
