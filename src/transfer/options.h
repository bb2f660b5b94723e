/*
 * How to fetch: everything about a request but its URL. One set is shared by all the requests of
 * a run that are made alike, so that an easy handle is configured once and not for each of them.
 *
 * A set is filled, sealed, and from then on only read, from any thread.
 */
#ifndef TRANSFER_OPTIONS_H
#define TRANSFER_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/hash.h"

struct curl_slist;
struct setting;

enum { STATUS_LIMIT = 1000, USUAL_CONNECT_MS = 30000 };

#define USUAL_USER_AGENT "gather/" GATHER_VERSION

struct fetch_options {
	/* libcurl's options by their names; see fetch_options_set(). */
	struct setting *settings;
	size_t setting_count;

	char *method;         /* NULL until sealed, unless asked for */
	bool is_usual_method; /* it was not asked for */
	bool wants_head;      /* -I */
	bool has_body;
	struct buf body; /* of the request; ceiling MAX_REQUEST_BODY */

	bool keeps_checksum;            /* of the response's body */
	bool keeps_headers, keeps_body; /* of the response, in the result */
	bool needs_body;                /* the body too, but only for the run */
	bool keeps_details;             /* struct details, but for the certificates */
	bool keeps_certs;       /* these too; libcurl makes text of them at each handshake */
	bool continues;         /* a body that broke off, where the answer can be put together */
	bool keeps_disposition; /* Content-Disposition, for the sink */
	int64_t max_body_bytes; /* decoded; 0: no limit */
	size_t max_kept_bytes;  /* of a body that is kept; MAX_KEPT_BODY unless it is set */
	bool decodes;           /* a Content-Encoding */

	bool sends_headers; /* --follow-headers: to every origin, but never logins and cookies */

	bool accepts[STATUS_LIMIT]; /* the statuses that are a success */
	bool skips_ca_folder;       /* the file of authorities is enough */

	struct hash fingerprint, credentials; /* once sealed: see transfer/fingerprint.h */
	bool is_sealed;
};

#define MAX_REQUEST_BODY ((size_t)1 << 30)

/* libcurl's defaults, but: a User-Agent, redirects up to 10, http and https only, connect within 30
 * s, fail after 60 s in which nothing moved, statuses below 400 accepted. */
void fetch_options_init(struct fetch_options *options);
void fetch_options_release(struct fetch_options *options);

/*
 * Sets a libcurl easy option by its name without CURLOPT_ ("USERAGENT", either case) from text:
 * numbers in decimal; a list option gets one more element. The last one of a name wins.
 * ERR_SYNTAX: no such option, or not a value for it. ERR_UNSUPPORTED: this libcurl cannot do it, or
 * it takes what text cannot say (a function, a pointer), or gather needs it for itself.
 */
MUST_USE enum err fetch_options_set(struct fetch_options *options, const char *name,
                                    const char *value, struct error *e);

/* Whether an option that exists has been set. */
bool fetch_options_has(const struct fetch_options *options, const char *name);

/* The same for a number. The option exists and takes one: asserted. */
void fetch_options_set_number(struct fetch_options *options, const char *name, int64_t value);

/* Logs in with an OAuth 2 bearer token (RFC 6750). */
MUST_USE enum err fetch_options_set_bearer(struct fetch_options *options, const char *token,
                                           struct error *e);

/* Takes curl's --proto language: "=https", "http,https", "-all,https". */
MUST_USE enum err fetch_options_set_protocols(struct fetch_options *options, const char *text,
                                              struct error *e);

/* The protocol of URLs that name none. */
MUST_USE enum err fetch_options_set_default_protocol(struct fetch_options *options,
                                                     const char *name, struct error *e);

/* A token (RFC 9110, 9.1): nothing that could end the request line. Copied. */
MUST_USE enum err fetch_options_set_method(struct fetch_options *options, const char *method,
                                           struct error *e);

/* "Name: value", "Name:" (leave it out), "Name;" (send it empty), as in curl. */
MUST_USE enum err fetch_options_add_header(struct fetch_options *options, const char *header,
                                           struct error *e);

/* What an option that takes text was set to (borrowed), and one that takes a number; NULL and 0:
 * it was not. */
const char *fetch_options_text(const struct fetch_options *options, const char *name);
int64_t fetch_options_number(const struct fetch_options *options, const char *name);

/* Takes "200-299,404": sets these, and only these. */
MUST_USE enum err statuses_parse(const char *text, bool ret_statuses[STATUS_LIMIT],
                                 struct error *e);

/* The same language: only these statuses are a success. */
MUST_USE enum err fetch_options_set_accept(struct fetch_options *options, const char *text,
                                           struct error *e);

/* Whether requests may go through a proxy: one of the options, or of the environment. */
bool fetch_options_has_proxy(const struct fetch_options *options);

/* The headers that were added ("Name: value"); NULL: none. Borrowed. */
struct curl_slist *fetch_options_headers(const struct fetch_options *options);

/* Header i of them, NULL past the last. Borrowed. */
const char *fetch_options_header(const struct fetch_options *options, size_t i);

/* Whether one of them has that name. */
bool fetch_options_has_header(const struct fetch_options *options, const char *name, size_t len);

/*
 * A copy that can be changed, of a set that is sealed: to be sealed too, and freed with
 * fetch_options_free(). Its method is that of from only if that was asked for.
 */
struct fetch_options *fetch_options_derive(const struct fetch_options *from);

/* NULL is fine. */
void fetch_options_free(struct fetch_options *options);

/* Takes away the headers of that name that were added. */
void fetch_options_drop_header(struct fetch_options *options, const char *name, size_t len);

/* Headers for fetch_options_replace_headers(). {0} is none. */
struct header_list {
	struct curl_slist *first, *last;
};

/* As fetch_options_add_header(), but in a time that does not grow with the list. */
MUST_USE enum err header_list_add(struct header_list *list, const char *header, struct error *e);

void header_list_release(struct header_list *list);

/*
 * Takes away the headers that were added and for which fn is true (NULL: none), then adds those of
 * list, which is empty after that. One pass over both.
 */
typedef bool header_is_replaced_fn(const char *header, size_t name_len, void *arg);
void fetch_options_replace_headers(struct fetch_options *options, struct header_list *list,
                                   header_is_replaced_fn *fn, void *arg);

/* Takes away what was set of a libcurl option. */
void fetch_options_unset(struct fetch_options *options, const char *name);

/*
 * Decides the method (-X, -I, a body), whether bodies are decoded, and from which codings where any
 * are accepted (an ACCEPT_ENCODING that is empty), and what libcurl is told about them; takes the
 * fingerprints.
 */
void fetch_options_seal(struct fetch_options *options);

#endif
