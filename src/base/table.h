/*
 * uthash, which has to be told that memory does not fail here (base/mem.h): its own way is to leave
 * the process without a word.
 */
#ifndef BASE_TABLE_H
#define BASE_TABLE_H

#include "base/mem.h"

#define uthash_malloc(size) mem_alloc(size)
#include <uthash.h>

#endif
