#include "output/write_out.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "output/fields.h"
#include "transfer/options.h"
#include "transfer/result.h"

#define STDOUT_NAME "standard output"

enum piece_kind { PIECE_TEXT, PIECE_FIELD, PIECE_HEADER, PIECE_JSON, PIECE_ON_ERROR, PIECE_TARGET };

struct piece {
	enum piece_kind kind;
	const struct field *field;
	char *text; /* as it is, or the name of a header */
	size_t len;
	size_t target;
};

struct write_out {
	struct piece *pieces;
	struct write_out_target *targets;
	size_t piece_count, target_count;
	struct field_list made; /* fields that are in no table */
};

/* ---- reading a format ---- */

static struct piece *add_piece(struct write_out *w, enum piece_kind kind)
{
	w->pieces = mem_resize(w->pieces, w->piece_count + 1, sizeof(*w->pieces));
	w->pieces[w->piece_count] = (struct piece){.kind = kind};
	return &w->pieces[w->piece_count++];
}

/* What has gathered since the last piece. */
static void end_text(struct write_out *w, struct buf *text)
{
	struct piece *piece;

	if (!text->len)
		return;
	piece = add_piece(w, PIECE_TEXT);
	piece->text = buf_take(text, &piece->len);
}

/* The target of this place and name; a new one when there is none. */
static size_t find_or_add_target(struct write_out *w, enum write_out_place place, const char *name)
{
	for (size_t i = 0; i < w->target_count; i++) {
		bool is_file = w->targets[i].place >= PLACE_FILE;
		if (is_file == (place >= PLACE_FILE) && !strcmp(w->targets[i].name, name))
			return i;
	}
	w->targets = mem_resize(w->targets, w->target_count + 1, sizeof(*w->targets));
	w->targets[w->target_count] = (struct write_out_target){place, mem_text(name)};
	return w->target_count++;
}

static void add_target(struct write_out *w, enum write_out_place place, const char *name)
{
	size_t target = find_or_add_target(w, place, name);

	add_piece(w, PIECE_TARGET)->target = target;
}

/* Other names of fields, as curl has them. */
static const char *const aliases[][2] = {
	{"response_code", "http_code"},
	{"urlnum", "index"},
	{"header_json", "headers"},
};

static const struct field *find_field(const char *name)
{
	for (size_t i = 0; i < sizeof(aliases) / sizeof(aliases[0]); i++) {
		if (!strcmp(name, aliases[i][0]))
			return field_find(aliases[i][1]);
	}
	return field_find(name);
}

static enum err read_variable(struct write_out *w, char *name, struct error *e)
{
	const struct field *field;

	if (!strncmp(name, "extract.", 8)) { /* a name of the user's, in the case that it has */
		add_piece(w, PIECE_FIELD)->field = field_list_add_extract(&w->made, name);
		return ERR_NONE;
	}
	for (char *p = name; *p; p++)
		*p = *p >= 'A' && *p <= 'Z' ? (char)(*p | 0x20) : *p;
	if (!strcmp(name, "json")) {
		add_piece(w, PIECE_JSON);
	} else if (!strcmp(name, "onerror")) {
		add_piece(w, PIECE_ON_ERROR);
	} else if (!strcmp(name, "stdout")) {
		add_target(w, PLACE_STDOUT, STDOUT_NAME);
	} else if (!strcmp(name, "stderr")) {
		add_target(w, PLACE_STDERR, "standard error");
	} else {
		field = find_field(name);
		if (!field)
			return error_set(e, ERR_SYNTAX, "no variable \"%s\"", name);
		add_piece(w, PIECE_FIELD)->field = field;
	}
	return ERR_NONE;
}

static enum err read_header(struct write_out *w, char *name, struct error *e)
{
	struct piece *piece;

	/* A token of RFC 9110. */
	if (!*name || strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	                           "0123456789!#$%&'*+-.^_`|~") != strlen(name))
		return error_set(e, ERR_SYNTAX, "no header can have the name \"%s\"", name);
	piece = add_piece(w, PIECE_HEADER);
	piece->text = mem_text(name);
	piece->len = strlen(name);
	return ERR_NONE;
}

static enum err read_output(struct write_out *w, char *name, struct error *e)
{
	bool is_appended = !strncmp(name, ">>", 2);

	name += is_appended ? 2 : 0;
	if (!*name)
		return error_set(e, ERR_SYNTAX, "%%output{} takes the name of a file");
	add_target(w, is_appended ? PLACE_FILE_END : PLACE_FILE, name);
	return ERR_NONE;
}

/* What begins a piece, up to its brace, and reads the inside. */
struct opening {
	const char *start;
	enum err (*read)(struct write_out *w, char *inside, struct error *e);
};

static const struct opening openings[] = {
	{"%{", read_variable},
	{"%header{", read_header},
	{"%output{", read_output},
};

static const struct opening *find_opening(const char *at)
{
	for (size_t i = 0; i < sizeof(openings) / sizeof(openings[0]); i++) {
		if (!strncmp(at, openings[i].start, strlen(openings[i].start)))
			return &openings[i];
	}
	return NULL;
}

/* On success *at is behind the brace that ends it. */
static enum err read_braces(struct write_out *w, const struct opening *opening, const char **at,
                            struct error *e)
{
	const char *inside = *at + strlen(opening->start), *end = strchr(inside, '}');
	enum err failed;
	char *copy;

	if (!end)
		return error_set(e, ERR_SYNTAX, "%s has no end", opening->start);
	copy = mem_bytes(inside, (size_t)(end - inside));
	failed = opening->read(w, copy, e);
	free(copy);
	if (!failed)
		*at = end + 1;
	return failed;
}

/* An escape, or a byte that is meant as it is; *at is behind it then. */
static void read_plain(struct buf *text, const char **at)
{
	static const char escapes[][4] = {"\\n\n", "\\r\r", "\\t\t", "%%%"};
	bool is_two = strchr("\\%", **at) && (*at)[1];

	for (size_t i = 0; i < sizeof(escapes) / sizeof(escapes[0]); i++) {
		if (!strncmp(*at, escapes[i], 2)) {
			buf_put_byte(text, escapes[i][2]);
			*at += 2;
			return;
		}
	}
	/* What is none takes the next byte with it, so that nothing begins there. */
	buf_put(text, *at, is_two ? 2 : 1);
	*at += is_two ? 2 : 1;
}

struct write_out *write_out_parse(const char *format, struct error *e)
{
	struct write_out *w = mem_zero(1, sizeof(*w));
	const struct opening *opening;
	const char *at = format;
	enum err failed = ERR_NONE;
	struct error words;
	struct buf text;

	buf_init(&text, BUF_UNLIMITED);
	find_or_add_target(w, PLACE_STDOUT, STDOUT_NAME);
	while (!failed && *at) {
		opening = find_opening(at);
		if (opening) {
			end_text(w, &text);
			failed = read_braces(w, opening, &at, &words);
		} else {
			read_plain(&text, &at);
		}
	}
	end_text(w, &text);
	buf_release(&text);
	if (!failed)
		return w;
	error_set(e, failed, "%s, at character %zu of the format", words.text,
	          (size_t)(at - format) + 1);
	write_out_free(w);
	return NULL;
}

void write_out_free(struct write_out *w)
{
	if (!w)
		return;
	for (size_t i = 0; i < w->piece_count; i++)
		free(w->pieces[i].text);
	for (size_t i = 0; i < w->target_count; i++)
		free(w->targets[i].name);
	field_list_release(&w->made);
	free(w->pieces);
	free(w->targets);
	free(w);
}

void write_out_keep(const struct write_out *w, struct fetch_options *options)
{
	for (size_t i = 0; i < w->piece_count; i++) {
		if (w->pieces[i].kind == PIECE_HEADER)
			options->keeps_headers = true;
		else if (w->pieces[i].kind == PIECE_FIELD)
			field_keep(w->pieces[i].field, options);
	}
}

const struct field_list *write_out_extracts(const struct write_out *w)
{
	return &w->made;
}

const struct write_out_target *write_out_target_at(const struct write_out *w, size_t i)
{
	return i < w->target_count ? &w->targets[i] : NULL;
}

/* ---- writing a result ---- */

/* The value of the first header of that name. */
static void put_header(struct buf *out, const struct piece *name, const struct buf *headers)
{
	for (const char *line = headers->data, *end; *line; line = end + 1) {
		end = strchr(line, '\n');
		if (!strncasecmp(line, name->text, name->len) && line[name->len] == ':') {
			buf_put(out, line + name->len + 2, (size_t)(end - line) - name->len - 2);
			return;
		}
	}
}

static void put_value(struct buf *out, const struct piece *piece, const struct result *r)
{
	if (piece->kind == PIECE_HEADER)
		put_header(out, piece, &r->headers);
	else
		field_put_text(out, piece->field, r);
}

static void put_value_to(const struct write_out_sink *sink, const struct piece *piece,
                         const struct result *r)
{
	struct buf value;

	if (!sink->is_terminal) {
		put_value(sink->out, piece, r);
		return;
	}
	buf_init(&value, BUF_UNLIMITED);
	put_value(&value, piece, r);
	utf8_put(sink->out, value.data, value.len, UTF8_FOR_SCREENS);
	buf_release(&value);
}

void write_out_put(const struct write_out *w, const struct field_list *fields,
                   const struct write_out_sink *sinks, const struct result *result)
{
	const struct write_out_sink *sink = sinks;
	struct json json;

	for (size_t i = 0; i < w->piece_count; i++) {
		const struct piece *p = &w->pieces[i];

		switch (p->kind) {
		case PIECE_TEXT: buf_put(sink->out, p->text, p->len); break;
		case PIECE_FIELD:
		case PIECE_HEADER: put_value_to(sink, p, result); break;
		case PIECE_JSON:
			json_init(&json, sink->out);
			fields_put_json(&json, fields, result);
			break;
		case PIECE_ON_ERROR:
			if (result_is_ok(result))
				return;
			break;
		case PIECE_TARGET: sink = &sinks[p->target]; break;
		}
	}
}
