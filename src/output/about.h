/*
 * What a page is about: what was measured, with which command, when and on which machine, so that
 * two pages can be told apart.
 */
#ifndef OUTPUT_ABOUT_H
#define OUTPUT_ABOUT_H

#include <stdint.h>

struct buf;
struct host_table;

/* All is borrowed. */
struct about {
	const char *title;   /* that the user gave; NULL: none */
	const char *command; /* with its secrets masked; NULL: unknown */
	int64_t started_unix_us;
	struct host_table *hosts;
	const uint64_t *http_versions; /* how many responses had each of HTTP_VERSIONS */
};

/* " to http://example.org", or " to 3 hosts"; nothing where there is none. As HTML. */
void about_put_hosts(struct buf *out, const struct about *about);

/* A list of all that is known, as HTML. */
void about_put(struct buf *out, const struct about *about);

#endif
