/*
 * What a CURLcode, or an end of our own, means to the user. Within transfer/ only.
 */
#ifndef TRANSFER_FAILURES_H
#define TRANSFER_FAILURES_H

#include <curl/curl.h>

#include "transfer/result.h"

/* Why an attempt ended a transfer that libcurl would have gone on with. */
enum stop {
	NOT_STOPPED,
	STOPPED_TOO_LARGE,    /* --max-filesize */
	STOPPED_NOT_KEPT,     /* max_kept_bytes */
	STOPPED_NO_ROOM,      /* MAX_KEPT_BODIES */
	STOPPED_BOMB,         /* MAX_DECODED_BYTES */
	STOPPED_LARGE_HEAD,   /* MAX_HEAD_BYTES */
	STOPPED_LONG_HEAD,    /* MAX_HEAD_LINES */
	STOPPED_LONG_LINE,    /* in a head: libcurl's own ceiling */
	STOPPED_OTHER_CODING, /* see head.h */
	STOPPED_BAD_CODING,   /* the body is not what its coding says */
	STOPPED_CUT_CODING,   /* it ended early */
	STOPPED_AFTER_CODING, /* there is more after its end */
	STOPPED_BAD_LENGTH,
	STOPPED_HUGE_LENGTH,
	STOPPED_CUT_HEAD,   /* the connection ended inside the head of a response */
	STOPPED_RESENT,     /* libcurl was about to send again what must not be sent twice */
	STOPPED_OLD_INPUT,  /* the connection has input that nobody has asked for */
	STOPPED_OTHER_PART, /* what comes does not continue what the sink has */
	STOPPED_UNWRITABLE, /* the sink takes no more, and has the words */
};

/* Records why: neither NOT_STOPPED nor STOPPED_UNWRITABLE. What is too large is not kept. */
void fail_stopped(struct result *result, enum stop stop);

/* What libcurl calls code, or better words. */
const char *failure_words(CURLcode code);

/* result: of the transfer that ended with code, with what libcurl says of it and its message. */
enum failure failure_of(CURLcode code, const struct result *result);

#endif
