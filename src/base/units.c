#include "base/units.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum err units_parse_uint(const char *text, uint64_t min, uint64_t max, uint64_t *ret_number)
{
	uint64_t number = 0;

	if (!*text)
		return ERR_SYNTAX;
	for (const char *p = text; *p; p++) {
		if (!isdigit((unsigned char)*p))
			return ERR_SYNTAX;
	}
	for (const char *p = text; *p; p++) {
		unsigned digit = (unsigned)(*p - '0');
		if (number > (UINT64_MAX - digit) / 10)
			return ERR_LIMIT;
		number = number * 10 + digit;
	}
	if (number < min || number > max)
		return ERR_LIMIT;
	*ret_number = number;
	return ERR_NONE;
}

enum err units_parse_int(const char *text, int64_t *ret_number)
{
	uint64_t number;
	enum err e = units_parse_uint(text + (*text == '-'), 0, INT64_MAX, &number);

	if (!e)
		*ret_number = *text == '-' ? -(int64_t)number : (int64_t)number;
	return e;
}

/* A decimal number times scale, in integers all the way so that it is exact. */
static enum err parse_scaled(const char *text, size_t len, uint64_t scale, uint64_t max,
                             uint64_t *ret_number)
{
	uint64_t whole = 0, part = 0;
	size_t i = 0;

	if (len < 2 && (!len || *text == '.'))
		return ERR_SYNTAX;
	for (; i < len && text[i] != '.'; i++) {
		unsigned digit = (unsigned)(text[i] - '0');
		if (whole > (max / scale - digit) / 10)
			return ERR_LIMIT;
		whole = whole * 10 + digit;
	}
	/* From the last digit to the first: floor((n + floor(x)) / 10) is floor((n + x) / 10). */
	for (size_t k = len; k > i + 1; k--)
		part = (scale * (uint64_t)(text[k - 1] - '0') + part) / 10;
	*ret_number = whole * scale + part;
	return *ret_number > max ? ERR_LIMIT : ERR_NONE;
}

struct suffix {
	const char *name;
	uint64_t scale;
};

static enum err parse_with_suffix(const char *text, const struct suffix *suffixes, uint64_t max,
                                  int64_t *ret_number)
{
	size_t end = strspn(text, "0123456789.");
	const char *dot = memchr(text, '.', end);
	uint64_t number;

	if (dot && memchr(dot + 1, '.', end - (size_t)(dot + 1 - text)))
		return ERR_SYNTAX;
	for (const struct suffix *s = suffixes; s->name; s++) {
		if (strcasecmp(s->name, text + end))
			continue;
		enum err e = parse_scaled(text, end, s->scale, max, &number);
		if (!e)
			*ret_number = (int64_t)number;
		return e;
	}
	return ERR_SYNTAX;
}

enum err units_parse_duration(const char *text, int64_t *ret_us)
{
	static const struct suffix suffixes[] = {
		{"", 1000000},   {"s", 1000000},    {"ms", 1000},
		{"m", 60000000}, {"h", 3600000000}, {NULL, 0},
	};
	return parse_with_suffix(text, suffixes, (uint64_t)86400 * 1000 * 1000000, ret_us);
}

enum err units_parse_size(const char *text, int64_t *ret_bytes)
{
	static const struct suffix suffixes[] = {
		{"", 1}, {"b", 1}, {"k", 1 << 10}, {"m", 1 << 20}, {"g", 1 << 30}, {NULL, 0},
	};
	return parse_with_suffix(text, suffixes, INT64_MAX / 2, ret_bytes);
}

char *units_show_bytes(char text[UNITS_TEXT], uint64_t bytes)
{
	static const char *const names[] = {"B", "kB", "MB", "GB", "TB", "PB", "EB"};
	double number = (double)bytes;
	size_t i = 0;

	while (number >= 999.5 && i + 1 < sizeof(names) / sizeof(names[0])) {
		number /= 1000;
		i++;
	}
	snprintf(text, UNITS_TEXT, "%.*f %s", i && number < 9.95 ? 1 : 0, number, names[i]);
	return text;
}

char *units_show_time(char text[UNITS_TEXT], int64_t time_us)
{
	double us = (double)time_us;
	unsigned seconds = (unsigned)((time_us + 500000) / 1000000);

	if (us < 999.5)
		snprintf(text, UNITS_TEXT, "%.0f us", us);
	else if (us < 9950)
		snprintf(text, UNITS_TEXT, "%.1f ms", us / 1e3);
	else if (us < 999500)
		snprintf(text, UNITS_TEXT, "%.0f ms", us / 1e3);
	else if (us < 99.5e6)
		snprintf(text, UNITS_TEXT, "%.*f s", us < 9.995e6 ? 2 : 1, us / 1e6);
	else if (seconds < 3600)
		snprintf(text, UNITS_TEXT, "%um%02us", seconds / 60, seconds % 60);
	else
		snprintf(text, UNITS_TEXT, "%uh%02um", seconds / 3600, seconds / 60 % 60);
	return text;
}

double units_per_second(double number, int64_t time_us)
{
	return time_us > 0 ? number * 1e6 / (double)time_us : 0;
}
