/*
 * Which libcurl transfer/ stands on, and what it can do.
 */
#ifndef TRANSFER_VERSIONS_H
#define TRANSFER_VERSIONS_H

#include <stddef.h>

/* Each writes into text and returns it. */
char *transfer_version(char *text, size_t size);   /* "libcurl/7.88.1 OpenSSL/3.0 ..." */
char *transfer_libcurl(char *text, size_t size);   /* "libcurl 7.88.1" */
char *transfer_protocols(char *text, size_t size); /* those that --proto may name */
char *transfer_features(char *text, size_t size);

#endif
