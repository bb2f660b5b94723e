#include "output/phases.h"

#include <stdbool.h>
#include <string.h>

#include "transfer/result.h"

const char *phase_name(enum phase phase)
{
	static const char *const names[PHASES] = {
		[PHASE_QUEUE] = "queue",     [PHASE_EARLIER] = "earlier", [PHASE_DNS] = "dns",
		[PHASE_CONNECT] = "connect", [PHASE_TLS] = "tls",         [PHASE_WAIT] = "wait",
		[PHASE_RECEIVE] = "receive",
	};
	return names[phase];
}

static int64_t at_least_0(int64_t us)
{
	return us > 0 ? us : 0;
}

/* The phase in which an attempt ended without an answer: the first whose end it did not see. */
static enum phase last_phase(const struct result *r)
{
	bool is_tls = r->scheme && !strcmp(r->scheme, "https");

	if (result_is_ok(r) || r->time_starttransfer_us >= 0)
		return PHASE_RECEIVE;
	if (r->time_pretransfer_us >= 0)
		return PHASE_WAIT;
	if (r->time_connect_us >= 0)
		return is_tls && r->time_appconnect_us < 0 ? PHASE_TLS : PHASE_WAIT;
	return r->time_namelookup_us >= 0 ? PHASE_CONNECT : PHASE_DNS;
}

void phases_of(struct phases *phases, const struct result *r, int64_t run_us)
{
	const int64_t ends[PHASES] = {
		[PHASE_DNS] = r->time_namelookup_us, [PHASE_CONNECT] = r->time_connect_us,
		[PHASE_TLS] = r->time_appconnect_us, [PHASE_WAIT] = r->time_starttransfer_us,
		[PHASE_RECEIVE] = r->time_total_us,
	};
	int64_t total_us = at_least_0(r->time_total_us), spent_us = 0, before_us;
	bool made_connection = r->num_connects || r->time_pretransfer_us < 0;
	enum phase last = last_phase(r);

	*phases = (struct phases){.begin_us = at_least_0(r->request.accepted_us - run_us)};
	before_us = at_least_0(r->started_us - run_us - phases->begin_us);
	phases->us[PHASE_QUEUE] = r->attempts > 1 && r->time_queue_us < before_us
	                                  ? at_least_0(r->time_queue_us)
	                                  : before_us;
	phases->us[PHASE_EARLIER] = before_us - phases->us[PHASE_QUEUE];
	phases->has[PHASE_QUEUE] = true;
	phases->has[PHASE_EARLIER] = r->attempts > 1;
	for (int phase = PHASE_DNS; phase <= (int)last; phase++) {
		int64_t end_us =
			phase == (int)last || ends[phase] > total_us ? total_us : ends[phase];

		phases->has[phase] = (ends[phase] >= 0 || phase == (int)last) &&
		                     (phase >= PHASE_WAIT || made_connection);
		if (end_us > spent_us) {
			phases->us[phase] = end_us - spent_us;
			spent_us = end_us;
		}
	}
}

int64_t phases_attempt_us(const struct phases *phases)
{
	return phases->begin_us + phases->us[PHASE_QUEUE] + phases->us[PHASE_EARLIER];
}

int64_t phases_end_us(const struct phases *phases)
{
	int64_t end_us = phases->begin_us;

	for (int phase = 0; phase < PHASES; phase++)
		end_us += phases->us[phase];
	return end_us;
}
