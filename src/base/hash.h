/*
 * A hash of 128 bits over any number of parts, and sets and bags of such hashes.
 *
 * The value is the same on every machine and in every version (XXH3, whose output is frozen), so
 * that shards agree and a journal can be matched. At 128 bits two requests of a list of a billion
 * share a hash with a probability below 1e-20: "the same hash" may be read as "the same".
 */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct hash {
	uint64_t low, high;
};

struct hash hash_bytes(const void *data, size_t len);

/* h continued with one more part; the borders between parts count ("ab","c" is not "a","bc"). */
struct hash hash_more(struct hash h, const void *data, size_t len);

/*
 * A set that grows by doubling and is at most two thirds full: 24 to 48 bytes a member.
 * {0} is an empty set.
 */
struct hash_set {
	struct hash *slots; /* {0,0} is an empty one */
	size_t used, capacity;
};

void hash_set_release(struct hash_set *set);

/* Returns false when h was there already. */
bool hash_set_add(struct hash_set *set, struct hash h);

bool hash_set_has(const struct hash_set *set, struct hash h);

/* A set that knows how often each was added. {0} is empty. 32 to 64 bytes a member. */
struct hash_bag {
	struct hash_set set;
	uint32_t *counts; /* beside the set's slots */
};

void hash_bag_release(struct hash_bag *bag);
void hash_bag_add(struct hash_bag *bag, struct hash h);

/* Takes one h out; false when there is none. */
bool hash_bag_take(struct hash_bag *bag, struct hash h);

/* How often h is there, to be read and changed until the next call. */
uint32_t *hash_bag_count(struct hash_bag *bag, struct hash h);

#endif
