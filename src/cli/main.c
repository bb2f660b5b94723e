/*
 * gather: fetches many URLs at once.
 *
 * The house, from the door to the ground; each floor knows only those below it:
 *
 *   cli/       the command line: one option table, help, completions, this file
 *   app/       a run: the front (input, order, output, signals) and its workers (network threads);
 *              several runs compared
 *   input/     where requests come from: URLs, globs, lists, templates, answers
 *   policy/    when a request may begin
 *   output/    what becomes of results: the field table, text, JSON, CSV, -w, files, statistics,
 *              progress, report, waterfall
 *   transfer/  one request on libcurl: options, lanes (a curl multi on a loop), the engine
 *   async/     the loop and its awaitable jobs: sleep, gather, timeout, child, lines, channels
 *   base/      errors, buffers, numbers, clocks, JSON
 *
 * input, policy and output do not know each other. They meet in transfer/request.h and
 * transfer/result.h, which are plain data.
 *
 * A request's way: source_next() (input/source.c) -> the scheduler (policy/scheduler.c) -> the
 * crew (app/crew.c), through a channel to a worker (app/worker.c) -> engine_fetch()
 * (transfer/engine.c) -> a lane (transfer/lane.c) -> its result (transfer/attempt.c) -> a channel
 * back -> what it leads to (app/after.c, input/derive.c) -> output_add() (output/output.c).
 */
#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/resource.h>
#include <unistd.h>

#include "app/compare.h"
#include "app/exit_code.h"
#include "app/message.h"
#include "app/run.h"
#include "base/digest.h"
#include "base/json_read.h"
#include "cli/cli.h"
#include "cli/completions.h"
#include "cli/help.h"
#include "transfer/cookie_file.h"
#include "transfer/session.h"

/*
 * A closed standard stream would let a socket take its number, and results go to a server. What is
 * opened in its place cannot be used in its direction, so that using it is still an error.
 */
static void occupy_standard_streams(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", fd ? O_RDONLY : O_WRONLY) != fd) {
			fputs("gather: a standard stream is closed, and so is /dev/null\n", stderr);
			_exit(EXIT_USAGE);
		}
	}
}

/* A run raises the soft limit of open files to the hard one. 0: it has no need to. */
static uint64_t lower_limit_of_files(void)
{
	struct rlimit limit;

	return getrlimit(RLIMIT_NOFILE, &limit) || limit.rlim_cur >= limit.rlim_max
	               ? 0
	               : limit.rlim_cur;
}

/* Once, however many runs there are. A jar that this run will make need not be there. */
static void warn_of_cookie_files(const struct session_options *session)
{
	for (unsigned i = 0; i < session->cookie_file_count; i++) {
		const char *path = session->cookie_files[i], *jar = session->cookie_jar;
		bool is_new_jar = jar && !strcmp(path, jar) && access(path, F_OK);
		struct error e = {""};

		if (!is_new_jar && cookie_file_check(path, &e))
			message_print("warning: --cookie: %s", e.text);
	}
}

/* "gather urls.txt" asks for a host of that name, as curl would. */
static void hint_at_lists(const struct source_options *source)
{
	for (size_t i = 0; i < source->count && !source->templates; i++) {
		const char *text = source->items[i].text;
		struct stat status;

		if (!source->items[i].is_list && !strstr(text, "://") && !stat(text, &status) &&
		    S_ISREG(status.st_mode))
			message_print("warning: %s is a file here; -i %s reads URLs from it", text,
			              text);
	}
}

static int act_on_list(const struct config *config)
{
	hint_at_lists(&config->source);
	warn_of_cookie_files(&config->session);
	if (config->is_dry_run)
		return run_dry(config);
	return config->compare.level_count ? compare(config) : run(config);
}

static int act(struct cli *cli)
{
	switch (cli->action) {
	case ACTION_HELP: help_print(stdout, false); break;
	case ACTION_HELP_ALL: help_print(stdout, true); break;
	case ACTION_VERSION: version_print(stdout); break;
	case ACTION_COMPLETIONS: completions_print(stdout, cli->shell); break;
	case ACTION_RUN:
		cli->config.exec.open_files = lower_limit_of_files();
		return act_on_list(&cli->config);
	}
	/* More than a buffer may have failed before. */
	return fflush(stdout) || ferror(stdout) ? EXIT_UNWRITTEN : EXIT_ALL_OK;
}

/*
 * Input is UTF-8 whatever the locale is, and libcurl reads names of hosts in that of the program.
 * The user's may have other letters, too: in names of the network I is i, which is not so in
 * Turkish.
 */
static void set_locale(void)
{
	if (!setlocale(LC_CTYPE, "C.UTF-8"))
		setlocale(LC_CTYPE, "");
}

int main(int argc, char **argv)
{
	struct cli cli;
	struct error e = {""};
	int code = EXIT_USAGE;

	occupy_standard_streams();
	/* A reader that goes away is seen where we write. */
	signal(SIGPIPE, SIG_IGN);
	set_locale();
	json_global_init();
	digest_global_init();
	if (transfer_global_init(&e)) {
		message_print("%s", e.text);
		return EXIT_USAGE;
	}
	if (cli_parse(&cli, argc, argv, &e))
		message_print("%s", e.text);
	else
		code = act(&cli);
	cli_release(&cli);
	transfer_global_release();
	return code;
}
