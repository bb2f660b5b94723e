/*
 * transfer/decoder: bodies that come in pieces of any size.
 */
#include "unit.h"

#include <zlib.h>

#include "base/buf.h"
#include "transfer/decoder.h"

enum { GZIP = 15 + 16, ZLIB = 15, RAW = -15 };

/* Adds text, compressed. */
static void deflate_text(struct buf *b, int window, const char *text, size_t len)
{
	z_stream z = {0};
	char out[65536];

	assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, window, 9, Z_DEFAULT_STRATEGY), Z_OK);
	z.next_in = (Bytef *)(uintptr_t)text;
	z.avail_in = (uInt)len;
	z.next_out = (Bytef *)out;
	z.avail_out = sizeof(out);
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	buf_put(b, out, sizeof(out) - z.avail_out);
	deflateEnd(&z);
}

static enum stop keep(void *arg, const char *data, size_t len)
{
	assert_true(len > 0);
	buf_put(arg, data, len);
	return NOT_STOPPED;
}

static enum stop refuse(void *arg, const char *data, size_t len)
{
	(void)arg;
	(void)data;
	(void)len;
	return STOPPED_TOO_LARGE;
}

/* Decodes in pieces of that size. */
static enum stop decode(struct decoder *d, const struct buf *in, size_t piece, struct buf *out)
{
	enum stop stop = NOT_STOPPED;

	for (size_t at = 0; !stop && at < in->len; at += piece)
		stop = decoder_put(d, in->data + at, in->len - at < piece ? in->len - at : piece,
		                   keep, out);
	return stop;
}

/* Of lengths around that of a piece of output, where an end may go unseen. */
static void every_length_in_every_piece(void **state)
{
	static const size_t lengths[] = {0, 1, 16383, 16384, 16385, 32768, 50000},
			    pieces[] = {1, 2, 7, 100, 1000000};
	static const struct {
		enum coding coding;
		int window;
	} kinds[] = {{CODING_GZIP, GZIP}, {CODING_DEFLATE, ZLIB}, {CODING_DEFLATE, RAW}};
	static char text[50000];

	(void)state;
	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = (char)('a' + i % 7 + i % 11);
	for (size_t i = 0; i < COUNT(lengths) * COUNT(pieces) * COUNT(kinds); i++) {
		size_t len = lengths[i % COUNT(lengths)];
		size_t piece = pieces[i / COUNT(lengths) % COUNT(pieces)];
		size_t kind = i / COUNT(lengths) / COUNT(pieces);
		struct decoder *d = decoder_new(kinds[kind].coding);
		struct buf in, out;

		buf_init(&in, BUF_UNLIMITED);
		buf_init(&out, BUF_UNLIMITED);
		deflate_text(&in, kinds[kind].window, text, len);
		assert_false(decoder_is_at_end(d));
		assert_int_equal(decode(d, &in, piece, &out), NOT_STOPPED);
		assert_true(decoder_is_at_end(d));
		assert_int_equal(out.len, len);
		assert_int_equal(memcmp(out.data, text, len), 0);
		assert_int_equal(decoder_put(d, "x", 1, keep, &out), STOPPED_AFTER_CODING);
		decoder_free(d);
		buf_release(&in);
		buf_release(&out);
	}
}

static void members_of_a_gzip(void **state)
{
	(void)state;
	for (size_t piece = 1; piece < 40; piece++) {
		struct decoder *d = decoder_new(CODING_GZIP);
		struct buf in, out;

		buf_init(&in, BUF_UNLIMITED);
		buf_init(&out, BUF_UNLIMITED);
		deflate_text(&in, GZIP, "one ", 4);
		deflate_text(&in, GZIP, "", 0);
		deflate_text(&in, GZIP, "two", 3);
		assert_int_equal(decode(d, &in, piece, &out), NOT_STOPPED);
		assert_true(decoder_is_at_end(d));
		assert_string_equal(out.data, "one two");
		/* It may be that of another. */
		assert_int_equal(decoder_put(d, "\x1f", 1, keep, &out), NOT_STOPPED);
		assert_false(decoder_is_at_end(d));
		assert_int_equal(decoder_put(d, "x", 1, keep, &out), STOPPED_BAD_CODING);
		decoder_free(d);
		buf_release(&in);
		buf_release(&out);
	}
}

static void brotli(void **state)
{
	static const char hello[] =
		"\x0b\x02\x80hello\x03"; /* RFC 7932, 9.2: five bytes as they are */
	struct buf in = {.data = (char *)(uintptr_t)hello, .len = sizeof(hello) - 1}, out;

	(void)state;
	for (size_t piece = 1; piece < sizeof(hello); piece++) {
		struct decoder *d = decoder_new(CODING_BROTLI);

		buf_init(&out, BUF_UNLIMITED);
		assert_int_equal(decode(d, &in, piece, &out), NOT_STOPPED);
		assert_true(decoder_is_at_end(d));
		assert_string_equal(out.data, "hello");
		assert_int_equal(decoder_put(d, "\x03", 1, keep, &out), STOPPED_AFTER_CODING);
		decoder_free(d);
		buf_release(&out);
	}
}

static void the_taker_may_stop_it(void **state)
{
	struct decoder *d = decoder_new(CODING_GZIP);
	struct buf in;

	(void)state;
	buf_init(&in, BUF_UNLIMITED);
	deflate_text(&in, GZIP, "text", 4);
	assert_int_equal(decoder_put(d, in.data, in.len, refuse, NULL), STOPPED_TOO_LARGE);
	decoder_free(d);
	decoder_free(NULL);
	buf_release(&in);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_length_in_every_piece),
		cmocka_unit_test(members_of_a_gzip),
		cmocka_unit_test(brotli),
		cmocka_unit_test(the_taker_may_stop_it),
	};
	return UNIT_RUN(tests);
}
