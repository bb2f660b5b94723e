#include "policy/rate.h"

#include <string.h>

#include "base/units.h"

/* The slack: what a busy machine needs, but no whole interval; at least a turn of a loop. */
enum { LEAST_SLACK_US = 2000, MOST_SLACK_US = 20000 };

enum { MOST_STARTS = 1000000, MOST_UNITS = 1000 };

static int64_t unit_us(char letter)
{
	switch (letter) {
	case 's': return INT64_C(1000000);
	case 'm': return INT64_C(60000000);
	case 'h': return INT64_C(3600000000);
	case 'd': return INT64_C(86400000000);
	default: return 0;
	}
}

enum err rate_parse(const char *text, struct rate *ret_rate, struct error *e)
{
	const char *slash = strchr(text, '/');
	size_t len = slash ? (size_t)(slash - text) : 0;
	size_t digits = slash ? strspn(slash + 1, "0123456789") : 0;
	char count_text[16] = "", units_text[16] = "1";
	uint64_t count, units;
	int64_t unit;

	if (!slash || len >= sizeof(count_text) || digits >= sizeof(units_text) ||
	    !slash[1 + digits] || slash[2 + digits])
		goto wrong;
	memcpy(count_text, text, len);
	if (digits)
		memcpy(units_text, slash + 1, digits);
	unit = unit_us(slash[1 + digits]);
	if (!unit || units_parse_uint(count_text, 1, MOST_STARTS, &count) ||
	    units_parse_uint(units_text, 1, MOST_UNITS, &units))
		goto wrong;
	*ret_rate = (struct rate){(int64_t)count, (int64_t)units * unit};
	return ERR_NONE;
wrong:
	return error_set(e, ERR_SYNTAX, "\"%s\" is not a rate like 10/s, 100/m or 5/15s", text);
}

static int64_t slack_us(const struct rate *rate)
{
	int64_t half = rate->unit_us / rate->count / 2;

	if (half < LEAST_SLACK_US)
		return LEAST_SLACK_US;
	return half < MOST_SLACK_US ? half : MOST_SLACK_US;
}

void rate_take(const struct rate *rate, struct rate_meter *meter, int64_t now_us)
{
	int64_t earliest;

	if (!rate->count)
		return;
	earliest = now_us - slack_us(rate);
	if (!meter->next_us)
		meter->next_us = now_us;
	else if (meter->next_us < earliest)
		*meter = (struct rate_meter){earliest, 0};
	meter->next_us += rate->unit_us / rate->count;
	meter->rest += rate->unit_us % rate->count;
	if (meter->rest >= rate->count) {
		meter->rest -= rate->count;
		meter->next_us++;
	}
}
