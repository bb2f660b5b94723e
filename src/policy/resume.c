#include "policy/resume.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json_read.h"
#include "base/mem.h"

/* How each line begins: {"fingerprint":"<32 hex digits>","ok":true */
static const char before[] = "{\"fingerprint\":\"", between[] = "\",\"ok\":";
enum {
	HEX = 32,
	BEFORE = sizeof(before) - 1,
	BETWEEN = sizeof(between) - 1,
	START_BYTES = BEFORE + HEX + BETWEEN + 1, /* up to the t of true */
	READ_BYTES = 1 << 20,
};

struct resume {
	int fd;
	struct hash_bag done;
	uint64_t done_count; /* when it was opened */
	bool is_asked, has_match;
	int64_t cut_bytes;
};

/* A log that is being read: the line at its end, of which only the start matters. */
struct reading {
	const char *path;
	uint64_t line;      /* from 1 */
	int64_t line_bytes; /* of it, so far */
	int64_t text_bytes; /* the same without NULs at its end */
	char start[START_BYTES];
};

static bool parse_hex(const char *text, uint64_t *ret_number)
{
	*ret_number = 0;
	for (int i = 0; i < HEX / 2; i++) {
		static const char digits[] = "0123456789abcdef";
		const char *digit = memchr(digits, text[i], 16);

		if (!digit)
			return false;
		*ret_number = *ret_number << 4 | (uint64_t)(digit - digits);
	}
	return true;
}

static enum err refuse_line(const struct reading *reading, struct error *e)
{
	return error_set(e, ERR_SYNTAX, "%s:%llu: not a line that --resume has written",
	                 reading->path, (unsigned long long)reading->line);
}

static enum err take_line(struct resume *resume, const struct reading *reading, struct error *e)
{
	const char *start = reading->start;
	struct hash h;

	if (reading->line_bytes < START_BYTES || memcmp(start, before, BEFORE) != 0 ||
	    !parse_hex(start + BEFORE, &h.high) || !parse_hex(start + BEFORE + HEX / 2, &h.low) ||
	    memcmp(start + BEFORE + HEX, between, BETWEEN) != 0)
		return refuse_line(reading, e);
	if (start[START_BYTES - 1] == 't') {
		hash_bag_add(&resume->done, h);
		resume->done_count++;
	}
	return ERR_NONE;
}

/* len more bytes of the current line. */
static void take_part(struct reading *reading, const char *data, size_t len)
{
	if (reading->line_bytes < START_BYTES) {
		size_t room = (size_t)(START_BYTES - reading->line_bytes);
		memcpy(reading->start + reading->line_bytes, data, len < room ? len : room);
	}
	for (size_t end = len; end; end--) {
		if (data[end - 1]) {
			reading->text_bytes = reading->line_bytes + (int64_t)end;
			break;
		}
	}
	reading->line_bytes += (int64_t)len;
}

static void start_line(struct reading *reading)
{
	reading->line++;
	reading->line_bytes = reading->text_bytes = 0;
}

static enum err take_block(struct resume *resume, struct reading *reading, const char *data,
                           size_t len, struct error *e)
{
	const char *end = data + len, *newline;
	enum err failed = ERR_NONE;

	while (!failed && (newline = memchr(data, '\n', (size_t)(end - data)))) {
		take_part(reading, data, (size_t)(newline - data));
		failed = take_line(resume, reading, e);
		start_line(reading);
		data = newline + 1;
	}
	take_part(reading, data, (size_t)(end - data));
	return failed;
}

/* Whether len bytes at offset are a whole result. A torn one lacks its last brace at least. */
static bool is_whole(const struct resume *resume, off_t offset, size_t len)
{
	char *text = mem_alloc(len);
	bool is_read = pread(resume->fd, text, len, offset) == (ssize_t)len;
	struct cJSON *value = is_read ? json_parse(text, len, NULL) : NULL;

	json_free(value);
	free(text);
	return value;
}

/*
 * What is behind the last newline: what a crash has left of a line, or all of it but the newline.
 * After a power loss a block of NULs may stand for what was written last, since a file system can
 * record the new length of a file before its data.
 */
static enum err settle_tail(struct resume *resume, struct reading *reading, off_t size,
                            struct error *e)
{
	size_t len = (size_t)reading->text_bytes, start = len < BEFORE ? len : BEFORE;
	off_t offset = size - reading->line_bytes;

	/* What does not even begin like a result was not torn off one; a file of NULs is no log. */
	if (memcmp(reading->start, before, start) != 0 || (!len && reading->line == 1))
		return refuse_line(reading, e);
	if (len && is_whole(resume, offset, len)) {
		if (ftruncate(resume->fd, offset + reading->text_bytes) ||
		    write(resume->fd, "\n", 1) != 1)
			return error_set(e, ERR_SYSTEM, "cannot write %s: %s", reading->path,
			                 strerror(errno));
		return take_line(resume, reading, e);
	}
	resume->cut_bytes = reading->line_bytes;
	if (ftruncate(resume->fd, offset))
		return error_set(e, ERR_SYSTEM, "cannot cut %s: %s", reading->path,
		                 strerror(errno));
	return ERR_NONE;
}

static enum err read_all(struct resume *resume, const char *path, resume_stop_fn *stop, void *arg,
                         struct error *e)
{
	bool is_stopped = false;
	struct reading reading = {.path = path, .line = 1};
	char *block = mem_alloc(READ_BYTES);
	enum err failed = ERR_NONE;
	off_t size = 0;
	ssize_t len = 0;

	while (!failed && !is_stopped && (len = read(resume->fd, block, READ_BYTES)) > 0) {
		failed = take_block(resume, &reading, block, (size_t)len, e);
		size += len;
		is_stopped = stop && stop(arg);
	}
	free(block);
	if (!failed && len < 0)
		failed = error_set(e, ERR_SYSTEM, "cannot read %s: %s", path, strerror(errno));
	return failed || is_stopped || !reading.line_bytes ? failed
	                                                   : settle_tail(resume, &reading, size, e);
}

static enum err open_log(struct resume *resume, const char *path, resume_stop_fn *stop, void *arg,
                         struct error *e)
{
	struct stat status;

	if (file_is_special(path))
		return error_set(e, ERR_SYNTAX, "%s is not a regular file", path);
	/* What a body says can be guessed with the fingerprint of its request. */
	resume->fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (resume->fd < 0)
		return error_set(e, ERR_SYSTEM, "cannot open %s: %s", path, strerror(errno));
	if (fstat(resume->fd, &status) || !S_ISREG(status.st_mode))
		return error_set(e, ERR_SYNTAX, "%s is not a regular file", path);
	if (flock(resume->fd, LOCK_EX | LOCK_NB))
		return error_set(e, ERR_SYSTEM,
		                 errno == EWOULDBLOCK ? "another gather is using %s"
		                                      : "cannot lock %s",
		                 path);
	return read_all(resume, path, stop, arg, e);
}

struct resume *resume_open(const char *path, resume_stop_fn *stop, void *arg, struct error *e)
{
	struct resume *resume = mem_zero(1, sizeof(*resume));

	if (!open_log(resume, path, stop, arg, e))
		return resume;
	resume_close(resume);
	return NULL;
}

void resume_close(struct resume *resume)
{
	if (!resume)
		return;
	if (resume->fd >= 0)
		close(resume->fd);
	hash_bag_release(&resume->done);
	free(resume);
}

int resume_fd(const struct resume *resume)
{
	return resume->fd;
}

int64_t resume_cut_bytes(const struct resume *resume)
{
	return resume->cut_bytes;
}

bool resume_is_removed(const struct resume *resume)
{
	struct stat status;

	return !fstat(resume->fd, &status) && !status.st_nlink;
}

bool resume_is_done(struct resume *resume, struct hash fingerprint)
{
	bool is_done = hash_bag_take(&resume->done, fingerprint);

	resume->is_asked = true;
	resume->has_match |= is_done;
	return is_done;
}

uint64_t resume_count_unmatched(const struct resume *resume)
{
	return resume->is_asked && !resume->has_match ? resume->done_count : 0;
}
