/*
 * Decodes a body from its Content-Encoding (RFC 9110, 8.4.1; gzip: RFC 1952, deflate: RFC 1950,
 * which some servers send without its header, br: RFC 7932), or from a Transfer-Encoding. libcurl
 * would take the first member of a gzip for all of it, and a part of a body for the whole.
 * Within transfer/ only.
 */
#ifndef TRANSFER_DECODER_H
#define TRANSFER_DECODER_H

#include <stdbool.h>
#include <stddef.h>

#include "transfer/failures.h"

/* What bodies are asked for in where any coding will do, as in Accept-Encoding. */
#define DECODER_CODINGS "deflate, gzip, br"

enum coding {
	CODING_NONE,
	CODING_GZIP,
	CODING_DEFLATE,
	CODING_BROTLI,
	CODING_UNKNOWN,
};

/* By its name in a header: "gzip", "x-gzip", ... in upper or lower case. */
enum coding coding_named(const char *name, size_t len);

struct decoder;

/* For one body, in a coding that is known. */
struct decoder *decoder_new(enum coding coding);

/* NULL is fine. */
void decoder_free(struct decoder *decoder);

/* Takes a decoded piece. Other than NOT_STOPPED: no more. */
typedef enum stop decoder_take_fn(void *arg, const char *data, size_t len);

/* Decodes the next piece of the body. NOT_STOPPED, or what take returned, or what is wrong with the
 * body; the decoder is of no more use then. */
enum stop decoder_put(struct decoder *decoder, const char *data, size_t len, decoder_take_fn *take,
                      void *arg);

/* Whether the body may end here. */
bool decoder_is_at_end(const struct decoder *decoder);

#endif
