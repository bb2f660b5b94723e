/*
 * Files of cookies, which libcurl reads without a word about what it cannot use.
 */
#ifndef TRANSFER_COOKIE_FILE_H
#define TRANSFER_COOKIE_FILE_H

#include "base/err.h"

/*
 * Whether cookies can be read from the file at path. ERR_SYSTEM, ERR_LIMIT or ERR_SYNTAX with words
 * that name the file and, where one of its lines is neither a cookie in Netscape's format nor an
 * HTTP header, the line. What is no regular file, such as a pipe, is not looked at, as it could not
 * be read again; "" and "-" are fine.
 */
MUST_USE enum err cookie_file_check(const char *path, struct error *e);

#endif
