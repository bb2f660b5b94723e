/*
 * Feeds input/job_line.c an object, and output/job_text.c what it asks for.
 * What can be written again asks for the same: same URL, method, headers and body, same line.
 */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "input/job_line.h"
#include "output/job_text.h"
#include "transfer/options.h"
#include "transfer/request.h"

static bool is_same_text(const struct buf *a, const struct buf *b)
{
	return !strcmp(a->data, b->data);
}

static void check_same(const struct request *a, const struct request *b)
{
	struct hash first = request_fingerprint(a), second = request_fingerprint(b);

	REQUIRE(first.low == second.low && first.high == second.high);
	REQUIRE(is_same_text(&a->url, &b->url) && is_same_text(&a->output, &b->output));
	REQUIRE(is_same_text(&a->id, &b->id) && is_same_text(&a->meta, &b->meta));
	REQUIRE(a->has_retries == b->has_retries && a->retries == b->retries);
	REQUIRE(a->depth == b->depth);
}

static void check_again(const struct request *first)
{
	struct buf line, twice;
	struct request second;

	buf_init(&line, BUF_UNLIMITED);
	buf_init(&twice, BUF_UNLIMITED);
	request_init(&second);
	if (!job_text_put(&line, first, NULL)) {
		REQUIRE(fuzz_is_json(line.data, line.len));
		buf_cut(&line, line.len - 1);
		job_line_take(line.data, line.len, fuzz_fetch_options(), &second);
		REQUIRE(!second.problem.len);
		check_same(first, &second);
		REQUIRE(!job_text_put(&twice, &second, NULL));
		buf_cut(&twice, twice.len - 1);
		REQUIRE(!strcmp(line.data, twice.data));
	}
	request_release(&second);
	buf_release(&line);
	buf_release(&twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* As it is called: an object, with a NUL behind it. */
	char *line = mem_printf("{%.*s", (int)size, size ? (const char *)data : "");
	struct request r;

	request_init(&r);
	job_line_take(line, strlen(line), fuzz_fetch_options(), &r);
	REQUIRE(r.problem.len || (r.url.len && !fuzz_has_control(r.url.data, r.url.len, "")));
	REQUIRE(!r.own || r.own->is_sealed || r.problem.len);
	if (!r.problem.len)
		check_again(&r);
	request_release(&r);
	free(line);
	return 0;
}
