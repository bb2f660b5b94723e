/*
 * The same list at several levels of concurrency, one run after another, and what they come to
 * side by side.
 */
#ifndef APP_COMPARE_H
#define APP_COMPARE_H

struct config;

/*
 * Runs what config->compare says and prints the comparison as config->output.format says: text,
 * JSON or CSV; and writes the report, if there is to be one. Returns an exit code of exit_code.h.
 */
int compare(const struct config *config);

#endif
