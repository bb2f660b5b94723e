#include "app/fetch.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/units.h"
#include "base/utf8.h"
#include "transfer/url.h"

struct fetch *fetch_pool_take(struct fetch_pool *pool)
{
	struct fetch *fetch = pool->free;

	if (fetch) {
		pool->free = fetch->next;
	} else {
		fetch = mem_zero(1, sizeof(*fetch));
		fetch->item.owner = fetch;
		result_init(&fetch->result);
	}
	return fetch;
}

void fetch_pool_give(struct fetch_pool *pool, struct fetch *fetch)
{
	result_recycle(&fetch->result);
	fetch->next = pool->free;
	pool->free = fetch;
}

void fetch_pool_release(struct fetch_pool *pool)
{
	struct fetch *fetch;

	while ((fetch = pool->free)) {
		pool->free = fetch->next;
		result_release(&fetch->result);
		free(fetch);
	}
}

void fetch_cancel(struct fetch *fetch, enum failure failure)
{
	/* Of a body that came in part. One that was stored already, before its command was stopped,
	 * is whole. */
	if (!result_is_ok(&fetch->result))
		fetch->result.checksum[0] = '\0';
	result_fail(&fetch->result, failure,
	            failure == FAILURE_DEADLINE ? "the run's deadline has passed" : "canceled");
}

void fetch_put_line(struct buf *out, const struct fetch *fetch, const char *phase, int64_t age_us,
                    int64_t bytes)
{
	const struct request *request = &fetch->result.request;
	char age[UNITS_TEXT], size[UNITS_TEXT];
	struct buf url;

	buf_printf(out, "%8llu  %-21s  %7s  attempt %u  %7s  ", (unsigned long long)request->index,
	           phase, units_show_time(age, age_us), fetch->result.attempts,
	           units_show_bytes(size, (uint64_t)bytes));
	buf_init(&url, BUF_UNLIMITED);
	url_put_masked(&url, request->url.data, request->url.len);
	utf8_put(out, url.data, url.len, UTF8_FOR_TERMINALS);
	buf_release(&url);
	buf_put_byte(out, '\n');
}
