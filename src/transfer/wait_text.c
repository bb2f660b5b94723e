#include "transfer/wait_text.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "base/mem.h"

#define S_US 1e6

static const char blanks[] = " \t\r\n", digits[] = "0123456789";

struct now {
	double unix_s, first_time_s;
};

/* ---- numbers ---- */

static bool take_number(const char **at, double *ret_number)
{
	size_t whole = strspn(*at, digits), part = 0;
	bool has_point = (*at)[whole] == '.';

	if (has_point)
		part = strspn(*at + whole + 1, digits);
	if (!whole && !part)
		return false;
	/* An exponent would be read, but not passed over: what follows is no unit then. */
	*ret_number = strtod(*at, NULL);
	*at += whole + has_point + part;
	return true;
}

static void skip_blanks(const char **at)
{
	*at += strspn(*at, blanks);
}

bool wait_text_parse_number(const char *text, double *ret_number)
{
	double number;

	skip_blanks(&text);
	if (!take_number(&text, &number))
		return false;
	skip_blanks(&text);
	if (*text)
		return false;
	*ret_number = number;
	return true;
}

/* Seconds, or a Unix time. */
static double plain_seconds(double number, const struct now *now)
{
	if (number < now->first_time_s)
		return number;
	return (number < 1000 * now->first_time_s ? number : number / 1000) - now->unix_s;
}

/* ---- durations ---- */

/* The seconds of the unit that text begins with; 0: it does not. */
static double take_unit(const char **at)
{
	static const struct {
		const char *name;
		double seconds;
	} units[] = {
		{"ns", 1e-9},           {"us", 1e-6},   {"\302\265s", 1e-6}, {"\316\274s", 1e-6},
		{"ms", 1e-3},           {"msec", 1e-3}, {"msecs", 1e-3},     {"millisecond", 1e-3},
		{"milliseconds", 1e-3}, {"s", 1},       {"sec", 1},          {"secs", 1},
		{"second", 1},          {"seconds", 1}, {"m", 60},           {"min", 60},
		{"mins", 60},           {"minute", 60}, {"minutes", 60},     {"h", 3600},
		{"hr", 3600},           {"hrs", 3600},  {"hour", 3600},      {"hours", 3600},
		{"d", 86400},           {"day", 86400}, {"days", 86400},
	};
	size_t len = strcspn(*at, " \t\r\n.+-0123456789");

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (strlen(units[i].name) == len && !strncasecmp(*at, units[i].name, len)) {
			*at += len;
			return units[i].seconds;
		}
	}
	return 0;
}

/* A number, or numbers with units. */
static bool parse_length(const char *text, const struct now *now, double *ret_seconds)
{
	double sum = 0, number, unit, last_unit = 0;

	text += *text == '+';
	if (wait_text_parse_number(text, &number)) {
		*ret_seconds = plain_seconds(number, now);
		return true;
	}
	while (*text) {
		if (!take_number(&text, &number))
			return false;
		skip_blanks(&text);
		unit = take_unit(&text);
		if (!(unit > 0) || (last_unit > 0 && unit >= last_unit))
			return false;
		skip_blanks(&text);
		sum += number * unit;
		last_unit = unit;
	}
	*ret_seconds = sum;
	return last_unit > 0;
}

/* ---- dates ---- */

static int two_digits(const char *at)
{
	return 10 * (at[0] - '0') + (at[1] - '0');
}

/* "+01:00", "-0130", "+02" */
static bool take_offset(const char **at, double *ret_seconds)
{
	const char *hours = *at + 1, *minutes = NULL;
	size_t count = strspn(hours, digits);

	if (count == 4)
		minutes = hours + 2;
	else if (count == 2 && hours[2] == ':' && strspn(hours + 3, digits) == 2)
		minutes = hours + 3;
	else if (count != 2)
		return false;
	*ret_seconds = 3600. * two_digits(hours) + (minutes ? 60. * two_digits(minutes) : 0);
	if (**at == '-')
		*ret_seconds *= -1;
	*at = minutes ? minutes + 2 : hours + 2;
	return true;
}

/* What follows the seconds of a date: a fraction, and a zone. Without one it is UTC. */
static bool parse_rest(const char *text, double *ret_seconds)
{
	static const char *const names[] = {"Z", "GMT", "UTC", "UT"};
	double fraction = 0, offset = 0;

	if (*text == '.' && !take_number(&text, &fraction))
		return false;
	skip_blanks(&text);
	if ((*text == '+' || *text == '-') && !take_offset(&text, &offset))
		return false;
	skip_blanks(&text);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (!strcasecmp(text, names[i]))
			text = "";
	}
	*ret_seconds = fraction - offset;
	return !*text;
}

static bool parse_date(const char *text, const struct now *now, double *ret_seconds)
{
	/* The names of days and months are those of the C locale: gather sets no other. */
	static const char *const formats[] = {
		"%a, %d %b %Y %H:%M:%S", "%a, %d-%b-%y %H:%M:%S", "%a, %d-%b-%Y %H:%M:%S",
		"%a %b %d %H:%M:%S %Y",  "%Y-%m-%dT%H:%M:%S",     "%Y-%m-%d %H:%M:%S",
	};

	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		struct tm tm = {0};
		const char *rest = strptime(text, formats[i], &tm);
		double seconds;

		if (rest && parse_rest(rest, &seconds)) {
			*ret_seconds = (double)timegm(&tm) + seconds - now->unix_s;
			return true;
		}
	}
	return false;
}

/* ---- all ---- */

/* Without what is around it: text is changed. */
static char *trim(char *text)
{
	size_t len;

	text += strspn(text, blanks);
	for (len = strlen(text); len && strchr(blanks, text[len - 1]); len--)
		;
	if (len > 1 && *text == '"' && text[len - 1] == '"') {
		text++;
		len -= 2;
	}
	text[len] = '\0';
	return text;
}

static bool parse_one(char *text, const struct now *now, double *ret_seconds)
{
	text = trim(text);
	return parse_length(text, now, ret_seconds) || parse_date(text, now, ret_seconds);
}

static bool parse_list(char *text, const struct now *now, double *ret_seconds)
{
	double longest = 0, seconds;
	char *part;

	while ((part = strsep(&text, ","))) {
		if (!parse_one(part, now, &seconds))
			return false;
		if (seconds > longest)
			longest = seconds;
	}
	*ret_seconds = longest;
	return true;
}

typedef bool parse_fn(char *text, const struct now *now, double *ret_seconds);

static bool parse_copy(const char *text, parse_fn *parse, const struct now *now,
                       double *ret_seconds)
{
	char *copy = mem_text(text);
	bool is_good = parse(copy, now, ret_seconds);

	free(copy);
	return is_good;
}

bool wait_text_parse(const char *text, int64_t unix_us, double first_time_s, int64_t *ret_us)
{
	const struct now now = {(double)unix_us / S_US, first_time_s};
	double seconds;

	/* Dates have commas of their own. */
	if (!parse_copy(text, parse_one, &now, &seconds) &&
	    !parse_copy(text, parse_list, &now, &seconds))
		return false;
	if (!(seconds > 0))
		*ret_us = 0;
	else
		*ret_us = seconds < MOST_WAIT_US / S_US ? (int64_t)(seconds * S_US) : MOST_WAIT_US;
	return true;
}
