/*
 * A file that a body is written to: a sink. What the loop puts is gathered into pieces, which
 * threads of the pool write, so that a slow disk stalls nobody but those who fill it. Within
 * output/ only.
 */
#ifndef OUTPUT_STORE_FILE_H
#define OUTPUT_STORE_FILE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct buf;
struct request;
struct sink;
struct store_target;

/* Where the files of a run go. Read from any thread. */
struct store_place {
	char *prefix;              /* of names, for people: "", or the folder with a '/' */
	int fd;                    /* it, open */
	bool is_replaced;          /* a file that has the name */
	atomic_uint full_in_a_row; /* files that had no space, since one that had */
};

/*
 * For the request's body. place is borrowed, name (a path below its folder) is copied. With a
 * target, which is borrowed, the body is written into that and name is what it is called.
 */
struct sink *store_file_new(struct store_place *place, const char *name,
                            struct store_target *target, const struct request *request);
void store_file_free(struct sink *sink);

/* Appends what name is called when it is there already so many times: "name.1"; 0: "name". */
void store_put_name(struct buf *out, const char *name, uint32_t number);

#endif
