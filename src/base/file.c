#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

enum err file_read(const char *path, struct buf *ret_data, struct error *e)
{
	int fd = strcmp(path, "-") != 0 ? open(path, O_RDONLY | O_CLOEXEC) : STDIN_FILENO;
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
