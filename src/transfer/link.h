/*
 * Web links in Link header fields (RFC 8288).
 */
#ifndef TRANSFER_LINK_H
#define TRANSFER_LINK_H

#include <stdbool.h>

struct buf;

/*
 * Finds the first link that is of the type rel ("next", in lower case) among all Link fields of
 * headers, which are those of a result: "name: value\n" lines, names in lower case. Leaves its
 * target in *ret_target as it stands there, so it may be relative. A link with an anchor is about
 * something else than the answer and is passed over; so is one with results="false", with which
 * Sentry says that there is nothing at the target. What follows a mistake in a field is lost, as
 * RFC 8288 has it. False when there is none: *ret_target is unchanged.
 */
bool link_find(const struct buf *headers, const char *rel, struct buf *ret_target);

#endif
