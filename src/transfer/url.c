#include "transfer/url.h"

#include <ctype.h>
#include <curl/curl.h>
#include <string.h>
#include <strings.h>

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

enum err url_host(const char *url, struct buf *ret_host)
{
	CURLU *u = curl_url();
	char *host = NULL;
	enum err failed = url_parse(u, url, NULL);

	if (!failed && curl_url_get(u, CURLUPART_HOST, &host, 0))
		failed = ERR_SYNTAX;
	if (!failed) {
		buf_clear(ret_host);
		for (char *p = host; *p; p++)
			buf_put_byte(ret_host, *p >= 'A' && *p <= 'Z' ? (char)(*p | 0x20) : *p);
	}
	curl_free(host);
	curl_url_cleanup(u);
	return failed;
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

void url_put_masked(struct buf *out, const char *url, size_t len)
{
	const char *start = url_authority(url, len);
	const char *end = url + len, *authority_end = start, *at, *colon;

	while (authority_end < end && !strchr("/?#", *authority_end))
		authority_end++;
	at = memrchr(start, '@', (size_t)(authority_end - start));
	colon = at ? memchr(start, ':', (size_t)(at - start)) : NULL;
	if (!colon) {
		buf_put(out, url, len);
		return;
	}
	buf_put(out, url, (size_t)(colon + 1 - url));
	buf_put_text(out, "***");
	buf_put(out, at, (size_t)(end - at));
}
