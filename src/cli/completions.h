/*
 * Completions for shells, made from the option table.
 */
#ifndef CLI_COMPLETIONS_H
#define CLI_COMPLETIONS_H

#include <stdio.h>

/* shell: bash, zsh or fish. */
void completions_print(FILE *out, const char *shell);

#endif
