#include "transfer/session.h"

#include <curl/curl.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/mem.h"

struct session {
	CURLSH *share;
	CURL *cookies; /* holds the cookie store open, and writes the jar when it goes; or NULL */
	char *cookie_jar;
	const struct guard *guard;
	pthread_mutex_t locks[CURL_LOCK_DATA_LAST];
};

enum err transfer_global_init(struct error *e)
{
	CURLcode code = curl_global_init(CURL_GLOBAL_DEFAULT);

	return code ? error_set(e, ERR_FAILED, "libcurl: %s", curl_easy_strerror(code)) : ERR_NONE;
}

void transfer_global_release(void)
{
	curl_global_cleanup();
}

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

static void open_cookies(struct session *session, const struct session_options *options)
{
	curl_share_setopt(session->share, CURLSHOPT_SHARE, CURL_LOCK_DATA_COOKIE);
	session->cookies = curl_easy_init();
	curl_easy_setopt(session->cookies, CURLOPT_SHARE, session->share);
	curl_easy_setopt(session->cookies, CURLOPT_COOKIEFILE, "");
	for (unsigned i = 0; i < options->cookie_file_count; i++)
		curl_easy_setopt(session->cookies, CURLOPT_COOKIEFILE, options->cookie_files[i]);
	/* Read them now: otherwise that would wait for a transfer of this handle. */
	curl_easy_setopt(session->cookies, CURLOPT_COOKIELIST, "RELOAD");
	session->cookie_jar = mem_text(options->cookie_jar);
}

struct session *session_new(const struct session_options *options)
{
	struct session *session = mem_zero(1, sizeof(*session));

	session->guard = options->guard;
	for (size_t i = 0; i < CURL_LOCK_DATA_LAST; i++)
		pthread_mutex_init(&session->locks[i], NULL);
	session->share = curl_share_init();
	curl_share_setopt(session->share, CURLSHOPT_LOCKFUNC, on_lock);
	curl_share_setopt(session->share, CURLSHOPT_UNLOCKFUNC, on_unlock);
	curl_share_setopt(session->share, CURLSHOPT_USERDATA, session);
	curl_share_setopt(session->share, CURLSHOPT_SHARE, CURL_LOCK_DATA_DNS);
	curl_share_setopt(session->share, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION);
	if (options->cookie_file_count || options->cookie_jar)
		open_cookies(session, options);
	return session;
}

/*
 * The handle writes the jar when it goes. libcurl does not say whether it could; but it replaces
 * the file, so a regular file that is the same as before was not written. Cookies are logins: a new
 * jar is for its owner alone. No other thread makes files at this time.
 */
static enum err write_jar(struct session *session)
{
	struct stat before, after;
	bool was_there = !stat(session->cookie_jar, &before);
	mode_t mask = umask(077);

	if (was_there) /* who has given it to others keeps it like that */
		umask(mask);
	curl_easy_setopt(session->cookies, CURLOPT_COOKIEJAR, session->cookie_jar);
	curl_easy_cleanup(session->cookies);
	umask(mask);
	if (stat(session->cookie_jar, &after))
		return ERR_SYSTEM;
	return was_there && S_ISREG(after.st_mode) && before.st_ino == after.st_ino ? ERR_SYSTEM
	                                                                            : ERR_NONE;
}

enum err session_free(struct session *session)
{
	enum err failed = ERR_NONE;

	if (!session)
		return ERR_NONE;
	if (session->cookie_jar)
		failed = write_jar(session);
	else
		curl_easy_cleanup(session->cookies);
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

bool session_has_cookies(const struct session *session)
{
	return session->cookies;
}

const struct guard *session_guard(const struct session *session)
{
	return session->guard;
}
