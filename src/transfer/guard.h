/*
 * Which addresses may be connected to: judged where the socket is opened, so on the address itself,
 * whatever the URL calls it, for every address of a name and every hop of a redirect.
 *
 * Networks are denied or allowed; of those that an address is in, the smallest decides, and of two
 * of the same size the one that denies. Other addresses are allowed. An IPv6 address that carries
 * an IPv4 address is denied where that one is, too: IPv4-mapped (::ffff:0:0/96), IPv4-compatible
 * (::/96), 6to4 (2002::/16), NAT64 (64:ff9b::/96) and ISATAP interface identifiers.
 *
 * A guard is filled, and from then on only read, from any thread.
 */
#ifndef TRANSFER_GUARD_H
#define TRANSFER_GUARD_H

#include <stdbool.h>

#include "base/err.h"

struct buf;
struct guard;
struct sockaddr;

struct guard *guard_new(void);

/* NULL is fine. */
void guard_free(struct guard *guard);

/*
 * Adds a network: an address, or an address and the length of its prefix, "10.0.0.0/8", "fd00::/8".
 * ERR_SYNTAX with words; bits behind the prefix are an error too.
 */
MUST_USE enum err guard_add(struct guard *guard, const char *text, bool is_allowed,
                            struct error *e);

/*
 * Denies what is not for everybody: loopback, private, link-local, multicast and all else that the
 * registries of special-purpose addresses (RFC 6890) do not call globally reachable.
 */
void guard_deny_private(struct guard *guard);

/* Whether anything is denied. */
bool guard_denies(const struct guard *guard);

/*
 * Whether the address may be connected to. If not, *ret_why gets words: the address, and the
 * network. Addresses other than of IPv4 and IPv6 may.
 */
bool guard_check(const struct guard *guard, const struct sockaddr *address, struct buf *ret_why);

#endif
