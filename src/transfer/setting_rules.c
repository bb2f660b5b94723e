#include "transfer/setting_rules.h"

#include <curl/curl.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "transfer/field.h"

/* What gather sets for itself, and nobody else may. */
static const char *const reserved[] = {
	"CONNECT_ONLY", "COOKIEJAR", "CUSTOMREQUEST", "HTTPGET",      "NOBODY", "NOSIGNAL",
	"PIPEWAIT",     "POST",      "PUT",           "TRANSFERTEXT", "UPLOAD", "URL",
};

static bool is_reserved(const char *name)
{
	for (size_t i = 0; i < sizeof(reserved) / sizeof(reserved[0]); i++) {
		if (!strcmp(name, reserved[i]))
			return true;
	}
	return false;
}

/* In the order of the names. */
static const struct {
	CURLoption id;
	enum err (*check)(const char *value, struct error *e);
} rules[] = {
	{CURLOPT_HTTPHEADER, field_check_header},
	{CURLOPT_PROXYHEADER, field_check_header},
};

enum err setting_check(const struct curl_easyoption *o, const char *value, struct error *e)
{
	struct error words = {""};
	enum err failed = ERR_NONE;

	if (is_reserved(o->name))
		return error_set(e, ERR_UNSUPPORTED, "gather sets %s itself", o->name);
	for (size_t i = 0; !failed && i < sizeof(rules) / sizeof(rules[0]); i++) {
		if (o->id == rules[i].id)
			failed = rules[i].check(value, &words);
	}
	return failed ? error_set(e, failed, "%s: %s", o->name, words.text) : ERR_NONE;
}
