#include "input/count.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "input/csv.h"
#include "input/glob.h"
#include "input/row.h"
#include "input/source.h"
#include "input/url_text.h"

/* What a line has been so far. */
enum so_far { BLANK, RETURN, COMMENT, REQUEST };

struct counter {
	enum so_far line;
	uint64_t requests;
};

static enum so_far judge(enum so_far line, char c)
{
	if (line == RETURN)
		return REQUEST; /* one that cannot be used */
	switch (c) {
	case ' ':
	case '\t': return BLANK;
	case '\r': return RETURN;
	case '#': return COMMENT;
	default: return REQUEST;
	}
}

static void end_line(struct counter *counter)
{
	counter->requests += counter->line == REQUEST;
	counter->line = BLANK;
}

/* As input/source.c reads a list. */
static void count_piece(struct counter *counter, const char *data, size_t len)
{
	const char *end = data + len;

	while (data < end) {
		if (*data == '\n') {
			end_line(counter);
		} else if (counter->line == COMMENT || counter->line == REQUEST) {
			data = memchr(data, '\n', (size_t)(end - data));
			if (!data)
				return;
			continue;
		} else {
			counter->line = judge(counter->line, *data);
		}
		data++;
	}
}

/* A record of a CSV list has ended. False: the list cannot be used. */
static bool count_record(const struct row_templates *templates, const struct csv *csv,
                         bool *has_header, uint64_t *count)
{
	if (!csv->count)
		return true;
	*count += *has_header;
	if (*has_header)
		return true;
	*has_header = true;
	if (!row_templates_check(templates, csv, NULL))
		return true;
	*count += 1; /* which says so */
	return false;
}

static void count_csv_file(int fd, const struct source_options *options, uint64_t *count)
{
	bool has_header = false, is_usable = true;
	char data[65536];
	struct csv csv;
	off_t at = 0;
	ssize_t n;

	csv_init(&csv);
	if (options->csv_delimiter)
		csv.delimiter = options->csv_delimiter;
	while (is_usable && (n = pread(fd, data, sizeof(data), at)) > 0) {
		size_t taken = 0, more;

		for (; is_usable && taken < (size_t)n; taken += more) {
			if (csv_take(&csv, data + taken, (size_t)n - taken, &more))
				is_usable =
					count_record(options->templates, &csv, &has_header, count);
		}
		at += n;
	}
	if (is_usable && csv_end(&csv))
		count_record(options->templates, &csv, &has_header, count);
	csv_release(&csv);
}

/* What is no text is one failure. */
static bool is_encoded(int fd)
{
	char data[8];
	ssize_t n = pread(fd, data, sizeof(data), 0);

	return n > 0 && url_text_find_encoding(data, (size_t)n);
}

static void count_file(int fd, uint64_t *count)
{
	struct counter counter = {BLANK, 0};
	char data[65536];
	off_t at = 0;
	ssize_t n;

	while ((n = pread(fd, data, sizeof(data), at)) > 0) {
		bool has_mark = !at && n >= 3 && !memcmp(data, "\xef\xbb\xbf", 3);

		count_piece(&counter, data + 3 * has_mark, (size_t)n - 3 * has_mark);
		at += n;
	}
	end_line(&counter);
	*count += counter.requests;
}

/* A list that is open already, or -1 and its name. */
static bool count_list(const struct source_options *options, int open_fd, const char *name,
                       int64_t *room_bytes, uint64_t *count)
{
	bool is_counted = false;
	int fd = open_fd;
	struct stat st;

	if (fd < 0)
		fd = open(name, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0) {
		*count += 1; /* which says so */
		return true;
	}
	if (!fstat(fd, &st) && S_ISREG(st.st_mode) && st.st_size <= *room_bytes) {
		*room_bytes -= st.st_size;
		if (is_encoded(fd))
			*count += 1;
		else if (options->is_csv)
			count_csv_file(fd, options, count);
		else
			count_file(fd, count);
		is_counted = true;
	}
	if (fd != open_fd)
		close(fd);
	return is_counted;
}

static uint64_t count_url(const char *text, bool has_globs)
{
	struct glob *glob;
	uint64_t count;

	if (!has_globs || glob_new(text, &glob, NULL))
		return 1;
	count = glob_count(glob);
	glob_free(glob);
	return count;
}

bool count_requests(const struct source_options *options, uint64_t *ret_count)
{
	int64_t room_bytes = COUNT_MOST_BYTES;
	bool globs_lists = options->globs_lists && !options->templates;
	uint64_t count = 0;

	if (options->is_unique || options->shards)
		return false;
	for (size_t i = 0; i < options->count; i++) {
		const struct source_item *item = &options->items[i];
		int fd = options->copies ? options->copies[i] : -1;

		if (fd < 0 && !strcmp(item->text, "-"))
			fd = STDIN_FILENO;
		if (!item->is_list)
			count += count_url(item->text, options->globs_urls && !options->templates);
		else if (globs_lists || !count_list(options, fd, item->text, &room_bytes, &count))
			return false;
	}
	*ret_count = count;
	return true;
}
