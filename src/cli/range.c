#include "cli/range.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/units.h"

static const char digits[] = "0123456789";
static const char blanks[] = " \t";

static bool parse_position(char *text, uint64_t *ret_position)
{
	return !units_parse_uint(text, 0, INT64_MAX, ret_position);
}

/* One of a list: "0-499", "500-" or "-500". Changes it. */
static bool is_range(char *text)
{
	char *first = text + strspn(text, blanks), *last = first;
	uint64_t from = 0, to = INT64_MAX;

	strsep(&last, "-");
	if (!last)
		return false;
	for (size_t len = strlen(last); len && strchr(blanks, last[len - 1]); len--)
		last[len - 1] = '\0';
	if (!*first && !*last)
		return false;
	return (!*first || parse_position(first, &from)) && (!*last || parse_position(last, &to)) &&
	       from <= to;
}

enum err range_parse(const char *text, struct buf *ret_range, struct error *e)
{
	bool is_start = *text && !text[strspn(text, digits)];
	char *copy = mem_printf("%s%s", text, is_start ? "-" : ""), *at = copy, *one;
	bool is_good = true;

	buf_put_text(ret_range, copy);
	while ((one = strsep(&at, ",")))
		is_good &= is_range(one);
	free(copy);
	return is_good ? ERR_NONE
	               : error_set(e, ERR_SYNTAX, "\"%s\" is not a range like 0-499, 500- or -500",
	                           text);
}
