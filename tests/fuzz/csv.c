/*
 * Feeds input/csv.c a list, at once and in pieces, and input/row.c its records.
 * The records are the same however they arrive; a row makes a URL or a problem.
 */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/hash.h"
#include "input/csv.h"
#include "input/row.h"
#include "input/template.h"
#include "transfer/request.h"

static struct hash hash_record(struct hash h, const struct csv *csv)
{
	h = hash_more(h, csv->text.data, csv->text.len);
	h = hash_more(h, "problem", csv->problem ? 1 : 0); /* of two it may be either */
	for (size_t i = 0; !csv->problem && i < csv->count; i++) {
		REQUIRE(strlen(csv_value(csv, i)) == csv_value_length(csv, i));
		h = hash_more(h, csv_value(csv, i), csv_value_length(csv, i));
	}
	return hash_more(h, &csv->first_line, sizeof(csv->first_line));
}

/* Of all records, when the list arrives in pieces of so many bytes. */
static struct hash read_list(const char *data, size_t len, size_t piece)
{
	struct hash all = {0, 0};
	struct csv csv;
	size_t taken;

	csv_init(&csv);
	for (size_t at = 0; at < len; at += taken) {
		size_t left = len - at;

		if (csv_take(&csv, data + at, left < piece ? left : piece, &taken))
			all = hash_record(all, &csv);
		REQUIRE(taken && taken <= left);
	}
	if (csv_end(&csv))
		all = hash_record(all, &csv);
	csv_release(&csv);
	return all;
}

static void fill_row(const struct row_templates *templates, const struct csv *header,
                     const struct csv *record)
{
	struct row row = {record->text.data, record->text.len, header, record};
	struct request request;

	request_init(&request);
	row_fill(&row, templates, fuzz_fetch_options(), &request);
	REQUIRE(request.problem.len || request.url.len);
	REQUIRE(request.problem.len || !fuzz_has_control(request.url.data, request.url.len, ""));
	request_release(&request);
}

/* The first record names the columns. */
static void fill_rows(const char *data, size_t len)
{
	struct row_templates templates = {0};
	struct csv header, record;
	size_t taken, at;

	csv_init(&header);
	csv_init(&record);
	REQUIRE(!template_new("http://127.0.0.1/{a}?{b c}={}", 29, TEMPLATE_URL, &templates.url,
	                      NULL));
	if (csv_take(&header, data, len, &at) && !header.problem &&
	    !row_templates_check(&templates, &header, NULL)) {
		for (; at < len; at += taken) {
			if (csv_take(&record, data + at, len - at, &taken) && !record.problem &&
			    record.count)
				fill_row(&templates, &header, &record);
		}
	}
	csv_release(&header);
	csv_release(&record);
	row_templates_release(&templates);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct parts parts = {(const char *)data, size};
	size_t piece = parts_flags(&parts) % 16 + 1;
	struct hash whole = read_list(parts.at, parts.left, SIZE_MAX);
	struct hash pieces = read_list(parts.at, parts.left, piece);

	REQUIRE(whole.low == pieces.low && whole.high == pieces.high);
	fill_rows(parts.at, parts.left);
	return 0;
}
