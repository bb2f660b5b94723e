#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"

static int open_to_read(const char *path)
{
	return strcmp(path, "-") != 0 ? open(path, O_RDONLY | O_CLOEXEC) : STDIN_FILENO;
}

enum err file_read(const char *path, struct buf *ret_data, struct error *e)
{
	int fd = open_to_read(path);
	enum err failed = ERR_NONE;
	char data[16384];
	ssize_t n = -1;

	while (!failed && fd >= 0 && (n = read(fd, data, sizeof(data))) > 0) {
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

static bool write_whole(int fd, const char *data, size_t len)
{
	while (len) {
		ssize_t put = write(fd, data, len);

		if (put < 0 && errno != EINTR)
			return false;
		data += put > 0 ? put : 0;
		len -= put > 0 ? (size_t)put : 0;
	}
	return true;
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
		else if (!write_whole(to, data, (size_t)got))
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
