#include "base/hash.h"

#include <endian.h>
#include <stdlib.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "base/mem.h"

struct hash hash_bytes(const void *data, size_t len)
{
	XXH128_hash_t h = XXH3_128bits(data, len);

	return (struct hash){h.low64, h.high64};
}

struct hash hash_more(struct hash h, const void *data, size_t len)
{
	struct hash part = hash_bytes(data, len);
	uint64_t four[4] = {htole64(h.low), htole64(h.high), htole64(part.low), htole64(part.high)};

	return hash_bytes(four, sizeof(four));
}

void hash_set_release(struct hash_set *set)
{
	free(set->slots);
	*set = (struct hash_set){0};
}

/* Linear probing from the low bits. Returns the place of h, or the empty one where it belongs. */
static struct hash *find_slot(const struct hash_set *set, struct hash h)
{
	size_t mask = set->capacity - 1;
	size_t i = (size_t)h.low & mask;

	while (set->slots[i].low | set->slots[i].high) {
		if (set->slots[i].low == h.low && set->slots[i].high == h.high)
			break;
		i = (i + 1) & mask;
	}
	return &set->slots[i];
}

static void grow(struct hash_set *set)
{
	struct hash_set old = *set;

	set->capacity = old.capacity ? old.capacity * 2 : 64;
	set->slots = mem_zero(set->capacity, sizeof(*set->slots));
	for (size_t i = 0; i < old.capacity; i++) {
		if (old.slots[i].low | old.slots[i].high)
			*find_slot(set, old.slots[i]) = old.slots[i];
	}
	free(old.slots);
}

bool hash_set_add(struct hash_set *set, struct hash h)
{
	struct hash *slot;

	if (set->used * 3 >= set->capacity * 2)
		grow(set);
	slot = find_slot(set, h);
	if (slot->low | slot->high)
		return false;
	*slot = h;
	set->used++;
	return true;
}
