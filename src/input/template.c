#include "input/template.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "transfer/field.h"
#include "transfer/url.h"

enum encoding { AS_IT_IS, FOR_HEADERS, FOR_URLS, FOR_JSON };

/* Plain text, or a variable. */
struct piece {
	char *text; /* or the name */
	size_t len;
	bool is_variable, is_raw;
};

struct template
{
	enum template_use use;
	enum encoding encoding; /* of what is not raw */
	struct piece *pieces;
	size_t count;
};

/* ---- compiling ---- */

static void add_piece(struct template *t, const struct piece *piece)
{
	t->pieces = mem_resize(t->pieces, t->count + 1, sizeof(*piece));
	t->pieces[t->count++] = *piece;
}

static void add_text(struct template *t, struct buf *text)
{
	struct piece piece = {0};

	if (!text->len)
		return;
	piece.text = buf_take(text, &piece.len);
	add_piece(t, &piece);
}

static bool is_in_name(char c)
{
	return (unsigned char)c >= 0x20 && c != 0x7f && !strchr("{}\"", c);
}

/* The length of the variable that begins at the '{' there; 0: none does. */
static size_t variable_length(const char *at)
{
	const char *name = at + 1 + (at[1] == '+'), *end = name;

	while (is_in_name(*end))
		end++;
	if (*end != '}' || (end > name && (*name == ' ' || end[-1] == ' ')))
		return 0;
	return (size_t)(end + 1 - at);
}

static void add_variable(struct template *t, const char *at, size_t len)
{
	bool is_raw = at[1] == '+';
	size_t name_len = len - 2 - is_raw;

	add_piece(t, &(struct piece){.text = mem_bytes(at + 1 + is_raw, name_len),
	                             .len = name_len,
	                             .is_variable = true,
	                             .is_raw = is_raw});
}

static enum err complain(char brace, size_t column, struct error *e)
{
	if (brace == '{')
		return error_set(e, ERR_SYNTAX,
		                 "a { that begins no variable in column %zu; {{ is a plain one",
		                 column);
	return error_set(e, ERR_SYNTAX, "a } without its { in column %zu", column);
}

/* text has a NUL behind it. */
static enum err compile(struct template *t, const char *text, size_t len, struct error *e)
{
	const char *at = text, *end = text + len;
	enum err failed = ERR_NONE;
	size_t doubled = 0; /* "{{" without their "}}" yet */
	struct buf plain;

	buf_init(&plain, BUF_UNLIMITED);
	while (!failed && at < end) {
		size_t variable = 0;

		if ((at[0] == '{' && at[1] == '{') || (doubled && at[0] == '}' && at[1] == '}')) {
			doubled += at[0] == '{' ? 1 : (size_t)-1;
			buf_put_byte(&plain, *at);
			at += 2;
		} else if (*at == '{' && (variable = variable_length(at))) {
			add_text(t, &plain);
			add_variable(t, at, variable);
			at += variable;
		} else if (t->use == TEMPLATE_URL && (*at == '{' || *at == '}')) {
			failed = complain(*at, (size_t)(at - text) + 1, e);
		} else {
			buf_put_byte(&plain, *at++);
		}
	}
	add_text(t, &plain);
	buf_release(&plain);
	return failed;
}

static enum encoding choose_encoding(const struct template *t)
{
	const struct piece *first = t->pieces;
	size_t at = 0;

	if (t->use != TEMPLATE_BODY)
		return t->use == TEMPLATE_URL ? FOR_URLS : FOR_HEADERS;
	if (!t->count || first->is_variable)
		return FOR_URLS;
	at = strspn(first->text, " \t\r\n");
	return first->text[at] == '{' || first->text[at] == '[' ? FOR_JSON : FOR_URLS;
}

enum err template_new(const char *text, size_t len, enum template_use use,
                      struct template **ret_template, struct error *e)
{
	struct template *t = mem_zero(1, sizeof(*t));
	char *copy = mem_bytes(text, len);
	enum err failed;

	t->use = use;
	failed = compile(t, copy, len, e);
	free(copy);
	if (failed) {
		template_free(t);
		return failed;
	}
	t->encoding = choose_encoding(t);
	*ret_template = t;
	return ERR_NONE;
}

void template_free(struct template *t)
{
	if (!t)
		return;
	for (size_t i = 0; i < t->count; i++)
		free(t->pieces[i].text);
	free(t->pieces);
	free(t);
}

bool template_has_variables(const struct template *t)
{
	return template_name(t, 0) != NULL;
}

const char *template_name(const struct template *t, size_t i)
{
	for (size_t k = 0; k < t->count; k++) {
		if (t->pieces[k].is_variable && !i--)
			return t->pieces[k].text;
	}
	return NULL;
}

/* ---- filling ---- */

/* The inside of a string. */
static void put_json_escaped(struct buf *out, const char *value, size_t len)
{
	struct buf quoted;
	struct json json;

	buf_init(&quoted, BUF_UNLIMITED);
	json_init(&json, &quoted);
	json_bytes(&json, value, len);
	buf_put(out, quoted.data + 1, quoted.len - 2);
	buf_release(&quoted);
}

static enum err put_value(const struct template *t, const struct piece *piece, const char *value,
                          size_t len, struct buf *out, struct error *e)
{
	const char *problem = NULL;
	enum encoding encoding = t->encoding;

	if (encoding == FOR_HEADERS && field_has_control(value, len))
		problem = "has a control character, which no header can have";
	if (encoding == FOR_JSON && !piece->is_raw && !utf8_is_text(value, len))
		problem = "is not UTF-8, which JSON is";
	if (problem)
		return *piece->text ? error_set(e, ERR_SYNTAX, "\"%s\" %s", piece->text, problem)
		                    : error_set(e, ERR_SYNTAX, "the line %s", problem);
	if (piece->is_raw || encoding == FOR_HEADERS)
		buf_put(out, value, len);
	else if (encoding == FOR_JSON)
		put_json_escaped(out, value, len);
	else
		url_put_encoded(out, value, len);
	return ERR_NONE;
}

/* Where a URL is, as it grows; start is behind what was there before. */
struct segment {
	size_t start;
	bool has_value; /* one that is encoded, and so has no '/' */
	bool is_over;   /* no path any more */
};

static enum err check_segment(const struct segment *s, const char *url, size_t end, struct error *e)
{
	const char *text = url + s->start;
	size_t len = end - s->start;

	/* libcurl would take what follows for the host. */
	if (!s->is_over && !len && s->start >= 3 && !memcmp(text - 3, "://", 3))
		return error_set(e, ERR_SYNTAX, "the URL would have no host");
	if (s->is_over || !s->has_value || !len || len > 2 || memcmp(text, "..", len) != 0)
		return ERR_NONE;
	return error_set(e, ERR_SYNTAX, "the path would have a segment \"%.*s\"", (int)len, text);
}

/* What was appended at from on is plain. */
static enum err pass_plain(struct segment *s, const struct buf *url, size_t from, struct error *e)
{
	enum err failed = ERR_NONE;

	for (size_t i = from; !failed && !s->is_over && i < url->len; i++) {
		char c = url->data[i];

		if (c != '/' && c != '?' && c != '#')
			continue;
		failed = check_segment(s, url->data, i, e);
		*s = (struct segment){.start = i + 1, .is_over = c != '/'};
	}
	return failed;
}

enum err template_fill(const struct template *t, template_value_fn *fn, void *arg, struct buf *out,
                       struct error *e)
{
	struct segment segment = {.start = out->len, .is_over = t->use != TEMPLATE_URL};
	enum err failed = ERR_NONE;

	for (size_t i = 0; !failed && i < t->count; i++) {
		const struct piece *piece = &t->pieces[i];
		const char *value = NULL;
		size_t len = 0, from = out->len;

		if (!piece->is_variable) {
			buf_put(out, piece->text, piece->len);
		} else if (!(failed = fn(piece->text, &value, &len, arg, e))) {
			failed = put_value(t, piece, value, len, out, e);
			segment.has_value |= !piece->is_raw;
		}
		if (!failed && (!piece->is_variable || piece->is_raw))
			failed = pass_plain(&segment, out, from, e);
	}
	return failed ? failed : check_segment(&segment, out->data, out->len, e);
}
