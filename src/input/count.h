/*
 * How many requests there will be, by a look ahead: for people who want to know how long it takes.
 */
#ifndef INPUT_COUNT_H
#define INPUT_COUNT_H

#include <stdbool.h>
#include <stdint.h>

struct source_options;

/* Lists that are longer in all are not worth the time. */
enum { COUNT_MOST_BYTES = 64 * 1024 * 1024 };

/*
 * Reads lists without a change for those who read them too. False when it cannot be said: a list is
 * no regular file or too long, or what counts depends on more than lines (--unique, --shard,
 * --glob). A list on standard input is taken to be read from its beginning. It is no more than
 * likely: a list can change before it is read.
 */
bool count_requests(const struct source_options *options, uint64_t *ret_count);

#endif
