#include "cli/suggest.h"

#include <stddef.h>
#include <string.h>

#include "cli/options.h"

enum { LONGEST = 32 };

static size_t least(size_t a, size_t b, size_t c)
{
	size_t ab = a < b ? a : b;

	return ab < c ? ab : c;
}

/* Levenshtein's distance: how many letters to add, drop or change. */
static size_t distance(const char *a, size_t a_len, const char *b)
{
	size_t row[LONGEST + 1], b_len = strlen(b);

	for (size_t k = 0; k <= b_len; k++)
		row[k] = k;
	for (size_t i = 1; i <= a_len; i++) {
		size_t diagonal = row[0];
		row[0] = i;
		for (size_t k = 1; k <= b_len; k++) {
			size_t above = row[k];
			row[k] =
				least(above + 1, row[k - 1] + 1, diagonal + (a[i - 1] != b[k - 1]));
			diagonal = above;
		}
	}
	return row[b_len];
}

const char *suggest_option(const char *name)
{
	size_t len = strcspn(name, "=");
	size_t nearest = len / 3 + 1; /* farther than this is another word */
	const char *found = NULL;

	for (size_t i = 0; i < option_count && len <= LONGEST; i++) {
		const char *candidate = option_table[i].name;
		size_t d;

		if (!option_table[i].help || strlen(candidate) > LONGEST)
			continue;
		d = distance(name, len, candidate);
		if (d < nearest || (d == nearest && !found)) {
			nearest = d;
			found = candidate;
		}
	}
	return found;
}
