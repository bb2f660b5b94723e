#include "output/latency.h"

#include "base/json.h"
#include "output/histogram.h"

/* The mean is no quantile. */
static const struct {
	const char *name;
	double quantile;
} figures[LATENCY_FIGURES] = {
	[LATENCY_MIN] = {"min", 0},    [LATENCY_P50] = {"p50", 0.50},
	[LATENCY_P90] = {"p90", 0.90}, [LATENCY_P95] = {"p95", 0.95},
	[LATENCY_P99] = {"p99", 0.99}, [LATENCY_P99_9] = {"p99.9", 0.999},
	[LATENCY_MAX] = {"max", 1},    [LATENCY_MEAN] = {"mean", 0},
};

const char *latency_name(enum latency_figure figure)
{
	return figures[figure].name;
}

struct latency latency_make(uint64_t count, int64_t sum_us, latency_quantile_fn *quantile,
                            const void *arg)
{
	struct latency latency = {.count = count};

	if (!count)
		return latency;
	for (int i = 0; i < LATENCY_MEAN; i++)
		latency.us[i] = quantile(arg, figures[i].quantile);
	latency.us[LATENCY_MEAN] = sum_us / (int64_t)count;
	return latency;
}

static int64_t quantile_of(const void *arg, double quantile)
{
	return histogram_quantile(arg, quantile);
}

struct latency latency_of(const struct histogram *h)
{
	return latency_make(h->count, (int64_t)h->sum, quantile_of, h);
}

void latency_put_json(struct json *json, const struct latency *latency)
{
	if (!latency->count) {
		json_null(json);
		return;
	}
	json_begin(json, '{');
	for (int i = 0; i < LATENCY_FIGURES; i++) {
		json_key(json, figures[i].name);
		json_seconds(json, latency->us[i]);
	}
	json_end(json, '}');
}
