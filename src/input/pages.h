/*
 * Pages that are numbered in their URLs: from the first two and the last, those between.
 */
#ifndef INPUT_PAGES_H
#define INPUT_PAGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;

/* Pages first to last. Each has the URL of first with its own number there. */
struct page_range {
	uint64_t first, last;
	size_t number_at, number_len; /* in the URL of first */
};

/*
 * Whether it is certain which URLs are between next and last, of which the page own says that they
 * are the second and the last one: they differ in one decimal number only, that of last is larger,
 * and the step is 1. For that own has the same URL with a number smaller by 1; or, as one that
 * does not say that it is page 1, it may have another URL, if next has a 2 behind the word "page".
 */
bool page_range_find(const char *own, const char *next, const char *last,
                     struct page_range *ret_range);

/* Appends the URL of a page. next is what range was found with; leading zeros keep its width. */
void page_range_put(struct buf *out, const struct page_range *range, const char *next,
                    uint64_t number);

#endif
