/*
 * A request as a job line: the JSON object that a list may hold instead of a URL (gather(1),
 * LISTS).
 */
#ifndef OUTPUT_JOBLINE_H
#define OUTPUT_JOBLINE_H

struct buf;
struct request;

/* With its newline. Only the members that differ from a plain GET. */
void jobline_put(struct buf *out, const struct request *request);

#endif
