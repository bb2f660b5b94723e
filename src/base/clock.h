/*
 * The two clocks, in microseconds. Decisions take the time as a parameter and never ask here.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>

/* Never jumps; the zero is arbitrary. For durations. */
int64_t clock_mono_us(void);

/* Since 1970-01-01 UTC; may jump. For people and logs. */
int64_t clock_unix_us(void);

#endif
