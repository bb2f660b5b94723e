/*
 * Bodies as files. A body is written to NAME.part and gets its name when it is whole; what fails
 * leaves nothing. Two requests never write one file, in this run or in another one at the same
 * time.
 *
 * Names are given in the order of the input, so they are the same whatever comes first: the second
 * request for a name that the run has given already, or that a file has, gets NAME.1. So does a
 * directory whose name a file has, for all files in it, and a file whose name a directory has.
 * Names are relative to the folder, and no link below it is followed.
 *
 * What is no regular file is never replaced. Where the user himself names one, all bodies are
 * written into it; a name that a URL has chosen leads to none.
 */
#ifndef OUTPUT_STORE_H
#define OUTPUT_STORE_H

#include <stdbool.h>

#include "base/err.h"

struct buf;
struct result;
struct store;

/* What to do where a file has the name. */
enum store_existing {
	STORE_NUMBER,    /* take the next name that is free */
	STORE_SKIP,      /* the request is done */
	STORE_OVERWRITE, /* replace a regular file, once the new body is whole */
};

/* Makes the folder, and those above it. ERR_SYSTEM with words. Names: 20 to 60 bytes of memory
 * each. */
struct store *store_new(const char *folder, enum store_existing existing, struct error *e);

/* Every result has its sink no more. NULL is fine. */
void store_free(struct store *store);

/*
 * Gives the result a sink that writes to a file called name, or the next that is free, below the
 * folder. name has only components that are safe (output/file_name.h). False, with STORE_SKIP: that
 * file is there. In the order of the input.
 */
bool store_assign(struct store *store, const struct buf *name, struct result *result);

/*
 * What is written into instead of files: path is file_is_special(), and name what it is called
 * below the folder. Waits for the reader of a FIFO. ERR_SYSTEM with words.
 */
MUST_USE enum err store_open_target(struct store *store, const char *path, const char *name,
                                    struct error *e);
bool store_has_target(const struct store *store);

/* Gives the result a sink that writes into the target. */
void store_assign_target(struct store *store, struct result *result);

/* As store_assign(), for a request that was done in an earlier run: it has a name, and needs no
 * file. */
void store_pass(struct store *store, const struct buf *name);

/* Takes the result's sink away from it, if it has one. It is at rest. */
void store_recall(struct result *result);

/* When the disk is full, as the last three files had no space: the folder, for people. Else NULL.
 */
const char *store_full_folder(const struct store *store);

#endif
