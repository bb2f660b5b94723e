/*
 * One run from the first request to the summary.
 */
#ifndef APP_RUN_H
#define APP_RUN_H

#include <stdint.h>

#include "output/stats.h"

struct config;

/* What a run came to. */
struct run_figures {
	struct stats stats;
	uint64_t most_in_flight;
	int signal; /* that ended it; 0: none */
};

/* Runs what config says and returns an exit code of exit_code.h. Prints results and messages. */
int run(const struct config *config);

/*
 * The same, with its figures. Whatever it had in memory is gone when it returns, connections, names
 * and TLS sessions too. *ret_figures is set unless it returns EXIT_USAGE: then it did not begin.
 */
int run_once(const struct config *config, struct run_figures *ret_figures);

/* Prints the requests of the input as job lines instead of making them. */
int run_dry(const struct config *config);

#endif
