#include "output/host_summary.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/units.h"
#include "base/utf8.h"
#include "output/color.h"
#include "output/host_table.h"

/* ---- JSON ---- */

/* A host_table_fn. */
static void put_host(const char *name, const struct host_counts *counts, bool is_all, void *arg)
{
	struct latency latency = host_counts_latency(counts);
	struct json *json = arg;

	json_begin(json, '{');
	json_key(json, "host");
	json_bytes(json, name, host_name_shown(name));
	json_key(json, "complete");
	json_bool(json, is_all);
	json_key(json, "requests");
	json_uint(json, counts->requests);
	json_key(json, "failed");
	json_uint(json, counts->failed);
	json_key(json, "connections");
	json_uint(json, counts->connections);
	json_key(json, "bytes");
	json_uint(json, counts->bytes);
	json_key(json, "latency");
	latency_put_json(json, &latency);
	json_end(json, '}');
}

static void put_hosts(struct json *json, const char *name, struct host_table *hosts,
                      enum host_order order, uint64_t rows)
{
	json_key(json, name);
	json_begin(json, '[');
	host_table_visit(hosts, order, (size_t)rows, put_host, json);
	json_end(json, ']');
}

void host_summary_put_json(struct json *json, struct host_table *hosts, uint64_t rows)
{
	json_begin(json, '{');
	json_key(json, "count");
	if (hosts->left)
		json_null(json);
	else
		json_uint(json, hosts->count);
	put_hosts(json, "worst", hosts, HOSTS_WORST, rows);
	put_hosts(json, "largest", hosts, HOSTS_LARGEST, rows);
	json_end(json, '}');
}

/* ---- tables; a name is what may be long, so it stands last and whole ---- */

enum column { REQUESTS, FAILED, CONNECTIONS, BYTES, P50, P95, P99, P99_9, MAX, COLUMNS };

/* rank: where there is no room for all, the highest goes first; 0 stays. */
static const struct {
	const char *name;
	int rank;
	enum latency_figure figure; /* of the times: P50 to MAX */
} columns[COLUMNS] = {
	[REQUESTS] = {"requests", 0, 0}, [FAILED] = {"failed", 0, 0},
	[CONNECTIONS] = {"conns", 5, 0}, [BYTES] = {"bytes", 4, 0},
	[P50] = {"p50", 2, LATENCY_P50}, [P95] = {"p95", 6, LATENCY_P95},
	[P99] = {"p99", 1, LATENCY_P99}, [P99_9] = {"p99.9", 7, LATENCY_P99_9},
	[MAX] = {"max", 3, LATENCY_MAX},
};

enum { HIGHEST_RANK = 7, GAP = 2 };

struct row {
	char cells[COLUMNS][UNITS_TEXT];
	bool has_failed;
	struct buf name;
};

struct table {
	struct row *rows;
	size_t count;
	size_t widths[COLUMNS]; /* 0: the column is left out */
	size_t longest_name;
};

/* A host_table_fn. */
static void add_row(const char *name, const struct host_counts *counts, bool is_all, void *arg)
{
	struct table *table = arg;
	struct row *row = &table->rows[table->count++];
	struct latency latency = host_counts_latency(counts);
	size_t columns_of_name = 0;

	row->has_failed = counts->failed > 0;
	snprintf(row->cells[REQUESTS], UNITS_TEXT, "%llu", (unsigned long long)counts->requests);
	snprintf(row->cells[FAILED], UNITS_TEXT, "%llu", (unsigned long long)counts->failed);
	snprintf(row->cells[CONNECTIONS], UNITS_TEXT, "%llu",
	         (unsigned long long)counts->connections);
	units_show_bytes(row->cells[BYTES], counts->bytes);
	for (int i = P50; i <= MAX; i++) {
		if (latency.count)
			units_show_time(row->cells[i], latency.us[columns[i].figure]);
		else
			strcpy(row->cells[i], "-");
	}
	buf_init(&row->name, BUF_UNLIMITED);
	utf8_put(&row->name, name, host_name_shown(name), UTF8_FOR_TERMINALS);
	if (!is_all)
		buf_put_text(&row->name, " (at least)");
	for (size_t i = 0; i < row->name.len; i++)
		columns_of_name += ((unsigned char)row->name.data[i] & 0xc0) != 0x80;
	if (columns_of_name > table->longest_name)
		table->longest_name = columns_of_name;
}

static void measure(struct table *table)
{
	for (size_t k = 0; k < COLUMNS; k++) {
		table->widths[k] = strlen(columns[k].name);
		for (size_t i = 0; i < table->count; i++) {
			size_t len = strlen(table->rows[i].cells[k]);

			if (len > table->widths[k])
				table->widths[k] = len;
		}
	}
}

/* Leaves columns out until the longest name has room. */
static void fit(struct table *table, size_t width)
{
	for (int rank = HIGHEST_RANK; rank > 0; rank--) {
		size_t total = table->longest_name;

		for (size_t k = 0; k < COLUMNS; k++)
			total += table->widths[k] ? table->widths[k] + GAP : 0;
		if (total <= width)
			return;
		for (size_t k = 0; k < COLUMNS; k++) {
			if (columns[k].rank == rank)
				table->widths[k] = 0;
		}
	}
}

static void put_row(struct buf *out, const struct table *table, const struct row *row,
                    bool has_color)
{
	for (size_t k = 0; k < COLUMNS; k++) {
		bool is_red = has_color && row->has_failed && k == FAILED;

		if (table->widths[k])
			buf_printf(out, "%s%*s%s%*s", color_on(is_red, COLOR_RED),
			           (int)table->widths[k], row->cells[k], color_off(is_red), GAP,
			           "");
	}
	buf_put(out, row->name.data, row->name.len);
	buf_put_byte(out, '\n');
}

static void put_table(struct buf *out, struct host_table *hosts, enum host_order order,
                      uint64_t rows, size_t width, bool has_color)
{
	struct table table = {0};

	table.rows = mem_zero(rows < hosts->count ? rows : hosts->count, sizeof(*table.rows));
	host_table_visit(hosts, order, (size_t)rows, add_row, &table);
	measure(&table);
	fit(&table, width);
	for (size_t k = 0; k < COLUMNS; k++) {
		if (table.widths[k])
			buf_printf(out, "%*s%*s", (int)table.widths[k], columns[k].name, GAP, "");
	}
	buf_put_text(out, "host\n");
	for (size_t i = 0; i < table.count; i++) {
		put_row(out, &table, &table.rows[i], has_color);
		buf_release(&table.rows[i].name);
	}
	free(table.rows);
}

void host_summary_put_text(struct buf *out, struct host_table *hosts, uint64_t rows, size_t width,
                           bool has_color)
{
	const char *more = hosts->left ? "more than " : "";
	size_t count = hosts->left ? HOSTS_LIMIT : hosts->count;

	if (!hosts->count)
		return;
	if (count <= rows) {
		buf_printf(out, "\n%zu host%s, the worst first\n", count, count == 1 ? "" : "s");
		put_table(out, hosts, HOSTS_WORST, rows, width, has_color);
		return;
	}
	buf_printf(out, "\nthe worst of %s%zu hosts\n", more, count);
	put_table(out, hosts, HOSTS_WORST, rows, width, has_color);
	buf_printf(out, "\nthe largest of %s%zu hosts\n", more, count);
	put_table(out, hosts, HOSTS_LARGEST, rows, width, has_color);
}
