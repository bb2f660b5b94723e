/*
 * One attempt at one request on one easy handle: how the handle is set up, what is done with the
 * bytes that come, and what is read off it at the end. Within transfer/ only.
 */
#ifndef TRANSFER_ATTEMPT_H
#define TRANSFER_ATTEMPT_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stdint.h>

#include "transfer/result.h"

struct attempt {
	CURL *easy;
	const struct fetch_options *configured; /* what easy is set up for; NULL: nothing */
	struct result *result;                  /* while one runs */
	int64_t body_bytes;                     /* decoded */
	bool is_too_large;
	char words[CURL_ERROR_SIZE];
};

/* private is what CURLINFO_PRIVATE will return. False when libcurl has no memory. */
bool attempt_init(struct attempt *attempt);
void attempt_release(struct attempt *attempt);

/* Makes the handle ready for result's request. It must not be in a multi. */
CURLcode attempt_prepare(struct attempt *attempt, struct result *result, void *share,
                         void *private);

/* Writes the outcome into the result. */
void attempt_harvest(struct attempt *attempt, CURLcode code);

#endif
