/*
 * Texts of results that are kept when the results are gone. Too long ones are cut.
 */
#ifndef OUTPUT_EXCERPT_H
#define OUTPUT_EXCERPT_H

#include <stddef.h>

struct result;

enum { EXCERPT_LIMIT = 300 }; /* bytes; an ellipsis is put behind those of a longer text */

/* A copy, which the caller frees. It is not cut inside of a character. */
char *excerpt_text(const char *data, size_t len);

/* The same of the URL of the result's request, masked. */
char *excerpt_url(const struct result *result);

#endif
