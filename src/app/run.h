/*
 * One run from the first request to the summary.
 */
#ifndef APP_RUN_H
#define APP_RUN_H

struct config;

/* Runs what config says and returns an exit code of exit_code.h. Prints results and messages. */
int run(const struct config *config);

/* Prints the requests of the input as job lines instead of making them. */
int run_dry(const struct config *config);

#endif
