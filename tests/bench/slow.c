/*
 * The servers of the benchmark that make clients wait, exactly.
 *
 * slow delay PORT MS      answers each request after MS milliseconds
 * slow hold PORT COUNT    answers when COUNT requests wait, all of them
 * slow dns ADDRESS MS     a name server on port 53: every name is 127.0.0.1, and has no IPv6
 * address
 *
 * HTTP/1.1 on 127.0.0.1, connections are kept. GET /count is answered at once, with how many others
 * there were.
 */
#include <arpa/inet.h>
#include <ev.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { REQUEST_BYTES = 2048, QUERY_BYTES = 512, DNS_HEADER = 12, BACKLOG = 4096 };

struct connection {
	ev_io io;
	ev_timer timer;
	struct connection *next_held;
	size_t len;
	char request[REQUEST_BYTES];
};

/* A question that waits to be answered. */
struct query {
	ev_timer timer;
	struct sockaddr_in from;
	size_t len;
	unsigned char packet[QUERY_BYTES];
};

static double delay;
static long hold_count, held_count, request_count;
static struct connection *held;

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static void hang_up(struct ev_loop *loop, struct connection *c)
{
	struct connection **at = &held;

	while (*at && *at != c)
		at = &(*at)->next_held;
	if (*at) {
		*at = c->next_held;
		held_count--;
	}
	ev_io_stop(loop, &c->io);
	ev_timer_stop(loop, &c->timer);
	close(c->io.fd);
	free(c);
}

static void answer(struct connection *c, long number)
{
	char text[256];
	int len = snprintf(text, sizeof(text),
	                   "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
	                   "Content-Length: 100\r\n\r\n%-99ld\n",
	                   number);

	c->len = 0;
	(void)!write(c->io.fd, text, (size_t)len);
}

static void on_delay(struct ev_loop *loop, ev_timer *timer, int revents)
{
	(void)loop;
	(void)revents;
	answer(timer->data, 0);
}

static void hold(struct connection *c)
{
	c->next_held = held;
	held = c;
	if (++held_count < hold_count)
		return;
	held_count = 0;
	while ((c = held)) {
		held = c->next_held;
		c->next_held = NULL;
		answer(c, 0);
	}
}

static void on_request(struct ev_loop *loop, struct connection *c)
{
	if (!strncmp(c->request, "GET /count ", 11)) {
		answer(c, request_count);
		return;
	}
	request_count++;
	if (hold_count) {
		hold(c);
		return;
	}
	ev_now_update(loop);
	ev_timer_set(&c->timer, delay, 0.);
	ev_timer_start(loop, &c->timer);
}

static void on_readable(struct ev_loop *loop, ev_io *io, int revents)
{
	struct connection *c = io->data;
	ssize_t n = read(io->fd, c->request + c->len, REQUEST_BYTES - 1 - c->len);

	(void)revents;
	if (n <= 0) {
		hang_up(loop, c);
		return;
	}
	c->len += (size_t)n;
	c->request[c->len] = '\0';
	if (strstr(c->request, "\r\n\r\n"))
		on_request(loop, c);
}

static void on_connection(struct ev_loop *loop, ev_io *io, int revents)
{
	int fd;

	(void)revents;
	while ((fd = accept4(io->fd, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
		struct connection *c = calloc(1, sizeof(*c));
		if (!c)
			die("calloc");
		ev_io_init(&c->io, on_readable, fd, EV_READ);
		ev_timer_init(&c->timer, on_delay, 0., 0.);
		c->io.data = c->timer.data = c;
		ev_io_start(loop, &c->io);
	}
}

static int dns_fd;

/* The question comes back as it was; an answer follows when an IPv4 address was asked for. */
static void on_dns_answer(struct ev_loop *loop, ev_timer *timer, int revents)
{
	static const unsigned char address[] = {0xc0, DNS_HEADER, 0, 1, 0,   1, 0, 0,
	                                        0,    60,         0, 4, 127, 0, 0, 1};
	struct query *q = timer->data;
	size_t end = DNS_HEADER;

	(void)loop;
	(void)revents;
	while (end < q->len && q->packet[end])
		end += q->packet[end] + 1u;
	end += 5; /* the empty label, the type, the class */
	if (end <= q->len && end + sizeof(address) <= sizeof(q->packet)) {
		int is_ipv4 = q->packet[end - 3] == 1;
		q->packet[2] = 0x85; /* an answer, authoritative, recursion desired */
		q->packet[3] = 0x80; /* and available */
		memset(q->packet + 6, 0, 6);
		if (is_ipv4) {
			q->packet[7] = 1;
			memcpy(q->packet + end, address, sizeof(address));
			end += sizeof(address);
		}
		sendto(dns_fd, q->packet, end, 0, (struct sockaddr *)&q->from, sizeof(q->from));
	}
	free(q);
}

static void on_query(struct ev_loop *loop, ev_io *io, int revents)
{
	(void)revents;
	ev_now_update(loop);
	for (;;) {
		struct query *q = calloc(1, sizeof(*q));
		socklen_t size = sizeof(q->from);
		ssize_t n;
		if (!q)
			die("calloc");
		n = recvfrom(io->fd, q->packet, sizeof(q->packet), MSG_DONTWAIT,
		             (struct sockaddr *)&q->from, &size);
		if (n < DNS_HEADER) {
			free(q);
			return;
		}
		q->len = (size_t)n;
		ev_timer_init(&q->timer, on_dns_answer, delay, 0.);
		q->timer.data = q;
		ev_timer_start(loop, &q->timer);
	}
}

static int open_socket(int type, const char *address, int port)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
	int fd = socket(AF_INET, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), one = 1;
	int room = 8 << 20;

	inet_pton(AF_INET, address, &at.sin_addr);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (type == SOCK_DGRAM && setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room)))
		perror("slow: a small buffer for queries");
	if (bind(fd, (struct sockaddr *)&at, sizeof(at)))
		die("bind");
	if (type == SOCK_STREAM && listen(fd, BACKLOG))
		die("listen");
	return fd;
}

int main(int argc, char **argv)
{
	struct ev_loop *loop;
	ev_io io;
	int is_dns, is_hold;

	if (argc != 4)
		return 2;
	is_dns = !strcmp(argv[1], "dns");
	is_hold = !strcmp(argv[1], "hold");
	if (is_hold)
		hold_count = strtol(argv[3], NULL, 10);
	else
		delay = strtod(argv[3], NULL) / 1000.0;
	/* epoll counts in milliseconds; select() in microseconds. */
	loop = ev_default_loop(is_hold ? EVBACKEND_EPOLL : EVBACKEND_SELECT);
	if (is_dns) {
		dns_fd = open_socket(SOCK_DGRAM, argv[2], 53);
		ev_io_init(&io, on_query, dns_fd, EV_READ);
	} else {
		ev_io_init(&io, on_connection, open_socket(SOCK_STREAM, "127.0.0.1", atoi(argv[2])),
		           EV_READ);
	}
	ev_io_start(loop, &io);
	ev_run(loop, 0);
	return 0;
}
