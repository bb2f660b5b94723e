/*
 * Whole files.
 */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/err.h"

/*
 * Appends all of path ("-" is standard input) to ret_data, up to its ceiling. ERR_SYSTEM or
 * ERR_LIMIT with words that name the file.
 */
MUST_USE enum err file_read(const char *path, struct buf *ret_data, struct error *e);

/* Whether path is a file that can be read, and no directory. ERR_SYSTEM with words that name it. */
MUST_USE enum err file_check_readable(const char *path, struct error *e);

/*
 * Copies all of path ("-" is standard input) into a temporary file without a name, in $TMPDIR or
 * /tmp: for what cannot be read twice, or may change. *ret_fd is read and closed by the caller.
 * ERR_SYSTEM with words that name the file.
 */
MUST_USE enum err file_copy(const char *path, int *ret_fd, struct error *e);

/* Writes all of data, waiting where fd does not block, or returns false with errno. */
MUST_USE bool file_write_all(int fd, const void *data, size_t len);

/*
 * Whether all that was written to fd is where it is to be: some file systems, such as NFS and those
 * with quotas, say only when it is closed that there was no room. fd stays open, and locked if it
 * was. False with errno.
 */
MUST_USE bool file_settle(int fd);

/*
 * Whether path is to be written into and never to be replaced: a device, a FIFO, a socket, or an
 * open descriptor of ours, which /dev/stdout and /dev/fd/3 are whatever is behind them. Links are
 * followed.
 */
bool file_is_special(const char *path);

/*
 * Opens such a path for writing; a descriptor shares its position. Waits for the reader of a FIFO.
 * -1 with errno.
 */
int file_open_special(const char *path);

/*
 * Makes data the contents of path: written under a temporary name in the same folder and renamed,
 * so that nobody ever sees half of it. A new file has this mode, less the umask; one that is
 * replaced keeps its own. A symbolic link stays, and what it points to is replaced; what
 * file_is_special() is written into. ERR_SYSTEM with words that name the file.
 */
MUST_USE enum err file_replace(const char *path, mode_t mode, const void *data, size_t len,
                               struct error *e);

/* Whether file_replace() could do that now: says early what would be known late. */
MUST_USE enum err file_check_replaceable(const char *path, struct error *e);

/*
 * Another opening for writing of the pipe or terminal behind fd, through /proc: it is set not to
 * block without a change for those who share fd. -1 where that cannot be, or fd is neither.
 */
int file_open_again(int fd);

#endif
