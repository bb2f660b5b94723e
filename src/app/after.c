#include "app/after.h"

#include <stdio.h>
#include <string.h>

#include "app/config.h"
#include "app/ticker.h"
#include "base/json_read.h"
#include "base/utf8.h"
#include "transfer/result.h"

enum { KEEP_BYTES = 4096 };

void after_open(struct after *after, const struct config *config)
{
	*after = (struct after){.config = config, .deriver = deriver_new(&config->derive)};
}

void after_close(struct after *after)
{
	deriver_free(after->deriver);
}

/* NULL when the body cannot be read; the result says why. To be freed with json_free(). */
static struct cJSON *read_json(struct result *result)
{
	struct cJSON *json = NULL;
	struct error e = {""};

	switch (json_read(result->body.data, result->body.len, &json, &e)) {
	case ERR_NONE: break;
	case ERR_LIMIT:
		result_fail(result, FAILURE_TOO_LARGE, "");
		buf_printf(&result->message, "the JSON has %s", e.text);
		break;
	default: derive_warn(result, "not followed: %s", e.text); break;
	}
	return json;
}

/* Something of it may come from a server. */
static void print_notices(struct buf *notices, struct ticker *ticker)
{
	struct buf text;
	char *at = notices->data, *line;

	if (!notices->len)
		return;
	buf_init(&text, BUF_UNLIMITED);
	while ((line = strsep(&at, "\n")) && *line) {
		buf_put_text(&text, "gather: ");
		utf8_put(&text, line, strlen(line), UTF8_FOR_TERMINALS);
		buf_put_byte(&text, '\n');
	}
	buf_clear(notices);
	ticker_hide(ticker);
	fputs(text.data, stderr);
	ticker_show(ticker);
	buf_release(&text);
}

static void derive(struct after *after, struct result *result)
{
	struct cJSON *json = NULL;

	if (deriver_needs_json(after->deriver, &result->request))
		json = read_json(result);
	if (result_is_ok(result))
		deriver_take(after->deriver, result, json);
	json_free(json);
}

void after_answer(struct after *after, struct result *result, struct ticker *ticker)
{
	if (!after->deriver)
		return;
	if (result_is_ok(result)) {
		derive(after, result);
		print_notices(deriver_notices(after->deriver), ticker);
	}
	/* It was kept for this alone. */
	if (!after->config->derive.keeps.body)
		buf_recycle(&result->body, KEEP_BYTES);
}
