#include "transfer/request.h"

#include <string.h>

#include "transfer/options.h"
#include "transfer/url.h"

enum { KEEP_BYTES = 4096 };

void request_init(struct request *request)
{
	*request = (struct request){0};
	buf_init(&request->url, BUF_UNLIMITED);
	buf_init(&request->origin, BUF_UNLIMITED);
	buf_init(&request->globs, BUF_UNLIMITED);
	buf_init(&request->problem, BUF_UNLIMITED);
	buf_init(&request->id, BUF_UNLIMITED);
	buf_init(&request->meta, BUF_UNLIMITED);
	buf_init(&request->output, BUF_UNLIMITED);
}

void request_release(struct request *request)
{
	buf_release(&request->url);
	buf_release(&request->origin);
	buf_release(&request->globs);
	buf_release(&request->problem);
	buf_release(&request->id);
	buf_release(&request->meta);
	buf_release(&request->output);
	fetch_options_free(request->own);
}

struct hash request_fingerprint(const struct request *request)
{
	struct hash fingerprint;
	struct buf url;

	/* Without making a copy of each URL. */
	if (!memchr(request->url.data, '@', request->url.len))
		return hash_more(request->options->fingerprint, request->url.data,
		                 request->url.len);
	buf_init(&url, BUF_UNLIMITED);
	url_put_without_login(&url, request->url.data, request->url.len);
	fingerprint = hash_more(request->options->fingerprint, url.data, url.len);
	buf_release(&url);
	return fingerprint;
}

struct hash request_identity(const struct request *request)
{
	const struct fetch_options *options = request->options;
	struct hash identity =
		hash_more(options->fingerprint, &options->credentials, sizeof(struct hash));

	return hash_more(identity, request->url.data, request->url.len);
}

void request_find_origin(struct request *request)
{
	buf_clear(&request->origin);
	url_put_origin(&request->origin, request->url.data, request->url.len);
}

void request_recycle(struct request *request)
{
	struct request empty = {
		.url = request->url,
		.origin = request->origin,
		.globs = request->globs,
		.problem = request->problem,
		.id = request->id,
		.meta = request->meta,
		.output = request->output,
	};

	buf_recycle(&empty.url, KEEP_BYTES);
	buf_recycle(&empty.origin, KEEP_BYTES);
	buf_recycle(&empty.globs, KEEP_BYTES);
	buf_recycle(&empty.problem, KEEP_BYTES);
	buf_recycle(&empty.id, KEEP_BYTES);
	buf_recycle(&empty.meta, KEEP_BYTES);
	buf_recycle(&empty.output, KEEP_BYTES);
	fetch_options_free(request->own);
	*request = empty;
}

bool method_is_idempotent(const char *method)
{
	static const char *const methods[] = {"GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"};

	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
		if (!strcmp(methods[i], method))
			return true;
	}
	return false;
}
