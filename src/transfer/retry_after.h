/*
 * How long a server asks to be left alone. Within transfer/ only.
 */
#ifndef TRANSFER_RETRY_AFTER_H
#define TRANSFER_RETRY_AFTER_H

#include <curl/curl.h>
#include <stdint.h>

/*
 * Microseconds; -1: the answer that easy has just had does not say.
 *
 * It says so with Retry-After (RFC 9110, 10.2.3: seconds, or a date) on a 429 or 503; or, on any
 * answer, with RateLimit-Remaining: 0 and RateLimit-Reset (the IETF's draft, version 6: seconds),
 * or the same with X- before it (GitHub's Reset is a Unix time, others' are seconds: a number above
 * 10^9 is a time).
 */
int64_t retry_after_us(CURL *easy, int status, int64_t unix_us);

#endif
