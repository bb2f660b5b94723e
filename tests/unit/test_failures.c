/*
 * transfer/failures: each CURLcode means something to a user.
 */
#include "unit.h"

#include "base/buf.h"
#include "transfer/failures.h"
#include "transfer/result.h"

/* What libcurl says of a transfer, as far as it matters here. */
struct ending {
	CURLcode code;
	const char *expected, *message;
	int64_t redirects, size_request;
	int http_code, refused_connect;
};

static const char *class_of(const struct ending *ending)
{
	struct result r;
	enum failure failure;

	result_init(&r);
	if (ending->message)
		buf_put_text(&r.message, ending->message);
	r.num_redirects = ending->redirects;
	r.size_request = ending->size_request;
	r.http_code = ending->http_code;
	r.refused_connect = ending->refused_connect;
	failure = failure_of(ending->code, &r);
	result_release(&r);
	return failure ? failure_name(failure) : "none";
}

static void every_code_has_a_class(void **state)
{
	(void)state;
	for (int code = CURLE_OK + 1; code < CURL_LAST; code++) {
		for (int redirects = 0; redirects <= 1; redirects++) {
			const char *words = curl_easy_strerror((CURLcode)code);
			struct ending ending = {
				.code = (CURLcode)code, .message = words, .redirects = redirects};

			assert_non_null(class_of(&ending));
			case_true(words, strcmp(class_of(&ending), "none") != 0);
		}
	}
	/* A newer libcurl than this was compiled with may have more. */
	assert_string_equal(class_of(&(struct ending){.code = CURL_LAST}), "other");
	assert_string_equal(class_of(&(struct ending){.code = (CURLcode)999}), "other");
}

static void the_class_of_a_code(void **state)
{
	static const struct ending cases[] = {
		{.code = CURLE_OK, .expected = "none"},
		{.code = CURLE_OK, .expected = "none", .redirects = 3},

		{.code = CURLE_URL_MALFORMAT, .expected = "input"},
		{.code = CURLE_URL_MALFORMAT, .expected = "redirect", .redirects = 1},
		{.code = CURLE_UNSUPPORTED_PROTOCOL, .expected = "input"},
		{.code = CURLE_UNSUPPORTED_PROTOCOL,
	         .expected = "redirect",
	         .redirects = 1,
	         .size_request = 80,
	         .http_code = 302},
		/* What came is no HTTP: libcurl takes it for HTTP/0.9, which it does not speak. */
		{.code = CURLE_UNSUPPORTED_PROTOCOL,
	         .expected = "protocol",
	         .size_request = 80,
	         .message = "Received HTTP/0.9 when not allowed"},

		{.code = CURLE_COULDNT_RESOLVE_HOST, .expected = "dns"},
		{.code = CURLE_COULDNT_RESOLVE_PROXY, .expected = "dns"},

		{.code = CURLE_COULDNT_CONNECT, .expected = "connect"},
		{.code = CURLE_INTERFACE_FAILED, .expected = "connect"},
		{.code = CURLE_NO_CONNECTION_AVAILABLE, .expected = "connect"},
		{.code = CURLE_PROXY, .expected = "connect"},
		{.code = CURLE_GOT_NOTHING, .expected = "connect"},
		{.code = CURLE_SEND_ERROR, .expected = "connect"},
		{.code = CURLE_RECV_ERROR, .expected = "connect"},
		{.code = CURLE_RECV_ERROR,
	         .expected = "connect",
	         .message = "CONNECT tunnel failed, response 403",
	         .refused_connect = 403},
		{.code = CURLE_RECV_ERROR,
	         .expected = "connect",
	         .message = "Recv failure: Connection reset by peer"},
		{.code = CURLE_RECV_ERROR,
	         .expected = "connect",
	         .message = "OpenSSL SSL_read: Connection reset by peer, errno 104"},

		{.code = CURLE_SSL_CONNECT_ERROR, .expected = "tls"},
		{.code = CURLE_SSL_ENGINE_NOTFOUND, .expected = "tls"},
		{.code = CURLE_SSL_ENGINE_SETFAILED, .expected = "tls"},
		{.code = CURLE_SSL_ENGINE_INITFAILED, .expected = "tls"},
		{.code = CURLE_SSL_CERTPROBLEM, .expected = "tls"},
		{.code = CURLE_SSL_CIPHER, .expected = "tls"},
		{.code = CURLE_PEER_FAILED_VERIFICATION, .expected = "tls"},
		{.code = CURLE_USE_SSL_FAILED, .expected = "tls"},
		{.code = CURLE_SSL_CACERT_BADFILE, .expected = "tls"},
		{.code = CURLE_SSL_CRL_BADFILE, .expected = "tls"},
		{.code = CURLE_SSL_ISSUER_ERROR, .expected = "tls"},
		{.code = CURLE_SSL_PINNEDPUBKEYNOTMATCH, .expected = "tls"},
		{.code = CURLE_SSL_INVALIDCERTSTATUS, .expected = "tls"},
		{.code = CURLE_SSL_CLIENTCERT, .expected = "tls"},

		{.code = CURLE_OPERATION_TIMEDOUT, .expected = "timeout"},
		{.code = CURLE_HTTP_RETURNED_ERROR, .expected = "http"},

		{.code = CURLE_WEIRD_SERVER_REPLY, .expected = "protocol"},
		{.code = CURLE_HTTP2, .expected = "protocol"},
		{.code = CURLE_HTTP2_STREAM, .expected = "protocol"},
		{.code = CURLE_HTTP3, .expected = "protocol"},
		{.code = CURLE_QUIC_CONNECT_ERROR, .expected = "protocol"},
		{.code = CURLE_PARTIAL_FILE, .expected = "protocol"},
		{.code = CURLE_RANGE_ERROR, .expected = "protocol"},
		{.code = CURLE_BAD_CONTENT_ENCODING, .expected = "protocol"},
		{.code = CURLE_RECV_ERROR,
	         .expected = "protocol",
	         .message = "Illegal or missing hexadecimal sequence"},

		{.code = CURLE_RECV_ERROR,
	         .expected = "protocol",
	         .message = "h2_process_pending_input: nghttp2_session_mem_recv() returned "
	                    "-904:Flooding was detected in this HTTP/2 session, and it must be "
	                    "closed"},

		{.code = CURLE_FILESIZE_EXCEEDED, .expected = "too-large"},
		{.code = CURLE_TOO_MANY_REDIRECTS, .expected = "redirect", .redirects = 10},
		{.code = CURLE_ABORTED_BY_CALLBACK, .expected = "canceled"},

		{.code = CURLE_OUT_OF_MEMORY, .expected = "other"},
		{.code = CURLE_FAILED_INIT, .expected = "other"},
		{.code = CURLE_FILE_COULDNT_READ_FILE, .expected = "other"},
		{.code = CURLE_REMOTE_FILE_NOT_FOUND, .expected = "other"},
		{.code = CURLE_LOGIN_DENIED, .expected = "other"},
		{.code = CURLE_AUTH_ERROR, .expected = "other"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		case_text(curl_easy_strerror(cases[i].code), class_of(&cases[i]),
		          cases[i].expected);
}

/* INTERFACE.md: "write", the body could not be stored. */
static void what_cannot_be_written_is_a_write_failure(void **state)
{
	(void)state;
	assert_string_equal(class_of(&(struct ending){.code = CURLE_WRITE_ERROR}), "write");
}

/* INTERFACE.md, section 5. */
static void classes_have_the_names_of_the_interface(void **state)
{
	static const char *const names[] = {
		"input", "dns",      "connect",   "tls",      "timeout",
		"http",  "protocol", "too-large", "redirect", "denied",
		"write", "exec",     "canceled",  "deadline", "other",
	};

	(void)state;
	assert_null(failure_name(FAILURE_NONE));
	assert_int_equal(FAILURES - 1, COUNT(names));
	for (size_t i = 0; i < COUNT(names); i++)
		assert_string_equal(failure_name((enum failure)(i + 1)), names[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_code_has_a_class),
		cmocka_unit_test(the_class_of_a_code),
		cmocka_unit_test(what_cannot_be_written_is_a_write_failure),
		cmocka_unit_test(classes_have_the_names_of_the_interface),
	};

	return UNIT_RUN(tests);
}
