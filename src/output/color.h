/*
 * The few colours that gather uses on a terminal.
 */
#ifndef OUTPUT_COLOR_H
#define OUTPUT_COLOR_H

#include <stdbool.h>

#define COLOR_DIM     "\033[2m"
#define COLOR_RED     "\033[31m"
#define COLOR_GREEN   "\033[32m"
#define COLOR_YELLOW  "\033[33m"
#define COLOR_MAGENTA "\033[35m"
#define COLOR_CYAN    "\033[36m"
#define COLOR_BLUE    "\033[94m" /* the bright one: the other is hard to see on black */

/* The sequence, or nothing. */
static inline const char *color_on(bool is_on, const char *sequence)
{
	return is_on ? sequence : "";
}

static inline const char *color_off(bool is_on)
{
	return is_on ? "\033[0m" : "";
}

/* That of a result: 0 is no status. */
static inline const char *color_of_status(bool is_ok, int http_code)
{
	if (is_ok)
		return COLOR_GREEN;
	return http_code && http_code < 500 ? COLOR_YELLOW : COLOR_RED;
}

#endif
