/*
 * What a request is known by. Two of them: what it asks for, which stays the same when a token is
 * renewed, and that together with whom it asks as. Within transfer/ only.
 */
#ifndef TRANSFER_FINGERPRINT_H
#define TRANSFER_FINGERPRINT_H

#include "base/hash.h"

struct fetch_options;
struct request;

/*
 * Of method, headers, range and body, but not of credentials: headers that field_is_secret()
 * (but not Idempotency-Key), cookies and logins are left out. So is the User-Agent of -A, which by
 * default changes with the version.
 */
struct hash fingerprint_options(const struct fetch_options *options);

/* Of what fingerprint_options() leaves out because it is secret. */
struct hash fingerprint_credentials(const struct fetch_options *options);

#endif
