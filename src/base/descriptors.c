#include "base/descriptors.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

/* Where /proc cannot be read: the standard streams, a loop, and some more. */
enum { USUALLY_OPEN = 8 };

bool descriptors_ran_out(int error)
{
	return error == EMFILE || error == ENFILE;
}

int descriptors_check_free(void)
{
	int fd = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int error = errno;

	if (fd < 0)
		return descriptors_ran_out(error) ? error : 0;
	close(fd);
	return 0;
}

uint64_t descriptors_limit(void)
{
	struct rlimit limit;

	return getrlimit(RLIMIT_NOFILE, &limit) || limit.rlim_cur == RLIM_INFINITY ? UINT64_MAX
	                                                                           : limit.rlim_cur;
}

uint64_t descriptors_count_open(void)
{
	DIR *directory = opendir("/proc/self/fd");
	uint64_t count = 0;

	if (!directory)
		return USUALLY_OPEN;
	while (readdir(directory))
		count++;
	closedir(directory);
	return count > 3 ? count - 3 : 0; /* less ".", "..", and the directory itself */
}

const char *descriptors_strerror(int error, char words[DESCRIPTORS_WORDS])
{
	const char *text = strerror(error);

	if (error == EMFILE)
		snprintf(words, DESCRIPTORS_WORDS, "%s (the limit is %llu: see ulimit -n)", text,
		         (unsigned long long)descriptors_limit());
	else if (error == ENFILE)
		snprintf(words, DESCRIPTORS_WORDS, "%s (the limit is fs.file-max of sysctl)", text);
	else
		snprintf(words, DESCRIPTORS_WORDS, "%s", text);
	return words;
}
