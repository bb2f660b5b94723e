/*
 * A command line that is being read, and what is made of it.
 */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include <stdbool.h>

#include "app/config.h"
#include "base/buf.h"
#include "base/err.h"
#include "input/row.h"

/* What the command line asks for instead of a run. */
enum cli_action { ACTION_RUN, ACTION_HELP, ACTION_HELP_ALL, ACTION_VERSION, ACTION_COMPLETIONS };

struct cli {
	struct config config; /* points into argv and into what follows */
	enum cli_action action;
	const char *shell; /* of --completions */

	struct source_item *items;
	struct row_templates templates; /* url: of --template; the others are made of the options */
	const char **cookie_files;
	struct buf command;          /* the command line, with its secrets masked */
	struct buf cookies;          /* the values of all -b, as one header takes them */
	struct write_out *write_out; /* of --write-out */
	const char *color;           /* of --color */
	const char *progress;        /* of --progress */
	bool is_silent, shows_errors, has_no_results;
	bool has_json_data;       /* after --json; a row of a template may look like it */
	bool writes_into;         /* -o names no regular file, such as a FIFO */
	const char *not_compared; /* an option without meaning for --compare; NULL: none */
};

/*
 * Reads a command line. ERR_SYNTAX or ERR_UNSUPPORTED with words for the user; cli is to be
 * released in any case. argv outlives it, and is changed: its secrets are overwritten.
 */
MUST_USE enum err cli_parse(struct cli *cli, int argc, char **argv, struct error *e);
void cli_release(struct cli *cli);

/* For the table: a URL or a list, in the order of the command line. Copied. */
void cli_add_item(struct cli *cli, bool is_list, const char *text);

#endif
