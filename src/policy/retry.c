#include "policy/retry.h"

#include <string.h>

enum { FIRST_DELAY_US = 1000000, MOST_DELAY_US = 60000000 };

/* CURLcodes of an answer that is not whole, and not nonsense (libcurl-errors(3)); the first one is
 * that of libcurl's own failure. */
enum {
	FAILED_INIT = 2,
	HTTP2_BROKE = 16,
	PARTIAL_FILE = 18,
	RANGE_ERROR = 33,
	RECV_ERROR = 56,
	HTTP2_STREAM_BROKE = 92
};

enum { FORBIDDEN = 403, TOO_MANY_REQUESTS = 429, UNAVAILABLE = 503 };

/* curl's, and two of Cloudflare's: the server behind it did not answer in time. */
static bool is_transient_status(int status)
{
	static const int statuses[] = {408, 429, 500, 502, 503, 504, 522, 524};

	for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
		if (statuses[i] == status)
			return true;
	}
	return false;
}

static bool is_retried_status(const struct retry_options *options, int status)
{
	if (!options->has_statuses)
		return is_transient_status(status);
	return status > 0 && status < STATUS_LIMIT && options->statuses[status];
}

static bool is_transient(const struct retry_options *options, const struct result *r)
{
	switch (r->failure) {
	case FAILURE_NONE: /* "not ready yet" */
		return options->has_statuses && is_retried_status(options, r->http_code);
	case FAILURE_HTTP: return is_retried_status(options, r->http_code);
	case FAILURE_CONNECT:
		return !r->refused_connect || is_retried_status(options, r->refused_connect);
	case FAILURE_DNS:
	case FAILURE_TIMEOUT: return true;
	case FAILURE_PROTOCOL:
		return r->exitcode == HTTP2_BROKE || r->exitcode == PARTIAL_FILE ||
		       r->exitcode == RANGE_ERROR || r->exitcode == RECV_ERROR ||
		       r->exitcode == HTTP2_STREAM_BROKE;
	case FAILURE_OTHER: return r->exitcode == FAILED_INIT;
	default: return false;
	}
}

/* What fails anew each time, or was not meant to go on. */
static bool is_final(enum failure failure)
{
	return failure == FAILURE_NONE || failure == FAILURE_INPUT || failure == FAILURE_WRITE ||
	       failure == FAILURE_EXEC || failure == FAILURE_CANCELED ||
	       failure == FAILURE_DEADLINE;
}

static bool is_retried(const struct retry_options *options, const struct result *r)
{
	if (options->is_any_error && !is_final(r->failure))
		return true;
	return is_transient(options, r) && (options->is_any_error || !r->was_sent ||
	                                    method_is_idempotent(r->request.options->method));
}

static int64_t least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static int64_t most(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* What the server asks for; -1: nothing. Retry-After is the more deliberate word. */
static int64_t asked_us(const struct result *r)
{
	return r->retry_after_us >= 0 ? r->retry_after_us : r->rate_limit_us;
}

/* Whether Retry-After is about all requests to the host, and not only about this one. */
static bool asks_for_host(int status)
{
	return status == FORBIDDEN || status == TOO_MANY_REQUESTS || status == UNAVAILABLE;
}

/* Before retry number attempts, without jitter. */
static int64_t full_delay_us(const struct retry_options *options, unsigned attempts)
{
	int64_t delay_us = FIRST_DELAY_US;

	if (options->delay_us)
		return options->delay_us;
	while (--attempts && delay_us < MOST_DELAY_US)
		delay_us *= 2;
	return least(delay_us, MOST_DELAY_US);
}

/* After the first attempt. */
static uint64_t most_retries(const struct retry_options *options, const struct request *request)
{
	return request->has_retries ? request->retries : options->retries;
}

bool retry_is_too_late(const struct retry_options *options, int64_t elapsed_us)
{
	return options->max_time_us && elapsed_us > options->max_time_us;
}

int64_t retry_delay_us(const struct retry_options *options, const struct result *r,
                       int64_t elapsed_us, double jitter)
{
	int64_t delay_us;

	if (!r->attempts || r->attempts > most_retries(options, &r->request) ||
	    !is_retried(options, r))
		return -1;
	delay_us = full_delay_us(options, r->attempts);
	if (!options->delay_us)
		delay_us = (int64_t)((double)delay_us * jitter);
	delay_us = most(delay_us, least(asked_us(r), options->pause_max_us));
	return retry_is_too_late(options, elapsed_us + delay_us) ? -1 : delay_us;
}

int64_t retry_pause_us(const struct retry_options *options, const struct result *r)
{
	int status = r->refused_connect ? r->refused_connect : r->http_code;
	int64_t pause_us = asks_for_host(status) ? asked_us(r) : r->rate_limit_us;

	if (pause_us < 0 && status == TOO_MANY_REQUESTS && r->attempts)
		pause_us = full_delay_us(options, 1);
	return pause_us > 0 ? least(pause_us, options->pause_max_us) : 0;
}
