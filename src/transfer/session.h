/*
 * What all transfers of a run share, in whichever thread they are: names that were looked up, TLS
 * sessions, and cookies when they are asked for.
 */
#ifndef TRANSFER_SESSION_H
#define TRANSFER_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct cookies;
struct guard;
struct kept;
struct session;

/* Once in a process, before anything else of transfer/ and before there are threads. */
MUST_USE enum err transfer_global_init(struct error *e);
void transfer_global_release(void);

struct session_options {
	const char *const
		*cookie_files;      /* Netscape or header format, read at the start; "" is none */
	unsigned cookie_file_count; /* 0 and no jar: cookies are not kept at all */
	const char *cookie_jar;     /* written when the session ends; NULL: not */
	struct guard *guard; /* of the addresses; borrowed as long as the session; NULL: none */
};

/*
 * Options are borrowed for the call. Unreadable cookie files are ignored, as curl does: see
 * transfer/cookie_file.h. concurrency: how many transfers share the memory for bodies.
 */
struct session *session_new(const struct session_options *options, uint64_t concurrency);

/*
 * After all engines that use it, and the results that were theirs. Writes the cookie jar;
 * ERR_SYSTEM with words when that fails. NULL is fine.
 */
enum err session_free(struct session *session, struct error *e);

/* For engines: the CURLSH, the cookies in it (NULL: they are not kept), where bodies are counted,
 * the guard. */
void *session_share(const struct session *session);
struct cookies *session_cookies(const struct session *session);
struct kept *session_kept(struct session *session);
const struct guard *session_guard(const struct session *session);

#endif
