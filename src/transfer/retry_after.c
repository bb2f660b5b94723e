#include "transfer/retry_after.h"

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>

#define S_US 1e6

/* Numbers from here on are Unix times: as seconds they would be more than 30 years. */
#define FIRST_TIME 1e9

/* Longer than anybody waits; what is converted to an integer has to fit one. */
#define MOST_SECONDS 1e9

/* The number that the last response's header begins with. */
static bool get_number(CURL *easy, const char *name, double *ret_number)
{
	struct curl_header *header;
	char *end;

	if (curl_easy_header(easy, name, 0, CURLH_HEADER, -1, &header))
		return false;
	*ret_number = strtod(header->value, &end);
	return end != header->value && isfinite(*ret_number);
}

static int64_t rate_limit_us(CURL *easy, int64_t unix_us)
{
	static const char *const names[][2] = {
		{"RateLimit-Remaining", "RateLimit-Reset"},
		{"X-RateLimit-Remaining", "X-RateLimit-Reset"},
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		double remaining, reset;

		if (!get_number(easy, names[i][0], &remaining) || remaining >= 1 ||
		    !get_number(easy, names[i][1], &reset))
			continue;
		if (reset >= FIRST_TIME)
			reset -= (double)unix_us / S_US;
		return reset > 0 && reset < MOST_SECONDS ? (int64_t)(reset * S_US) : -1;
	}
	return -1;
}

int64_t retry_after_us(CURL *easy, int status, int64_t unix_us)
{
	curl_off_t seconds = 0;

	if (status == 429 || status == 503) {
		curl_easy_getinfo(easy, CURLINFO_RETRY_AFTER, &seconds);
		if (seconds > 0 && (double)seconds < MOST_SECONDS)
			return (int64_t)seconds * 1000000;
	}
	return status ? rate_limit_us(easy, unix_us) : -1;
}
