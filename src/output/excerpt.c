#include "output/excerpt.h"

#include "base/buf.h"
#include "base/mem.h"
#include "transfer/result.h"
#include "transfer/url.h"

char *excerpt_text(const char *data, size_t len)
{
	size_t keep = EXCERPT_LIMIT;

	if (len <= EXCERPT_LIMIT)
		return mem_bytes(data, len);
	while (keep && ((unsigned char)data[keep] & 0xc0) == 0x80)
		keep--;
	return mem_printf("%.*s\xe2\x80\xa6", (int)keep, data);
}

char *excerpt_url(const struct result *r)
{
	struct buf masked;
	char *text;

	buf_init(&masked, BUF_UNLIMITED);
	url_put_masked(&masked, r->request.url.data, r->request.url.len);
	text = excerpt_text(masked.data, masked.len);
	buf_release(&masked);
	return text;
}
