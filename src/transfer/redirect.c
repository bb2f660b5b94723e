#include "transfer/redirect.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "transfer/field.h"
#include "transfer/options.h"
#include "transfer/travel.h"
#include "transfer/url.h"

void redirect_release(struct redirect *redirect)
{
	curl_slist_free_all(redirect->headers);
	*redirect = (struct redirect){0};
}

/* ---- the method ---- */

static bool is_post(const struct fetch_options *options)
{
	return !strcmp(options->method, "POST");
}

CURLcode redirect_configure(CURL *easy, const struct fetch_options *options)
{
	/*
	 * libcurl takes any request with a body for a POST, and would leave the body out, but not
	 * the method.
	 */
	if (!options->has_body || is_post(options))
		return CURLE_OK;
	return curl_easy_setopt(easy, CURLOPT_POSTREDIR, CURL_REDIR_POST_301 | CURL_REDIR_POST_302);
}

/* POSTREDIR of --curl: a POST stays one. */
static bool keeps_post(const struct fetch_options *options, int64_t bit)
{
	return is_post(options) && fetch_options_number(options, "POSTREDIR") & bit;
}

static bool becomes_get(const struct fetch_options *options, long status)
{
	switch (status) {
	case 301: return is_post(options) && !keeps_post(options, CURL_REDIR_POST_301);
	case 302: return is_post(options) && !keeps_post(options, CURL_REDIR_POST_302);
	case 303: return !keeps_post(options, CURL_REDIR_POST_303);
	default: return false;
	}
}

/* ---- headers ---- */

static bool stays(const struct redirect *redirect, const struct fetch_options *options,
                  const char *header)
{
	return !header_travels(header, redirect->farthest, options->sends_headers) ||
	       (redirect->has_lost && field_is_of_body(header, strcspn(header, ":;")));
}

/* libcurl has read the old list when it sent the last request. */
static void set_headers(struct redirect *redirect, CURL *easy, const struct fetch_options *options,
                        const struct curl_slist *headers)
{
	struct curl_slist *left = NULL;

	for (; headers; headers = headers->next) {
		if (!stays(redirect, options, headers->data))
			left = curl_slist_append(left, headers->data);
	}
	/*
	 * Nor is there one of libcurl's own: before 8.0 it sends whatever login it has over a
	 * connection that was opened with one of NETRC.
	 */
	if (redirect->farthest > HOP_WITHIN)
		left = curl_slist_append(left, "Authorization:");
	curl_easy_setopt(easy, CURLOPT_HTTPHEADER, left);
	curl_slist_free_all(redirect->headers);
	redirect->headers = left;
}

/* ---- the origin ---- */

/* What the user gave; NULL: nothing. */
static const char *find_referer(const struct fetch_options *options)
{
	const char *header;

	for (size_t i = 0; (header = fetch_options_header(options, i)); i++) {
		if (!strncasecmp(header, "Referer:", 8))
			return header + 8 + strspn(header + 8, " \t");
	}
	return fetch_options_text(options, "REFERER");
}

static void set_referer(CURL *easy, const struct fetch_options *options, const char *from,
                        const char *to)
{
	bool is_auto = fetch_options_number(options, "AUTOREFERER");
	const char *referer = is_auto ? from : find_referer(options);
	struct buf text;

	if (!referer)
		return;
	buf_init(&text, BUF_UNLIMITED);
	curl_easy_setopt(easy, CURLOPT_REFERER, travel_referer(referer, to, &text));
	/* libcurl's own would have the path. */
	curl_easy_setopt(easy, CURLOPT_AUTOREFERER, 0L);
	buf_release(&text);
}

static void leave(CURL *easy)
{
	curl_easy_setopt(easy, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	curl_easy_setopt(easy, CURLOPT_COOKIE, NULL);
	curl_easy_setopt(easy, CURLOPT_SSLCERT, NULL);
	curl_easy_setopt(easy, CURLOPT_SSLKEY, NULL);
	curl_easy_setopt(easy, CURLOPT_TLSAUTH_USERNAME, NULL);
	curl_easy_setopt(easy, CURLOPT_TLSAUTH_PASSWORD, NULL);
}

/* value is that of a Location, and goes on behind len. */
static enum hop follow(CURL *easy, const struct fetch_options *options, const char *value,
                       size_t len)
{
	enum hop hop = HOP_AWAY;
	const char *from = NULL;
	struct buf to;
	char *target;

	for (; len && strchr(" \t", *value); value++)
		len--;
	while (len && strchr(" \t\r\n", value[len - 1]))
		len--;
	curl_easy_getinfo(easy, CURLINFO_EFFECTIVE_URL, &from);
	target = mem_bytes(value, len);
	buf_init(&to, BUF_UNLIMITED);
	/* What cannot be read is followed by nobody. */
	if (from && !url_resolve(from, target, &to, NULL)) {
		hop = hop_of(from, to.data);
		if (hop == HOP_AWAY)
			set_referer(easy, options, from, to.data);
	}
	buf_release(&to);
	free(target);
	return hop;
}

/* ---- the line ---- */

void redirect_take(struct redirect *redirect, CURL *easy, const struct fetch_options *options,
                   const struct curl_slist *headers, const char *line, size_t len)
{
	static const char name[] = "Location:";
	const size_t name_len = strlen(name);
	bool loses, leaves;
	long status = 0;
	enum hop hop;

	if (!field_line_begins(line, len, name))
		return;
	curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
	if (status < 300 || status >= 400)
		return;
	hop = follow(easy, options, line + name_len, len - name_len);
	leaves = hop > redirect->farthest;
	loses = !redirect->has_lost && becomes_get(options, status);
	if (leaves) {
		redirect->farthest = hop;
		leave(easy);
	}
	if (loses) {
		redirect->has_lost = true;
		curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, NULL);
	}
	if (leaves || loses)
		set_headers(redirect, easy, options,
		            headers ? headers : fetch_options_headers(options));
	redirect->is_changed |= leaves || loses || hop == HOP_AWAY;
}
