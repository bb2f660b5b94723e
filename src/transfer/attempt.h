/*
 * One attempt at one request on one easy handle: how the handle is set up, what is done with the
 * bytes that come, and what is read off it at the end. Within transfer/ only.
 */
#ifndef TRANSFER_ATTEMPT_H
#define TRANSFER_ATTEMPT_H

#include <curl/curl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "transfer/failures.h"
#include "transfer/head.h"
#include "transfer/redirect.h"
#include "transfer/refused.h"
#include "transfer/result.h"
#include "transfer/sink.h"

struct attempt;

/* The names that an attempt needs are known: it connects. Not a place to call libcurl from. */
typedef void attempt_connects_fn(struct attempt *attempt);

/* What all attempts of an engine have in common. */
struct attempt_setup {
	CURLSH *share;
	struct cookies *cookies;          /* NULL: they are not kept */
	const struct guard *guard;        /* NULL: any address may be connected to */
	long buffer_bytes;                /* for what is received */
	_Atomic uint64_t *received_bytes; /* the sum of all size_download, as it grows */
	struct kept *kept;                /* where bodies in memory are counted */
	struct kept_open *kept_open;      /* connections that wait */
	struct goaways *goaways;          /* connections that take no more */
	attempt_connects_fn *connects;
	attempt_connects_fn *opens; /* as well; a socket is opened to one of the addresses */
};

/* What is asked for when the sink wants to go on with a body. Used by easy while it runs. */
struct attempt_rest {
	int64_t from; /* 0: all is asked for */
	char if_range[sizeof("If-Range: ") + SINK_VALIDATOR];
	struct curl_slist header; /* that, with those of the options behind it */
};

struct attempt {
	CURL *easy;
	struct decoder *decoder; /* of the body that comes; NULL: it comes as it is */
	struct digest *digest;   /* of bodies; NULL: nobody has asked yet */
	const struct attempt_setup *setup;
	void *owner;                            /* what CURLINFO_PRIVATE returns */
	const struct fetch_options *configured; /* what easy is set up for; NULL: nothing */
	struct result *result;                  /* while one runs */
	int64_t body_bytes;                     /* decoded */
	int64_t received_bytes;                 /* as they came, so far */
	size_t burst_bytes;                     /* decoded of what was received last */
	unsigned requests;                      /* sent by this attempt */
	long sent_bytes;                        /* of requests, before the last of them */
	struct head head;                       /* of the answers so far */
	struct attempt_rest rest;
	struct h2_request sent; /* the last request */
	bool closes_h2c;  /* see on_request(): HTTP/2 without TLS has a connection a request */
	bool multiplexes; /* it may share a connection with others */
	bool is_started;  /* the sink knows what comes */
	bool is_full;     /* the sink: to be set to false when it is ready */
	bool is_anew;     /* on a connection of its own */
	bool has_scrap;   /* see struct lane_entry: to be set before attempt_harvest() */

	struct redirect redirect;
	enum stop stop;

	/* Of the connection that is being made: why an address was denied, and whether there is one
	 * that was not. */
	struct buf denied;
	bool has_socket;
	char words[CURL_ERROR_SIZE];
};

/* setup is borrowed as long as the attempt. False when libcurl has no memory. */
bool attempt_init(struct attempt *attempt, const struct attempt_setup *setup, void *owner);
void attempt_release(struct attempt *attempt);

/* Makes the handle ready for result's request. It must not be in a multi. */
CURLcode attempt_prepare(struct attempt *attempt, struct result *result);

/*
 * The connection that the attempt was to use has input that nobody has asked for: nothing was sent.
 * The attempt is to be made once more, on a connection of its own.
 */
bool attempt_needs_another(const struct attempt *attempt);

/* As attempt_prepare(), for that. */
CURLcode attempt_prepare_anew(struct attempt *attempt);

/* What a running attempt is about: see struct fetch_progress. */
const char *attempt_phase(const struct attempt *attempt);

/*
 * False for a response that has no content by definition (RFC 9110, 6.4.1), or whose condition was
 * not met: it is no version of the body, so a file of it stays what it is. After attempt_harvest().
 */
bool attempt_has_content(const struct attempt *attempt);

/* Writes the outcome into the result. */
void attempt_harvest(struct attempt *attempt, CURLcode code);

#endif
