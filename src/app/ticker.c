#include "app/ticker.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/message.h"
#include "app/terminal.h"
#include "async/job.h"
#include "async/offload.h"
#include "async/sleep.h"
#include "async/stream.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/mem.h"
#include "input/count.h"

/* Carriage return, and erase to the end of the line (ECMA-48, EL). */
#define ERASE "\r\033[K"

/* The line comes late: most runs have ended by then and need none. */
static const struct pace {
	int64_t first_us, every_us;
} paces[] = {
	[PROGRESS_LINE] = {500000, 100000},
	[PROGRESS_PLAIN] = {10000000, 10000000},
	[PROGRESS_JSON] = {1000000, 1000000},
};

struct ticker {
	struct loop *loop;
	struct ticker_options options;
	struct stream *results; /* on the terminal of the line; NULL: they are elsewhere */
	int fd;                 /* standard error, or one of our own that does not block */
	struct progress progress;
	int64_t started_us, due_us;
	struct offload_pool *pool; /* counts the lists; NULL: it was not needed yet */
	struct job *counting;      /* NULL: it has counted */
	struct job_waiter counted;
	bool has_looked, is_foreseen;
	uint64_t foreseen; /* requests; the input may prove it wrong */
	struct job *sleep;
	struct job_waiter waiter;
	struct buf line, fresh; /* the last that was drawn, and what may be the next */
	bool is_drawn;
	bool is_away; /* results are half written, or end in the middle of a line */
};

/* ---- the terminal ---- */

/* The shell and others have the terminal, and would be written over. */
static bool is_in_background(void)
{
	pid_t group = tcgetpgrp(STDERR_FILENO);

	return group >= 0 && group != getpgrp();
}

/* False when the terminal takes nothing now. */
static bool erase(struct ticker *ticker)
{
	if (ticker->is_drawn && !is_in_background() &&
	    write(ticker->fd, ERASE, strlen(ERASE)) < 0 && errno == EAGAIN)
		return false;
	ticker->is_drawn = false;
	return true;
}

/*
 * The cursor goes back to the beginning, so that what others write there unasked, such as a program
 * that reads our results, is not behind the line but over it.
 */
static void draw(struct ticker *ticker)
{
	struct buf text;
	ssize_t written;

	if (ticker->is_away || !ticker->line.len || is_in_background())
		return;
	buf_init(&text, BUF_UNLIMITED);
	buf_printf(&text, "\r%s\033[K\r", ticker->line.data);
	written = write(ticker->fd, text.data, text.len);
	if (written > 0)
		ticker->is_drawn = true;
	if (written != (ssize_t)text.len)
		buf_clear(&ticker->line); /* the next one is another in any case */
	buf_release(&text);
}

static void draw_if_changed(struct ticker *ticker)
{
	struct progress_look look = {
		/* The last one stays free: some terminals go to the next line behind it. */
		.columns = terminal_columns(STDERR_FILENO) - 1,
		.has_color = ticker->options.has_color,
		.is_utf8 = terminal_is_utf8(),
	};
	struct buf old = ticker->line;

	buf_clear(&ticker->fresh);
	progress_put_line(&ticker->fresh, &ticker->progress, &look);
	if (ticker->is_drawn && !strcmp(ticker->fresh.data, old.data))
		return;
	ticker->line = ticker->fresh;
	ticker->fresh = old;
	if (ticker->line.len)
		draw(ticker);
	else
		erase(ticker);
}

/* Results are about to be written. */
static bool on_leave(void *arg)
{
	struct ticker *ticker = arg;

	ticker->is_away = true;
	return erase(ticker);
}

static void on_return(void *arg)
{
	struct ticker *ticker = arg;

	ticker->is_away = false;
	draw(ticker);
}

void ticker_hide(struct ticker *ticker)
{
	if (ticker)
		erase(ticker);
}

void ticker_show(struct ticker *ticker)
{
	if (ticker)
		draw(ticker);
}

/* ---- the clock ---- */

/* Who is that far behind in reading needs no more of it. */
static void put_text(struct ticker *ticker, int fd)
{
	ssize_t written;

	buf_clear(&ticker->fresh);
	if (ticker->options.mode == PROGRESS_JSON)
		progress_put_json(&ticker->fresh, &ticker->progress);
	else
		progress_put_plain(&ticker->fresh, &ticker->progress);
	written = write(fd, ticker->fresh.data, ticker->fresh.len);
	(void)written;
}

/* Work of a thread, or at the end. */
static int look_ahead(void *arg)
{
	struct ticker *ticker = arg;

	ticker->is_foreseen = count_requests(ticker->options.source, &ticker->foreseen);
	ticker->has_looked = true;
	return ERR_NONE;
}

/* How many requests there will be, as long as nobody knows. */
static void foresee(struct ticker *ticker, struct progress_counts *counts)
{
	if (!ticker->has_looked && ticker->options.source)
		look_ahead(ticker);
	if (ticker->is_foreseen && ticker->foreseen >= counts->total + counts->skipped) {
		counts->total = ticker->foreseen - counts->skipped;
		counts->is_total = true;
	}
}

static void count(struct ticker *ticker)
{
	struct progress_counts counts;

	ticker->options.count(&counts, ticker->options.arg);
	if (!counts.is_total)
		foresee(ticker, &counts);
	progress_note(&ticker->progress, &counts, loop_now_us(ticker->loop));
}

static void on_due(struct job *job, enum err result, void *arg);

static void sleep_until(struct ticker *ticker, int64_t due_us)
{
	ticker->due_us = due_us;
	ticker->sleep = sleep_for(ticker->loop, due_us - loop_now_us(ticker->loop));
	job_watch(ticker->sleep, &ticker->waiter, on_due, ticker);
}

static void tick(struct ticker *ticker)
{
	int64_t every_us = paces[ticker->options.mode].every_us, due_us = ticker->due_us + every_us;

	count(ticker);
	if (ticker->options.mode == PROGRESS_LINE)
		draw_if_changed(ticker);
	else
		put_text(ticker, ticker->fd);
	/* What a busy loop or a stopped process has missed is not made up for. */
	if (due_us <= loop_now_us(ticker->loop))
		due_us = loop_now_us(ticker->loop) + every_us;
	sleep_until(ticker, due_us);
}

static void on_counted(struct job *job, enum err result, void *arg)
{
	struct ticker *ticker = arg;

	(void)job;
	(void)result; /* where there is no thread, count() does it */
	ticker->counting = NULL;
	tick(ticker);
}

/*
 * Looks ahead late, as most runs are short, and on a thread, as long lists take longer than the
 * loop can wait.
 */
static bool starts_counting(struct ticker *ticker)
{
	struct progress_counts counts;

	if (ticker->pool || !ticker->options.source)
		return false;
	ticker->options.count(&counts, ticker->options.arg);
	if (counts.is_total)
		return false;
	ticker->pool = offload_pool_new(ticker->loop, 1);
	ticker->counting = offload(ticker->pool, look_ahead, ticker);
	job_watch(ticker->counting, &ticker->counted, on_counted, ticker);
	return true;
}

static void on_due(struct job *job, enum err result, void *arg)
{
	struct ticker *ticker = arg;

	(void)job;
	(void)result;
	ticker->sleep = NULL;
	if (!starts_counting(ticker))
		tick(ticker);
}

/* ---- its life ---- */

struct ticker *ticker_new(struct loop *loop, const struct ticker_options *options)
{
	struct ticker *ticker;

	if (options->mode == PROGRESS_NONE)
		return NULL;
	ticker = mem_zero(1, sizeof(*ticker));
	ticker->loop = loop;
	ticker->options = *options;
	ticker->fd = file_open_again(STDERR_FILENO);
	if (ticker->fd < 0)
		ticker->fd = STDERR_FILENO;
	buf_init(&ticker->line, BUF_UNLIMITED);
	buf_init(&ticker->fresh, BUF_UNLIMITED);
	ticker->started_us = loop_now_us(loop);
	progress_begin(&ticker->progress, ticker->started_us);
	sleep_until(ticker, ticker->started_us + paces[options->mode].first_us);
	return ticker;
}

void ticker_yield_to(struct ticker *ticker, struct stream *stream)
{
	if (!ticker || ticker->options.mode != PROGRESS_LINE || ticker->results ||
	    !stream_is_on_terminal(stream, STDERR_FILENO))
		return;
	ticker->results = stream;
	stream_set_neighbor(stream, &(struct stream_neighbor){on_leave, on_return, ticker});
}

void ticker_end(struct ticker *ticker)
{
	enum progress_mode mode;

	if (!ticker)
		return;
	mode = ticker->options.mode;
	if (ticker->counting) {
		job_unwatch(&ticker->counted);
		job_await(ticker->counting);
	} else {
		job_unwatch(&ticker->waiter);
		job_cancel(ticker->sleep);
	}
	if (ticker->results)
		stream_set_neighbor(ticker->results, NULL);
	erase(ticker);
	buf_clear(&ticker->line); /* ticker_show() has nothing to show */
	count(ticker);
	/* What comes last is waited for. */
	if (mode == PROGRESS_JSON ||
	    (mode == PROGRESS_PLAIN &&
	     loop_now_us(ticker->loop) - ticker->started_us > paces[mode].first_us))
		put_text(ticker, STDERR_FILENO);
}

void ticker_print_lines(struct ticker *ticker, struct buf *text)
{
	if (!text->len)
		return;
	ticker_hide(ticker);
	message_print_lines(text);
	ticker_show(ticker);
}

void ticker_free(struct ticker *ticker)
{
	if (!ticker)
		return;
	if (ticker->fd != STDERR_FILENO)
		close(ticker->fd);
	offload_pool_free(ticker->pool);
	buf_release(&ticker->line);
	buf_release(&ticker->fresh);
	free(ticker);
}
