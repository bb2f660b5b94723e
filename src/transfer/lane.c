#include "transfer/lane.h"

#include <ev.h>
#ifdef __linux__
#include <linux/tcp.h>
#include <netinet/in.h>
#endif
#include <stdlib.h>
#include <utlist.h>

#include "async/loop.h"
#include "base/mem.h"

/* A descriptor that libcurl wants to be told about. */
struct watch {
	ev_io io;      /* data: the lane */
	bool was_read; /* watched for input: it has a connection, or had one */
	struct watch *next_free;
};

struct lane {
	struct loop *loop;
	CURLM *multi;
	ev_timer timer;
	lane_done_fn *done;
	struct lane_entry *entries;
	struct lane_entry *stalled; /* see resume_stalled(); linked by next_stalled */
	unsigned load;
	bool multiplexes;
	unsigned connections;
	struct watch *free_watches;
};

static void on_io(struct ev_loop *ev, ev_io *io, int revents);
static void act(struct lane *lane, curl_socket_t fd, int events);

static void on_timer(struct ev_loop *ev, ev_timer *timer, int revents)
{
	(void)ev;
	(void)revents;
	act(timer->data, CURL_SOCKET_TIMEOUT, 0);
}

/* libcurl wants to be called back in timeout_ms; -1 means never mind. */
static int on_timer_change(CURLM *multi, long timeout_ms, void *arg)
{
	struct lane *lane = arg;
	struct ev_loop *ev = loop_ev(lane->loop);

	(void)multi;
	ev_timer_stop(ev, &lane->timer);
	if (timeout_ms >= 0) {
		/* Calling libcurl from here would recurse, so even 0 waits for the next turn. */
		ev_timer_set(&lane->timer, (double)timeout_ms / 1000.0, 0.);
		ev_timer_start(ev, &lane->timer);
	}
	return 0;
}

static struct watch *watch_new(struct lane *lane)
{
	struct watch *w = lane->free_watches;

	if (w)
		lane->free_watches = w->next_free;
	else
		w = mem_zero(1, sizeof(*w));
	ev_init(&w->io, on_io);
	w->io.data = lane;
	w->was_read = false;
	return w;
}

/* ---- addresses that fail ---- */

static void stall(struct lane *lane, struct lane_entry *entry)
{
	if (entry->is_stalled)
		return;
	entry->is_stalled = true;
	entry->next_stalled = lane->stalled;
	lane->stalled = entry;
}

static void unstall(struct lane *lane, const CURL *easy)
{
	struct lane_entry **link = &lane->stalled, *entry;

	while ((entry = *link) && entry->easy != easy)
		link = &entry->next_stalled;
	if (entry) {
		*link = entry->next_stalled;
		entry->is_stalled = false;
	}
}

/* A socket of easy is gone that was never connected. */
static void on_address_failed(struct lane *lane, const CURL *easy)
{
	struct lane_entry *entry;

	/* A search, since easy may be one of libcurl's own. */
	DL_FOREACH (lane->entries, entry) {
		if (entry->easy == easy) {
			stall(lane, entry);
			return;
		}
	}
}

/*
 * When an address has failed, libcurl 7.88 opens a socket to the next one only when it runs the
 * transfer again, but asks to be called for that only when its time limit for the next address is
 * over. Changing the pause state of a transfer makes libcurl run it.
 */
static void resume_stalled(struct lane *lane)
{
	struct lane_entry *entry;

	while ((entry = lane->stalled)) {
		unstall(lane, entry->easy);
		curl_easy_pause(entry->easy, CURLPAUSE_SEND);
		curl_easy_pause(entry->easy, CURLPAUSE_CONT);
	}
}

void lane_note_open(struct lane_entry *entry)
{
	stall(entry->lane, entry);
}

/* ---- libcurl's callbacks ---- */

/* Whether a peer that has closed the connection, which counts as a byte, has sent anything before.
 * False where the system cannot tell. */
static bool has_received(curl_socket_t fd)
{
#ifdef __linux__
	struct tcp_info info = {0};
	socklen_t len = sizeof(info);

	return !getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len) && info.tcpi_bytes_received > 1;
#else
	(void)fd;
	return false;
#endif
}

/* libcurl does not tell a part of a status line from nothing at all. */
static void note_scrap(CURL *easy, curl_socket_t fd)
{
	struct lane_entry *entry = NULL;
	long head_bytes = 0;

	curl_easy_getinfo(easy, CURLINFO_PRIVATE, (char **)&entry);
	curl_easy_getinfo(easy, CURLINFO_HEADER_SIZE, &head_bytes);
	if (entry && !head_bytes)
		entry->has_scrap = has_received(fd);
}

/* The easy handle may be one of libcurl's own (a DNS-over-HTTPS probe): only the socket counts. */
static int on_socket(CURL *easy, curl_socket_t fd, int what, void *arg, void *watch_arg)
{
	struct lane *lane = arg;
	struct ev_loop *ev = loop_ev(lane->loop);
	struct watch *w = watch_arg;

	if (w)
		ev_io_stop(ev, &w->io);
	if (what == CURL_POLL_REMOVE) {
		note_scrap(easy, fd); /* while it is open */
		if (w) {
			if (!w->was_read)
				on_address_failed(lane, easy);
			curl_multi_assign(lane->multi, fd, NULL);
			w->next_free = lane->free_watches;
			lane->free_watches = w;
		}
		return 0;
	}
	if (!w) {
		w = watch_new(lane);
		curl_multi_assign(lane->multi, fd, w);
		unstall(lane, easy);
	}
	w->was_read |= what & CURL_POLL_IN;
	ev_io_set(&w->io, fd,
	          (what & CURL_POLL_IN ? EV_READ : 0) | (what & CURL_POLL_OUT ? EV_WRITE : 0));
	ev_io_start(ev, &w->io);
	return 0;
}

static void multi_open(struct lane *lane)
{
	lane->multi = curl_multi_init();
	if (!lane->multi)
		mem_out();
	curl_multi_setopt(lane->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
	curl_multi_setopt(lane->multi, CURLMOPT_SOCKETDATA, lane);
	curl_multi_setopt(lane->multi, CURLMOPT_TIMERFUNCTION, on_timer_change);
	curl_multi_setopt(lane->multi, CURLMOPT_TIMERDATA, lane);
	if (!lane->multiplexes)
		curl_multi_setopt(lane->multi, CURLMOPT_PIPELINING, CURLPIPE_NOTHING);
	/* By default libcurl keeps four for each transfer that runs: at the end of a chunk, none.
	 */
	curl_multi_setopt(lane->multi, CURLMOPT_MAXCONNECTS, (long)lane->connections);
	/* With that alone it closes an idle one only when another becomes idle. */
	curl_multi_setopt(lane->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, (long)lane->connections);
}

static void detach(struct lane *lane, struct lane_entry *entry)
{
	/* First, so that the sockets that libcurl gives up now are not taken for failed addresses.
	 */
	DL_DELETE(lane->entries, entry);
	curl_multi_remove_handle(lane->multi, entry->easy);
	unstall(lane, entry->easy);
	entry->lane = NULL;
	lane->load--;
}

static void multi_close(struct lane *lane)
{
	/* Calls on_socket with REMOVE for the connections that it still has. */
	curl_multi_cleanup(lane->multi);
	ev_timer_stop(loop_ev(lane->loop), &lane->timer);
}

/*
 * When libcurl itself fails, or would not hear of a descriptor, what it holds is uncertain: all of
 * it ends, and the lane starts anew.
 */
static void rebuild(struct lane *lane)
{
	struct lane_entry *broken = NULL, *entry, *next;

	while ((entry = lane->entries)) {
		detach(lane, entry);
		DL_APPEND(broken, entry);
	}
	multi_close(lane);
	multi_open(lane);
	DL_FOREACH_SAFE (broken, entry, next) {
		DL_DELETE(broken, entry);
		lane->done(entry, lane, LANE_BROKE);
	}
}

static void act(struct lane *lane, curl_socket_t fd, int events)
{
	int running, left;
	CURLMsg *message;

	if (curl_multi_socket_action(lane->multi, fd, events, &running)) {
		rebuild(lane);
		return;
	}
	while ((message = curl_multi_info_read(lane->multi, &left))) {
		/* The message is gone with the next call: copy first. */
		CURLcode code = message->data.result;
		struct lane_entry *entry;

		if (message->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&entry);
		curl_easy_getinfo(message->easy_handle, CURLINFO_ACTIVESOCKET, &entry->socket);
		detach(lane, entry);
		lane->done(entry, lane, code);
	}
	resume_stalled(lane);
}

static void on_io(struct ev_loop *ev, ev_io *io, int revents)
{
	struct lane *lane = io->data;
	int events = (revents & EV_READ ? CURL_CSELECT_IN : 0) |
	             (revents & EV_WRITE ? CURL_CSELECT_OUT : 0);

	(void)ev;
	if (revents & EV_ERROR) /* the system refuses to watch it */
		rebuild(lane);
	else
		act(lane, io->fd, events);
}

struct lane *lane_new(struct loop *loop, lane_done_fn *done, bool multiplexes, unsigned connections)
{
	struct lane *lane = mem_zero(1, sizeof(*lane));

	lane->loop = loop;
	lane->done = done;
	lane->multiplexes = multiplexes;
	lane->connections = connections;
	ev_init(&lane->timer, on_timer);
	lane->timer.data = lane;
	multi_open(lane);
	return lane;
}

void lane_free(struct lane *lane)
{
	struct watch *w;

	multi_close(lane);
	while ((w = lane->free_watches)) {
		lane->free_watches = w->next_free;
		free(w);
	}
	free(lane);
}

unsigned lane_load(const struct lane *lane)
{
	return lane->load;
}

bool lane_multiplexes(const struct lane *lane)
{
	return lane->multiplexes;
}

CURLcode lane_add(struct lane *lane, struct lane_entry *entry)
{
	CURLMcode code = curl_multi_add_handle(lane->multi, entry->easy);

	if (code)
		return code == CURLM_OUT_OF_MEMORY ? CURLE_OUT_OF_MEMORY : CURLE_FAILED_INIT;
	DL_APPEND(lane->entries, entry);
	entry->lane = lane;
	entry->has_scrap = false;
	lane->load++;
	return CURLE_OK;
}

CURLcode lane_go_on(struct lane_entry *entry)
{
	return curl_easy_pause(entry->easy, CURLPAUSE_CONT);
}

void lane_remove(struct lane_entry *entry)
{
	detach(entry->lane, entry);
}
