/*
 * The members of a result, in one table: JSON, CSV, --fields and --write-out all read it.
 */
#ifndef OUTPUT_FIELDS_H
#define OUTPUT_FIELDS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

struct buf;
struct fetch_options;
struct field;
struct json;
struct result;

/* Which fields, in which order. {0} is none. */
struct field_list {
	const struct field **fields;
	size_t count;
	struct field **made; /* those that belong to it */
	size_t made_count;
};

void field_list_release(struct field_list *list);

/*
 * Every field that is not in the list yet; headers and body only when they are asked for, and never
 * those that are shown only where they are named: the fingerprint, what only curl's -w has; nor
 * extract and exec.
 */
void field_list_add_all(struct field_list *list, bool with_headers, bool with_body);

/*
 * Adds those of a list like "url,http_code". ERR_SYNTAX names the one that is unknown. Of
 * "extract.NAME" any name is taken: see field_extract().
 */
MUST_USE enum err field_list_add(struct field_list *list, const char *names, struct error *e);

/* Adds "extract.NAME", whatever the NAME. The field lives as long as the list. */
const struct field *field_list_add_extract(struct field_list *list, const char *name);

/* Whether the field of that name is in the list. */
bool field_list_has(const struct field_list *list, const char *name);

/* NULL when there is none of that name. */
const struct field *field_find(const char *name);

const char *field_name(const struct field *field);

/* The NAME of "extract.NAME"; NULL of other fields. */
const char *field_extract(const struct field *field);

/* Lets the options keep what the field shows. */
void field_keep(const struct field *field, struct fetch_options *options);

/* The name of field i of the table; NULL past the end. For help and completions. */
const char *field_name_at(size_t i);

/* One JSON object with these members. */
void fields_put_json(struct json *json, const struct field_list *list, const struct result *result);

/*
 * RFC 4180: the header row, and a row for a result; with CRLF. What does not apply is empty. Where
 * cells are to be safe, text that a spreadsheet would run as a formula has an apostrophe before it.
 */
void fields_put_csv_header(struct buf *out, const struct field_list *list);
void fields_put_csv(struct buf *out, const struct field_list *list, const struct result *result,
                    bool has_safe_cells);

/*
 * The value of one field as curl's -w writes it: text and numbers as they are, a status with three
 * digits; what does not apply is 0, 0.000000 or empty.
 */
void field_put_text(struct buf *out, const struct field *field, const struct result *result);

#endif
