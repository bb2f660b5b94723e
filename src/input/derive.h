/*
 * Requests that come of answers: the next page of a chain (--next), and what an answer names
 * (--follow).
 *
 * A value of an answer is a URL, absolute or relative to that of the answer, or fills the template
 * of --follow-url. Only http and https are followed. No URL is derived twice in a run, nor one that
 * the input has named before as a GET; 24 to 48 bytes for each are kept for that. What waits to be
 * taken is kept too, in the order in which it was found.
 *
 * Derived requests are GETs without a body. Headers and logins of the run go along to the origin
 * that the parent was asked at, as long as the parent had them itself; to others, what
 * transfer/travel.h says.
 */
#ifndef INPUT_DERIVE_H
#define INPUT_DERIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "input/pages.h"

struct cJSON;
struct deriver;
struct fetch_options;
struct json_pointer;
struct request;
struct result;

enum { DERIVE_MAX_PAGES = 1000, DERIVE_MAX_REQUESTS = 100000 }; /* by default */

/* {0} derives nothing. */
struct derive_options {
	bool follows_links;           /* to the next page: Link with rel="next" */
	struct json_pointer *next;    /* the place of its URL; NULL: none */
	uint64_t max_pages;           /* of a chain, the first one too; 0: DERIVE_MAX_PAGES */
	bool is_sequential;           /* pages are never fetched at once */
	struct json_pointer **follow; /* places of values */
	size_t follow_count;
	char *follow_url;                  /* what they fill; NULL: they are URLs */
	uint64_t max_depth;                /* 0: no limit */
	uint64_t max_requests;             /* 0: DERIVE_MAX_REQUESTS */
	const struct fetch_options *fetch; /* how the input is fetched; sealed */

	/* What the run keeps of answers that nothing is derived from; of derive_keep(). */
	struct {
		bool needs_body, continues;
		size_t max_bytes;
	} keeps;
};

/* Each adds to the options, or sets words. */
MUST_USE enum err derive_set_next(struct derive_options *options, const char *text,
                                  struct error *e);
MUST_USE enum err derive_add_follow(struct derive_options *options, const char *text,
                                    struct error *e);
MUST_USE enum err derive_set_follow_url(struct derive_options *options, const char *text,
                                        struct error *e);
void derive_options_release(struct derive_options *options);

/* Whether anything is to be derived. */
bool derive_is_on(const struct derive_options *options);

/* Lets the run, whose fetch options are these, keep what is looked at. Before they are sealed. */
void derive_keep(struct derive_options *options, struct fetch_options *fetch);

/* options are borrowed for its life. NULL when nothing is to be derived, which is fine below. */
struct deriver *deriver_new(const struct derive_options *options);
void deriver_free(struct deriver *deriver);

/* A request that the input has named: its URL is not derived from now on. */
void deriver_pass(struct deriver *deriver, const struct request *request);

/* Whether what a result leads to stands in its body, as JSON. A 204 leads nowhere. */
bool deriver_needs_json(const struct deriver *deriver, const struct result *result);

/* What was found in a response, and how far it has been taken. {0} is nothing. */
struct findings {
	const struct cJSON *next; /* NULL: none */
	const struct cJSON **values;
	size_t count, capacity, taken;
	bool has_begun;
	char *page_url; /* of those that are fetched at once; NULL: none */
	struct page_range pages;
	uint64_t page, last_page;
};

void findings_release(struct findings *found);

/*
 * Finds in json, the body of a result, what the result leads to; the values are borrowed from
 * there. From any thread, as long as the result is nobody else's.
 */
void deriver_find(const struct deriver *deriver, const struct result *result,
                  const struct cJSON *json, struct findings *found);

/*
 * Takes what was found, and the links, of a result, which is ok, for a slice of the turn
 * (async/slice.h); true when there is more, and this is to be called again. What cannot be followed
 * becomes the result's warning; where that ends a chain of pages, there is a notice, too, and
 * deriver_is_cut().
 */
MUST_USE bool deriver_take(struct deriver *deriver, struct result *result, struct findings *found);

/* Before deriver_take(), for one whose body is needed and cannot be read. */
void deriver_take_unreadable(struct deriver *deriver, struct result *result, const char *why);

/* Fills in the next derived request but for its index; false: there is none now. */
bool deriver_next(struct deriver *deriver, struct request *ret_request);

/* How many wait to be taken. */
uint64_t deriver_waiting(const struct deriver *deriver);

/*
 * Whether requests were left out that nobody has said to leave out, with max_pages, or as a page
 * cannot be used.
 */
bool deriver_is_cut(const struct deriver *deriver);

/* What the user is to know, as lines without "gather: ". To be cleared when they are written. */
struct buf *deriver_notices(struct deriver *deriver);

/* For a result's warnings: the first one stays. */
void derive_warn(struct result *result, const char *format, ...) PRINTF_LIKE(2, 3);

#endif
