#include "output/format.h"

#include "base/buf.h"
#include "base/json.h"
#include "base/utf8.h"
#include "output/color.h"
#include "output/fields.h"
#include "output/outlets.h"
#include "output/stats.h"
#include "transfer/result.h"
#include "transfer/url.h"

/* number in a column of width, right-aligned. */
static void put_padded(struct buf *out, uint64_t number, size_t width)
{
	size_t start = out->len, len;

	buf_put_uint(out, number);
	len = out->len - start;
	if (len < width) {
		buf_cut(out, start);
		for (; len < width; len++)
			buf_put_byte(out, ' ');
		buf_put_uint(out, number);
	}
}

static void put_url(struct buf *out, const struct buf *url)
{
	struct buf masked;

	buf_init(&masked, BUF_UNLIMITED);
	url_put_masked(&masked, url->data, url->len);
	utf8_put(out, masked.data, masked.len, UTF8_FOR_TERMINALS);
	buf_release(&masked);
}

static void put_data(const struct format_state *state, struct buf *out, const struct buf *data)
{
	if (state->is_terminal)
		utf8_put(out, data->data, data->len, UTF8_WITH_COLORS);
	else
		buf_put(out, data->data, data->len);
}

/* What the command has written stands behind what the format says of its result. */
static void put_output(const struct format_state *state, struct buf *out, const struct result *r)
{
	if (r->command)
		put_data(state, out, &r->command->output);
}

static void text_put(struct format_state *state, struct buf *out, const struct result *r)
{
	int64_t ms = r->time_total_us > 0 ? (r->time_total_us + 500) / 1000 : 0;
	const char *color = color_of_status(result_is_ok(r), r->http_code);

	buf_put_text(out, color_on(state->has_color, color));
	if (r->http_code)
		put_padded(out, (uint64_t)r->http_code, 3);
	else
		buf_put_text(out, result_is_ok(r) ? "---" : "ERR");
	buf_put_text(out, color_off(state->has_color));
	buf_put(out, "  ", 2);
	put_padded(out, (uint64_t)r->size_download, 9);
	buf_put(out, "  ", 2);
	put_padded(out, (uint64_t)ms / 1000, 4);
	buf_put_byte(out, '.');
	buf_put_byte(out, (char)('0' + ms / 100 % 10));
	buf_put_byte(out, (char)('0' + ms / 10 % 10));
	buf_put_byte(out, (char)('0' + ms % 10));
	buf_put(out, "  ", 2);
	if (r->request.url.len)
		put_url(out, &r->request.url);
	else
		buf_put_byte(out, '-');
	if (r->failure) {
		buf_put(out, "  ", 2);
		buf_put_text(out, color_on(state->has_color, color));
		buf_put_text(out, failure_name(r->failure));
		buf_put_text(out, color_off(state->has_color));
		buf_put(out, ": ", 2);
		utf8_put(out, r->message.data, r->message.len, UTF8_FOR_TERMINALS);
	}
	if (r->warning.len) {
		buf_put(out, "  ", 2);
		buf_put_text(out, color_on(state->has_color, COLOR_YELLOW));
		buf_put_text(out, "warning");
		buf_put_text(out, color_off(state->has_color));
		buf_put(out, ": ", 2);
		utf8_put(out, r->warning.data, r->warning.len, UTF8_FOR_TERMINALS);
	}
	buf_put_byte(out, '\n');
	put_output(state, out, r);
	if (out->data[out->len - 1] != '\n') /* a result begins a line */
		buf_put_byte(out, '\n');
}

const struct format format_text = {.name = "text", .put = text_put};

static void jsonl_put(struct format_state *state, struct buf *out, const struct result *result)
{
	struct json json;

	json_init(&json, out);
	fields_put_json(&json, state->fields, result);
	buf_put_byte(out, '\n');
}

const struct format format_jsonl = {.name = "jsonl", .put = jsonl_put};

static void json_begin_document(struct format_state *state, struct buf *out)
{
	(void)state;
	buf_put_text(out, "{\"results\":[\n");
}

static void json_put(struct format_state *state, struct buf *out, const struct result *result)
{
	struct json json;

	if (state->needs_comma)
		buf_put_text(out, ",\n");
	state->needs_comma = true;
	json_init(&json, out);
	fields_put_json(&json, state->fields, result);
}

static void json_end_document(struct format_state *state, struct buf *out,
                              const struct stats *stats)
{
	struct json json;

	buf_put_text(out, state->needs_comma ? "\n],\n\"summary\":" : "],\n\"summary\":");
	json_init(&json, out);
	stats_put_json(&json, stats);
	buf_put_text(out, "}\n");
}

const struct format format_json = {
	.name = "json",
	.is_in_order = true,
	.begin = json_begin_document,
	.put = json_put,
	.end = json_end_document,
};

static void csv_begin(struct format_state *state, struct buf *out)
{
	fields_put_csv_header(out, state->fields);
}

static void csv_put(struct format_state *state, struct buf *out, const struct result *result)
{
	struct buf row;

	if (!state->is_terminal) {
		fields_put_csv(out, state->fields, result, state->has_safe_cells);
		return;
	}
	buf_init(&row, BUF_UNLIMITED);
	fields_put_csv(&row, state->fields, result, state->has_safe_cells);
	utf8_put(out, row.data, row.len, UTF8_FOR_SCREENS);
	buf_release(&row);
}

const struct format format_csv = {.name = "csv", .begin = csv_begin, .put = csv_put};

static void cat_put(struct format_state *state, struct buf *out, const struct result *result)
{
	if (result_is_ok(result))
		put_data(state, out, &result->body);
	put_output(state, out, result);
}

const struct format format_cat = {.name = "cat", .put = cat_put};

static void write_out_format_put(struct format_state *state, struct buf *out,
                                 const struct result *result)
{
	(void)out;
	outlets_put(state->outlets, state->fields, result);
}

const struct format format_write_out = {.name = "write-out", .put = write_out_format_put};

static void silent_put(struct format_state *state, struct buf *out, const struct result *result)
{
	put_output(state, out, result);
}

const struct format format_silent = {.name = "silent", .put = silent_put};
