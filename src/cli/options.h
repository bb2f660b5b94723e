/*
 * The command line as one table: it drives parsing, --help, the completions and the check of the
 * man page.
 */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "cli/conceal.h"

struct cli;

enum option_group {
	GROUP_INPUT,
	GROUP_REQUEST,
	GROUP_CONNECTION,
	GROUP_CONCURRENCY,
	GROUP_TIME,
	GROUP_OUTPUT,
	GROUP_OTHER,
};

enum { GROUPS = GROUP_OTHER + 1 };

/* What an option takes, how that is checked, and what a shell completes. */
enum option_arg {
	ARG_NONE,
	ARG_TEXT,
	ARG_FILE,   /* text that names a file */
	ARG_NUMBER, /* whole, min to max */
	ARG_SIZE,   /* bytes, with k M G */
	ARG_TIME,   /* seconds, or with ms s m h; 0, or at least min microseconds */
	ARG_CHOICE, /* one of the words of choices */
};

/* Where it goes. */
enum option_target {
	TO_ON,       /* a bool of the config becomes true */
	TO_OFF,      /* ... false */
	TO_TEXT,     /* a const char * of the config */
	TO_NUMBER,   /* an int64_t or uint64_t of the config; times are microseconds */
	TO_SETTINGS, /* options of libcurl: "NAME=VALUE NAME=%", where % is what it takes; times are
	              * milliseconds */
	TO_CALL,     /* a function */
};

struct option_spec {
	const char *name;
	char letter; /* 0: none */
	enum option_group group;
	bool is_essential; /* in --help, and not only in --help all */
	enum option_arg arg;
	const char *metavar;
	const char *help; /* NULL: another spelling, not shown */
	enum option_target target;
	size_t offset; /* in struct config */
	int64_t min, max;
	const char *settings;
	const char *choices; /* separated by spaces */
	enum err (*call)(struct cli *cli, const char *value, struct error *e);
	enum secret secret;     /* what of its value is nobody else's business */
	bool is_value_optional; /* and behind a '='; ARG_TEXT and TO_CALL, which gets NULL then */

	/*
	 * Without meaning where levels are compared, since a table is all that is left and all
	 * requests are made: says how results look, what becomes of bodies, or when to stop. And
	 * --sequential is one of the levels.
	 */
	bool is_not_compared;
};

extern const struct option_spec option_table[];
extern const size_t option_count;

/* The heading of a group in --help. */
const char *option_group_name(enum option_group group);

#endif
