/*
 * What can be said about a URL without fetching it (RFC 3986, as libcurl's URL API reads it).
 */
#ifndef TRANSFER_URL_H
#define TRANSFER_URL_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"

/*
 * Whether libcurl can read it; a missing scheme is fine. ERR_SYNTAX with words when not;
 * ERR_UNSUPPORTED for a scheme that it does not have.
 */
MUST_USE enum err url_check(const char *url, struct error *e);

/*
 * Whether libcurl can use it as a proxy; a missing scheme is fine. ERR_SYNTAX with words that have
 * no password.
 */
MUST_USE enum err url_check_proxy(const char *url, struct error *e);

/* The host's name in lower case, without port. ERR_SYNTAX as above. */
MUST_USE enum err url_host(const char *url, struct buf *ret_host);

/*
 * The path as the URL has it, percent-encoded, from its '/' on; "/" where it has none. Dot segments
 * are resolved as libcurl does before it asks for it. ERR_SYNTAX as above.
 */
MUST_USE enum err url_path(const char *url, struct buf *ret_path);

/*
 * What target, which may be relative, means where base stands (RFC 3986, 5), without its fragment:
 * a URL that libcurl can read. NULL is base itself, with the scheme that it may lack. URLs that
 * mean the same are more often the same text then. Blanks and bytes beyond ASCII are
 * percent-encoded. ERR_SYNTAX as above.
 */
MUST_USE enum err url_resolve(const char *base, const char *target, struct buf *ret_url,
                              struct error *e);

/* Appends text with all but RFC 3986's unreserved characters percent-encoded. */
void url_put_encoded(struct buf *out, const char *text, size_t len);

/* Appends text with its %XX decoded, %00 too. A '%' without two hexadecimal digits stays. */
void url_put_decoded(struct buf *out, const char *text, size_t len);

/* Where the authority ("user@host:port") begins: behind "scheme://", or at the start. */
const char *url_authority(const char *url, size_t len);

/*
 * Writes scheme before a URL that has none. libcurl agrees: it would take such a URL as having its
 * default scheme.
 */
void url_put_scheme(struct buf *url, const char *scheme);

/* How long the URL is up to the end of its authority: "http://user@host:port". */
size_t url_origin_length(const char *url, size_t len);

/*
 * Appends the origin (RFC 6454, 4) of a URL that has a scheme: "http://name:80", in lower case,
 * without a login. Whatever asks whether two URLs are of one server compares this, and nothing
 * else.
 */
void url_put_origin(struct buf *out, const char *url, size_t len);

/*
 * Appends url with the password of its login replaced by "***"; a name without one is replaced
 * itself, as it may be a token. What is no URL, but looks like one with a login, is masked too; and
 * so are other URLs in it.
 */
void url_put_masked(struct buf *out, const char *url, size_t len);

/* Appends url without its login. */
void url_put_without_login(struct buf *out, const char *url, size_t len);

/* Appends text in which there may be URLs ("scheme://..."), masked as above. */
void url_put_text_masked(struct buf *out, const char *text, size_t len);

#endif
