/*
 * Public suffixes: domains under which anybody can register names, such as com and co.uk. Within
 * transfer/ only.
 */
#ifndef TRANSFER_PUBLIC_SUFFIX_H
#define TRANSFER_PUBLIC_SUFFIX_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Whether a domain, without a dot before it, is on the Public Suffix List of the libpsl that
 * libcurl brings along. A name that is not on the list, such as localhost, is none. False where
 * libcurl has no libpsl.
 */
bool public_suffix_is(const char *domain, size_t len);

#endif
