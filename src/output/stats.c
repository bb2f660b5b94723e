#include "output/stats.h"

#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/units.h"
#include "output/color.h"
#include "output/host_summary.h"
#include "output/host_table.h"
#include "output/latency.h"

const char *http_version_name(enum http_version version)
{
	static const char *const names[HTTP_VERSIONS] = {
		[HTTP_1_0] = "1",
		[HTTP_1_1] = "1.1",
		[HTTP_2] = "2",
		[HTTP_3] = "3",
	};
	return names[version];
}

static void add_version(struct stats *stats, const char *name)
{
	for (int version = 0; name && version < HTTP_VERSIONS; version++)
		stats->http_versions[version] +=
			!strcmp(http_version_name((enum http_version)version), name);
}

/* The place of a status: its own, a free one, or that of all others. */
static size_t status_place(const struct stats *stats, int status)
{
	size_t place = 0;

	while (place < STATUS_PLACES && stats->timed_statuses[place] &&
	       stats->timed_statuses[place] != status)
		place++;
	return place;
}

static bool has_status(const struct result *r)
{
	return r->http_code > 0 && r->http_code < STATUS_LIMIT;
}

static void add_times(struct stats *stats, const struct result *r)
{
	struct phases phases;

	histogram_add(&stats->latency, r->time_total_us);
	if (has_status(r)) {
		size_t place = status_place(stats, r->http_code);

		if (place < STATUS_PLACES)
			stats->timed_statuses[place] = r->http_code;
		histogram_add(&stats->status_latency[place], r->time_total_us);
	}
	phases_of(&phases, r, 0);
	for (int phase = 0; phase < PHASES; phase++) {
		if (phases.has[phase])
			histogram_add(&stats->phases[phase], phases.us[phase]);
	}
}

void stats_add(struct stats *stats, const struct result *r)
{
	stats->requests++;
	stats->ok += result_is_ok(r);
	stats->failures[r->failure]++;
	if (!r->attempts)
		return;
	stats->retries += r->attempts - 1;
	stats->connections += (uint64_t)(r->spent.num_connects + r->num_connects);
	stats->bytes += (uint64_t)(r->spent.size_download + r->size_download);
	stats->transfer_time_us += r->spent.time_us;
	if (has_status(r))
		stats->statuses[r->http_code]++;
	add_version(stats, r->http_version);
	if (stats->hosts)
		host_table_add(stats->hosts, r);
	if (r->failure == FAILURE_CANCELED || r->failure == FAILURE_DEADLINE)
		return;
	stats->transfer_time_us += r->time_total_us;
	if (result_is_timed(r))
		add_times(stats, r);
}

/* How many times longer the transfers would have taken one after another. */
static double concurrency_gain(const struct stats *stats)
{
	return stats->wall_us > 0 ? (double)stats->transfer_time_us / (double)stats->wall_us : 0;
}

static void put_json_latency(struct json *json, const char *name, const struct histogram *h)
{
	struct latency latency = latency_of(h);

	json_key(json, name);
	latency_put_json(json, &latency);
}

static void put_json_phases(struct json *json, const struct stats *stats)
{
	json_key(json, "phases");
	json_begin(json, '{');
	for (int phase = 0; phase < PHASES; phase++)
		put_json_latency(json, phase_name((enum phase)phase), &stats->phases[phase]);
	json_end(json, '}');
}

/* Always three digits. */
#define STATUS_TEXT 4

static char *show_status(char text[STATUS_TEXT], int status)
{
	text[0] = (char)('0' + status / 100);
	text[1] = (char)('0' + status / 10 % 10);
	text[2] = (char)('0' + status % 10);
	text[3] = '\0';
	return text;
}

static void put_json_statuses(struct json *json, const struct stats *stats)
{
	const struct histogram *others = &stats->status_latency[STATUS_PLACES];
	char name[STATUS_TEXT];

	json_key(json, "status");
	json_begin(json, '{');
	for (int status = 0; status < STATUS_LIMIT; status++) {
		if (stats->statuses[status]) {
			json_key(json, show_status(name, status));
			json_uint(json, stats->statuses[status]);
		}
	}
	json_end(json, '}');
	json_key(json, "status_latency");
	json_begin(json, '{');
	for (int status = 1; status < STATUS_LIMIT; status++) {
		size_t place = status_place(stats, status);

		if (place < STATUS_PLACES && stats->timed_statuses[place])
			put_json_latency(json, show_status(name, status),
			                 &stats->status_latency[place]);
	}
	if (others->count)
		put_json_latency(json, "other", others);
	json_end(json, '}');
}

static void put_json_counts(struct json *json, const struct stats *stats)
{
	json_key(json, "requests");
	json_uint(json, stats->requests);
	json_key(json, "ok");
	json_uint(json, stats->ok);
	json_key(json, "failed");
	json_uint(json, stats->requests - stats->ok);
	json_key(json, "skipped");
	json_uint(json, stats->skipped);
	json_key(json, "retries");
	json_uint(json, stats->retries);
	json_key(json, "bytes");
	json_uint(json, stats->bytes);
	json_key(json, "wall");
	json_seconds(json, stats->wall_us);
	json_key(json, "transfer_time");
	json_seconds(json, stats->transfer_time_us);
	json_key(json, "concurrency_gain");
	json_number(json, concurrency_gain(stats), 3);
	json_key(json, "rate");
	json_number(json, units_per_second((double)stats->requests, stats->wall_us), 3);
}

void stats_put_json(struct json *json, const struct stats *stats)
{
	json_begin(json, '{');
	put_json_counts(json, stats);
	put_json_latency(json, "latency", &stats->latency);
	put_json_phases(json, stats);
	put_json_statuses(json, stats);
	json_key(json, "errors");
	json_begin(json, '{');
	for (int failure = FAILURE_NONE + 1; failure < FAILURES; failure++) {
		if (stats->failures[failure]) {
			json_key(json, failure_name((enum failure)failure));
			json_uint(json, stats->failures[failure]);
		}
	}
	json_end(json, '}');
	json_key(json, "connections");
	json_uint(json, stats->connections);
	if (stats->host_rows) {
		json_key(json, "hosts");
		host_summary_put_json(json, stats->hosts, stats->host_rows);
	}
	json_end(json, '}');
}

static void put_text_latency(struct buf *out, const struct histogram *h)
{
	struct latency latency = latency_of(h);
	char text[UNITS_TEXT];

	buf_put_text(out, "  latency    ");
	for (int i = LATENCY_MIN; i <= LATENCY_MAX; i++)
		buf_printf(out, "  %s %s", latency_name((enum latency_figure)i),
		           units_show_time(text, latency.us[i]));
	buf_put_byte(out, '\n');
}

/* Those that the latency consists of. */
static void put_text_phases(struct buf *out, const struct stats *stats)
{
	const char *before = "  phases p50   ";
	char text[UNITS_TEXT];

	for (int phase = PHASE_DNS; phase < PHASES; phase++) {
		const struct histogram *h = &stats->phases[phase];

		if (!h->count)
			continue;
		buf_printf(out, "%s%s %s", before, phase_name((enum phase)phase),
		           units_show_time(text, histogram_quantile(h, 0.50)));
		before = "  ";
	}
	buf_put_byte(out, '\n');
}

static void put_text_breakdown(struct buf *out, const struct stats *stats, bool has_color)
{
	uint64_t failed = stats->requests - stats->ok;
	const char *before = "  status       ";

	for (int status = 0; status < STATUS_LIMIT; status++) {
		if (stats->statuses[status]) {
			buf_printf(out, "%s%d: %llu", before, status,
			           (unsigned long long)stats->statuses[status]);
			before = "  ";
		}
	}
	if (*before && before[2] != 's')
		buf_put_byte(out, '\n');
	if (!failed)
		return;
	before = "  errors       ";
	for (int failure = FAILURE_NONE + 1; failure < FAILURES; failure++) {
		if (stats->failures[failure]) {
			buf_printf(out, "%s%s%s%s: %llu", before, color_on(has_color, COLOR_RED),
			           failure_name((enum failure)failure), color_off(has_color),
			           (unsigned long long)stats->failures[failure]);
			before = "  ";
		}
	}
	buf_put_byte(out, '\n');
}

void stats_put_text(struct buf *out, const struct stats *stats, bool has_color)
{
	uint64_t failed = stats->requests - stats->ok;
	char wall[UNITS_TEXT], sum[UNITS_TEXT], bytes[UNITS_TEXT], speed[UNITS_TEXT];
	double rate = units_per_second((double)stats->requests, stats->wall_us);

	units_show_time(wall, stats->wall_us);
	buf_printf(out, "%llu request%s in %s: %llu ok, %s%llu failed%s",
	           (unsigned long long)stats->requests, stats->requests == 1 ? "" : "s", wall,
	           (unsigned long long)stats->ok, color_on(has_color && failed, COLOR_RED),
	           (unsigned long long)failed, color_off(has_color && failed));
	if (stats->skipped)
		buf_printf(out, ", %llu skipped", (unsigned long long)stats->skipped);
	if (stats->retries)
		buf_printf(out, ", %llu retr%s", (unsigned long long)stats->retries,
		           stats->retries == 1 ? "y" : "ies");
	buf_put_byte(out, '\n');
	if (!stats->latency.count)
		goto breakdown;
	buf_printf(out, "  rate         %.*f/s, %s/s (%s)\n", rate < 100 ? 1 : 0, rate,
	           units_show_bytes(
			   speed, (uint64_t)units_per_second((double)stats->bytes, stats->wall_us)),
	           units_show_bytes(bytes, stats->bytes));
	buf_printf(out, "  concurrency  %s of transfers: %.1f x, %llu connection%s\n",
	           units_show_time(sum, stats->transfer_time_us), concurrency_gain(stats),
	           (unsigned long long)stats->connections, stats->connections == 1 ? "" : "s");
	put_text_latency(out, &stats->latency);
	put_text_phases(out, stats);
breakdown:
	put_text_breakdown(out, stats, has_color);
}
