/*
 * What a --write-out writes to: streams to standard output, standard error and files, one for each
 * target of the format. The files are opened once, for the run.
 *
 * Targets that are the same file share a stream, so that nothing is torn where standard error is
 * also standard output, and what is put there keeps its order.
 */
#ifndef OUTPUT_OUTLETS_H
#define OUTPUT_OUTLETS_H

#include "async/stream.h"
#include "base/err.h"
#include "output/write_out.h"

struct field_list;
struct loop;
struct outlets;
struct result;

/*
 * w and out, the stream of standard output, are borrowed. failed: see stream_new(). A file is made
 * or emptied, unless it is appended to. NULL with words when one cannot be opened.
 */
struct outlets *outlets_open(const struct write_out *w, struct loop *loop, struct stream *out,
                             stream_failed_fn *failed, void *arg, struct error *e);

/* Drops what is not written: flush the streams before. NULL is fine. */
void outlets_close(struct outlets *outlets);

/* A record for each stream that the result has something for; out is left to be committed. */
void outlets_put(struct outlets *outlets, const struct field_list *fields,
                 const struct result *result);

/* Stream i that was opened here, and what to call it; NULL past the last. */
struct stream *outlets_stream(const struct outlets *outlets, size_t i, const char **ret_name);

#endif
