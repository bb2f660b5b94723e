#include "output/failure_groups.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/table.h"
#include "output/excerpt.h"
#include "output/host_table.h"

struct failure_group_entry {
	UT_hash_handle hh;
	struct failure_group group;
	char *key;
};

void failure_groups_release(struct failure_groups *groups)
{
	struct failure_group_entry *entry, *next;

	HASH_ITER (hh, groups->entries, entry, next) {
		HASH_DEL(groups->entries, entry);
		free(entry->group.host);
		free(entry->group.message);
		free(entry->group.url);
		free(entry->key);
		free(entry);
	}
}

/* What is no request that can be made has no host. The caller frees it. */
static char *host_of(const struct result *r)
{
	const struct buf *origin = &r->request.origin;

	return r->failure == FAILURE_INPUT || !origin->len
	               ? mem_text("")
	               : excerpt_text(origin->data, host_name_shown(origin->data));
}

/* The text with one digit for each number. */
static void put_without_numbers(struct buf *out, const char *text)
{
	for (; *text; text++) {
		bool is_digit = isdigit((unsigned char)*text);

		if (!is_digit || !isdigit((unsigned char)text[1]))
			buf_put_byte(out, is_digit ? '0' : *text);
	}
}

/* A status is no number that comes by chance. */
static void put_key(struct buf *out, const struct result *r, const char *host, const char *message)
{
	buf_printf(out, "%d %d %s ", (int)r->failure, r->failure == FAILURE_HTTP ? r->http_code : 0,
	           host);
	put_without_numbers(out, message);
}

static struct failure_group_entry *begin(struct failure_groups *groups, const struct result *r,
                                         const struct buf *key)
{
	struct failure_group_entry *entry = mem_zero(1, sizeof(*entry));

	groups->counts[r->failure]++;
	entry->key = mem_bytes(key->data, key->len);
	entry->group.failure = r->failure;
	entry->group.url = excerpt_url(r);
	entry->group.order = HASH_COUNT(groups->entries);
	HASH_ADD_KEYPTR(hh, groups->entries, entry->key, key->len, entry);
	return entry;
}

void failure_groups_add(struct failure_groups *groups, const struct result *r)
{
	char *message = excerpt_text(r->message.data, r->message.len), *host = host_of(r);
	struct failure_group_entry *entry;
	struct buf key;

	buf_init(&key, BUF_UNLIMITED);
	put_key(&key, r, host, message);
	HASH_FIND(hh, groups->entries, key.data, key.len, entry);
	if (!entry && groups->counts[r->failure] < GROUPS_OF_CLASS) {
		entry = begin(groups, r, &key);
		entry->group.host = host;
		entry->group.message = message;
		host = message = NULL;
	}
	if (entry)
		entry->group.count++;
	else
		groups->others[r->failure]++;
	free(host);
	free(message);
	buf_release(&key);
}

static int by_count(const void *a, const void *b)
{
	const struct failure_group *x = *(const struct failure_group *const *)a;
	const struct failure_group *y = *(const struct failure_group *const *)b;

	if (x->count != y->count)
		return x->count < y->count ? 1 : -1;
	return x->order < y->order ? -1 : x->order > y->order;
}

const struct failure_group **failure_groups_sorted(const struct failure_groups *groups,
                                                   enum failure failure)
{
	size_t count = groups->counts[failure], i = 0;
	const struct failure_group **sorted = mem_zero(count + 1, sizeof(*sorted));

	for (struct failure_group_entry *entry = groups->entries; entry; entry = entry->hh.next) {
		if (entry->group.failure == failure)
			sorted[i++] = &entry->group;
	}
	qsort(sorted, count, sizeof(*sorted), by_count);
	return sorted;
}
