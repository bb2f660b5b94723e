/*
 * Feeds input/glob.c a URL with globs.
 * It makes as many URLs as it says, each with a value for each glob, and no NUL in it.
 */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "input/glob.h"

enum { ENOUGH = 300 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct parts parts = {(const char *)data, size};
	char *text = parts_next(&parts, '\n');
	struct glob *glob = NULL;
	struct error e = {""};
	struct buf url, values;
	uint64_t made = 0;

	buf_init(&url, BUF_UNLIMITED);
	buf_init(&values, BUF_UNLIMITED);
	if (glob_new(text, &glob, &e)) {
		REQUIRE(e.text[0]);
	} else {
		while (made < ENOUGH && glob_next(glob, &url, &values)) {
			REQUIRE(strlen(url.data) == url.len);
			REQUIRE(!values.len || !values.data[values.len - 1]);
			made++;
		}
		REQUIRE(made == (glob_count(glob) < ENOUGH ? glob_count(glob) : ENOUGH));
	}
	glob_free(glob);
	buf_release(&url);
	buf_release(&values);
	free(text);
	return 0;
}
