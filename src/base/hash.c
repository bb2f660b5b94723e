#include "base/hash.h"

#include <assert.h>
#include <endian.h>
#include <errno.h>
#include <openssl/rand.h>
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

	/* Interrupted only while the system starts. Where a sandbox forbids it, OpenSSL knows other
	 * sources. */
	while (len < sizeof(place_key)) {
		ssize_t got = getrandom(place_key + len, sizeof(place_key) - len, 0);

		if (got < 0 && errno != EINTR)
			break;
		if (got > 0)
			len += (size_t)got;
	}
	if (len < sizeof(place_key) && RAND_bytes(place_key, sizeof(place_key)) != 1)
		abort();
}

uint64_t hash_place(const void *key, size_t len)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, draw_place_key);
	return XXH3_64bits_withSecret(key, len, place_key, sizeof(place_key));
}

/* ---- sets and bags ---- */

/* So many slots move to the larger table with each new member: it is done long before the next. */
enum { MOVE_SLOTS = 16 };

void hash_set_release(struct hash_set *set)
{
	free(set->slots);
	free(set->old);
	*set = (struct hash_set){0};
}

static bool is_used(const struct hash *slot)
{
	return slot->low | slot->high;
}

/* Linear probing. Returns the place of h, or the empty one where it belongs. */
static size_t find(const struct hash *slots, size_t capacity, struct hash h)
{
	size_t mask = capacity - 1;
	size_t i = (size_t)hash_place(&h, sizeof(h)) & mask;

	while (is_used(&slots[i]) && (slots[i].low != h.low || slots[i].high != h.high))
		i = (i + 1) & mask;
	return i;
}

static bool is_full(const struct hash_set *set)
{
	return set->used * 3 >= set->capacity * 2;
}

/* Members stay in the old table until all have been copied: so probing it goes on working. */
static void move_some(struct hash_set *set)
{
	for (int i = 0; set->old && i < MOVE_SLOTS; i++) {
		const struct hash *slot = &set->old[set->moved];

		if (is_used(slot))
			set->slots[find(set->slots, set->capacity, *slot)] = *slot;
		if (++set->moved < set->old_capacity)
			continue;
		free(set->old);
		set->old = NULL;
	}
}

/* Makes room for one more. */
static void grow(struct hash_set *set)
{
	if (!is_full(set))
		return;
	assert(!set->old);
	set->old = set->slots;
	set->old_capacity = set->capacity;
	set->moved = 0;
	set->capacity = set->capacity ? set->capacity * 2 : 64;
	set->slots = mem_zero(set->capacity, sizeof(*set->slots));
}

bool hash_set_has(const struct hash_set *set, struct hash h)
{
	return (set->capacity && is_used(&set->slots[find(set->slots, set->capacity, h)])) ||
	       (set->old && is_used(&set->old[find(set->old, set->old_capacity, h)]));
}

bool hash_set_add(struct hash_set *set, struct hash h)
{
	if (hash_set_has(set, h))
		return false;
	grow(set);
	set->slots[find(set->slots, set->capacity, h)] = h;
	set->used++;
	move_some(set);
	return true;
}

void hash_bag_release(struct hash_bag *bag)
{
	free(bag->slots);
	free(bag->counts);
	*bag = (struct hash_bag){0};
}

/* All at once: bags are filled before there is anything else to do. */
static void grow_bag(struct hash_bag *bag)
{
	struct hash_bag old = *bag;

	if (bag->used * 3 < bag->capacity * 2)
		return;
	bag->capacity = old.capacity ? old.capacity * 2 : 64;
	bag->slots = mem_zero(bag->capacity, sizeof(*bag->slots));
	bag->counts = mem_zero(bag->capacity, sizeof(*bag->counts));
	for (size_t i = 0; i < old.capacity; i++) {
		size_t place;

		if (!is_used(&old.slots[i]))
			continue;
		place = find(bag->slots, bag->capacity, old.slots[i]);
		bag->slots[place] = old.slots[i];
		bag->counts[place] = old.counts[i];
	}
	hash_bag_release(&old);
}

uint32_t *hash_bag_count(struct hash_bag *bag, struct hash h)
{
	size_t place;

	grow_bag(bag);
	place = find(bag->slots, bag->capacity, h);
	bag->used += !is_used(&bag->slots[place]);
	bag->slots[place] = h;
	return &bag->counts[place];
}

void hash_bag_add(struct hash_bag *bag, struct hash h)
{
	++*hash_bag_count(bag, h);
}

bool hash_bag_take(struct hash_bag *bag, struct hash h)
{
	size_t place;

	if (!bag->capacity)
		return false;
	place = find(bag->slots, bag->capacity, h);
	if (!bag->counts[place])
		return false;
	bag->counts[place]--;
	return true;
}
