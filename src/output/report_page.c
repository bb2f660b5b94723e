#include "output/report_page.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/units.h"
#include "output/about.h"
#include "output/bars.h"
#include "output/host_table.h"
#include "output/html.h"
#include "output/page.h"
#include "output/page_assets.h"
#include "output/report.h"
#include "output/stats.h"

enum {
	HOST_ROWS = 200,
	GROUP_ROWS = 20,
	SQUEEZED = 2, /* see samples_get_views(): all is a click away */
};

struct run_page {
	const struct about *about;
	struct report *report;
	const struct stats *stats;
	struct host_counts others; /* hosts that have no row */
};

/* ---- the head ---- */

static void put_what(struct buf *out, void *arg)
{
	const struct run_page *page = arg;

	page_put_count(out, page->stats->requests);
	buf_printf(out, " request%s", page_plural(page->stats->requests));
	about_put_hosts(out, page->about);
}

static void put_subtitle(struct buf *out, void *arg)
{
	const struct run_page *page = arg;
	const struct stats *stats = page->stats;
	double gain = stats->wall_us ? (double)stats->transfer_time_us / (double)stats->wall_us : 0;

	page_put_count(out, stats->requests);
	buf_printf(out, " request%s in ", page_plural(stats->requests));
	page_put_time(out, stats->wall_us);
	buf_put_text(out, ". One after another the transfers would have taken ");
	page_put_time(out, stats->transfer_time_us);
	buf_printf(out, ", %.1f times as long.", gain);
}

/* ---- the summary ---- */

static void put_statuses(struct buf *out, const struct stats *stats)
{
	buf_put_text(out, "<ul class=\"statuses\" aria-label=\"Statuses\">\n");
	for (int status = 0; status < STATUS_LIMIT; status++) {
		if (!stats->statuses[status])
			continue;
		buf_printf(out, "<li>status %03d: <b>", status);
		page_put_count(out, stats->statuses[status]);
		buf_put_text(out, "</b></li>\n");
	}
	buf_put_text(out, "</ul>");
}

static void put_summary(struct buf *out, void *arg)
{
	const struct run_page *page = arg;
	const struct stats *stats = page->stats;
	double wall_s = (double)stats->wall_us / 1e6;
	char text[UNITS_TEXT];

	buf_put_text(out, "<dl class=\"tiles\">\n");
	page_put_count_tile(out, "requests", stats->requests);
	page_put_count_tile(out, "ok", stats->ok);
	page_put_count_tile(out, "failed", stats->requests - stats->ok);
	if (stats->skipped)
		page_put_count_tile(out, "skipped", stats->skipped);
	if (stats->retries)
		page_put_count_tile(out, "retries", stats->retries);
	page_put_time_tile(out, "wall time", stats->wall_us);
	page_put_time_tile(out, "sum of transfers", stats->transfer_time_us);
	if (wall_s > 0) {
		page_put_number_tile(out, "concurrency gain",
		                     (double)stats->transfer_time_us / 1e6 / wall_s, " &times;");
		page_put_number_tile(out, "rate", (double)stats->requests / wall_s, "/s");
	}
	page_begin_tile(out, "bytes");
	buf_put_text(out, units_show_bytes(text, stats->bytes));
	page_end_tile(out);
	page_put_count_tile(out, "connections", stats->connections);
	buf_put_text(out, "</dl>\n");
	put_statuses(out, stats);
}

/* ---- requests ---- */

static void put_sample_note(struct buf *out, void *arg)
{
	const struct run_page *page = arg;
	const struct samples *samples = &page->report->samples;

	if (!samples->added) {
		buf_put_text(out, "No request was attempted.");
	} else if (samples->slowest) {
		page_put_count(out, samples->count);
		buf_put_text(out, " requests, spread evenly over all ");
		page_put_count(out, samples->added);
		buf_put_text(out, ". The ");
		page_put_count(out, samples->slowest);
		buf_put_text(out, " slowest are among them.");
	} else {
		buf_printf(out, "All request%s that were attempted.", page_plural(samples->added));
	}
}

/* The last, which most of the requests fill, is the one that is shown first. */
static void put_views(struct buf *out, void *arg)
{
	const struct run_page *page = arg;
	const struct samples *samples = &page->report->samples;
	struct samples_view views[SAMPLES_VIEWS];
	size_t count = samples_get_views(samples, SQUEEZED, views);

	for (size_t i = 0; i < count; i++) {
		buf_printf(out, "<option value=\"%.3f\"%s>", (double)views[i].end_us / 1000,
		           i == count - 1 ? " selected" : "");
		page_put_time(out, views[i].end_us);
		buf_put_text(out, i ? ", when " : ", all");
		if (i) {
			page_put_count(out, views[i].ended);
			buf_put_text(out, " of ");
			page_put_count(out, samples->count);
			buf_put_text(out, " had ended");
		}
		buf_put_text(out, "</option>\n");
	}
}

static void put_requests(struct buf *out, void *arg)
{
	const struct run_page *page = arg;
	const struct samples *samples = &page->report->samples;

	for (size_t i = 0; i < samples->count; i++) {
		const struct sample *sample = &samples->items[i];
		const char *failure = failure_name(sample->failure);

		buf_put_text(out, "<tr>");
		page_put_count_cell(out, sample->index);
		page_put_text_cell(out, sample->url);
		buf_printf(out, "<td>%d</td>", sample->http_code);
		page_put_text_cell(out, failure ? failure : "");
		page_put_count_cell(out, sample->attempts);
		page_put_count_cell(out, (uint64_t)sample->bytes);
		page_put_moment_cell(out, sample->phases.begin_us);
		for (int phase = 0; phase < PHASES; phase++)
			page_put_ms_cell(out, sample->phases.us[phase]);
		buf_put_text(out, "</tr>\n");
	}
}

/* ---- over time ---- */

static void put_spans_note(struct buf *out, void *arg)
{
	const struct run_page *page = arg;

	buf_put_text(out, "Means over spans of ");
	page_put_time(out, page->report->series.span_us);
	buf_put_text(out, page->stats->retries ? "; of requests that were tried again, the "
	                                         "last attempts."
	                                       : ".");
}

static void put_series(struct buf *out, void *arg)
{
	const struct run_page *page = arg;
	const struct series *series = &page->report->series;

	for (size_t i = 0; i < series->used; i++) {
		const struct series_span *span = &series->spans[i];

		buf_printf(out,
		           "<tr><td>%.1f</td><td>%.2f</td><td>%llu</td><td>%llu</td>"
		           "<td>%.0f</td></tr>\n",
		           (double)series->span_us * (double)i / 1000,
		           span->transfer_us / (double)series->span_us,
		           (unsigned long long)span->ended, (unsigned long long)span->failed,
		           span->bytes);
	}
}

/* ---- latency ---- */

static void put_percentiles(struct buf *out, void *arg)
{
	const struct run_page *page = arg;
	struct latency latency = latency_of(&page->stats->latency);

	if (!latency.count)
		return;
	buf_put_text(out, "<tr>");
	for (int i = 0; i < LATENCY_FIGURES; i++)
		page_put_ms_cell(out, latency.us[i]);
	buf_put_text(out, "</tr>");
}

static void put_axis(struct buf *out, void *arg)
{
	const struct run_page *page = arg;
	struct bars bars;

	bars_init(&bars, &page->stats->latency);
	page_put_axis(out, &bars);
}

static void put_distribution(struct buf *out, void *arg)
{
	const struct run_page *page = arg;
	const struct histogram *h = &page->stats->latency;
	struct bars bars;

	bars_init(&bars, h);
	while (bars_next(&bars)) {
		buf_put_text(out, "<tr>");
		page_put_moment_cell(out, bars.begin_us);
		page_put_moment_cell(out, bars.end_us);
		page_put_count_cell(out, bars_count(&bars, h));
		buf_put_text(out, "</tr>\n");
	}
}

/* ---- hosts ---- */

static const enum latency_figure host_figures[] = {
	LATENCY_MEAN, LATENCY_P50, LATENCY_P95, LATENCY_P99, LATENCY_P99_9, LATENCY_MAX,
};

static void put_host_cells(struct buf *out, const struct host_counts *counts)
{
	struct latency latency = host_counts_latency(counts);

	page_put_count_cell(out, counts->requests);
	page_put_count_cell(out, counts->failed);
	for (size_t i = 0; i < sizeof(host_figures) / sizeof(host_figures[0]); i++)
		page_put_ms_cell(out, latency.us[host_figures[i]]);
	page_put_count_cell(out, counts->bytes);
	page_put_count_cell(out, counts->connections);
	buf_put_text(out, "</tr>\n");
}

static void put_host(const char *name, const struct host_counts *counts, bool is_all, void *arg)
{
	struct buf *out = arg;

	buf_put_text(out, "<tr><th scope=\"row\" class=\"text\">");
	html_put(out, name, host_name_shown(name));
	buf_put_text(out, is_all ? "</th>" : " (at least)</th>");
	put_host_cells(out, counts);
}

static void put_hosts(struct buf *out, void *arg)
{
	struct run_page *page = arg;

	page->others =
		host_table_visit(page->stats->hosts, HOSTS_LARGEST, HOST_ROWS, put_host, out);
}

static void put_hosts_rest(struct buf *out, void *arg)
{
	const struct run_page *page = arg;

	if (!page->others.requests)
		return;
	buf_put_text(out, "<tfoot><tr><th scope=\"row\" class=\"text\">all other hosts</th>");
	put_host_cells(out, &page->others);
	buf_put_text(out, "</tfoot>");
}

static void put_hosts_note(struct buf *out, void *arg)
{
	const struct run_page *page = arg;
	const struct host_table *hosts = page->stats->hosts;

	if (hosts->count > HOST_ROWS)
		buf_printf(out, "The %d with the most requests, of ", HOST_ROWS);
	if (hosts->left)
		buf_put_text(out, "more than ");
	page_put_count(out, hosts->count);
	buf_printf(out, " host%s. Percentiles are within 0.8 %%.", page_plural(hosts->count));
	if (hosts->left)
		buf_put_text(out, " &ldquo;At least&rdquo;: some requests of this host may "
		                  "be counted among the others.");
}

/* ---- failures ---- */

static void put_group(struct buf *out, const struct failure_group *group)
{
	buf_put_text(out, "<tr>");
	page_put_text_cell(out, group->host);
	page_put_count_cell(out, group->count);
	page_put_text_cell(out, group->message);
	page_put_text_cell(out, group->url);
	buf_put_text(out, "</tr>\n");
}

static void put_groups(struct buf *out, const struct failure_groups *groups, enum failure failure)
{
	const struct failure_group **sorted = failure_groups_sorted(groups, failure);
	uint64_t others = groups->others[failure];

	for (size_t i = 0; i < groups->counts[failure]; i++) {
		if (i < GROUP_ROWS)
			put_group(out, sorted[i]);
		else
			others += sorted[i]->count;
	}
	if (others)
		put_group(out,
		          &(struct failure_group){
				  .host = "all others", .message = "", .url = "", .count = others});
	free((void *)sorted);
}

static void put_failures(struct buf *out, void *arg)
{
	const struct run_page *page = arg;
	const struct stats *stats = page->stats;

	if (stats->ok == stats->requests)
		buf_put_text(out, "<p class=\"note\">None.</p>");
	for (int failure = FAILURE_NONE + 1; failure < FAILURES; failure++) {
		if (!stats->failures[failure])
			continue;
		buf_printf(out, "<h3>%s: ", failure_name((enum failure)failure));
		page_put_count(out, stats->failures[failure]);
		buf_printf(out,
		           "</h3>\n<div class=\"scroll\" tabindex=\"0\" role=\"region\" "
		           "aria-label=\"Failures: %s\">\n"
		           "<table><thead><tr><th scope=\"col\" class=\"text\">host</th>"
		           "<th scope=\"col\">times</th>"
		           "<th scope=\"col\" class=\"text\">message</th>"
		           "<th scope=\"col\" class=\"text\">first at</th></tr></thead><tbody>\n",
		           failure_name((enum failure)failure));
		put_groups(out, &page->report->failures, (enum failure)failure);
		buf_put_text(out, "</tbody></table>\n</div>\n");
	}
}

/* ---- the page ---- */

static const struct page_slot slots[] = {
	{"what", put_what},
	{"subtitle", put_subtitle},
	{"summary", put_summary},
	{"sample", put_sample_note},
	{"views", put_views},
	{"requests", put_requests},
	{"spans", put_spans_note},
	{"series", put_series},
	{"percentiles", put_percentiles},
	{"axis", put_axis},
	{"distribution", put_distribution},
	{"hosts-note", put_hosts_note},
	{"hosts", put_hosts},
	{"hosts-rest", put_hosts_rest},
	{"failures", put_failures},
};

static const struct page_kind run_kind = {
	.middle = report_html,
	.script = report_js,
	.slots = slots,
	.slot_count = sizeof(slots) / sizeof(slots[0]),
};

/* What the run knows of itself; title and command are those of words. */
static struct about about_of(const struct about *words, const struct report *report,
                             const struct stats *stats)
{
	return (struct about){
		.title = words->title,
		.command = words->command,
		.started_unix_us = report->started_unix_us,
		.hosts = stats->hosts,
		.http_versions = stats->http_versions,
	};
}

void report_page_put(struct buf *out, struct report *report, const struct stats *stats,
                     const struct about *words, const char *nonce)
{
	struct about about = about_of(words, report, stats);
	struct run_page page = {.about = &about, .report = report, .stats = stats};

	samples_sort(&report->samples);
	page_put(out, &run_kind, &about, &page, nonce);
}

enum err report_page_write(const char *path, struct report *report, const struct stats *stats,
                           const struct about *words, struct error *e)
{
	struct about about = about_of(words, report, stats);
	struct run_page page = {.about = &about, .report = report, .stats = stats};

	samples_sort(&report->samples);
	return page_write(path, &run_kind, &about, &page, e);
}
