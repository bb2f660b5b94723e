/*
 * The connections that libcurl keeps open for the next request, as far as we know of them: plain
 * HTTP/1 ones. What a server sends over one that waits is an answer to nothing, and must not be
 * taken for the answer to what is asked next; libcurl does not look. Within transfer/ only.
 */
#ifndef TRANSFER_KEPT_OPEN_H
#define TRANSFER_KEPT_OPEN_H

#include <curl/curl.h>
#include <stdbool.h>

enum { PORTS = 1 << 16 };

/* By the local port: the socket, plus one. All zero at first. */
struct kept_open {
	curl_socket_t sockets[PORTS];
};

/* A transfer has ended on a connection that is kept. CURL_SOCKET_BAD: it is none to look at. */
void kept_open_add(struct kept_open *kept, int local_port, curl_socket_t socket);

/* Whether the connection with these ports was used before, and something has come over it since. */
bool kept_open_has_input(const struct kept_open *kept, int local_port, int remote_port);

#endif
