#include "transfer/fingerprint.h"

#include <curl/curl.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "transfer/field.h"
#include "transfer/options.h"
#include "transfer/setting.h"

/* ---- how parts are hashed ---- */

struct digest_of_parts {
	struct hash hash;
	bool has_parts;
};

static void add(struct digest_of_parts *d, const char *data, size_t len)
{
	d->hash = d->has_parts ? hash_more(d->hash, data, len) : hash_bytes(data, len);
	d->has_parts = true;
}

/* ---- what is hashed ---- */

static void add_setting(struct digest_of_parts *d, const struct fetch_options *options,
                        CURLoption id)
{
	for (size_t i = 0; i < options->setting_count; i++) {
		const struct setting *s = &options->settings[i];

		if (s->id == id)
			add(d, s->value.text, strlen(s->value.text));
	}
}

static bool is_credential(const char *header)
{
	static const char idempotency[] = "Idempotency-Key";
	size_t len = strcspn(header, ":;");

	/* Says which request it is, and not who sends it. */
	if (len == strlen(idempotency) && !strncasecmp(header, idempotency, len))
		return false;
	return field_is_secret(header, len);
}

static void add_headers(struct digest_of_parts *d, const struct fetch_options *options,
                        bool are_credentials)
{
	const char *header;

	for (size_t i = 0; (header = fetch_options_header(options, i)); i++) {
		if (is_credential(header) == are_credentials)
			add(d, header, strlen(header));
	}
}

struct hash fingerprint_options(const struct fetch_options *options)
{
	struct digest_of_parts d = {0};

	add(&d, options->method, strlen(options->method));
	add_headers(&d, options, false);
	add_setting(&d, options, CURLOPT_RANGE);
	if (options->has_body)
		add(&d, options->body.data, options->body.len);
	return d.hash;
}

struct hash fingerprint_credentials(const struct fetch_options *options)
{
	static const CURLoption settings[] = {CURLOPT_COOKIE, CURLOPT_USERPWD,
	                                      CURLOPT_XOAUTH2_BEARER};
	struct digest_of_parts d = {0};

	add_headers(&d, options, true);
	for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++)
		add_setting(&d, options, settings[i]);
	return d.hash;
}
