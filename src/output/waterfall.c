#include "output/waterfall.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/units.h"
#include "output/color.h"
#include "output/fit.h"
#include "output/samples.h"
#include "transfer/result.h"
#include "transfer/url.h"

enum {
	WIDE = 60,        /* narrower terminals have no room for two spaces between columns */
	LEAST_BAR = 8,    /* columns */
	SQUEEZED = 3,     /* see samples_get_views() */
	WIDEST_BAR = 100, /* beyond that they are no easier to compare */
	LEAST_NAME = 6,   /* shorter ones would tell nothing apart */
	TICK_COLUMNS = 9, /* from one to the next, or more: room for "500 ms" */
	TIGHT_TICKS = 7,  /* where there would be few */
};

/* Each is told from the others without colours: lines that get thicker as the request gets on. */
static const struct paint {
	const char *name, *block;
	char letter;
	const char *color;
} paints[PHASES] = {
	[PHASE_QUEUE] = {"queue", "·", '.', COLOR_DIM},
	[PHASE_EARLIER] = {"earlier attempts", "×", 'x', COLOR_DIM},
	[PHASE_DNS] = {"DNS", "╌", '~', COLOR_MAGENTA},
	[PHASE_CONNECT] = {"connect", "─", '-', COLOR_YELLOW},
	[PHASE_TLS] = {"TLS", "═", '=', COLOR_CYAN},
	[PHASE_WAIT] = {"wait", "▒", ':', COLOR_BLUE},
	[PHASE_RECEIVE] = {"receive", "█", '#', COLOR_GREEN},
};

/* In place of the rest of a bar that is longer than the axis. */
#define CUT ">"

struct waterfall {
	int64_t started_us;
	struct samples samples;
	uint64_t unattempted;
};

/* Where what stands; columns. */
struct frame {
	const struct waterfall_look *look;
	size_t gap, label, time, name, bar; /* name 0: there is no room for names */
	size_t origin;                      /* bytes that all URLs have in common; 0: they do not */
	int64_t end_us;                     /* where the axis ends; longer bars are cut */
};

/* ---- while it runs ---- */

struct waterfall *waterfall_new(size_t rows, int64_t now_us)
{
	struct waterfall *w = mem_zero(1, sizeof(*w));

	w->started_us = now_us;
	samples_init(&w->samples, rows);
	return w;
}

void waterfall_free(struct waterfall *w)
{
	if (!w)
		return;
	samples_release(&w->samples);
	free(w);
}

void waterfall_add(struct waterfall *w, const struct result *r)
{
	struct phases phases;

	if (!r->attempts) {
		w->unattempted++;
		return;
	}
	phases_of(&phases, r, w->started_us);
	samples_add(&w->samples, r, &phases);
}

/* ---- what a row says ---- */

/* The status, or why there is none that tells. */
static const char *show_label(char text[UNITS_TEXT], const struct sample *s)
{
	if (s->failure && s->failure != FAILURE_HTTP)
		snprintf(text, UNITS_TEXT, "%s", failure_name(s->failure));
	else if (s->http_code)
		snprintf(text, UNITS_TEXT, "%03d", s->http_code);
	else
		snprintf(text, UNITS_TEXT, "---");
	return text;
}

/* How much of the URLs need not be repeated: all up to the path, if there is only one host. */
static size_t common_origin(const struct samples *samples)
{
	const char *first = samples->items[0].url;
	size_t len = url_origin_length(first, strlen(first));

	for (size_t i = 1; i < samples->count; i++) {
		const char *url = samples->items[i].url;

		if (url_origin_length(url, strlen(url)) != len || memcmp(url, first, len) != 0)
			return 0;
	}
	return len;
}

static const char *name_of(const struct frame *f, const struct sample *s)
{
	const char *name = s->url + f->origin;

	if (f->origin)
		return *name ? name : "/";
	return !strncmp(name, "http://", 7)    ? name + 7
	       : !strncmp(name, "https://", 8) ? name + 8
	                                       : name;
}

/* ---- the frame ---- */

/* What is left over is for names and bars; names have two fifths of it, if they need so much. */
static void share(struct frame *f, size_t longest_name)
{
	size_t used = f->label + f->gap + f->time + f->gap;
	size_t left = f->look->columns > used ? f->look->columns - used : 0;
	size_t most_name = left * 2 / 5;

	if (left > WIDEST_BAR + f->gap + most_name)
		most_name = left - WIDEST_BAR - f->gap;
	f->name = longest_name < most_name ? longest_name : most_name;
	if (longest_name > f->name && f->name < LEAST_NAME)
		f->name = 0;
	if (f->name)
		left -= f->name + f->gap;
	f->bar = left < LEAST_BAR ? LEAST_BAR : left > WIDEST_BAR ? WIDEST_BAR : left;
}

static size_t smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

static size_t larger(size_t a, size_t b)
{
	return a > b ? a : b;
}

/* Where the shortest view ends: the others would squeeze most bars into the edge. */
static int64_t axis_end_us(const struct samples *samples)
{
	struct samples_view views[SAMPLES_VIEWS];
	size_t count = samples_get_views(samples, SQUEEZED, views);

	return count ? views[count - 1].end_us : 1;
}

static struct frame frame_of(const struct samples *samples, const struct waterfall_look *look)
{
	struct frame f = {.look = look, .gap = look->columns < WIDE ? 1 : 2};
	size_t longest_name = 0;
	char text[UNITS_TEXT];

	f.end_us = axis_end_us(samples);
	f.origin = common_origin(samples);
	for (size_t i = 0; i < samples->count; i++) {
		const struct sample *s = &samples->items[i];

		f.label = larger(f.label, strlen(show_label(text, s)));
		f.time = larger(f.time, strlen(units_show_time(text, s->total_us)));
		longest_name = larger(longest_name, fit_width(name_of(&f, s), look->is_utf8));
	}
	share(&f, longest_name);
	return f;
}

/* How far along the bars a time is, in eighths of columns. */
static size_t eighths_at(const struct frame *f, int64_t us)
{
	return (size_t)((double)us / (double)f->end_us * (double)f->bar * 8 + 0.5);
}

static void put_spaces(struct buf *out, size_t count)
{
	for (; count; count--)
		buf_put_byte(out, ' ');
}

/* ---- bars ---- */

/* What took most of the last attempt; PHASE_QUEUE if nothing took any time. */
static enum phase longest_phase(const struct phases *p)
{
	enum phase longest = PHASE_QUEUE;
	int64_t longest_us = 0;

	for (int phase = PHASE_DNS; phase < PHASES; phase++) {
		if (p->us[phase] > longest_us) {
			longest = (enum phase)phase;
			longest_us = p->us[phase];
		}
	}
	return longest;
}

/* count columns of a phase, and of one more so many eighths. */
static void put_blocks(struct buf *out, const struct waterfall_look *look, enum phase phase,
                       size_t count, size_t eighths)
{
	static const char *const parts[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
	const struct paint *paint = &paints[phase];

	if (!count && !eighths)
		return;
	buf_put_text(out, color_on(look->has_color, paint->color));
	for (size_t i = 0; i < count; i++) {
		if (look->is_utf8)
			buf_put_text(out, paint->block);
		else
			buf_put_byte(out, paint->letter);
	}
	buf_put_text(out, parts[eighths]);
	buf_put_text(out, color_off(look->has_color));
}

static bool is_cut(const struct frame *f, const struct phases *p)
{
	return phases_end_us(p) > f->end_us;
}

/* A bar that is too short for a column. */
static void put_least_bar(struct buf *out, const struct frame *f, const struct phases *p)
{
	if (f->look->is_utf8 && longest_phase(p) == PHASE_RECEIVE)
		put_blocks(out, f->look, PHASE_RECEIVE, 0, 1);
	else
		put_blocks(out, f->look, longest_phase(p), 1, 0);
}

/* To the nearest column; but the end of a full block, to an eighth of one. */
static void put_bar(struct buf *out, const struct frame *f, const struct phases *p)
{
	size_t start = (eighths_at(f, p->begin_us) + 4) / 8, at;
	size_t room = is_cut(f, p) ? f->bar - 1 : f->bar, last = is_cut(f, p) ? room : room - 1;
	int64_t us = p->begin_us;

	start = at = start < last ? start : last;
	put_spaces(out, start);
	for (int phase = 0; phase < PHASES; phase++) {
		size_t end, part = 0, to;

		if (!p->us[phase])
			continue;
		us += p->us[phase];
		end = smaller(eighths_at(f, us), room * 8);
		to = (end + 4) / 8;
		if (phase == PHASE_RECEIVE && f->look->is_utf8 && at <= end / 8) {
			to = end / 8;
			part = end % 8;
		}
		to = to > at ? to : at;
		put_blocks(out, f->look, (enum phase)phase, to - at, part);
		at = to + (part > 0);
	}
	if (is_cut(f, p)) {
		put_spaces(out, room - at);
		buf_put_text(out, CUT);
	} else if (at == start) {
		put_least_bar(out, f, p);
	}
}

static void put_row(struct buf *out, const struct frame *f, const struct sample *s)
{
	bool has_color = f->look->has_color;
	char label[UNITS_TEXT], time[UNITS_TEXT];

	show_label(label, s);
	buf_put_text(out, color_on(has_color, color_of_status(!s->failure, s->http_code)));
	buf_put_text(out, label);
	buf_put_text(out, color_off(has_color));
	put_spaces(out, f->label - strlen(label) + f->gap);
	buf_printf(out, "%*s", (int)f->time, units_show_time(time, s->total_us));
	put_spaces(out, f->gap);
	if (f->name) {
		fit_put(out, name_of(f, s), f->name, f->look->is_utf8);
		put_spaces(out, f->gap);
	}
	put_bar(out, f, &s->phases);
	buf_put_byte(out, '\n');
}

/* ---- what is around the rows ---- */

static void put_title(struct buf *out, const struct frame *f, const struct samples *samples)
{
	size_t most = larger(f->look->columns, LEAST_NAME), width;
	struct buf title;

	buf_init(&title, BUF_UNLIMITED);
	buf_printf(&title, "%zu request%s", samples->count, samples->count == 1 ? "" : "s");
	if (samples->slowest == 1)
		buf_printf(&title, " of %llu, the slowest among them",
		           (unsigned long long)samples->added);
	else if (samples->slowest)
		buf_printf(&title, " of %llu, the %zu slowest among them",
		           (unsigned long long)samples->added, samples->slowest);
	if (f->origin)
		buf_printf(&title, "%s to %.*s", samples->slowest ? "," : "", (int)f->origin,
		           samples->items[0].url);
	width = fit_width(title.data, f->look->is_utf8);
	fit_put(out, title.data, width < most ? width : most, f->look->is_utf8);
	buf_put_byte(out, '\n');
	buf_release(&title);
}

/* The unit of the axis is the largest of which there are at least so many. */
static const struct unit {
	const char *name;
	double us;
	double least;
} units[] = {
	{"h", 3600e6, 3}, {"min", 60e6, 3}, {"s", 1e6, 1}, {"ms", 1e3, 1}, {"us", 1, 0},
};

static const struct unit *unit_for(double us)
{
	const struct unit *unit = units;

	while (us < unit->least * unit->us)
		unit++;
	return unit;
}

/* The least of 1, 2 and 5 times a power of ten that is no less than number, which is above 0. */
static double round_up(double number)
{
	double step = 1;

	while (step < number)
		step *= 10;
	while (step / 10 >= number)
		step /= 10;
	return step / 5 >= number ? step / 5 : step / 2 >= number ? step / 2 : step;
}

/* A corner at the place of each tick, and its time beside it: before it where the bars end. */
static void put_ticks(struct buf *out, const struct frame *f)
{
	const struct unit *unit = unit_for((double)f->end_us);
	double end = (double)f->end_us / unit->us;
	int apart = f->bar < 3 * TICK_COLUMNS ? TIGHT_TICKS : TICK_COLUMNS;
	double step = round_up(end * apart / (double)f->bar);
	size_t at = 0;

	for (size_t i = 0; (double)i * step <= end; i++) {
		size_t place = (size_t)((double)i * step / end * (double)f->bar + 0.5), len;
		char label[UNITS_TEXT];

		place = place < f->bar ? place : f->bar - 1;
		snprintf(label, sizeof(label), i ? "%g %s" : "%g", (double)i * step, unit->name);
		len = strlen(label);
		if (at <= place && place + 1 + len <= f->bar) {
			put_spaces(out, place - at);
			buf_printf(out, "%s%s", f->look->is_utf8 ? "└" : "|", label);
			at = place + 1 + len;
		} else if (at + 1 + len <= place) {
			put_spaces(out, place - len - at);
			buf_printf(out, "%s%s", label, f->look->is_utf8 ? "┘" : "|");
			at = place + 1;
		}
	}
}

static void put_axis(struct buf *out, const struct frame *f)
{
	put_spaces(out, f->label + f->gap + f->time + f->gap + (f->name ? f->name + f->gap : 0));
	buf_put_text(out, color_on(f->look->has_color, COLOR_DIM));
	put_ticks(out, f);
	buf_put_text(out, color_off(f->look->has_color));
	buf_put_byte(out, '\n');
}

/* A sign and what it means, on a line that has room for it; at is how far the line is. */
static size_t begin_entry(struct buf *out, const struct waterfall_look *look, size_t at,
                          const char *name)
{
	size_t len = 2 + strlen(name);

	if (at && at + 2 + len > look->columns) {
		buf_put_byte(out, '\n');
		at = 0;
	}
	put_spaces(out, at ? 2 : 0);
	return (at ? at + 2 : 0) + len;
}

/* Of the phases that there are. */
static void put_legend(struct buf *out, const struct samples *samples, const struct frame *f)
{
	size_t at = 0, cut = 0;

	for (int phase = 0; phase < PHASES; phase++) {
		bool is_there = false;

		for (size_t i = 0; i < samples->count; i++)
			is_there |= samples->items[i].phases.us[phase] > 0;
		if (!is_there)
			continue;
		at = begin_entry(out, f->look, at, paints[phase].name);
		put_blocks(out, f->look, (enum phase)phase, 1, 0);
		buf_printf(out, " %s", paints[phase].name);
	}
	for (size_t i = 0; i < samples->count; i++)
		cut += is_cut(f, &samples->items[i].phases);
	if (cut) {
		at = begin_entry(out, f->look, at, "ends later");
		buf_put_text(out, CUT " ends later");
	}
	if (at)
		buf_put_byte(out, '\n');
}

void waterfall_put(struct buf *out, struct waterfall *w, const struct waterfall_look *look)
{
	struct samples *samples = &w->samples;

	samples_sort(samples);
	if (samples->count) {
		struct frame f = frame_of(samples, look);
		put_title(out, &f, samples);
		for (size_t i = 0; i < samples->count; i++)
			put_row(out, &f, &samples->items[i]);
		put_axis(out, &f);
		put_legend(out, samples, &f);
	}
	if (w->unattempted)
		buf_printf(out, "%llu request%s never attempted\n",
		           (unsigned long long)w->unattempted,
		           w->unattempted == 1 ? " was" : "s were");
}
