#include "cli/conceal.h"

#include <string.h>

#include "base/buf.h"
#include "transfer/field.h"
#include "transfer/url.h"

static const char stars[] = "***";

/* The first keep bytes of value stay. */
static void put_start(struct buf *out, const char *value, size_t keep)
{
	buf_put(out, value, keep);
	buf_put_text(out, stars);
}

static void put_concealed(struct buf *out, const char *value, enum secret what)
{
	size_t colon = strcspn(value, ":"), equals = strcspn(value, "=");

	if (what == SECRET_URL)
		url_put_masked(out, value, strlen(value));
	else if (what == SECRET_LOGIN)
		put_start(out, value, value[colon] && value[colon + 1] ? colon + 1 : 0);
	else if (what == SECRET_FILE && value[colon])
		put_start(out, value, colon + 1);
	else if (what == SECRET_TOKEN || (what == SECRET_DATA && *value != '@'))
		put_start(out, value, 0);
	else if (what == SECRET_VALUE && value[equals])
		put_start(out, value, equals + 1);
	else if (what == SECRET_HEADER && value[colon] && field_is_secret(value, colon))
		put_start(out, value, colon + 1);
	else
		buf_put_text(out, value);
}

void conceal(char *value, enum secret what)
{
	struct buf text;

	if (what == SECRET_NOTHING)
		return;
	buf_init(&text, BUF_UNLIMITED);
	put_concealed(&text, value, what);
	for (size_t i = 0; value[i]; i++)
		value[i] = i < text.len ? text.data[i] : ' ';
	buf_release(&text);
}

/* ---- the whole command line ---- */

enum { COMMAND_LIMIT = 4000, WORD_LIMIT = 1000, URLS_SHOWN = 3 };

/* Without the blanks that conceal() put there when it put stars. */
static size_t shown_length(const char *word)
{
	size_t len = strlen(word);

	while (len && word[len - 1] == ' ' && strchr(word, '*'))
		len--;
	return len < WORD_LIMIT ? len : WORD_LIMIT;
}

static void put_quoted(struct buf *out, const char *word)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				    "0123456789%+,-./:=@_";

	if (*word && !word[strspn(word, plain)]) {
		buf_put_text(out, word);
		return;
	}
	buf_put_byte(out, '\'');
	for (; *word; word++) {
		if (*word == '\'')
			buf_put_text(out, "'\\'");
		buf_put_byte(out, *word);
	}
	buf_put_byte(out, '\'');
}

/* In any word there may be a URL with a login, such as in the name of a list. */
static void put_word(struct buf *out, const char *word, bool is_url)
{
	struct buf masked;
	char *query;

	buf_init(&masked, BUF_UNLIMITED);
	url_put_text_masked(&masked, word, shown_length(word));
	query = is_url ? strchr(masked.data, '?') : NULL;
	if (query && query[1]) {
		buf_cut(&masked, (size_t)(query + 1 - masked.data));
		buf_put_text(&masked, stars);
	}
	put_quoted(out, masked.data);
	buf_release(&masked);
}

void conceal_put_command(struct buf *out, const struct command_line *command)
{
	const char *slash = command->argc ? strrchr(command->argv[0], '/') : NULL;
	int shown = command->has_template ? 0 : URLS_SHOWN, left_out = 0;

	if (command->argc)
		put_word(out, slash ? slash + 1 : command->argv[0], false);
	for (int i = 1; i < command->argc; i++) {
		bool is_url = command->is_url[i];

		if (out->len > COMMAND_LIMIT || (is_url && shown-- <= 0)) {
			left_out++;
			continue;
		}
		buf_put_byte(out, ' ');
		put_word(out, command->argv[i], is_url);
	}
	if (left_out)
		buf_printf(out, " ... (%d more)", left_out);
}
