#include "policy/gate.h"

#include <assert.h>

void gate_init(struct gate *gate, uint64_t limit, uint64_t chunk, int64_t chunk_pause_us)
{
	assert(limit);
	*gate = (struct gate){.limit = limit, .chunk = chunk, .chunk_pause_us = chunk_pause_us};
}

int64_t gate_ask(const struct gate *gate, int64_t now_us)
{
	if (gate->in_flight >= gate->limit)
		return GATE_FULL;
	if (gate->chunk && gate->begun_in_chunk == gate->chunk)
		return GATE_FULL;
	return gate->paused_until_us > now_us ? gate->paused_until_us - now_us : GATE_OPEN;
}

void gate_begin(struct gate *gate)
{
	gate->in_flight++;
	gate->begun_in_chunk++;
}

void gate_end(struct gate *gate, int64_t now_us)
{
	assert(gate->in_flight);
	gate->in_flight--;
	if (gate->chunk && gate->begun_in_chunk == gate->chunk && !gate->in_flight) {
		gate->begun_in_chunk = 0;
		gate->paused_until_us = now_us + gate->chunk_pause_us;
	}
}
