#include "transfer/attempt.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include "transfer/ceilings.h"
#include "transfer/cookies.h"
#include "transfer/decoder.h"
#include "transfer/failures.h"
#include "transfer/field.h"
#include "transfer/guard.h"
#include "transfer/harvest.h"
#include "transfer/kept_open.h"
#include "transfer/options.h"
#include "transfer/redirect.h"
#include "transfer/request.h"
#include "transfer/setting.h"
#include "transfer/sink.h"
#include "transfer/url.h"
#include "transfer/validator.h"

enum { PARTIAL_CONTENT = 206, RANGE_NOT_SATISFIABLE = 416 };

bool attempt_init(struct attempt *attempt, const struct attempt_setup *setup, void *owner)
{
	*attempt = (struct attempt){.easy = curl_easy_init(), .setup = setup, .owner = owner};
	buf_init(&attempt->denied, BUF_UNLIMITED);
	return attempt->easy;
}

void attempt_release(struct attempt *attempt)
{
	curl_easy_cleanup(attempt->easy);
	redirect_release(&attempt->redirect);
	decoder_free(attempt->decoder);
	digest_free(attempt->digest);
	buf_release(&attempt->denied);
}

/* What an answer that is not accepted says is nothing to keep in a file. */
static bool has_accepted_answer(const struct attempt *attempt)
{
	long status = 0;

	curl_easy_getinfo(attempt->easy, CURLINFO_RESPONSE_CODE, &status);
	return status >= 0 && status < STATUS_LIMIT && attempt->configured->accepts[status];
}

static void count_received(struct attempt *attempt)
{
	curl_off_t bytes = 0;

	curl_easy_getinfo(attempt->easy, CURLINFO_SIZE_DOWNLOAD_T, &bytes);
	atomic_fetch_add(attempt->setup->received_bytes,
	                 (uint64_t)(bytes - attempt->received_bytes));
	attempt->received_bytes = bytes;
}

/* Tells the sink what comes. False when that is of no use to it. */
static bool start_sink(struct attempt *attempt)
{
	const struct fetch_options *options = attempt->configured;
	struct sink *sink = attempt->result->sink;
	struct sink_body body = {0};
	long status = 0;

	curl_easy_getinfo(attempt->easy, CURLINFO_RESPONSE_CODE, &status);
	if (attempt->rest.from && status == 206) {
		if (!validator_is_of_rest(sink->validator, attempt->easy, attempt->rest.from)) {
			attempt->stop = STOPPED_OTHER_PART;
			return false;
		}
		body.from = attempt->body_bytes = attempt->rest.from;
		body.validator = sink->validator;
	} else if (options->continues && status == 200) {
		body.validator = validator_get(attempt->easy);
	}
	if (options->keeps_disposition)
		body.disposition = response_header(attempt->easy, "Content-Disposition");
	sink->kind->start(sink, &body);
	attempt->is_started = true;
	return true;
}

/* Gives it a piece of a body. A reason to stop when that is in vain. */
static enum stop put_in_sink(struct attempt *attempt, const char *data, size_t len)
{
	struct sink *sink = attempt->result->sink;

	if (!has_accepted_answer(attempt))
		return NOT_STOPPED;
	if (!attempt->is_started && !start_sink(attempt))
		return attempt->stop;
	switch (sink->kind->put(sink, data, len)) {
	case SINK_TOOK: attempt->is_full = false; break;
	case SINK_FULL: attempt->is_full = true; break;
	case SINK_FAILED: return STOPPED_UNWRITABLE;
	}
	return NOT_STOPPED;
}

/* Takes a piece of the decoded body. A decoder_take_fn. */
static enum stop take_body(void *arg, const char *data, size_t len)
{
	struct attempt *attempt = arg;
	const struct fetch_options *options = attempt->configured;
	bool keeps_body = options->keeps_body || options->needs_body;
	enum stop stop = NOT_STOPPED;

	if (attempt->result->sink)
		stop = put_in_sink(attempt, data, len);
	if (stop)
		return stop;
	attempt->body_bytes += (int64_t)len;
	attempt->burst_bytes += len;
	if (options->max_body_bytes && attempt->body_bytes > options->max_body_bytes)
		return STOPPED_TOO_LARGE;
	if (keeps_body && (size_t)attempt->body_bytes > options->max_kept_bytes)
		return STOPPED_NOT_KEPT;
	if (attempt->decoder && attempt->burst_bytes > MAX_DECODED_BYTES)
		return STOPPED_BOMB;
	if (keeps_body && !result_keep(attempt->result, attempt->setup->kept, data, len))
		return STOPPED_NO_ROOM;
	if (options->keeps_checksum)
		digest_put(attempt->digest, data, len);
	return NOT_STOPPED;
}

/* Takes a piece of a body as it comes. */
static enum stop decode_body(struct attempt *attempt, const char *data, size_t len)
{
	enum coding coding = attempt->head.coding;

	attempt->burst_bytes = 0;
	if (coding == CODING_UNKNOWN)
		return STOPPED_OTHER_CODING;
	if (!coding)
		return take_body(attempt, data, len);
	if (!attempt->decoder)
		attempt->decoder = decoder_new(coding);
	return decoder_put(attempt->decoder, data, len, take_body, attempt);
}

static void drop_decoder(struct attempt *attempt)
{
	decoder_free(attempt->decoder);
	attempt->decoder = NULL;
}

static size_t on_body(char *data, size_t one, size_t len, void *arg)
{
	struct attempt *attempt = arg;

	(void)one;
	count_received(attempt);
	if (attempt->is_full)
		return CURL_WRITEFUNC_PAUSE;
	attempt->stop = decode_body(attempt, data, len);
	return attempt->stop ? CURL_WRITEFUNC_ERROR : len;
}

/* Called for each line of a head. */
static size_t on_head(char *line, size_t one, size_t len, void *arg)
{
	static const enum stop stops[] = {
		[HEAD_GOOD] = NOT_STOPPED,
		[HEAD_TOO_LARGE] = STOPPED_LARGE_HEAD,
		[HEAD_TOO_MANY] = STOPPED_LONG_HEAD,
		[HEAD_OTHER_CODING] = STOPPED_OTHER_CODING,
		[HEAD_BAD_LENGTH] = STOPPED_BAD_LENGTH,
		[HEAD_HUGE_LENGTH] = STOPPED_HUGE_LENGTH,
	};
	struct attempt *attempt = arg;
	const struct fetch_options *options = attempt->configured;
	bool decodes_content = options->decodes && !options->wants_head;
	bool was_over = attempt->head.is_over;

	(void)one;
	attempt->stop = stops[head_take(&attempt->head, line, len, decodes_content)];
	if (attempt->stop)
		return CURL_WRITEFUNC_ERROR;
	if (was_over && attempt->head.is_over)
		return len; /* a trailer, which is no header (RFC 9110, 6.5.1) */
	if (attempt->setup->cookies && field_line_begins(line, len, "Set-Cookie:"))
		cookies_note(attempt->setup->cookies);
	redirect_take(&attempt->redirect, attempt->easy, options,
	              attempt->rest.from ? &attempt->rest.header : NULL, line, len);
	if (attempt->head.is_over)
		harvest_head(attempt->result, attempt->easy, options);
	return len;
}

/* What came before does not count: it was another hop's. */
static void begin_connection(struct attempt *attempt)
{
	buf_clear(&attempt->denied);
	attempt->has_socket = false;
}

/* Called when the addresses of a name are known, for each that is tried. */
static curl_socket_t on_open_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct attempt *attempt = arg;
	const struct guard *guard = attempt->setup->guard;

	(void)purpose;
	attempt->setup->opens(attempt);
	if (guard && !guard_check(guard, &address->addr, &attempt->denied))
		return CURL_SOCKET_BAD;
	attempt->has_socket = true;
	return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

/*
 * libcurl before 8.0 begins HTTP/2 anew on a connection without TLS that it uses again, which the
 * server takes for an error.
 */
static bool must_close_h2c(const struct fetch_options *options)
{
	return fetch_options_number(options, "HTTP_VERSION") ==
	               CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE &&
	       curl_version_info(CURLVERSION_NOW)->version_num < 0x080000;
}

/* The connection that a request is sent over is closed after it. */
static void close_h2c(struct attempt *attempt)
{
	char *scheme = NULL;

	curl_easy_getinfo(attempt->easy, CURLINFO_SCHEME, &scheme);
	curl_easy_setopt(attempt->easy, CURLOPT_FORBID_REUSE,
	                 (long)((scheme && !strcasecmp(scheme, "http")) ||
	                        fetch_options_number(attempt->configured, "FORBID_REUSE")));
}

/*
 * Whether a request would be sent once more that may have been acted on (RFC 9110, 9.2.2). libcurl
 * does so when a connection breaks that was used before.
 */
static bool is_resent(const struct attempt *attempt, long sent_bytes)
{
	const char *method = NULL;

	if (!attempt->requests || attempt->head.is_over || sent_bytes == attempt->sent_bytes ||
	    refused_has(attempt->setup->goaways, &attempt->sent))
		return false;
	curl_easy_getinfo(attempt->easy, CURLINFO_EFFECTIVE_METHOD, &method);
	return method && !method_is_idempotent(method);
}

static int on_words(CURL *easy, curl_infotype type, char *words, size_t len, void *arg)
{
	struct attempt *attempt = arg;

	(void)easy;
	if (type == CURLINFO_TEXT)
		refused_read(attempt->setup->goaways, &attempt->sent, words, len);
	return 0;
}

/* Why a request must not be sent. */
static enum stop check_request(struct attempt *attempt, int local_port, int remote_port)
{
	long sent_bytes = 0;

	if (kept_open_has_input(attempt->setup->kept_open, local_port, remote_port))
		return STOPPED_OLD_INPUT;
	/* libcurl follows the Location of a head that was cut, which may be cut itself. */
	if (head_is_cut(&attempt->head))
		return STOPPED_CUT_HEAD;
	curl_easy_getinfo(attempt->easy, CURLINFO_REQUEST_SIZE, &sent_bytes);
	if (is_resent(attempt, sent_bytes))
		return STOPPED_RESENT;
	attempt->sent_bytes = sent_bytes;
	return NOT_STOPPED;
}

/* Called before a request is sent, over a connection that may be an old one. */
static int on_request(void *arg, char *remote_ip, char *local_ip, int remote_port, int local_port)
{
	struct attempt *attempt = arg;

	(void)remote_ip;
	(void)local_ip;
	attempt->setup->connects(attempt);
	attempt->stop = check_request(attempt, local_port, remote_port);
	if (attempt->stop)
		return CURL_PREREQFUNC_ABORT;
	if (attempt->closes_h2c)
		close_h2c(attempt);
	attempt->requests++;
	attempt->sent = (struct h2_request){.local_port = local_port};
	head_expect(&attempt->head);
	drop_decoder(attempt);
	begin_connection(attempt);
	return CURL_PREREQFUNC_OK;
}

/* Whether it matters which requests a server refuses; and the messages are not the user's. */
static bool hears_words(const struct fetch_options *options)
{
	return !method_is_idempotent(options->method) && !fetch_options_has(options, "VERBOSE");
}

static CURLcode configure(struct attempt *attempt, const struct fetch_options *options)
{
	CURL *easy = attempt->easy;
	CURLcode code = CURLE_OK;

	/* libcurl 7.88 would forget its list of cookie files in a reset, and not free it. */
	curl_easy_setopt(easy, CURLOPT_COOKIEFILE, NULL);
	curl_easy_reset(easy);
	attempt->configured = NULL;
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	/* Who gives up a look-up does not wait for its thread, and nor does the loop. */
	curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
	curl_easy_setopt(easy, CURLOPT_SHARE, attempt->setup->share);
	if (attempt->setup->cookies) /* no file, but the shared store is used */
		curl_easy_setopt(easy, CURLOPT_COOKIEFILE, "");
	curl_easy_setopt(easy, CURLOPT_PRIVATE, attempt->owner);
	curl_easy_setopt(easy, CURLOPT_BUFFERSIZE,
	                 options->decodes ? (long)DECODED_READ_BYTES
	                                  : attempt->setup->buffer_bytes);
	curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, on_open_socket);
	curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, attempt);
	curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, on_request);
	curl_easy_setopt(easy, CURLOPT_PREREQDATA, attempt);
	curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, attempt->words);
	if (hears_words(options)) {
		curl_easy_setopt(easy, CURLOPT_DEBUGFUNCTION, on_words);
		curl_easy_setopt(easy, CURLOPT_DEBUGDATA, attempt);
	}
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, attempt);
	curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_head);
	curl_easy_setopt(easy, CURLOPT_HEADERDATA, attempt);
	if (options->has_body) {
		curl_easy_setopt(easy, CURLOPT_POST, 1L);
		curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)options->body.len);
		curl_easy_setopt(easy, CURLOPT_POSTFIELDS, options->body.data);
	}
	if (options->skips_ca_folder)
		curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
	if (options->keeps_certs)
		curl_easy_setopt(easy, CURLOPT_CERTINFO, 1L);
	for (size_t i = 0; !code && i < options->setting_count; i++)
		code = setting_apply(&options->settings[i], easy);
	curl_easy_setopt(easy, CURLOPT_HTTP_CONTENT_DECODING, 0L); /* see decoder.h */
	if (!code)
		code = redirect_configure(easy, options);
	attempt->closes_h2c = must_close_h2c(options);
	if (!code)
		attempt->configured = options;
	return code;
}

/*
 * Whether to wait for a connection that is being made, to share it with HTTP/2. Over TLS that is
 * known when its handshake ends. Over plain HTTP it is not known before the first answer, and
 * everybody would wait for that.
 */
static bool is_tls_url(const struct request *request)
{
	return !strncmp(request->origin.data, "https:", 6);
}

/* The handle is set up for this one attempt then. */
static CURLcode ask_for_rest(struct attempt *attempt, const struct sink *sink)
{
	struct attempt_rest *rest = &attempt->rest;
	char range[32];
	CURLcode code;

	rest->from = sink->wanted_from;
	snprintf(rest->if_range, sizeof(rest->if_range), "If-Range: %s", sink->validator);
	snprintf(range, sizeof(range), "%lld-", (long long)rest->from);
	rest->header = (struct curl_slist){
		.data = rest->if_range,
		.next = fetch_options_headers(attempt->result->request.options),
	};
	code = curl_easy_setopt(attempt->easy, CURLOPT_HTTPHEADER, &rest->header);
	return code ? code : curl_easy_setopt(attempt->easy, CURLOPT_RANGE, range);
}

CURLcode attempt_prepare(struct attempt *attempt, struct result *result)
{
	const struct fetch_options *options = result->request.options;
	CURLcode code = CURLE_OK;

	attempt->result = result;
	attempt->body_bytes = 0;
	attempt->received_bytes = 0;
	attempt->burst_bytes = 0;
	attempt->requests = 0;
	attempt->head = (struct head){0};
	attempt->rest.from = 0;
	attempt->is_started = attempt->is_full = attempt->is_anew = attempt->has_scrap = false;
	attempt->stop = NOT_STOPPED;
	begin_connection(attempt);
	attempt->words[0] = '\0';
	result_clear_attempt(result);
	if (attempt->configured != options || attempt->redirect.is_changed)
		code = configure(attempt, options);
	redirect_release(&attempt->redirect);
	if (options->keeps_checksum && !attempt->digest)
		attempt->digest = digest_new();
	if (options->keeps_checksum)
		digest_restart(attempt->digest);
	curl_easy_setopt(attempt->easy, CURLOPT_PIPEWAIT, (long)is_tls_url(&result->request));
	attempt->multiplexes = !attempt->closes_h2c || is_tls_url(&result->request);
	if (!code && hears_words(options)) /* only TLS has HTTP/2, unless it is asked for */
		curl_easy_setopt(attempt->easy, CURLOPT_VERBOSE,
		                 (long)is_tls_url(&result->request));
	if (!code && result->sink && result->sink->wanted_from)
		code = ask_for_rest(attempt, result->sink);
	if (!code)
		code = curl_easy_setopt(attempt->easy, CURLOPT_URL, result->request.url.data);
	return code;
}

bool attempt_needs_another(const struct attempt *attempt)
{
	return attempt->stop == STOPPED_OLD_INPUT && !attempt->requests && !attempt->is_anew;
}

CURLcode attempt_prepare_anew(struct attempt *attempt)
{
	CURLcode code = attempt_prepare(attempt, attempt->result);

	attempt->is_anew = true;
	return code ? code : curl_easy_setopt(attempt->easy, CURLOPT_FRESH_CONNECT, 1L);
}

/* libcurl says what is wrong with the URL of a proxy: 'URL', as it was given. */
static void fail_in_words(struct result *r, const char *words)
{
	const char *open = strchr(words, '\''), *close = open ? strrchr(open + 1, '\'') : NULL;
	struct buf text;

	buf_init(&text, BUF_UNLIMITED);
	if (close) {
		buf_put(&text, words, (size_t)(open + 1 - words));
		url_put_masked(&text, open + 1, (size_t)(close - open - 1));
		words = close;
	}
	buf_put_text(&text, words);
	result_fail(r, FAILURE_OTHER, text.data);
	buf_release(&text);
}

/* What libcurl says then. Its memory does not run out otherwise: the process would have ended. */
static bool is_line_too_long(const struct attempt *attempt, CURLcode code)
{
	if (code == CURLE_RECV_ERROR)
		return strstr(attempt->words, "Out of memory in chunked-encoding") ||
		       strstr(attempt->words, "CONNECT response too large");
	return code == CURLE_OUT_OF_MEMORY && attempt->requests && !attempt->head.is_over;
}

/* With TLS, HTTP/2 or a proxy, what came may have been anything. */
static bool is_scrap_of_head(const struct attempt *attempt)
{
	const char *scheme = attempt->result->scheme;

	return attempt->has_scrap && scheme && !strcmp(scheme, "http") && !attempt->closes_h2c &&
	       !fetch_options_has_proxy(attempt->configured);
}

/*
 * Whether it failed because the head was cut, and not for a reason of its own, such as a timeout.
 * libcurl may have been about to follow the Location in it.
 */
static bool failed_in_head(const struct attempt *attempt, CURLcode code)
{
	if (code == CURLE_GOT_NOTHING && is_scrap_of_head(attempt))
		return true;
	if (!attempt->requests || !head_is_cut(&attempt->head))
		return false;
	switch (attempt->result->failure) {
	case FAILURE_NONE:
	case FAILURE_CONNECT:
	case FAILURE_DNS:
	case FAILURE_TLS:
	case FAILURE_REDIRECT: return true;
	default: return code == CURLE_PARTIAL_FILE;
	}
}

/* With the failure that code means in the result. */
static enum stop find_stop(const struct attempt *attempt, CURLcode code)
{
	if (is_line_too_long(attempt, code))
		return STOPPED_LONG_LINE;
	/* The server has less than the sink. */
	if (attempt->rest.from && attempt->result->http_code == RANGE_NOT_SATISFIABLE)
		return STOPPED_OTHER_PART;
	if (!attempt->stop && failed_in_head(attempt, code))
		return STOPPED_CUT_HEAD;
	/* A part that was asked for may end anywhere. */
	if (!code && attempt->decoder && !decoder_is_at_end(attempt->decoder) &&
	    attempt->result->http_code != PARTIAL_CONTENT)
		return STOPPED_CUT_CODING;
	return attempt->stop;
}

static void judge(struct attempt *attempt, CURLcode code)
{
	struct result *r = attempt->result;

	r->exitcode = (int)code;
	if (code) {
		fail_in_words(r, attempt->words[0] ? attempt->words : failure_words(code));
		r->failure = failure_of(code, r);
	}
	attempt->stop = find_stop(attempt, code);
	if (attempt->stop == STOPPED_UNWRITABLE) {
		r->failure = FAILURE_NONE; /* the sink has the words */
	} else if (attempt->stop) {
		fail_stopped(r, attempt->stop);
	} else if (code == CURLE_COULDNT_CONNECT && attempt->denied.len && !attempt->has_socket) {
		result_fail(r, FAILURE_DENIED, attempt->denied.data);
	} else if (!code && (r->http_code < 0 || r->http_code >= STATUS_LIMIT ||
	                     !attempt->configured->accepts[r->http_code])) {
		r->failure = FAILURE_HTTP;
		buf_clear(&r->message);
		buf_printf(&r->message, "the server answered %d", r->http_code);
	}
}

void attempt_harvest(struct attempt *attempt, CURLcode code)
{
	const struct fetch_options *options = attempt->configured;
	struct result *r = attempt->result;

	harvest(r, attempt->easy, options);
	count_received(attempt);
	r->was_sent = attempt->requests > 0 && r->size_request > 0;
	judge(attempt, code);
	drop_decoder(attempt);
	if (options && options->keeps_checksum && !code && !attempt->stop)
		digest_end(attempt->digest, r->checksum);
	cookies_trim(attempt->setup->cookies);
	/*
	 * Its options go with it, or it asked for a range. Or: when an old connection turns out to
	 * be dead libcurl asks again over another one, five times in the life of a handle: only a
	 * reset starts that count anew.
	 */
	if (attempt->requests > 1 || attempt->stop == STOPPED_RESENT || attempt->rest.from ||
	    attempt->is_anew || r->request.own)
		attempt->configured = NULL;
}

bool attempt_has_content(const struct attempt *attempt)
{
	long is_unmet = 0;

	if (attempt->is_started)
		return true;
	curl_easy_getinfo(attempt->easy, CURLINFO_CONDITION_UNMET, &is_unmet);
	switch (attempt->result->http_code) {
	case 204:
	case 205:
	case 304: return false;
	default: return !is_unmet && !attempt->result->request.options->wants_head;
	}
}

const char *attempt_phase(const struct attempt *attempt)
{
	/* The phase whose end libcurl has not seen yet. */
	static const struct {
		CURLINFO end;
		const char *phase;
	} phases[] = {
		{CURLINFO_NAMELOOKUP_TIME_T, "resolving"},
		{CURLINFO_CONNECT_TIME_T, "connecting"},
		{CURLINFO_APPCONNECT_TIME_T, "TLS"},
		{CURLINFO_PRETRANSFER_TIME_T, "sending"},
		{CURLINFO_STARTTRANSFER_TIME_T, "waiting"},
	};
	bool is_tls = is_tls_url(&attempt->result->request);

	for (size_t i = 0; i < sizeof(phases) / sizeof(phases[0]); i++) {
		if (harvest_time(attempt->easy, phases[i].end) < 0 &&
		    (phases[i].end != CURLINFO_APPCONNECT_TIME_T || is_tls))
			return phases[i].phase;
	}
	return "receiving";
}
