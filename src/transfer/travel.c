#include "transfer/travel.h"

#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "transfer/field.h"
#include "transfer/url.h"

/* ---- origins ---- */

/* The host of an origin ("scheme://host:port"), and its length. */
static const char *host_of(const char *origin, size_t *ret_len)
{
	const char *host = strstr(origin, "://") + 3;

	*ret_len = (size_t)(strrchr(host, ':') - host);
	return host;
}

static bool is_upgrade(const char *from, const char *to)
{
	size_t from_len, to_len;
	const char *from_host = host_of(from, &from_len), *to_host = host_of(to, &to_len);

	return !strncmp(from, "http:", 5) && !strncmp(to, "https:", 6) && from_len == to_len &&
	       !memcmp(from_host, to_host, to_len);
}

enum hop hop_of(const char *from, const char *to)
{
	enum hop hop = HOP_AWAY;
	struct buf a, b;

	buf_init(&a, BUF_UNLIMITED);
	buf_init(&b, BUF_UNLIMITED);
	url_put_origin(&a, from, strlen(from));
	url_put_origin(&b, to, strlen(to));
	if (!strcmp(a.data, b.data))
		hop = HOP_WITHIN;
	else if (is_upgrade(a.data, b.data))
		hop = HOP_UPGRADE;
	buf_release(&a);
	buf_release(&b);
	return hop;
}

/* ---- headers ---- */

/* An entry with a '-' at its end is the beginning of names. */
static bool is_one_of(const char *const *names, size_t count, const char *name, size_t len)
{
	for (size_t i = 0; i < count; i++) {
		size_t entry_len = strlen(names[i]);
		bool is_prefix = names[i][entry_len - 1] == '-';

		if ((is_prefix ? len > entry_len : len == entry_len) &&
		    !strncasecmp(name, names[i], entry_len))
			return true;
	}
	return false;
}

#define IS_ONE_OF(names, name, len) is_one_of(names, sizeof(names) / sizeof((names)[0]), name, len)

static bool is_login(const char *name, size_t len)
{
	static const char *const names[] = {"Authorization", "Cookie", "Proxy-Authorization"};

	return IS_ONE_OF(names, name, len);
}

static bool is_harmless(const char *name, size_t len)
{
	static const char *const names[] = {
		"Accept",
		"Accept-",
		"Cache-Control",
		"Connection",
		"Content-",
		"Date",
		"DNT",
		"Digest",
		"Expect",
		"If-Match",
		"If-Modified-Since",
		"If-None-Match",
		"If-Range",
		"If-Unmodified-Since",
		"Keep-Alive",
		"Max-Forwards",
		"Pragma",
		"Prefer",
		"Priority",
		"Range",
		"Save-Data",
		"Sec-CH-",
		"Sec-Fetch-",
		"Sec-GPC",
		"TE",
		"Trailer",
		"Transfer-Encoding",
		"Upgrade",
		"Upgrade-Insecure-Requests",
		"User-Agent",
		"Want-Digest",
		"X-Requested-With",
	};

	/* Names may be anybody's that begin like these. */
	return IS_ONE_OF(names, name, len) && !field_is_secret(name, len);
}

static bool is_host(const char *name, size_t len)
{
	static const char *const names[] = {"Host"};

	return IS_ONE_OF(names, name, len);
}

/* "Name:" */
static bool leaves_out(const char *header, size_t len)
{
	return header[len] == ':' && !header[len + 1 + strspn(header + len + 1, " \t")];
}

bool header_travels(const char *header, enum hop hop, bool sends_all)
{
	size_t len = strcspn(header, ":;");

	if (hop == HOP_WITHIN || leaves_out(header, len))
		return true;
	if (is_login(header, len))
		return false;
	if (hop == HOP_UPGRADE)
		return true;
	return sends_all ? !is_host(header, len) : is_harmless(header, len);
}

/* ---- the Referer ---- */

const char *travel_referer(const char *referer, const char *to, struct buf *text)
{
	struct buf origin;

	buf_clear(text);
	if (url_authority(referer, strlen(referer)) == referer)
		return NULL;
	if (hop_of(referer, to) == HOP_WITHIN) {
		url_put_without_login(text, referer, strlen(referer));
		return text->data;
	}
	buf_init(&origin, BUF_UNLIMITED);
	if ((strncasecmp(referer, "https:", 6) != 0 || !strncasecmp(to, "https:", 6)) &&
	    !url_resolve(referer, "/", &origin, NULL))
		url_put_without_login(text, origin.data, origin.len);
	buf_release(&origin);
	return text->len ? text->data : NULL;
}
