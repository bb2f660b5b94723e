#include "output/store_file.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "async/job.h"
#include "async/offload.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/mem.h"
#include "output/file_name.h"
#include "output/store_target.h"
#include "transfer/options.h"
#include "transfer/result.h"
#include "transfer/sink.h"

enum {
	PIECE_BYTES = 64 * 1024, /* is worth a write */
	MOST_BYTES = 512 * 1024, /* wait for one: then it is full */
	MOST_NUMBERS = 100000,   /* of files with one name */
	CODE_UNWRITABLE = 23,    /* CURLE_WRITE_ERROR */
	NOTE_BYTES = 33 + SINK_VALIDATOR,
};

static const char NOTE[] = "user.gather.part";

struct file {
	struct sink sink; /* first: a sink is its file */
	struct store_place *place;
	struct store_target *target; /* NULL: the file is its own */
	struct store_turn turn;      /* to write into it */
	struct hash request;         /* its fingerprint; not taken where nothing is continued */
	char *name;                  /* below the folder; an attempt may change it */
	const char *last;            /* of name: behind its folders */
	char *part;                  /* the same for the part */
	bool is_served;              /* the name is the server's choice: it replaces nothing */

	/* Of an attempt, and of its loop. */
	struct offload_pool *pool;
	struct sink_owner *owner;
	struct result *result; /* from the end on */
	struct buf coming;
	struct job *write; /* NULL: no thread has the file */
	struct job_waiter waiter;
	bool is_full, is_started, is_ended, is_failed;

	/* Of the thread that has the file, as long as one has it. So is the sink's wanted_from. */
	struct buf piece;
	bool is_last;
	enum sink_end end;
	int64_t from, size; /* of the part: where it goes on, and how far it is */
	int folder_fd, fd;  /* of the part or the target, and where a part is; -1: not open */
	uint32_t number;    /* of its name, once it has that */
	int error;          /* an errno; 0: none */
};

/* ---- on a thread ---- */

/* Whether name, which is there, is neither a directory nor a link. */
static bool is_file(int fd, const char *name)
{
	struct stat status;

	return !fstatat(fd, name, &status, AT_SYMLINK_NOFOLLOW) && !S_ISDIR(status.st_mode) &&
	       !S_ISLNK(status.st_mode);
}

/*
 * Opens the directory in fd that is called name, or name.1 where a file has that name, and so on;
 * it is made where it is not there. Not a link, which may lead outside. Appends its name to path.
 */
static int open_directory(int fd, const char *name, struct buf *path)
{
	size_t start = path->len;

	for (uint32_t number = 0; number < MOST_NUMBERS; number++) {
		const char *numbered;
		int directory;

		buf_cut(path, start);
		store_put_name(path, name, number);
		numbered = path->data + start;
		if (mkdirat(fd, numbered, 0777) && errno != EEXIST)
			return -1;
		directory = openat(fd, numbered, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (directory >= 0 || errno != ENOTDIR || !is_file(fd, numbered))
			return directory;
	}
	return -1;
}

/*
 * Opens the folder that the file is in: that of the place itself, or one to be closed. What the
 * store knew of when it gave names is not in the way; a name of a server's or another process may
 * be, and then the file is in another folder.
 */
static int open_folder(struct file *file)
{
	const char *name = file->name, *slash;
	int at = file->place->fd;
	struct buf path;
	size_t len;

	buf_init(&path, BUF_UNLIMITED);
	for (; at >= 0 && (slash = strchr(name, '/')); name = slash + 1) {
		char *one = mem_bytes(name, (size_t)(slash - name));
		int next = open_directory(at, one, &path);

		buf_put_byte(&path, '/');
		free(one);
		if (at != file->place->fd)
			close(at);
		at = next;
	}
	len = path.len;
	buf_put_text(&path, name);
	if (at >= 0) {
		free(file->name);
		file->name = buf_take(&path, &(size_t){0});
		file->last = file->name + len;
	}
	buf_release(&path);
	return at;
}

/*
 * What a part is of, for the next run: an extended attribute, which a part has with it from its
 * first byte on and whatever becomes of gather. A file system without them has parts that are
 * begun anew.
 */
static void put_note(char note[NOTE_BYTES], struct hash request, const char *validator)
{
	snprintf(note, NOTE_BYTES, "%016llx%016llx %s", (unsigned long long)request.high,
	         (unsigned long long)request.low, validator);
}

static void write_note(const struct file *file, bool has_old)
{
	char note[NOTE_BYTES];

	put_note(note, file->request, file->sink.validator);
	if (*file->sink.validator)
		(void)fsetxattr(file->fd, NOTE, note, strlen(note), 0);
	else if (has_old)
		(void)fremovexattr(file->fd, NOTE);
}

/* A part that goes on has the byte before that too: see end_part(). */
static bool set_begin(struct file *file, const struct stat *opened)
{
	file->size = file->from;
	if (file->from && opened->st_size != file->from + 1) {
		errno = EBUSY;
		return false;
	}
	/* A new one is left as it is: ext4 writes a file that was cut to nothing when it is closed.
	 */
	if (opened->st_size &&
	    (ftruncate(file->fd, file->from) || lseek(file->fd, file->from, SEEK_SET) < 0))
		return false;
	if (!file->from)
		write_note(file, opened->st_size > 0);
	return true;
}

/* A part is locked, so that another process does not write to it too. */
static bool open_part(struct file *file)
{
	struct stat opened, there;

	if (file->target) {
		file->fd = store_target_fd(file->target);
		return true;
	}
	file->folder_fd = open_folder(file);
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
		return set_begin(file, &opened);
	close(file->fd);
	file->fd = -1;
	errno = EBUSY;
	return false;
}

/* Gives the part the name, unless that is there. */
static bool move_part(const struct file *file, const char *name)
{
	int fd = file->folder_fd;

	if (file->place->is_replaced && !file->is_served)
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

/*
 * Gives a whole file its name, leaves one that can be continued, and removes any other. To be
 * continued from its last byte, not behind it: of a body that was all there, only not known to be,
 * a server has nothing more to give.
 */
static void end_part(struct file *file)
{
	bool is_named = false, is_left = false;

	if (file->target) {
		file->fd = -1; /* it stays open for the others */
		return;
	}
	if (!file->error && file->end == SINK_KEEP && !file_settle(file->fd))
		file->error = errno;
	if (!file->error && file->end == SINK_KEEP) {
		if (*file->sink.validator)
			(void)fremovexattr(file->fd, NOTE);
		is_named = give_name(file);
		file->error = is_named ? 0 : errno;
	} else if (!file->error && file->end == SINK_BREAK) {
		is_left = file->size > 1;
	}
	file->sink.wanted_from = is_left ? file->size - 1 : 0;
	if (file->fd >= 0 && !is_named && !is_left)
		unlinkat(file->folder_fd, file->part, 0);
	if (file->fd >= 0)
		close(file->fd);
	if (file->folder_fd >= 0 && file->folder_fd != file->place->fd)
		close(file->folder_fd);
	file->fd = file->folder_fd = -1;
}

/* Writes the piece, and ends the file if it is the last. */
static int work(void *arg)
{
	struct file *file = arg;

	if (!file->error && file->fd < 0 && !open_part(file))
		file->error = errno;
	if (!file->error && !file_write_all(file->fd, file->piece.data, file->piece.len))
		file->error = errno;
	file->size += (int64_t)file->piece.len;
	if (file->is_last)
		end_part(file);
	return 0;
}

/* ---- on the loop ---- */

static void on_written(struct job *job, enum err result, void *arg);

static void on_turn(struct job *job, enum err result, void *arg);

static void send_piece(struct file *file)
{
	struct buf piece = file->piece;

	if (file->target)
		file->write = store_turn_take(file->target, &file->turn, file->pool);
	if (file->write) {
		job_watch(file->write, &file->waiter, on_turn, file);
		return;
	}
	file->piece = file->coming;
	file->coming = piece;
	file->is_last = file->is_ended;
	file->write = offload(file->pool, work, file);
	job_watch(file->write, &file->waiter, on_written, file);
}

static void on_turn(struct job *job, enum err result, void *arg)
{
	struct file *file = arg;

	(void)job;
	(void)result;
	file->write = NULL;
	send_piece(file);
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

	if (file->target)
		store_turn_give(file->target, &file->turn);
	if (file->error) {
		fail(file);
	} else if (file->end == SINK_KEEP) {
		buf_put_text(name, file->place->prefix);
		store_put_name(name, file->name, file->number);
	}
	if (file->error == ENOSPC || file->error == EDQUOT)
		atomic_fetch_add(&file->place->full_in_a_row, 1);
	else if (!file->error && file->end == SINK_KEEP)
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
	buf_recycle(&file->piece, MOST_BYTES);
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
	file->is_full = file->is_started = file->is_ended = file->is_failed = false;
	file->is_last = false;
	file->from = 0;
	file->error = 0;
	file->number = 0;
	buf_clear(&file->coming);
}

/* The server's name in the place of the last component. The part stays where it is. */
static void rename_as_served(struct file *file, const char *disposition)
{
	struct buf name;
	size_t folders = (size_t)(file->last - file->name), len;

	buf_init(&name, BUF_UNLIMITED);
	buf_put(&name, file->name, folders);
	if (file_name_put_served(&name, disposition)) {
		free(file->name);
		file->name = buf_take(&name, &len);
		file->last = file->name + folders;
		file->is_served = true;
	}
	buf_release(&name);
}

static void file_start(struct sink *sink, const struct sink_body *body)
{
	struct file *file = (struct file *)sink;
	size_t len = body->validator ? strlen(body->validator) : 0;

	file->is_started = true;
	file->from = body->from;
	if (body->disposition && !file->target)
		rename_as_served(file, body->disposition);
	if (body->from)
		return;
	if (len >= SINK_VALIDATOR)
		len = 0;
	if (len)
		memcpy(sink->validator, body->validator, len);
	sink->validator[len] = '\0';
}

static enum sink_state file_put(struct sink *sink, const char *data, size_t len)
{
	struct file *file = (struct file *)sink;

	if (file->is_failed)
		return SINK_FAILED;
	buf_put(&file->coming, data, len);
	if (!file->write && file->coming.len >= PIECE_BYTES)
		send_piece(file);
	file->is_full = file->coming.len >= MOST_BYTES;
	return file->is_full ? SINK_FULL : SINK_TOOK;
}

static void file_end(struct sink *sink, struct result *result, enum sink_end end)
{
	struct file *file = (struct file *)sink;
	bool is_nothing = end == SINK_BREAK && !file->is_started;

	if (end == SINK_BREAK && !*sink->validator)
		end = SINK_DISCARD;
	file->is_ended = true;
	file->end = end;
	file->result = result;
	if (end == SINK_DISCARD)
		buf_clear(&file->coming);
	if (file->write)
		return;
	if (is_nothing || (end == SINK_DISCARD && file->fd < 0 && !sink->wanted_from))
		finish(file);
	else
		send_piece(file);
}

static const struct sink_kind file_kind = {file_begin, file_start, file_put, file_end};

/* A part that an earlier run has left of this request's body. */
static void find_part(struct file *file)
{
	char *path = mem_printf("%.*s%s", (int)(file->last - file->name), file->name, file->part);
	char expected[NOTE_BYTES], note[NOTE_BYTES];
	int fd = openat(file->place->fd, path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct stat status;
	ssize_t len;

	free(path);
	if (fd < 0)
		return;
	len = fgetxattr(fd, NOTE, note, NOTE_BYTES - 1);
	if (len > 0 && !fstat(fd, &status) && status.st_size > 1) {
		note[len] = '\0';
		put_note(expected, file->request, "");
		if (!strncmp(note, expected, strlen(expected)) && !strpbrk(note, "\r\n")) {
			file->sink.wanted_from = status.st_size - 1;
			memcpy(file->sink.validator, note + strlen(expected),
			       strlen(note + strlen(expected)) + 1);
		}
	}
	close(fd);
}

struct sink *store_file_new(struct store_place *place, const char *name,
                            struct store_target *target, const struct request *request)
{
	struct file *file = mem_zero(1, sizeof(*file));
	const char *slash = strrchr(name, '/');

	file->sink.kind = &file_kind;
	file->place = place;
	file->target = target;
	file->name = mem_text(name);
	file->last = slash ? file->name + (slash + 1 - name) : file->name;
	file->part = mem_printf("%s.part", file->last);
	file->fd = file->folder_fd = -1;
	buf_init(&file->coming, BUF_UNLIMITED);
	buf_init(&file->piece, BUF_UNLIMITED);
	if (request->options->continues && !target) {
		file->request = request_fingerprint(request);
		find_part(file);
	}
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
