#include "transfer/validator.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

const char *response_header(CURL *easy, const char *name)
{
	struct curl_header *h;

	return curl_easy_header(easy, name, 0, CURLH_HEADER, -1, &h) ? NULL : h->value;
}

const char *validator_get(CURL *easy)
{
	const char *etag = response_header(easy, "ETag"), *date, *modified;

	if (etag)
		return *etag == '"' ? etag : NULL;
	date = response_header(easy, "Date");
	modified = response_header(easy, "Last-Modified");
	if (!date || !modified || curl_getdate(modified, NULL) < 0 ||
	    curl_getdate(date, NULL) - curl_getdate(modified, NULL) < 60)
		return NULL;
	return modified;
}

bool validator_is_of_rest(const char *validator, CURL *easy, int64_t from)
{
	const char *range = response_header(easy, "Content-Range");
	const char *etag = response_header(easy, "ETag");
	char expected[48];

	snprintf(expected, sizeof(expected), "bytes %lld-", (long long)from);
	return range && !strncasecmp(range, expected, strlen(expected)) &&
	       (!etag || *validator != '"' || !strcmp(etag, validator));
}
