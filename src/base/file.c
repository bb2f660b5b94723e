#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/units.h"

enum { MOST_LINKS = 40 }; /* of a path, as in the kernel */

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

/* Without opening it, which would take the data of a pipe. */
enum err file_check_readable(const char *path, struct error *e)
{
	struct stat status;

	if (stat(path, &status) || access(path, R_OK))
		return error_set(e, ERR_SYSTEM, "%s: %s", path, strerror(errno));
	return S_ISDIR(status.st_mode) ? error_set(e, ERR_SYSTEM, "%s: is a directory", path)
	                               : ERR_NONE;
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
		struct pollfd p = {.fd = fd, .events = POLLOUT};
		ssize_t put = write(fd, rest, len);

		if (put < 0 && errno == EAGAIN)
			poll(&p, 1, -1);
		else if (put < 0 && errno != EINTR)
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

/* ---- what is no regular file ---- */

/* The directory that path is in, without links; NULL when there is none. The caller frees it. */
static char *real_directory(const char *path)
{
	const char *slash = strrchr(path, '/');
	char *named = slash ? mem_bytes(path, (size_t)(slash + 1 - path)) : mem_text(".");
	char *real = realpath(named, NULL);

	free(named);
	return real;
}

/* The path that a link in directory leads to, which the caller frees; NULL: path is no link. */
static char *follow_link(const char *directory, const char *path)
{
	char text[PATH_MAX];
	ssize_t len = readlink(path, text, sizeof(text) - 1);

	if (len < 0)
		return NULL;
	text[len] = '\0';
	return *text == '/' ? mem_text(text) : mem_printf("%s/%s", directory, text);
}

/* N of /proc/self/fd/N, which the path is or leads to; -1: it does not. */
static int find_descriptor(const char *path)
{
	char *at = mem_text(path), *ours = realpath("/proc/self/fd", NULL);
	int found = -1;

	for (int links = 0; at && ours && found < 0 && links < MOST_LINKS; links++) {
		const char *slash = strrchr(at, '/'), *last = slash ? slash + 1 : at;
		char *directory = real_directory(at), *next = NULL;
		uint64_t number;

		if (directory && !strcmp(directory, ours) &&
		    !units_parse_uint(last, 0, INT_MAX, &number))
			found = (int)number;
		else if (directory)
			next = follow_link(directory, at);
		free(directory);
		free(at);
		at = next;
	}
	free(at);
	free(ours);
	return found;
}

/* One that gather was started with: those that it has opened itself end with it. */
static bool is_inherited(int fd)
{
	int flags = fcntl(fd, F_GETFD);

	if (flags >= 0 && flags & FD_CLOEXEC)
		errno = EBADF;
	return flags >= 0 && !(flags & FD_CLOEXEC);
}

static int connect_to(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	if (strlen(path) < sizeof(address.sun_path)) {
		memcpy(address.sun_path, path, strlen(path) + 1);
		if (!connect(fd, (const struct sockaddr *)&address, sizeof(address)))
			return fd;
	} else {
		errno = ENAMETOOLONG;
	}
	close(fd);
	return -1;
}

bool file_is_special(const char *path)
{
	struct stat st;

	if (find_descriptor(path) >= 0)
		return true;
	return !stat(path, &st) && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode);
}

int file_open_special(const char *path)
{
	int fd = find_descriptor(path);
	struct stat st;

	if (fd >= 0)
		return is_inherited(fd) ? fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1) : -1;
	if (!stat(path, &st) && S_ISSOCK(st.st_mode))
		return connect_to(path);
	return open(path, O_WRONLY | O_NOCTTY | O_CLOEXEC);
}

static bool can_write_special(const char *path)
{
	int fd = find_descriptor(path), flags;

	if (fd < 0)
		return !access(path, W_OK);
	flags = is_inherited(fd) ? fcntl(fd, F_GETFL) : -1;
	if (flags >= 0 && (flags & O_ACCMODE) == O_RDONLY)
		errno = EBADF;
	return flags >= 0 && (flags & O_ACCMODE) != O_RDONLY;
}

/* ---- whole files ---- */

/* What others may not read they may not read when it was replaced. */
static mode_t mode_of(const char *path, mode_t mode)
{
	struct stat st;

	return stat(path, &st) ? mode : st.st_mode & 0666;
}

/* Closes fd. False with errno, also when it is -1. */
static bool write_and_close(int fd, const void *data, size_t len)
{
	bool is_written;
	int saved;

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
	enum err failed = ERR_NONE;
	char *target, *temporary;
	int fd;

	if (file_is_special(path))
		return write_and_close(file_open_special(path), data, len) ? ERR_NONE
		                                                           : cannot_write(path, e);
	target = resolve(path);
	temporary = mem_printf("%s.%ld.part", target, (long)getpid());
	unlink(temporary); /* of a process that had our number and was killed */
	fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode_of(target, mode));
	if (!write_and_close(fd, data, len) || rename(temporary, target)) {
		failed = cannot_write(path, e);
		unlink(temporary);
	}
	free(temporary);
	free(target);
	return failed;
}

enum err file_check_replaceable(const char *path, struct error *e)
{
	enum err failed = ERR_NONE;
	char *target, *name, *folder;
	struct stat st;

	if (file_is_special(path))
		return can_write_special(path) ? ERR_NONE : cannot_write(path, e);
	target = resolve(path);
	name = mem_text(target);
	folder = mem_printf("%s/.", dirname(name));
	if (!stat(target, &st) && S_ISDIR(st.st_mode)) {
		errno = EISDIR;
		failed = cannot_write(path, e);
	} else if (access(folder, W_OK)) {
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
