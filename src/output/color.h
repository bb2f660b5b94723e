/*
 * The few colours that gather uses on a terminal.
 */
#ifndef OUTPUT_COLOR_H
#define OUTPUT_COLOR_H

#include <stdbool.h>

#define COLOR_RED    "\033[31m"
#define COLOR_GREEN  "\033[32m"
#define COLOR_YELLOW "\033[33m"

/* The sequence, or nothing. */
static inline const char *color_on(bool is_on, const char *sequence)
{
	return is_on ? sequence : "";
}

static inline const char *color_off(bool is_on)
{
	return is_on ? "\033[0m" : "";
}

#endif
