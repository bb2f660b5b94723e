#include "transfer/versions.h"

#include <curl/curl.h>
#include <stdio.h>
#include <string.h>

/* Joins words with spaces, as many as fit. */
static char *join(char *text, size_t size, const char *const *words)
{
	size_t len = 0;

	*text = '\0';
	for (; *words && len + strlen(*words) + 2 < size; words++)
		len += (size_t)snprintf(text + len, size - len, "%s%s", len ? " " : "", *words);
	return text;
}

char *transfer_version(char *text, size_t size)
{
	snprintf(text, size, "%s", curl_version());
	return text;
}

/* curl_version() looks up the name of this machine, in the library for LDAP that it asks as well.
 */
char *transfer_libcurl(char *text, size_t size)
{
	snprintf(text, size, "libcurl %s", curl_version_info(CURLVERSION_NOW)->version);
	return text;
}

char *transfer_protocols(char *text, size_t size)
{
	return join(text, size, curl_version_info(CURLVERSION_NOW)->protocols);
}

char *transfer_features(char *text, size_t size)
{
#if CURL_AT_LEAST_VERSION(7, 87, 0)
	const curl_version_info_data *info = curl_version_info(CURLVERSION_NOW);
	if (info->age >= CURLVERSION_ELEVENTH)
		return join(text, size, info->feature_names);
#endif
	snprintf(text, size, "unknown");
	return text;
}
