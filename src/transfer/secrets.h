/*
 * What is meant for the origin that a request names, and for no other. libcurl keeps logins and the
 * headers Authorization and Cookie there; this keeps other headers, cookies set by name and client
 * certificates there, too. Within transfer/ only.
 */
#ifndef TRANSFER_SECRETS_H
#define TRANSFER_SECRETS_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stddef.h>

struct fetch_options;

/* Whether there is something that redirects must not take along. */
bool secrets_are_in(const struct fetch_options *options);

/* Whether a line of an answer's head says to go on at another origin. easy is in a transfer. */
bool secrets_must_stay(CURL *easy, const char *line, size_t len);

/*
 * Takes them off easy, which has `headers` of options. Returns the headers that are left, to be
 * freed when easy does not use them any more.
 */
struct curl_slist *secrets_leave(CURL *easy, const struct curl_slist *headers);

#endif
