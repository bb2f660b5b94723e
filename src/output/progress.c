#include "output/progress.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/units.h"
#include "output/color.h"

enum {
	SAMPLE_US = 500000,     /* from one sample to the next, at least */
	ENOUGH_FOR_A_RATE = 10, /* results; fewer are too much by chance to say what is left */
	BAR_LEAST = 8,
	BAR_MOST = 40,
	PART_TEXT = 48,
};

/* An eta of more than 30 years is none. */
#define MOST_LEFT_S 1e9

void progress_begin(struct progress *p, int64_t now_us)
{
	*p = (struct progress){.started_us = now_us, .now_us = now_us};
	for (unsigned i = 0; i < PROGRESS_SAMPLES; i++)
		p->samples[i].time_us = now_us;
}

void progress_note(struct progress *p, const struct progress_counts *counts, int64_t now_us)
{
	p->counts = *counts;
	p->now_us = now_us;
	if (now_us - p->samples[p->newest].time_us < SAMPLE_US)
		return;
	p->newest = (p->newest + 1) % PROGRESS_SAMPLES;
	p->samples[p->newest] = (struct progress_sample){now_us, counts->done, counts->bytes};
}

/* The newest sample that is old enough; the oldest when none is. */
static const struct progress_sample *span_start(const struct progress *p)
{
	const struct progress_sample *s = NULL;

	for (unsigned i = 0; i < PROGRESS_SAMPLES; i++) {
		s = &p->samples[(p->newest + PROGRESS_SAMPLES - i) % PROGRESS_SAMPLES];
		if (p->now_us - s->time_us >= PROGRESS_SPAN_US)
			break;
	}
	return s;
}

static double rate(const struct progress *p)
{
	const struct progress_sample *s = span_start(p);

	return units_per_second((double)(p->counts.done - s->done), p->now_us - s->time_us);
}

static double bytes_per_second(const struct progress *p)
{
	const struct progress_sample *s = span_start(p);

	return units_per_second((double)(p->counts.bytes - s->bytes), p->now_us - s->time_us);
}

/* Seconds; -1: not known. */
static double seconds_left(const struct progress *p)
{
	bool is_enough = p->counts.done - span_start(p)->done >= ENOUGH_FOR_A_RATE;
	double each = is_enough
	                      ? rate(p)
	                      : units_per_second((double)p->counts.done, p->now_us - p->started_us);
	double left;

	if (!p->counts.is_total || each <= 0)
		return -1;
	left = (double)(p->counts.total - p->counts.done) / each;
	return left <= MOST_LEFT_S ? left : -1;
}

/* "42 s", "1m02s", "3h05m", "12 d": to the second, as nobody waits for milliseconds. */
static const char *show_seconds(char text[UNITS_TEXT], double time_s)
{
	unsigned s = (unsigned)(time_s + 0.5);

	if (s < 60)
		snprintf(text, UNITS_TEXT, "%u s", s);
	else if (s < 3600)
		snprintf(text, UNITS_TEXT, "%um%02us", s / 60, s % 60);
	else if (s < 100 * 3600)
		snprintf(text, UNITS_TEXT, "%uh%02um", s / 3600, s / 60 % 60);
	else
		snprintf(text, UNITS_TEXT, "%u d", s / 86400);
	return text;
}

/* Of a whole that is not 0; 100 only when all is done. */
static unsigned percent(const struct progress_counts *c)
{
	unsigned n = (unsigned)((double)c->done / (double)c->total * 100);

	return n > 99 && c->done < c->total ? 99 : n;
}

static bool has_bar(const struct progress_counts *c)
{
	return c->is_total && c->total;
}

static const char *show_speed(char text[UNITS_TEXT], const struct progress *p)
{
	double speed = bytes_per_second(p);

	return units_show_bytes(text, speed < 1e19 ? (uint64_t)speed : UINT64_MAX);
}

static int decimals(double number)
{
	return number < 99.95 ? 1 : 0;
}

/* ---- the line ---- */

/* In the order of the line. */
enum part { COUNT, BAR, PERCENT, RATE, SPEED, IN_FLIGHT, FAILED, SKIPPED, LEFT, PARTS };

/* Those behind come only where there is room for those before. */
static const enum part importance[] = {COUNT, FAILED, LEFT,      RATE,   PERCENT,
                                       SPEED, BAR,    IN_FLIGHT, SKIPPED};

struct line {
	char texts[PARTS][PART_TEXT]; /* "": not there */
	unsigned bar;                 /* its columns; 0: not there */
	size_t columns;               /* of all */
};

/* What there is to say, whether it fits or not; but the bar. */
static void fill(struct line *line, const struct progress *p)
{
	const struct progress_counts *c = &p->counts;
	unsigned long long done = c->done, total = c->total, failed = c->done - c->ok;
	char text[UNITS_TEXT], padded[PART_TEXT];
	double left = seconds_left(p);

	*line = (struct line){0};
	snprintf(line->texts[COUNT], PART_TEXT, "%llu/%llu%s", done, total, c->is_total ? "" : "+");
	if (has_bar(c))
		snprintf(line->texts[PERCENT], PART_TEXT, "%u%%", percent(c));
	/* Padded, so that the bar does not change its length with every digit. */
	snprintf(padded, sizeof(padded), "%.*f/s", decimals(rate(p)), rate(p));
	snprintf(line->texts[RATE], PART_TEXT, "%6s", padded);
	snprintf(line->texts[SPEED], PART_TEXT, "%6s/s", show_speed(text, p));
	snprintf(line->texts[IN_FLIGHT], PART_TEXT, "%llu in flight",
	         (unsigned long long)c->in_flight);
	if (failed)
		snprintf(line->texts[FAILED], PART_TEXT, "%llu failed", failed);
	if (c->skipped)
		snprintf(line->texts[SKIPPED], PART_TEXT, "%llu skipped",
		         (unsigned long long)c->skipped);
	if (left >= 0)
		snprintf(line->texts[LEFT], PART_TEXT, "%s left", show_seconds(text, left));
}

/* Drops what does not fit. The bar takes what is left over, within its bounds. */
static void fit(struct line *line, const struct progress *p, unsigned columns)
{
	size_t spare;

	if (strlen(line->texts[COUNT]) > columns)
		snprintf(line->texts[COUNT], PART_TEXT, "%llu", (unsigned long long)p->counts.done);
	if (strlen(line->texts[COUNT]) > columns)
		*line = (struct line){0}; /* half a number would be a wrong one */
	for (size_t i = 0; i < sizeof(importance) / sizeof(importance[0]); i++) {
		char *text = line->texts[importance[i]];
		bool is_bar = importance[i] == BAR && line->texts[PERCENT][0];
		/* A space stands between the bar and its neighbours, and two between others. */
		size_t more = is_bar ? BAR_LEAST : strlen(text) + (line->columns ? 2 : 0);

		if (line->columns + more > columns) {
			text[0] = '\0';
			continue;
		}
		if (is_bar)
			line->bar = BAR_LEAST;
		if (is_bar || *text)
			line->columns += more;
	}
	spare = columns - line->columns;
	if (line->bar)
		line->bar +=
			(unsigned)(spare < BAR_MOST - BAR_LEAST ? spare : BAR_MOST - BAR_LEAST);
}

/* Blocks of eighths of a column (U+2588 to U+258F), or #. */
static void put_bar(struct buf *out, const struct progress_counts *c, unsigned columns,
                    bool is_utf8)
{
	unsigned inner = columns - 2, steps = is_utf8 ? 8 : 1;
	unsigned filled = (unsigned)((double)c->done / (double)c->total * inner * steps);

	buf_put_byte(out, '[');
	for (unsigned i = 0; i < inner; i++) {
		unsigned part = filled > i * steps ? filled - i * steps : 0;
		if (!part)
			buf_put_byte(out, is_utf8 ? ' ' : '-');
		else if (!is_utf8)
			buf_put_byte(out, '#');
		else
			buf_printf(out, "\xe2\x96%c", (char)(0x90 - (part < 8 ? part : 8)));
	}
	buf_put_byte(out, ']');
}

void progress_put_line(struct buf *out, const struct progress *p, const struct progress_look *look)
{
	const char *between = "";
	struct line line;

	fill(&line, p);
	fit(&line, p, look->columns);
	for (enum part part = 0; part < PARTS; part++) {
		bool is_red = part == FAILED && look->has_color;

		if (part == BAR && line.bar) {
			buf_put_byte(out, ' ');
			put_bar(out, &p->counts, line.bar, look->is_utf8);
			between = " ";
		} else if (line.texts[part][0]) {
			buf_put_text(out, between);
			buf_put_text(out, color_on(is_red, COLOR_RED));
			buf_put_text(out, line.texts[part]);
			buf_put_text(out, color_off(is_red));
			between = "  ";
		}
	}
}

/* ---- text and JSON ---- */

void progress_put_plain(struct buf *out, const struct progress *p)
{
	const struct progress_counts *c = &p->counts;
	double left = seconds_left(p);
	char text[UNITS_TEXT];

	buf_printf(out, "gather: %llu of %llu%s done", (unsigned long long)c->done,
	           (unsigned long long)c->total, c->is_total ? "" : " or more");
	if (has_bar(c))
		buf_printf(out, " (%u%%)", percent(c));
	buf_printf(out, " after %s", show_seconds(text, (double)(p->now_us - p->started_us) / 1e6));
	if (c->done > c->ok)
		buf_printf(out, ", %llu failed", (unsigned long long)(c->done - c->ok));
	if (c->skipped)
		buf_printf(out, ", %llu skipped", (unsigned long long)c->skipped);
	buf_printf(out, ", %.*f/s", decimals(rate(p)), rate(p));
	buf_printf(out, ", %s/s", show_speed(text, p));
	buf_printf(out, ", %llu in flight", (unsigned long long)c->in_flight);
	if (left >= 0)
		buf_printf(out, ", %s left", show_seconds(text, left));
	buf_put_byte(out, '\n');
}

static void put_count(struct json *json, const char *name, uint64_t count)
{
	json_key(json, name);
	json_uint(json, count);
}

void progress_put_json(struct buf *out, const struct progress *p)
{
	const struct progress_counts *c = &p->counts;
	double left = seconds_left(p);
	struct json json;

	json_init(&json, out);
	json_begin(&json, '{');
	put_count(&json, "done", c->done);
	json_key(&json, "total");
	if (c->is_total)
		json_uint(&json, c->total);
	else
		json_null(&json);
	put_count(&json, "ok", c->ok);
	put_count(&json, "failed", c->done - c->ok);
	put_count(&json, "skipped", c->skipped);
	put_count(&json, "in_flight", c->in_flight);
	put_count(&json, "waiting", c->waiting);
	put_count(&json, "bytes", c->bytes);
	json_key(&json, "rate");
	json_number(&json, rate(p), 3);
	json_key(&json, "bytes_per_second");
	json_number(&json, bytes_per_second(p), 3);
	json_key(&json, "elapsed");
	json_seconds(&json, p->now_us - p->started_us);
	json_key(&json, "eta");
	if (left >= 0)
		json_seconds(&json, (int64_t)(left * 1e6));
	else
		json_null(&json);
	json_end(&json, '}');
	buf_put_byte(out, '\n');
}
