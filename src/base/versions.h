/*
 * Which libraries base/ stands on.
 */
#ifndef BASE_VERSIONS_H
#define BASE_VERSIONS_H

#include <stddef.h>

/* "cJSON 1.7.15"; returns text. */
char *base_version(char *text, size_t size);

#endif
