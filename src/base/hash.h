/*
 * A hash of 128 bits over any number of parts, sets and bags of such hashes, and where a key goes
 * in a table.
 *
 * The hash is SHA-256 cut to 128 bits, the same on every machine and in every version, so that
 * shards agree and a resume log can be matched. Nobody can make two inputs with the same hash, so
 * "the same hash" may be read as "the same input", also when a list or a server has chosen the
 * inputs.
 *
 * The place of a key in a table comes from another hash, with a random key for each process:
 * whoever chooses the keys cannot make them collide.
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
 * XXH3, to spread keys evenly over any number of shares: the same everywhere too, but two keys with
 * one value can be made.
 */
uint64_t hash_share(const void *key, size_t len);

/* Where a key belongs in a table in memory. Not the same in the next process: never to be stored.
 */
uint64_t hash_place(const void *key, size_t len);

/*
 * A set that grows by doubling and is at most two thirds full: 24 to 48 bytes a member, and for a
 * while after it has doubled up to 72, since members move to the new table bit by bit: no call
 * takes long, however many there are.
 * {0} is an empty set.
 */
struct hash_set {
	struct hash *slots; /* {0,0} is an empty one */
	size_t used, capacity;
	struct hash *old; /* the table before, while members move; NULL: all have */
	size_t old_capacity, moved;
};

void hash_set_release(struct hash_set *set);

/* Returns false when h was there already. */
bool hash_set_add(struct hash_set *set, struct hash h);

bool hash_set_has(const struct hash_set *set, struct hash h);

/* A set that knows how often each was added. {0} is empty. 32 to 64 bytes a member. */
struct hash_bag {
	struct hash *slots;
	uint32_t *counts; /* beside them */
	size_t used, capacity;
};

void hash_bag_release(struct hash_bag *bag);
void hash_bag_add(struct hash_bag *bag, struct hash h);

/* Takes one h out; false when there is none. */
bool hash_bag_take(struct hash_bag *bag, struct hash h);

/* How often h is there, to be read and changed until the next call. */
uint32_t *hash_bag_count(struct hash_bag *bag, struct hash h);

#endif
