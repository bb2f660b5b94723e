/*
 * A job that finishes after a time.
 */
#ifndef ASYNC_SLEEP_H
#define ASYNC_SLEEP_H

#include <stdint.h>

struct job;
struct loop;

/* ERR_NONE after time_us microseconds (counted from the loop's current time; 0 and less: at once).
 */
struct job *sleep_for(struct loop *loop, int64_t time_us);

#endif
