/*
 * What a CURLcode means to the user. Within transfer/ only.
 */
#ifndef TRANSFER_FAILURES_H
#define TRANSFER_FAILURES_H

#include <curl/curl.h>
#include <stdbool.h>

#include "transfer/result.h"

/* was_redirected: the URL that failed was not the request's own. */
enum failure failure_of(CURLcode code, bool was_redirected);

#endif
