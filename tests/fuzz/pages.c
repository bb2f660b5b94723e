/*
 * Feeds input/pages.c three URLs, a line each: a page's own, the next one's and the last one's.
 * The URLs that it makes up begin where the next one ends and end in the last one.
 */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "input/pages.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct parts parts = {(const char *)data, size};
	char *own = parts_next(&parts, '\n'), *next = parts_next(&parts, '\n');
	char *last = parts_next(&parts, '\n');
	struct page_range range;
	struct buf url;

	buf_init(&url, BUF_UNLIMITED);
	if (page_range_find(own, next, last, &range)) {
		REQUIRE(range.first <= range.last);
		REQUIRE(range.number_at + range.number_len <= strlen(next));
		page_range_put(&url, &range, next, range.last);
		REQUIRE(!strcmp(url.data, last));
	}
	buf_release(&url);
	free(own);
	free(next);
	free(last);
	return 0;
}
