/*
 * transfer/cookies: servers that set many cookies make little work.
 */
#include "unit.h"

#include <curl/curl.h>
#include <stdlib.h>

#include "base/mem.h"
#include "transfer/ceilings.h"
#include "transfer/cookies.h"

enum { HOSTS = 120, EACH = 50, UNNOTICED = 100 };

static size_t count_cookies(CURL *easy)
{
	struct curl_slist *list = NULL;
	size_t total = 0;

	curl_easy_getinfo(easy, CURLINFO_COOKIELIST, &list);
	for (const struct curl_slist *l = list; l; l = l->next)
		total++;
	curl_slist_free_all(list);
	return total;
}

static void set_cookie(CURL *easy, int host, int number)
{
	char *line = mem_printf("h%d.test\tFALSE\t/\tFALSE\t0\tc%d\tv", host, number);

	curl_easy_setopt(easy, CURLOPT_COOKIELIST, line);
	free(line);
}

/* As many as one response sets. */
static void respond(struct cookies *cookies, CURL *easy, int host)
{
	for (int i = 0; i < EACH; i++) {
		set_cookie(easy, host, i);
		cookies_note(cookies);
	}
	cookies_trim(cookies);
}

static void many_are_dropped_at_once_and_seldom(void **state)
{
	CURLSH *share = curl_share_init();
	struct cookies *cookies = cookies_new(share, NULL, 0);
	CURL *easy = curl_easy_init();
	size_t total = 0, before;
	unsigned drops = 0;

	(void)state;
	curl_easy_setopt(easy, CURLOPT_SHARE, share);
	for (int host = 0; host < HOSTS; host++) {
		before = total;
		respond(cookies, easy, host);
		total = count_cookies(easy);
		drops += total < before;
		assert_in_range(total, 0, MAX_COOKIES + UNNOTICED);
	}
	assert_in_range(total, MAX_COOKIES / 2, MAX_COOKIES + UNNOTICED);
	/* Each makes room for MAX_COOKIES / 6 = 500 at least. */
	assert_in_range(drops, 1, (HOSTS * EACH - MAX_COOKIES) / (MAX_COOKIES / 6) + 1);
	curl_easy_cleanup(easy);
	assert_err(cookies_free(cookies, NULL, NULL), ERR_NONE);
	curl_share_cleanup(share);
}

/* The server of few keeps them, whoever sets many. */
static void the_domains_with_most_go_first(void **state)
{
	CURLSH *share = curl_share_init();
	struct cookies *cookies = cookies_new(share, NULL, 0);
	CURL *easy = curl_easy_init();
	struct curl_slist *list = NULL;
	unsigned kept = 0;

	(void)state;
	curl_easy_setopt(easy, CURLOPT_SHARE, share);
	set_cookie(easy, HOSTS, 0);
	for (int host = 0; host < HOSTS; host++)
		respond(cookies, easy, host);
	curl_easy_getinfo(easy, CURLINFO_COOKIELIST, &list);
	for (const struct curl_slist *l = list; l; l = l->next)
		kept += strstr(l->data, "h120.test") != NULL;
	assert_int_equal(kept, 1);
	curl_slist_free_all(list);
	curl_easy_cleanup(easy);
	assert_err(cookies_free(cookies, NULL, NULL), ERR_NONE);
	curl_share_cleanup(share);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(many_are_dropped_at_once_and_seldom),
		cmocka_unit_test(the_domains_with_most_go_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
