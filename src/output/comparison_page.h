/*
 * A comparison as an HTML page (page.h), with comparison.html in the middle and comparison.js: the
 * levels side by side, the distributions of their latencies, and each run.
 */
#ifndef OUTPUT_COMPARISON_PAGE_H
#define OUTPUT_COMPARISON_PAGE_H

#include <stdint.h>

#include "base/err.h"

struct buf;
struct comparison;

/* What the page is of. It was begun at that time (base/clock.h). */
struct comparison_page {
	const struct comparison *comparison;
	int64_t started_unix_us;
};

/* See page_put() and page_write(). */
void comparison_page_put(struct buf *out, const struct comparison_page *page, const char *nonce);
MUST_USE enum err comparison_page_write(const char *path, const struct comparison_page *page,
                                        struct error *e);

#endif
