/*
 * policy/scheduler: who runs when, told as stories of events; and long runs whose rules are checked
 * after each step.
 */
#include "unit.h"

#include <stdlib.h>

#include "base/mem.h"
#include "policy/scheduler.h"

#define S_US INT64_C(1000000)

/* ---- stories ---- */

/*
 * A story is a row of events. Hosts are letters, and requests are numbered for each: a1, a2. Times
 * are microseconds, or seconds with an s behind them.
 *
 *	@7        the clock is at 7
 *	+a +a*9   one more, nine more for host a
 *	a2        the next to start is a2
 *	-         none can start
 *	wants     one more should be added; sated: not
 *	wake=7    the scheduler wants to be asked at 7; wake=never
 *	.a2       a2 ends
 *	~a2=5     a2 sleeps for 5, and then is tried again
 *	^a2       a2 never began and returns to its queue
 *	|a2       a2 gives its slot back; it ends later
 *	!a2=5     the host of a2 has answered, and wants to be left alone for 5
 *	hosts=3   so many are known
 *	phases=Q  of those that wait, sorted: Queued, Cooling, Sleeping; each request once
 *	drop=2    all that wait are ended, 2 of them
 */
struct story {
	const char *name;
	struct scheduler_options options;
	const char *events;
};

enum { CALLS_PER_HOST = 100, STORY_HOSTS = 26 };

struct call {
	struct ticket ticket;
	char name[16];
	bool is_running, is_stopped, is_over;
};

struct teller {
	struct scheduler scheduler;
	int64_t now_us;
	struct call calls[STORY_HOSTS][CALLS_PER_HOST];
	size_t counts[STORY_HOSTS];
	const char *where; /* for messages */
	uint64_t dropped;
	char phases[STORY_HOSTS * CALLS_PER_HOST + 1];
	size_t phase_count;
};

static struct call *call_of_ticket(const struct ticket *ticket)
{
	return (struct call *)(uintptr_t)ticket; /* its first member */
}

static void tell_add(struct teller *teller, char host)
{
	size_t i = (size_t)(host - 'a'), number = teller->counts[i]++;
	struct call *call = &teller->calls[i][number];

	assert_true(number < CALLS_PER_HOST);
	snprintf(call->name, sizeof(call->name), "%c%zu", host, number + 1);
	scheduler_add(&teller->scheduler, &call->ticket, &host, 1, teller->now_us);
}

static struct call *find_call(struct teller *teller, const char *name)
{
	size_t number = strtoul(name + 1, NULL, 10);

	case_true(teller->where, number && number <= teller->counts[*name - 'a']);
	return &teller->calls[*name - 'a'][number - 1];
}

static void tell_next(struct teller *teller, const char *expected)
{
	struct ticket *ticket = scheduler_next(&teller->scheduler, teller->now_us);

	case_text(teller->where, ticket ? call_of_ticket(ticket)->name : "-", expected);
	if (ticket) {
		case_true(teller->where, ticket->is_running);
		call_of_ticket(ticket)->is_running = true;
	}
}

static void on_dropped(struct ticket *ticket, void *arg)
{
	struct call *call = call_of_ticket(ticket);
	struct teller *teller = arg;

	case_true(teller->where, !call->is_over);
	case_true(teller->where, !call->is_running);
	call->is_over = true;
	teller->dropped++;
}

static void on_phase(const struct ticket *ticket, enum ticket_phase phase, void *arg)
{
	static const char letters[] = {
		[TICKET_QUEUED] = 'Q', [TICKET_COOLING] = 'C', [TICKET_SLEEPING] = 'S'};
	struct teller *teller = arg;
	size_t i = teller->phase_count++;

	case_true(teller->where, !call_of_ticket(ticket)->is_running);
	for (; i && teller->phases[i - 1] < letters[phase]; i--)
		teller->phases[i] = teller->phases[i - 1];
	teller->phases[i] = letters[phase];
}

static int64_t read_time(const char *text)
{
	char *end;
	int64_t time_us = strtoll(text, &end, 10);

	return *end == 's' ? time_us * S_US : time_us;
}

/* What is behind the = of an event. */
static const char *value_of(const char *event)
{
	const char *equals = strchr(event, '=');

	return equals ? equals + 1 : "0";
}

static void tell_act(struct teller *teller, const char *event)
{
	const char *star = strchr(event, '*');
	struct call *call;

	if (*event == '@') {
		case_true(teller->where, read_time(event + 1) >= teller->now_us);
		teller->now_us = read_time(event + 1);
		return;
	}
	if (*event == '+') {
		for (unsigned long i = star ? strtoul(star + 1, NULL, 10) : 1; i; i--)
			tell_add(teller, event[1]);
		return;
	}
	call = find_call(teller, event + 1);
	case_true(teller->where, call->is_running || (*event == '.' && call->is_stopped));
	if (*event == '!') {
		scheduler_hear(&teller->scheduler, &call->ticket, teller->now_us,
		               read_time(value_of(event)));
		return;
	}
	call->is_running = false;
	if (*event == '~') {
		scheduler_retry(&teller->scheduler, &call->ticket, teller->now_us,
		                read_time(value_of(event)));
	} else if (*event == '^') {
		scheduler_return(&teller->scheduler, &call->ticket, teller->now_us);
	} else if (*event == '|') {
		call->is_stopped = true;
		scheduler_stop(&teller->scheduler, &call->ticket, teller->now_us);
	} else {
		call->is_stopped = false;
		call->is_over = true;
		scheduler_end(&teller->scheduler, &call->ticket, teller->now_us);
	}
}

static void tell_ask(struct teller *teller, const char *event)
{
	struct scheduler *scheduler = &teller->scheduler;
	const char *value = value_of(event);

	if (!strcmp(event, "wants") || !strcmp(event, "sated")) {
		case_int(teller->where, scheduler_wants(scheduler, teller->now_us), *event == 'w');
	} else if (!strncmp(event, "wake=", 5)) {
		case_int(teller->where, scheduler_wake_us(scheduler, teller->now_us),
		         strcmp(value, "never") ? read_time(value) : INT64_MAX);
	} else if (!strncmp(event, "hosts=", 6)) {
		case_uint(teller->where, scheduler_host_count(scheduler),
		          strtoull(value, NULL, 10));
	} else if (!strncmp(event, "phases=", 7)) {
		teller->phase_count = 0;
		scheduler_visit(scheduler, teller->now_us, on_phase, teller);
		teller->phases[teller->phase_count] = '\0';
		case_text(teller->where, teller->phases, value);
	} else if (!strncmp(event, "drop=", 5)) {
		teller->dropped = 0;
		scheduler_end_waiting(scheduler, teller->now_us, on_dropped, teller);
		case_uint(teller->where, teller->dropped, strtoull(value, NULL, 10));
	} else {
		fail_msg("%s: what is \"%s\"?", teller->where, event);
	}
}

/* What still runs ends, and what waits is dropped: nothing may be left. */
static void tell_end(struct teller *teller)
{
	teller->where = "the end of the story";
	for (size_t host = 0; host < STORY_HOSTS; host++) {
		for (size_t i = 0; i < teller->counts[host]; i++) {
			struct call *call = &teller->calls[host][i];

			if (!call->is_running && !call->is_stopped)
				continue;
			call->is_running = false;
			call->is_over = true;
			scheduler_end(&teller->scheduler, &call->ticket, teller->now_us);
		}
	}
	scheduler_end_waiting(&teller->scheduler, teller->now_us, on_dropped, teller);
	assert_int_equal(teller->scheduler.unfinished, 0);
	assert_int_equal(teller->scheduler.running, 0);
	for (size_t host = 0; host < STORY_HOSTS; host++) {
		for (size_t i = 0; i < teller->counts[host]; i++)
			assert_true(teller->calls[host][i].is_over);
	}
	scheduler_release(&teller->scheduler);
}

static void tell(const struct story *story)
{
	struct teller *teller = mem_zero(1, sizeof(*teller));
	char *words = mem_text(story->events), *at = words, *event;

	scheduler_init(&teller->scheduler, &story->options);
	for (unsigned number = 1; (event = strsep(&at, " ")); number++) {
		char where[128];

		snprintf(where, sizeof(where), "%s, event %u (%s)", story->name, number, event);
		teller->where = where;
		if (*event == '-' || (*event >= 'a' && *event <= 'z' && event[1] <= '9'))
			tell_next(teller, event);
		else if (strchr("@+.~!^|", *event))
			tell_act(teller, event);
		else
			tell_ask(teller, event);
	}
	tell_end(teller);
	free(words);
	free(teller);
}

static void tell_all(const struct story *stories, size_t count)
{
	for (size_t i = 0; i < count; i++)
		tell(&stories[i]);
}

/* ---- slots, and turns over the hosts ---- */

static void there_are_so_many_slots(void **state)
{
	static const struct story stories[] = {
		{"one at a time",
	         {.concurrency = 1},
	         "wants +a a1 sated - wake=never +a - .a1 a2 - .a2 - wants"},
		{"three at a time",
	         {.concurrency = 3},
	         "+a*7 a1 a2 a3 - wake=never .a2 a4 - .a1 .a4 a5 a6 - .a3 a7 - .a5 .a6 .a7 -"},
		{"three at a time over hosts",
	         {.concurrency = 3},
	         "+a +b +c +d a1 b1 c1 - .b1 d1 - hosts=3"},
		{"asking changes nothing",
	         {.concurrency = 2},
	         "wants wants +a a1 wants wants +a a2 sated sated - - .a1 wants wants"},
		{"a large limit", {.concurrency = UINT64_MAX}, "+a*99 a1 a2 a3 a4 a5 a6 a7 .a3 a8"},
		{"a pause without chunks is none",
	         {.concurrency = 2, .chunk_pause_us = 5000},
	         "@1 +a a1 @2 .a1 wants +a a2 wants +a a3 @3 .a2 .a3 wants +a a4"},
		{"nothing to do", {.concurrency = 2}, "- wants wake=never hosts=0 drop=0 phases="},
	};

	(void)state;
	tell_all(stories, COUNT(stories));
}

/* The run asks for more only when it can use it, so that memory does not grow with the input. */
static void more_is_wanted_only_when_a_slot_is_free_and_nobody_can_use_it(void **state)
{
	static const struct story stories[] = {
		{"one waits",
	         {.concurrency = 2},
	         "wants +a sated a1 wants +a sated a2 sated - "
	         "wake=never"},
		{"all slots taken", {.concurrency = 1}, "wants +a a1 sated .a1 wants"},
		{"all slots taken, and somebody waits",
	         {.concurrency = 1},
	         "+a a1 +a sated .a1 sated a2 sated .a2 wants"},
		{"a full host: look ahead",
	         {.concurrency = 9, .per_host = 1},
	         "+a a1 wants +a - wants +a - wants +b sated b1 wants +b - wants wake=never"},
		{"a host over its rate: look ahead",
	         {.concurrency = 9, .host_rate = {1, S_US}},
	         "@5s +a a1 wants +a - wants wake=6s +b sated b1 wants"},
		{"a cooling host: look ahead",
	         {.concurrency = 9},
	         "@5s +a*2 a1 !a1=3s - wants wake=8s +b sated b1 - wants"},
		{"a sleeping request: look ahead",
	         {.concurrency = 1},
	         "+a a1 ~a1=3s - wants wake=3s +b sated b1 sated"},
		{"over the rate of all: only one waits",
	         {.concurrency = 9, .rate = {1, S_US}},
	         "@5s +a a1 wants +b - sated wake=6s @6s sated b1 wants"},
	};

	(void)state;
	tell_all(stories, COUNT(stories));
}

static void hosts_take_turns(void **state)
{
	static const struct story stories[] = {
		{"two", {.concurrency = 9}, "+a*3 +b*3 a1 b1 a2 b2 a3 b3 -"},
		{"one has more", {.concurrency = 9}, "+a*4 +b*2 +c a1 b1 c1 a2 b2 a3 a4 -"},
		{"one comes later", {.concurrency = 9}, "+a*3 +b*2 a1 b1 +c a2 b2 c1 a3 -"},
		{"with one slot",
	         {.concurrency = 1},
	         "+a*3 +b*3 a1 - .a1 b1 .b1 a2 .a2 b2 .b2 a3 .a3 b3 .b3 -"},
		{"who was away comes last", {.concurrency = 9}, "+a +b*3 a1 b1 +a b2 a2 b3 -"},
		{"with a limit for each",
	         {.concurrency = 9, .per_host = 1},
	         "+a*2 +b*2 +c*2 a1 b1 c1 - .b1 .a1 b2 a2 - .c1 c2 -"},
		{"within a host in the order of the input",
	         {.concurrency = 1},
	         "+a*5 a1 .a1 a2 .a2 a3 .a3 a4 .a4 a5"},
	};

	(void)state;
	tell_all(stories, COUNT(stories));
}

static void a_host_has_so_many_and_no_more(void **state)
{
	static const struct story stories[] = {
		{"one",
	         {.concurrency = 9, .per_host = 1},
	         "+a*3 +b a1 b1 - wants wake=never .a1 a2 - .b1 - .a2 a3 -"},
		{"two",
	         {.concurrency = 9, .per_host = 2},
	         "+a*5 +b a1 b1 a2 - .a2 a3 - .a1 .a3 a4 a5 -"},
		{"more than there are slots",
	         {.concurrency = 2, .per_host = 5},
	         "+a*5 a1 a2 - .a1 a3 -"},
		{"none", {.concurrency = 9, .per_host = 0}, "+a*9 a1 a2 a3 a4 a5 a6 a7 a8 a9 -"},
		{"who sleeps does not count",
	         {.concurrency = 9, .per_host = 1},
	         "+a*2 a1 - ~a1=9 a2 - @9 - .a2 a1"},
		{"it is forgotten and comes back",
	         {.concurrency = 9, .per_host = 1},
	         "+a a1 .a1 hosts=0 +a*2 a2 - hosts=1"},
	};

	(void)state;
	tell_all(stories, COUNT(stories));
}

/* ---- rates ---- */

static void starts_keep_their_distance(void **state)
{
	static const struct story stories[] = {
		{"of all",
	         {.concurrency = 9, .rate = {2, S_US}},
	         "@10s +a*2 +b*2 a1 - wake=10500000 @10499999 - @10500000 b1 - wake=11s @11s a2 - "
	         "@11500000 b2 - wants"},
		{"of each host",
	         {.concurrency = 9, .host_rate = {2, S_US}},
	         "@10s +a*2 +b*2 a1 b1 - wake=10500000 @10499999 - wants @10500000 a2 b2 -"},
		{"of all and of each host",
	         {.concurrency = 9, .rate = {10, S_US}, .host_rate = {1, S_US}},
	         "@10s +a*2 +b*2 a1 - wake=10100000 @10100000 b1 - @11s a2 - @11100000 b2 -"},
		{"an end makes no room",
	         {.concurrency = 1, .host_rate = {1, S_US}},
	         "@10s +a*2 a1 wake=never @10000005 .a1 - wake=11s @11s a2"},
		{"a retry is a start",
	         {.concurrency = 9, .host_rate = {1, S_US}},
	         "@10s +a*2 a1 ~a1=0 - wake=11s @11s a1 ~a1=0 - @12s a1 - wake=13s @13s a2"},
		{"a retry is a start of all",
	         {.concurrency = 9, .rate = {1, S_US}},
	         "@10s +a +b a1 ~a1=100 - wake=11s @11s b1 - wake=12s @12s a1"},
		{"a host that was forgotten in time",
	         {.concurrency = 9, .host_rate = {1, S_US}},
	         "@10s +a a1 .a1 hosts=1 @10999999 +a - wake=11s @11s a2 .a2 @12s - hosts=0 "
	         "+a a3 +a - wake=13s"},
		{"a rest does not save up",
	         {.concurrency = 9, .host_rate = {1, S_US}},
	         "@10s +a a1 @60s +a*3 a2 - wake=60980000 @60980000 a3 - wake=61980000"},
		{"who is full and over its rate",
	         {.concurrency = 9, .per_host = 1, .host_rate = {1, S_US}},
	         "@10s +a*2 a1 - wake=never @10500000 .a1 - wake=11s @11s a2 - @15s .a2 -"},
		{"all slots taken: no wake",
	         {.concurrency = 1, .rate = {1, S_US}},
	         "@10s +a*2 a1 - wake=never @20s - wake=never .a1 a2"},
	};

	(void)state;
	tell_all(stories, COUNT(stories));
}

/* ---- chunks ---- */

static void a_chunk_waits_for_the_one_before(void **state)
{
	static const struct story stories[] = {
		{"of two",
	         {.concurrency = 10, .chunk = 2},
	         "wants +a a1 wants +a a2 sated .a1 sated .a2 wants +a a3 wants +a a4 sated - "
	         "wake=never .a3 sated .a4 wants"},
		{"it is not refilled",
	         {.concurrency = 10, .chunk = 3},
	         "+a a1 .a1 wants +a a2 .a2 wants +a a3 sated .a3 wants +a*3 a4 a5 a6 sated"},
		{"of one",
	         {.concurrency = 10, .chunk = 1},
	         "+a a1 sated .a1 wants +a a2 sated .a2 wants"},
		{"larger than the limit",
	         {.concurrency = 2, .chunk = 3},
	         "+a a1 +a a2 sated .a1 wants +a a3 sated .a2 sated .a3 wants +a a4 +a a5 sated"},
		{"as large as the limit",
	         {.concurrency = 2, .chunk = 2},
	         "+a a1 +a a2 sated .a1 sated .a2 wants"},
		{"one that is tried again belongs to its chunk",
	         {.concurrency = 10, .chunk = 2},
	         "+a a1 +a a2 ~a1=100 .a2 sated - wake=100 @100 sated a1 sated .a1 wants"},
		{"one that has given its slot back belongs to its chunk",
	         {.concurrency = 1, .chunk = 2},
	         "+a a1 +a - |a1 a2 sated .a2 sated .a1 wants"},
		{"the pause begins when the last of these has ended",
	         {.concurrency = 2, .chunk = 1, .chunk_pause_us = 100},
	         "+a a1 @10 |a1 sated - wake=never @50 sated .a1 +a - wake=150 @150 a2"},
		{"one that has given its slot back is not dropped",
	         {.concurrency = 1, .chunk = 3},
	         "+a*3 a1 |a1 a2 drop=1 sated .a2 sated .a1 wants"},
		{"what is dropped ends a chunk",
	         {.concurrency = 1, .chunk = 3},
	         "+a*3 a1 sated drop=2 sated .a1 wants"},

		{"a pause",
	         {.concurrency = 10, .chunk = 2, .chunk_pause_us = 100},
	         "+a a1 +a a2 @10 sated @20 .a1 sated @30 .a2 wants +a - sated wake=130 @31 - "
	         "wake=130 @129 - wake=130 @130 a3 wants +a a4 @131 sated @140 .a3 sated @200 .a4 "
	         "+a - wake=300 @300 a5"},
		{"no pause before the first",
	         {.concurrency = 10, .chunk = 2, .chunk_pause_us = 100},
	         "wants @5 +a a1 wants"},
		{"no pause within one",
	         {.concurrency = 10, .chunk = 2, .chunk_pause_us = 100},
	         "@1 +a a1 @2 .a1 wants @3 +a a2 @4 .a2 +a - wake=104"},
		{"somebody comes late to it",
	         {.concurrency = 10, .chunk = 1, .chunk_pause_us = 100},
	         "+a a1 @1 .a1 @3600s wants +a a2 .a2 +a - wake=3600000100"},
		{"the clock began long ago",
	         {.concurrency = 1, .chunk = 1, .chunk_pause_us = 7},
	         "@1000000000000000000 +a a1 @1000000000000000001 .a1 +a - "
	         "wake=1000000000000000008 @1000000000000000007 - wake=1000000000000000008 "
	         "@1000000000000000008 a2"},
		{"a pause with one at a time",
	         {.concurrency = 1, .chunk = 2, .chunk_pause_us = 10},
	         "+a a1 @1 sated @2 .a1 +a a2 @3 sated @4 .a2 +a - wake=14 @14 a3"},
		/* Whether there is more is known only when one more is asked for. */
		{"nobody waits for a pause when there is no more",
	         {.concurrency = 10, .chunk = 2, .chunk_pause_us = 100},
	         "+a a1 +a a2 .a1 .a2 wants - wake=never"},
		{"in a pause only one waits",
	         {.concurrency = 10, .chunk = 2, .chunk_pause_us = 100},
	         "+a a1 +a a2 .a1 .a2 wants +b sated - wake=100 @100 b1 wants"},
		{"nobody waits for a rate when there is no more",
	         {.concurrency = 10, .rate = {1, S_US}},
	         "@10s +a a1 - wants .a1 - wants"},
	};

	(void)state;
	tell_all(stories, COUNT(stories));
}

/* ---- retries ---- */

static void a_retry_sleeps_and_is_the_first_of_its_host(void **state)
{
	static const struct story stories[] = {
		{"it gives its slot back",
	         {.concurrency = 1},
	         "+a*2 +b a1 - ~a1=100 b1 - .b1 a2 - .a2 - wake=100 @99 - @100 a1"},
		{"it is first",
	         {.concurrency = 1},
	         "+a*4 a1 ~a1=100 a2 @100 - wake=never .a2 a1 .a1 a3 .a3 a4"},
		{"but others have their turn",
	         {.concurrency = 1},
	         "+a*2 +b*2 a1 ~a1=100 b1 @100 .b1 a1 .a1 b2 .b2 a2"},
		{"at once", {.concurrency = 1}, "+a*2 a1 ~a1=0 wake=0 a1 - .a1 a2"},
		{"at once, but behind other hosts",
	         {.concurrency = 1},
	         "+a*2 +b a1 ~a1=0 b1 .b1 a1"},
		{"several, each in its time",
	         {.concurrency = 3},
	         "+a*3 a1 a2 a3 ~a1=30 ~a2=10 ~a3=20 - wake=10 @10 a2 - wake=20 @20 a3 - wake=30 "
	         "@30 a1 -"},
		{"several hosts",
	         {.concurrency = 3},
	         "+a +b +c a1 b1 c1 ~a1=30 ~b1=10 ~c1=20 @30 b1 c1 a1 -"},
		{"again and again",
	         {.concurrency = 1},
	         "+a a1 ~a1=10 - @10 a1 ~a1=20 - wake=30 @30 a1 ~a1=40 - @69 - @70 a1 .a1 hosts=0"},
		{"its host is full when it wakes",
	         {.concurrency = 9, .per_host = 1},
	         "+a*3 a1 ~a1=10 a2 @10 - wake=never .a2 a1 - .a1 a3"},
		{"no slot is free when it wakes",
	         {.concurrency = 1},
	         "+a +b a1 ~a1=10 b1 - wake=never @20 - wake=never .b1 a1"},
		{"its host is known as long as it sleeps",
	         {.concurrency = 1},
	         "+a a1 ~a1=100 - hosts=1 @100 a1 hosts=1 .a1 hosts=0"},
		{"it waits for its host too",
	         {.concurrency = 9, .host_rate = {1, S_US}},
	         "@10s +a a1 ~a1=100 - wake=10000100 @10000100 - wake=11s @11s a1"},
	};

	(void)state;
	tell_all(stories, COUNT(stories));
}

static void what_never_began_returns_to_its_place(void **state)
{
	static const struct story stories[] = {
		{"in the order in which they came",
	         {.concurrency = 3},
	         "+a*6 a1 a2 a3 ^a2 ^a3 ^a1 a1 a2 a3 .a1 a4"},
		{"the last first", {.concurrency = 3}, "+a*4 a1 a2 a3 ^a3 ^a2 .a1 a2 a3 a4 -"},
		{"into an empty queue", {.concurrency = 3}, "+a*2 a1 a2 - ^a2 a2 -"},
		{"after a retry that came before",
	         {.concurrency = 3},
	         "+a*4 a1 a2 a3 ~a1=5 @5 a1 ^a1 ^a3 a1 a3 .a2 a4"},
		{"each to its host",
	         {.concurrency = 4},
	         "+a*2 +b*3 a1 b1 a2 b2 ^b2 ^a2 ^b1 b1 a2 b2"},
		{"it waits as long as its host is left alone",
	         {.concurrency = 2},
	         "@10s +a*3 a1 a2 !a1=2s .a1 ^a2 - wake=12s phases=CC @12s a2 -"},
		{"it can be dropped", {.concurrency = 2}, "+a*3 a1 a2 ^a2 drop=2"},
		{"its chunk is the same",
	         {.concurrency = 2, .chunk = 2},
	         "+a a1 +a a2 ^a2 sated a2 .a1 sated .a2 wants"},
	};

	(void)state;
	tell_all(stories, COUNT(stories));
}

/* ---- hosts that want to be left alone ---- */

static void a_host_is_left_alone_as_long_as_it_wants(void **state)
{
	static const struct story stories[] = {
		{"nobody starts",
	         {.concurrency = 9},
	         "@10s +a*3 +b*2 a1 b1 !a1=2s .a1 b2 - wake=12s @11999999 - @12s a2"},
		{"it ends in time",
	         {.concurrency = 9},
	         "@10s +a*2 a1 !a1=2s .a1 - wake=12s hosts=1 @12s a2"},
		{"those that run go on",
	         {.concurrency = 9},
	         "@10s +a*3 a1 a2 !a1=2s .a1 - @11s .a2 - wake=12s"},
		{"a longer pause wins",
	         {.concurrency = 9},
	         "@10s +a*4 a1 a2 a3 !a1=5s .a1 !a2=1s .a2 - wake=15s @11s !a3=9s .a3 - wake=20s "
	         "@20s a4"},
		{"a good answer does not end it",
	         {.concurrency = 9},
	         "@10s +a*3 a1 a2 !a1=2s .a1 !a2=0 .a2 - wake=12s"},
		{"the retry waits for it",
	         {.concurrency = 9},
	         "@10s +a*2 a1 !a1=5s ~a1=1s - wake=11s @11s - wake=15s @15s a1"},
		{"the retry comes after it",
	         {.concurrency = 9},
	         "@10s +a a1 !a1=2s ~a1=3s - wake=13s @13s a1"},
		{"who comes during it",
	         {.concurrency = 9},
	         "@10s +a a1 !a1=2s .a1 hosts=1 @11s +a - wake=12s hosts=1 @12s a2"},
		{"it is known until then",
	         {.concurrency = 9},
	         "@10s +a a1 !a1=2s .a1 - hosts=1 @11999999 - hosts=1 @12s - hosts=0"},
		{"others are not concerned",
	         {.concurrency = 9},
	         "@10s +a*2 +b*4 a1 b1 !a1=2s .a1 b2 b3 b4 -"},
		{"no slot: no wake",
	         {.concurrency = 1},
	         "@10s +a*2 +b a1 !a1=2s .a1 b1 - wake=never @12s - wake=never .b1 a2"},
		{"while it is full",
	         {.concurrency = 9, .per_host = 1},
	         "@10s +a*2 a1 !a1=2s - wake=never @11s .a1 - wake=12s"},
		{"while it is full, and past it",
	         {.concurrency = 9, .per_host = 1},
	         "@10s +a*2 a1 !a1=2s - @13s - wake=never .a1 a2"},
		{"its rate goes on longer",
	         {.concurrency = 9, .host_rate = {1, 10 * S_US}},
	         "@10s +a*2 a1 !a1=2s .a1 - wake=20s"},
	};

	(void)state;
	tell_all(stories, COUNT(stories));
}

/* A tenth of the pause, from 50 ms to 1 s; half of it after each good answer. */
static void after_that_they_leave_one_by_one(void **state)
{
	static const struct story stories[] = {
		{"a tenth of the pause",
	         {.concurrency = 9},
	         "@10s +a*4 a1 !a1=2s .a1 @12s a2 - wake=12200000 @12200000 a3 - wake=12400000 "
	         "@12400000 a4"},
		{"no more than a second",
	         {.concurrency = 9},
	         "@10s +a*3 a1 !a1=60s .a1 @70s a2 - wake=71s @71s a3 -"},
		{"no less than 50 ms",
	         {.concurrency = 9},
	         "@10s +a*3 a1 !a1=1000 .a1 - wake=10001000 @10001000 a2 - wake=10051000"},
		/* 200, 100, 50, 25, 12.5 ms, and then none: below 10 ms. */
		{"half after each good answer",
	         {.concurrency = 9},
	         "@10s +a*11 a1 !a1=2s .a1 @12s a2 !a2=0 .a2 - wake=12200000 @12200000 a3 - "
	         "wake=12300000 @12300000 a4 !a3=0 .a3 !a4=0 .a4 - wake=12400000 @12400000 a5 - "
	         "wake=12425000 @12425000 a6 !a5=0 .a5 - wake=12450000 @12450000 a7 - "
	         "wake=12462500 "
	         "@12462500 a8 !a6=0 .a6 - wake=12475000 @12475000 a9 a10 a11 -"},
		{"a bad answer keeps the distance",
	         {.concurrency = 9},
	         "@10s +a*5 a1 !a1=2s .a1 @12s a2 !a2=1s .a2 - wake=13s @13s a3 - wake=13200000 "
	         "@13200000 a4"},
		{"a worse answer makes it longer",
	         {.concurrency = 9},
	         "@10s +a*5 a1 !a1=2s .a1 @12s a2 !a2=4s .a2 - wake=16s @16s a3 - wake=16400000 "
	         "@16400000 a4 -"},
		{"good responses during the pause do not count",
	         {.concurrency = 9},
	         "@10s +a*6 a1 a2 a3 !a1=2s .a1 !a2=0 .a2 !a3=0 .a3 @12s a4 - wake=12200000 "
	         "@12200000 a5"},
		{"nor those after it to requests from before",
	         {.concurrency = 9},
	         "@10s +a*6 a1 a2 a3 !a1=2s .a1 @12s !a2=0 .a2 a4 - @12100000 !a3=0 .a3 - "
	         "wake=12200000 @12200000 a5"},
		{"a late start counts from when it was",
	         {.concurrency = 9},
	         "@10s +a*3 a1 !a1=2s .a1 @15s a2 - wake=15200000"},
		{"the rate is kept too",
	         {.concurrency = 9, .host_rate = {2, S_US}},
	         "@10s +a*3 a1 !a1=2s .a1 @12s a2 - wake=12480000 @12480000 a3"},
		{"a host without trouble does not mind",
	         {.concurrency = 9},
	         "+a*4 a1 !a1=0 .a1 a2 !a2=0 a3 a4 -"},
		{"a host that is forgotten begins anew",
	         {.concurrency = 9},
	         "@10s +a a1 !a1=2s .a1 @12s - hosts=0 +a*3 a2 a3 a4"},
		{"known as long as its distance",
	         {.concurrency = 9},
	         "@10s +a*2 a1 !a1=2s .a1 @12s a2 .a2 hosts=1 +a - wake=12200000 @12200000 a3 .a3 "
	         "@12400000 - hosts=0"},
		{"with one slot",
	         {.concurrency = 1},
	         "@10s +a*3 +b*2 a1 !a1=2s .a1 b1 @12s .b1 b2 .b2 a2 .a2 - wake=12200000"},
	};

	(void)state;
	tell_all(stories, COUNT(stories));
}

/* ---- all that wait ---- */

static void all_that_wait_are_ended_and_no_others(void **state)
{
	static const struct story stories[] = {
		{"none", {.concurrency = 9}, "drop=0"},
		{"none but those that run",
	         {.concurrency = 9},
	         "+a*2 +b a1 b1 a2 drop=0 - .a1 .a2 .b1 "
	         "hosts=0"},
		{"queued", {.concurrency = 1}, "+a*3 +b*2 a1 drop=4 - hosts=1 .a1 hosts=0 -"},
		{"of a full host",
	         {.concurrency = 9, .per_host = 1},
	         "+a*3 +b*3 a1 b1 - drop=4 - hosts=2 .a1 - .b1 - hosts=0"},
		{"sleeping",
	         {.concurrency = 9},
	         "+a*3 a1 a2 a3 ~a1=10 ~a2=20 drop=2 - @30 - wake=never .a3 hosts=0"},
		{"sleeping, its host's last",
	         {.concurrency = 9},
	         "+a a1 ~a1=10 drop=1 hosts=0 @10 -"},
		{"of a cooling host",
	         {.concurrency = 9},
	         "@10s +a*3 a1 !a1=2s drop=2 - @11s .a1 - hosts=1 @12s - hosts=0"},
		{"over a rate",
	         {.concurrency = 9, .host_rate = {1, S_US}},
	         "@10s +a*3 a1 .a1 drop=2 - hosts=1 @11s - hosts=0"},
		{"of all kinds",
	         {.concurrency = 4, .per_host = 2},
	         "@10s +a*4 +b*3 +c a1 b1 c1 a2 ~a1=1s !a2=5s !b1=9s ~b1=3s phases=SSCCCC drop=6 "
	         "- phases= .a2 .c1 @19s - hosts=0"},
		{"and then go on", {.concurrency = 1}, "+a*2 a1 drop=1 +a +b .a1 a3 .a3 b1 - .b1"},
		{"twice", {.concurrency = 1}, "+a*3 a1 drop=2 drop=0 .a1"},
	};

	(void)state;
	tell_all(stories, COUNT(stories));
}

static void who_waits_says_what_for(void **state)
{
	static const struct story stories[] = {
		{"those that run do not", {.concurrency = 9}, "+a*2 a1 a2 phases="},
		{"for a slot", {.concurrency = 1}, "+a*2 +b a1 phases=QQ"},
		{"for a full host", {.concurrency = 9, .per_host = 1}, "+a*3 a1 - phases=QQ"},
		{"for a rate",
	         {.concurrency = 9, .host_rate = {1, S_US}},
	         "@1s +a*2 a1 - phases=Q"},
		{"for a time",
	         {.concurrency = 9},
	         "+a*2 a1 a2 ~a1=5 phases=S ~a2=9 phases=SS @5 a1 "
	         "phases=S"},
		{"for a host that cools",
	         {.concurrency = 9},
	         "@1s +a*2 +b a1 !a1=2s phases=QC b1 - phases=C @2999999 phases=C @3s phases=Q"},
		{"a pause over its distance is no cooling",
	         {.concurrency = 9},
	         "@1s +a*3 a1 !a1=2s .a1 @3s a2 - phases=Q"},
		{"asleep, while its host cools",
	         {.concurrency = 9},
	         "@1s +a*2 a1 !a1=9s ~a1=1s phases=SC @2s - phases=CC"},
	};

	(void)state;
	tell_all(stories, COUNT(stories));
}

static void hosts_are_forgotten(void **state)
{
	static const struct story stories[] = {
		{"when they have no more",
	         {.concurrency = 9},
	         "+a*2 +b +c hosts=3 a1 b1 c1 a2 hosts=3 .b1 hosts=2 .a1 hosts=2 .c1 .a2 hosts=0"},
		{"after their rate",
	         {.concurrency = 9, .host_rate = {1, S_US}},
	         "@10s +a a1 @10100000 +b b1 .a1 .b1 - hosts=2 @10999999 - hosts=2 @11s - hosts=1 "
	         "@11100000 - hosts=0 wake=never"},
		{"not while they run",
	         {.concurrency = 9, .host_rate = {1, S_US}},
	         "@10s +a a1 @60s - hosts=1 .a1 hosts=0"},
		{"not while they wait",
	         {.concurrency = 1, .host_rate = {1, S_US}},
	         "@10s +a +b a1 @60s - hosts=2 .a1 hosts=1 b1"},
	};

	(void)state;
	tell_all(stories, COUNT(stories));
}

/* ---- long runs ---- */

struct sim;

/* A request of a long run. */
struct visit {
	struct ticket ticket;
	size_t host, place; /* place: in sim.running */
	unsigned starts, ends;
	bool is_running;
};

/* What the run itself has seen of a host. */
struct seen {
	uint64_t running;
	int64_t cool_us; /* it said that it wants to be left alone until then */
	int64_t *starts; /* the last ones, as many as its rate has, in a ring */
	uint64_t start_count;
};

/* A run: requests for hosts in a given order, as app/run does it, without the network. */
struct sim {
	const char *name;
	struct scheduler_options options;
	struct scheduler scheduler;
	int64_t now_us;
	const size_t *input; /* the hosts */
	size_t input_count, taken;
	size_t host_count;
	struct visit *visits, **running;
	size_t running_count, ended, peak_running, peak_waiting, peak_hosts;
	struct seen *hosts, all;
};

static void sim_init(struct sim *sim, const char *name, const struct scheduler_options *options,
                     const size_t *input, size_t input_count, size_t host_count)
{
	*sim = (struct sim){.name = name,
	                    .options = *options,
	                    .input = input,
	                    .input_count = input_count,
	                    .host_count = host_count};
	scheduler_init(&sim->scheduler, options);
	sim->visits = mem_zero(input_count, sizeof(*sim->visits));
	sim->running = mem_zero(input_count, sizeof(struct visit *));
	sim->hosts = mem_zero(host_count, sizeof(*sim->hosts));
	sim->all.starts = mem_zero((size_t)options->rate.count + 1, sizeof(int64_t));
	for (size_t i = 0; i < host_count; i++)
		sim->hosts[i].starts =
			mem_zero((size_t)options->host_rate.count + 1, sizeof(int64_t));
}

static struct visit *visit_of_ticket(struct ticket *ticket)
{
	return (struct visit *)ticket; /* its first member */
}

/* What rate_take() lets pass: half an interval, from 2 to 20 ms. */
static int64_t slack_us(const struct rate *rate)
{
	int64_t half = rate->unit_us / rate->count / 2;

	return half < 2000 ? 2000 : half < 20000 ? half : 20000;
}

/* The start and the one before it, and the one a whole unit of time before it. */
static void sim_check_rate(const struct sim *sim, const struct rate *rate, struct seen *seen)
{
	uint64_t count = (uint64_t)rate->count, k = seen->start_count++;

	if (!count)
		return;
	if (k)
		case_true(sim->name, sim->now_us - seen->starts[(k - 1) % (count + 1)] >=
		                             rate->unit_us / rate->count - slack_us(rate));
	if (k >= count)
		case_true(sim->name, sim->now_us - seen->starts[(k - count) % (count + 1)] >=
		                             rate->unit_us - slack_us(rate));
	seen->starts[k % (count + 1)] = sim->now_us;
}

/* What holds at any time. */
static void sim_check(struct sim *sim)
{
	const struct scheduler *scheduler = &sim->scheduler;
	size_t unfinished = sim->taken - sim->ended;

	case_true(sim->name, sim->running_count <= sim->options.concurrency);
	case_uint(sim->name, scheduler->running, sim->running_count);
	case_uint(sim->name, scheduler->unfinished, unfinished);
	/* Those that run may all go to sleep while others have been taken in their place. */
	case_true(sim->name, unfinished <= SCHEDULER_WINDOW + sim->options.concurrency);
	if (sim->running_count > sim->peak_running)
		sim->peak_running = sim->running_count;
	if (unfinished - sim->running_count > sim->peak_waiting)
		sim->peak_waiting = unfinished - sim->running_count;
	if (scheduler_host_count(scheduler) > sim->peak_hosts)
		sim->peak_hosts = scheduler_host_count(scheduler);
}

static bool sim_start(struct sim *sim)
{
	struct ticket *ticket = scheduler_next(&sim->scheduler, sim->now_us);
	struct visit *visit;
	struct seen *host;

	if (!ticket)
		return false;
	visit = visit_of_ticket(ticket);
	host = &sim->hosts[visit->host];
	case_true(sim->name, !visit->is_running && !visit->ends);
	case_true(sim->name, sim->now_us >= host->cool_us);
	visit->is_running = true;
	visit->starts++;
	visit->place = sim->running_count;
	sim->running[sim->running_count++] = visit;
	host->running++;
	case_true(sim->name, !sim->options.per_host || host->running <= sim->options.per_host);
	sim_check_rate(sim, &sim->options.host_rate, host);
	sim_check_rate(sim, &sim->options.rate, &sim->all);
	return true;
}

static bool sim_admit(struct sim *sim)
{
	char key[32];
	struct visit *visit;

	if (sim->taken == sim->input_count || !scheduler_wants(&sim->scheduler, sim->now_us))
		return false;
	visit = &sim->visits[sim->taken];
	visit->host = sim->input[sim->taken++];
	snprintf(key, sizeof(key), "http://h%zu:80", visit->host);
	scheduler_add(&sim->scheduler, &visit->ticket, key, strlen(key), sim->now_us);
	return true;
}

/* Starts and takes as much as can be; returns whether that was anything. */
static bool sim_pull(struct sim *sim)
{
	bool has_moved = false;

	while (sim_start(sim) || sim_admit(sim)) {
		sim_check(sim);
		has_moved = true;
	}
	return has_moved;
}

static void sim_leave_slot(struct sim *sim, struct visit *visit)
{
	struct visit *last = sim->running[--sim->running_count];

	sim->running[visit->place] = last;
	last->place = visit->place;
	visit->is_running = false;
	sim->hosts[visit->host].running--;
}

static void sim_end(struct sim *sim, struct visit *visit)
{
	sim_leave_slot(sim, visit);
	visit->ends++;
	sim->ended++;
	scheduler_end(&sim->scheduler, &visit->ticket, sim->now_us);
	sim_check(sim);
}

static void sim_retry(struct sim *sim, struct visit *visit, int64_t delay_us)
{
	sim_leave_slot(sim, visit);
	scheduler_retry(&sim->scheduler, &visit->ticket, sim->now_us, delay_us);
	sim_check(sim);
}

static void sim_hear(struct sim *sim, struct visit *visit, int64_t pause_us)
{
	struct seen *host = &sim->hosts[visit->host];

	if (pause_us && sim->now_us + pause_us > host->cool_us)
		host->cool_us = sim->now_us + pause_us;
	scheduler_hear(&sim->scheduler, &visit->ticket, sim->now_us, pause_us);
	sim_check(sim);
}

static void on_sim_dropped(struct ticket *ticket, void *arg)
{
	struct visit *visit = visit_of_ticket(ticket);
	struct sim *sim = arg;

	case_true(sim->name, !visit->is_running && !visit->ends);
	visit->ends++;
	sim->ended++;
}

/* Everything taken has ended exactly once; and with all its times past no host is known. */
static void sim_release(struct sim *sim)
{
	case_uint(sim->name, sim->ended, sim->taken);
	for (size_t i = 0; i < sim->taken; i++)
		case_uint(sim->name, sim->visits[i].ends, 1);
	sim_check(sim);
	case_true(sim->name, !scheduler_next(&sim->scheduler, sim->now_us + 100000 * S_US));
	case_uint(sim->name, scheduler_host_count(&sim->scheduler), 0);
	case_int(sim->name, scheduler_wake_us(&sim->scheduler, sim->now_us), INT64_MAX);
	scheduler_release(&sim->scheduler);
	for (size_t i = 0; i < sim->host_count; i++)
		free(sim->hosts[i].starts);
	free(sim->all.starts);
	free(sim->hosts);
	free(sim->running);
	free(sim->visits);
}

/* First host 0 so many times, then host 1. */
static size_t *make_blocks(size_t first, size_t second)
{
	size_t *input = mem_zero(first + second, sizeof(*input));

	for (size_t i = first; i < first + second; i++)
		input[i] = 1;
	return input;
}

/* 60 URLs of A and then 10 of B: with 2 for a host, B has its 2 from the beginning. */
static void a_full_host_holds_no_slot(void **state)
{
	static const struct {
		const char *name;
		uint64_t concurrency, per_host, busy; /* how many run while both hosts have some */
	} cases[] = {
		{"2 of 4", 4, 2, 4},   {"2 of 10", 10, 2, 4},  {"2 of 3", 3, 2, 3},
		{"1 of 50", 50, 1, 2}, {"5 of 50", 50, 5, 10},
	};
	size_t *input = make_blocks(60, 10);

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const char *name = cases[i].name;
		struct scheduler_options options = {.concurrency = cases[i].concurrency,
		                                    .per_host = cases[i].per_host};
		size_t left[2] = {60, 10};
		struct sim sim;

		sim_init(&sim, name, &options, input, 70, 2);
		while (sim_pull(&sim), sim.running_count) {
			/* As many as the hosts that have some left can have. */
			uint64_t most = left[0] < options.per_host ? left[0] : options.per_host;

			most += left[1] < options.per_host ? left[1] : options.per_host;
			if (most > options.concurrency)
				most = options.concurrency;
			case_uint(name, sim.running_count, most);
			left[sim.running[0]->host]--;
			sim_end(&sim, sim.running[0]);
		}
		case_uint(name, sim.peak_running, cases[i].busy);
		case_uint(name, sim.taken, 70);
		sim_release(&sim);
	}
	free(input);
}

/*
 * Two requests of host 0, of which only the first can start, and behind them one of host 1. Whoever
 * sleeps until the wake has to start that as soon as the rate of all lets it, and not only when
 * host 0 can take its second.
 */
static void the_wake_is_in_time_to_look_ahead(void **state)
{
	static const struct {
		const char *name;
		struct scheduler_options options;
		int64_t pause_us; /* host 0 wants to be left alone */
	} cases[] = {
		{"a host over its rate",
	         {.concurrency = 9, .rate = {10, S_US}, .host_rate = {1, S_US}},
	         0},
		{"a full host", {.concurrency = 9, .per_host = 1, .rate = {10, S_US}}, 0},
		{"a cooling host", {.concurrency = 9, .rate = {10, S_US}}, 5 * S_US},
	};
	size_t *input = make_blocks(2, 1);

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct sim sim;

		sim_init(&sim, cases[i].name, &cases[i].options, input, 3, 2);
		sim.now_us = 10 * S_US;
		case_true(cases[i].name, sim_admit(&sim) && sim_start(&sim));
		sim_hear(&sim, &sim.visits[0], cases[i].pause_us);
		sim_pull(&sim);
		case_uint(cases[i].name, sim.running_count, 1);
		sim.now_us = scheduler_wake_us(&sim.scheduler, sim.now_us);
		case_int(cases[i].name, sim.now_us, 10 * S_US + S_US / 10);
		sim_pull(&sim);
		case_uint(cases[i].name, sim.running_count, 2);
		case_true(cases[i].name, sim.visits[2].is_running);
		sim_end(&sim, &sim.visits[0]);
		sim_end(&sim, &sim.visits[2]);
		scheduler_end_waiting(&sim.scheduler, sim.now_us, on_sim_dropped, &sim);
		sim_release(&sim);
	}
	free(input);
}

/* The window: what waits for a host that is full, with nobody else in sight. */
static void what_waits_is_bounded_by_the_window(void **state)
{
	static const struct scheduler_options options = {.concurrency = 10, .per_host = 2};
	size_t count = 3 * (size_t)SCHEDULER_WINDOW;
	size_t *input = make_blocks(count - 1, 1);
	struct sim sim;

	(void)state;
	sim_init(&sim, "one host", &options, input, count, 2);
	sim_pull(&sim);
	assert_int_equal(sim.running_count, 2);
	assert_int_equal(sim.taken, SCHEDULER_WINDOW + 2);
	assert_true(scheduler_wake_us(&sim.scheduler, sim.now_us) == INT64_MAX);
	/* One leaves, one comes. */
	sim_end(&sim, sim.running[0]);
	sim_pull(&sim);
	assert_int_equal(sim.taken, SCHEDULER_WINDOW + 3);
	while (sim.running_count) {
		sim_end(&sim, sim.running[0]);
		sim_pull(&sim);
	}
	assert_int_equal(sim.ended, count);
	assert_int_equal(sim.peak_waiting, SCHEDULER_WINDOW);
	sim_release(&sim);
	free(input);
}

static void those_that_sleep_are_in_the_window_too(void **state)
{
	static const struct scheduler_options options = {.concurrency = 10};
	size_t count = 2 * (size_t)SCHEDULER_WINDOW;
	size_t *input = make_blocks(count, 0);
	struct sim sim;

	(void)state;
	sim_init(&sim, "all sleep", &options, input, count, 1);
	/* The more of them, the later: so each is awake alone. */
	for (int64_t k = 0; sim_pull(&sim); k++) {
		while (sim.running_count)
			sim_retry(&sim, sim.running[0], 1000 * S_US + k);
	}
	assert_true(sim.taken >= SCHEDULER_WINDOW);
	assert_true(sim.taken < SCHEDULER_WINDOW + options.concurrency);
	assert_int_equal(scheduler_wake_us(&sim.scheduler, sim.now_us), 1000 * S_US);
	assert_false(scheduler_wants(&sim.scheduler, sim.now_us));
	/* They wake in their turn, and when they have ended there is room for others. */
	while (sim.ended < count) {
		if (!sim_pull(&sim)) {
			sim.now_us = scheduler_wake_us(&sim.scheduler, sim.now_us);
			assert_true(sim.now_us != INT64_MAX);
		}
		while (sim.running_count)
			sim_end(&sim, sim.running[0]);
	}
	sim_release(&sim);
	free(input);
}

static size_t *make_distinct(size_t count)
{
	size_t *input = mem_zero(count, sizeof(*input));

	for (size_t i = 0; i < count; i++)
		input[i] = i;
	return input;
}

/* A crawl of many sites must not remember them all. */
static void a_hundred_thousand_hosts_are_forgotten(void **state)
{
	enum { HOSTS = 100000 };
	static const struct {
		const char *name;
		int64_t step_us;
		size_t peak; /* as many as there are in a second, and the one that runs */
	} cases[] = {
		{"a thousand a second", 1000, 1001},
		{"all at once", 0, HOSTS},
	};
	static const struct scheduler_options options = {.concurrency = 10, .host_rate = {1, S_US}};
	size_t *input = make_distinct(HOSTS);

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct sim sim;

		sim_init(&sim, cases[i].name, &options, input, HOSTS, HOSTS);
		while (sim.ended < HOSTS) {
			if (!sim_start(&sim))
				case_true(cases[i].name, sim_admit(&sim));
			if (!sim.running_count)
				continue;
			sim_end(&sim, sim.running[0]);
			sim.now_us += cases[i].step_us;
		}
		case_true(cases[i].name, sim.peak_hosts <= cases[i].peak);
		case_true(cases[i].name, sim.peak_hosts + 1 >= cases[i].peak);
		sim.now_us += S_US - 1 - cases[i].step_us;
		scheduler_next(&sim.scheduler, sim.now_us);
		case_true(cases[i].name, scheduler_host_count(&sim.scheduler) > 0);
		scheduler_next(&sim.scheduler, ++sim.now_us);
		case_uint(cases[i].name, scheduler_host_count(&sim.scheduler), 0);
		sim_release(&sim);
	}
	free(input);
}

/* Connections of a host are in one worker: its number is the same whenever it is asked for. */
static void a_host_has_a_number(void **state)
{
	enum { HOSTS = 10000, WORKERS = 8 };
	static const struct scheduler_options options = {.concurrency = HOSTS + 1};
	unsigned *numbers = mem_zero(HOSTS, sizeof(*numbers)), spread[WORKERS] = {0};
	size_t *input = make_distinct(HOSTS);

	(void)state;
	for (int turn = 0; turn < 2; turn++) {
		struct sim sim;

		sim_init(&sim, "numbers", &options, input, HOSTS, HOSTS);
		sim_pull(&sim);
		for (size_t i = 0; i < HOSTS; i++) {
			unsigned number = scheduler_host_number(&sim.visits[i].ticket);

			if (turn)
				assert_int_equal(number, numbers[i]);
			else
				spread[number % WORKERS]++;
			numbers[i] = number;
		}
		while (sim.running_count)
			sim_end(&sim, sim.running[0]);
		sim_release(&sim);
	}
	for (size_t i = 0; i < WORKERS; i++) {
		assert_true(spread[i] > HOSTS / WORKERS * 8 / 10);
		assert_true(spread[i] < HOSTS / WORKERS * 12 / 10);
	}
	free(input);
	free(numbers);
}

/* ---- any row of events ---- */

static uint64_t random_next(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

static uint64_t random_below(uint64_t *seed, uint64_t end)
{
	return (random_next(seed) >> 16) % end;
}

struct soak {
	const char *name;
	struct scheduler_options options;
	size_t requests, hosts;
	unsigned percent_retries, percent_pauses; /* of answers */
	uint64_t most_late_us;                    /* of the loop that asks */
	size_t drop_after;                        /* all that waits, when so many have ended */
};

/* A few hosts have most of the requests. */
static size_t *make_skewed(size_t count, size_t hosts, uint64_t *seed)
{
	size_t *input = mem_zero(count, sizeof(*input));

	for (size_t i = 0; i < count; i++)
		input[i] = random_below(seed, 1 + random_below(seed, hosts));
	return input;
}

/* An answer comes: the end, or a retry; a pause, or not. */
static void soak_answer(const struct soak *soak, struct sim *sim, uint64_t *seed)
{
	struct visit *visit = sim->running[random_below(seed, sim->running_count)];
	bool is_paused = random_below(seed, 100) < soak->percent_pauses;

	sim_hear(sim, visit, is_paused ? (int64_t)random_below(seed, 3 * (uint64_t)S_US) : 0);
	if (visit->starts < 5 && random_below(seed, 100) < soak->percent_retries)
		sim_retry(sim, visit, (int64_t)random_below(seed, 2 * (uint64_t)S_US));
	else
		sim_end(sim, visit);
}

/*
 * Time goes on without an answer, up to the wake or less far. Before the wake nobody can start and
 * nothing is wanted: whoever sleeps until then has missed nothing.
 */
static void soak_wait(const struct soak *soak, struct sim *sim, uint64_t *seed)
{
	int64_t wake_us = scheduler_wake_us(&sim->scheduler, sim->now_us), step_us;

	if (!sim->running_count) {
		/* Else it would be stuck. */
		case_true(soak->name, wake_us != INT64_MAX);
		case_true(soak->name, wake_us > sim->now_us);
	}
	if (wake_us == INT64_MAX) {
		sim->now_us += (int64_t)random_below(seed, 50000);
		case_true(soak->name, !sim_pull(sim));
		return;
	}
	step_us = wake_us - sim->now_us;
	if (step_us > 1) {
		sim->now_us += (int64_t)random_below(seed, (uint64_t)step_us);
		case_true(soak->name, !sim_pull(sim));
		case_true(soak->name, scheduler_wake_us(&sim->scheduler, sim->now_us) >= wake_us);
		/* A long sleep is no reason for those that run to be slow. */
		if (sim->running_count && random_below(seed, 2))
			return;
	}
	sim->now_us = wake_us - 1;
	case_true(soak->name, !sim_pull(sim));
	sim->now_us = wake_us + (int64_t)random_below(seed, soak->most_late_us + 1);
}

static void soak_run(const struct soak *soak, uint64_t number)
{
	uint64_t seed = (number + 1) * UINT64_C(0x9e3779b97f4a7c15);
	size_t *input = make_skewed(soak->requests, soak->hosts, &seed);
	bool is_dropped = !soak->drop_after;
	struct sim sim;

	sim_init(&sim, soak->name, &soak->options, input, soak->requests, soak->hosts);
	sim.now_us = 1000 * S_US;
	while (sim_pull(&sim), sim.ended < sim.taken) {
		if (!is_dropped && sim.ended >= soak->drop_after) {
			is_dropped = true;
			scheduler_end_waiting(&sim.scheduler, sim.now_us, on_sim_dropped, &sim);
			sim_check(&sim);
			case_uint(soak->name, sim.taken - sim.ended, sim.running_count);
		} else if (sim.running_count && random_below(&seed, 3)) {
			soak_answer(soak, &sim, &seed);
		} else {
			soak_wait(soak, &sim, &seed);
		}
	}
	/* None was lost, and none left out. */
	case_uint(soak->name, sim.ended, soak->requests);
	sim_release(&sim);
	free(input);
}

static void any_row_of_events_keeps_the_rules(void **state)
{
	static const struct soak soaks[] = {
		{"slots alone", {.concurrency = 7}, 5000, 20, 0, 0, 0, 0},
		{"one by one", {.concurrency = 1, .per_host = 1}, 3000, 3, 20, 5, 0, 0},
		{"for each host", {.concurrency = 50, .per_host = 2}, 5000, 40, 0, 0, 0, 0},
		{"with retries", {.concurrency = 20, .per_host = 3}, 5000, 30, 30, 0, 0, 1000},
		{"with pauses", {.concurrency = 20, .per_host = 3}, 3000, 30, 20, 5, 0, 0},
		{"a rate", {.concurrency = 20, .rate = {50, S_US}}, 3000, 10, 10, 0, 0, 0},
		{"a rate, late",
	         {.concurrency = 20, .rate = {50, S_US}},
	         3000,
	         10,
	         10,
	         0,
	         30000,
	         0},
		{"a rate of hosts",
	         {.concurrency = 20, .host_rate = {10, S_US}},
	         3000,
	         30,
	         10,
	         0,
	         0,
	         0},
		{"a rate of hosts, late",
	         {.concurrency = 20, .per_host = 2, .host_rate = {10, S_US}},
	         3000,
	         30,
	         10,
	         2,
	         40000,
	         500},
		{"a small rate of hosts",
	         {.concurrency = 100, .host_rate = {3, 10 * S_US}},
	         2000,
	         500,
	         10,
	         0,
	         5000,
	         0},
		{"both rates",
	         {.concurrency = 20, .rate = {40, S_US}, .host_rate = {7, S_US}},
	         3000,
	         30,
	         10,
	         2,
	         3000,
	         0},
		{"both rates, and full hosts",
	         {.concurrency = 20, .per_host = 1, .rate = {40, S_US}, .host_rate = {7, S_US}},
	         3000,
	         30,
	         10,
	         2,
	         3000,
	         700},
		{"chunks",
	         {.concurrency = 20, .per_host = 3, .chunk = 50, .chunk_pause_us = 70000},
	         3000,
	         30,
	         10,
	         1,
	         0,
	         0},
		{"chunks and pauses",
	         {.concurrency = 20, .chunk = 7, .chunk_pause_us = 10000, .rate = {100, S_US}},
	         2000,
	         5,
	         10,
	         10,
	         1000,
	         100},
		{"beyond the window",
	         {.concurrency = 30, .per_host = 2, .host_rate = {100, S_US}},
	         30000,
	         12,
	         10,
	         0,
	         0,
	         15000},
		{"all there is",
	         {.concurrency = 12,
	          .per_host = 2,
	          .chunk = 200,
	          .chunk_pause_us = 500000,
	          .rate = {60, S_US},
	          .host_rate = {9, S_US}},
	         3000,
	         25,
	         15,
	         4,
	         15000,
	         1500},
	};
	enum { SEEDS = 4 };

	(void)state;
	for (size_t i = 0; i < COUNT(soaks); i++) {
		for (uint64_t k = 0; k < SEEDS; k++) {
			char name[128];
			struct soak soak = soaks[i];

			snprintf(name, sizeof(name), "%s, seed %llu", soak.name,
			         (unsigned long long)k);
			soak.name = name;
			soak_run(&soak, i * SEEDS + k);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(there_are_so_many_slots),
		cmocka_unit_test(more_is_wanted_only_when_a_slot_is_free_and_nobody_can_use_it),
		cmocka_unit_test(hosts_take_turns),
		cmocka_unit_test(a_host_has_so_many_and_no_more),
		cmocka_unit_test(starts_keep_their_distance),
		cmocka_unit_test(a_chunk_waits_for_the_one_before),
		cmocka_unit_test(a_retry_sleeps_and_is_the_first_of_its_host),
		cmocka_unit_test(what_never_began_returns_to_its_place),
		cmocka_unit_test(a_host_is_left_alone_as_long_as_it_wants),
		cmocka_unit_test(after_that_they_leave_one_by_one),
		cmocka_unit_test(all_that_wait_are_ended_and_no_others),
		cmocka_unit_test(who_waits_says_what_for),
		cmocka_unit_test(hosts_are_forgotten),
		cmocka_unit_test(a_full_host_holds_no_slot),
		cmocka_unit_test(the_wake_is_in_time_to_look_ahead),
		cmocka_unit_test(what_waits_is_bounded_by_the_window),
		cmocka_unit_test(those_that_sleep_are_in_the_window_too),
		cmocka_unit_test(a_hundred_thousand_hosts_are_forgotten),
		cmocka_unit_test(a_host_has_a_number),
		cmocka_unit_test(any_row_of_events_keeps_the_rules),
	};

	return UNIT_RUN(tests);
}
