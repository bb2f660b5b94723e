/*
 * Words for options that cannot be taken: what the user typed, whose option it is, and what there
 * is instead. All return ERR_SYNTAX.
 */
#ifndef CLI_REFUSE_H
#define CLI_REFUSE_H

#include <stdbool.h>

#include "base/err.h"

struct curl_option;

/* One of curl's that gather does not have. */
MUST_USE enum err refuse_curl_option(const struct curl_option *option, struct error *e);

/* "-f". */
MUST_USE enum err refuse_letter(char letter, struct error *e);

/* "--word", perhaps with a "=value", which is not shown: no option, or the beginning of several. */
MUST_USE enum err refuse_word(const char *word, struct error *e);

/* --json with a value: in curl that is data. */
MUST_USE enum err refuse_json_data(struct error *e);

/* Whether the word after --json looks like curl's data for it, and like no URL. */
bool is_json_data(const char *word);

#endif
