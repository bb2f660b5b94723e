/*
 * The cookies of a run, which all its transfers share (libcurl keeps them), and how many there may
 * be: libcurl takes any number, and goes through all of them for each that comes. Within transfer/
 * only.
 */
#ifndef TRANSFER_COOKIES_H
#define TRANSFER_COOKIES_H

#include <curl/curl.h>

#include "base/err.h"

struct cookies;

/*
 * Makes the share keep cookies and reads the files (Netscape or header format; "" is none); those
 * that cannot be read are ignored, and so are cookies for all hosts below a public suffix. Borrows
 * the share.
 */
struct cookies *cookies_new(CURLSH *share, const char *const *files, unsigned count);

/* Writes those that have not expired to the file, unless that is NULL; ERR_SYSTEM with words when
 * that fails. NULL is fine.
 */
enum err cookies_free(struct cookies *cookies, const char *jar, struct error *e);

/* A server sets one. From any thread. */
void cookies_note(struct cookies *cookies);

/*
 * When servers have set more than MAX_COOKIES, the domains that have most lose all of their own,
 * until there is room for MAX_COOKIES / 6 new ones. Up to 100 more than MAX_COOKIES may pass
 * unnoticed. From any thread, but not from a callback of libcurl's. Does nothing most of the time.
 * NULL is fine.
 */
void cookies_trim(struct cookies *cookies);

#endif
