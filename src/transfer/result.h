/*
 * What came of a request. Plain data: one for each request, from the moment the input names it
 * until its line is written. The engine fills it in, output/ reads it.
 *
 * Names and meanings are curl's where curl has them (curl(1), --write-out).
 * Times are microseconds from the start of the last attempt; -1 is "does not apply".
 */
#ifndef TRANSFER_RESULT_H
#define TRANSFER_RESULT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/digest.h"
#include "transfer/request.h"

/* Why a request failed. failure_name() has the words that scripts see. */
enum failure {
	FAILURE_NONE,
	FAILURE_INPUT,     /* the request cannot be made: bad line, bad URL */
	FAILURE_DNS,       /* a name did not resolve */
	FAILURE_CONNECT,   /* no connection, or it broke before the answer */
	FAILURE_TLS,       /* handshake or certificate */
	FAILURE_TIMEOUT,   /* a time limit of the attempt */
	FAILURE_HTTP,      /* an answer with a status that is not accepted */
	FAILURE_PROTOCOL,  /* an answer that is not whole, or not what the protocol says */
	FAILURE_TOO_LARGE, /* over a ceiling */
	FAILURE_REDIRECT,  /* too many, or to where it may not go */
	FAILURE_DENIED,    /* an address that may not be connected to */
	FAILURE_WRITE,     /* the body could not be stored */
	FAILURE_EXEC,      /* the command that got the answer failed */
	FAILURE_CANCELED,  /* the run ended before it did */
	FAILURE_DEADLINE,  /* the same, because of --deadline */
	FAILURE_OTHER,
};

enum { FAILURES = FAILURE_OTHER + 1 };

/* "dns"; NULL for FAILURE_NONE. */
const char *failure_name(enum failure failure);

enum { IP_TEXT = 46 }; /* INET6_ADDRSTRLEN */

/* What attempts cost. */
struct spent {
	int64_t time_us; /* of attempts that ran to an end */
	int64_t size_download, num_connects;
};

/* What --write-out and --fields can show besides, when the options ask for it. */
struct details {
	int http_connect;     /* the status of a proxy's answer to CONNECT; 0: none */
	int64_t speed_upload; /* bytes a second */
	int64_t ssl_verify_result, proxy_ssl_verify_result; /* 0: good */
	int64_t num_certs;                                  /* that the server has shown */
	struct buf certs;        /* they, as text; empty when an old connection was used again */
	struct buf redirect_url; /* that was not followed; empty: none */
	struct buf referer, ftp_entry_path; /* empty: none */
};

/* What came of the command that got the answer. */
struct command {
	int exitcode; /* as a shell says it; -1: it could not be started */
	struct buf output, errors;
	bool is_cut; /* it wrote more than was kept */
};

struct sink;

/* The bodies that results have in memory, for all of a run. */
struct kept {
	atomic_size_t bytes;
	size_t share; /* what one may have when that is over MAX_KEPT_BODIES */
};

struct result {
	struct request request;

	enum failure failure;
	struct buf message; /* about the failure, for people; empty: none */
	struct buf warning; /* about what is no failure, for people; empty: none */
	int exitcode;       /* a CURLcode, 0 too when there was no attempt */
	unsigned attempts;

	int http_code;            /* 0: no status came */
	const char *http_version; /* "1.1"; NULL: no answer */
	const char *scheme;       /* lower case, static; NULL: no attempt */
	struct buf url_effective; /* empty: the request's own */
	struct buf content_type;  /* empty: none */

	int64_t size_download, size_upload, size_header, size_request; /* bytes */
	int64_t speed_download;                                        /* bytes a second */
	int64_t num_redirects, num_connects;
	char remote_ip[IP_TEXT], local_ip[IP_TEXT]; /* empty: none */
	int remote_port, local_port;

	int64_t time_queue_us; /* from accepted to the first start */
	int64_t time_namelookup_us, time_connect_us, time_appconnect_us, time_pretransfer_us;
	int64_t time_starttransfer_us, time_redirect_us, time_total_us;
	int64_t started_us, started_unix_us; /* of the last attempt, by both clocks; -1: none */

	struct spent spent; /* by attempts before the last */

	bool was_sent;          /* the last attempt began to send a request */
	int refused_connect;    /* the status with which a proxy refused CONNECT; 0: it did not */
	int64_t retry_after_us; /* what Retry-After says; -1: nothing */
	int64_t rate_limit_us;  /* until a rate limit of which nothing is left begins anew; -1: no
	                           such limit */

	/* Where the body of an accepted answer goes; NULL: nowhere. Borrowed. */
	struct sink *sink;
	struct buf filename; /* where it is now; empty: nowhere */

	char checksum[DIGEST_TEXT]; /* SHA-256 of the body, if the options ask for it; empty: none
	                             */

	/* When the options ask for them. headers: "name: value\n" in order, names in lower case. */
	struct buf headers, body;
	struct details *details; /* NULL: they never did */
	struct kept *kept;       /* where the body is counted: in the session; NULL: nowhere */

	struct buf extract;      /* values of the answer (output/extract.h); empty: none */
	struct command *command; /* NULL: none ran */
};

void result_init(struct result *result);
void result_release(struct result *result);

/* As after result_init(), but keeps small memory for the next request. */
void result_recycle(struct result *result);

/* Makes ready for another attempt: what the last one cost is added to spent, the rest forgotten. */
void result_clear_attempt(struct result *result);

/* The details, made when there are none yet. Owned by the result. */
struct details *result_details(struct result *result);

/* The command, new and empty. Owned by the result. */
struct command *result_command(struct result *result);

/*
 * Adds to the body, which is counted in kept from now on. False: there is too much of all bodies,
 * and of this one.
 */
MUST_USE bool result_keep(struct result *result, struct kept *kept, const char *data, size_t len);

/* Gives the body back. */
void result_drop_body(struct result *result);

/* What the result holds of the answer and of the command, in bytes. */
size_t result_held_bytes(const struct result *result);

/* True when the request succeeded. */
bool result_is_ok(const struct result *result);

/* True when its total time is a latency: it reached a server, and was not canceled. */
bool result_is_timed(const struct result *result);

/* Records a failure. message is copied, with passwords of URLs masked. */
void result_fail(struct result *result, enum failure failure, const char *message);

#endif
