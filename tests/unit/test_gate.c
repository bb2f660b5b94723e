/*
 * policy/gate: when the next request may begin, told as a story of events.
 */
#include "unit.h"

#include <stdlib.h>

#include "base/mem.h"
#include "policy/gate.h"

/*
 * A story is a row of events. "@7" puts the clock to 7 microseconds. "begin" asks, is let in, and
 * begins; "end" ends one. "open", "full" and "wait=5" are the answers of one who only asks.
 */
struct story {
	const char *name;
	uint64_t limit, chunk;
	int64_t chunk_pause_us;
	const char *events;
};

static void tell_event(const char *name, struct gate *gate, const char *event, int64_t *now_us)
{
	int64_t answer = gate_ask(gate, *now_us);

	if (*event == '@') {
		*now_us = strtoll(event + 1, NULL, 10);
	} else if (!strcmp(event, "begin")) {
		case_int(name, answer, GATE_OPEN);
		gate_begin(gate);
	} else if (!strcmp(event, "end")) {
		gate_end(gate, *now_us);
	} else if (!strcmp(event, "open")) {
		case_int(name, answer, GATE_OPEN);
	} else if (!strcmp(event, "full")) {
		case_int(name, answer, GATE_FULL);
	} else if (!strncmp(event, "wait=", 5)) {
		case_int(name, answer, strtoll(event + 5, NULL, 10));
	} else {
		fail_msg("%s: what is \"%s\"?", name, event);
	}
}

static void tell(const struct story *story)
{
	char *words = mem_text(story->events), *at = words, *event;
	int64_t now_us = 0;
	struct gate gate;

	gate_init(&gate, story->limit, story->chunk, story->chunk_pause_us);
	for (unsigned number = 1; (event = strsep(&at, " ")); number++) {
		char name[128];

		snprintf(name, sizeof(name), "%s, event %u (%s)", story->name, number, event);
		tell_event(name, &gate, event, &now_us);
	}
	free(words);
}

static void the_gate_opens_and_closes(void **state)
{
	static const struct story stories[] = {
		{"one at a time", 1, 0, 0, "begin full full end open begin full end open"},
		{"three at a time", 3, 0, 0,
	         "begin begin open begin full end begin full end end open begin begin full end end "
	         "end open"},
		{"asking changes nothing", 1, 0, 0, "open open open begin full full end open"},
		{"a large limit", UINT64_MAX, 0, 0, "begin begin begin open end end end open"},
		{"a pause without chunks is none", 2, 0, 5000,
	         "@1 begin @2 end open begin begin @3 end end open"},

		{"chunks of two", 10, 2, 0,
	         "begin begin full end full end begin begin full end end open"},
		{"a chunk is not refilled", 10, 3, 0,
	         "begin end open begin end open begin full end open begin begin begin full"},
		{"chunks of one", 10, 1, 0, "begin full end begin full end open"},
		{"chunks larger than the limit", 2, 3, 0,
	         "begin begin full end begin full end full end open begin begin full"},
		{"chunks as large as the limit", 2, 2, 0, "begin begin full end full end open"},

		{"a pause between chunks", 10, 2, 100,
	         "begin begin @10 full @20 end full @30 end wait=100 @31 wait=99 @129 wait=1 "
	         "@130 begin begin @131 full @140 end full @200 end wait=100 @300 open"},
		{"no pause before the first chunk", 10, 2, 100, "open @5 begin open"},
		{"no pause within a chunk", 10, 2, 100,
	         "@1 begin @2 end open @3 begin @4 end wait=100"},
		{"somebody comes late to a pause", 10, 1, 100,
	         "begin @1 end @3600000000 open begin end wait=100"},
		{"the clock began long ago", 1, 1, 7,
	         "@1000000000000000000 begin @1000000000000000001 end wait=7 "
	         "@1000000000000000007 wait=1 @1000000000000000008 open"},
		{"a pause with one at a time", 1, 2, 10,
	         "begin @1 full @2 end begin @3 full @4 end wait=10 @14 open"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(stories); i++)
		tell(&stories[i]);
}

/* Whoever does what the gate says never has more in flight, and never mixes chunks. */
static void a_random_run_keeps_the_rules(void **state)
{
	static const struct {
		const char *name;
		uint64_t limit, chunk;
		int64_t pause_us;
	} cases[] = {
		{"only a limit", 7, 0, 0},      {"only chunks", 1000, 5, 0},
		{"limit below chunk", 3, 8, 0}, {"chunk below limit", 8, 3, 0},
		{"with a pause", 4, 6, 50},     {"one by one with a pause", 1, 1, 3},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const char *name = cases[i].name;
		uint64_t in_flight = 0, begun = 0, ended = 0, seed = 88172645463325252u;
		int64_t now_us = 0, chunk_ended_us = -1000000;
		struct gate gate;

		gate_init(&gate, cases[i].limit, cases[i].chunk, cases[i].pause_us);
		while (begun < 10000) {
			int64_t wait_us = gate_ask(&gate, now_us);

			seed ^= seed << 13;
			seed ^= seed >> 7;
			seed ^= seed << 17;
			if (wait_us == GATE_OPEN && (!in_flight || seed % 3)) {
				if (cases[i].chunk && begun % cases[i].chunk == 0) {
					case_uint(name, ended, begun);
					case_true(name,
					          now_us >= chunk_ended_us + cases[i].pause_us);
				}
				gate_begin(&gate);
				begun++;
				in_flight++;
				case_true(name, in_flight <= cases[i].limit);
			} else if (in_flight) {
				gate_end(&gate, now_us);
				in_flight--;
				if (++ended == begun)
					chunk_ended_us = now_us;
			} else {
				case_true(name, wait_us > 0); /* full of nothing is stuck */
				now_us += wait_us;
			}
			now_us += (int64_t)(seed >> 8) % 3;
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_gate_opens_and_closes),
		cmocka_unit_test(a_random_run_keeps_the_rules),
	};

	return UNIT_RUN(tests);
}
