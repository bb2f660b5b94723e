#include "output/latency.h"

#include <stddef.h>

#include "base/json.h"
#include "output/histogram.h"

struct latency latency_of(const struct histogram *h)
{
	return (struct latency){
		.count = h->count,
		.min_us = (int64_t)h->min,
		.p50_us = histogram_quantile(h, 0.50),
		.p90_us = histogram_quantile(h, 0.90),
		.p99_us = histogram_quantile(h, 0.99),
		.max_us = (int64_t)h->max,
		.mean_us = h->count ? (int64_t)(h->sum / h->count) : 0,
	};
}

void latency_put_json(struct json *json, const struct latency *latency)
{
	const struct {
		const char *name;
		int64_t time_us;
	} members[] = {
		{"min", latency->min_us}, {"p50", latency->p50_us}, {"p90", latency->p90_us},
		{"p99", latency->p99_us}, {"max", latency->max_us}, {"mean", latency->mean_us},
	};

	if (!latency->count) {
		json_null(json);
		return;
	}
	json_begin(json, '{');
	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
		json_key(json, members[i].name);
		json_seconds(json, members[i].time_us);
	}
	json_end(json, '}');
}
