/*
 * How much servers can make us use, at most. The manual has a list of these (Ceilings).
 *
 * Besides, libcurl takes no line of more than 100 KiB in a head, 50 cookies of 4 KiB from an
 * answer, and sends 8 KiB of them. gzip takes 32 KiB of memory for each transfer, brotli 16 MiB;
 * zstd would take 128 MiB, and is not asked for.
 */
#ifndef TRANSFER_CEILINGS_H
#define TRANSFER_CEILINGS_H

#include <stddef.h>

enum {
	/* The heads of all answers to an attempt: those before the last (1xx, redirects, of a
	 * proxy) and trailers too. libcurl looks through all fields for each that it is asked for.
	 */
	MAX_HEAD_BYTES = 256 * 1024,
	MAX_HEAD_LINES = 1000,

	/* Cookies that servers set. */
	MAX_COOKIES = 3000,

	/* What is read at once of a body that is decoded, and what that may become: gzip makes up
	 * to 1032 bytes of one. All of it waits when a disk is slow. */
	DECODED_READ_BYTES = 2 * 1024,
	MAX_DECODED_BYTES = 5 * 1024 * 1024,
};

/* A body that is kept in memory. */
#define MAX_KEPT_BODY ((size_t)64 << 20)

/*
 * All of them in a run. Over that, those that have more than an equal share (by -c) fail: others
 * than those that are to blame are left alone, and twice as much is the end.
 */
#define MAX_KEPT_BODIES ((size_t)1 << 30)

#endif
