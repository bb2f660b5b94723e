#include "output/report_page.h"

#include <stdbool.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "base/units.h"
#include "output/html.h"
#include "output/report.h"
#include "output/report_assets.h"
#include "output/stats.h"

enum {
	HOST_ROWS = 200,
	LATENCY_BARS = 60,
	LATENCY_FEW = 12, /* or one for 8 requests, so that bars are not a matter of chance */
};

struct page {
	struct buf *out;
	struct report *report;
	const struct stats *stats;
	const char *nonce;
	struct host_counts others; /* hosts that have no row */
};

/* ---- parts of tables ---- */

/* Milliseconds; nothing is an empty cell. */
static void put_ms_cell(struct buf *out, int64_t us)
{
	if (us)
		buf_printf(out, "<td>%lld.%03d</td>", (long long)(us / 1000), (int)(us % 1000));
	else
		buf_put_text(out, "<td></td>");
}

static void put_count_cell(struct buf *out, uint64_t count)
{
	buf_printf(out, "<td>%llu</td>", (unsigned long long)count);
}

static void put_text_cell(struct buf *out, const char *text)
{
	buf_put_text(out, "<td class=\"text\">");
	html_put_text(out, *text ? text : "-");
	buf_put_text(out, "</td>");
}

/* "1,234,567" */
static void put_count(struct buf *out, uint64_t count)
{
	if (count >= 1000) {
		put_count(out, count / 1000);
		buf_printf(out, ",%03d", (int)(count % 1000));
	} else {
		buf_put_uint(out, count);
	}
}

static void put_time(struct buf *out, int64_t us)
{
	char text[UNITS_TEXT];

	buf_put_text(out, units_show_time(text, us));
}

static const char *plural(uint64_t count)
{
	return count == 1 ? "" : "s";
}

/* ---- the frame ---- */

static void put_lines(struct buf *out, const char *const *lines)
{
	for (; *lines; lines++)
		buf_put_text(out, *lines);
}

static void put_style(struct page *page)
{
	put_lines(page->out, report_css);
}

static void put_script(struct page *page)
{
	put_lines(page->out, report_js);
}

static void put_nonce(struct page *page)
{
	buf_put_text(page->out, page->nonce);
}

static void put_started(struct page *page)
{
	time_t seconds = (time_t)(page->report->started_unix_us / 1000000);
	char text[32];
	struct tm tm;

	strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S UTC", gmtime_r(&seconds, &tm));
	buf_put_text(page->out, text);
}

static void put_title(struct page *page)
{
	put_count(page->out, page->stats->requests);
	buf_printf(page->out, " request%s, ", plural(page->stats->requests));
	put_started(page);
}

static void put_subtitle(struct page *page)
{
	const struct stats *stats = page->stats;
	double gain = stats->wall_us ? (double)stats->transfer_time_us / (double)stats->wall_us : 0;

	put_count(page->out, stats->requests);
	buf_printf(page->out, " request%s in ", plural(stats->requests));
	put_time(page->out, stats->wall_us);
	buf_put_text(page->out, ". One after another the transfers would have taken ");
	put_time(page->out, stats->transfer_time_us);
	buf_printf(page->out, ", %.1f times as long. Started ", gain);
	put_started(page);
	buf_put_byte(page->out, '.');
}

static void put_footer(struct page *page)
{
	buf_put_text(page->out, "gather " GATHER_VERSION);
}

/* ---- the summary ---- */

static void begin_tile(struct page *page, const char *name)
{
	buf_printf(page->out, "<div><dt>%s</dt><dd>", name);
}

static void end_tile(struct page *page)
{
	buf_put_text(page->out, "</dd></div>\n");
}

static void put_count_tile(struct page *page, const char *name, uint64_t count)
{
	begin_tile(page, name);
	put_count(page->out, count);
	end_tile(page);
}

static void put_time_tile(struct page *page, const char *name, int64_t us)
{
	begin_tile(page, name);
	put_time(page->out, us);
	end_tile(page);
}

/* "3.9" or "1,234", with what stands behind it. */
static void put_number_tile(struct page *page, const char *name, double number, const char *unit)
{
	begin_tile(page, name);
	if (number < 100)
		buf_printf(page->out, "%.1f", number);
	else
		put_count(page->out, (uint64_t)number);
	buf_put_text(page->out, unit);
	end_tile(page);
}

static void put_statuses(struct page *page)
{
	const struct stats *stats = page->stats;

	buf_put_text(page->out, "<ul class=\"statuses\" aria-label=\"Statuses\">\n");
	for (int status = 0; status < STATUS_LIMIT; status++) {
		if (!stats->statuses[status])
			continue;
		buf_printf(page->out, "<li>status %03d: <b>", status);
		put_count(page->out, stats->statuses[status]);
		buf_put_text(page->out, "</b></li>\n");
	}
	buf_put_text(page->out, "</ul>");
}

static void put_summary(struct page *page)
{
	const struct stats *stats = page->stats;
	double wall_s = (double)stats->wall_us / 1e6;
	char text[UNITS_TEXT];

	buf_put_text(page->out, "<dl class=\"tiles\">\n");
	put_count_tile(page, "requests", stats->requests);
	put_count_tile(page, "ok", stats->ok);
	put_count_tile(page, "failed", stats->requests - stats->ok);
	if (stats->skipped)
		put_count_tile(page, "skipped", stats->skipped);
	if (stats->retries)
		put_count_tile(page, "retries", stats->retries);
	put_time_tile(page, "wall time", stats->wall_us);
	put_time_tile(page, "sum of transfers", stats->transfer_time_us);
	if (wall_s > 0) {
		put_number_tile(page, "concurrency gain",
		                (double)stats->transfer_time_us / 1e6 / wall_s, " &times;");
		put_number_tile(page, "rate", (double)stats->requests / wall_s, "/s");
	}
	begin_tile(page, "bytes");
	buf_put_text(page->out, units_show_bytes(text, stats->bytes));
	end_tile(page);
	put_count_tile(page, "connections", stats->connections);
	buf_put_text(page->out, "</dl>\n");
	put_statuses(page);
}

/* ---- requests ---- */

static void put_sample_note(struct page *page)
{
	const struct samples *samples = &page->report->samples;

	if (!samples->added) {
		buf_put_text(page->out, "No request was attempted.");
	} else if (samples->added > samples->count) {
		put_count(page->out, samples->count);
		buf_put_text(page->out, " requests, spread evenly over all ");
		put_count(page->out, samples->added);
		buf_put_byte(page->out, '.');
	} else {
		buf_printf(page->out, "All request%s that were attempted.", plural(samples->added));
	}
}

static void put_requests(struct page *page)
{
	struct samples *samples = &page->report->samples;

	samples_sort(samples);
	for (size_t i = 0; i < samples->count; i++) {
		const struct sample *sample = &samples->items[i];
		const char *failure = failure_name(sample->failure);

		buf_put_text(page->out, "<tr>");
		put_count_cell(page->out, sample->index);
		put_text_cell(page->out, sample->url);
		buf_printf(page->out, "<td>%d</td>", sample->http_code);
		put_text_cell(page->out, failure ? failure : "");
		put_count_cell(page->out, sample->attempts);
		put_count_cell(page->out, (uint64_t)sample->bytes);
		buf_printf(page->out, "<td>%lld.%03d</td>",
		           (long long)sample->phases.begin_us / 1000,
		           (int)(sample->phases.begin_us % 1000));
		for (int phase = 0; phase < PHASES; phase++)
			put_ms_cell(page->out, sample->phases.us[phase]);
		buf_put_text(page->out, "</tr>\n");
	}
}

/* ---- over time ---- */

static void put_spans_note(struct page *page)
{
	buf_put_text(page->out, "Means over spans of ");
	put_time(page->out, page->report->series.span_us);
	buf_put_text(page->out, page->stats->retries ? "; of requests that were tried again, the "
	                                               "last attempts."
	                                             : ".");
}

static void put_series(struct page *page)
{
	const struct series *series = &page->report->series;

	for (size_t i = 0; i < series->used; i++) {
		const struct series_span *span = &series->spans[i];

		buf_printf(page->out,
		           "<tr><td>%.1f</td><td>%.2f</td><td>%llu</td><td>%llu</td>"
		           "<td>%.0f</td></tr>\n",
		           (double)series->span_us * (double)i / 1000,
		           span->transfer_us / (double)series->span_us,
		           (unsigned long long)span->ended, (unsigned long long)span->failed,
		           span->bytes);
	}
}

/* ---- latency ---- */

static void put_percentiles(struct page *page)
{
	const struct histogram *h = &page->stats->latency;

	if (!h->count)
		return;
	buf_put_text(page->out, "<tr>");
	put_ms_cell(page->out, (int64_t)h->min);
	put_ms_cell(page->out, histogram_quantile(h, 0.50));
	put_ms_cell(page->out, histogram_quantile(h, 0.90));
	put_ms_cell(page->out, histogram_quantile(h, 0.99));
	put_ms_cell(page->out, (int64_t)h->max);
	put_ms_cell(page->out, (int64_t)(h->sum / h->count));
	buf_put_text(page->out, "</tr>");
}

/*
 * How wide the bar is that holds value: the time from a power of two to the next has so many steps,
 * so that bars begin where the histogram's buckets do.
 */
static int64_t bar_width(int64_t value, int64_t steps)
{
	int64_t octave = value > 0 ? INT64_C(1) << (63 - __builtin_clzll((uint64_t)value)) : 1;

	return octave > steps ? octave / steps : 1;
}

static size_t count_bars(const struct histogram *h, int64_t steps)
{
	size_t count = 0;

	for (int64_t at = (int64_t)h->min; at <= (int64_t)h->max; count++) {
		int64_t width = bar_width(at, steps);
		at += width - at % width;
	}
	return count;
}

static void put_distribution(struct page *page)
{
	const struct histogram *h = &page->stats->latency;
	size_t bars = h->count / 8 < LATENCY_FEW ? LATENCY_FEW : h->count / 8;
	int64_t steps = 64, end;

	if (!h->count)
		return;
	while (steps > 1 && count_bars(h, steps) > (bars < LATENCY_BARS ? bars : LATENCY_BARS))
		steps /= 2;
	for (int64_t at = (int64_t)h->min; at <= (int64_t)h->max; at = end) {
		int64_t width = bar_width(at, steps), begin = at - at % width;

		end = begin + width;
		buf_printf(page->out, "<tr><td>%lld.%03d</td><td>%lld.%03d</td>",
		           (long long)begin / 1000, (int)(begin % 1000), (long long)end / 1000,
		           (int)(end % 1000));
		put_count_cell(page->out, histogram_below(h, end) - histogram_below(h, begin));
		buf_put_text(page->out, "</tr>\n");
	}
}

/* ---- hosts ---- */

static void put_host_cells(struct buf *out, const struct host_counts *counts)
{
	put_count_cell(out, counts->requests);
	put_count_cell(out, counts->failed);
	put_ms_cell(out, counts->timed ? counts->time_us / (int64_t)counts->timed : 0);
	put_ms_cell(out, host_counts_quantile(counts, 0.50));
	put_ms_cell(out, host_counts_quantile(counts, 0.99));
	put_ms_cell(out, counts->max_us);
	put_count_cell(out, counts->bytes);
	put_count_cell(out, counts->connections);
	buf_put_text(out, "</tr>\n");
}

static bool ends_with(const char *text, const char *end)
{
	size_t len = strlen(text), end_len = strlen(end);

	return len >= end_len && !strcmp(text + len - end_len, end);
}

/* Without the port that goes without saying. */
static void put_host(const char *name, const struct host_counts *counts, bool is_all, void *arg)
{
	struct page *page = arg;
	size_t len = strlen(name);

	if (!strncmp(name, "http:", 5) && ends_with(name, ":80"))
		len -= 3;
	else if (!strncmp(name, "https:", 6) && ends_with(name, ":443"))
		len -= 4;
	buf_put_text(page->out, "<tr><th scope=\"row\" class=\"text\">");
	html_put(page->out, name, len);
	buf_put_text(page->out, is_all ? "</th>" : " (at least)</th>");
	put_host_cells(page->out, counts);
}

static void put_hosts(struct page *page)
{
	page->others = host_table_visit(&page->report->hosts, HOST_ROWS, put_host, page);
}

static void put_hosts_rest(struct page *page)
{
	if (!page->others.requests)
		return;
	buf_put_text(page->out, "<tfoot><tr><th scope=\"row\" class=\"text\">all other hosts</th>");
	put_host_cells(page->out, &page->others);
	buf_put_text(page->out, "</tfoot>");
}

static void put_hosts_note(struct page *page)
{
	const struct host_table *hosts = &page->report->hosts;

	if (hosts->count > HOST_ROWS)
		buf_printf(page->out, "The %d with the most requests, of ", HOST_ROWS);
	if (hosts->left)
		buf_put_text(page->out, "more than ");
	put_count(page->out, hosts->count);
	buf_printf(page->out, " host%s. Percentiles are within 7 %%.", plural(hosts->count));
	if (hosts->left)
		buf_put_text(page->out, " &ldquo;At least&rdquo;: some requests of this host may "
		                        "be counted among the others.");
}

/* ---- failures ---- */

static void put_examples(struct page *page, enum failure failure)
{
	for (size_t i = 0; i < EXAMPLES; i++) {
		const struct example *example = &page->report->examples[failure][i];

		if (!example->url)
			break;
		buf_put_text(page->out, "<tr>");
		put_text_cell(page->out, example->message);
		put_count_cell(page->out, example->count);
		put_text_cell(page->out, example->url);
		buf_put_text(page->out, "</tr>\n");
	}
}

static void put_failures(struct page *page)
{
	const struct stats *stats = page->stats;

	if (stats->ok == stats->requests)
		buf_put_text(page->out, "<p class=\"note\">None.</p>");
	for (int failure = FAILURE_NONE + 1; failure < FAILURES; failure++) {
		if (!stats->failures[failure])
			continue;
		buf_printf(page->out, "<h3>%s: ", failure_name((enum failure)failure));
		put_count(page->out, stats->failures[failure]);
		buf_printf(page->out,
		           "</h3>\n<div class=\"scroll\" tabindex=\"0\" role=\"region\" "
		           "aria-label=\"Failures: %s\">\n"
		           "<table><thead><tr><th scope=\"col\" class=\"text\">message</th>"
		           "<th scope=\"col\">times</th>"
		           "<th scope=\"col\" class=\"text\">first at</th></tr></thead><tbody>\n",
		           failure_name((enum failure)failure));
		put_examples(page, (enum failure)failure);
		buf_put_text(page->out, "</tbody></table>\n</div>\n");
	}
}

/* ---- the page ---- */

static const struct slot {
	const char *name;
	void (*put)(struct page *page);
} slots[] = {
	{"nonce", put_nonce},
	{"title", put_title},
	{"style", put_style},
	{"subtitle", put_subtitle},
	{"summary", put_summary},
	{"sample", put_sample_note},
	{"requests", put_requests},
	{"spans", put_spans_note},
	{"series", put_series},
	{"percentiles", put_percentiles},
	{"distribution", put_distribution},
	{"hosts-note", put_hosts_note},
	{"hosts", put_hosts},
	{"hosts-rest", put_hosts_rest},
	{"failures", put_failures},
	{"footer", put_footer},
	{"script", put_script},
};

/* name is a slot's, with a '}' behind it. */
static void fill(struct page *page, const char *name, size_t len)
{
	for (size_t i = 0; i < sizeof(slots) / sizeof(slots[0]); i++) {
		if (strlen(slots[i].name) == len && !memcmp(slots[i].name, name, len))
			slots[i].put(page);
	}
}

void report_page_put(struct buf *out, struct report *report, const struct stats *stats,
                     const char *nonce)
{
	struct page page = {.out = out, .report = report, .stats = stats, .nonce = nonce};

	for (const char *const *line = report_html; *line; line++) {
		const char *at = *line, *open, *close;

		for (; (open = strchr(at, '{')) && (close = strchr(open, '}')); at = close + 1) {
			buf_put(out, at, (size_t)(open - at));
			fill(&page, open + 1, (size_t)(close - open - 1));
		}
		buf_put_text(out, at);
	}
}
