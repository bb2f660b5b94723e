/*
 * What a mistyped option may have been meant to be.
 */
#ifndef CLI_SUGGEST_H
#define CLI_SUGGEST_H

/* The long option nearest to name (which may have "=VALUE" behind it), or NULL when none is near.
 */
const char *suggest_option(const char *name);

#endif
