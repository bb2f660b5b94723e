#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"

static int open_to_read(const char *path)
{
	return strcmp(path, "-") != 0 ? open(path, O_RDONLY | O_CLOEXEC) : STDIN_FILENO;
}

/* Standard input may have been made non-blocking by others. */
static ssize_t read_some(int fd, char *data, size_t size)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	ssize_t got;

	while ((got = read(fd, data, size)) < 0) {
		if (errno == EAGAIN)
			poll(&p, 1, -1);
		else if (errno != EINTR)
			break;
	}
	return got;
}

enum err file_read(const char *path, struct buf *ret_data, struct error *e)
{
	int fd = open_to_read(path);
	enum err failed = ERR_NONE;
	char data[16384];
	ssize_t n = -1;

	while (!failed && fd >= 0 && (n = read_some(fd, data, sizeof(data))) > 0) {
		if (buf_add(ret_data, data, (size_t)n))
			failed = error_set(e, ERR_LIMIT, "%s: larger than %zu bytes", path,
			                   ret_data->max);
	}
	if (!failed && n < 0)
		failed = error_set(e, ERR_SYSTEM, "%s: %s", path, strerror(errno));
	if (fd > STDIN_FILENO)
		close(fd);
	return failed;
}

static int open_nameless(void)
{
	const char *folder = getenv("TMPDIR");
	char *path = mem_printf("%s/gather-XXXXXX", folder && *folder ? folder : "/tmp");
	int fd = mkostemp(path, O_CLOEXEC);

	if (fd >= 0)
		unlink(path);
	free(path);
	return fd;
}

bool file_write_all(int fd, const void *data, size_t len)
{
	const char *rest = data;

	while (len) {
		ssize_t put = write(fd, rest, len);

		if (put < 0 && errno != EINTR)
			return false;
		rest += put > 0 ? put : 0;
		len -= put > 0 ? (size_t)put : 0;
	}
	return true;
}

bool file_settle(int fd)
{
	int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);

	return copy < 0 || !close(copy);
}

enum err file_copy(const char *path, int *ret_fd, struct error *e)
{
	int from = open_to_read(path), to = -1;
	enum err failed = ERR_NONE;
	char data[16384];
	ssize_t got = 1;

	if (from < 0)
		failed = error_set(e, ERR_SYSTEM, "%s: %s", path, strerror(errno));
	else if ((to = open_nameless()) < 0)
		failed = error_set(e, ERR_SYSTEM, "no temporary file for %s: %s", path,
		                   strerror(errno));
	while (!failed && got > 0) {
		got = read_some(from, data, sizeof(data));
		if (got < 0)
			failed = error_set(e, ERR_SYSTEM, "%s: %s", path, strerror(errno));
		else if (!file_write_all(to, data, (size_t)got))
			failed = error_set(e, ERR_SYSTEM, "the temporary file for %s: %s", path,
			                   strerror(errno));
	}
	if (from > STDIN_FILENO)
		close(from);
	if (!failed)
		*ret_fd = to;
	else if (to >= 0)
		close(to);
	return failed;
}

static enum err cannot_write(const char *path, struct error *e)
{
	return error_set(e, ERR_SYSTEM, "cannot write %s: %s", path, strerror(errno));
}

/* Where path leads, through symbolic links; the caller frees it. */
static char *resolve(const char *path)
{
	char *real = realpath(path, NULL);

	return real ? real : mem_text(path);
}

static bool is_special(const char *path)
{
	struct stat st;

	return !stat(path, &st) && !S_ISREG(st.st_mode);
}

/* What others may not read they may not read when it was replaced. */
static mode_t mode_of(const char *path, mode_t mode)
{
	struct stat st;

	return stat(path, &st) ? mode : st.st_mode & 0666;
}

/* False with errno. */
static bool write_file(const char *path, int flags, mode_t mode, const void *data, size_t len)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC | flags, mode), saved;
	bool is_written;

	if (fd < 0)
		return false;
	is_written = file_write_all(fd, data, len);
	saved = errno;
	/* Some file systems say only now that there was no room. */
	if (close(fd) && is_written)
		return false;
	errno = saved;
	return is_written;
}

enum err file_replace(const char *path, mode_t mode, const void *data, size_t len, struct error *e)
{
	char *target = resolve(path);
	char *temporary = mem_printf("%s.%ld.part", target, (long)getpid());
	enum err failed = ERR_NONE;

	if (is_special(target)) {
		if (!write_file(target, 0, 0, data, len))
			failed = cannot_write(path, e);
	} else {
		unlink(temporary); /* of a process that had our number and was killed */
		if (!write_file(temporary, O_CREAT | O_EXCL, mode_of(target, mode), data, len) ||
		    rename(temporary, target)) {
			failed = cannot_write(path, e);
			unlink(temporary);
		}
	}
	free(temporary);
	free(target);
	return failed;
}

enum err file_check_replaceable(const char *path, struct error *e)
{
	char *target = resolve(path), *name = mem_text(target);
	char *folder = mem_printf("%s/.", dirname(name));
	enum err failed = ERR_NONE;
	struct stat st;

	if (!stat(target, &st) && S_ISDIR(st.st_mode)) {
		errno = EISDIR;
		failed = cannot_write(path, e);
	} else if (access(is_special(target) ? target : folder, W_OK)) {
		failed = cannot_write(path, e);
	}
	free(folder);
	free(name);
	free(target);
	return failed;
}

int file_open_again(int fd)
{
	struct stat st;
	char path[64];

	if (fstat(fd, &st) || (!S_ISFIFO(st.st_mode) && !isatty(fd)))
		return -1;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return open(path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}
