/*
 * What a CURLcode means to the user. Within transfer/ only.
 */
#ifndef TRANSFER_FAILURES_H
#define TRANSFER_FAILURES_H

#include <curl/curl.h>

#include "transfer/result.h"

/* result: of the transfer that ended with code, with what libcurl says of it and its message. */
enum failure failure_of(CURLcode code, const struct result *result);

#endif
