#include "transfer/result.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "transfer/ceilings.h"
#include "transfer/url.h"

enum { KEEP_BYTES = 4096 };

const char *failure_name(enum failure failure)
{
	static const char *const names[FAILURES] = {
		[FAILURE_INPUT] = "input",       [FAILURE_DNS] = "dns",
		[FAILURE_CONNECT] = "connect",   [FAILURE_TLS] = "tls",
		[FAILURE_TIMEOUT] = "timeout",   [FAILURE_HTTP] = "http",
		[FAILURE_PROTOCOL] = "protocol", [FAILURE_TOO_LARGE] = "too-large",
		[FAILURE_REDIRECT] = "redirect", [FAILURE_DENIED] = "denied",
		[FAILURE_WRITE] = "write",       [FAILURE_EXEC] = "exec",
		[FAILURE_CANCELED] = "canceled", [FAILURE_DEADLINE] = "deadline",
		[FAILURE_OTHER] = "other",
	};
	return names[failure];
}

static const struct result nothing = {
	.time_queue_us = -1,
	.time_namelookup_us = -1,
	.time_connect_us = -1,
	.time_appconnect_us = -1,
	.time_pretransfer_us = -1,
	.time_starttransfer_us = -1,
	.time_redirect_us = -1,
	.time_total_us = -1,
	.started_us = -1,
	.started_unix_us = -1,
	.retry_after_us = -1,
	.rate_limit_us = -1,
};

void result_init(struct result *result)
{
	*result = nothing;
	request_init(&result->request);
	buf_init(&result->message, BUF_UNLIMITED);
	buf_init(&result->warning, BUF_UNLIMITED);
	buf_init(&result->url_effective, BUF_UNLIMITED);
	buf_init(&result->content_type, BUF_UNLIMITED);
	buf_init(&result->filename, BUF_UNLIMITED);
	buf_init(&result->headers, BUF_UNLIMITED);
	buf_init(&result->body, BUF_UNLIMITED);
	buf_init(&result->extract, BUF_UNLIMITED);
}

static void details_free(struct details *details)
{
	if (!details)
		return;
	buf_release(&details->certs);
	buf_release(&details->redirect_url);
	buf_release(&details->referer);
	buf_release(&details->ftp_entry_path);
	free(details);
}

static void details_clear(struct details *details)
{
	struct details empty = {.certs = details->certs,
	                        .redirect_url = details->redirect_url,
	                        .referer = details->referer,
	                        .ftp_entry_path = details->ftp_entry_path};

	buf_recycle(&empty.certs, KEEP_BYTES);
	buf_recycle(&empty.redirect_url, KEEP_BYTES);
	buf_recycle(&empty.referer, KEEP_BYTES);
	buf_recycle(&empty.ftp_entry_path, KEEP_BYTES);
	*details = empty;
}

struct details *result_details(struct result *result)
{
	struct details *details = result->details;

	if (!details) {
		details = result->details = mem_zero(1, sizeof(*details));
		buf_init(&details->certs, BUF_UNLIMITED);
		buf_init(&details->redirect_url, BUF_UNLIMITED);
		buf_init(&details->referer, BUF_UNLIMITED);
		buf_init(&details->ftp_entry_path, BUF_UNLIMITED);
	}
	return details;
}

struct command *result_command(struct result *result)
{
	struct command *command = mem_zero(1, sizeof(*command));

	buf_init(&command->output, BUF_UNLIMITED);
	buf_init(&command->errors, BUF_UNLIMITED);
	result->command = command;
	return command;
}

static void command_free(struct command *command)
{
	if (!command)
		return;
	buf_release(&command->output);
	buf_release(&command->errors);
	free(command);
}

bool result_keep(struct result *result, struct kept *kept, const char *data, size_t len)
{
	size_t total = atomic_fetch_add(&kept->bytes, len) + len;

	result->kept = kept;
	buf_put(&result->body, data, len);
	return total <= MAX_KEPT_BODIES || result->body.len <= kept->share;
}

static void uncount_body(struct result *result)
{
	if (result->kept)
		atomic_fetch_sub(&result->kept->bytes, result->body.len);
	result->kept = NULL;
}

void result_drop_body(struct result *result)
{
	uncount_body(result);
	buf_recycle(&result->body, 0);
}

size_t result_held_bytes(const struct result *result)
{
	size_t bytes = result->body.len + result->extract.len;

	if (result->command)
		bytes += result->command->output.len + result->command->errors.len;
	return bytes;
}

void result_release(struct result *result)
{
	request_release(&result->request);
	buf_release(&result->message);
	buf_release(&result->warning);
	buf_release(&result->url_effective);
	buf_release(&result->content_type);
	buf_release(&result->filename);
	buf_release(&result->headers);
	uncount_body(result);
	buf_release(&result->body);
	buf_release(&result->extract);
	details_free(result->details);
	command_free(result->command);
}

static void clear(struct result *result)
{
	struct result empty = nothing;

	uncount_body(result);
	empty.request = result->request;
	empty.message = result->message;
	empty.warning = result->warning;
	empty.url_effective = result->url_effective;
	empty.content_type = result->content_type;
	empty.filename = result->filename;
	empty.headers = result->headers;
	empty.body = result->body;
	empty.extract = result->extract;
	empty.details = result->details;
	buf_recycle(&empty.message, KEEP_BYTES);
	buf_recycle(&empty.warning, KEEP_BYTES);
	buf_recycle(&empty.url_effective, KEEP_BYTES);
	buf_recycle(&empty.content_type, KEEP_BYTES);
	buf_recycle(&empty.filename, KEEP_BYTES);
	buf_recycle(&empty.headers, KEEP_BYTES);
	buf_recycle(&empty.body, KEEP_BYTES);
	buf_recycle(&empty.extract, KEEP_BYTES);
	if (empty.details)
		details_clear(empty.details);
	command_free(result->command);
	*result = empty;
}

void result_clear_attempt(struct result *result)
{
	unsigned attempts = result->attempts;
	int64_t time_queue_us = result->time_queue_us;
	struct spent spent = result->spent;
	struct sink *sink = result->sink;

	if (result->time_total_us > 0)
		spent.time_us += result->time_total_us;
	spent.size_download += result->size_download;
	spent.num_connects += result->num_connects;
	clear(result);
	result->attempts = attempts;
	result->time_queue_us = time_queue_us;
	result->spent = spent;
	result->sink = sink;
}

void result_recycle(struct result *result)
{
	clear(result);
	request_recycle(&result->request);
}

bool result_is_ok(const struct result *result)
{
	return result->failure == FAILURE_NONE;
}

bool result_is_timed(const struct result *result)
{
	return (result->was_sent || result->time_connect_us >= 0) &&
	       result->failure != FAILURE_CANCELED && result->failure != FAILURE_DEADLINE;
}

void result_fail(struct result *result, enum failure failure, const char *message)
{
	result->failure = failure;
	buf_clear(&result->message);
	url_put_text_masked(&result->message, message, strlen(message));
}
