/*
 * What fuzz targets share. A target is a program of one function, which takes any bytes and ends
 * the program when something is not as it should be. With clang's libFuzzer (make fuzz) it looks
 * for such bytes; with replay.c it takes those of its corpus again (make check).
 */
#ifndef FUZZ_H
#define FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;
struct fetch_options;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Like assert(), in every mode, with words about the input at hand. */
#define REQUIRE(claim) ((claim) ? (void)0 : fuzz_fail(__FILE__, __LINE__, #claim))
_Noreturn void fuzz_fail(const char *file, int line, const char *claim);

/* The input in parts: what is up to the next separator, as a text that the caller frees. */
struct parts {
	const char *at;
	size_t left;
};
char *parts_next(struct parts *parts, char separator);

/* One of the input's bytes as flags; 0 where there is none. */
unsigned parts_flags(struct parts *parts);

/*
 * A file with this contents, which has a path and no name. Targets can open no other: open()
 * refuses. Valid until the next call, with the same path.
 */
const char *fuzz_file(const void *data, size_t len);
size_t fuzz_file_size(void);

/* Whether it is JSON; it has no NUL. */
bool fuzz_is_json(const char *text, size_t len);

/* Whether there are control characters, but for those in allowed. */
bool fuzz_has_control(const char *text, size_t len, const char *allowed);

/* Sealed, the same each time, with libcurl set up for the process. */
const struct fetch_options *fuzz_fetch_options(void);

#endif
