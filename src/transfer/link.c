#include "transfer/link.h"

#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "transfer/field.h"

/* Whether rel is one of the words, in any case. */
static bool has_word(const char *words, const char *rel)
{
	size_t len;

	for (; *words; words += len) {
		words += strspn(words, " \t");
		len = strcspn(words, " \t");
		if (len == strlen(rel) && !strncasecmp(words, rel, len))
			return true;
	}
	return false;
}

/* What the parameters of a link say about it. */
static bool take_params(const char **at, const char *rel)
{
	bool is_meant = false, has_rel = false, has_anchor = false, is_empty = false;
	struct buf name, value;

	buf_init(&name, BUF_UNLIMITED);
	buf_init(&value, BUF_UNLIMITED);
	while (field_next_param(at, &name, &value)) {
		has_anchor |= !strcmp(name.data, "anchor");
		is_empty |= !strcmp(name.data, "results") && !strcasecmp(value.data, "false");
		if (strcmp(name.data, "rel") != 0 || has_rel)
			continue;
		has_rel = true; /* the first counts */
		is_meant = has_word(value.data, rel);
	}
	buf_release(&name);
	buf_release(&value);
	return is_meant && !has_anchor && !is_empty;
}

/* One field (RFC 8288, B.2). */
static bool find_in_field(const char *at, const char *rel, struct buf *ret_target)
{
	while (*(at += strspn(at, " \t,")) == '<') {
		const char *target = at + 1, *end = strchr(target, '>');

		if (!end)
			return false;
		at = end + 1;
		if (take_params(&at, rel)) {
			buf_clear(ret_target);
			buf_put(ret_target, target, (size_t)(end - target));
			return true;
		}
	}
	return false;
}

bool link_find(const struct buf *headers, const char *rel, struct buf *ret_target)
{
	static const char name[] = "link:";
	bool is_found = false;
	struct buf field;

	buf_init(&field, BUF_UNLIMITED);
	for (const char *line = headers->data; *line && !is_found;) {
		size_t len = strcspn(line, "\n");

		if (!strncmp(line, name, strlen(name))) {
			buf_clear(&field);
			buf_put(&field, line + strlen(name), len - strlen(name));
			is_found = find_in_field(field.data, rel, ret_target);
		}
		line += len + (line[len] == '\n');
	}
	buf_release(&field);
	return is_found;
}
