/*
 * The log of a run that can be taken up again (--resume): JSON lines, one for each result, of all
 * runs. It is the checkpoint: a request that has an ok result there is done. Requests are known by
 * their fingerprint, never by their place, so the list may change in between.
 *
 * A request that stands twice in the list is done twice: each ok result counts for one.
 */
#ifndef POLICY_RESUME_H
#define POLICY_RESUME_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/hash.h"

struct resume;

/* Whether to stop reading the log, asked now and then. */
typedef bool resume_stop_fn(void *arg);

/*
 * Opens the log at path, makes it if there is none, and locks it against other processes for as
 * long as it is open; a new one is for its owner alone. A last line that a crash has torn is cut
 * off, and so is a block of NULs; one that lacks its newline alone is completed. NULL with words
 * when it is in use, cannot be used, or has a line that is no result of a log. Reads a million
 * lines in about a second. Memory: 20 to 60 bytes for each that is done. When stop says so it is
 * read in part, as it is, and must not be written; stop may be NULL.
 */
struct resume *resume_open(const char *path, resume_stop_fn *stop, void *arg, struct error *e);
void resume_close(struct resume *resume); /* NULL is fine */

/* To append to, a line for each result that begins with RESUME_FIELDS, in this order. */
int resume_fd(const struct resume *resume);
#define RESUME_FIELDS "fingerprint,ok"

/* Whether its file was deleted: what is written from then on is lost. */
bool resume_is_removed(const struct resume *resume);

/* How many bytes of a torn last line were cut off. */
int64_t resume_cut_bytes(const struct resume *resume);

/* True when a request with this fingerprint is done; it counts for one such request only. */
bool resume_is_done(struct resume *resume, struct hash fingerprint);

/*
 * How many requests are done in a log that matches none of those that were asked for: probably it
 * belongs to another list, or to another command. 0: there was a match, or nothing to match.
 */
uint64_t resume_count_unmatched(const struct resume *resume);

#endif
