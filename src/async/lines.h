/*
 * Lines of a file, pipe, terminal or socket, as they arrive. Never more than one read ahead.
 */
#ifndef ASYNC_LINES_H
#define ASYNC_LINES_H

#include <stddef.h>

#include "base/err.h"

struct job;
struct lines;
struct loop;

/*
 * fd is borrowed, and is not set to non-blocking (others may share it): it is read only when it has
 * something. max_bytes bounds a line, without its end.
 */
struct lines *lines_new(struct loop *loop, int fd, size_t max_bytes);
void lines_free(struct lines *lines);

/*
 * The next line, without its LF or CRLF; the last one may lack them. It may contain NUL, is
 * followed by one, and is valid until the next call.
 *   ERR_AGAIN   nothing complete has arrived, or 1 MiB has been read since the last wait:
 *               lines_wait(), then ask again
 *   ERR_EOF     the end; stays so
 *   ERR_LIMIT   a line over max_bytes was passed over; *ret_line is that much of it
 *   ERR_SYSTEM  reading failed (errno says why); then ERR_EOF
 */
MUST_USE enum err lines_next(struct lines *lines, char **ret_line, size_t *ret_len);

/*
 * All that has been read and not been given out, at least a byte of it, for those who know better
 * where things end; valid until the next call. ERR_AGAIN, ERR_EOF and ERR_SYSTEM as above.
 */
MUST_USE enum err lines_peek(struct lines *lines, const char **ret_data, size_t *ret_len);

/* So much of that has been used, and is not given out again. */
void lines_consume(struct lines *lines, size_t len);

/* A job that finishes when there is something to read, at the earliest on the next turn. At most
 * one at a time. */
struct job *lines_wait(struct lines *lines);

#endif
