#include "output/host_table.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#include "base/buf.h"
#include "base/mem.h"
#include "transfer/result.h"
#include "transfer/url.h"

struct host {
	UT_hash_handle hh;
	struct host_counts counts;
	bool is_all;
	char name[HOST_NAME_LIMIT + 1];
};

enum { FIRST_OCTAVE = 6, BUCKETS_PER_OCTAVE = 8 };

void host_table_release(struct host_table *table)
{
	struct host *host, *next;

	HASH_ITER (hh, table->hosts, host, next) {
		HASH_DEL(table->hosts, host);
		free(host);
	}
}

static size_t bucket_of(int64_t time_us)
{
	uint64_t v = (uint64_t)time_us;
	unsigned octave;
	size_t i;

	if (time_us < 1 << FIRST_OCTAVE)
		return 0;
	octave = 63u - (unsigned)__builtin_clzll(v);
	i = (octave - FIRST_OCTAVE) * BUCKETS_PER_OCTAVE + (size_t)(v >> (octave - 3) & 7);
	return i < HOST_BUCKETS ? i : HOST_BUCKETS - 1;
}

/* The middle of a bucket. */
static int64_t value_of(size_t bucket)
{
	unsigned octave = FIRST_OCTAVE + (unsigned)(bucket / BUCKETS_PER_OCTAVE);
	int64_t width = INT64_C(1) << (octave - 3);

	return width * (int64_t)(BUCKETS_PER_OCTAVE + bucket % BUCKETS_PER_OCTAVE) + width / 2;
}

int64_t host_counts_quantile(const struct host_counts *counts, double quantile)
{
	uint64_t rank = (uint64_t)ceil(quantile * (double)counts->timed), seen = 0;

	for (size_t i = 0; rank && i < HOST_BUCKETS; i++) {
		seen += counts->buckets[i];
		if (seen >= rank)
			return value_of(i) < counts->max_us ? value_of(i) : counts->max_us;
	}
	return 0;
}

static void merge(struct host_counts *into, const struct host_counts *from)
{
	into->requests += from->requests;
	into->failed += from->failed;
	into->connections += from->connections;
	into->bytes += from->bytes;
	into->timed += from->timed;
	into->time_us += from->time_us;
	if (from->max_us > into->max_us)
		into->max_us = from->max_us;
	for (size_t i = 0; i < HOST_BUCKETS; i++)
		into->buckets[i] += from->buckets[i];
}

static int by_requests(struct host *a, struct host *b)
{
	if (a->counts.requests != b->counts.requests)
		return a->counts.requests < b->counts.requests ? 1 : -1;
	return strcmp(a->name, b->name);
}

/* The smaller half joins the others. */
static void shrink(struct host_table *table)
{
	struct host *host, *next;
	size_t place = 0;

	HASH_SORT(table->hosts, by_requests);
	HASH_ITER (hh, table->hosts, host, next) {
		if (place++ < HOSTS_LIMIT / 2)
			continue;
		merge(&table->others, &host->counts);
		HASH_DEL(table->hosts, host);
		free(host);
		table->count--;
		table->left++;
	}
}

static struct host_counts *find(struct host_table *table, const struct buf *name)
{
	size_t len = name->len < HOST_NAME_LIMIT ? name->len : HOST_NAME_LIMIT;
	struct host *host;

	HASH_FIND(hh, table->hosts, name->data, len, host);
	if (host)
		return &host->counts;
	if (table->count == HOSTS_LIMIT)
		shrink(table);
	host = mem_zero(1, sizeof(*host));
	memcpy(host->name, name->data, len);
	host->is_all = !table->left;
	HASH_ADD_KEYPTR(hh, table->hosts, host->name, len, host);
	table->count++;
	return &host->counts;
}

void host_table_add(struct host_table *table, const struct result *r)
{
	struct host_counts *counts;
	struct buf name;

	buf_init(&name, BUF_UNLIMITED);
	url_put_origin(&name, r->request.url.data, r->request.url.len);
	counts = find(table, &name);
	buf_release(&name);
	counts->requests++;
	counts->failed += !result_is_ok(r);
	counts->connections += (uint64_t)(r->spent.num_connects + r->num_connects);
	counts->bytes += (uint64_t)(r->spent.size_download + r->size_download);
	if (r->time_total_us < 0 || r->failure == FAILURE_CANCELED ||
	    r->failure == FAILURE_DEADLINE)
		return;
	counts->timed++;
	counts->time_us += r->time_total_us;
	if (r->time_total_us > counts->max_us)
		counts->max_us = r->time_total_us;
	counts->buckets[bucket_of(r->time_total_us)]++;
}

struct host_counts host_table_visit(struct host_table *table, size_t limit, host_table_fn *fn,
                                    void *arg)
{
	struct host_counts others = table->others;
	size_t place = 0;

	HASH_SORT(table->hosts, by_requests);
	for (struct host *host = table->hosts; host; host = host->hh.next) {
		if (place++ < limit)
			fn(host->name, &host->counts, host->is_all, arg);
		else
			merge(&others, &host->counts);
	}
	return others;
}
