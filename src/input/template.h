/*
 * Text with variables, compiled once and filled in for each row of the input.
 *
 *   {name}   a value, encoded for where it stands
 *   {+name}  the value as it is
 *   {} {+}   the same with the whole line
 *   {{ }}    a plain brace each: "{{name}}" is the text "{name}"
 *
 * A name is one or more characters other than braces, '"' and control characters, and neither
 * begins nor ends with a blank: what columns of CSV files are called, and no begin of a JSON
 * object. A '{' that begins no variable is plain text, and so is a '}' that ends none, but for the
 * "}}" that belongs to a "{{". In a URL, where neither can stand, they are errors.
 */
#ifndef INPUT_TEMPLATE_H
#define INPUT_TEMPLATE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

struct template;

/* Where it stands, and so what {name} becomes. */
enum template_use {
	TEMPLATE_URL,    /* all but unreserved characters percent-encoded (RFC 3986, 2.3) */
	TEMPLATE_HEADER, /* the value as it is; control characters but TAB are refused */
	TEMPLATE_BODY,   /* the inside of a JSON string where the text begins, after blanks, with a
	                  * plain '{' or '['; else as in a URL, which suits a form */
};

/* text is copied. ERR_SYNTAX with words that name the column, from 1, for TEMPLATE_URL only. */
MUST_USE enum err template_new(const char *text, size_t len, enum template_use use,
                               struct template **ret_template, struct error *e);

/* NULL is fine. */
void template_free(struct template *template);

bool template_has_variables(const struct template *template);

/* The name of variable i, "" for the whole line; NULL past the last. Borrowed. */
const char *template_name(const struct template *template, size_t i);

/* Looks up a value, which stays until the template is filled. An err with words: there is none. */
typedef enum err template_value_fn(const char *name, const char **ret_value, size_t *ret_len,
                                   void *arg, struct error *e);

/*
 * Appends the text with its values; out has no ceiling. What fn says, or ERR_SYNTAX with words for
 * a value that cannot stand where it should: a control character in a header, in JSON what is not
 * UTF-8, and in a URL what makes a path segment "." or "..", which would name another place, or
 * leaves it without a host.
 */
MUST_USE enum err template_fill(const struct template *template, template_value_fn *fn, void *arg,
                                struct buf *out, struct error *e);

#endif
