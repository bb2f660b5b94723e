/*
 * A lane: one curl multi handle on one loop, with a bounded number of transfers. Libcurl searches
 * the connections of a multi one by one, so many small lanes are faster than one large one.
 * Within transfer/ only.
 *
 * Follows libcurl's multi socket interface: curl_multi_socket_action(3).
 */
#ifndef TRANSFER_LANE_H
#define TRANSFER_LANE_H

#include <curl/curl.h>
#include <stdbool.h>

struct lane;
struct loop;

/* With more transfers a lane gets slower (BENCHMARKS.md); the engine opens another one. */
enum { LANE_LIMIT = 64 };

/* What the lane knows of a transfer. Embedded in the engine's. */
struct lane_entry {
	struct lane_entry *prev, *next;
	CURL *easy; /* whose CURLOPT_PRIVATE is this entry */
	struct lane *lane;
	struct lane_entry *next_stalled;
	bool is_stalled;      /* one of its addresses has failed */
	bool has_scrap;       /* something came, but not one whole line of a response */
	curl_socket_t socket; /* that it has ended on, if its connection is kept; else BAD */
};

/* The code of the transfers of a lane in which libcurl itself failed. */
#define LANE_BROKE CURLE_FAILED_INIT

/* The transfer has ended and is not in the lane any more. */
typedef void lane_done_fn(struct lane_entry *entry, struct lane *lane, CURLcode code);

/*
 * multiplexes: transfers share connections that can carry several at once (HTTP/2). connections: as
 * many are open at once, idle ones too; at least 1.
 */
struct lane *lane_new(struct loop *loop, lane_done_fn *done, bool multiplexes,
                      unsigned connections);

/* No transfer is in it, and the loop still lives. */
void lane_free(struct lane *lane);

unsigned lane_load(const struct lane *lane);
bool lane_multiplexes(const struct lane *lane);

/* The transfer starts on a later turn. A CURLcode when libcurl refuses; then it is not in the lane.
 */
CURLcode lane_add(struct lane *lane, struct lane_entry *entry);

/* To be called when libcurl opens a socket for it, or is refused one. */
void lane_note_open(struct lane_entry *entry);

/*
 * A transfer that its write callback has paused goes on. May call that; a CURLcode when the
 * transfer fails there: it is still in the lane.
 */
CURLcode lane_go_on(struct lane_entry *entry);

/* Takes a transfer out before its end; done will not be called. Its connection is closed. */
void lane_remove(struct lane_entry *entry);

#endif
