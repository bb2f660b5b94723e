/*
 * What a redirect changes about a request. libcurl follows it, and keeps logins and the headers
 * Authorization and Cookie at their origin. This does the rest:
 *
 *   method  303 makes a GET of all but HEAD, and 301 and 302 make one of POST, as browsers do. With
 *           any other status the method and the body stay (RFC 9110, 15.4).
 *   secrets Other headers (transfer/travel.h), cookies set by name, client certificates and what
 *           netrc has stay at the origin that the request names, and with them all logins. What
 *           has been elsewhere is not sent any more.
 *   Referer To another origin it is no more than an origin.
 *
 * Within transfer/ only.
 */
#ifndef TRANSFER_REDIRECT_H
#define TRANSFER_REDIRECT_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stddef.h>

#include "transfer/travel.h"

struct fetch_options;

/* What the redirects of an attempt have changed so far. {0}: nothing. */
struct redirect {
	enum hop farthest;          /* from the origin that the request names */
	bool has_lost;              /* the method and the body */
	bool is_changed;            /* easy is not set up for its options any more */
	struct curl_slist *headers; /* of easy then, owned */
};

/* When easy does not use them any more. */
void redirect_release(struct redirect *redirect);

/* The last step of setting easy up for options. */
CURLcode redirect_configure(CURL *easy, const struct fetch_options *options);

/*
 * Takes a line of a response's head, which need not be one of a redirect. easy is in a transfer
 * with options; headers are those that it had at first, NULL: those of options.
 */
void redirect_take(struct redirect *redirect, CURL *easy, const struct fetch_options *options,
                   const struct curl_slist *headers, const char *line, size_t len);

#endif
