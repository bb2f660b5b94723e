/*
 * How long a server asks to be left alone. Within transfer/ only.
 */
#ifndef TRANSFER_RETRY_AFTER_H
#define TRANSFER_RETRY_AFTER_H

#include <curl/curl.h>
#include <stdint.h>

/* The last response that easy has had. */
struct responder {
	CURL *easy;
	unsigned origin; /* CURLH_HEADER, or CURLH_CONNECT for that of a proxy to CONNECT */
	int status;      /* 0: there was none */
	int64_t unix_us; /* what time it is */
};

/*
 * What Retry-After says (RFC 9110, 10.2.3: seconds, or a date; wait_text.h has the other forms), in
 * microseconds; -1: nothing, or what cannot be read. 0: now.
 */
int64_t retry_after_us(const struct responder *responder);

/*
 * Until a rate limit of which nothing is left begins anew, in microseconds; -1: there is no such
 * limit. Of several limits the longest time counts. These headers say so:
 *
 *   RateLimit: "name";r=0;t=5                  the IETF's draft, from version 8 on
 *   RateLimit: limit=9, remaining=0, reset=5   version 7
 *   RateLimit-Remaining: 0, RateLimit-Reset: 5 the versions before
 *
 * and the latter with X-RateLimit- and X-Rate-Limit-, where Reset may be a Unix time; Reset-After
 * is preferred to Reset. On a 429 nothing is left when Remaining is not there.
 */
int64_t rate_limit_us(const struct responder *responder);

#endif
