#include "output/page.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/units.h"
#include "output/about.h"
#include "output/bars.h"
#include "output/html.h"
#include "output/page_assets.h"
#include "transfer/url.h"

struct page {
	struct buf *out;
	const struct page_kind *kind;
	const struct about *about;
	void *arg;
	const char *nonce;
};

/* ---- the frame ---- */

typedef void fill_fn(struct page *page, const char *name, size_t len);

/* A name is that of a slot, with a '}' behind it. */
static bool is_slot(const char *slot, const char *name, size_t len)
{
	return strlen(slot) == len && !memcmp(slot, name, len);
}

/* Each {name} in a line is for fill. */
static void put_filled(struct page *page, const char *const *lines, fill_fn *fill)
{
	for (; *lines; lines++) {
		const char *at = *lines, *open, *close;

		for (; (open = strchr(at, '{')) && (close = strchr(open, '}')); at = close + 1) {
			buf_put(page->out, at, (size_t)(open - at));
			fill(page, open + 1, (size_t)(close - open - 1));
		}
		buf_put_text(page->out, at);
	}
}

static void put_lines(struct page *page, const char *const *lines)
{
	for (; *lines; lines++)
		buf_put_text(page->out, *lines);
}

static void fill_from_kind(struct page *page, const char *name, size_t len)
{
	for (size_t i = 0; i < page->kind->slot_count; i++) {
		if (is_slot(page->kind->slots[i].name, name, len))
			page->kind->slots[i].put(page->out, page->arg);
	}
}

static void put_what(struct page *page)
{
	fill_from_kind(page, "what", strlen("what"));
}

static bool has_title(const struct page *page)
{
	return page->about->title && *page->about->title;
}

static void put_title(struct page *page)
{
	const char *title = page->about->title;
	struct buf masked;

	buf_init(&masked, BUF_UNLIMITED);
	url_put_text_masked(&masked, title, strlen(title));
	html_put(page->out, masked.data, masked.len);
	buf_release(&masked);
}

/* What tells the page from others, in the title of the window. */
static void put_name(struct page *page)
{
	if (has_title(page))
		put_title(page);
	else
		buf_put_text(page->out, "gather");
}

static void put_heading(struct page *page)
{
	if (has_title(page))
		put_title(page);
	else
		put_what(page);
}

static void put_date(struct page *page)
{
	page_put_date(page->out, page->about->started_unix_us);
}

static void put_about(struct page *page)
{
	about_put(page->out, page->about);
}

static void put_nonce(struct page *page)
{
	buf_put_text(page->out, page->nonce);
}

static void put_style(struct page *page)
{
	put_lines(page, page_css);
}

static void put_middle(struct page *page)
{
	put_filled(page, page->kind->middle, fill_from_kind);
}

static void put_footer(struct page *page)
{
	buf_put_text(page->out, "gather " GATHER_VERSION);
}

static void put_script(struct page *page)
{
	put_lines(page, page_js);
	put_lines(page, page->kind->script);
}

static void fill_frame(struct page *page, const char *name, size_t len)
{
	static const struct {
		const char *name;
		void (*put)(struct page *page);
	} slots[] = {
		{"nonce", put_nonce},     {"style", put_style},   {"name", put_name},
		{"heading", put_heading}, {"date", put_date},     {"about", put_about},
		{"middle", put_middle},   {"footer", put_footer}, {"script", put_script},
	};

	for (size_t i = 0; i < sizeof(slots) / sizeof(slots[0]); i++) {
		if (is_slot(slots[i].name, name, len)) {
			slots[i].put(page);
			return;
		}
	}
	fill_from_kind(page, name, len);
}

void page_put(struct buf *out, const struct page_kind *kind, const struct about *about, void *arg,
              const char *nonce)
{
	struct page page = {.out = out, .kind = kind, .about = about, .arg = arg, .nonce = nonce};

	put_filled(&page, page_html, fill_frame);
}

enum err page_write(const char *path, const struct page_kind *kind, const struct about *about,
                    void *arg, struct error *e)
{
	char nonce[33];
	uint64_t random[2];
	struct buf page;
	enum err failed;

	if (getrandom(random, sizeof(random), 0) < 0)
		return error_set(e, ERR_SYSTEM, "cannot write %s: %s", path, strerror(errno));
	snprintf(nonce, sizeof(nonce), "%016llx%016llx", (unsigned long long)random[0],
	         (unsigned long long)random[1]);
	buf_init(&page, BUF_UNLIMITED);
	page_put(&page, kind, about, arg, nonce);
	failed = file_replace(path, 0666, page.data, page.len, e);
	buf_release(&page);
	return failed;
}

/* ---- what slots are made of ---- */

void page_put_count(struct buf *out, uint64_t count)
{
	if (count >= 1000) {
		page_put_count(out, count / 1000);
		buf_printf(out, ",%03d", (int)(count % 1000));
	} else {
		buf_put_uint(out, count);
	}
}

void page_put_time(struct buf *out, int64_t us)
{
	char text[UNITS_TEXT];

	buf_put_text(out, units_show_time(text, us));
}

void page_put_date(struct buf *out, int64_t unix_us)
{
	time_t seconds = (time_t)(unix_us / 1000000);
	char text[32];
	struct tm tm;

	strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S UTC", gmtime_r(&seconds, &tm));
	buf_put_text(out, text);
}

const char *page_plural(uint64_t count)
{
	return count == 1 ? "" : "s";
}

void page_put_axis(struct buf *out, const struct bars *bars)
{
	buf_put_text(out, bars->is_log ? "log" : "linear");
}

void page_put_moment_cell(struct buf *out, int64_t us)
{
	buf_printf(out, "<td>%lld.%03d</td>", (long long)(us / 1000), (int)(us % 1000));
}

void page_put_ms_cell(struct buf *out, int64_t us)
{
	if (us)
		page_put_moment_cell(out, us);
	else
		buf_put_text(out, "<td></td>");
}

void page_put_count_cell(struct buf *out, uint64_t count)
{
	buf_printf(out, "<td>%llu</td>", (unsigned long long)count);
}

void page_put_text_cell(struct buf *out, const char *text)
{
	buf_put_text(out, "<td class=\"text\">");
	html_put_text(out, *text ? text : "-");
	buf_put_text(out, "</td>");
}

void page_begin_tile(struct buf *out, const char *name)
{
	buf_printf(out, "<div><dt>%s</dt><dd>", name);
}

void page_end_tile(struct buf *out)
{
	buf_put_text(out, "</dd></div>\n");
}

void page_put_count_tile(struct buf *out, const char *name, uint64_t count)
{
	page_begin_tile(out, name);
	page_put_count(out, count);
	page_end_tile(out);
}

void page_put_time_tile(struct buf *out, const char *name, int64_t us)
{
	page_begin_tile(out, name);
	page_put_time(out, us);
	page_end_tile(out);
}

void page_put_number_tile(struct buf *out, const char *name, double number, const char *unit)
{
	page_begin_tile(out, name);
	if (number < 100)
		buf_printf(out, "%.1f", number);
	else
		page_put_count(out, (uint64_t)number);
	buf_put_text(out, unit);
	page_end_tile(out);
}
