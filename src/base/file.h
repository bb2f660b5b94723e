/*
 * Whole files.
 */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include "base/buf.h"
#include "base/err.h"

/*
 * Appends all of path ("-" is standard input) to ret_data, up to its ceiling. ERR_SYSTEM or
 * ERR_LIMIT with words that name the file.
 */
MUST_USE enum err file_read(const char *path, struct buf *ret_data, struct error *e);

/*
 * Copies all of path ("-" is standard input) into a temporary file without a name, in $TMPDIR or
 * /tmp: for what cannot be read twice, or may change. *ret_fd is read and closed by the caller.
 * ERR_SYSTEM with words that name the file.
 */
MUST_USE enum err file_copy(const char *path, int *ret_fd, struct error *e);

#endif
