#include "transfer/failures.h"

#include <stdbool.h>
#include <string.h>

/* libcurl has one code for a connection that broke and for an answer that makes no sense. */
static bool is_broken_connection(const struct buf *message)
{
	static const char *const words[] = {"Recv failure", "Send failure", "SSL", "closed"};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strstr(message->data, words[i]))
			return true;
	}
	return !message->len;
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
	case CURLE_TOO_MANY_REDIRECTS: return FAILURE_REDIRECT;
	case CURLE_ABORTED_BY_CALLBACK: return FAILURE_CANCELED;
	case CURLE_HTTP_RETURNED_ERROR: return FAILURE_HTTP;
	default: return FAILURE_OTHER;
	}
}
