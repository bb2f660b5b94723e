#include "async/slice.h"

#include "base/clock.h"

struct slice slice_begin(void)
{
	return (struct slice){clock_mono_us() + SLICE_US};
}

bool slice_is_over(const struct slice *slice)
{
	return clock_mono_us() >= slice->end_us;
}
