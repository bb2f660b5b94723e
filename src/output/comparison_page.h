/*
 * A comparison as an HTML page (page.h), with comparison.html in the middle and comparison.js: the
 * levels side by side, the distributions of their latencies, and each run.
 */
#ifndef OUTPUT_COMPARISON_PAGE_H
#define OUTPUT_COMPARISON_PAGE_H

#include "base/err.h"
#include "output/about.h"

struct buf;
struct comparison;

/* What the page is of. The HTTP versions of about are those of the comparison. */
struct comparison_page {
	const struct comparison *comparison;
	struct about about;
};

/* See page_put() and page_write(). */
void comparison_page_put(struct buf *out, const struct comparison_page *page, const char *nonce);
MUST_USE enum err comparison_page_write(const char *path, const struct comparison_page *page,
                                        struct error *e);

#endif
