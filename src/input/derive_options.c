/* What is derived, as the command line says it. */
#include <stdlib.h>
#include <string.h>

#include "base/json_read.h"
#include "base/mem.h"
#include "input/derive.h"
#include "transfer/options.h"

enum err derive_set_next(struct derive_options *options, const char *text, struct error *e)
{
	struct json_pointer *pointer = NULL;
	bool is_link = !strcmp(text, "link");
	enum err failed = is_link ? ERR_NONE : json_pointer_parse(text, &pointer, e);

	if (failed)
		return failed;
	if (pointer && json_pointer_is_many(pointer)) {
		json_pointer_free(pointer);
		return error_set(e, ERR_SYNTAX, "\"%s\" may be several places", text);
	}
	json_pointer_free(options->next);
	options->next = pointer;
	options->follows_links = is_link;
	return ERR_NONE;
}

enum err derive_add_follow(struct derive_options *options, const char *text, struct error *e)
{
	struct json_pointer *pointer;
	enum err failed = json_pointer_parse(text, &pointer, e);

	if (failed)
		return failed;
	options->follow = mem_resize(options->follow, options->follow_count + 1,
	                             sizeof(struct json_pointer *));
	options->follow[options->follow_count++] = pointer;
	return ERR_NONE;
}

enum err derive_set_follow_url(struct derive_options *options, const char *text, struct error *e)
{
	if (!strstr(text, "{}") && !strstr(text, "{+}"))
		return error_set(e, ERR_SYNTAX, "\"%s\" has no {} for the value", text);
	free(options->follow_url);
	options->follow_url = mem_text(text);
	return ERR_NONE;
}

void derive_options_release(struct derive_options *options)
{
	json_pointer_free(options->next);
	free(options->follow_url);
	for (size_t i = 0; i < options->follow_count; i++)
		json_pointer_free(options->follow[i]);
	free(options->follow);
	*options = (struct derive_options){0};
}

bool derive_is_on(const struct derive_options *options)
{
	return options->follows_links || options->next || options->follow_count;
}

void derive_keep(struct derive_options *options, struct fetch_options *fetch)
{
	options->keeps.needs_body = fetch->needs_body;
	options->keeps.continues = fetch->continues;
	options->keeps.max_bytes = fetch->max_kept_bytes;
	fetch->keeps_headers |= options->follows_links;
	if (options->next || options->follow_count) {
		fetch->needs_body = true;
		fetch->max_kept_bytes = JSON_MAX_BYTES;
	}
}
