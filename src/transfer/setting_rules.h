/*
 * What libcurl's options may be set to. An option that is set by its name (--curl) meets the same
 * conditions as one of gather's own that sets it. Within transfer/ only.
 */
#ifndef TRANSFER_SETTING_RULES_H
#define TRANSFER_SETTING_RULES_H

#include "base/err.h"

struct curl_easyoption;

/*
 * ERR_UNSUPPORTED: gather sets it itself. ERR_SYNTAX: it may be set, but not to this value. The
 * words do not show the value where it may be a secret.
 */
MUST_USE enum err setting_check(const struct curl_easyoption *o, const char *value,
                                struct error *e);

#endif
