/*
 * The place of libFuzzer in make check: gives a target the files of its corpus, and simple changes
 * of them, the same ones each time. Says what it did as cmocka does. An input that ends the program
 * is left in a file.
 *
 *   TARGET          the corpus and changes of it
 *   TARGET FILE...  these alone
 */
#include "fuzz.h"

#include <errno.h>
#include <glob.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"

enum { MOST_BYTES = 8192, MOST_CHANGES = 4, CHANGED_INPUTS = 3000, MOST_SECONDS = 1 };

static uint8_t input[MOST_BYTES];
static size_t input_len;
static const char *input_name;

/* What sanitizers find ends in SIGABRT then, after their words. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "abort_on_error=1";
}

const char *__ubsan_default_options(void);
const char *__ubsan_default_options(void)
{
	return "abort_on_error=1:print_stacktrace=1";
}

static void on_death(int signum)
{
	char path[PATH_MAX];
	FILE *file;

	mkdir("build/fuzz", 0777);
	snprintf(path, sizeof(path), "build/fuzz/%s-found", program_invocation_short_name);
	file = fopen(path, "wb");
	if (file && fwrite(input, 1, input_len, file) == input_len && !fclose(file))
		fprintf(stderr, "%s: %s, from %s: the input is in %s\n",
		        program_invocation_short_name,
		        signum == SIGALRM ? "it takes too long" : strsignal(signum), input_name,
		        path);
	signal(signum, SIG_DFL);
	raise(signum);
}

static void read_input(const char *path)
{
	FILE *file = fopen(path, "rb");

	if (!file) {
		perror(path);
		exit(1);
	}
	input_name = path;
	input_len = fread(input, 1, sizeof(input), file);
	fclose(file);
}

static void run(void)
{
	/* Of this size, so that a sanitizer sees a byte too far. */
	uint8_t *copy = mem_resize(NULL, input_len ? input_len : 1, 1);

	memcpy(copy, input, input_len);
	alarm(30);
	LLVMFuzzerTestOneInput(copy, input_len);
	free(copy);
}

static size_t below(size_t limit)
{
	return limit ? (size_t)lrand48() % limit : 0;
}

/* Takes a piece out, or puts one that is there already elsewhere. */
static void change_piece(void)
{
	size_t from = below(input_len), len = below(input_len - from + 1), to = below(input_len);

	if (lrand48() & 1) {
		memmove(input + from, input + from + len, input_len - from - len);
		input_len -= len;
		return;
	}
	if (len > sizeof(input) - input_len)
		len = sizeof(input) - input_len;
	memmove(input + to + len, input + to, input_len - to);
	input_len += len;
	memmove(input + to, input + (from < to ? from : from + len) % (input_len - len + 1), len);
}

static void change(void)
{
	static const char telling[] = "\0\n\r\t \"\\{}[]%/.:;,=@#&*+-0189aZ\x7f\x80\xc3\xff";
	size_t at = below(input_len);

	switch (lrand48() % 4) {
	case 0: input[at] ^= (uint8_t)(1u << lrand48() % 8); break;
	case 1: input[at] = (uint8_t)telling[below(sizeof(telling) - 1)]; break;
	default: change_piece(); break;
	}
	if (!input_len)
		input[input_len++] = '\n';
}

static void replay(const glob_t *corpus)
{
	clock_t end;

	for (size_t i = 0; i < corpus->gl_pathc; i++) {
		read_input(corpus->gl_pathv[i]);
		run();
	}
	srand48(1);
	end = clock() + MOST_SECONDS * CLOCKS_PER_SEC;
	for (int i = 0; i < CHANGED_INPUTS && clock() < end; i++) {
		read_input(corpus->gl_pathv[below(corpus->gl_pathc)]);
		for (size_t n = 1 + below(MOST_CHANGES); n; n--)
			change();
		run();
	}
	/* The changed ones are one more. */
	printf("[  PASSED  ] %zu test(s).\n", corpus->gl_pathc + 1);
}

int main(int argc, char **argv)
{
	static const int deaths[] = {
		SIGABRT, SIGALRM,
#ifndef __SANITIZE_ADDRESS__
		SIGSEGV, SIGBUS,  SIGFPE, SIGILL,
#endif
	};
	char pattern[PATH_MAX];
	glob_t corpus = {0};

	for (size_t i = 0; i < sizeof(deaths) / sizeof(deaths[0]); i++)
		signal(deaths[i], on_death);
	signal(SIGPIPE, SIG_IGN);
	for (int i = 1; i < argc; i++) {
		read_input(argv[i]);
		run();
	}
	if (argc > 1)
		return 0;
	snprintf(pattern, sizeof(pattern), "tests/fuzz/corpus/%s/*", program_invocation_short_name);
	if (glob(pattern, 0, NULL, &corpus)) {
		fprintf(stderr, "%s: there is nothing\n", pattern);
		return 1;
	}
	replay(&corpus);
	globfree(&corpus);
	return 0;
}
