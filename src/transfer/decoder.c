#include "transfer/decoder.h"

#include <assert.h>
#include <brotli/decode.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <zlib.h>

#include "base/mem.h"

enum { PIECE_BYTES = 16 * 1024, GZIP_FIRST_BYTE = 0x1f };

/* zlib's windowBits. */
enum { WINDOW_RAW = -15, WINDOW_ZLIB = 15, WINDOW_GZIP = 15 + 16 };

struct decoder {
	enum coding coding;
	z_stream zlib;
	BrotliDecoderState *brotli;
	bool has_zlib; /* zlib is initialized */
	bool is_at_end;
};

/* What is left of the input, and where the output goes. */
struct step {
	const uint8_t *in;
	size_t in_len;
	uint8_t out[PIECE_BYTES];
	size_t out_len;
	bool is_hungry; /* there is no more output without more input */
};

enum coding coding_named(const char *name, size_t len)
{
	static const struct {
		const char *name;
		enum coding coding;
	} codings[] = {
		{"gzip", CODING_GZIP},    {"x-gzip", CODING_GZIP},   {"deflate", CODING_DEFLATE},
		{"br", CODING_BROTLI},    {"identity", CODING_NONE}, {"none", CODING_NONE},
		{"chunked", CODING_NONE},
	};

	for (size_t i = 0; i < sizeof(codings) / sizeof(codings[0]); i++) {
		if (strlen(codings[i].name) == len && !strncasecmp(codings[i].name, name, len))
			return codings[i].coding;
	}
	return CODING_UNKNOWN;
}

struct decoder *decoder_new(enum coding coding)
{
	struct decoder *d = mem_zero(1, sizeof(*d));

	assert(coding != CODING_NONE && coding != CODING_UNKNOWN);
	d->coding = coding;
	if (coding == CODING_BROTLI) {
		d->brotli = BrotliDecoderCreateInstance(NULL, NULL, NULL);
		if (!d->brotli)
			mem_out();
	}
	return d;
}

void decoder_free(struct decoder *d)
{
	if (!d)
		return;
	if (d->has_zlib)
		inflateEnd(&d->zlib);
	if (d->brotli)
		BrotliDecoderDestroyInstance(d->brotli);
	free(d);
}

/* RFC 1950, 2.2: a header of zlib begins with 8 in the low bits, where no sane deflate stream does.
 */
static void start_zlib(struct decoder *d, uint8_t first)
{
	int window = d->coding == CODING_GZIP ? WINDOW_GZIP
	             : (first & 0x0f) == 8    ? WINDOW_ZLIB
	                                      : WINDOW_RAW;

	if (inflateInit2(&d->zlib, window) != Z_OK)
		mem_out();
	d->has_zlib = true;
}

static enum stop inflate_step(struct decoder *d, struct step *step)
{
	z_stream *z = &d->zlib;
	int status;

	if (!d->has_zlib)
		start_zlib(d, *step->in);
	z->next_in = (Bytef *)(uintptr_t)step->in;
	z->avail_in = (uInt)step->in_len;
	z->next_out = step->out;
	z->avail_out = sizeof(step->out);
	status = inflate(z, Z_NO_FLUSH);
	step->in = z->next_in;
	step->in_len = z->avail_in;
	step->out_len = sizeof(step->out) - z->avail_out;
	d->is_at_end = status == Z_STREAM_END;
	step->is_hungry = d->is_at_end || z->avail_out > 0;
	if (status == Z_MEM_ERROR)
		mem_out();
	/* Z_BUF_ERROR: there was nothing to do. */
	return status == Z_OK || status == Z_STREAM_END || status == Z_BUF_ERROR
	               ? NOT_STOPPED
	               : STOPPED_BAD_CODING;
}

static enum stop brotli_step(struct decoder *d, struct step *step)
{
	uint8_t *out = step->out;
	size_t room = sizeof(step->out);
	BrotliDecoderResult status = BrotliDecoderDecompressStream(d->brotli, &step->in_len,
	                                                           &step->in, &room, &out, NULL);

	step->out_len = sizeof(step->out) - room;
	step->is_hungry = status != BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT;
	d->is_at_end = status == BROTLI_DECODER_RESULT_SUCCESS;
	return status == BROTLI_DECODER_RESULT_ERROR ? STOPPED_BAD_CODING : NOT_STOPPED;
}

/* There is input after the end: another member of a gzip (RFC 1952, 2.2), or what must not be. */
static enum stop go_on_after_end(struct decoder *d, const struct step *step)
{
	if (d->coding != CODING_GZIP || *step->in != GZIP_FIRST_BYTE)
		return STOPPED_AFTER_CODING;
	inflateReset(&d->zlib);
	d->is_at_end = false;
	return NOT_STOPPED;
}

enum stop decoder_put(struct decoder *d, const char *data, size_t len, decoder_take_fn *take,
                      void *arg)
{
	struct step step;
	enum stop stop = NOT_STOPPED;

	step.in = (const uint8_t *)data;
	step.in_len = len;
	step.is_hungry = true;
	while (!stop && (step.in_len || !step.is_hungry)) {
		if (d->is_at_end)
			stop = go_on_after_end(d, &step);
		if (!stop)
			stop = d->brotli ? brotli_step(d, &step) : inflate_step(d, &step);
		if (!stop && step.out_len)
			stop = take(arg, (const char *)step.out, step.out_len);
	}
	return stop;
}

bool decoder_is_at_end(const struct decoder *d)
{
	return d->is_at_end;
}
