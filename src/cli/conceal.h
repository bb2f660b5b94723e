/*
 * Secrets of the command line, which other users of the machine can see in the list of processes
 * until they are overwritten.
 */
#ifndef CLI_CONCEAL_H
#define CLI_CONCEAL_H

#include <stdbool.h>

struct buf;

/* What of a value is secret. */
enum secret {
	SECRET_NOTHING,
	SECRET_URL,    /* its logins */
	SECRET_LOGIN,  /* user:password: what is behind the colon; all if that is nothing */
	SECRET_FILE,   /* FILE:password: what is behind the colon */
	SECRET_TOKEN,  /* all of it */
	SECRET_DATA,   /* all of it, but not the name of a file, @FILE */
	SECRET_VALUE,  /* what is behind the '='; nothing if there is none */
	SECRET_HEADER, /* the value, if the name is like that of a secret */
};

/*
 * Puts stars over it, and blanks where the text has become shorter. Where nothing is secret value
 * may be NULL.
 */
void conceal(char *value, enum secret what);

/* Which words of a command line are URLs of their own, and not options or their values. */
struct command_line {
	int argc;
	char *const *argv;
	const bool *is_url; /* of each word */
	bool has_template;  /* those are no URLs, but values for it */
};

/*
 * Appends a command line whose secrets were concealed, quoted for a shell where that is needed. It
 * is to be shown to others: only the first URLs are in it, without their queries, and no values for
 * a template; a very long one is cut.
 */
void conceal_put_command(struct buf *out, const struct command_line *command);

#endif
