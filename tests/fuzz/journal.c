/*
 * Feeds policy/resume.c a log.
 * What it accepts has only whole lines then, and is accepted again when a result was appended.
 */
#include "fuzz.h"

#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/hash.h"
#include "policy/resume.h"

static const char line[] =
	"{\"fingerprint\":\"000102030405060708090a0b0c0d0e0f\",\"ok\":true,\"index\":0}\n";
static const struct hash done = {.high = 0x0001020304050607, .low = 0x08090a0b0c0d0e0f};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *path = fuzz_file(data, size);
	struct error e = {""};
	struct resume *resume = resume_open(path, NULL, NULL, &e);
	size_t kept = 0;

	if (!resume) {
		REQUIRE(e.text[0] && fuzz_file_size() == size);
		return 0;
	}
	REQUIRE(fuzz_file_size() + (size_t)resume_cut_bytes(resume) == size);
	for (const uint8_t *p = data; p < data + size; p++) {
		if (*p == '\n')
			kept = (size_t)(p - data) + 1;
	}
	REQUIRE(fuzz_file_size() == kept);
	REQUIRE(file_write_all(resume_fd(resume), line, sizeof(line) - 1));
	resume_close(resume);

	resume = resume_open(path, NULL, NULL, &e);
	REQUIRE(resume && !resume_cut_bytes(resume) && resume_is_done(resume, done));
	resume_close(resume);
	return 0;
}
