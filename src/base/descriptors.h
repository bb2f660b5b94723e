/*
 * The descriptors (open files, sockets, pipes) that a process may have: RLIMIT_NOFILE,
 * getrlimit(2).
 */
#ifndef BASE_DESCRIPTORS_H
#define BASE_DESCRIPTORS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Whether an errno says that there are no more: of this process, or of the system. */
bool descriptors_ran_out(int error);

/* 0 when one more can be opened now, else the errno that says why not. */
int descriptors_check_free(void);

/* The soft limit; UINT64_MAX where there is none. */
uint64_t descriptors_limit(void);

/* How many are open now, those that were inherited too. */
uint64_t descriptors_count_open(void);

enum { DESCRIPTORS_WORDS = 128 };

/* strerror() of any errno; where descriptors ran out, with the limit that was reached. Returns
 * words. */
const char *descriptors_strerror(int error, char words[DESCRIPTORS_WORDS]);

#endif
