#include "output/host_table.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/table.h"
#include "output/histogram.h"
#include "transfer/result.h"

struct host {
	UT_hash_handle hh;
	struct host_counts counts;
	int64_t p99_us; /* while they are put in order */
	bool is_all;
	char name[HOST_NAME_LIMIT + 1];
};

void host_table_release(struct host_table *table)
{
	struct host *host, *next;

	HASH_ITER (hh, table->hosts, host, next) {
		HASH_DEL(table->hosts, host);
		free(host);
	}
}

enum { BITS = 6 };

static size_t bucket_of(int64_t time_us)
{
	size_t i = histogram_bucket((uint64_t)time_us, BITS);

	return i < HOST_BUCKETS ? i : HOST_BUCKETS - 1;
}

int64_t host_counts_quantile(const struct host_counts *counts, double quantile)
{
	uint64_t rank = (uint64_t)ceil(quantile * (double)counts->timed), seen = 0;
	int64_t value;
	size_t i = 0;

	/* The ends are known exactly. */
	if (rank <= 1)
		return counts->min_us;
	if (rank >= counts->timed)
		return counts->max_us;
	while (i < HOST_BUCKETS - 1 && (seen += counts->buckets[i]) < rank)
		i++;
	value = histogram_middle(i, BITS);
	if (value > counts->max_us)
		return counts->max_us;
	return value < counts->min_us ? counts->min_us : value;
}

static int64_t quantile_of(const void *arg, double quantile)
{
	return host_counts_quantile(arg, quantile);
}

struct latency host_counts_latency(const struct host_counts *counts)
{
	return latency_make(counts->timed, counts->time_us, quantile_of, counts);
}

static void merge(struct host_counts *into, const struct host_counts *from)
{
	into->requests += from->requests;
	into->failed += from->failed;
	into->connections += from->connections;
	into->bytes += from->bytes;
	if (from->timed && (!into->timed || from->min_us < into->min_us))
		into->min_us = from->min_us;
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

static int by_failures(struct host *a, struct host *b)
{
	if (a->counts.failed != b->counts.failed)
		return a->counts.failed < b->counts.failed ? 1 : -1;
	if (a->p99_us != b->p99_us)
		return a->p99_us < b->p99_us ? 1 : -1;
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
	struct host_counts *counts = find(table, &r->request.origin);

	counts->requests++;
	counts->failed += !result_is_ok(r);
	counts->connections += (uint64_t)(r->spent.num_connects + r->num_connects);
	counts->bytes += (uint64_t)(r->spent.size_download + r->size_download);
	if (r->time_total_us < 0 || !result_is_timed(r))
		return;
	if (!counts->timed || r->time_total_us < counts->min_us)
		counts->min_us = r->time_total_us;
	counts->timed++;
	counts->time_us += r->time_total_us;
	if (r->time_total_us > counts->max_us)
		counts->max_us = r->time_total_us;
	counts->buckets[bucket_of(r->time_total_us)]++;
}

static void sort(struct host_table *table, enum host_order order)
{
	if (order == HOSTS_LARGEST) {
		HASH_SORT(table->hosts, by_requests);
		return;
	}
	for (struct host *host = table->hosts; host; host = host->hh.next)
		host->p99_us = host_counts_quantile(&host->counts, 0.99);
	HASH_SORT(table->hosts, by_failures);
}

struct host_counts host_table_visit(struct host_table *table, enum host_order order, size_t limit,
                                    host_table_fn *fn, void *arg)
{
	struct host_counts others = table->others;
	size_t place = 0;

	sort(table, order);
	for (struct host *host = table->hosts; host; host = host->hh.next) {
		if (place++ < limit)
			fn(host->name, &host->counts, host->is_all, arg);
		else
			merge(&others, &host->counts);
	}
	return others;
}

static bool ends_with(const char *text, const char *end)
{
	size_t len = strlen(text), end_len = strlen(end);

	return len >= end_len && !strcmp(text + len - end_len, end);
}

size_t host_name_shown(const char *name)
{
	size_t len = strlen(name);

	if (!strncmp(name, "http:", 5) && ends_with(name, ":80"))
		return len - 3;
	if (!strncmp(name, "https:", 6) && ends_with(name, ":443"))
		return len - 4;
	return len;
}
