#include "input/glob.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum { MAX_GLOBS = 100, MAX_PARTS = 2 * MAX_GLOBS + 1 }; /* globs and the texts between them */

enum part_kind { PART_PLAIN, PART_WORDS, PART_LETTERS, PART_NUMBERS };

/* A place in the URL and what stands there in turn. Plain text is a list of one word, but no glob.
 */
struct part {
	enum part_kind kind;
	char **words;
	size_t word_count;
	uint64_t first, step; /* letters and numbers */
	int width;            /* numbers are padded with zeros to this */
	uint64_t count, at;
};

struct glob {
	struct part parts[MAX_PARTS];
	size_t count;
	bool is_done;
};

struct parser {
	const char *text, *at;
	struct glob *glob;
	struct error *e;
};

static enum err complain(const struct parser *p, const char *at, const char *what)
{
	return error_set(p->e, ERR_SYNTAX, "glob: %s in column %zu", what,
	                 (size_t)(at - p->text) + 1);
}

static struct part *add_part(struct glob *glob, enum part_kind kind)
{
	struct part *part = &glob->parts[glob->count++];

	part->kind = kind;
	return part;
}

static void add_word(struct part *part, struct buf *word)
{
	size_t len;

	part->words = mem_resize(part->words, part->word_count + 1, sizeof(char *));
	part->words[part->word_count++] = buf_take(word, &len);
	part->count = part->word_count;
}

/*
 * Plain text up to one of the stops or the end. A backslash makes one of escaped plain; where that
 * is NULL, anything.
 */
static void take_plain(struct parser *p, const char *stops, const char *escaped, struct buf *word)
{
	for (; *p->at && !strchr(stops, *p->at); p->at++) {
		if (*p->at == '\\' && p->at[1] && (!escaped || strchr(escaped, p->at[1])))
			p->at++;
		buf_put_byte(word, *p->at);
	}
}

/* p->at is behind the brace. */
static enum err take_words(struct parser *p)
{
	const char *start = p->at - 1;
	struct part *part = add_part(p->glob, PART_WORDS);
	struct buf word;

	buf_init(&word, BUF_UNLIMITED);
	for (;;) {
		take_plain(p, "{},[]", NULL, &word);
		if (*p->at == ',' || *p->at == '}')
			add_word(part, &word);
		if (*p->at == '}')
			break;
		if (*p->at != ',') {
			buf_release(&word);
			return *p->at ? complain(p, p->at, "a glob inside a glob")
			              : complain(p, start, "a { that is not closed");
		}
		p->at++;
	}
	p->at++;
	buf_release(&word);
	if (part->word_count == 1 && !*part->words[0])
		return complain(p, start, "an empty {}");
	return ERR_NONE;
}

static bool take_number(const char **at, uint64_t *ret_number, int *ret_digits)
{
	const char *start = *at;
	uint64_t number = 0;

	for (; isdigit((unsigned char)**at); (*at)++) {
		unsigned digit = (unsigned)(**at - '0');
		if (number > ((uint64_t)INT64_MAX - digit) / 10)
			return false;
		number = number * 10 + digit;
	}
	*ret_digits = (int)(*at - start);
	*ret_number = number;
	return *at > start;
}

/* p->at is behind the bracket. */
static enum err take_range(struct parser *p)
{
	const char *start = p->at - 1, *at = p->at;
	uint64_t first, last, step = 1;
	int width = 0, digits;
	enum part_kind kind;
	struct part *part;

	if (isalpha((unsigned char)at[0]) && at[1] == '-' && isalpha((unsigned char)at[2])) {
		kind = PART_LETTERS;
		first = (unsigned char)at[0];
		last = (unsigned char)at[2];
		at += 3;
		/* Across upper and lower case lie characters that are no letters. */
		if (!islower((unsigned char)first) != !islower((unsigned char)last))
			return complain(p, start, "a range from one case to the other");
	} else {
		kind = PART_NUMBERS;
		if (!take_number(&at, &first, &width) || *at++ != '-' ||
		    !take_number(&at, &last, &digits))
			return complain(p, start, "a [ that begins no range");
		/* Only a leading zero asks for padding. */
		if (p->at[0] != '0')
			width = 0;
	}
	if (*at == ':') {
		at++;
		if (!take_number(&at, &step, &digits) || !step)
			return complain(p, start, "a range with a bad step");
	}
	if (*at != ']')
		return complain(p, start, "a range that is not closed");
	if (first > last)
		return complain(p, start, "a range that ends before it begins");
	part = add_part(p->glob, kind);
	part->first = first;
	part->step = step;
	part->width = width;
	part->count = (last - first) / step + 1;
	p->at = at + 1;
	return ERR_NONE;
}

/* "[::1]", perhaps with a zone: part of a URL and no range. */
static size_t ipv6_length(const char *text)
{
	size_t len = strcspn(text, "]");
	char address[INET6_ADDRSTRLEN];
	struct in6_addr ignored;
	size_t end = strcspn(text + 1, "%]");

	if (text[len] != ']' || end >= sizeof(address))
		return 0;
	memcpy(address, text + 1, end);
	address[end] = '\0';
	return inet_pton(AF_INET6, address, &ignored) == 1 ? len + 1 : 0;
}

/* Brackets that are part of a URL: an address, or the empty ones of a query. */
static size_t plain_brackets(const char *text)
{
	return !strncmp(text, "[]", 2) ? 2 : ipv6_length(text);
}

static enum err take_glob(struct parser *p)
{
	switch (*p->at++) {
	case '{': return take_words(p);
	case '[': return take_range(p);
	case '}': return complain(p, p->at - 1, "a } without its {");
	default: return complain(p, p->at - 1, "a ] without its [");
	}
}

static enum err parse(struct parser *p)
{
	struct buf plain;
	enum err failed = ERR_NONE;
	int globs = 0;

	buf_init(&plain, BUF_UNLIMITED);
	while (!failed && *p->at) {
		size_t brackets;

		take_plain(p, "{}[]", "{}[]", &plain);
		brackets = *p->at == '[' ? plain_brackets(p->at) : 0;
		if (brackets) {
			buf_put(&plain, p->at, brackets);
			p->at += brackets;
			if (*p->at)
				continue;
		}
		if (plain.len)
			add_word(add_part(p->glob, PART_PLAIN), &plain);
		if (*p->at)
			failed = globs++ < MAX_GLOBS ? take_glob(p)
			                             : error_set(p->e, ERR_LIMIT,
			                                         "glob: more than 100 in one URL");
	}
	buf_release(&plain);
	return failed;
}

enum err glob_new(const char *text, struct glob **ret_glob, struct error *e)
{
	struct glob *glob = mem_zero(1, sizeof(*glob));
	struct parser p = {.text = text, .at = text, .glob = glob, .e = e};
	enum err failed = parse(&p);

	if (failed)
		glob_free(glob);
	else
		*ret_glob = glob;
	return failed;
}

static void put_part(const struct part *part, struct buf *url)
{
	uint64_t value = part->first + part->at * part->step;

	switch (part->kind) {
	case PART_PLAIN:
	case PART_WORDS: buf_put_text(url, part->words[part->at]); break;
	case PART_LETTERS: buf_put_byte(url, (char)value); break;
	case PART_NUMBERS: buf_printf(url, "%0*llu", part->width, (unsigned long long)value); break;
	}
}

bool glob_next(struct glob *glob, struct buf *url, struct buf *values)
{
	size_t i = glob->count;

	if (glob->is_done)
		return false;
	buf_clear(url);
	buf_clear(values);
	for (size_t k = 0; k < glob->count; k++) {
		size_t start = url->len;

		put_part(&glob->parts[k], url);
		if (glob->parts[k].kind != PART_PLAIN)
			buf_put(values, url->data + start, url->len - start + 1);
	}
	/* Count up from the right; a carry out of the left end is the end. */
	while (i > 0 && ++glob->parts[i - 1].at == glob->parts[i - 1].count)
		glob->parts[--i].at = 0;
	glob->is_done = i == 0;
	return true;
}

uint64_t glob_count(const struct glob *glob)
{
	uint64_t count = 1;

	for (size_t i = 0; i < glob->count; i++) {
		if (count > UINT64_MAX / glob->parts[i].count)
			return UINT64_MAX;
		count *= glob->parts[i].count;
	}
	return count;
}

void glob_free(struct glob *glob)
{
	if (!glob)
		return;
	for (size_t i = 0; i < glob->count; i++) {
		for (size_t k = 0; k < glob->parts[i].word_count; k++)
			free(glob->parts[i].words[k]);
		free(glob->parts[i].words);
	}
	free(glob);
}
