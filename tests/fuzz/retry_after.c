/*
 * Feeds transfer/retry_after.c headers and policy/retry.c what it makes of them, with libcurl's
 * part taken over: a line "NAME: VALUE" each, after a byte for the status.
 * A pause is never negative nor longer than allowed, and no retry begins before its end.
 */
#include "fuzz.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "policy/retry.h"
#include "transfer/result.h"
#include "transfer/retry_after.h"
#include "transfer/wait_text.h"

enum { PAUSE_MAX_US = 120 * 1000000 };

static char *headers;
static struct curl_header found;

/* This takes the place of libcurl's. The value ends with its line. */
CURLHcode curl_easy_header(CURL *easy, const char *name, size_t index, unsigned origin, int request,
                           struct curl_header **ret_header)
{
	size_t len = strlen(name);

	(void)easy;
	(void)origin;
	(void)request;
	for (char *line = headers; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncasecmp(line, name, len) != 0 || line[len] != ':' || index--)
			continue;
		free(found.value);
		found.value = mem_bytes(line + len + 1, strcspn(line + len + 1, "\n"));
		*ret_header = &found;
		return CURLHE_OK;
	}
	return CURLHE_MISSING;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const int statuses[] = {429, 503, 200, 500, 0, 403};
	static const struct retry_options policy = {.retries = 3, .pause_max_us = PAUSE_MAX_US};
	struct parts parts = {(const char *)data, size};
	struct responder responder = {.unix_us = 1800000000000000};
	struct result result;
	int64_t pause_us, delay_us;

	result_init(&result);
	result.request.options = fuzz_fetch_options();
	result.http_code = statuses[parts_flags(&parts) % 6];
	result.failure = FAILURE_HTTP;
	result.attempts = 1;
	headers = mem_bytes(parts.left ? parts.at : "", parts.left);
	responder.status = result.http_code;
	result.retry_after_us = retry_after_us(&responder);
	result.rate_limit_us = rate_limit_us(&responder);
	REQUIRE(result.retry_after_us >= -1 && result.retry_after_us <= MOST_WAIT_US);
	REQUIRE(result.rate_limit_us >= -1 && result.rate_limit_us <= MOST_WAIT_US);
	pause_us = retry_pause_us(&policy, &result);
	delay_us = retry_delay_us(&policy, &result, 0, 0.5);
	REQUIRE(pause_us >= 0 && pause_us <= PAUSE_MAX_US);
	REQUIRE(delay_us >= -1);
	if (delay_us >= 0 && result.retry_after_us > 0)
		REQUIRE(delay_us >= PAUSE_MAX_US || delay_us >= result.retry_after_us);
	result_release(&result);
	free(headers);
	return 0;
}
