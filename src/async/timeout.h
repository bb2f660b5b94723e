/*
 * A time limit around a job: asyncio's wait_for().
 */
#ifndef ASYNC_TIMEOUT_H
#define ASYNC_TIMEOUT_H

#include <stdint.h>

struct job;
struct loop;

/*
 * Finishes with job, and with its result, when that is within time_us. Otherwise cancels it, waits
 * until it has reported, and finishes with ERR_TIMEOUT. Cancelling this cancels job.
 */
struct job *with_timeout(struct loop *loop, struct job *job, int64_t time_us);

#endif
