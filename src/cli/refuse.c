#include "cli/refuse.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/json_read.h"
#include "cli/curl_options.h"
#include "cli/options.h"
#include "cli/suggest.h"

static bool has_option(const char *name)
{
	for (size_t i = 0; i < option_count; i++) {
		if (!strcmp(option_table[i].name, name))
			return true;
	}
	return false;
}

static enum err refuse_foreign(const char *shown, int shown_len, const char *hint, struct error *e)
{
	return error_set(e, ERR_SYNTAX, "%.*s is an option of curl that gather does not have%s%s",
	                 shown_len, shown, hint ? ": " : "", hint ? hint : "");
}

enum err refuse_curl_option(const struct curl_option *option, struct error *e)
{
	char shown[64];

	return refuse_foreign(shown, snprintf(shown, sizeof(shown), "--%s", option->name),
	                      option->hint, e);
}

enum err refuse_letter(char letter, struct error *e)
{
	const struct curl_option *option = curl_option_by_letter(letter);
	char shown[64];

	if (!option)
		return error_set(e, ERR_SYNTAX, "unknown option -%c", letter);
	if (has_option(option->name) && letter != ':')
		return error_set(e, ERR_SYNTAX, "unknown option -%c; use --%s", letter,
		                 option->name);
	return refuse_foreign(shown,
	                      snprintf(shown, sizeof(shown), "-%c (--%s)", letter, option->name),
	                      option->hint, e);
}

/* Of the options that begin with it, one that comes after *at in the table; NULL: no more. */
static const char *next_that_begins(const char *word, size_t len, size_t *at)
{
	for (; *at < option_count; ++*at) {
		const struct option_spec *o = &option_table[*at];

		if (o->help && !strncmp(o->name, word, len))
			return option_table[(*at)++].name;
	}
	return NULL;
}

static enum err refuse_beginning(const char *word, size_t len, struct error *e)
{
	size_t at = 0;
	const char *first = len ? next_that_begins(word, len, &at) : NULL;
	const char *second = first ? next_that_begins(word, len, &at) : NULL;
	const char *near = first ? first : suggest_option(word);
	int shown = (int)len;

	if (second)
		return error_set(e, ERR_SYNTAX, "unknown option --%.*s; did you mean --%s or --%s?",
		                 shown, word, first, second);
	if (near)
		return error_set(e, ERR_SYNTAX, "unknown option --%.*s; did you mean --%s?", shown,
		                 word, near);
	return error_set(e, ERR_SYNTAX, "unknown option --%.*s", shown, word);
}

enum err refuse_word(const char *word, struct error *e)
{
	const char *name = word + 2;
	size_t len = strcspn(name, "="); /* a value may be a secret */
	const struct curl_option *option =
		!strncmp(name, "no-", 3) ? curl_option_by_name(name + 3, len - 3) : NULL;

	if (option && option->is_switch)
		return refuse_foreign(word, (int)(len + 2), NULL, e);
	return refuse_beginning(name, len, e);
}

enum err refuse_json_data(struct error *e)
{
	return error_set(e, ERR_SYNTAX,
	                 "--json takes no value: it is a format of the output; JSON is sent with "
	                 "-H 'Content-Type: application/json' -d DATA");
}

bool is_json_data(const char *word)
{
	struct cJSON *value;

	if (*word == '@')
		return true;
	if (*word == '{') /* a glob has no quotes */
		return strchr("\"}", word[1 + strspn(word + 1, " \t\r\n")]) != NULL;
	if (*word != '[')
		return false;
	value = json_parse(word, strlen(word), NULL);
	json_free(value);
	return value != NULL;
}
