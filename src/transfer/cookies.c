#include "transfer/cookies.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/mem.h"
#include "transfer/ceilings.h"
#include "transfer/public_suffix.h"

struct cookies {
	CURL *easy;               /* holds the store open */
	size_t own;               /* read from files: the user's own words */
	atomic_size_t noted;      /* since they were counted */
	atomic_size_t look_after; /* so many */
	pthread_mutex_t lock;     /* of easy */
};

/*
 * A look lists all cookies, and dropping one makes libcurl go through all. So more are dropped than
 * need be, and the next look waits until there can be too many again.
 */
enum {
	ROOM_AFTER_DROP = MAX_COOKIES / 6,
	LEAST_NEW = 100, /* between two looks */
};

/* The domain, first in a line of a Netscape file. */
static size_t domain_len(const char *line)
{
	return strcspn(line, "\t");
}

/* Field number i, from 0, of a line of a Netscape file; NULL: it has none. */
static const char *find_field(const char *line, int i)
{
	while (line && i--) {
		line = strchr(line, '\t');
		line += line != NULL;
	}
	return line;
}

/* Ends a cookie: the fifth of its seven fields is the time when it expires. */
static void expire(CURL *easy, const char *line)
{
	const char *expires = find_field(line, 4);
	struct buf past;

	if (!expires)
		return;
	buf_init(&past, BUF_UNLIMITED);
	buf_put(&past, line, (size_t)(expires - line));
	buf_put_byte(&past, '1');
	buf_put_text(&past, expires + strcspn(expires, "\t"));
	curl_easy_setopt(easy, CURLOPT_COOKIELIST, past.data);
	buf_release(&past);
}

static size_t count(const struct curl_slist *list)
{
	size_t total = 0;

	for (; list; list = list->next)
		total++;
	return total;
}

struct domain {
	const char *name; /* with the tab after it, in the list */
	size_t len, cookies;
};

static int by_cookies(const void *a, const void *b)
{
	const struct domain *x = a, *y = b;

	return (x->cookies < y->cookies) - (x->cookies > y->cookies);
}

/* The domains of a list of total cookies, those with most cookies first. */
static struct domain *rank_domains(const struct curl_slist *list, size_t total, size_t *ret_count)
{
	struct domain *domains = mem_zero(total, sizeof(*domains));
	struct hash_bag places = {0};
	size_t domain_count = 0;

	for (; list; list = list->next) {
		size_t len = domain_len(list->data) + 1;
		uint32_t *place = hash_bag_count(&places, hash_bytes(list->data, len));

		if (!*place) {
			domains[domain_count] = (struct domain){.name = list->data, .len = len};
			*place = (uint32_t)++domain_count;
		}
		domains[*place - 1].cookies++;
	}
	hash_bag_release(&places);
	qsort(domains, domain_count, sizeof(*domains), by_cookies);
	*ret_count = domain_count;
	return domains;
}

static void expire_domain(CURL *easy, const struct curl_slist *list, const struct domain *domain)
{
	for (; list; list = list->next) {
		if (!strncmp(list->data, domain->name, domain->len))
			expire(easy, list->data);
	}
}

/*
 * Drops domains, those with most cookies first, until at most `most` cookies are left. Returns how
 * many are left.
 */
static size_t drop_domains(CURL *easy, const struct curl_slist *list, size_t total, size_t most)
{
	size_t domain_count;
	struct domain *domains = rank_domains(list, total, &domain_count);

	for (size_t i = 0; i < domain_count && total > most; i++) {
		expire_domain(easy, list, &domains[i]);
		total -= domains[i].cookies;
	}
	free(domains);
	return total;
}

/* Returns how many new cookies make the next look necessary. */
static size_t look(struct cookies *cookies)
{
	size_t most = cookies->own + MAX_COOKIES, total;
	struct curl_slist *list = NULL;

	curl_easy_getinfo(cookies->easy, CURLINFO_COOKIELIST, &list);
	total = count(list);
	if (total > most)
		total = drop_domains(cookies->easy, list, total, most - ROOM_AFTER_DROP);
	curl_slist_free_all(list);
	return total < most - LEAST_NEW ? most - total : LEAST_NEW;
}

/* Whether it is for all hosts below a domain under which anybody can have one. */
static bool is_for_strangers(const char *line)
{
	static const char http_only[] = "#HttpOnly_";
	const char *subdomains = find_field(line, 1);
	size_t len;

	if (!subdomains || strncmp(subdomains, "TRUE", 4) != 0)
		return false;
	if (!strncmp(line, http_only, strlen(http_only)))
		line += strlen(http_only);
	line += *line == '.';
	len = domain_len(line);
	return public_suffix_is(line, len);
}

/* libcurl looks for public suffixes in what servers set; that of today not in files. */
static void drop_for_strangers(struct cookies *cookies, const struct curl_slist *list)
{
	for (; list; list = list->next) {
		if (is_for_strangers(list->data))
			expire(cookies->easy, list->data);
	}
}

struct cookies *cookies_new(CURLSH *share, const char *const *files, unsigned file_count)
{
	struct cookies *cookies = mem_zero(1, sizeof(*cookies));
	struct curl_slist *list = NULL;

	curl_share_setopt(share, CURLSHOPT_SHARE, CURL_LOCK_DATA_COOKIE);
	pthread_mutex_init(&cookies->lock, NULL);
	atomic_init(&cookies->look_after, LEAST_NEW);
	cookies->easy = curl_easy_init();
	if (!cookies->easy)
		mem_out();
	curl_easy_setopt(cookies->easy, CURLOPT_SHARE, share);
	curl_easy_setopt(cookies->easy, CURLOPT_COOKIEFILE, "");
	for (unsigned i = 0; i < file_count; i++)
		curl_easy_setopt(cookies->easy, CURLOPT_COOKIEFILE, files[i]);
	/* Read them now: otherwise that would wait for a transfer of this handle. */
	curl_easy_setopt(cookies->easy, CURLOPT_COOKIELIST, "RELOAD");
	curl_easy_getinfo(cookies->easy, CURLINFO_COOKIELIST, &list);
	drop_for_strangers(cookies, list);
	cookies->own = count(list);
	curl_slist_free_all(list);
	return cookies;
}

/* The later first, as in libcurl's jars: then they are sent in the same order again. */
static struct curl_slist *get_reversed(const struct cookies *cookies)
{
	struct curl_slist *list = NULL, *reversed = NULL, *next;

	curl_easy_getinfo(cookies->easy, CURLINFO_COOKIELIST, &list);
	for (; list; list = next) {
		next = list->next;
		list->next = reversed;
		reversed = list;
	}
	return reversed;
}

/* What a server has ended stays in libcurl's list until the next cookie comes. */
static bool is_expired(const char *line, int64_t now)
{
	const char *field = find_field(line, 4);
	long long expires = field ? strtoll(field, NULL, 10) : 0;

	return expires && expires < now;
}

/*
 * libcurl would write it itself, but not say whether it could, and leave half of it. Cookies are
 * logins: a new jar is for its owner alone.
 */
static enum err write_jar(const struct cookies *cookies, const char *jar, struct error *e)
{
	struct curl_slist *list = get_reversed(cookies);
	int64_t now = clock_unix_us() / 1000000;
	enum err failed;
	struct buf text;

	buf_init(&text, BUF_UNLIMITED);
	buf_put_text(&text, "# Netscape HTTP Cookie File\n"
	                    "# This file was made by gather.\n\n");
	for (const struct curl_slist *l = list; l; l = l->next) {
		if (!is_expired(l->data, now))
			buf_printf(&text, "%s\n", l->data);
	}
	curl_slist_free_all(list);
	failed = file_replace(jar, 0600, text.data, text.len, e);
	buf_release(&text);
	return failed;
}

enum err cookies_free(struct cookies *cookies, const char *jar, struct error *e)
{
	enum err failed = ERR_NONE;

	if (!cookies)
		return ERR_NONE;
	if (jar)
		failed = write_jar(cookies, jar, e);
	curl_easy_cleanup(cookies->easy);
	pthread_mutex_destroy(&cookies->lock);
	free(cookies);
	return failed;
}

void cookies_note(struct cookies *cookies)
{
	atomic_fetch_add(&cookies->noted, 1);
}

void cookies_trim(struct cookies *cookies)
{
	if (!cookies || atomic_load(&cookies->noted) < atomic_load(&cookies->look_after))
		return;
	pthread_mutex_lock(&cookies->lock);
	if (atomic_load(&cookies->noted) >= atomic_load(&cookies->look_after)) {
		atomic_store(&cookies->noted, 0);
		atomic_store(&cookies->look_after, look(cookies));
	}
	pthread_mutex_unlock(&cookies->lock);
}
