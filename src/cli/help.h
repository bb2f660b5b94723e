/*
 * --help and --version.
 */
#ifndef CLI_HELP_H
#define CLI_HELP_H

#include <stdbool.h>
#include <stdio.h>

/* Grouped, within 80 columns. Without all: the essential options. */
void help_print(FILE *out, bool all);

/* Of gather and its libraries, and what they can do. */
void version_print(FILE *out);

#endif
