/*
 * A request as a job line: the JSON object that a list may hold instead of a URL (input/job_line.h;
 * gather(1), JOB LINES).
 */
#ifndef OUTPUT_JOB_TEXT_H
#define OUTPUT_JOB_TEXT_H

#include "base/err.h"

struct buf;
struct request;

/*
 * Appends it with its newline: the members that differ from a plain GET. What an option says that
 * is sent as a header is one. ERR_UNSUPPORTED with words, and nothing is appended, where JSON
 * cannot say it: a member that is not UTF-8, or has a NUL.
 */
MUST_USE enum err job_text_put(struct buf *out, const struct request *request, struct error *e);

#endif
