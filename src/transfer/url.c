#include "transfer/url.h"

#include <ctype.h>
#include <curl/curl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"

enum { MAX_SCHEME = 40 }; /* longer ones are none to libcurl */

static enum err url_parse(CURLU *u, const char *url, struct error *e)
{
	CURLUcode code = curl_url_set(u, CURLUPART_URL, url, CURLU_GUESS_SCHEME);

	return code ? error_set(e, ERR_SYNTAX, "%s", curl_url_strerror(code)) : ERR_NONE;
}

/* libcurl encodes the name of a host when it connects, and then only says that it cannot. */
static CURLUcode check_host(CURLU *u, const char *url)
{
	CURLUcode code = CURLUE_OK;
	char *host = NULL;

	for (; *url && !code && !host; url++) {
		if ((unsigned char)*url >= 0x80)
			code = curl_url_get(u, CURLUPART_HOST, &host, CURLU_PUNYCODE);
	}
	curl_free(host);
	return code == CURLUE_NO_HOST ? CURLUE_OK : code;
}

enum err url_check(const char *url, struct error *e)
{
	CURLU *u = curl_url();
	CURLUcode code = curl_url_set(u, CURLUPART_URL, url, CURLU_GUESS_SCHEME);

	if (!code)
		code = check_host(u, url);
	curl_url_cleanup(u);
	if (!code)
		return ERR_NONE;
	return error_set(e, code == CURLUE_UNSUPPORTED_SCHEME ? ERR_UNSUPPORTED : ERR_SYNTAX, "%s",
	                 curl_url_strerror(code));
}

enum err url_check_proxy(const char *url, struct error *e)
{
	static const char *const schemes[] = {"http",   "https",   "socks4", "socks4a",
	                                      "socks5", "socks5h", "socks"};
	CURLU *u = curl_url();
	CURLUcode code =
		curl_url_set(u, CURLUPART_URL, url, CURLU_GUESS_SCHEME | CURLU_NON_SUPPORT_SCHEME);
	enum err failed = ERR_NONE;
	bool is_known = false;
	char *scheme = NULL;

	if (!code)
		code = curl_url_get(u, CURLUPART_SCHEME, &scheme, 0);
	for (size_t i = 0; scheme && i < sizeof(schemes) / sizeof(schemes[0]); i++)
		is_known |= !strcasecmp(scheme, schemes[i]);
	if (!scheme)
		failed = error_set(e, ERR_SYNTAX, "not the URL of a proxy: %s",
		                   curl_url_strerror(code));
	else if (!is_known)
		failed = error_set(e, ERR_SYNTAX,
		                   "no proxy has the scheme \"%s\" (http, https, socks4, "
		                   "socks4a, socks5 or socks5h)",
		                   scheme);
	curl_free(scheme);
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
	/* libcurl 7.88 decodes a name, and looks at what it is only the next time: %7F is refused
	 * then, and %37 is 0.0.0.7. */
	if (!failed && !code)
		failed = url_parse(u, text, e);
	curl_free(text);
	text = NULL;
	if (!failed && !code)
		code = curl_url_get(u, CURLUPART_URL, &text, 0);
	if (code)
		failed = error_set(e, ERR_SYNTAX, "%s", curl_url_strerror(code));
	if (!failed) {
		buf_clear(ret_url);
		buf_put_text(ret_url, text);
	}
	curl_free(text);
	free(part);
	curl_url_cleanup(u);
	return failed;
}

static bool is_unreserved(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '-' || c == '.' || c == '_' || c == '~';
}

void url_put_encoded(struct buf *out, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (is_unreserved(text[i]))
			buf_put_byte(out, text[i]);
		else
			buf_printf(out, "%%%02X", (unsigned char)text[i]);
	}
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

/* Past the ':' of a scheme; NULL: there is none that libcurl would take for one. */
static const char *end_of_scheme(const char *url, const char *end)
{
	const char *p = url;

	if (p == end || !isalpha((unsigned char)*p))
		return NULL;
	while (p < end && (isalnum((unsigned char)*p) || *p == '+' || *p == '-' || *p == '.'))
		p++;
	return p < end && *p == ':' && p - url <= MAX_SCHEME ? p + 1 : NULL;
}

const char *url_authority(const char *url, size_t len)
{
	const char *end = url + len, *p = end_of_scheme(url, end);
	size_t slashes = 0;

	if (!p)
		return url;
	/* libcurl takes one slash and three for two; but the third of a file is its path's. */
	while (p + slashes < end && slashes < 3 && p[slashes] == '/' &&
	       (slashes < 2 || strncasecmp(url, "file:", 5) != 0))
		slashes++;
	return slashes ? p + slashes : url;
}

void url_put_scheme(struct buf *url, const char *scheme)
{
	char *rest;

	/* What begins like no host is no URL, and is shown as it was written. */
	if (url_authority(url->data, url->len) != url->data || strchr(":/?# \t", *url->data))
		return;
	rest = mem_bytes(url->data, url->len);
	buf_clear(url);
	buf_printf(url, "%s://%s", scheme, rest);
	free(rest);
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

/* The ':' before a port, or before what should be one; NULL: there is none. */
static const char *find_port(const char *host, size_t len)
{
	const char *bracket = len && *host == '[' ? memchr(host, ']', len) : NULL;
	const char *from = bracket ? bracket : host;

	return memchr(from, ':', (size_t)(host + len - from));
}

static bool is_number(const char *text, size_t len)
{
	while (len && isdigit((unsigned char)text[len - 1]))
		len--;
	return !len;
}

void url_put_origin(struct buf *out, const char *url, size_t len)
{
	const char *host = url_authority(url, len);
	const char *at, *port;
	size_t scheme_len = host == url ? 0 : strcspn(url, ":");
	size_t host_len = authority_length(host, url + len);
	size_t port_len;

	at = memrchr(host, '@', host_len);
	if (at) {
		host_len -= (size_t)(at + 1 - host);
		host = at + 1;
	}
	port = find_port(host, host_len);
	port_len = port ? (size_t)(host + host_len - port) : 0;
	/* What is no port may be a password: see find_login_end(). */
	if (port_len == 1 || (port && !is_number(port + 1, port_len - 1))) {
		host_len -= port_len;
		port = NULL;
	}
	put_lower(out, url, scheme_len);
	buf_put_text(out, "://");
	put_lower(out, host, host_len);
	if (!port) {
		buf_put_byte(out, ':');
		buf_put_text(out, usual_port(url, scheme_len));
	}
}

/* ---- logins ---- */

/*
 * The '@' behind the login before a host; NULL: there is none. What is behind a colon and is no
 * port is a password, too, with a '/', '?' or '#' that should have been encoded. last_at is the
 * last
 * '@' before end, or NULL: it is the caller's to find, once for all the URLs that may be there.
 */
static const char *find_login_end(const char *authority, const char *end, const char *last_at)
{
	size_t len = authority_length(authority, end);
	const char *at = memrchr(authority, '@', len), *port = find_port(authority, len);

	if (at || !port || is_number(port + 1, (size_t)(authority + len - port - 1)))
		return at;
	return last_at && last_at > port ? last_at : NULL;
}

/* A name alone may be a token. at is the '@' behind the login. */
static void put_login_masked(struct buf *out, const char *login, const char *at)
{
	const char *colon = memchr(login, ':', (size_t)(at - login));

	if (colon && colon + 1 < at)
		buf_put(out, login, (size_t)(colon + 1 - login));
	buf_put_text(out, "***");
}

static const char *find_text_end(const char *at, const char *end)
{
	while (at < end && !strchr(" \t\r\n\"'<>&", *at))
		at++;
	return at;
}

void url_put_text_masked(struct buf *out, const char *text, size_t len)
{
	const char *end = text + len, *slashes, *at, *last_at = NULL;
	const char *word_end = text; /* of the word that text is in, which last_at belongs to */

	while ((slashes = memmem(text, (size_t)(end - text), "://", 3))) {
		slashes += 3;
		buf_put(out, text, (size_t)(slashes - text));
		text = slashes;
		if (text >= word_end) {
			word_end = find_text_end(text, end);
			last_at = memrchr(text, '@', (size_t)(word_end - text));
		}
		at = find_login_end(text, word_end, last_at);
		if (at) {
			put_login_masked(out, text, at);
			text = at;
		}
	}
	buf_put(out, text, (size_t)(end - text));
}

/*
 * Where its login would be, also in what is no URL because something stands before it, or because
 * it has too many slashes.
 */
static const char *find_login(const char *url, size_t len)
{
	const char *slashes = memmem(url, len, "://", 3), *end = url + len, *login;

	if (!slashes || authority_length(url, end) < (size_t)(slashes - url))
		return url_authority(url, len);
	login = slashes + 3;
	while (login < end && *login == '/' && strncasecmp(url, "file:", 5) != 0)
		login++;
	return login;
}

void url_put_masked(struct buf *out, const char *url, size_t len)
{
	const char *login = find_login(url, len), *end = url + len;
	const char *at = find_login_end(login, end, memrchr(url, '@', len));

	if (at) {
		buf_put(out, url, (size_t)(login - url));
		put_login_masked(out, login, at);
		url = at;
	}
	url_put_text_masked(out, url, (size_t)(end - url));
}

void url_put_without_login(struct buf *out, const char *url, size_t len)
{
	const char *login = find_login(url, len), *end = url + len;
	const char *at = find_login_end(login, end, memrchr(login, '@', (size_t)(end - login)));
	const char *rest = at ? at + 1 : login;

	buf_put(out, url, (size_t)(login - url));
	buf_put(out, rest, (size_t)(end - rest));
}
