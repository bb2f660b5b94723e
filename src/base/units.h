/*
 * Numbers as people write them, and as they like to read them.
 */
#ifndef BASE_UNITS_H
#define BASE_UNITS_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* Decimal digits only, no sign, no space. ERR_SYNTAX, or ERR_LIMIT outside [min, max]. */
MUST_USE enum err units_parse_uint(const char *text, uint64_t min, uint64_t max,
                                   uint64_t *ret_number);

/* The same with an optional '-'. */
MUST_USE enum err units_parse_int(const char *text, int64_t *ret_number);

/*
 * Decimal seconds, or a number with ms, s, m or h behind it: "0.25", "250ms", "1.5m".
 * Exact to the microsecond; digits beyond that are cut. At most 1000 days (ERR_LIMIT).
 */
MUST_USE enum err units_parse_duration(const char *text, int64_t *ret_us);

/* Bytes, or a number with k, M or G behind it (powers of 1024, either case): "10k", "1.5M". */
MUST_USE enum err units_parse_size(const char *text, int64_t *ret_bytes);

/* number in time_us as so many a second; 0 when no time has passed. */
double units_per_second(double number, int64_t time_us);

#define UNITS_TEXT 32

/* "950 B", "1.2 kB", "34 MB" (powers of 1000); returns text. */
char *units_show_bytes(char text[UNITS_TEXT], uint64_t bytes);

/* "85 us", "1.2 ms", "340 ms", "4.21 s", "3m12s", "2h05m"; returns text. */
char *units_show_time(char text[UNITS_TEXT], int64_t time_us);

#endif
