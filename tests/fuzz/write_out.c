/*
 * Feeds output/write_out.c a format (the first line), and it and output/fields.c a result whose
 * texts are the rest of the input.
 * JSON of a result is JSON; what is for a terminal has no control characters that are not ours.
 */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "output/fields.h"
#include "output/format.h"
#include "output/write_out.h"
#include "transfer/result.h"

enum { MOST_TARGETS = 16 };

/* text wherever a server or a list can put some. */
static void fill_result(struct result *r, const char *text, size_t len)
{
	struct buf *const places[] = {&r->request.url, &r->url_effective, &r->content_type,
	                              &r->body,        &r->message,       &r->filename};

	result_init(r);
	r->request.options = fuzz_fetch_options();
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		buf_put(places[i], text, len);
	buf_put_text(&r->headers, "title: ");
	for (size_t i = 0; i < len; i++) {
		if (text[i] && text[i] != '\n')
			buf_put_byte(&r->headers, text[i]);
	}
	buf_put_byte(&r->headers, '\n');
	r->http_code = 200;
	r->attempts = 1;
	r->failure = FAILURE_PROTOCOL;
}

static void check_formats(const struct field_list *fields, const struct result *result)
{
	struct format_state state = {.fields = fields};
	struct json json;
	struct buf out;

	buf_init(&out, BUF_UNLIMITED);
	json_init(&json, &out);
	fields_put_json(&json, fields, result);
	REQUIRE(!memchr(out.data, '\n', out.len));
	REQUIRE(strstr(out.data, "\\u0000") || fuzz_is_json(out.data, out.len));
	buf_clear(&out);
	fields_put_csv(&out, fields, result, true);
	REQUIRE(out.len > 2 && !memcmp(out.data + out.len - 2, "\r\n", 2));
	buf_clear(&out);
	format_text.put(&state, &out, result);
	REQUIRE(out.len && out.data[out.len - 1] == '\n');
	REQUIRE(!fuzz_has_control(out.data, out.len - 1, ""));
	buf_release(&out);
}

static void check_format(const struct write_out *w, const char *text,
                         const struct field_list *fields, const struct result *result)
{
	struct write_out_sink sinks[MOST_TARGETS];
	struct buf out;

	buf_init(&out, BUF_UNLIMITED);
	for (size_t i = 0; i < MOST_TARGETS; i++)
		sinks[i] = (struct write_out_sink){&out, true};
	for (size_t i = 0; write_out_target_at(w, i); i++) {
		if (i == MOST_TARGETS - 1) {
			buf_release(&out);
			return;
		}
		REQUIRE(write_out_target_at(w, i)->name);
	}
	write_out_put(w, fields, sinks, result);
	REQUIRE(fuzz_has_control(text, strlen(text), "") ||
	        !fuzz_has_control(out.data, out.len, "\n\r\t"));
	buf_release(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct parts parts = {(const char *)data, size};
	char *text = parts_next(&parts, '\n');
	struct field_list fields = {0};
	struct error e = {""};
	struct write_out *w;
	struct result result;

	field_list_add_all(&fields, true, true);
	fill_result(&result, parts.left ? parts.at : "", parts.left);
	check_formats(&fields, &result);
	w = write_out_parse(text, &e);
	if (w)
		check_format(w, text, &fields, &result);
	else
		REQUIRE(e.text[0]);
	write_out_free(w);
	result_release(&result);
	field_list_release(&fields);
	free(text);
	return 0;
}
