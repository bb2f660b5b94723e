/*
 * SHA-256 (FIPS 180-4) of what comes in pieces, by OpenSSL's libcrypto.
 */
#ifndef BASE_DIGEST_H
#define BASE_DIGEST_H

#include <stddef.h>

enum { DIGEST_BYTES = 32, DIGEST_TEXT = 2 * DIGEST_BYTES + 1 };

struct digest;

/*
 * Once in a process, before anything else of OpenSSL: memory does not fail for it either
 * (base/mem.h). Left to itself, it goes on with half of its tables and crashes.
 */
void digest_global_init(void);

struct digest *digest_new(void);
void digest_free(struct digest *digest); /* NULL is fine */

/* What was put before is forgotten. */
void digest_restart(struct digest *digest);
void digest_put(struct digest *digest, const void *data, size_t len);

/* Of all data since the start. Only digest_restart() and digest_free() may follow. */
void digest_end_bytes(struct digest *digest, unsigned char ret_bytes[DIGEST_BYTES]);

/* The same in lower-case hexadecimal. */
void digest_end(struct digest *digest, char ret_text[DIGEST_TEXT]);

#endif
