/* Defined below, so not as the macro that a fortified fcntl.h has. */
#undef _FORTIFY_SOURCE
#include "fuzz.h"

#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/json_read.h"
#include "base/mem.h"
#include "transfer/options.h"
#include "transfer/session.h"

/* As main() does: names of the network are UTF-8. */
__attribute__((constructor)) static void set_locale(void)
{
	setlocale(LC_CTYPE, "C.UTF-8");
}

static char file_path[64]; /* empty: none yet */
static int file_fd;

void fuzz_fail(const char *file, int line, const char *claim)
{
	fprintf(stderr, "%s:%d: not so: %s\n", file, line, claim);
	abort();
}

char *parts_next(struct parts *parts, char separator)
{
	const char *end = parts->left ? memchr(parts->at, separator, parts->left) : NULL;
	size_t len = end ? (size_t)(end - parts->at) : parts->left;
	char *text = mem_bytes(parts->left ? parts->at : "", len);

	parts->at += end ? len + 1 : len;
	parts->left -= end ? len + 1 : len;
	return text;
}

unsigned parts_flags(struct parts *parts)
{
	if (!parts->left)
		return 0;
	parts->left--;
	return (unsigned char)*parts->at++;
}

/*
 * What an input names is no file of this machine: only that of fuzz_file() can be opened, and those
 * that libFuzzer and replay.c work with.
 */
static bool is_ours(const char *path)
{
	static const char *const folders[] = {"tests/fuzz/", "build/fuzz/", "/proc/self/"};

	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		if (!strncmp(path, folders[i], strlen(folders[i])) && !strstr(path, ".."))
			return true;
	}
	errno = ENOENT;
	return false;
}

/* These take the places of libc's, for libcurl and libcrypto too. */
int open(const char *path, int flags, ...)
{
	va_list more;
	unsigned mode;

	va_start(more, flags);
	mode = flags & O_CREAT ? va_arg(more, unsigned) : 0;
	va_end(more);
	return is_ours(path) ? (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode) : -1;
}

FILE *fopen(const char *path, const char *how)
{
	int flags = *how == 'r' ? O_RDONLY : O_WRONLY | O_CREAT | O_TRUNC;
	int fd = open(path, flags | O_CLOEXEC, 0666);

	return fd < 0 ? NULL : fdopen(fd, how);
}

FILE *fopen64(const char *path, const char *how)
{
	return fopen(path, how);
}

const char *fuzz_file(const void *data, size_t len)
{
	if (!*file_path) {
		file_fd = memfd_create("fuzz", MFD_CLOEXEC);
		REQUIRE(file_fd >= 0);
		snprintf(file_path, sizeof(file_path), "/proc/self/fd/%d", file_fd);
	}
	REQUIRE(!ftruncate(file_fd, 0) && pwrite(file_fd, data, len, 0) == (ssize_t)len);
	return file_path;
}

size_t fuzz_file_size(void)
{
	struct stat status;

	REQUIRE(!fstat(file_fd, &status));
	return (size_t)status.st_size;
}

bool fuzz_is_json(const char *text, size_t len)
{
	struct cJSON *value = json_parse(text, len, NULL);

	json_free(value);
	return value;
}

bool fuzz_has_control(const char *text, size_t len, const char *allowed)
{
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];

		if ((c < ' ' || c == 0x7f) && !(c && strchr(allowed, c)))
			return true;
	}
	return false;
}

const struct fetch_options *fuzz_fetch_options(void)
{
	static struct fetch_options options;

	if (!options.is_sealed) {
		REQUIRE(!transfer_global_init(NULL));
		fetch_options_init(&options);
		fetch_options_seal(&options);
	}
	return &options;
}
