#include "transfer/redirect.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "transfer/field.h"
#include "transfer/options.h"
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

static bool is_secret(const char *header)
{
	return field_is_secret(header, strcspn(header, ":;"));
}

static bool stays(const struct redirect *redirect, const char *header)
{
	return (redirect->has_left && is_secret(header)) ||
	       (redirect->has_lost && field_is_of_body(header, strcspn(header, ":;")));
}

/* libcurl has read the old list when it sent the last request. */
static void set_headers(struct redirect *redirect, CURL *easy, const struct curl_slist *headers)
{
	struct curl_slist *left = NULL;

	for (; headers; headers = headers->next) {
		if (!stays(redirect, headers->data))
			left = curl_slist_append(left, headers->data);
	}
	/*
	 * Nor is there one of libcurl's own: before 8.0 it sends whatever login it has over a
	 * connection that was opened with one of NETRC.
	 */
	if (redirect->has_left)
		left = curl_slist_append(left, "Authorization:");
	curl_easy_setopt(easy, CURLOPT_HTTPHEADER, left);
	curl_slist_free_all(redirect->headers);
	redirect->headers = left;
	redirect->is_changed = true;
}

/* ---- the origin ---- */

/* value is that of a Location, and goes on behind len. */
static bool leads_elsewhere(CURL *easy, const char *value, size_t len)
{
	const char *from = NULL;
	struct buf to;
	char *target;
	bool is_other;

	for (; len && strchr(" \t", *value); value++)
		len--;
	while (len && strchr(" \t\r\n", value[len - 1]))
		len--;
	curl_easy_getinfo(easy, CURLINFO_EFFECTIVE_URL, &from);
	target = mem_bytes(value, len);
	buf_init(&to, BUF_UNLIMITED);
	/* What cannot be read is followed by nobody. */
	is_other =
		!from || url_resolve(from, target, &to, NULL) || !url_is_same_origin(from, to.data);
	buf_release(&to);
	free(target);
	return is_other;
}

static void leave(CURL *easy)
{
	curl_easy_setopt(easy, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	curl_easy_setopt(easy, CURLOPT_COOKIE, NULL);
	curl_easy_setopt(easy, CURLOPT_SSLCERT, NULL);
	curl_easy_setopt(easy, CURLOPT_SSLKEY, NULL);
}

/* ---- the line ---- */

void redirect_take(struct redirect *redirect, CURL *easy, const struct fetch_options *options,
                   const struct curl_slist *headers, const char *line, size_t len)
{
	static const char name[] = "Location:";
	const size_t name_len = strlen(name);
	bool leaves, loses;
	long status = 0;

	if (!field_line_begins(line, len, name))
		return;
	curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
	if (status < 300 || status >= 400)
		return;
	leaves = !redirect->has_left && leads_elsewhere(easy, line + name_len, len - name_len);
	loses = !redirect->has_lost && becomes_get(options, status);
	redirect->has_left |= leaves;
	redirect->has_lost |= loses;
	if (leaves)
		leave(easy);
	if (loses)
		curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, NULL);
	if (leaves || loses)
		set_headers(redirect, easy, headers ? headers : fetch_options_headers(options));
}
