#include "output/comparison.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/units.h"
#include "output/stats.h"

/* A level that is faster than the one before it by less than this has not helped. */
static const double least_gain = 0.05;

void comparison_init(struct comparison *c, const uint64_t *concurrencies, size_t level_count,
                     uint64_t repeats, const char *limits)
{
	*c = (struct comparison){
		.levels = mem_zero(level_count, sizeof(*c->levels)),
		.level_count = level_count,
		.repeats = repeats,
		.limits = limits,
	};
	for (size_t i = 0; i < level_count; i++)
		c->levels[i].concurrency = concurrencies[i];
}

void comparison_release(struct comparison *c)
{
	for (size_t i = 0; i < c->level_count; i++)
		free(c->levels[i].runs);
	free(c->levels);
}

/* ---- runs ---- */

uint64_t comparison_planned(const struct comparison *c)
{
	return c->level_count * c->repeats;
}

int comparison_turn(const struct comparison *c)
{
	uint64_t turn = (uint64_t)c->turns;
	uint64_t repetition = turn / c->level_count;

	return repetition < c->repeats ? (int)((turn + repetition) % c->level_count) : -1;
}

void comparison_add(struct comparison *c, const struct stats *stats, uint64_t most_in_flight)
{
	struct comparison_level *level = &c->levels[comparison_turn(c)];

	level->runs = mem_resize(level->runs, level->run_count + 1, sizeof(*level->runs));
	level->runs[level->run_count++] = (struct comparison_run){
		.turn = ++c->turns,
		.wall_us = stats->wall_us,
		.requests = (int64_t)stats->requests,
		.failed = (int64_t)(stats->requests - stats->ok),
		.connections = (int64_t)stats->connections,
		.most_in_flight = (int64_t)most_in_flight,
		.latency = latency_of(&stats->latency),
	};
	histogram_add_all(&level->latency, &stats->latency);
	for (int version = 0; version < HTTP_VERSIONS; version++)
		c->http_versions[version] += stats->http_versions[version];
}

/* ---- figures ---- */

static int compare_numbers(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* Of a member of the runs of a level. */
static int64_t median(const struct comparison_level *level, size_t offset)
{
	size_t count = level->run_count;
	int64_t *values = mem_zero(count, sizeof(*values)), middle;

	for (size_t i = 0; i < count; i++)
		values[i] = *(const int64_t *)((const char *)&level->runs[i] + offset);
	qsort(values, count, sizeof(*values), compare_numbers);
	middle = (values[(count - 1) / 2] + values[count / 2]) / 2;
	free(values);
	return middle;
}

#define MEDIAN(level, member) median(level, offsetof(struct comparison_run, member))

struct comparison_figures comparison_figures(const struct comparison *c, size_t level)
{
	const struct comparison_level *l = &c->levels[level], *first = &c->levels[0];
	struct comparison_figures f = {
		.wall_us = MEDIAN(l, wall_us),
		.connections = MEDIAN(l, connections),
		.speed_up = NAN,
		.latency = latency_of(&l->latency),
	};

	f.rate = units_per_second((double)MEDIAN(l, requests), f.wall_us);
	for (size_t i = 0; i < l->run_count; i++) {
		f.requests += l->runs[i].requests;
		f.failed += l->runs[i].failed;
		if (l->runs[i].most_in_flight > f.most_in_flight)
			f.most_in_flight = l->runs[i].most_in_flight;
	}
	if (first->run_count && f.wall_us > 0)
		f.speed_up = (double)MEDIAN(first, wall_us) / (double)f.wall_us;
	f.efficiency = f.speed_up * (double)first->concurrency / (double)l->concurrency;
	return f;
}

int64_t comparison_requests(const struct comparison *c)
{
	for (size_t i = 0; i < c->level_count; i++) {
		if (c->levels[i].run_count)
			return c->levels[i].runs[0].requests;
	}
	return 0;
}

/* ---- notes ---- */

/* How many requests the runs had, at least and at most. */
static void count_requests(const struct comparison *c, int64_t *ret_least, int64_t *ret_most)
{
	int64_t least = INT64_MAX, most = 0;

	for (size_t i = 0; i < c->level_count; i++) {
		for (size_t k = 0; k < c->levels[i].run_count; k++) {
			int64_t requests = c->levels[i].runs[k].requests;

			least = requests < least ? requests : least;
			most = requests > most ? requests : most;
		}
	}
	*ret_least = least;
	*ret_most = most;
}

bool comparison_is_void(const struct comparison *c)
{
	int64_t least, most, failed = 0;

	count_requests(c, &least, &most);
	for (size_t i = 0; i < c->level_count; i++) {
		for (size_t k = 0; k < c->levels[i].run_count; k++)
			failed += c->levels[i].runs[k].failed;
	}
	return failed || !most || least != most;
}

static void note_failures(struct buf *out, const struct comparison *c)
{
	const char *before = "warning: failures make this comparison void: ";

	for (size_t i = 0; i < c->level_count; i++) {
		struct comparison_figures f;

		if (!c->levels[i].run_count || !(f = comparison_figures(c, i)).failed)
			continue;
		buf_printf(out, "%s%lld of %lld at %llu", before, (long long)f.failed,
		           (long long)f.requests, (unsigned long long)c->levels[i].concurrency);
		before = ", ";
	}
	if (*before == ',')
		buf_put_byte(out, '\n');
}

static void note_requests(struct buf *out, const struct comparison *c)
{
	int64_t least, most;

	count_requests(c, &least, &most);
	if (!most)
		buf_put_text(out, "warning: there was no request to compare\n");
	else if (least != most)
		buf_printf(out, "warning: runs of %lld and of %lld requests cannot be compared\n",
		           (long long)least, (long long)most);
}

/* Why a level had less in flight than its name says. */
static void note_less(struct buf *out, const struct comparison *c, size_t level)
{
	const struct comparison_level *l = &c->levels[level];
	struct comparison_figures f = comparison_figures(c, level);
	int64_t requests = l->runs[0].requests;

	if (f.most_in_flight >= (int64_t)l->concurrency || !requests)
		return;
	if (f.most_in_flight >= requests)
		buf_printf(out, "level %llu had %lld at once: there are no more requests\n",
		           (unsigned long long)l->concurrency, (long long)f.most_in_flight);
	else
		buf_printf(out, "warning: level %llu had at most %lld at once%s%s\n",
		           (unsigned long long)l->concurrency, (long long)f.most_in_flight,
		           c->limits ? ", because of " : "", c->limits ? c->limits : "");
}

/* The level after which more did not help; -1: there is none. */
static int last_that_helped(const struct comparison *c)
{
	if (comparison_is_void(c))
		return -1;
	for (size_t i = 1; i < c->level_count; i++) {
		if (!c->levels[i - 1].run_count || !c->levels[i].run_count)
			continue;
		if (comparison_figures(c, i).rate <
		    comparison_figures(c, i - 1).rate * (1 + least_gain))
			return (int)i - 1;
	}
	return -1;
}

static void note_where_it_stopped(struct buf *out, const struct comparison *c)
{
	int last = last_that_helped(c);
	double percent;

	if (last < 0)
		return;
	percent = 100 * (comparison_figures(c, (size_t)last + 1).rate /
	                         comparison_figures(c, (size_t)last).rate -
	                 1);
	buf_printf(out, "more than %llu at once stopped helping: %llu is ",
	           (unsigned long long)c->levels[last].concurrency,
	           (unsigned long long)c->levels[last + 1].concurrency);
	if (fabs(percent) < 0.5)
		buf_put_text(out, "as fast\n");
	else
		buf_printf(out, "%s%.0f%% %s\n", percent > 0 ? "only " : "", fabs(percent),
		           percent > 0 ? "faster" : "slower");
}

void comparison_put_notes(struct buf *out, const struct comparison *c)
{
	if ((uint64_t)c->turns < comparison_planned(c))
		buf_printf(out, "warning: interrupted: this is %lld of %llu runs\n",
		           (long long)c->turns, (unsigned long long)comparison_planned(c));
	if (!c->turns)
		return;
	note_failures(out, c);
	note_requests(out, c);
	for (size_t i = 0; i < c->level_count; i++) {
		if (c->levels[i].run_count)
			note_less(out, c, i);
	}
	note_where_it_stopped(out, c);
}

/* ---- JSON ---- */

static void put_count(struct json *json, const char *name, int64_t number)
{
	json_key(json, name);
	json_int(json, number);
}

static void put_number(struct json *json, const char *name, double number)
{
	json_key(json, name);
	json_number(json, number, 3);
}

static void put_run(struct json *json, const struct comparison_run *run)
{
	json_begin(json, '{');
	put_count(json, "turn", run->turn);
	json_key(json, "wall");
	json_seconds(json, run->wall_us);
	put_number(json, "rate", units_per_second((double)run->requests, run->wall_us));
	json_key(json, "latency");
	latency_put_json(json, &run->latency);
	put_count(json, "connections", run->connections);
	put_count(json, "requests", run->requests);
	put_count(json, "failed", run->failed);
	put_count(json, "most_in_flight", run->most_in_flight);
	json_end(json, '}');
}

static void put_level(struct json *json, const struct comparison *c, size_t level)
{
	const struct comparison_level *l = &c->levels[level];
	struct comparison_figures f = comparison_figures(c, level);

	json_begin(json, '{');
	put_count(json, "concurrency", (int64_t)l->concurrency);
	json_key(json, "wall");
	json_seconds(json, f.wall_us);
	put_number(json, "rate", f.rate);
	json_key(json, "latency");
	latency_put_json(json, &f.latency);
	put_number(json, "speed_up", f.speed_up);
	put_number(json, "efficiency", f.efficiency);
	put_count(json, "connections", f.connections);
	put_count(json, "requests", f.requests);
	put_count(json, "failed", f.failed);
	put_count(json, "most_in_flight", f.most_in_flight);
	json_key(json, "runs");
	json_begin(json, '[');
	for (size_t i = 0; i < l->run_count; i++)
		put_run(json, &l->runs[i]);
	json_end(json, ']');
	json_end(json, '}');
}

static void put_notes(struct json *json, const struct comparison *c)
{
	struct buf notes;
	char *at, *line;

	buf_init(&notes, BUF_UNLIMITED);
	comparison_put_notes(&notes, c);
	json_key(json, "notes");
	json_begin(json, '[');
	for (at = notes.data; (line = strsep(&at, "\n"));) {
		if (*line)
			json_text(json, line);
	}
	json_end(json, ']');
	buf_release(&notes);
}

void comparison_put_json(struct buf *out, const struct comparison *c)
{
	int last = last_that_helped(c);
	struct json json;

	json_init(&json, out);
	json_begin(&json, '{');
	json_key(&json, "levels");
	json_begin(&json, '[');
	for (size_t i = 0; i < c->level_count; i++) {
		if (c->levels[i].run_count)
			put_level(&json, c, i);
	}
	json_end(&json, ']');
	put_count(&json, "repeat", (int64_t)c->repeats);
	json_key(&json, "void");
	json_bool(&json, comparison_is_void(c));
	json_key(&json, "helps_up_to");
	if (last < 0)
		json_null(&json);
	else
		json_uint(&json, c->levels[last].concurrency);
	put_notes(&json, c);
	json_end(&json, '}');
	buf_put_byte(out, '\n');
}

/* ---- CSV ---- */

static void put_field(struct buf *out, double number, int decimals)
{
	buf_put_byte(out, ',');
	if (isfinite(number))
		buf_printf(out, "%.*f", decimals, number);
}

static void put_time(struct buf *out, int64_t time_us)
{
	buf_put_byte(out, ',');
	buf_put_seconds(out, time_us);
}

void comparison_put_csv(struct buf *out, const struct comparison *c)
{
	buf_put_text(out, "concurrency,wall,rate");
	for (int figure = 0; figure < LATENCY_FIGURES; figure++)
		buf_printf(out, ",%s", latency_name((enum latency_figure)figure));
	buf_put_text(out, ",speed_up,efficiency,connections,requests,failed,most_in_flight,runs"
	                  "\r\n");
	for (size_t i = 0; i < c->level_count; i++) {
		struct comparison_figures f;

		if (!c->levels[i].run_count)
			continue;
		f = comparison_figures(c, i);
		buf_put_uint(out, c->levels[i].concurrency);
		put_time(out, f.wall_us);
		put_field(out, f.rate, 3);
		for (int figure = 0; figure < LATENCY_FIGURES; figure++)
			put_time(out, f.latency.us[figure]);
		put_field(out, f.speed_up, 3);
		put_field(out, f.efficiency, 3);
		buf_printf(out, ",%lld,%lld,%lld,%lld,%zu\r\n", (long long)f.connections,
		           (long long)f.requests, (long long)f.failed, (long long)f.most_in_flight,
		           c->levels[i].run_count);
	}
}
