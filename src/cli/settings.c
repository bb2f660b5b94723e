#include "cli/settings.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

#include "base/file.h"
#include "transfer/options.h"
#include "transfer/url.h"

static bool is_one_of(const char *const *names, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++) {
		if (!strcasecmp(names[i], name))
			return true;
	}
	return false;
}

static enum err check(const char *name, const char *value, struct error *e)
{
	static const char *const files[] = {"CAINFO",       "CRLFILE",       "ISSUERCERT",
	                                    "PROXY_CAINFO", "PROXY_CRLFILE", "PROXY_SSLCERT",
	                                    "PROXY_SSLKEY", "SSLCERT",       "SSLKEY"};
	static const char *const proxies[] = {"PROXY", "PRE_PROXY"};

	/* Keys of a token have a URI of their own (RFC 7512). */
	if (is_one_of(files, sizeof(files) / sizeof(files[0]), name) &&
	    strncasecmp(value, "pkcs11:", strlen("pkcs11:")) != 0)
		return file_check_readable(value, e);
	if (is_one_of(proxies, sizeof(proxies) / sizeof(proxies[0]), name) && *value)
		return url_check_proxy(value, e);
	return ERR_NONE;
}

enum err settings_set(struct fetch_options *request, const char *name, const char *value,
                      struct error *e)
{
	enum err failed = check(name, value, e);

	return failed ? failed : fetch_options_set(request, name, value, e);
}
