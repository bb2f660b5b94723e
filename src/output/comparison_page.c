#include "output/comparison_page.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/units.h"
#include "output/bars.h"
#include "output/comparison.h"
#include "output/html.h"
#include "output/page.h"
#include "output/page_assets.h"

/* The next level with a run, from i on; level_count when there is none. */
static size_t measured(const struct comparison *c, size_t i)
{
	while (i < c->level_count && !c->levels[i].run_count)
		i++;
	return i;
}

static uint64_t count_measured(const struct comparison *c)
{
	uint64_t count = 0;

	for (size_t i = measured(c, 0); i < c->level_count; i = measured(c, i + 1))
		count++;
	return count;
}

/* Its wall time is the shortest. There is a run. */
static size_t fastest(const struct comparison *c)
{
	size_t best = measured(c, 0);

	for (size_t i = best; i < c->level_count; i = measured(c, i + 1)) {
		if (comparison_figures(c, i).wall_us < comparison_figures(c, best).wall_us)
			best = i;
	}
	return best;
}

/* ---- the head ---- */

static void put_requests(struct buf *out, const struct comparison *c)
{
	uint64_t requests = (uint64_t)comparison_requests(c);

	page_put_count(out, requests);
	buf_printf(out, " request%s", page_plural(requests));
}

static void put_what(struct buf *out, void *arg)
{
	const struct comparison_page *page = arg;
	const struct comparison *c = page->comparison;

	put_requests(out, c);
	for (size_t i = 0; i < c->level_count; i++) {
		buf_put_text(out, !i ? " at " : i + 1 < c->level_count ? ", " : " and ");
		buf_put_uint(out, c->levels[i].concurrency);
	}
	buf_put_text(out, " at once");
}

static void put_fastest(struct buf *out, const struct comparison *c)
{
	size_t best = fastest(c), first = measured(c, 0);
	struct comparison_figures f = comparison_figures(c, best);

	buf_printf(out, "Fastest at %llu: ", (unsigned long long)c->levels[best].concurrency);
	page_put_time(out, f.wall_us);
	if (best != first) {
		buf_put_text(out, " instead of ");
		page_put_time(out, comparison_figures(c, first).wall_us);
		buf_printf(out, ", %.*f times as fast", f.speed_up < 9.995 ? 2 : 1, f.speed_up);
	}
	buf_put_text(out, ". ");
}

static void put_subtitle(struct buf *out, void *arg)
{
	const struct comparison_page *page = arg;
	const struct comparison *c = page->comparison;

	put_requests(out, c);
	about_put_hosts(out, &page->about);
	buf_put_text(out, " at each level of concurrency, each run cold. ");
	if (count_measured(c) > 1 && !comparison_is_void(c))
		put_fastest(out, c);
}

/* ---- the summary ---- */

static void put_notes(struct buf *out, void *arg)
{
	static const char warning[] = "warning: ";
	const struct comparison_page *page = arg;
	struct buf notes;
	char *at, *line;

	buf_init(&notes, BUF_UNLIMITED);
	comparison_put_notes(&notes, page->comparison);
	if (notes.len)
		buf_put_text(out, "<ul class=\"notes\">\n");
	for (at = notes.data; (line = strsep(&at, "\n")) && *line;) {
		bool is_warning = !strncmp(line, warning, strlen(warning));

		buf_put_text(out, is_warning ? "<li class=\"warning\"><b>Warning:</b> " : "<li>");
		html_put_text(out, line + (is_warning ? strlen(warning) : 0));
		buf_put_text(out, "</li>\n");
	}
	if (notes.len)
		buf_put_text(out, "</ul>");
	buf_release(&notes);
}

static void put_summary(struct buf *out, void *arg)
{
	const struct comparison_page *page = arg;
	const struct comparison *c = page->comparison;
	uint64_t failed = 0;

	for (size_t i = measured(c, 0); i < c->level_count; i = measured(c, i + 1))
		failed += (uint64_t)comparison_figures(c, i).failed;
	buf_put_text(out, "<dl class=\"tiles\">\n");
	page_put_count_tile(out, "requests of a run", (uint64_t)comparison_requests(c));
	page_put_count_tile(out, "runs", (uint64_t)c->turns);
	page_put_count_tile(out, "failed", failed);
	if (!comparison_is_void(c)) {
		struct comparison_figures f = comparison_figures(c, fastest(c));

		page_put_count_tile(out, "fastest level", c->levels[fastest(c)].concurrency);
		page_put_time_tile(out, "its wall time", f.wall_us);
		page_put_number_tile(out, "its rate", f.rate, "/s");
		page_put_number_tile(out, "its speed-up", f.speed_up, " &times;");
	}
	buf_put_text(out, "</dl>");
}

/* ---- levels and runs ---- */

/* What is no number is an empty cell. */
static void put_number_cell(struct buf *out, double number, int decimals)
{
	buf_put_text(out, "<td>");
	if (isfinite(number))
		buf_printf(out, "%.*f", decimals, number);
	buf_put_text(out, "</td>");
}

static void put_latency_cells(struct buf *out, const struct latency *latency)
{
	for (int i = LATENCY_P50; i <= LATENCY_MAX; i++)
		page_put_ms_cell(out, latency->us[i]);
}

static void put_levels(struct buf *out, void *arg)
{
	const struct comparison_page *page = arg;
	const struct comparison *c = page->comparison;

	for (size_t i = measured(c, 0); i < c->level_count; i = measured(c, i + 1)) {
		struct comparison_figures f = comparison_figures(c, i);

		buf_printf(out, "<tr><th scope=\"row\">%llu</th>",
		           (unsigned long long)c->levels[i].concurrency);
		page_put_ms_cell(out, f.wall_us);
		put_number_cell(out, f.speed_up, 3);
		put_number_cell(out, 100 * f.efficiency, 1);
		put_number_cell(out, f.rate, 1);
		put_latency_cells(out, &f.latency);
		page_put_count_cell(out, (uint64_t)f.connections);
		page_put_count_cell(out, (uint64_t)f.most_in_flight);
		page_put_count_cell(out, (uint64_t)f.requests);
		page_put_count_cell(out, (uint64_t)f.failed);
		buf_put_text(out, "</tr>\n");
	}
}

static void put_runs_note(struct buf *out, void *arg)
{
	const struct comparison_page *page = arg;

	if (page->comparison->repeats == 1)
		buf_put_text(out, "Each level had one run. With more (<code>--repeat</code>) this "
		                  "shows how far they are apart.");
	else
		buf_put_text(out, "How far the runs of a level are apart. Each repetition began "
		                  "with another level, so that what changed meanwhile favours "
		                  "none.");
}

static void put_run(struct buf *out, uint64_t concurrency, const struct comparison_run *run,
                    int64_t median_us)
{
	double off = median_us ? (double)run->wall_us / (double)median_us - 1 : 0;

	page_put_count_cell(out, (uint64_t)run->turn);
	page_put_count_cell(out, concurrency);
	page_put_ms_cell(out, run->wall_us);
	put_number_cell(out, round(1000 * off) / 10 + 0.0, 1); /* no "-0.0" */
	put_number_cell(out, units_per_second((double)run->requests, run->wall_us), 1);
	put_latency_cells(out, &run->latency);
	page_put_count_cell(out, (uint64_t)run->connections);
	page_put_count_cell(out, (uint64_t)run->most_in_flight);
	page_put_count_cell(out, (uint64_t)run->requests);
	page_put_count_cell(out, (uint64_t)run->failed);
}

static void put_runs(struct buf *out, void *arg)
{
	const struct comparison_page *page = arg;
	const struct comparison *c = page->comparison;

	for (size_t i = measured(c, 0); i < c->level_count; i = measured(c, i + 1)) {
		const struct comparison_level *level = &c->levels[i];
		int64_t median_us = comparison_figures(c, i).wall_us;

		for (size_t k = 0; k < level->run_count; k++) {
			buf_put_text(out, "<tr>");
			put_run(out, level->concurrency, &level->runs[k], median_us);
			buf_put_text(out, "</tr>\n");
		}
	}
}

/* ---- latency ---- */

static void put_distribution_head(struct buf *out, void *arg)
{
	const struct comparison_page *page = arg;
	const struct comparison *c = page->comparison;

	for (size_t i = measured(c, 0); i < c->level_count; i = measured(c, i + 1))
		buf_printf(out, "<th scope=\"col\">level %llu</th>",
		           (unsigned long long)c->levels[i].concurrency);
}

/* That all levels have. The caller frees it. */
static struct histogram *whole_latency(const struct comparison *c)
{
	struct histogram *all = mem_zero(1, sizeof(*all));

	for (size_t i = 0; i < c->level_count; i++)
		histogram_add_all(all, &c->levels[i].latency);
	return all;
}

static void put_axis(struct buf *out, void *arg)
{
	const struct comparison_page *page = arg;
	struct histogram *all = whole_latency(page->comparison);
	struct bars bars;

	bars_init(&bars, all);
	page_put_axis(out, &bars);
	free(all);
}

/* All levels have the same bars. */
static void put_distribution(struct buf *out, void *arg)
{
	const struct comparison_page *page = arg;
	const struct comparison *c = page->comparison;
	struct histogram *all = whole_latency(c);
	struct bars bars;

	bars_init(&bars, all);
	while (bars_next(&bars)) {
		buf_put_text(out, "<tr>");
		page_put_moment_cell(out, bars.begin_us);
		page_put_moment_cell(out, bars.end_us);
		for (size_t i = measured(c, 0); i < c->level_count; i = measured(c, i + 1))
			page_put_count_cell(out, bars_count(&bars, &c->levels[i].latency));
		buf_put_text(out, "</tr>\n");
	}
	free(all);
}

/* ---- the page ---- */

static const struct page_slot slots[] = {
	{"what", put_what},
	{"subtitle", put_subtitle},
	{"notes", put_notes},
	{"summary", put_summary},
	{"levels", put_levels},
	{"axis", put_axis},
	{"distribution-head", put_distribution_head},
	{"distribution", put_distribution},
	{"runs-note", put_runs_note},
	{"runs", put_runs},
};

static const struct page_kind comparison_kind = {
	.middle = comparison_html,
	.script = comparison_js,
	.slots = slots,
	.slot_count = sizeof(slots) / sizeof(slots[0]),
};

/* With what the comparison knows itself. */
static struct comparison_page fill(const struct comparison_page *page)
{
	struct comparison_page filled = *page;

	filled.about.http_versions = page->comparison->http_versions;
	return filled;
}

void comparison_page_put(struct buf *out, const struct comparison_page *page, const char *nonce)
{
	struct comparison_page filled = fill(page);

	page_put(out, &comparison_kind, &filled.about, &filled, nonce);
}

enum err comparison_page_write(const char *path, const struct comparison_page *page,
                               struct error *e)
{
	struct comparison_page filled = fill(page);

	return page_write(path, &comparison_kind, &filled.about, &filled, e);
}
