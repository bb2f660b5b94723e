#include "base/hash.h"

#include <endian.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "base/digest.h"
#include "base/mem.h"

struct hash hash_more(struct hash h, const void *data, size_t len)
{
	uint64_t before[2] = {htole64(h.low), htole64(h.high)};
	unsigned char bytes[DIGEST_BYTES];
	struct digest *digest = digest_new();

	digest_put(digest, before, sizeof(before));
	digest_put(digest, data, len);
	digest_end_bytes(digest, bytes);
	digest_free(digest);
	memcpy(&h.low, bytes, sizeof(h.low));
	memcpy(&h.high, bytes + sizeof(h.low), sizeof(h.high));
	return (struct hash){le64toh(h.low), le64toh(h.high)};
}

struct hash hash_bytes(const void *data, size_t len)
{
	return hash_more((struct hash){0}, data, len);
}

uint64_t hash_share(const void *key, size_t len)
{
	return XXH3_128bits(key, len).low64;
}

/* ---- places ---- */

/* The random key of hash_place(): the "secret" of XXH3. Set once, before it is first read. */
static unsigned char place_key[XXH3_SECRET_DEFAULT_SIZE];

static void draw_place_key(void)
{
	size_t len = 0;

	/* Up to 256 bytes come at once, unless a signal interrupts the wait at the system's start.
	 */
	while (len < sizeof(place_key)) {
		ssize_t got = getrandom(place_key + len, sizeof(place_key) - len, 0);

		if (got > 0)
			len += (size_t)got;
		else if (got < 0 && errno != EINTR)
			abort();
	}
}

uint64_t hash_place(const void *key, size_t len)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, draw_place_key);
	return XXH3_64bits_withSecret(key, len, place_key, sizeof(place_key));
}

/* ---- sets and bags ---- */

void hash_set_release(struct hash_set *set)
{
	free(set->slots);
	*set = (struct hash_set){0};
}

static bool is_used(const struct hash_set *set, size_t place)
{
	return set->slots[place].low | set->slots[place].high;
}

/* Linear probing. Returns the place of h, or the empty one where it belongs. */
static size_t find(const struct hash_set *set, struct hash h)
{
	size_t mask = set->capacity - 1;
	size_t i = (size_t)hash_place(&h, sizeof(h)) & mask;

	while (is_used(set, i) && (set->slots[i].low != h.low || set->slots[i].high != h.high))
		i = (i + 1) & mask;
	return i;
}

/* Makes room for one more. *counts goes along with the slots, unless it is NULL and stays so. */
static void grow(struct hash_set *set, uint32_t **counts)
{
	struct hash_set old = *set;
	uint32_t *old_counts = counts ? *counts : NULL;

	if (set->used * 3 < set->capacity * 2)
		return;
	set->capacity = old.capacity ? old.capacity * 2 : 64;
	set->slots = mem_zero(set->capacity, sizeof(*set->slots));
	if (counts)
		*counts = mem_zero(set->capacity, sizeof(**counts));
	for (size_t i = 0; i < old.capacity; i++) {
		size_t place;

		if (!is_used(&old, i))
			continue;
		place = find(set, old.slots[i]);
		set->slots[place] = old.slots[i];
		if (counts)
			(*counts)[place] = old_counts[i];
	}
	free(old.slots);
	free(old_counts);
}

static bool add_at(struct hash_set *set, size_t place, struct hash h)
{
	if (is_used(set, place))
		return false;
	set->slots[place] = h;
	set->used++;
	return true;
}

bool hash_set_add(struct hash_set *set, struct hash h)
{
	grow(set, NULL);
	return add_at(set, find(set, h), h);
}

bool hash_set_has(const struct hash_set *set, struct hash h)
{
	return set->capacity && is_used(set, find(set, h));
}

void hash_bag_release(struct hash_bag *bag)
{
	hash_set_release(&bag->set);
	free(bag->counts);
	bag->counts = NULL;
}

uint32_t *hash_bag_count(struct hash_bag *bag, struct hash h)
{
	size_t place;

	grow(&bag->set, &bag->counts);
	place = find(&bag->set, h);
	add_at(&bag->set, place, h);
	return &bag->counts[place];
}

void hash_bag_add(struct hash_bag *bag, struct hash h)
{
	++*hash_bag_count(bag, h);
}

bool hash_bag_take(struct hash_bag *bag, struct hash h)
{
	size_t place;

	if (!bag->set.capacity)
		return false;
	place = find(&bag->set, h);
	if (!bag->counts[place])
		return false;
	bag->counts[place]--;
	return true;
}
