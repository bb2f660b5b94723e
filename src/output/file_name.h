/*
 * How files are named: a template that is compiled once, and the name that it gives to a request.
 * Pure: nothing here looks at a disk.
 *
 *   {host}   of the URL: lower case, without port; an IPv6 address without its brackets
 *   {path}   the folders of the URL's path and {name}; empty, "." and ".." folders are left out
 *   {name}   the last segment of the path, percent-decoded; "index.html" where it is empty, "." or
 *            "..". Query and fragment are no part of it
 *   {stem}   {name} up to its last dot that is not its first byte, all of it without one
 *   {ext}    what is behind that dot; an empty one takes a dot of the template before it along
 *   {index}  the request's place in the input, from 0; {index:05} has at least 5 digits
 *   {id}     the request's id, if that is a string or a number; otherwise the index
 *   {hash}   16 hexadecimal digits of request_fingerprint()
 *   #1       what the first glob of the URL stands for, up to #100; where the URL has no such
 *            glob it stays
 *   {{ }} ## a plain brace, a plain '#'; a '#' without a digit behind it is plain too
 *
 * Everything comes from the request itself: what a redirect or an answer says names no file. A
 * request with a name of its own (struct request's output) has that instead of the template's: its
 * components are under the same rules as what variables stand for.
 *
 * A template has two parts. Up to the last '/' before its first variable it is a folder of the
 * user's own, absolute or with ".." as he likes. The rest is a relative name, and no URL can make
 * one of its components
 *   - empty, "." or "..", or begin with a dot: a dot that a variable puts first becomes '_';
 *   - hold a '/', a NUL, a control character (C0, DEL, C1), one that reorders text or is invisible,
 *     or a byte that is not UTF-8: each becomes '_';
 *   - end in ".part", in upper or lower case, as temporary files do: a '_' is put behind it;
 *   - longer than FILE_NAME_COMPONENT_BYTES, which leaves room for ".1234567" and ".part" in the
 *     255 of a file system: it is cut between two characters, and before an extension of up to 32.
 * A name of more than FILE_NAME_MAX_BYTES loses its innermost folders.
 *
 * Not done: names may begin with '-' or '~', hold blanks, quotes, backslashes and colons, and end
 * in a dot or a blank; Windows' own names (con, nul) stay. Two requests may have one name, or two
 * that a file system takes for one (upper and lower case, composed and decomposed letters), or one
 * that is the other's folder: it is the store that opens files exclusively and overwrites none.
 */
#ifndef OUTPUT_FILE_NAME_H
#define OUTPUT_FILE_NAME_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct buf;
struct file_template;
struct request;

enum {
	FILE_NAME_COMPONENT_BYTES = 255 - 8 - 5,
	FILE_NAME_MAX_BYTES = 3000,
};

/* The template of -O, curl's --remote-name. */
#define REMOTE_NAME "{name}"

/*
 * text is copied. ERR_SYNTAX with words that name the column, from 1: an unknown variable, a brace
 * without its other one, a # of no glob, a component of the name that is written as "", "." or
 * "..". The template is only read from then on, from any thread.
 */
MUST_USE enum err file_name_parse(const char *text, struct file_template **ret_template,
                                  struct error *e);

/* NULL is fine. */
void file_name_free(struct file_template *template);

/* The user's own folder with its last '/'; "" when there is none. Borrowed. */
const char *file_name_folder(const struct file_template *template);

/* The name of a template without variables, as it was written: one for all. NULL: it has some. */
const char *file_name_fixed(const struct file_template *template);

/*
 * Appends the request's name, relative to that folder: components with a '/' between them. For any
 * request, also one that cannot be fetched. out has no ceiling. The template is not needed, and may
 * be NULL, for a request with a name of its own.
 */
void file_name_put(struct buf *out, const struct file_template *template,
                   const struct request *request);

/*
 * Appends the name that a Content-Disposition field's value gives (output/disposition.h), as a
 * component under the same rules. False when there is none; nothing was appended then.
 */
bool file_name_put_served(struct buf *out, const char *disposition);

/* Appends name with ".n" behind it: what a file is called whose name is taken. n is at least 1. */
void file_name_number(struct buf *out, const char *name, uint64_t n);

#endif
