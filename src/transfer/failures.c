#include "transfer/failures.h"

#include <stdbool.h>
#include <string.h>

#include "transfer/ceilings.h"
#include "transfer/options.h"

/* libcurl has one code for a connection that broke and for an answer that makes no sense. */
static bool is_broken_connection(const struct buf *message)
{
	static const char *const words[] = {"Recv failure", "Send failure", "SSL", "closed"};

	/* It says that a connection "must be closed" where frames made no sense. */
	if (strstr(message->data, "nghttp2"))
		return false;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strstr(message->data, words[i]))
			return true;
	}
	return !message->len;
}

/* NOLINTNEXTLINE(misc-redundant-expression): it sees the values, and these are the same */
_Static_assert(MAX_KEPT_BODIES == (size_t)1 << 30 && MAX_DECODED_BYTES == 5 << 20 &&
                       MAX_HEAD_BYTES == 256 << 10 && MAX_HEAD_LINES == 1000,
               "the words below say so");

/* The words of STOPPED_NOT_KEPT have a number of the options. */
static const struct {
	enum failure failure;
	CURLcode code;
	const char *words;
} stops[] = {
	[STOPPED_TOO_LARGE] = {FAILURE_TOO_LARGE, CURLE_FILESIZE_EXCEEDED,
                               "the body is larger than allowed"},
	[STOPPED_NOT_KEPT] = {FAILURE_TOO_LARGE, CURLE_FILESIZE_EXCEEDED, ""},
	[STOPPED_NO_ROOM] = {FAILURE_TOO_LARGE, CURLE_FILESIZE_EXCEEDED,
                             "all bodies in memory are over 1 GiB"},
	[STOPPED_BOMB] = {FAILURE_TOO_LARGE, CURLE_FILESIZE_EXCEEDED,
                          "a small part of the body decodes to over 5 MiB"},
	[STOPPED_LARGE_HEAD] = {FAILURE_TOO_LARGE, CURLE_RECV_ERROR,
                                "the headers are over 256 KiB"},
	[STOPPED_LONG_HEAD] = {FAILURE_TOO_LARGE, CURLE_RECV_ERROR,
                               "the headers have over 1000 lines"},
	[STOPPED_LONG_LINE] = {FAILURE_TOO_LARGE, CURLE_RECV_ERROR,
                               "a line of the headers is over libcurl's ceiling"},
	[STOPPED_OTHER_CODING] = {FAILURE_PROTOCOL, CURLE_BAD_CONTENT_ENCODING,
                                  "the body is encoded in a way that was not asked for"},
	[STOPPED_BAD_CODING] = {FAILURE_PROTOCOL, CURLE_BAD_CONTENT_ENCODING,
                                "the compressed body is damaged"},
	[STOPPED_CUT_CODING] = {FAILURE_PROTOCOL, CURLE_PARTIAL_FILE,
                                "the compressed body is not whole"},
	[STOPPED_AFTER_CODING] = {FAILURE_PROTOCOL, CURLE_BAD_CONTENT_ENCODING,
                                  "there are bytes after the end of the compressed body"},
	[STOPPED_HUGE_LENGTH] = {FAILURE_TOO_LARGE, CURLE_FILESIZE_EXCEEDED,
                                 "the Content-Length is too large"},
	[STOPPED_BAD_LENGTH] = {FAILURE_PROTOCOL, CURLE_WEIRD_SERVER_REPLY,
                                "the length of the body is not one number"},
	[STOPPED_CUT_HEAD] = {FAILURE_PROTOCOL, CURLE_PARTIAL_FILE,
                              "the connection ended inside the headers"},
	[STOPPED_RESENT] = {FAILURE_CONNECT, CURLE_GOT_NOTHING,
                            "the connection broke before a response (not sent again: the method "
                            "is not idempotent)"},
	[STOPPED_OLD_INPUT] = {FAILURE_CONNECT, CURLE_RECV_ERROR,
                               "the connection has an answer that nobody has asked for"},
	[STOPPED_OTHER_PART] = {FAILURE_PROTOCOL, CURLE_RANGE_ERROR,
                                "the body is not the one that was begun"},
};

void fail_stopped(struct result *result, enum stop stop)
{
	result->exitcode = (int)stops[stop].code;
	result_fail(result, stops[stop].failure, stops[stop].words);
	if (stop == STOPPED_NOT_KEPT)
		buf_printf(&result->message, "the body is over the %zu MiB that can be looked at",
		           result->request.options->max_kept_bytes >> 20);
	if (stops[stop].failure == FAILURE_TOO_LARGE)
		result_drop_body(result);
}

const char *failure_words(CURLcode code)
{
	return code == CURLE_FAILED_INIT ? "libcurl failed, and broke off its transfers"
	                                 : curl_easy_strerror(code);
}

enum failure failure_of(CURLcode code, const struct result *result)
{
	switch (code) {
	case CURLE_OK: return FAILURE_NONE;

	case CURLE_UNSUPPORTED_PROTOCOL:
		/* A server that does not speak HTTP: what it says is taken for HTTP/0.9. */
		if (result->size_request && !result->http_code)
			return FAILURE_PROTOCOL;
		return result->num_redirects ? FAILURE_REDIRECT : FAILURE_INPUT;
	case CURLE_URL_MALFORMAT: return result->num_redirects ? FAILURE_REDIRECT : FAILURE_INPUT;

	case CURLE_COULDNT_RESOLVE_PROXY:
	case CURLE_COULDNT_RESOLVE_HOST: return FAILURE_DNS;

	case CURLE_COULDNT_CONNECT:
	case CURLE_INTERFACE_FAILED:
	case CURLE_NO_CONNECTION_AVAILABLE:
	case CURLE_PROXY:
	case CURLE_GOT_NOTHING:
	case CURLE_SEND_ERROR: return FAILURE_CONNECT;

	case CURLE_RECV_ERROR:
		if (result->refused_connect)
			return FAILURE_CONNECT;
		return is_broken_connection(&result->message) ? FAILURE_CONNECT : FAILURE_PROTOCOL;

	case CURLE_SSL_CONNECT_ERROR:
	case CURLE_SSL_ENGINE_NOTFOUND:
	case CURLE_SSL_ENGINE_SETFAILED:
	case CURLE_SSL_ENGINE_INITFAILED:
	case CURLE_SSL_CERTPROBLEM:
	case CURLE_SSL_CIPHER:
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_USE_SSL_FAILED:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_SSL_CRL_BADFILE:
	case CURLE_SSL_ISSUER_ERROR:
	case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
	case CURLE_SSL_INVALIDCERTSTATUS:
	case CURLE_SSL_CLIENTCERT: return FAILURE_TLS;

	case CURLE_OPERATION_TIMEDOUT: return FAILURE_TIMEOUT;

	case CURLE_WEIRD_SERVER_REPLY:
	case CURLE_HTTP2:
	case CURLE_HTTP2_STREAM:
	case CURLE_HTTP3:
	case CURLE_QUIC_CONNECT_ERROR:
	case CURLE_PARTIAL_FILE:
	case CURLE_RANGE_ERROR:
	case CURLE_BAD_CONTENT_ENCODING: return FAILURE_PROTOCOL;

	case CURLE_WRITE_ERROR: return FAILURE_WRITE;
	case CURLE_FILESIZE_EXCEEDED: return FAILURE_TOO_LARGE;
#if CURL_AT_LEAST_VERSION(8, 6, 0)
	case CURLE_TOO_LARGE: return FAILURE_TOO_LARGE;
#endif
	case CURLE_TOO_MANY_REDIRECTS: return FAILURE_REDIRECT;
	case CURLE_ABORTED_BY_CALLBACK: return FAILURE_CANCELED;
	case CURLE_HTTP_RETURNED_ERROR: return FAILURE_HTTP;
	default: return FAILURE_OTHER;
	}
}
