#include "input/csv.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

static const char mark[] = "\xef\xbb\xbf";
enum { MARK_BYTES = sizeof(mark) - 1 };

void csv_init(struct csv *csv)
{
	*csv = (struct csv){.is_whole = true, .delimiter = ','};
	buf_init(&csv->text, CSV_MAX_BYTES);
	buf_init(&csv->values, BUF_UNLIMITED);
}

void csv_release(struct csv *csv)
{
	buf_release(&csv->text);
	buf_release(&csv->values);
	free(csv->starts);
	*csv = (struct csv){0};
}

static void begin_record(struct csv *csv)
{
	buf_clear(&csv->text);
	buf_clear(&csv->values);
	csv->count = 0;
	csv->problem = NULL;
	csv->first_line = csv->lines + 1;
	csv->state = CSV_AT_START;
	csv->is_whole = csv->has_return = false;
}

static void refuse(struct csv *csv, const char *what)
{
	if (!csv->problem)
		csv->problem = what;
}

static void begin_field(struct csv *csv, enum csv_state state)
{
	csv->state = state;
	if (csv->problem)
		return;
	if (csv->count)
		buf_put_byte(&csv->values, '\0');
	if (csv->count == csv->room) {
		csv->room = csv->room ? 2 * csv->room : 16;
		csv->starts = mem_resize(csv->starts, csv->room, sizeof(*csv->starts));
	}
	csv->starts[csv->count++] = csv->values.len;
}

static void put(struct csv *csv, const char *data, size_t len)
{
	if (!csv->problem)
		buf_put(&csv->values, data, len);
}

static void end_record(struct csv *csv)
{
	if (csv->state == CSV_QUOTED)
		refuse(csv, "a quote that is not closed");
	/* After a delimiter there is a field; in an empty line there is none. */
	if (csv->state == CSV_AT_START && csv->count)
		begin_field(csv, CSV_PLAIN);
	csv->is_whole = true;
}

static size_t take_quoted(struct csv *csv, const char *data, size_t len)
{
	const char *quote = memchr(data, '"', len);
	size_t before = quote ? (size_t)(quote - data) : len;

	put(csv, data, before);
	for (const char *at = data; (at = memchr(at, '\n', (size_t)(data + before - at))); at++)
		csv->lines++;
	if (quote)
		csv->state = CSV_CLOSING;
	return before + (quote != NULL);
}

static size_t plain_length(const struct csv *csv, const char *data, size_t len)
{
	const char ends[] = {csv->delimiter, '"', '\r', '\n'};
	size_t i = 0;

	while (i < len && !memchr(ends, data[i], sizeof(ends)))
		i++;
	return i;
}

/* Some more of a line, which neither ends here nor is in quotes. */
static size_t take_plain(struct csv *csv, const char *data, size_t len)
{
	size_t taken;

	switch (csv->state) {
	case CSV_AT_START:
		if (*data == '"' || *data == csv->delimiter) {
			begin_field(csv, *data == '"' ? CSV_QUOTED : CSV_AT_START);
			return 1;
		}
		begin_field(csv, CSV_PLAIN);
		return 0;
	case CSV_PLAIN:
		taken = plain_length(csv, data, len);
		put(csv, data, taken);
		if (taken)
			return taken;
		if (*data == '"') {
			refuse(csv, "a quote in a field without quotes");
			csv->state = CSV_LOST;
			return 1;
		}
		break;
	case CSV_CLOSING:
		if (*data == '"') {
			put(csv, data, 1);
			csv->state = CSV_QUOTED;
			return 1;
		}
		if (*data != csv->delimiter) {
			refuse(csv, "text behind a field in quotes");
			csv->state = CSV_LOST;
			return 1;
		}
		break;
	default: taken = plain_length(csv, data, len); return taken ? taken : 1;
	}
	csv->state = CSV_AT_START; /* after a delimiter */
	return 1;
}

/* A CR that was no line end after all. */
static void take_return(struct csv *csv)
{
	csv->has_return = false;
	if (csv->state == CSV_AT_START)
		begin_field(csv, CSV_PLAIN);
	if (csv->state == CSV_CLOSING) {
		refuse(csv, "text behind a field in quotes");
		csv->state = CSV_LOST;
	}
	put(csv, "\r", 1);
}

static size_t take_piece(struct csv *csv, const char *data, size_t len)
{
	if (csv->state == CSV_QUOTED)
		return take_quoted(csv, data, len);
	if (*data == '\n') {
		csv->lines++;
		end_record(csv);
		return 1;
	}
	if (csv->has_return)
		take_return(csv);
	if (*data == '\r') {
		csv->has_return = true;
		return 1;
	}
	return take_plain(csv, data, len);
}

/* The text of the record, without what ends it. */
static void keep_text(struct csv *csv, const char *data, size_t len)
{
	if (memchr(data, '\0', len))
		refuse(csv, "a NUL byte in the record");
	if (buf_add(&csv->text, data, len))
		refuse(csv, "a record over 1 MiB");
}

/* What looked like a byte order mark is text. */
static void give_back_mark(struct csv *csv)
{
	size_t len = csv->mark < MARK_BYTES ? csv->mark : 0;

	csv->mark = MARK_BYTES;
	for (size_t at = 0; at < len;)
		at += take_piece(csv, mark + at, len - at);
	keep_text(csv, mark, len);
}

/* It may come in pieces. */
static size_t take_mark(struct csv *csv, const char *data, size_t len)
{
	size_t taken = 0;

	if (csv->lines)
		return 0;
	while (csv->mark < MARK_BYTES && taken < len && data[taken] == mark[csv->mark]) {
		csv->mark++;
		taken++;
	}
	if (taken < len)
		give_back_mark(csv);
	return taken;
}

bool csv_take(struct csv *csv, const char *data, size_t len, size_t *ret_taken)
{
	size_t start, at;

	if (csv->is_whole)
		begin_record(csv);
	start = take_mark(csv, data, len);
	for (at = start; at < len && !csv->is_whole;)
		at += take_piece(csv, data + at, len - at);
	keep_text(csv, data + start, at - start - csv->is_whole);
	if (csv->is_whole && csv->has_return && csv->text.len)
		buf_cut(&csv->text, csv->text.len - 1);
	*ret_taken = at;
	return csv->is_whole;
}

bool csv_end(struct csv *csv)
{
	if (!csv->is_whole)
		give_back_mark(csv);
	if (csv->is_whole || (csv->state == CSV_AT_START && !csv->count))
		return false;
	end_record(csv);
	if (csv->has_return && csv->text.len)
		buf_cut(&csv->text, csv->text.len - 1);
	return true;
}

const char *csv_value(const struct csv *csv, size_t i)
{
	return csv->values.data + csv->starts[i];
}

size_t csv_value_length(const struct csv *csv, size_t i)
{
	size_t end = i + 1 < csv->count ? csv->starts[i + 1] - 1 : csv->values.len;

	return end - csv->starts[i];
}
