/*
 * Runs a command and counts what it used. A program of its own, since a process inherits the peak
 * of the memory of whoever started it: from Python every client would seem to need Python's.
 *
 * measure [-t] FILE COMMAND [ARG]...: writes to FILE, in one line: exit status (or 128 + signal),
 * seconds, seconds of CPU, peak memory in KB, peak threads (with -t, else 0).
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { LOOK_EVERY_US = 1000 };

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double seconds(const struct timeval *t)
{
	return (double)t->tv_sec + (double)t->tv_usec / 1e6;
}

static long count_threads(pid_t pid)
{
	char path[64], line[256];
	long threads = 0;
	FILE *in;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	in = fopen(path, "r");
	while (in && fgets(line, sizeof(line), in)) {
		if (sscanf(line, "Threads: %ld", &threads) == 1)
			break;
	}
	if (in)
		fclose(in);
	return threads;
}

int main(int argc, char **argv)
{
	int counts_threads = argc > 1 && !strcmp(argv[1], "-t"), status;
	long threads = 0, count;
	struct rusage used;
	FILE *figures;
	double start;
	pid_t pid;

	argv += 1 + counts_threads;
	if (argc < 3 + counts_threads || !(figures = fopen(argv[0], "we")))
		return 2;
	/* Whoever is stopped, the command does not stay behind. */
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	start = now();
	pid = fork();
	if (pid < 0)
		return 1;
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		execvp(argv[1], argv + 1);
		perror(argv[1]);
		_exit(127);
	}
	while (wait4(pid, &status, counts_threads ? WNOHANG : 0, &used) == 0) {
		count = count_threads(pid);
		threads = count > threads ? count : threads;
		usleep(LOOK_EVERY_US);
	}
	fprintf(figures, "%d %.6f %.6f %ld %ld\n",
	        WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), now() - start,
	        seconds(&used.ru_utime) + seconds(&used.ru_stime), used.ru_maxrss, threads);
	return fclose(figures) != 0;
}
