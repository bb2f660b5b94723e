/*
 * Rows of the input that fill templates: a line is its text and, where that is a JSON object, its
 * members; a record of a CSV list is its text and its columns.
 */
#ifndef INPUT_ROW_H
#define INPUT_ROW_H

#include <stddef.h>

#include "base/err.h"

struct csv;
struct fetch_options;
struct request;
struct template;

/* What each row fills. All zero: nothing yet. */
struct row_templates {
	struct template *url;
	struct template *body; /* NULL: that of the options */
	struct template *
		*headers; /* all, in order, if any has variables; NULL: those of the options */
	size_t header_count;
};

/*
 * Takes headers and body of the options, which are not sealed, as templates. What has no variables
 * goes back, with its doubled braces made single; what has some is in the options no more, which
 * know of a body only that there is one.
 */
MUST_USE enum err row_templates_take(struct row_templates *templates, struct fetch_options *options,
                                     struct error *e);
void row_templates_release(struct row_templates *templates);

/*
 * Whether a list with this first record can fill them: every column has a name of its own, and
 * every name in the templates a column. ERR_SYNTAX with words.
 */
MUST_USE enum err row_templates_check(const struct row_templates *templates,
                                      const struct csv *header, struct error *e);

struct row {
	const char *text; /* all of it, with a NUL behind it */
	size_t len;
	const struct csv *header, *record; /* of a CSV list; NULL: a line */
};

/*
 * Makes the request of a row: its URL and, where headers or body have variables, options of its
 * own, derived from these, which are sealed. A row that cannot fill the templates makes a request
 * with a problem, which shows nothing of its values.
 */
void row_fill(const struct row *row, const struct row_templates *templates,
              const struct fetch_options *options, struct request *ret_request);

#endif
