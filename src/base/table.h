/*
 * uthash with the memory of base/mem.h, which does not fail (its own way is to leave the process
 * without a message), and with the keyed hash of base/hash.h.
 */
#ifndef BASE_TABLE_H
#define BASE_TABLE_H

#include "base/hash.h"
#include "base/mem.h"

#define uthash_malloc(size) mem_alloc(size)
/* Its own hash has no key: names from a list or a server could be made to collide. */
#define HASH_FUNCTION(key, len, place) ((place) = (unsigned)hash_place(key, len))
#include <uthash.h>

#endif
