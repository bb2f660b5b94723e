#include "transfer/kept_open.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

void kept_open_add(struct kept_open *kept, int local_port, curl_socket_t socket)
{
	if (local_port > 0 && local_port < PORTS)
		kept->sockets[local_port] = socket + 1;
}

static int port_of(const struct sockaddr_storage *address)
{
	if (address->ss_family == AF_INET)
		return ntohs(((const struct sockaddr_in *)address)->sin_port);
	if (address->ss_family == AF_INET6)
		return ntohs(((const struct sockaddr_in6 *)address)->sin6_port);
	return 0;
}

/* The socket may have been closed since, and its number be another's. */
static bool has_ports(curl_socket_t socket, int local_port, int remote_port)
{
	struct sockaddr_storage own = {0}, other = {0};
	socklen_t own_len = sizeof(own), other_len = sizeof(other);

	return !getsockname(socket, (struct sockaddr *)&own, &own_len) &&
	       !getpeername(socket, (struct sockaddr *)&other, &other_len) &&
	       port_of(&own) == local_port && port_of(&other) == remote_port;
}

bool kept_open_has_input(const struct kept_open *kept, int local_port, int remote_port)
{
	curl_socket_t socket = local_port > 0 && local_port < PORTS ? kept->sockets[local_port] : 0;
	char byte;

	return socket && recv(socket - 1, &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0 &&
	       has_ports(socket - 1, local_port, remote_port);
}
