/*
 * Options of libcurl whose values can be seen to be wrong before anything is fetched.
 */
#ifndef CLI_SETTINGS_H
#define CLI_SETTINGS_H

#include "base/err.h"

struct fetch_options;

/*
 * fetch_options_set() for a value of the command line: a file that is named must be there, and a
 * proxy must be one that libcurl can use. ERR_SYNTAX with words that have no password.
 */
MUST_USE enum err settings_set(struct fetch_options *request, const char *name, const char *value,
                               struct error *e);

#endif
