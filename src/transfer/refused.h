/*
 * Which requests a server has refused without acting on them, so that they may be sent again
 * whatever their method (RFC 9113, 8.7): those beyond the last stream that a GOAWAY names, and
 * those that are reset with REFUSED_STREAM. libcurl sends these again, but also those that the
 * server may have acted on, and only its verbose messages tell them apart. Where a message is
 * missing, or reads otherwise in another version, nothing counts as refused.
 * Within transfer/ only.
 */
#ifndef TRANSFER_REFUSED_H
#define TRANSFER_REFUSED_H

#include <stdbool.h>
#include <stddef.h>

#include "transfer/kept_open.h"

/* By the local port of a connection: the last stream that its server takes, plus one; 0: it takes
 * all. All zero at first. */
struct goaways {
	unsigned long ends[PORTS];
};

/* One request. All zero before it is sent, but for the port of its connection. */
struct h2_request {
	int local_port;
	unsigned long stream; /* 0: unknown */
	bool is_refused;
};

/* Takes a message of libcurl's about the transfer of that request (CURLINFO_TEXT). */
void refused_read(struct goaways *goaways, struct h2_request *request, const char *text,
                  size_t len);

bool refused_has(const struct goaways *goaways, const struct h2_request *request);

#endif
