/*
 * Feeds cli/parse.c a command line, an argument a line.
 * What it refuses it refuses with words, and what it takes can be given back.
 */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "cli/cli.h"

enum { MOST_WORDS = 40 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct parts parts = {(const char *)data, size};
	char *words[MOST_WORDS + 2] = {mem_text("gather")};
	struct error e = {""};
	struct cli cli;
	int count = 1;

	fuzz_fetch_options();
	while (parts.left && count <= MOST_WORDS)
		words[count++] = parts_next(&parts, '\n');
	if (cli_parse(&cli, count, words, &e))
		REQUIRE(e.text[0]);
	else
		REQUIRE(cli.action != ACTION_RUN || cli.config.request.is_sealed);
	cli_release(&cli);
	while (count)
		free(words[--count]); /* getopt has changed their order, no more */
	return 0;
}
