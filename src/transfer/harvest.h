/*
 * What libcurl knows of a transfer that has ended, as a result. Within transfer/ only.
 */
#ifndef TRANSFER_HARVEST_H
#define TRANSFER_HARVEST_H

#include <curl/curl.h>
#include <stdint.h>

struct fetch_options;
struct result;

/*
 * Fills in what a head says: the headers, if the options keep them, and how long to wait. To be
 * called at the end of each: libcurl 7.88 cannot tell the trailers of HTTP/2 from headers later.
 */
void harvest_head(struct result *result, CURL *easy, const struct fetch_options *options);

/*
 * Fills in the answer, the connection, the times and the sizes, and what the options keep; NULL:
 * they could not be set, and nothing is kept. The result is that of no earlier attempt
 * (result_clear_attempt()).
 */
void harvest(struct result *result, CURL *easy, const struct fetch_options *options);

/* The microseconds after which a phase had ended; -1 where it did not, or does not apply. */
int64_t harvest_time(CURL *easy, CURLINFO info);

#endif
