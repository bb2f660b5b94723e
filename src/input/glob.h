/*
 * curl's URL globs: {one,two}, [1-100], [001-100:10], [a-z], each any number of times. The last one
 * varies fastest. A backslash makes the next of {}[] plain. An IPv6 address in brackets is one.
 */
#ifndef INPUT_GLOB_H
#define INPUT_GLOB_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

struct glob;

/* text is copied. ERR_SYNTAX with words that name the column, from 1; ERR_LIMIT past 100 globs. */
MUST_USE enum err glob_new(const char *text, struct glob **ret_glob, struct error *e);

/*
 * The next URL, into url, and what each glob stands for in it, from the left, into values: texts
 * with a NUL behind each. False when there is none left.
 */
bool glob_next(struct glob *glob, struct buf *url, struct buf *values);

/* How many URLs there are in all; UINT64_MAX: so many or more. */
uint64_t glob_count(const struct glob *glob);

/* NULL is fine. */
void glob_free(struct glob *glob);

#endif
