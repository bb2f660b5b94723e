#include "transfer/session.h"

#include <curl/curl.h>
#include <pthread.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/mem.h"
#include "transfer/ceilings.h"
#include "transfer/result.h"

struct session {
	CURLSH *share;
	CURL *cookies; /* holds the cookie store open; or NULL */
	char *cookie_jar;
	const struct guard *guard;
	struct kept kept;
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
	if (!session->cookies)
		mem_out();
	curl_easy_setopt(session->cookies, CURLOPT_SHARE, session->share);
	curl_easy_setopt(session->cookies, CURLOPT_COOKIEFILE, "");
	for (unsigned i = 0; i < options->cookie_file_count; i++)
		curl_easy_setopt(session->cookies, CURLOPT_COOKIEFILE, options->cookie_files[i]);
	/* Read them now: otherwise that would wait for a transfer of this handle. */
	curl_easy_setopt(session->cookies, CURLOPT_COOKIELIST, "RELOAD");
	session->cookie_jar = mem_text(options->cookie_jar);
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
		open_cookies(session, options);
	return session;
}

/* The later first, as in libcurl's jars: then they are sent in the same order again. */
static struct curl_slist *get_cookies(const struct session *session)
{
	struct curl_slist *cookies = NULL, *reversed = NULL, *next;

	curl_easy_getinfo(session->cookies, CURLINFO_COOKIELIST, &cookies);
	for (; cookies; cookies = next) {
		next = cookies->next;
		cookies->next = reversed;
		reversed = cookies;
	}
	return reversed;
}

/*
 * libcurl would write it itself, but not say whether it could, and leave half of it. Cookies are
 * logins: a new jar is for its owner alone.
 */
static enum err write_jar(const struct session *session, struct error *e)
{
	struct curl_slist *cookies = get_cookies(session);
	enum err failed;
	struct buf text;

	buf_init(&text, BUF_UNLIMITED);
	buf_put_text(&text, "# Netscape HTTP Cookie File\n"
	                    "# This file was made by gather.\n\n");
	for (const struct curl_slist *c = cookies; c; c = c->next)
		buf_printf(&text, "%s\n", c->data);
	curl_slist_free_all(cookies);
	failed = file_replace(session->cookie_jar, 0600, text.data, text.len, e);
	buf_release(&text);
	return failed;
}

enum err session_free(struct session *session, struct error *e)
{
	enum err failed = ERR_NONE;

	if (!session)
		return ERR_NONE;
	if (session->cookie_jar)
		failed = write_jar(session, e);
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

struct kept *session_kept(struct session *session)
{
	return &session->kept;
}

const struct guard *session_guard(const struct session *session)
{
	return session->guard;
}
