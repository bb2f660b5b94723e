/*
 * How calls say that they failed: a code for the program, words for people.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#define MUST_USE          __attribute__((warn_unused_result))
#define PRINTF_LIKE(f, a) __attribute__((format(printf, f, a)))

enum err {
	ERR_NONE = 0,
	ERR_AGAIN,       /* nothing yet; ask again after the wait that the call names */
	ERR_EOF,         /* no more, ever */
	ERR_CANCELED,    /* somebody asked for the end */
	ERR_TIMEOUT,     /* a time limit asked for the end */
	ERR_LIMIT,       /* over a ceiling of ours */
	ERR_SYNTAX,      /* text that does not say what it should */
	ERR_UNSUPPORTED, /* well said, but this build or library cannot do it */
	ERR_SYSTEM,      /* the operating system refused */
	ERR_FAILED,      /* anything else */
};

/* Words about a failure, for a person. Empty when nothing was said. */
struct error {
	char text[512];
};

/*
 * Writes the words (cut at the size of e->text) when e is not NULL, and returns code,
 * so that a function can `return error_set(e, ERR_SYNTAX, "...")`.
 */
enum err error_set(struct error *e, enum err code, const char *format, ...) PRINTF_LIKE(3, 4);

/* The name of a code, for logs and tests: "ERR_NONE". Never NULL. */
const char *err_name(enum err code);

#endif
