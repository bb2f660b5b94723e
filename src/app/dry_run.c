#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "app/config.h"
#include "app/exit_code.h"
#include "app/message.h"
#include "app/run.h"
#include "async/job.h"
#include "async/loop.h"
#include "async/stream.h"
#include "output/job_text.h"
#include "transfer/request.h"
#include "transfer/url.h"

static void print_problem(const struct request *r, const char *problem)
{
	struct buf place;

	buf_init(&place, BUF_UNLIMITED);
	if (r->line)
		buf_printf(&place, "%s:%llu: ", r->file, (unsigned long long)r->line);
	else if (r->file)
		buf_printf(&place, "%s: ", r->file);
	url_put_masked(&place, r->url.data, r->url.len);
	message_print("%s%s%s", place.data, r->url.len ? ": " : "", problem);
	buf_release(&place);
}

/*
 * False, with words on standard error, for a request that could not be made, or that a line cannot
 * say.
 */
static bool print_request(struct buf *out, const struct request *r)
{
	struct error e = {""};

	if (!r->problem.len && !url_check(r->url.data, &e) && !job_text_put(out, r, &e))
		return true;
	print_problem(r, r->problem.len ? r->problem.data : e.text);
	return false;
}

static int print_requests(struct loop *loop, const struct config *config, struct source *source,
                          struct stream *stream)
{
	struct request r;
	bool is_all_ok = true;
	enum err e = ERR_NONE;

	request_init(&r);
	while (!stream_errno(stream) && (e = source_next(source, &r)) != ERR_EOF) {
		if (e == ERR_AGAIN) {
			job_await(source_wait(source));
			continue;
		}
		/* What --retry says is the request's as well, in a line. */
		if (!r.has_retries && config->retry.retries) {
			r.has_retries = true;
			r.retries = config->retry.retries;
		}
		if (print_request(stream_buf(stream), &r))
			stream_commit(stream);
		else
			is_all_ok = false;
		if (stream_is_full(stream))
			job_await(stream_drain(stream));
		request_recycle(&r);
	}
	message_print_lines(source_notices(source));
	request_release(&r);
	job_await(stream_flush(stream));
	loop_run(loop);
	return is_all_ok ? EXIT_ALL_OK : EXIT_SOME_FAILED;
}

int run_dry(const struct config *config)
{
	struct error e = {""};
	struct loop *loop = loop_new(true, config->backend, &e);
	struct source *source;
	struct stream *stream;
	int code;

	if (!loop) {
		message_print("%s", e.text);
		return EXIT_USAGE;
	}
	source = source_new(loop, &config->source);
	stream = stream_new(loop, STDOUT_FILENO, NULL, NULL);
	code = print_requests(loop, config, source, stream);
	if (stream_errno(stream)) {
		code = EXIT_UNWRITTEN;
		if (stream_errno(stream) != EPIPE)
			message_print("cannot write: %s", strerror(stream_errno(stream)));
	}
	source_free(source);
	stream_free(stream);
	loop_free(loop);
	return code;
}
