/*
 * The failures of a run, grouped by class, host, and what the messages have in common: all but
 * their numbers, such as the milliseconds after which a time limit struck. In bounded memory.
 */
#ifndef OUTPUT_FAILURE_GROUPS_H
#define OUTPUT_FAILURE_GROUPS_H

#include <stddef.h>
#include <stdint.h>

#include "transfer/result.h"

enum { GROUPS_OF_CLASS = 200 }; /* the first; later ones are counted together */

/* Its texts are owned. */
struct failure_group {
	enum failure failure;
	char *host;    /* "http://h:8080"; empty: none was asked */
	char *message; /* of the first */
	char *url;     /* of the first, an excerpt */
	uint64_t count;
	uint64_t order; /* in which the groups began */
};

/* {0} is empty. */
struct failure_groups {
	struct failure_group_entry *entries;
	size_t counts[FAILURES];   /* of groups */
	uint64_t others[FAILURES]; /* failures that are in no group */
};

void failure_groups_release(struct failure_groups *groups);

/* The result failed. */
void failure_groups_add(struct failure_groups *groups, const struct result *result);

/*
 * The groups of a class, those with the most failures first, then as they began; counts[failure] of
 * them. The caller frees the array, but not what it points to.
 */
const struct failure_group **failure_groups_sorted(const struct failure_groups *groups,
                                                   enum failure failure);

#endif
