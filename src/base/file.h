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

#endif
