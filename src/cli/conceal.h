/*
 * Secrets of the command line, which other users of the machine can see in the list of processes
 * until they are overwritten.
 */
#ifndef CLI_CONCEAL_H
#define CLI_CONCEAL_H

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

#endif
