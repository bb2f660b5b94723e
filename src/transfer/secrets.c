#include "transfer/secrets.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "transfer/field.h"
#include "transfer/options.h"
#include "transfer/url.h"

static bool is_secret(const char *header)
{
	return field_is_secret(header, strcspn(header, ":;"));
}

bool secrets_are_in(const struct fetch_options *options)
{
	const char *header;

	for (size_t i = 0; (header = fetch_options_header(options, i)); i++) {
		if (is_secret(header))
			return true;
	}
	return fetch_options_has(options, "SSLCERT") || fetch_options_has(options, "COOKIE");
}

bool secrets_must_stay(CURL *easy, const char *line, size_t len)
{
	static const char name[] = "Location:";
	const size_t name_len = sizeof(name) - 1;
	const char *from = NULL;
	struct buf to;
	char *target;
	bool is_other;

	if (!field_line_begins(line, len, name))
		return false;
	line += name_len;
	len -= name_len;
	for (; len && strchr(" \t", *line); line++)
		len--;
	while (len && strchr(" \t\r\n", line[len - 1]))
		len--;
	curl_easy_getinfo(easy, CURLINFO_EFFECTIVE_URL, &from);
	target = mem_bytes(line, len);
	buf_init(&to, BUF_UNLIMITED);
	/* What cannot be read is followed by nobody. */
	is_other =
		!from || url_resolve(from, target, &to, NULL) || !url_is_same_origin(from, to.data);
	buf_release(&to);
	free(target);
	return is_other;
}

struct curl_slist *secrets_leave(CURL *easy, const struct curl_slist *headers)
{
	struct curl_slist *left = NULL;

	for (; headers; headers = headers->next) {
		if (!is_secret(headers->data))
			left = curl_slist_append(left, headers->data);
	}
	curl_easy_setopt(easy, CURLOPT_HTTPHEADER, left);
	curl_easy_setopt(easy, CURLOPT_COOKIE, NULL);
	curl_easy_setopt(easy, CURLOPT_SSLCERT, NULL);
	curl_easy_setopt(easy, CURLOPT_SSLKEY, NULL);
	return left;
}
