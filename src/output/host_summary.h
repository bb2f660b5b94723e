/*
 * What a summary says of hosts (--host-stats): those that did worst, and those that were asked
 * most.
 */
#ifndef OUTPUT_HOST_SUMMARY_H
#define OUTPUT_HOST_SUMMARY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;
struct host_table;
struct json;

/* An object; the manual, Host members, has what is in it. Each of its arrays has at most rows. */
void host_summary_put_json(struct json *json, struct host_table *hosts, uint64_t rows);

/*
 * A table of at most rows hosts, the worst first, and one of the largest unless all are in the
 * first. Safe for a terminal. Where width columns do not hold the longest name, figures go.
 */
void host_summary_put_text(struct buf *out, struct host_table *hosts, uint64_t rows, size_t width,
                           bool has_color);

#endif
