/*
 * The name of a file in a Content-Disposition field (RFC 6266), also in one that breaks its rules
 * as many servers do.
 */
#ifndef OUTPUT_DISPOSITION_H
#define OUTPUT_DISPOSITION_H

struct buf;

/*
 * Puts the last segment of filename*, or else of filename, into ret_name, which is cleared first
 * and has no ceiling; it is empty where there is none. The bytes are the server's: they name no
 * file as they are. Read as they are meant:
 *   filename=a, b=c.csv        an unquoted value goes to the next ';'
 *   filename='a b.txt'         apostrophes are quotes, or one of them is part of the name
 *   filename="C:\dir\a.txt"    a backslash escapes only a quote or a backslash
 *   filename=a.txt             there may be no type before the parameters
 */
void disposition_get_name(struct buf *ret_name, const char *field);

#endif
