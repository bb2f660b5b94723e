#include "output/store_file.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "async/job.h"
#include "async/offload.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/mem.h"
#include "output/file_name.h"
#include "transfer/result.h"
#include "transfer/sink.h"

enum {
	PIECE_BYTES = 256 * 1024, /* is worth a write */
	MOST_BYTES = 512 * 1024,  /* wait for one, at most */
	MOST_NUMBERS = 100000,    /* of files with one name */
	CODE_UNWRITABLE = 23,     /* CURLE_WRITE_ERROR */
};

struct file {
	struct sink sink; /* first: a sink is its file */
	struct store_place *place;
	char *name;       /* below the folder */
	const char *last; /* of name: behind its folders */
	char *part;       /* the same for the part */

	/* Of an attempt, and of its loop. */
	struct offload_pool *pool;
	struct sink_owner *owner;
	struct result *result; /* from the end on */
	struct buf coming;
	struct job *write; /* NULL: no thread has the file */
	struct job_waiter waiter;
	bool is_full, is_ended, is_failed;

	/* Of the thread that has the file, as long as one has it. */
	struct buf piece;
	bool is_last, is_kept;
	int folder_fd, fd; /* of the part, and where that is; -1: not open */
	uint32_t number;   /* of its name, once it has that */
	int error;         /* an errno; 0: none */
};

/* ---- on a thread ---- */

/* The folder that name is in, made where it is not there. No links: they may lead outside. */
static int open_folder(int fd, const char *name)
{
	const char *slash;
	int at = dup(fd);

	for (; at >= 0 && (slash = strchr(name, '/')); name = slash + 1) {
		char *one = mem_bytes(name, (size_t)(slash - name));
		int next;

		if (mkdirat(at, one, 0777) && errno != EEXIST)
			next = -1;
		else
			next = openat(at, one, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		free(one);
		close(at);
		at = next;
	}
	return at;
}

/* Locked, so that another process does not write to it too. */
static bool open_part(struct file *file)
{
	struct stat opened, there;

	file->folder_fd = open_folder(file->place->fd, file->name);
	if (file->folder_fd < 0)
		return false;
	file->fd = openat(file->folder_fd, file->part,
	                  O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0666);
	if (file->fd < 0)
		return false;
	/* Until it was locked, who had it may have given it its name, or removed it. */
	if (!flock(file->fd, LOCK_EX | LOCK_NB) && !fstat(file->fd, &opened) &&
	    !fstatat(file->folder_fd, file->part, &there, AT_SYMLINK_NOFOLLOW) &&
	    opened.st_ino == there.st_ino && opened.st_dev == there.st_dev &&
	    S_ISREG(opened.st_mode))
		return !ftruncate(file->fd, 0);
	close(file->fd);
	file->fd = -1;
	errno = EBUSY;
	return false;
}

/* Gives the part the name, unless that is there. */
static bool move_part(const struct file *file, const char *name)
{
	int fd = file->folder_fd;

	if (file->place->is_replaced)
		return !renameat(fd, file->part, fd, name);
	if (!renameat2(fd, file->part, fd, name, RENAME_NOREPLACE))
		return true;
	/* Not on every file system. */
	if (errno != EINVAL && errno != ENOSYS)
		return false;
	return !linkat(fd, file->part, fd, name, 0) && !unlinkat(fd, file->part, 0);
}

/* Somebody else may have taken a name that was free when it was given. */
static bool give_name(struct file *file)
{
	struct buf name;
	bool is_done = false;

	buf_init(&name, BUF_UNLIMITED);
	for (file->number = 0; file->number < MOST_NUMBERS; file->number++) {
		buf_clear(&name);
		store_put_name(&name, file->last, file->number);
		is_done = move_part(file, name.data);
		if (is_done || errno != EEXIST)
			break;
	}
	buf_release(&name);
	return is_done;
}

static void close_part(struct file *file)
{
	if (file->fd >= 0 && file->error)
		unlinkat(file->folder_fd, file->part, 0);
	if (file->fd >= 0)
		close(file->fd);
	if (file->folder_fd >= 0)
		close(file->folder_fd);
	file->fd = file->folder_fd = -1;
}

/* Writes the piece, and ends the file if it is the last. */
static int work(void *arg)
{
	struct file *file = arg;

	if (file->is_last && !file->is_kept)
		file->error = ECANCELED;
	if (!file->error && file->fd < 0 && !open_part(file))
		file->error = errno;
	if (!file->error && !file_write_all(file->fd, file->piece.data, file->piece.len))
		file->error = errno;
	if (!file->is_last)
		return 0;
	if (!file->error && !give_name(file))
		file->error = errno;
	close_part(file);
	return 0;
}

/* ---- on the loop ---- */

static void on_written(struct job *job, enum err result, void *arg);

static void send_piece(struct file *file)
{
	struct buf piece = file->piece;

	file->piece = file->coming;
	file->coming = piece;
	file->is_last = file->is_ended;
	file->write = offload(file->pool, work, file);
	job_watch(file->write, &file->waiter, on_written, file);
}

static void fail(struct file *file)
{
	struct result *r = file->result;
	struct buf message;

	if (r->failure)
		return;
	buf_init(&message, BUF_UNLIMITED);
	buf_printf(&message, "cannot write %s%s: %s", file->place->prefix, file->name,
	           file->error == EBUSY ? "somebody else writes it" : strerror(file->error));
	result_fail(r, FAILURE_WRITE, message.data);
	r->exitcode = CODE_UNWRITABLE;
	buf_release(&message);
}

static void finish(struct file *file)
{
	struct buf *name = &file->result->filename;

	if (file->error) {
		fail(file);
	} else {
		buf_put_text(name, file->place->prefix);
		store_put_name(name, file->name, file->number);
	}
	if (file->error == ENOSPC || file->error == EDQUOT)
		atomic_fetch_add(&file->place->full_in_a_row, 1);
	else if (!file->error)
		atomic_store(&file->place->full_in_a_row, 0);
	file->owner->ended(file->owner);
}

static void on_written(struct job *job, enum err result, void *arg)
{
	struct file *file = arg;

	(void)job;
	if (result) /* no thread can be made */
		work(file);
	file->write = NULL;
	buf_clear(&file->piece);
	file->is_failed = file->error != 0;
	if (file->is_last) {
		finish(file);
		return;
	}
	if (file->is_ended || file->coming.len >= PIECE_BYTES)
		send_piece(file);
	if (file->is_full && !file->is_ended) {
		file->is_full = false;
		file->owner->ready(file->owner);
	}
}

/* ---- the sink ---- */

static void file_begin(struct sink *sink, struct offload_pool *pool, struct sink_owner *owner)
{
	struct file *file = (struct file *)sink;

	assert(!file->write);
	file->pool = pool;
	file->owner = owner;
	file->is_full = file->is_ended = file->is_failed = file->is_last = false;
	file->error = 0;
	file->number = 0;
	buf_clear(&file->coming);
}

static enum sink_state file_put(struct sink *sink, const char *data, size_t len)
{
	struct file *file = (struct file *)sink;

	if (file->is_failed)
		return SINK_FAILED;
	if (file->coming.len >= MOST_BYTES) {
		file->is_full = true;
		return SINK_FULL;
	}
	buf_put(&file->coming, data, len);
	if (!file->write && file->coming.len >= PIECE_BYTES)
		send_piece(file);
	return SINK_TOOK;
}

static void file_end(struct sink *sink, struct result *result, bool is_kept)
{
	struct file *file = (struct file *)sink;

	file->is_ended = true;
	file->is_kept = is_kept;
	file->result = result;
	if (!is_kept)
		buf_clear(&file->coming);
	if (file->write)
		return;
	if (is_kept || file->fd >= 0) {
		send_piece(file);
	} else {
		file->error = ECANCELED;
		finish(file);
	}
}

static const struct sink_kind file_kind = {file_begin, file_put, file_end};

struct sink *store_file_new(struct store_place *place, const char *name)
{
	struct file *file = mem_zero(1, sizeof(*file));
	const char *slash = strrchr(name, '/');

	file->sink.kind = &file_kind;
	file->place = place;
	file->name = mem_text(name);
	file->last = slash ? file->name + (slash + 1 - name) : file->name;
	file->part = mem_printf("%s.part", file->last);
	file->fd = file->folder_fd = -1;
	buf_init(&file->coming, BUF_UNLIMITED);
	buf_init(&file->piece, BUF_UNLIMITED);
	return &file->sink;
}

void store_file_free(struct sink *sink)
{
	struct file *file = (struct file *)sink;

	buf_release(&file->coming);
	buf_release(&file->piece);
	free(file->name);
	free(file->part);
	free(file);
}

void store_put_name(struct buf *out, const char *name, uint32_t number)
{
	if (number)
		file_name_number(out, name, number);
	else
		buf_put_text(out, name);
}
