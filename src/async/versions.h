/*
 * Which library async/ stands on.
 */
#ifndef ASYNC_VERSIONS_H
#define ASYNC_VERSIONS_H

#include <stddef.h>

/* "libev 4.33 (epoll poll select)": its version and the backends that it has here; returns text. */
char *async_version(char *text, size_t size);

#endif
