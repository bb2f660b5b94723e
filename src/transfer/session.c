#include "transfer/session.h"

#include <curl/curl.h>
#include <pthread.h>
#include <stdlib.h>

#include "base/mem.h"
#include "transfer/ceilings.h"
#include "transfer/cookies.h"
#include "transfer/result.h"

struct session {
	CURLSH *share;
	struct cookies *cookies; /* NULL: they are not kept */
	char *cookie_jar;
	const struct guard *guard;
	struct kept kept;
	pthread_mutex_t locks[CURL_LOCK_DATA_LAST];
};

/* ---- libcurl's memory ---- */

static void *resize(void *p, size_t size)
{
	return mem_resize(p, size, 1);
}

/* Nor does memory fail for libcurl: a reset would leave a handle with half of its defaults. */
enum err transfer_global_init(struct error *e)
{
	CURLcode code = curl_global_init_mem(CURL_GLOBAL_DEFAULT, mem_alloc, free, resize, mem_text,
	                                     mem_zero);

	return code ? error_set(e, ERR_FAILED, "libcurl: %s", curl_easy_strerror(code)) : ERR_NONE;
}

void transfer_global_release(void)
{
	curl_global_cleanup();
}

/* ---- what transfers share ---- */

static void on_lock(CURL *easy, curl_lock_data data, curl_lock_access access, void *arg)
{
	struct session *session = arg;

	(void)easy;
	(void)access;
	pthread_mutex_lock(&session->locks[data]);
}

static void on_unlock(CURL *easy, curl_lock_data data, void *arg)
{
	struct session *session = arg;

	(void)easy;
	pthread_mutex_unlock(&session->locks[data]);
}

struct session *session_new(const struct session_options *options, uint64_t concurrency)
{
	struct session *session = mem_zero(1, sizeof(*session));

	session->guard = options->guard;
	session->kept.share = MAX_KEPT_BODIES / concurrency;
	for (size_t i = 0; i < CURL_LOCK_DATA_LAST; i++)
		pthread_mutex_init(&session->locks[i], NULL);
	session->share = curl_share_init();
	if (!session->share)
		mem_out();
	curl_share_setopt(session->share, CURLSHOPT_LOCKFUNC, on_lock);
	curl_share_setopt(session->share, CURLSHOPT_UNLOCKFUNC, on_unlock);
	curl_share_setopt(session->share, CURLSHOPT_USERDATA, session);
	curl_share_setopt(session->share, CURLSHOPT_SHARE, CURL_LOCK_DATA_DNS);
	curl_share_setopt(session->share, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION);
	if (options->cookie_file_count || options->cookie_jar)
		session->cookies = cookies_new(session->share, options->cookie_files,
		                               options->cookie_file_count);
	session->cookie_jar = mem_text(options->cookie_jar);
	return session;
}

enum err session_free(struct session *session, struct error *e)
{
	enum err failed;

	if (!session)
		return ERR_NONE;
	failed = cookies_free(session->cookies, session->cookie_jar, e);
	curl_share_cleanup(session->share);
	for (size_t i = 0; i < CURL_LOCK_DATA_LAST; i++)
		pthread_mutex_destroy(&session->locks[i]);
	free(session->cookie_jar);
	free(session);
	return failed;
}

void *session_share(const struct session *session)
{
	return session->share;
}

struct cookies *session_cookies(const struct session *session)
{
	return session->cookies;
}

struct kept *session_kept(struct session *session)
{
	return &session->kept;
}

const struct guard *session_guard(const struct session *session)
{
	return session->guard;
}
