/*
 * Reads how long a server asks to wait, in all the forms that servers write.
 *
 *   120  2.5            seconds
 *   1800000000[000]     Unix time, in seconds or milliseconds
 *   500ms  1m0s  2 min  numbers with units, of which the last is the shortest
 *   Fri, 31 Dec 1999 23:59:59 GMT, and the other dates of RFC 9110, 5.6.7
 *   2026-11-30T12:00:00.5Z, +01:00, or without a zone: RFC 3339
 *
 * in quotes or not; and several of them with commas in between, of which the longest counts.
 */
#ifndef TRANSFER_WAIT_TEXT_H
#define TRANSFER_WAIT_TEXT_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Microseconds, from 0 (a time that is over, too) to MOST_WAIT_US, which stands for all beyond it.
 * unix_us: what time it is. first_time_s: a number without a unit is a Unix time from there on,
 * and from a thousand times that on it is one in milliseconds. False when not all of text is such.
 */
bool wait_text_parse(const char *text, int64_t unix_us, double first_time_s, int64_t *ret_us);

/* A number of digits with at most one point, and blanks around it. False when there is more. */
bool wait_text_parse_number(const char *text, double *ret_number);

#define MOST_WAIT_US INT64_C(1000000000000000)

#endif
