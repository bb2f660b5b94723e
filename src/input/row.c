#include "input/row.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/json_read.h"
#include "base/mem.h"
#include "input/csv.h"
#include "input/template.h"
#include "transfer/options.h"
#include "transfer/request.h"

enum { SHOWN_COLUMNS = 20 };

/* Who has the templates. */
static const char of_url[] = "--template", of_body[] = "--data", of_headers[] = "--header";

/* ---- values ---- */

/* The column of that name; count when there is none. */
static size_t find_column(const struct csv *header, const char *name)
{
	size_t i = 0;

	while (i < header->count && strcmp(csv_value(header, i), name) != 0)
		i++;
	return i;
}

struct lookup {
	const struct row *row;
	struct cJSON *json; /* the row, once a member has been asked for */
	bool has_failed;    /* there is no such value */
};

/* The only member of that name. */
static enum err find_member(const struct cJSON *json, const char *name,
                            const struct cJSON **ret_member, struct error *e)
{
	const struct cJSON *found = NULL;

	for (const struct cJSON *m = json_first(json); m; m = json_next(m)) {
		if (strcmp(json_name(m), name) != 0)
			continue;
		if (found)
			return error_set(e, ERR_SYNTAX, "two members \"%s\"", name);
		found = m;
	}
	if (!found)
		return error_set(e, ERR_SYNTAX, "no member \"%s\"", name);
	*ret_member = found;
	return ERR_NONE;
}

static enum err get_member(struct lookup *lookup, const char *name, const char **ret_value,
                           struct error *e)
{
	const struct row *row = lookup->row;
	const struct cJSON *member = NULL;
	struct error why = {""};
	enum json_type type;

	if (*row->text != '{')
		return error_set(e, ERR_SYNTAX, "no member \"%s\": the line is no JSON object",
		                 name);
	if (!lookup->json && !(lookup->json = json_parse(row->text, row->len, &why)))
		return error_set(e, ERR_SYNTAX, "bad JSON: %s", why.text);
	if (find_member(lookup->json, name, &member, e))
		return ERR_SYNTAX;
	type = json_type(member);
	switch (type) {
	case JSON_NULL: *ret_value = ""; break;
	case JSON_FALSE: *ret_value = "false"; break;
	case JSON_TRUE: *ret_value = "true"; break;
	case JSON_NUMBER:
	case JSON_STRING: *ret_value = json_chars(member); break;
	default:
		return error_set(e, ERR_SYNTAX, "member \"%s\" is %s, and no text", name,
		                 json_type_name(type));
	}
	return ERR_NONE;
}

/* A template_value_fn. */
static enum err get_value(const char *name, const char **ret_value, size_t *ret_len, void *arg,
                          struct error *e)
{
	struct lookup *lookup = arg;
	const struct row *row = lookup->row;
	enum err failed;
	size_t column;

	if (!*name) {
		*ret_value = row->text;
		*ret_len = row->len;
		return ERR_NONE;
	}
	if (row->record) {
		column = find_column(row->header, name);
		*ret_value = csv_value(row->record, column);
		*ret_len = csv_value_length(row->record, column);
		return ERR_NONE;
	}
	failed = get_member(lookup, name, ret_value, e);
	lookup->has_failed = failed;
	if (!failed)
		*ret_len = strlen(*ret_value);
	return failed;
}

/* For a name that there is not: braces in a body or a header may be meant to be plain. */
static const char *hint_at_braces(const char *option)
{
	return option == of_url ? "" : " ({{ and }} are plain braces)";
}

static enum err fill_template(const struct template *template, const char *option,
                              struct lookup *lookup, struct buf *out, struct error *e)
{
	struct error why = {""};
	enum err failed = template_fill(template, get_value, lookup, out, &why);

	if (failed)
		error_set(e, failed, "%s: %s%s", option, why.text,
		          lookup && lookup->has_failed ? hint_at_braces(option) : "");
	return failed;
}

/* body has a ceiling. */
static enum err fill_body(const struct template *template, struct lookup *lookup, struct buf *body,
                          struct error *e)
{
	enum err failed;
	struct buf text;

	buf_init(&text, BUF_UNLIMITED);
	failed = fill_template(template, of_body, lookup, &text, e);
	if (!failed && buf_add(body, text.data, text.len))
		failed = error_set(e, ERR_LIMIT, "more than 1 GiB of data");
	buf_release(&text);
	return failed;
}

/* ---- the templates ---- */

static enum err set_constant_headers(const struct row_templates *templates,
                                     struct fetch_options *options, struct error *e)
{
	enum err failed = ERR_NONE;
	struct buf text;

	buf_init(&text, BUF_UNLIMITED);
	for (size_t i = 0; !failed && i < templates->header_count; i++) {
		buf_clear(&text);
		failed = template_fill(templates->headers[i], NULL, NULL, &text, e);
		if (!failed)
			failed = fetch_options_add_header(options, text.data, e);
	}
	buf_release(&text);
	return failed;
}

static void release_headers(struct row_templates *templates)
{
	for (size_t i = 0; i < templates->header_count; i++)
		template_free(templates->headers[i]);
	free(templates->headers);
	templates->headers = NULL;
	templates->header_count = 0;
}

static enum err take_headers(struct row_templates *templates, struct fetch_options *options,
                             struct error *e)
{
	bool has_variables = false;
	enum err failed = ERR_NONE;
	const char *header;

	for (size_t i = 0; !failed && (header = fetch_options_header(options, i)); i++) {
		struct template *template = NULL;

		failed = template_new(header, strlen(header), TEMPLATE_HEADER, &template, e);
		if (failed)
			break;
		templates->headers = mem_resize(templates->headers, i + 1, sizeof(template));
		templates->headers[i] = template;
		templates->header_count = i + 1;
		has_variables |= template_has_variables(template);
	}
	fetch_options_unset(options, "HTTPHEADER");
	if (failed || has_variables)
		return failed;
	failed = set_constant_headers(templates, options, e);
	release_headers(templates);
	return failed;
}

static enum err take_body(struct row_templates *templates, struct fetch_options *options,
                          struct error *e)
{
	struct buf *body = &options->body;
	struct template *template = NULL;
	enum err failed;

	if (!options->has_body)
		return ERR_NONE;
	failed = template_new(body->data, body->len, TEMPLATE_BODY, &template, e);
	if (failed)
		return failed;
	buf_clear(body);
	if (template_has_variables(template)) {
		templates->body = template;
		return ERR_NONE;
	}
	failed = fill_body(template, NULL, body, e);
	template_free(template);
	return failed;
}

enum err row_templates_take(struct row_templates *templates, struct fetch_options *options,
                            struct error *e)
{
	enum err failed = take_headers(templates, options, e);

	return failed ? failed : take_body(templates, options, e);
}

void row_templates_release(struct row_templates *templates)
{
	template_free(templates->url);
	template_free(templates->body);
	release_headers(templates);
	*templates = (struct row_templates){0};
}

/* ---- columns ---- */

static enum err check_names(const struct csv *header, struct error *e)
{
	struct hash_set names = {0};
	enum err failed = ERR_NONE;

	if (header->problem)
		return error_set(e, ERR_SYNTAX, "the names of the columns: %s", header->problem);
	for (size_t i = 0; i < header->count && !failed; i++) {
		const char *name = csv_value(header, i);

		if (!*name)
			failed = error_set(e, ERR_SYNTAX, "column %zu has no name", i + 1);
		else if (!hash_set_add(&names, hash_bytes(name, strlen(name))))
			failed = error_set(e, ERR_SYNTAX, "two columns \"%s\"", name);
	}
	hash_set_release(&names);
	return failed;
}

static void put_names(struct buf *out, const struct csv *header)
{
	for (size_t i = 0; i < header->count && i < SHOWN_COLUMNS; i++)
		buf_printf(out, "%s\"%s\"", i ? ", " : "", csv_value(header, i));
	if (header->count > SHOWN_COLUMNS)
		buf_put_text(out, ", ...");
	/* Other tools call it CSV, too. */
	if (header->count == 1 && strpbrk(csv_value(header, 0), ";\t|"))
		buf_put_text(out, " (see --csv-delimiter)");
}

static enum err check_template(const struct template *template, const char *option,
                               const struct csv *header, struct error *e)
{
	enum err failed = ERR_NONE;
	const char *name;
	struct buf names;

	buf_init(&names, BUF_UNLIMITED);
	for (size_t i = 0; !failed && template && (name = template_name(template, i)); i++) {
		if (!*name || find_column(header, name) < header->count)
			continue;
		put_names(&names, header);
		failed = error_set(e, ERR_SYNTAX, "%s: no column \"%s\"; there are %s%s", option,
		                   name, names.data, hint_at_braces(option));
	}
	buf_release(&names);
	return failed;
}

enum err row_templates_check(const struct row_templates *templates, const struct csv *header,
                             struct error *e)
{
	enum err failed = check_names(header, e);

	if (!failed)
		failed = check_template(templates->url, of_url, header, e);
	if (!failed)
		failed = check_template(templates->body, of_body, header, e);
	for (size_t i = 0; !failed && i < templates->header_count; i++)
		failed = check_template(templates->headers[i], of_headers, header, e);
	return failed;
}

/* ---- filling ---- */

/* "Name:" would leave the header out; what has an empty value is sent empty. */
static void keep_empty(struct buf *header)
{
	size_t name = strcspn(header->data, ":");
	const char *value = header->data + name + 1;

	if (name == header->len || value[strspn(value, " \t")])
		return;
	buf_cut(header, name);
	buf_put_byte(header, ';');
}

static enum err fill_headers(struct lookup *lookup, const struct row_templates *templates,
                             struct fetch_options *own, struct error *e)
{
	enum err failed = ERR_NONE;
	struct buf text;

	buf_init(&text, BUF_UNLIMITED);
	for (size_t i = 0; !failed && i < templates->header_count; i++) {
		const struct template *template = templates->headers[i];

		buf_clear(&text);
		failed = fill_template(template, of_headers, lookup, &text, e);
		if (template_has_variables(template))
			keep_empty(&text);
		if (!failed)
			failed = fetch_options_add_header(own, text.data, e);
	}
	buf_release(&text);
	return failed;
}

static enum err fill(struct lookup *lookup, const struct row_templates *templates,
                     const struct fetch_options *options, struct request *r, struct error *e)
{
	enum err failed = fill_template(templates->url, of_url, lookup, &r->url, e);

	if (failed || (!templates->header_count && !templates->body))
		return failed;
	r->own = fetch_options_derive(options);
	failed = fill_headers(lookup, templates, r->own, e);
	if (!failed && templates->body)
		failed = fill_body(templates->body, lookup, &r->own->body, e);
	fetch_options_seal(r->own);
	r->options = r->own;
	return failed;
}

void row_fill(const struct row *row, const struct row_templates *templates,
              const struct fetch_options *options, struct request *r)
{
	struct lookup lookup = {.row = row};
	const struct csv *record = row->record;
	struct error e = {""};
	enum err failed = ERR_NONE;

	if (record && record->problem)
		failed = error_set(&e, ERR_SYNTAX, "%s", record->problem);
	else if (record && record->count != row->header->count)
		failed = error_set(&e, ERR_SYNTAX, "%zu fields in %zu columns", record->count,
		                   row->header->count);
	if (!failed)
		failed = fill(&lookup, templates, options, r, &e);
	json_free(lookup.json);
	if (!failed)
		return;
	/* The row may have members that are not for everybody's eyes. */
	buf_clear(&r->url);
	buf_clear(&r->problem);
	buf_put_text(&r->problem, e.text);
}
