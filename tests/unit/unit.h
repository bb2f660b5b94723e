/*
 * What every unit test shares: cmocka with the headers it wants first, a guard against a test that
 * hangs, and comparisons for tables of cases: each names its case when it fails.
 */
#ifndef UNIT_H
#define UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <inttypes.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"

/* What a header gives to tests that may not all want it. */
#define HELPER static inline __attribute__((unused))

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* ---- comparisons; name says which case of a table it was ---- */

#define case_int(name, actual, expected) \
	unit_case_int(__FILE__, __LINE__, name, #actual, (intmax_t)(actual), (intmax_t)(expected))
#define case_uint(name, actual, expected) \
	unit_case_uint(__FILE__, __LINE__, name, #actual, actual, expected)
#define case_true(name, claim) unit_case_int(__FILE__, __LINE__, name, #claim, (claim) ? 1 : 0, 1)
#define case_err(name, actual, expected) \
	unit_case_text(__FILE__, __LINE__, name, #actual, err_name(actual), err_name(expected))
#define case_text(name, actual, expected) \
	unit_case_text(__FILE__, __LINE__, name, #actual, actual, expected)
#define case_bytes(name, data, len, expected, expected_len) \
	unit_case_bytes(__FILE__, __LINE__, name, data, len, expected, expected_len)

/* The same for a single err, without a table. */
#define assert_err(actual, expected) \
	unit_case_text(__FILE__, __LINE__, __func__, #actual, err_name(actual), err_name(expected))

HELPER void unit_case_int(const char *file, int line, const char *name, const char *what,
                          intmax_t actual, intmax_t expected)
{
	if (actual == expected)
		return;
	print_error("case \"%s\": %s is %" PRIdMAX ", not %" PRIdMAX "\n", name, what, actual,
	            expected);
	_fail(file, line);
}

HELPER void unit_case_uint(const char *file, int line, const char *name, const char *what,
                           uintmax_t actual, uintmax_t expected)
{
	if (actual == expected)
		return;
	print_error("case \"%s\": %s is %" PRIuMAX ", not %" PRIuMAX "\n", name, what, actual,
	            expected);
	_fail(file, line);
}

HELPER void unit_case_text(const char *file, int line, const char *name, const char *what,
                           const char *actual, const char *expected)
{
	if (!strcmp(actual, expected))
		return;
	print_error("case \"%s\": %s is \"%s\", not \"%s\"\n", name, what, actual, expected);
	_fail(file, line);
}

HELPER void unit_case_bytes(const char *file, int line, const char *name, const void *data,
                            size_t len, const void *expected, size_t expected_len)
{
	const unsigned char *a = data, *b = expected;
	size_t i = 0;

	while (i < len && i < expected_len && a[i] == b[i])
		i++;
	if (i == len && i == expected_len)
		return;
	print_error("case \"%s\": %zu bytes, not %zu; they differ from byte %zu on\n", name, len,
	            expected_len, i);
	_fail(file, line);
}

/* ---- running ---- */

/*
 * SIGPIPE is ignored, as main() does. The alarm is no measure of anything: it ends a test that
 * would never end.
 */
HELPER void unit_begin(void)
{
	signal(SIGPIPE, SIG_IGN);
	alarm(300);
}

#define UNIT_RUN(tests) (unit_begin(), cmocka_run_group_tests(tests, NULL, NULL))

#endif
