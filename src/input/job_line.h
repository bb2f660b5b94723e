/*
 * Job lines: lines of a list that are a JSON object (RFC 8259) and say how to fetch one URL.
 *
 *   url              a string; the only member that must be there. Its globs stay as they are
 *   id, meta         anything: kept as it is written
 *   method           a string: as -X
 *   headers          an object: the value of a header, an array of values, "" (send it empty) or
 *                    null (do not send it). They replace those of -H of the same name
 *   body             a string: as -d, but as it is
 *   json             anything: the body is its JSON, without blanks; Content-Type and Accept are
 *                    application/json unless a header says otherwise
 *   body_file        a string: a regular file, which is the body. It is read with the line
 *   output           a string: the path of the file for the body, below the folder of files
 *   max_time, connect_timeout
 *                    a number of seconds, or a string such as "250ms"
 *   retry            a number
 *   user             a string, "name:password": as -u
 *   depth            a number: how far it is from where it all began
 *
 * All of it is strict: another member, one that comes twice, or one that is not what is written
 * here makes the line one that cannot be used.
 */
#ifndef INPUT_JOB_LINE_H
#define INPUT_JOB_LINE_H

#include <stddef.h>

struct fetch_options;
struct request;

/*
 * Fills in the request, which is initialised or recycled, from a line that begins with '{' and is
 * followed by a NUL. It has options of its own where the job is not fetched like the others, and
 * shared, which are sealed, where it is. A line that cannot be used is its problem, which names the
 * member; url, id and meta are there even so, as far as they are good.
 */
void job_line_take(const char *line, size_t len, const struct fetch_options *shared,
                   struct request *request);

#endif
