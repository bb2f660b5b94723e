/*
 * An HTML page that needs nothing else. page.html is its frame, with page.css and page.js in it; a
 * kind of page adds what stands in the middle and a script of its own. The build makes C of them
 * (Makefile, page_assets.h).
 *
 * All numbers are in tables that can be read without scripts; the scripts draw their pictures from
 * those tables, so that what needs escaping is text in HTML and nothing else.
 */
#ifndef OUTPUT_PAGE_H
#define OUTPUT_PAGE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct about;
struct bars;
struct buf;

/* What stands in place of {name}. */
struct page_slot {
	const char *name;
	void (*put)(struct buf *out, void *arg);
};

/*
 * Besides its own slots it has one for what is shown ("12 requests to http://h"), which is the
 * heading where the user gave none, and one for the subtitle.
 */
struct page_kind {
	const char *const *middle, *const *script; /* of page_assets.h */
	const struct page_slot *slots;
	size_t slot_count;
};

/*
 * arg is given to the slots. nonce: letters and digits that nobody can guess; only what has it may
 * run or style the page.
 */
void page_put(struct buf *out, const struct page_kind *kind, const struct about *about, void *arg,
              const char *nonce);

/* The same as the file path (file_replace()), with a nonce. ERR_SYSTEM names the file. */
MUST_USE enum err page_write(const char *path, const struct page_kind *kind,
                             const struct about *about, void *arg, struct error *e);

/* ---- what slots are made of ---- */

/* "1,234,567" */
void page_put_count(struct buf *out, uint64_t count);
void page_put_time(struct buf *out, int64_t us);

/* "2026-11-21 17:57:45 UTC" */
void page_put_date(struct buf *out, int64_t unix_us);

/* "s" unless there is one of them. */
const char *page_plural(uint64_t count);

/* "log" or "linear": the axis that bars are for. */
void page_put_axis(struct buf *out, const struct bars *bars);

/* Cells of tables. Times are milliseconds; one that took no time is empty, a moment is not. */
void page_put_ms_cell(struct buf *out, int64_t us);
void page_put_moment_cell(struct buf *out, int64_t us);

/* Digits alone. */
void page_put_count_cell(struct buf *out, uint64_t count);

void page_put_text_cell(struct buf *out, const char *text);

/* A figure with its name, within <dl class="tiles">; the figure is put in between. */
void page_begin_tile(struct buf *out, const char *name);
void page_end_tile(struct buf *out);
void page_put_count_tile(struct buf *out, const char *name, uint64_t count);
void page_put_time_tile(struct buf *out, const char *name, int64_t us);

/* "3.9" or "1,234", with what stands behind it. */
void page_put_number_tile(struct buf *out, const char *name, double number, const char *unit);

#endif
