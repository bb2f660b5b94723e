#include "output/comparison_table.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/units.h"
#include "output/color.h"
#include "output/comparison.h"

enum {
	CELL_BYTES = UNITS_TEXT,
	GAP = 2,          /* between columns */
	WIDEST_BARS = 80, /* beyond that they are no easier to compare */
	SHORTEST_BAR = 8,
};

enum column {
	LEVEL,
	WALL,
	RATE,
	P50,
	P90,
	P95,
	P99,
	P99_9,
	MAX,
	SPEED_UP,
	EFFICIENCY,
	CONNECTIONS,
	FAILED,
	COLUMNS
};

/* rank: where there is no room for all, the highest goes first; 0 stays. */
static const struct {
	const char *name;
	int rank;
} columns[COLUMNS] = {
	[LEVEL] = {"level", 0},       [WALL] = {"wall", 0},       [RATE] = {"req/s", 4},
	[P50] = {"p50", 3},           [P90] = {"p90", 7},         [P95] = {"p95", 9},
	[P99] = {"p99", 5},           [P99_9] = {"p99.9", 10},    [MAX] = {"max", 6},
	[SPEED_UP] = {"speed-up", 0}, [EFFICIENCY] = {"eff.", 2}, [CONNECTIONS] = {"conns", 8},
	[FAILED] = {"failed", 1},
};

enum { HIGHEST_RANK = 10 };

/* Without the space before its unit. */
static void show_time(char cell[CELL_BYTES], int64_t time_us)
{
	char *space = strchr(units_show_time(cell, time_us), ' ');

	if (space)
		memmove(space, space + 1, strlen(space));
}

/* Three digits, of which at most so many are decimals, and all of those before the point. */
static void show_number(char cell[CELL_BYTES], double number, int decimals, const char *unit)
{
	int room = number < 9.995 ? 2 : number < 99.95 ? 1 : 0;

	if (isfinite(number))
		snprintf(cell, CELL_BYTES, "%.*f%s", decimals < room ? decimals : room, number,
		         unit);
	else
		snprintf(cell, CELL_BYTES, "-");
}

static void show_count(char cell[CELL_BYTES], int64_t number)
{
	snprintf(cell, CELL_BYTES, "%lld", (long long)number);
}

static void show(char cell[CELL_BYTES], enum column column, uint64_t concurrency,
                 const struct comparison_figures *f)
{
	switch (column) {
	case LEVEL: show_count(cell, (int64_t)concurrency); break;
	case WALL: show_time(cell, f->wall_us); break;
	case RATE: show_number(cell, f->rate, 1, ""); break;
	case P50: show_time(cell, f->latency.us[LATENCY_P50]); break;
	case P90: show_time(cell, f->latency.us[LATENCY_P90]); break;
	case P95: show_time(cell, f->latency.us[LATENCY_P95]); break;
	case P99: show_time(cell, f->latency.us[LATENCY_P99]); break;
	case P99_9: show_time(cell, f->latency.us[LATENCY_P99_9]); break;
	case MAX: show_time(cell, f->latency.us[LATENCY_MAX]); break;
	case SPEED_UP: show_number(cell, f->speed_up, 2, "x"); break;
	case EFFICIENCY: show_number(cell, 100 * f->efficiency, 0, "%"); break;
	case CONNECTIONS: show_count(cell, f->connections); break;
	case FAILED: show_count(cell, f->failed); break;
	case COLUMNS: break;
	}
}

/* What a column needs, name and cells. */
static void measure(const struct comparison *c, size_t widths[COLUMNS])
{
	char cell[CELL_BYTES];

	for (size_t k = 0; k < COLUMNS; k++)
		widths[k] = strlen(columns[k].name);
	for (size_t i = 0; i < c->level_count; i++) {
		struct comparison_figures f;

		if (!c->levels[i].run_count)
			continue;
		f = comparison_figures(c, i);
		for (size_t k = 0; k < COLUMNS; k++) {
			show(cell, (enum column)k, c->levels[i].concurrency, &f);
			if (strlen(cell) > widths[k])
				widths[k] = strlen(cell);
		}
	}
}

/* Takes columns away, of which the width becomes 0, until the others have room. */
static void fit(size_t widths[COLUMNS], size_t room)
{
	for (int rank = HIGHEST_RANK; rank > 0; rank--) {
		size_t total = 0;

		for (size_t k = 0; k < COLUMNS; k++)
			total += widths[k] ? widths[k] + GAP : 0;
		if (total - GAP <= room)
			return;
		for (size_t k = 0; k < COLUMNS; k++) {
			if (columns[k].rank == rank)
				widths[k] = 0;
		}
	}
}

static void put_cell(struct buf *out, const char *text, size_t width, bool is_first)
{
	buf_printf(out, "%*s", (int)(width + (is_first ? 0 : GAP)), text);
}

static void put_row(struct buf *out, const struct comparison *c, size_t level,
                    const size_t widths[COLUMNS], bool has_color)
{
	struct comparison_figures f = comparison_figures(c, level);
	char cell[CELL_BYTES];

	for (size_t k = 0; k < COLUMNS; k++) {
		bool is_red = has_color && f.failed && k == FAILED;

		if (!widths[k])
			continue;
		show(cell, (enum column)k, c->levels[level].concurrency, &f);
		buf_put_text(out, color_on(is_red, COLOR_RED));
		put_cell(out, cell, widths[k], k == 0);
		buf_put_text(out, color_off(is_red));
	}
	buf_put_byte(out, '\n');
}

static void put_rows(struct buf *out, const struct comparison *c, const size_t widths[COLUMNS],
                     bool has_color)
{
	for (size_t k = 0; k < COLUMNS; k++) {
		if (widths[k])
			put_cell(out, columns[k].name, widths[k], k == 0);
	}
	buf_put_byte(out, '\n');
	for (size_t i = 0; i < c->level_count; i++) {
		if (c->levels[i].run_count)
			put_row(out, c, i, widths, has_color);
	}
}

/* ---- bars ---- */

/* A bar of so many eighths of a column. */
static void put_bar(struct buf *out, size_t eighths, bool is_utf8)
{
	static const char *const parts[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};

	if (!eighths)
		eighths = 1;
	if (!is_utf8) {
		for (size_t i = 0; i < (eighths + 4) / 8 || !i; i++)
			buf_put_byte(out, '#');
		return;
	}
	for (size_t i = 0; i < eighths / 8; i++)
		buf_put_text(out, "█");
	buf_put_text(out, parts[eighths % 8]);
}

static void put_bars(struct buf *out, const struct comparison *c, const size_t widths[COLUMNS],
                     const struct table_look *look)
{
	size_t width = look->width < WIDEST_BARS ? look->width : WIDEST_BARS;
	size_t others = widths[LEVEL] + GAP + GAP + widths[WALL];
	size_t room = width > others + SHORTEST_BAR ? width - others : SHORTEST_BAR;
	int64_t longest_us = 1;

	for (size_t i = 0; i < c->level_count; i++) {
		int64_t wall_us = c->levels[i].run_count ? comparison_figures(c, i).wall_us : 0;

		longest_us = wall_us > longest_us ? wall_us : longest_us;
	}
	for (size_t i = 0; i < c->level_count; i++) {
		struct comparison_figures f;
		char wall[CELL_BYTES];

		if (!c->levels[i].run_count)
			continue;
		f = comparison_figures(c, i);
		show_time(wall, f.wall_us);
		buf_printf(out, "%*llu  ", (int)widths[LEVEL],
		           (unsigned long long)c->levels[i].concurrency);
		put_bar(out,
		        (size_t)((double)f.wall_us / (double)longest_us * 8 * (double)room + 0.5),
		        look->is_utf8);
		buf_printf(out, "  %s\n", wall);
	}
}

/* ---- the whole ---- */

static void put_title(struct buf *out, int64_t requests, uint64_t repeats)
{
	buf_printf(out, "%lld request%s at each level of concurrency", (long long)requests,
	           requests == 1 ? "" : "s");
	if (repeats > 1)
		buf_printf(out, ", medians of %llu runs", (unsigned long long)repeats);
	buf_put_text(out, "\n\n");
}

static void put_notes(struct buf *out, const struct comparison *c, bool has_color)
{
	struct buf notes;
	char *at, *line;

	buf_init(&notes, BUF_UNLIMITED);
	comparison_put_notes(&notes, c);
	if (notes.len && out->len)
		buf_put_byte(out, '\n');
	for (at = notes.data; (line = strsep(&at, "\n")) && *line;) {
		bool is_yellow = has_color && !strncmp(line, "warning: ", 9);

		buf_printf(out, "%s%s%s\n", color_on(is_yellow, COLOR_YELLOW), line,
		           color_off(is_yellow));
	}
	buf_release(&notes);
}

void comparison_put_table(struct buf *out, const struct comparison *c,
                          const struct table_look *look)
{
	int64_t requests = comparison_requests(c);
	size_t widths[COLUMNS];

	if (requests) {
		put_title(out, requests, c->repeats);
		measure(c, widths);
		fit(widths, look->width);
		put_rows(out, c, widths, look->has_color);
		buf_put_byte(out, '\n');
		put_bars(out, c, widths, look);
	}
	put_notes(out, c, look->has_color);
}
