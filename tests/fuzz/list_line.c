/*
 * Feeds input/source.c a list: URLs with and without globs, job lines, comments, any line ends.
 * Each request has a problem or a URL without control characters; input/count.c counts as many.
 */
#include "fuzz.h"

#include <string.h>

#include "async/job.h"
#include "async/loop.h"
#include "base/buf.h"
#include "input/count.h"
#include "input/source.h"
#include "transfer/request.h"

enum { GLOBS = 1, UNIQUE = 2, SHARDS = 4, URLS_ONLY = 8, ENOUGH = 1000, MOST_WAITS = 20 };

static void check_request(const struct request *r)
{
	REQUIRE(r->line && r->file);
	if (!r->problem.len) {
		REQUIRE(strlen(r->url.data) == r->url.len);
		REQUIRE(r->url.len && !fuzz_has_control(r->url.data, r->url.len, ""));
		REQUIRE(r->options && (!r->own || r->own == r->options));
	}
	REQUIRE(!r->id.len || fuzz_is_json(r->id.data, r->id.len));
	REQUIRE(!r->meta.len || fuzz_is_json(r->meta.data, r->meta.len));
}

/* How many there are, up to ENOUGH. A share of endless ones may have none. */
static uint64_t read_list(struct loop *loop, const struct source_options *options)
{
	struct source *source = source_new(loop, options);
	uint64_t requests = 0, waits = 0;
	struct request r;
	enum err e;

	request_init(&r);
	while (requests < ENOUGH && waits < MOST_WAITS &&
	       (e = source_next(source, &r)) != ERR_EOF) {
		if (e == ERR_AGAIN) {
			REQUIRE(!job_await(source_wait(source)));
			waits++;
			continue;
		}
		check_request(&r);
		requests++;
		request_recycle(&r);
	}
	request_release(&r);
	source_free(source);
	return requests;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct loop *loop;
	struct parts parts = {(const char *)data, size};
	unsigned flags = parts_flags(&parts);
	struct source_item item = {true, fuzz_file(parts.at, parts.left)};
	struct source_options options = {
		.items = &item,
		.count = 1,
		.globs_lists = flags & GLOBS,
		.is_unique = flags & UNIQUE,
		.is_urls_only = flags & URLS_ONLY,
		.shard = flags & SHARDS ? 1 : 0,
		.shards = flags & SHARDS ? 2 : 0,
		.request = fuzz_fetch_options(),
	};
	uint64_t requests, count;

	if (!loop)
		loop = loop_new(true, NULL, NULL);
	requests = read_list(loop, &options);
	REQUIRE(requests == ENOUGH || !count_requests(&options, &count) || count == requests);
	return 0;
}
