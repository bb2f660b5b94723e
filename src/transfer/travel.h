/*
 * What of a request goes along to where a server leads it, by a redirect or a link: all of it
 * within an origin, and little to another one. Used for redirects and for derived requests alike.
 */
#ifndef TRANSFER_TRAVEL_H
#define TRANSFER_TRAVEL_H

#include <stdbool.h>

struct buf;

/* In their order: each takes less along than the one before. */
enum hop {
	HOP_WITHIN,  /* to the same origin */
	HOP_UPGRADE, /* from http to https of the same host */
	HOP_AWAY,    /* to any other one */
	HOPS,
};

/* Both are URLs with a scheme. */
enum hop hop_of(const char *from, const char *to);

/*
 * Whether a header ("Name: value") goes along.
 *
 *   HOP_UPGRADE  but for Authorization, Cookie and Proxy-Authorization: libcurl keeps logins and
 *                cookies at their scheme, too
 *   HOP_AWAY     only those known to be harmless, such as Accept: no list of secret ones could be
 *                complete. sends_all: all but the above and Host
 *
 * What leaves a header out ("Name:") always does. Referer does not: see travel_referer().
 */
bool header_travels(const char *header, enum hop hop, bool sends_all);

/*
 * What becomes of a Referer for a request to another origin (Referrer Policy,
 * "strict-origin-when-cross-origin"): the origin of that URL, and nothing when it is https and `to`
 * is not. NULL: it is not sent. Borrows from *text, which has no ceiling and is cleared first.
 */
const char *travel_referer(const char *referer, const char *to, struct buf *text);

#endif
