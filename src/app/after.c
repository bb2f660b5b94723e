#include "app/after.h"

#include <string.h>

#include "app/config.h"
#include "app/message.h"
#include "app/ticker.h"
#include "base/json_read.h"
#include "transfer/result.h"

void after_open(struct after *after, const struct config *config)
{
	*after = (struct after){.config = config, .deriver = deriver_new(&config->derive)};
}

void after_close(struct after *after)
{
	deriver_free(after->deriver);
}

/* NULL with words when the body cannot be read. To be freed with json_free(). */
static struct cJSON *read_json(struct result *result, struct error *e)
{
	struct cJSON *json = NULL;
	enum err failed = json_read(result->body.data, result->body.len, &json, e);

	if (failed == ERR_LIMIT && result_is_ok(result)) {
		result_fail(result, FAILURE_TOO_LARGE, "");
		buf_printf(&result->message, "the JSON is too large: %s", e->text);
	}
	return json;
}

static void print_notices(struct buf *notices, struct ticker *ticker)
{
	char *at = notices->data, *line;

	if (!notices->len)
		return;
	ticker_hide(ticker);
	while ((line = strsep(&at, "\n")) && *line)
		message_print("%s", line);
	ticker_show(ticker);
	buf_clear(notices);
}

void after_answer(struct after *after, struct result *result, struct ticker *ticker)
{
	const struct extract_list *extracts = &after->config->extracts;
	bool is_whole = result_is_ok(result) || result->failure == FAILURE_HTTP;
	bool is_asked = extracts->count && (is_whole || result->http_code);
	bool leads_on = after->deriver && result_is_ok(result);
	bool leads_on_in_json = leads_on && deriver_needs_json(after->deriver, result);
	struct cJSON *json = NULL;
	struct error e = {""};

	if ((is_asked && is_whole) || leads_on_in_json)
		json = read_json(result, &e);
	if (is_asked)
		extract_put(&result->extract, extracts, json);
	if (leads_on && result_is_ok(result)) {
		if (leads_on_in_json && !json)
			deriver_take_unreadable(after->deriver, result, e.text);
		deriver_take(after->deriver, result, json);
		print_notices(deriver_notices(after->deriver), ticker);
	}
	if (is_asked && !json && result_is_ok(result))
		derive_warn(result, "nothing extracted: %s", e.text);
	json_free(json);
}
