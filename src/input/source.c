#include "input/source.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "async/lines.h"
#include "async/slice.h"
#include "async/sleep.h"
#include "base/hash.h"
#include "base/mem.h"
#include "input/csv.h"
#include "input/glob.h"
#include "input/job_line.h"
#include "input/row.h"
#include "input/url_text.h"
#include "transfer/request.h"
#include "transfer/url.h"

enum {
	MAX_LINE_BYTES = 1024 * 1024,
	SHOWN_BYTES = 60, /* of a line that is too long */
};

struct source {
	struct loop *loop;
	struct source_options options;
	size_t item; /* the next to be opened */
	struct hash_set seen;

	/* What is being read: a list, and what a line or an argument expands to. */
	struct lines *lines;
	int fd;
	const char *file;
	uint64_t line;
	struct glob *glob;

	/* Of a CSV list: its first record, once that has come, and the one that is being read. */
	struct csv header, record;
	bool has_header;

	bool has_requests; /* of the list */
	bool has_hinted;   /* how the list could be read */
	struct buf notices;

	bool is_turn_over; /* only unwanted requests came: more may be there at once */
};

struct source *source_new(struct loop *loop, const struct source_options *options)
{
	struct source *source = mem_zero(1, sizeof(*source));

	source->loop = loop;
	source->options = *options;
	source->fd = -1;
	buf_init(&source->notices, BUF_UNLIMITED);
	return source;
}

static void close_list(struct source *source)
{
	lines_free(source->lines);
	source->lines = NULL;
	csv_release(&source->header);
	csv_release(&source->record);
	if (source->fd > STDIN_FILENO)
		close(source->fd);
	source->fd = -1;
}

void source_free(struct source *source)
{
	if (!source)
		return;
	close_list(source);
	glob_free(source->glob);
	hash_set_release(&source->seen);
	buf_release(&source->notices);
	free(source);
}

struct buf *source_notices(struct source *source)
{
	return &source->notices;
}

static void set_problem(struct request *r, const char *what)
{
	buf_clear(&r->problem);
	buf_put_text(&r->problem, what);
}

/* What a terminal or a log could not show as one line is no URL. */
static const char *find_problem(const char *text, size_t len)
{
	if (memchr(text, '\0', len))
		return "a NUL byte in the line";
	for (size_t i = 0; i < len; i++) {
		if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f)
			return "a control character in the URL";
	}
	return len ? NULL : "an empty URL";
}

/* A URL that is as good as its text. Globs are left in source->glob to be expanded. */
static void take_text(struct source *source, char *text, size_t len, bool globs, struct request *r)
{
	const char *problem = find_problem(text, len);
	struct error e;

	if (problem) {
		buf_put(&r->url, text, len);
		set_problem(r, problem);
	} else if (!globs || !strpbrk(text, "[]{}\\")) {
		buf_put(&r->url, text, len);
	} else if (glob_new(text, &source->glob, &e)) {
		buf_put(&r->url, text, len);
		set_problem(r, e.text);
	} else {
		bool has_first = glob_next(source->glob, &r->url, &r->globs);
		assert(has_first);
		(void)has_first;
	}
}

/* A row that fills the templates. */
static void take_row(struct source *source, const struct row *row, struct request *r)
{
	const struct source_options *options = &source->options;
	const char *problem;

	row_fill(row, options->templates, options->request, r);
	if (!r->problem.len && (problem = find_problem(r->url.data, r->url.len)))
		set_problem(r, problem);
}

/* False for a line that asks for nothing. */
static bool take_line(struct source *source, char *line, size_t len, struct request *r)
{
	url_text_trim(&line, &len);
	if (!len || *line == '#')
		return false;
	line[len] = '\0';
	if (source->options.templates)
		take_row(source, &(struct row){.text = line, .len = len}, r);
	else if (*line == '{' && source->options.is_urls_only)
		set_problem(r, "a job line, and --urls-only is given");
	else if (*line == '{')
		job_line_take(line, len, source->options.request, r);
	else
		take_text(source, line, len, source->options.globs_lists, r);
	return true;
}

/* A job has members that are not for everybody's eyes. */
static void put_too_long(struct request *r, const char *line, size_t len)
{
	if (line[strspn(line, " \t")] == '{') {
		set_problem(r, "a line over 1 MiB");
	} else {
		url_put_masked(&r->url, line, len); /* the end of a password may be cut off */
		buf_cut(&r->url, SHOWN_BYTES);
		set_problem(r, "a line over 1 MiB, of which this is the beginning");
	}
}

/* Whether the list is no text: it has one problem, and not one a line. */
static bool refuse_encoding(struct source *source, const char *data, size_t len, struct request *r)
{
	const char *problem = url_text_find_encoding(data, len);

	if (!problem)
		return false;
	set_problem(r, problem);
	source->line = 0;
	close_list(source);
	return true;
}

static void set_unreadable(struct request *r)
{
	buf_clear(&r->problem);
	buf_printf(&r->problem, "cannot read the list: %s", strerror(errno));
}

static enum err next_of_list(struct source *source, struct request *r)
{
	char *line;
	size_t len;

	for (;;) {
		enum err e = lines_next(source->lines, &line, &len);

		switch (e) {
		case ERR_NONE:
			if (!source->line++ && refuse_encoding(source, line, len, r))
				return ERR_NONE;
			if (take_line(source, line, len, r))
				return ERR_NONE;
			break;
		case ERR_LIMIT:
			if (!source->line++ && refuse_encoding(source, line, len, r))
				return ERR_NONE;
			if (*line == '#')
				break;
			put_too_long(r, line, len);
			return ERR_NONE;
		case ERR_SYSTEM: set_unreadable(r); return ERR_NONE;
		default: return e;
		}
	}
}

static void begin_record(struct source *source)
{
	csv_init(&source->record);
	if (source->options.csv_delimiter)
		source->record.delimiter = source->options.csv_delimiter;
}

/* False for a record that asks for nothing: an empty line, and the one that names the columns. */
static bool take_record(struct source *source, struct request *r)
{
	struct csv *record = &source->record;
	struct row row = {.text = record->text.data,
	                  .len = record->text.len,
	                  .header = &source->header,
	                  .record = record};
	struct error e = {""};

	if (!record->count)
		return false;
	source->line = record->first_line;
	if (source->has_header) {
		take_row(source, &row, r);
		return true;
	}
	source->has_header = true;
	if (row_templates_check(source->options.templates, record, &e)) {
		set_problem(r, e.text);
		close_list(source);
		return true;
	}
	source->header = *record;
	begin_record(source);
	source->record.lines = source->header.lines;
	return false;
}

static enum err next_of_csv(struct source *source, struct request *r)
{
	for (;;) {
		const char *data;
		size_t len, taken;
		bool is_whole = false;
		enum err e = lines_peek(source->lines, &data, &len);

		switch (e) {
		case ERR_NONE:
			if (!source->record.lines && !source->record.text.len &&
			    refuse_encoding(source, data, len, r))
				return ERR_NONE;
			is_whole = csv_take(&source->record, data, len, &taken);
			lines_consume(source->lines, taken);
			break;
		case ERR_EOF:
			if (!(is_whole = csv_end(&source->record)))
				return e;
			break;
		case ERR_SYSTEM:
			set_unreadable(r);
			close_list(source); /* half a record is no record */
			return ERR_NONE;
		default: return e;
		}
		if (is_whole && take_record(source, r))
			return ERR_NONE;
	}
}

/* Its place is shared by all who have it open, which is one source at a time. */
static int open_copy(int copy)
{
	return lseek(copy, 0, SEEK_SET) < 0 ? -1 : fcntl(copy, F_DUPFD_CLOEXEC, 0);
}

static enum err open_item(struct source *source, struct request *r)
{
	const struct source_options *options = &source->options;
	const struct source_item *item;
	char *copy, *text;
	size_t len;

	if (source->item == options->count)
		return ERR_EOF;
	item = &options->items[source->item++];
	source->file = NULL;
	source->line = 0;
	if (!item->is_list && options->templates) {
		take_row(source, &(struct row){.text = item->text, .len = strlen(item->text)}, r);
		return ERR_NONE;
	}
	if (!item->is_list) {
		text = copy = mem_text(item->text);
		len = strlen(copy);
		url_text_trim(&text, &len);
		text[len] = '\0';
		take_text(source, text, len, options->globs_urls, r);
		free(copy);
		return ERR_NONE;
	}
	source->file = strcmp(item->text, "-") != 0 ? item->text : "stdin";
	source->fd = STDIN_FILENO;
	if (options->copies)
		source->fd = open_copy(options->copies[source->item - 1]);
	else if (source->file == item->text)
		/* Non-blocking, or a FIFO would hold everything up until somebody writes to it. */
		source->fd = open(item->text, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (source->fd < 0) {
		buf_printf(&r->problem, "cannot open the list: %s", strerror(errno));
		return ERR_NONE;
	}
	source->lines = lines_new(source->loop, source->fd, MAX_LINE_BYTES);
	begin_record(source);
	source->has_header = source->has_requests = source->has_hinted = false;
	return ERR_AGAIN;
}

/* The next one before --shard and --unique. */
static enum err next_of_all(struct source *source, struct request *r)
{
	enum err e;

	if (source->glob) {
		if (glob_next(source->glob, &r->url, &r->globs))
			return ERR_NONE;
		glob_free(source->glob);
		source->glob = NULL;
	}
	for (;;) {
		if (source->lines) {
			e = source->options.is_csv ? next_of_csv(source, r)
			                           : next_of_list(source, r);
			source->has_requests |= !e;
			if (e != ERR_EOF)
				return e;
			if (!source->has_requests && !source->options.is_repeated)
				buf_printf(&source->notices, "warning: %s: no URLs in the list\n",
				           source->file);
			close_list(source);
		}
		if ((e = open_item(source, r)) != ERR_AGAIN)
			return e;
	}
}

/* Says why a request cannot be made, before it is begun; of a list, the first time what helps. */
static void check(struct source *source, struct request *r)
{
	const char *hint = NULL;
	struct error e;

	if (!r->problem.len && url_text_check(r->url.data, &e))
		set_problem(r, e.text);
	if (r->problem.len && r->url.len && source->file && !source->options.templates &&
	    !source->has_hinted)
		hint = url_text_hint(r->url.data);
	if (hint) {
		buf_printf(&r->problem, " (%s)", hint);
		source->has_hinted = true;
	}
}

static bool is_in_shard(const struct source *source, const struct request *r)
{
	struct buf host;
	uint64_t share;

	if (!source->options.shards)
		return true;
	buf_init(&host, BUF_UNLIMITED);
	/* What has no host is still somebody's: all shards agree on whose. */
	if (r->problem.len || url_host(r->url.data, &host))
		share = hash_share(r->url.data, r->url.len);
	else
		share = hash_share(host.data, host.len);
	buf_release(&host);
	return share % source->options.shards == source->options.shard - 1;
}

static bool is_new(struct source *source, const struct request *r)
{
	return !source->options.is_unique || r->problem.len ||
	       hash_set_add(&source->seen, request_identity(r));
}

enum err source_next(struct source *source, struct request *ret_request)
{
	struct slice slice = slice_begin();

	for (source->is_turn_over = false;; source->is_turn_over = slice_is_over(&slice)) {
		enum err e;

		if (source->is_turn_over)
			return ERR_AGAIN;
		e = next_of_all(source, ret_request);
		if (e)
			return e;
		if (!ret_request->own)
			ret_request->options = source->options.request;
		check(source, ret_request);
		if (source->options.scheme && !ret_request->problem.len)
			url_put_scheme(&ret_request->url, source->options.scheme);
		if (is_in_shard(source, ret_request) && is_new(source, ret_request))
			break;
		request_recycle(ret_request);
	}
	ret_request->file = source->file;
	ret_request->line = source->line;
	return ERR_NONE;
}

struct job *source_wait(struct source *source)
{
	return source->is_turn_over ? sleep_for(source->loop, 0) : lines_wait(source->lines);
}
