/*
 * Feeds transfer/url.c a URL and a reference, a line each.
 * A masked URL has no password; what is resolved is a URL that stays as it is.
 */
#include "fuzz.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "transfer/url.h"

/* As libcurl sees it; NULL: none. To be freed with curl_free(). */
static char *password_of(const char *url)
{
	CURLU *parts = curl_url();
	char *password = NULL;

	if (curl_url_set(parts, CURLUPART_URL, url,
	                 CURLU_GUESS_SCHEME | CURLU_NON_SUPPORT_SCHEME) ||
	    curl_url_get(parts, CURLUPART_PASSWORD, &password, 0))
		password = NULL;
	curl_url_cleanup(parts);
	return password;
}

static void check_mask(const char *url)
{
	char *password = password_of(url), *shown;
	struct buf masked;

	buf_init(&masked, BUF_UNLIMITED);
	url_put_masked(&masked, url, strlen(url));
	REQUIRE(strlen(masked.data) == masked.len);
	shown = password_of(masked.data);
	REQUIRE(!password || !*password || (shown && !strcmp(shown, "***")));
	curl_free(password);
	curl_free(shown);
	buf_release(&masked);
}

static void check_resolve(const char *base, const char *target)
{
	struct buf url, again;
	struct error e = {""};

	buf_init(&url, BUF_UNLIMITED);
	buf_init(&again, BUF_UNLIMITED);
	if (url_resolve(base, target, &url, &e)) {
		REQUIRE(e.text[0]);
	} else if (strncasecmp(url.data, "file:", 5) != 0) { /* libcurl 7.88 loses empty paths */
		REQUIRE(strlen(url.data) == url.len && !fuzz_has_control(url.data, url.len, " "));
		REQUIRE(url.len);
		REQUIRE(!url_resolve(url.data, NULL, &again, NULL));
		REQUIRE(!strcmp(url.data, again.data));
	}
	buf_release(&url);
	buf_release(&again);
}

static void check_parts(const char *url)
{
	struct buf host, path, origin, decoded, encoded;

	buf_init(&host, BUF_UNLIMITED);
	buf_init(&path, BUF_UNLIMITED);
	buf_init(&origin, BUF_UNLIMITED);
	buf_init(&decoded, BUF_UNLIMITED);
	buf_init(&encoded, BUF_UNLIMITED);
	if (!url_check(url, NULL))
		REQUIRE(!url_path(url, &path) && *path.data == '/');
	if (!url_host(url, &host)) /* that of a file has none */
		REQUIRE(host.len);
	url_put_origin(&origin, url, strlen(url));
	REQUIRE(url_origin_length(url, strlen(url)) <= strlen(url));
	url_put_encoded(&encoded, url, strlen(url));
	url_put_decoded(&decoded, encoded.data, encoded.len);
	REQUIRE(!strcmp(decoded.data, url));
	buf_release(&host);
	buf_release(&path);
	buf_release(&origin);
	buf_release(&decoded);
	buf_release(&encoded);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct parts parts = {(const char *)data, size};
	char *url = parts_next(&parts, '\n'), *target = parts_next(&parts, '\n');

	fuzz_fetch_options();
	check_mask(url);
	check_parts(url);
	check_resolve(url, NULL);
	check_resolve(url, target);
	free(url);
	free(target);
	return 0;
}
