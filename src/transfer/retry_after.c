#include "transfer/retry_after.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "transfer/wait_text.h"

enum { TOO_MANY_REQUESTS = 429 };

/* Resets from here on are Unix times: as seconds they would be more than 30 years. */
#define FIRST_RESET_TIME_S 1e9

/*
 * Retry-After has no Unix times by its standard. One is taken for such within ten years of now; all
 * other numbers are seconds.
 */
#define RETRY_AFTER_AGE_S (10 * 365.25 * 86400)

/* The n-th value of that name; NULL: there are not so many. */
static const char *get_value(const struct responder *r, const char *name, size_t n)
{
	struct curl_header *header;

	if (curl_easy_header(r->easy, name, n, r->origin, -1, &header))
		return NULL;
	return header->value;
}

/* The longest time that the headers of that name have; -1: none that can be read. */
static int64_t longest_us(const struct responder *r, const char *name, double first_time_s)
{
	int64_t longest = -1, time_us;
	const char *value;

	for (size_t i = 0; (value = get_value(r, name, i)); i++) {
		if (wait_text_parse(value, r->unix_us, first_time_s, &time_us) && time_us > longest)
			longest = time_us;
	}
	return longest;
}

int64_t retry_after_us(const struct responder *responder)
{
	if (!responder->status)
		return -1;
	return longest_us(responder, "Retry-After",
	                  (double)responder->unix_us / 1e6 - RETRY_AFTER_AGE_S);
}

/* Less than one request is left. Who counts on past the limit has a negative number. */
static bool is_none(const char *text)
{
	bool is_negative = *text == '-';
	double left;

	return wait_text_parse_number(text + is_negative, &left) && (is_negative || left < 1);
}

/* ---- RateLimit ---- */

/* Of the parameters of one limit. */
struct limit {
	bool is_used_up;
	int64_t reset_us; /* -1: not known */
};

static bool is_key(const char *part, size_t len, const char *key)
{
	return len == strlen(key) && !strncasecmp(part, key, len);
}

/* "r=0", "reset=5", `"default"`. */
static void take_part(struct limit *limit, const char *part, int64_t unix_us)
{
	const char *equals = strchr(part, '=');
	size_t len = equals ? (size_t)(equals - part) : 0;

	if (!equals || *part == '"')
		*limit = (struct limit){false, -1};
	else if (is_key(part, len, "r") || is_key(part, len, "remaining"))
		limit->is_used_up = is_none(equals + 1);
	else if ((is_key(part, len, "t") || is_key(part, len, "reset")) &&
	         !wait_text_parse(equals + 1, unix_us, FIRST_RESET_TIME_S, &limit->reset_us))
		limit->reset_us = -1;
}

/* How long the part is that text begins with: to the next comma or semicolon outside of quotes. */
static size_t part_len(const char *text)
{
	bool is_quoted = false;
	size_t len;

	for (len = 0; text[len] && (is_quoted || !strchr(",;", text[len])); len++)
		is_quoted ^= text[len] == '"';
	return len;
}

/* A list of limits with parameters, or one limit whose parameters are a list. */
static int64_t parse_limits(const char *text, int64_t unix_us)
{
	struct limit limit = {false, -1};
	int64_t longest = -1;
	struct buf part;

	buf_init(&part, BUF_UNLIMITED);
	while (*text) {
		size_t len;

		text += strspn(text, ",; \t");
		len = part_len(text);
		buf_clear(&part);
		buf_put(&part, text, len);
		text += len;
		take_part(&limit, part.data, unix_us);
		if (limit.is_used_up && limit.reset_us > longest)
			longest = limit.reset_us;
	}
	buf_release(&part);
	return longest;
}

/* ---- RateLimit-Remaining and its kin ---- */

static bool is_used_up(const struct responder *r, const char *family)
{
	const char *value;
	char name[64];
	size_t i;

	snprintf(name, sizeof(name), "%sRemaining", family);
	for (i = 0; (value = get_value(r, name, i)); i++) {
		if (is_none(value))
			return true;
	}
	return !i && r->status == TOO_MANY_REQUESTS;
}

static int64_t family_us(const struct responder *r, const char *family)
{
	char name[64];
	int64_t time_us;

	if (!is_used_up(r, family))
		return -1;
	snprintf(name, sizeof(name), "%sReset-After", family);
	time_us = longest_us(r, name, FIRST_RESET_TIME_S);
	if (time_us >= 0)
		return time_us;
	snprintf(name, sizeof(name), "%sReset", family);
	return longest_us(r, name, FIRST_RESET_TIME_S);
}

int64_t rate_limit_us(const struct responder *responder)
{
	static const char *const families[] = {"RateLimit-", "X-RateLimit-", "X-Rate-Limit-"};
	int64_t longest = -1, time_us;
	const char *value;

	if (!responder->status)
		return -1;
	for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++) {
		time_us = family_us(responder, families[i]);
		if (time_us > longest)
			longest = time_us;
	}
	for (size_t i = 0; (value = get_value(responder, "RateLimit", i)); i++) {
		time_us = parse_limits(value, responder->unix_us);
		if (time_us > longest)
			longest = time_us;
	}
	return longest;
}
