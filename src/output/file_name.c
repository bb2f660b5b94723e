#include "output/file_name.h"

#include <assert.h>
#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/json_read.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "output/disposition.h"
#include "transfer/request.h"
#include "transfer/url.h"

enum {
	MAX_GLOB = 100,
	MAX_WIDTH = 20, /* the digits of the largest index */
	MAX_EXTENSION = 32,
	SHOWN_BYTES = 40, /* of a variable that is unknown */
};

static const char temporary_end[] = ".part";

enum piece_kind {
	PIECE_TEXT,
	PIECE_HOST,
	PIECE_PATH,
	PIECE_NAME,
	PIECE_STEM,
	PIECE_EXT,
	PIECE_INDEX,
	PIECE_ID,
	PIECE_HASH,
	PIECE_GLOB,
};

static const struct {
	const char *name;
	enum piece_kind kind;
} variables[] = {
	{"host", PIECE_HOST}, {"path", PIECE_PATH},   {"name", PIECE_NAME}, {"stem", PIECE_STEM},
	{"ext", PIECE_EXT},   {"index", PIECE_INDEX}, {"id", PIECE_ID},     {"hash", PIECE_HASH},
};

struct piece {
	enum piece_kind kind;
	char *text; /* what the template says: of text, and of a glob that a URL does not have */
	unsigned number; /* index: the least digits; glob: which, from 1 */
};

struct file_template {
	struct buf folder;
	struct piece *pieces;
	size_t count;
};

/* ---- compiling ---- */

struct parser {
	const char *text, *at;
	const char *name; /* where the folder ends and the name begins */
	struct buf plain; /* text that is not a piece yet */
	struct file_template *template;
	struct error *e;
};

static size_t column(const struct parser *p, const char *at)
{
	return (size_t)(at - p->text) + 1;
}

static struct piece *add_piece(struct file_template *template, enum piece_kind kind)
{
	struct piece *piece;

	template->pieces = mem_resize(template->pieces, template->count + 1, sizeof(*piece));
	piece = &template->pieces[template->count++];
	*piece = (struct piece){.kind = kind};
	return piece;
}

static void end_text(struct parser *p)
{
	size_t len;

	if (p->plain.len)
		add_piece(p->template, PIECE_TEXT)->text = buf_take(&p->plain, &len);
}

static void take_byte(struct parser *p)
{
	buf_put_byte(&p->plain, *p->at);
	if (*p->at++ != '/' || p->template->count)
		return;
	buf_put(&p->template->folder, p->plain.data, p->plain.len);
	buf_clear(&p->plain);
	p->name = p->at;
}

/* 5 of ":05"; 0 when it is no width. */
static unsigned read_width(const char *text, size_t len)
{
	unsigned width = 0;

	if (len < 3 || len > 4 || text[0] != ':' || text[1] != '0')
		return 0;
	for (size_t i = 2; i < len; i++) {
		if (!isdigit((unsigned char)text[i]))
			return 0;
		width = width * 10 + (unsigned)(text[i] - '0');
	}
	return width <= MAX_WIDTH ? width : 0;
}

static bool find_variable(const char *word, size_t len, enum piece_kind *ret_kind,
                          unsigned *ret_width)
{
	size_t name_len = strcspn(word, ":}");
	unsigned width = 0;

	if (name_len < len && !(width = read_width(word + name_len, len - name_len)))
		return false;
	for (size_t i = 0; i < sizeof(variables) / sizeof(variables[0]); i++) {
		if (strlen(variables[i].name) != name_len ||
		    memcmp(variables[i].name, word, name_len) != 0)
			continue;
		*ret_kind = variables[i].kind;
		*ret_width = width;
		return !width || *ret_kind == PIECE_INDEX;
	}
	return false;
}

static enum err take_variable(struct parser *p)
{
	const char *start = p->at, *word = start + 1;
	size_t len = strcspn(word, "{}/");
	enum piece_kind kind;
	unsigned width;

	if (word[len] != '}')
		return error_set(p->e, ERR_SYNTAX, "a { that is not closed (column %zu)",
		                 column(p, start));
	if (!find_variable(word, len, &kind, &width))
		return error_set(p->e, ERR_SYNTAX, "no variable {%.*s%s} (column %zu)",
		                 len > SHOWN_BYTES ? SHOWN_BYTES : (int)len, word,
		                 len > SHOWN_BYTES ? "..." : "", column(p, start));
	end_text(p);
	add_piece(p->template, kind)->number = width;
	p->at = word + len + 1;
	return ERR_NONE;
}

static enum err take_glob(struct parser *p)
{
	const char *start = p->at++;
	unsigned number = 0;
	struct piece *piece;

	for (; isdigit((unsigned char)*p->at); p->at++) {
		number = number * 10 + (unsigned)(*p->at - '0');
		if (number > MAX_GLOB)
			break;
	}
	if (!number || number > MAX_GLOB)
		return error_set(p->e, ERR_SYNTAX, "globs are #1 to #100, not %.*s (column %zu)",
		                 (int)(1 + strspn(start + 1, "0123456789")), start,
		                 column(p, start));
	end_text(p);
	piece = add_piece(p->template, PIECE_GLOB);
	piece->text = mem_bytes(start, (size_t)(p->at - start));
	piece->number = number;
	return ERR_NONE;
}

/* Of a path: no file and no folder in its own right. */
static bool names_nothing(const char *text, size_t len)
{
	return !len || (len == 1 && *text == '.') || (len == 2 && !memcmp(text, "..", 2));
}

/* Looks at the text, where a dot is a dot: what stands for a variable or a brace is none. */
static enum err check_components(const struct parser *p)
{
	const char *at = p->name;

	for (;;) {
		size_t len = strcspn(at, "/");

		if (names_nothing(at, len))
			return error_set(p->e, ERR_SYNTAX, "\"%.*s\" names no file (column %zu)",
			                 (int)len, at, column(p, at));
		if (!at[len])
			return ERR_NONE;
		at += len + 1;
	}
}

static enum err parse(struct parser *p)
{
	while (*p->at) {
		enum err failed = ERR_NONE;

		if (strchr("{}#", *p->at) && p->at[1] == *p->at) {
			p->at++;
			take_byte(p);
		} else if (*p->at == '{') {
			failed = take_variable(p);
		} else if (*p->at == '}') {
			failed = error_set(p->e, ERR_SYNTAX, "a } without its { (column %zu)",
			                   column(p, p->at));
		} else if (*p->at == '#' && isdigit((unsigned char)p->at[1])) {
			failed = take_glob(p);
		} else {
			take_byte(p);
		}
		if (failed)
			return failed;
	}
	end_text(p);
	return check_components(p);
}

enum err file_name_parse(const char *text, struct file_template **ret_template, struct error *e)
{
	struct file_template *template = mem_zero(1, sizeof(*template));
	struct parser p = {.text = text, .at = text, .name = text, .template = template, .e = e};
	enum err failed;

	buf_init(&template->folder, BUF_UNLIMITED);
	buf_init(&p.plain, BUF_UNLIMITED);
	failed = parse(&p);
	buf_release(&p.plain);
	if (failed)
		file_name_free(template);
	else
		*ret_template = template;
	return failed;
}

void file_name_free(struct file_template *template)
{
	if (!template)
		return;
	for (size_t i = 0; i < template->count; i++)
		free(template->pieces[i].text);
	free(template->pieces);
	buf_release(&template->folder);
	free(template);
}

const char *file_name_folder(const struct file_template *template)
{
	return template->folder.data;
}

const char *file_name_fixed(const struct file_template *template)
{
	bool is_fixed = template->count == 1 && template->pieces->kind == PIECE_TEXT;

	return is_fixed ? template->pieces->text : NULL;
}

/* ---- components ---- */

struct writer {
	struct buf *out;
	size_t start; /* of the component that is being written */
	const struct request *request;
};

/* Unicode's Default_Ignorable_Code_Point, separators of lines, and marks of annotations. */
static bool is_invisible(uint32_t code)
{
	static const uint32_t ranges[][2] = {
		{0xad, 0xad},     {0x34f, 0x34f},     {0x115f, 0x1160},   {0x17b4, 0x17b5},
		{0x180b, 0x180f}, {0x200b, 0x200f},   {0x2028, 0x202e},   {0x2060, 0x206f},
		{0x3164, 0x3164}, {0xfe00, 0xfe0f},   {0xfeff, 0xfeff},   {0xffa0, 0xffa0},
		{0xfff0, 0xfffb}, {0x1bca0, 0x1bca3}, {0x1d173, 0x1d17a}, {0xe0000, 0xe0fff},
	};

	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
		if (code >= ranges[i][0] && code <= ranges[i][1])
			return true;
	}
	return false;
}

static void put_safe(struct buf *out, const char *data, size_t len)
{
	while (len) {
		uint32_t code = 0;
		size_t size = utf8_next(data, len, &code);

		if (!size || code == '/' || utf8_is_unsafe(code) || is_invisible(code))
			buf_put_byte(out, '_');
		else
			buf_put(out, data, size);
		data += size ? size : 1;
		len -= size ? size : 1;
	}
}

/* What a variable stands for. */
static void put_value(struct writer *w, const char *data, size_t len)
{
	if (len && *data == '.' && w->out->len == w->start) {
		buf_put_byte(w->out, '_');
		data++;
		len--;
	}
	put_safe(w->out, data, len);
}

/* The length of ".html" in a name; 0 when it has none. */
static size_t extension_length(const char *name, size_t len)
{
	const char *dot = memrchr(name, '.', len);

	return dot && dot > name ? (size_t)(name + len - dot) : 0;
}

/* Leaves room for the '_' behind ".part". */
static void cut_component(struct writer *w)
{
	char *component = w->out->data + w->start;
	size_t len = w->out->len - w->start, ext, keep;

	if (len < FILE_NAME_COMPONENT_BYTES)
		return;
	ext = extension_length(component, len);
	if (ext > 1 + MAX_EXTENSION)
		ext = 0;
	keep = FILE_NAME_COMPONENT_BYTES - 1 - ext;
	while ((component[keep] & 0xc0) == 0x80)
		keep--;
	memmove(component + keep, component + len - ext, ext);
	buf_cut(w->out, w->start + keep + ext);
}

static void end_component(struct writer *w)
{
	struct buf *out = w->out;
	const size_t end_len = sizeof(temporary_end) - 1;

	if (out->len == w->start)
		buf_put_byte(out, '_');
	/* A dot of the template's with one of a variable's behind it. */
	if (names_nothing(out->data + w->start, out->len - w->start))
		out->data[w->start] = '_';
	cut_component(w);
	if (out->len - w->start >= end_len &&
	    !strcasecmp(out->data + out->len - end_len, temporary_end))
		buf_put_byte(out, '_');
}

static void next_component(struct writer *w)
{
	end_component(w);
	buf_put_byte(w->out, '/');
	w->start = w->out->len;
}

/* What the template says. Only here, and between folders of {path}, a '/' is one. */
static void put_text(struct writer *w, const char *text)
{
	for (;;) {
		size_t len = strcspn(text, "/");

		put_safe(w->out, text, len);
		if (!text[len])
			return;
		next_component(w);
		text += len + 1;
	}
}

/* ---- variables ---- */

static void put_host(struct writer *w)
{
	struct buf host;
	bool is_bracketed;

	buf_init(&host, BUF_UNLIMITED);
	/* What cannot be read has no host, but a name. */
	if (url_host(w->request->url.data, &host))
		buf_clear(&host);
	is_bracketed = *host.data == '[';
	put_value(w, host.data + is_bracketed, host.len - 2 * (size_t)is_bracketed);
	buf_release(&host);
}

/* Decodes a segment of a path. False when it names nothing. */
static bool decode_segment(struct buf *ret_segment, const char *text, size_t len)
{
	buf_clear(ret_segment);
	url_put_decoded(ret_segment, text, len);
	return !names_nothing(ret_segment->data, ret_segment->len);
}

static void put_part_of_name(struct writer *w, enum piece_kind kind, const struct buf *name)
{
	size_t ext = extension_length(name->data, name->len);

	if (kind == PIECE_EXT)
		put_value(w, name->data + name->len - (ext ? ext - 1 : 0), ext ? ext - 1 : 0);
	else
		put_value(w, name->data, name->len - (kind == PIECE_STEM ? ext : 0));
}

/* {path}, {name}, {stem} or {ext}. */
static void put_path(struct writer *w, enum piece_kind kind)
{
	struct buf path, segment;
	const char *at, *slash;

	buf_init(&path, BUF_UNLIMITED);
	buf_init(&segment, BUF_UNLIMITED);
	if (url_path(w->request->url.data, &path))
		buf_clear(&path);
	for (at = path.data; (slash = strchr(at, '/')); at = slash + 1) {
		if (kind == PIECE_PATH && decode_segment(&segment, at, (size_t)(slash - at))) {
			put_value(w, segment.data, segment.len);
			next_component(w);
		}
	}
	if (!decode_segment(&segment, at, strlen(at))) {
		buf_clear(&segment);
		buf_put_text(&segment, "index.html");
	}
	put_part_of_name(w, kind, &segment);
	buf_release(&path);
	buf_release(&segment);
}

static void put_number(struct writer *w, const struct piece *piece)
{
	buf_printf(w->out, "%0*llu", (int)piece->number, (unsigned long long)w->request->index);
}

/* A string or a number, or else the index. */
static void put_id(struct writer *w, const struct piece *piece)
{
	const struct buf *id = &w->request->id;
	struct cJSON *value = id->len ? json_parse(id->data, id->len, NULL) : NULL;

	if (value && (json_type(value) == JSON_STRING || json_type(value) == JSON_NUMBER))
		put_value(w, json_chars(value), strlen(json_chars(value)));
	else
		put_number(w, piece);
	json_free(value);
}

static void put_hash(struct writer *w)
{
	struct hash h = request_fingerprint(w->request);

	buf_printf(w->out, "%016llx", (unsigned long long)h.high);
}

static void put_glob(struct writer *w, const struct piece *piece)
{
	const char *at = w->request->globs.data, *end = at + w->request->globs.len;

	for (unsigned i = 1; i < piece->number && at < end; i++)
		at += strlen(at) + 1;
	if (at < end)
		put_value(w, at, strlen(at));
	else
		put_text(w, piece->text);
}

static void put_piece(struct writer *w, const struct piece *piece)
{
	switch (piece->kind) {
	case PIECE_TEXT: put_text(w, piece->text); break;
	case PIECE_HOST: put_host(w); break;
	case PIECE_PATH:
	case PIECE_NAME:
	case PIECE_STEM:
	case PIECE_EXT: put_path(w, piece->kind); break;
	case PIECE_INDEX: put_number(w, piece); break;
	case PIECE_ID: put_id(w, piece); break;
	case PIECE_HASH: put_hash(w); break;
	case PIECE_GLOB: put_glob(w, piece); break;
	}
}

/* "{stem}.{ext}" of a name without a dot has none either. */
static void drop_dot(struct writer *w, const struct piece *before)
{
	if (before->kind == PIECE_TEXT && before->text[strlen(before->text) - 1] == '.')
		buf_cut(w->out, w->out->len - 1);
}

/* A name too long for a path keeps its outermost folders and its last component. */
static void cut_folders(struct buf *out, size_t start)
{
	const char *slash, *name;
	size_t len;

	if (out->len - start <= FILE_NAME_MAX_BYTES)
		return;
	name = memrchr(out->data + start, '/', out->len - start);
	len = (size_t)(out->data + out->len - name);
	slash = memrchr(out->data + start, '/', FILE_NAME_MAX_BYTES - len + 1);
	start = (size_t)(slash - out->data);
	memmove(out->data + start, name, len);
	buf_cut(out, start + len);
}

/* What the request says itself: each component as a variable that stands alone. */
static void put_output(struct writer *w)
{
	const char *at = w->request->output.data, *slash;

	for (; (slash = strchr(at, '/')); at = slash + 1) {
		put_value(w, at, (size_t)(slash - at));
		next_component(w);
	}
	put_value(w, at, strlen(at));
}

static void put_template(struct writer *w, const struct file_template *template)
{
	for (size_t i = 0; i < template->count; i++) {
		const struct piece *piece = &template->pieces[i];
		size_t len = w->out->len;

		put_piece(w, piece);
		if (i && piece->kind == PIECE_EXT && w->out->len == len)
			drop_dot(w, piece - 1);
	}
}

void file_name_put(struct buf *out, const struct file_template *template,
                   const struct request *request)
{
	struct writer w = {.out = out, .start = out->len, .request = request};
	size_t start = out->len;

	if (request->output.len)
		put_output(&w);
	else
		put_template(&w, template);
	end_component(&w);
	cut_folders(out, start);
}

/* ---- names that servers give ---- */

bool file_name_put_served(struct buf *out, const char *disposition)
{
	struct writer w = {.out = out, .start = out->len};
	struct buf name;

	buf_init(&name, BUF_UNLIMITED);
	disposition_get_name(&name, disposition);
	if (!names_nothing(name.data, name.len)) {
		put_value(&w, name.data, name.len);
		end_component(&w);
	}
	buf_release(&name);
	return out->len > w.start;
}

void file_name_number(struct buf *out, const char *name, uint64_t n)
{
	assert(n);
	buf_printf(out, "%s.%llu", name, (unsigned long long)n);
}
