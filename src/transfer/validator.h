/*
 * What tells whether two responses have parts of the same body. Within transfer/ only.
 */
#ifndef TRANSFER_VALIDATOR_H
#define TRANSFER_VALIDATOR_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stdint.h>

/* A header of the last response, borrowed of easy; NULL: it has none. */
const char *response_header(CURL *easy, const char *name);

/*
 * What names the body of the last response, and no other one (RFC 9110, 8.8): a strong ETag, or
 * where there is none a date after which it was not changed for a minute. NULL: nothing does.
 */
const char *validator_get(CURL *easy);

/*
 * Whether the last response, a 206, has the rest of the body with that validator, from that byte on
 * (RFC 9110, 14.4 and 15.3.7).
 */
bool validator_is_of_rest(const char *validator, CURL *easy, int64_t from);

#endif
