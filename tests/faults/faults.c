/*
 * A library to be preloaded into gather, that makes calls of the system fail.
 *
 *   FAULT_CALL    the call, by the name in the table below
 *   FAULT_FROM    only when it comes from this file: "gather", "libcurl"; empty: from anywhere
 *   FAULT_AT      fail the n-th of them, counted from 1; 0, or none: only count them
 *   FAULT_MORE    if set, fail all that follow, too
 *   FAULT_ERRNO   with this errno
 *   FAULT_BYTES   of writes: the call fails when so many bytes were written by all together, in
 *                 place of FAULT_AT; the one that goes beyond writes what there is room for
 *   FAULT_SHORT   of writes: they do not fail, but write half
 *   FAULT_CLOCK   of clocks: "SECONDS AFTER": the time of day jumps so far, so many calls after
 *                 the first; "still SECONDS": the monotonic clock stands, from 0.1 s on, so long
 *   FAULT_COUNTS  a file that gets the number of the calls and of the faults, two 64-bit numbers
 *
 * It is for gather alone: in a process with another name, such as a shell before it, it does
 * nothing, and what gather starts is without it. What the C library calls inside, such as the
 * writes of stdio, cannot be reached.
 */
#include <curl/curl.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <netdb.h>
#include <poll.h>
#include <pthread.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

enum { MOST_RANGES = 32 };

struct range {
	uintptr_t start, end;
};

/* Set once, before main(). */
static struct {
	bool is_on, is_short, has_more;
	const char *call, *from;
	uint64_t at;
	int64_t bytes; /* -1: they are not counted */
	int error;
	double jump_seconds, still_seconds;
	uint64_t jump_after;
	struct range ranges[MOST_RANGES]; /* of FAULT_FROM */
	size_t range_count;
} faults = {.bytes = -1};

static struct counts {
	_Atomic uint64_t calls, faults;
} own_counts, *counts = &own_counts;

static _Atomic int64_t written;

/* ---- before main() ---- */

static bool is_from(const struct dl_phdr_info *info)
{
	const char *slash = strrchr(info->dlpi_name, '/');
	const char *name = slash ? slash + 1 : info->dlpi_name;

	/* The program itself has no name there. */
	return strncmp(*name ? name : "gather", faults.from, strlen(faults.from)) == 0;
}

static int add_ranges(struct dl_phdr_info *info, size_t size, void *arg)
{
	(void)size;
	(void)arg;
	for (int i = 0; is_from(info) && i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *header = &info->dlpi_phdr[i];
		uintptr_t start = info->dlpi_addr + header->p_vaddr;

		if (header->p_type == PT_LOAD && header->p_flags & PF_X &&
		    faults.range_count < MOST_RANGES)
			faults.ranges[faults.range_count++] =
				(struct range){start, start + header->p_memsz};
	}
	return 0;
}

static void open_counts(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
	void *map = MAP_FAILED;

	if (fd >= 0 && !ftruncate(fd, sizeof(*counts)))
		map = mmap(NULL, sizeof(*counts), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (map == MAP_FAILED)
		abort();
	close(fd);
	counts = map;
}

static void read_clock(const char *text)
{
	char *end;

	if (!strncmp(text, "still ", 6)) {
		faults.still_seconds = strtod(text + 6, NULL);
	} else {
		faults.jump_seconds = strtod(text, &end);
		faults.jump_after = strtoull(end, NULL, 10);
	}
}

static const char *text_of(const char *name)
{
	const char *text = getenv(name);

	return text ? text : "";
}

static void __attribute__((constructor)) begin(void)
{
	static const char *const names[] = {
		"LD_PRELOAD",  "FAULT_CALL",  "FAULT_FROM",  "FAULT_AT",    "FAULT_MORE",
		"FAULT_ERRNO", "FAULT_BYTES", "FAULT_SHORT", "FAULT_CLOCK", "FAULT_COUNTS"};

	if (strcmp(program_invocation_short_name, "gather") != 0)
		return;
	faults.call = strdup(text_of("FAULT_CALL"));
	faults.from = strdup(text_of("FAULT_FROM"));
	faults.at = strtoull(text_of("FAULT_AT"), NULL, 10);
	faults.has_more = getenv("FAULT_MORE");
	faults.error = atoi(text_of("FAULT_ERRNO"));
	faults.bytes = getenv("FAULT_BYTES") ? atoll(getenv("FAULT_BYTES")) : -1;
	faults.is_short = getenv("FAULT_SHORT");
	read_clock(text_of("FAULT_CLOCK"));
	if (*faults.from)
		dl_iterate_phdr(add_ranges, NULL);
	if (getenv("FAULT_COUNTS"))
		open_counts(getenv("FAULT_COUNTS"));
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		unsetenv(names[i]);
	faults.is_on = true;
}

/* ---- the verdict ---- */

#define CALLER           ((uintptr_t)__builtin_return_address(0))
#define NAMED_NEXT(name) static __typeof__(&(name)) next_##name;
#define NEXT(name)       (find_next(&next_##name, #name), next_##name)

/* ret_function is a pointer to a function, which dlsym() has as one to data. */
static void find_next(void *ret_function, const char *name)
{
	static void *const unknown;
	void *found;

	if (memcmp(ret_function, &unknown, sizeof(unknown)) != 0)
		return;
	found = dlsym(RTLD_NEXT, name);
	memcpy(ret_function, &found, sizeof(found));
}

static bool is_counted(const char *call, uintptr_t caller)
{
	bool is_there = !*faults.from;

	if (strcmp(call, faults.call) != 0)
		return false;
	for (size_t i = 0; i < faults.range_count && !is_there; i++)
		is_there = caller >= faults.ranges[i].start && caller < faults.ranges[i].end;
	return is_there;
}

/* Whether this call fails. errno is set. */
static bool fails(const char *call, uintptr_t caller)
{
	uint64_t number;

	if (!faults.is_on || !is_counted(call, caller))
		return false;
	number = atomic_fetch_add(&counts->calls, 1) + 1;
	if (!faults.at || number < faults.at || (number > faults.at && !faults.has_more))
		return false;
	atomic_fetch_add(&counts->faults, 1);
	errno = faults.error;
	return true;
}

/*
 * The most calls: those that say -1 and errno, and have not happened then. call is the name that
 * several of them share.
 */
#define CALL(type, name, call, parameters, arguments)                         \
	NAMED_NEXT(name)                                                      \
	type name parameters                                                  \
	{                                                                     \
		return fails(call, CALLER) ? (type)-1 : NEXT(name) arguments; \
	}

/* ---- files ---- */

/* Where there is no file to be made the mode is anything. */
#define OPEN(name, parameters, arguments)                                 \
	NAMED_NEXT(name)                                                  \
	int name parameters                                               \
	{                                                                 \
		va_list ap;                                               \
		mode_t mode;                                              \
		va_start(ap, flags);                                      \
		mode = va_arg(ap, mode_t);                                \
		va_end(ap);                                               \
		return fails("open", CALLER) ? -1 : NEXT(name) arguments; \
	}

OPEN(open, (const char *path, int flags, ...), (path, flags, mode))
OPEN(openat, (int at, const char *path, int flags, ...), (at, path, flags, mode))
int __open_2(const char *path, int flags);
CALL(int, __open_2, "open", (const char *path, int flags), (path, flags))
CALL(int, mkostemp, "open", (char *path, int flags), (path, flags))

NAMED_NEXT(fopen)
FILE *fopen(const char *path, const char *mode)
{
	return fails("open", CALLER) ? NULL : NEXT(fopen)(path, mode);
}

NAMED_NEXT(fopen64)
FILE *fopen64(const char *path, const char *mode)
{
	return fails("open", CALLER) ? NULL : NEXT(fopen64)(path, mode);
}

NAMED_NEXT(fdopen)
FILE *fdopen(int fd, const char *mode)
{
	return fails("open", CALLER) ? NULL : NEXT(fdopen)(fd, mode);
}

/* How much of len may be written; errno is set where that is less than all. */
static size_t room_for(size_t len)
{
	int64_t room = faults.bytes - atomic_fetch_add(&written, (int64_t)len);

	if (room >= (int64_t)len)
		return len;
	atomic_fetch_add(&counts->faults, 1);
	errno = faults.error;
	return room > 0 ? (size_t)room : 0;
}

NAMED_NEXT(write)
ssize_t write(int fd, const void *data, size_t len)
{
	/* What is said of faults is no place for them. */
	if (fd == STDERR_FILENO)
		return NEXT(write)(fd, data, len);
	if (faults.is_on && faults.bytes >= 0 && is_counted("write", CALLER)) {
		size_t room = room_for(len);

		return room || !len ? NEXT(write)(fd, data, room) : -1;
	}
	if (!fails("write", CALLER))
		return NEXT(write)(fd, data, len);
	return faults.is_short && len > 1 ? NEXT(write)(fd, data, len / 2) : -1;
}

/* The descriptor is closed in any case, as on Linux. */
NAMED_NEXT(close)
int close(int fd)
{
	bool is_failed = fails("close", CALLER);
	int error = errno, closed = NEXT(close)(fd);

	if (!is_failed)
		return closed;
	errno = error;
	return -1;
}

NAMED_NEXT(fclose)
int fclose(FILE *file)
{
	bool is_failed = fails("close", CALLER);
	int error = errno, closed = NEXT(fclose)(file);

	if (!is_failed)
		return closed;
	errno = error;
	return EOF;
}

NAMED_NEXT(realpath)
char *realpath(const char *restrict path, char *restrict resolved)
{
	return fails("realpath", CALLER) ? NULL : NEXT(realpath)(path, resolved);
}

CALL(ssize_t, read, "read", (int fd, void *data, size_t len), (fd, data, len))
CALL(ssize_t, pread, "read", (int fd, void *data, size_t len, off_t at), (fd, data, len, at))
CALL(int, fsync, "fsync", (int fd), (fd))
CALL(int, fdatasync, "fsync", (int fd), (fd))
CALL(int, ftruncate, "ftruncate", (int fd, off_t len), (fd, len))
CALL(off_t, lseek, "lseek", (int fd, off_t to, int whence), (fd, to, whence))
CALL(int, rename, "rename", (const char *from, const char *to), (from, to))
CALL(int, renameat, "rename", (int a, const char *from, int b, const char *to), (a, from, b, to))
CALL(int, renameat2, "rename", (int a, const char *from, int b, const char *to, unsigned flags),
     (a, from, b, to, flags))
CALL(int, link, "link", (const char *from, const char *to), (from, to))
CALL(int, linkat, "link", (int a, const char *from, int b, const char *to, int flags),
     (a, from, b, to, flags))
CALL(int, unlink, "unlink", (const char *path), (path))
CALL(int, unlinkat, "unlink", (int at, const char *path, int flags), (at, path, flags))
CALL(int, mkdir, "mkdir", (const char *path, mode_t mode), (path, mode))
CALL(int, mkdirat, "mkdir", (int at, const char *path, mode_t mode), (at, path, mode))
CALL(int, flock, "flock", (int fd, int how), (fd, how))
CALL(int, access, "stat", (const char *path, int how), (path, how))
CALL(int, stat, "stat", (const char *path, struct stat *st), (path, st))
CALL(int, fstat, "stat", (int fd, struct stat *st), (fd, st))
CALL(int, fstatat, "stat", (int at, const char *path, struct stat *st, int flags),
     (at, path, st, flags))
CALL(int, fsetxattr, "xattr", (int fd, const char *name, const void *value, size_t size, int flags),
     (fd, name, value, size, flags))
CALL(int, fremovexattr, "xattr", (int fd, const char *name), (fd, name))
CALL(ssize_t, fgetxattr, "xattr", (int fd, const char *name, void *value, size_t size),
     (fd, name, value, size))
CALL(ssize_t, getrandom, "getrandom", (void *data, size_t len, unsigned flags), (data, len, flags))

/* ---- descriptors, processes, threads ---- */

CALL(int, pipe, "pipe", (int fds[2]), (fds))
CALL(int, pipe2, "pipe", (int fds[2], int flags), (fds, flags))
CALL(int, eventfd, "eventfd", (unsigned start, int flags), (start, flags))
CALL(int, epoll_create, "epoll_create", (int size), (size))
CALL(int, epoll_create1, "epoll_create", (int flags), (flags))
CALL(int, epoll_ctl, "epoll_ctl", (int epoll, int what, int fd, struct epoll_event *event),
     (epoll, what, fd, event))
CALL(int, epoll_wait, "epoll_wait", (int epoll, struct epoll_event *events, int most, int timeout),
     (epoll, events, most, timeout))
CALL(int, poll, "poll", (struct pollfd * fds, nfds_t count, int timeout), (fds, count, timeout))

NAMED_NEXT(fcntl)
int fcntl(int fd, int command, ...)
{
	va_list ap;
	void *argument;

	va_start(ap, command);
	argument = va_arg(ap, void *);
	va_end(ap);
	return fails("fcntl", CALLER) ? -1 : NEXT(fcntl)(fd, command, argument);
}

/* These say the error, and not errno. */
NAMED_NEXT(pthread_create)
int pthread_create(pthread_t *restrict id, const pthread_attr_t *restrict attributes,
                   void *(*fn)(void *), void *restrict arg)
{
	return fails("thread", CALLER) ? errno : NEXT(pthread_create)(id, attributes, fn, arg);
}

NAMED_NEXT(posix_spawnp)
int posix_spawnp(pid_t *restrict pid, const char *restrict file,
                 const posix_spawn_file_actions_t *restrict actions,
                 const posix_spawnattr_t *restrict attributes, char *const argv[restrict],
                 char *const env[restrict])
{
	return fails("spawn", CALLER)
	               ? errno
	               : NEXT(posix_spawnp)(pid, file, actions, attributes, argv, env);
}

/* ---- the network ---- */

CALL(int, socket, "socket", (int family, int type, int protocol), (family, type, protocol))
CALL(int, socketpair, "socket", (int family, int type, int protocol, int fds[2]),
     (family, type, protocol, fds))
CALL(int, connect, "connect", (int fd, __CONST_SOCKADDR_ARG to, socklen_t len), (fd, to, len))
CALL(int, setsockopt, "sockopt", (int fd, int level, int name, const void *value, socklen_t len),
     (fd, level, name, value, len))
CALL(int, getsockopt, "sockopt",
     (int fd, int level, int name, void *restrict value, socklen_t *restrict len),
     (fd, level, name, value, len))
CALL(int, getsockname, "sockname", (int fd, __SOCKADDR_ARG name, socklen_t *restrict len),
     (fd, name, len))
CALL(int, getpeername, "sockname", (int fd, __SOCKADDR_ARG name, socklen_t *restrict len),
     (fd, name, len))
CALL(ssize_t, send, "send", (int fd, const void *data, size_t len, int flags),
     (fd, data, len, flags))
CALL(ssize_t, recv, "recv", (int fd, void *data, size_t len, int flags), (fd, data, len, flags))

NAMED_NEXT(getaddrinfo)
int getaddrinfo(const char *restrict host, const char *restrict service,
                const struct addrinfo *restrict hints, struct addrinfo **restrict ret_list)
{
	return fails("getaddrinfo", CALLER) ? EAI_SYSTEM
	                                    : NEXT(getaddrinfo)(host, service, hints, ret_list);
}

/* ---- libcurl ---- */

NAMED_NEXT(curl_multi_socket_action)
CURLMcode curl_multi_socket_action(CURLM *multi, curl_socket_t fd, int events, int *ret_running)
{
	return fails("multi", CALLER)
	               ? CURLM_INTERNAL_ERROR
	               : NEXT(curl_multi_socket_action)(multi, fd, events, ret_running);
}

/* ---- memory ---- */

/* Under these names the C library has them, too: dlsym() would want memory. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *p, size_t size);

void *malloc(size_t size)
{
	return fails("malloc", CALLER) ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
	return fails("malloc", CALLER) ? NULL : __libc_calloc(count, size);
}

void *realloc(void *p, size_t size)
{
	return fails("malloc", CALLER) ? NULL : __libc_realloc(p, size);
}

NAMED_NEXT(mmap)
void *mmap(void *at, size_t len, int protection, int flags, int fd, off_t offset)
{
	return fails("mmap", CALLER) ? MAP_FAILED
	                             : NEXT(mmap)(at, len, protection, flags, fd, offset);
}

/* ---- clocks ---- */

static double jump(void)
{
	if (!faults.is_on || faults.jump_seconds == 0 ||
	    atomic_fetch_add(&counts->calls, 1) < faults.jump_after)
		return 0;
	atomic_fetch_add(&counts->faults, 1);
	return faults.jump_seconds;
}

static double seconds_of(const struct timespec *t)
{
	return (double)t->tv_sec + (double)t->tv_nsec * 1e-9;
}

/* It stands from 0.1 s after the first look at it on. */
static void stand_still(struct timespec *t)
{
	static _Atomic double first;
	double none = 0, now = seconds_of(t), from;

	if (!faults.is_on || faults.still_seconds <= 0)
		return;
	atomic_compare_exchange_strong(&first, &none, now);
	from = atomic_load(&first) + 0.1;
	if (now < from || now >= from + faults.still_seconds)
		return;
	atomic_fetch_add(&counts->faults, 1);
	t->tv_sec = (time_t)from;
	t->tv_nsec = (long)((from - (double)t->tv_sec) * 1e9);
}

NAMED_NEXT(clock_gettime)
int clock_gettime(clockid_t id, struct timespec *t)
{
	int failed = NEXT(clock_gettime)(id, t);

	if (!failed && id == CLOCK_MONOTONIC)
		stand_still(t);
	else if (!failed && id == CLOCK_REALTIME)
		t->tv_sec += (time_t)jump();
	return failed;
}

NAMED_NEXT(gettimeofday)
int gettimeofday(struct timeval *restrict t, void *restrict zone)
{
	int failed = NEXT(gettimeofday)(t, zone);

	if (!failed)
		t->tv_sec += (time_t)jump();
	return failed;
}

NAMED_NEXT(time)
time_t time(time_t *ret_time)
{
	time_t now = NEXT(time)(NULL) + (time_t)jump();

	if (ret_time)
		*ret_time = now;
	return now;
}
