/*
 * Feeds transfer/link.c header lines, and transfer/url.c what they point to.
 * A target has no control character, and means a URL or nothing.
 */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "transfer/link.h"
#include "transfer/url.h"

static void check_link(const struct buf *headers, const char *rel)
{
	struct buf target, url;

	buf_init(&target, BUF_UNLIMITED);
	buf_init(&url, BUF_UNLIMITED);
	if (link_find(headers, rel, &target)) {
		REQUIRE(!memchr(target.data, '\n', target.len + 1));
		if (!url_resolve("http://127.0.0.1/a/b?c", target.data, &url, NULL))
			REQUIRE(url.len && !fuzz_has_control(url.data, url.len, ""));
	} else {
		REQUIRE(!target.len);
	}
	buf_release(&target);
	buf_release(&url);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = mem_bytes(size ? (const char *)data : "", size);
	struct buf headers;

	fuzz_fetch_options();
	buf_init(&headers, BUF_UNLIMITED);
	/* As libcurl gives it: without NUL and CR, lines that end. */
	for (char *p = text; *p; p++)
		buf_put_byte(&headers, *p == '\r' ? ' ' : *p);
	buf_put_byte(&headers, '\n');
	check_link(&headers, "next");
	check_link(&headers, "last");
	buf_release(&headers);
	free(text);
	return 0;
}
