#include "transfer/harvest.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "transfer/options.h"
#include "transfer/result.h"
#include "transfer/retry_after.h"

static int64_t get_off(CURL *easy, CURLINFO info)
{
	curl_off_t value = 0;

	curl_easy_getinfo(easy, info, &value);
	return value;
}

int64_t harvest_time(CURL *easy, CURLINFO info)
{
	curl_off_t time_us = 0;

	curl_easy_getinfo(easy, info, &time_us);
	return time_us > 0 ? time_us : -1;
}

static long get_long(CURL *easy, CURLINFO info)
{
	long value = 0;

	curl_easy_getinfo(easy, info, &value);
	return value;
}

static const char *get_text(CURL *easy, CURLINFO info)
{
	const char *text = NULL;

	curl_easy_getinfo(easy, info, &text);
	return text ? text : "";
}

static const char *version_name(long version)
{
	switch (version) {
	case CURL_HTTP_VERSION_1_0: return "1";
	case CURL_HTTP_VERSION_1_1: return "1.1";
	case CURL_HTTP_VERSION_2_0: return "2";
	case CURL_HTTP_VERSION_3: return "3";
	default: return NULL;
	}
}

/* libcurl says "HTTP" or "http" depending on its version. */
static const char *scheme_name(const char *scheme)
{
	static const char *const usual[] = {"http", "https", "ftp", "ftps", "file"};

	for (size_t i = 0; i < sizeof(usual) / sizeof(usual[0]); i++) {
		if (!strcasecmp(scheme, usual[i]))
			return usual[i];
	}
	return *scheme ? "other" : NULL;
}

static void copy_ip(char ip[IP_TEXT], const char *text)
{
	size_t len = strnlen(text, IP_TEXT - 1);

	memcpy(ip, text, len);
	ip[len] = '\0';
}

static void harvest_connection(struct result *r, CURL *easy)
{
	copy_ip(r->remote_ip, get_text(easy, CURLINFO_PRIMARY_IP));
	copy_ip(r->local_ip, get_text(easy, CURLINFO_LOCAL_IP));
	r->remote_port = (int)get_long(easy, CURLINFO_PRIMARY_PORT);
	r->local_port = (int)get_long(easy, CURLINFO_LOCAL_PORT);
	r->num_connects = get_long(easy, CURLINFO_NUM_CONNECTS);
	r->num_redirects = get_long(easy, CURLINFO_REDIRECT_COUNT);
}

static void harvest_times(struct result *r, CURL *easy)
{
	r->time_namelookup_us = harvest_time(easy, CURLINFO_NAMELOOKUP_TIME_T);
	r->time_connect_us = harvest_time(easy, CURLINFO_CONNECT_TIME_T);
	r->time_appconnect_us = harvest_time(easy, CURLINFO_APPCONNECT_TIME_T);
	r->time_pretransfer_us = harvest_time(easy, CURLINFO_PRETRANSFER_TIME_T);
	r->time_starttransfer_us = harvest_time(easy, CURLINFO_STARTTRANSFER_TIME_T);
	r->time_redirect_us = harvest_time(easy, CURLINFO_REDIRECT_TIME_T);
	r->time_total_us = get_off(easy, CURLINFO_TOTAL_TIME_T);
	r->started_us = clock_mono_us() - r->time_total_us;
	r->started_unix_us = clock_unix_us() - r->time_total_us;
}

static void harvest_sizes(struct result *r, CURL *easy)
{
	r->size_download = get_off(easy, CURLINFO_SIZE_DOWNLOAD_T);
	r->size_upload = get_off(easy, CURLINFO_SIZE_UPLOAD_T);
	r->size_header = get_long(easy, CURLINFO_HEADER_SIZE);
	r->size_request = get_long(easy, CURLINFO_REQUEST_SIZE);
	r->speed_download = get_off(easy, CURLINFO_SPEED_DOWNLOAD_T);
}

/* Names in lower case. */
static void harvest_headers(struct result *r, CURL *easy)
{
	struct curl_header *h = NULL;

	while ((h = curl_easy_nextheader(easy, CURLH_HEADER, -1, h))) {
		/* libcurl leaves the CR of an empty one. */
		int value_len = (int)strcspn(h->value, "\r\n");

		for (const char *p = h->name; *p; p++)
			buf_put_byte(&r->headers, *p >= 'A' && *p <= 'Z' ? (char)(*p | 0x20) : *p);
		buf_printf(&r->headers, ": %.*s\n", value_len, h->value);
	}
}

/* "NAME:text" each, but a certificate itself without its name; as curl(1) shows them. */
static void harvest_certs(struct result *r, CURL *easy)
{
	struct details *d = result_details(r);
	struct curl_certinfo *certs = NULL;

	if (curl_easy_getinfo(easy, CURLINFO_CERTINFO, &certs) || !certs)
		return;
	d->num_certs = certs->num_of_certs;
	for (int i = 0; i < certs->num_of_certs; i++) {
		for (const struct curl_slist *l = certs->certinfo[i]; l; l = l->next) {
			bool is_pem = !strncasecmp(l->data, "cert:", 5);

			buf_put_text(&d->certs, is_pem ? l->data + 5 : l->data);
			if (d->certs.len && d->certs.data[d->certs.len - 1] != '\n')
				buf_put_byte(&d->certs, '\n');
		}
	}
}

static void harvest_details(struct result *r, CURL *easy)
{
	struct details *d = result_details(r);

	d->http_connect = (int)get_long(easy, CURLINFO_HTTP_CONNECTCODE);
	d->speed_upload = get_off(easy, CURLINFO_SPEED_UPLOAD_T);
	d->ssl_verify_result = get_long(easy, CURLINFO_SSL_VERIFYRESULT);
	d->proxy_ssl_verify_result = get_long(easy, CURLINFO_PROXY_SSL_VERIFYRESULT);
	buf_put_text(&d->redirect_url, get_text(easy, CURLINFO_REDIRECT_URL));
	buf_put_text(&d->referer, get_text(easy, CURLINFO_REFERER));
	buf_put_text(&d->ftp_entry_path, get_text(easy, CURLINFO_FTP_ENTRY_PATH));
}

/* The status of a CONNECT that let nothing through; else 0. */
static int get_refused_connect(CURL *easy)
{
	int status = (int)get_long(easy, CURLINFO_HTTP_CONNECTCODE);

	return status >= 300 ? status : 0;
}

/* What the last response says of when to come back: that to CONNECT, if it let nothing through. */
static void harvest_patience(struct result *r, CURL *easy)
{
	int status = (int)get_long(easy, CURLINFO_RESPONSE_CODE);
	int refused_connect = get_refused_connect(easy);
	struct responder responder = {easy, CURLH_HEADER, status, clock_unix_us()};

	if (refused_connect) {
		responder.origin = CURLH_CONNECT;
		responder.status = refused_connect;
	}
	r->retry_after_us = retry_after_us(&responder);
	r->rate_limit_us = rate_limit_us(&responder);
}

void harvest_head(struct result *r, CURL *easy, const struct fetch_options *options)
{
	harvest_patience(r, easy);
	buf_clear(&r->headers);
	if (options->keeps_headers)
		harvest_headers(r, easy);
}

void harvest(struct result *r, CURL *easy, const struct fetch_options *options)
{
	const char *effective = get_text(easy, CURLINFO_EFFECTIVE_URL);

	r->http_code = (int)get_long(easy, CURLINFO_RESPONSE_CODE);
	if (r->http_code)
		r->http_version = version_name(get_long(easy, CURLINFO_HTTP_VERSION));
	r->scheme = scheme_name(get_text(easy, CURLINFO_SCHEME));
	if (strcmp(effective, r->request.url.data) != 0)
		buf_put_text(&r->url_effective, effective);
	buf_put_text(&r->content_type, get_text(easy, CURLINFO_CONTENT_TYPE));
	harvest_connection(r, easy);
	harvest_times(r, easy);
	harvest_sizes(r, easy);
	r->refused_connect = get_refused_connect(easy);
	if (options && options->keeps_details)
		harvest_details(r, easy);
	if (options && options->keeps_certs)
		harvest_certs(r, easy);
}
