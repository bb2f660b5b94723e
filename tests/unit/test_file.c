/*
 * base/file: whole files, up to a ceiling.
 */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <dirent.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

#include "base/buf.h"
#include "base/file.h"

static char path[64];

static int setup_path(void **state)
{
	int fd;

	(void)state;
	snprintf(path, sizeof(path), "/tmp/gather-test-XXXXXX");
	fd = mkstemp(path);
	if (fd < 0)
		return -1;
	close(fd);
	return 0;
}

static int teardown_path(void **state)
{
	(void)state;
	return unlink(path);
}

static void fill(size_t len)
{
	FILE *file = fopen(path, "w");

	for (size_t i = 0; i < len; i++)
		putc((int)(i * 7 % 251), file);
	fclose(file);
}

static void case_filled(const char *name, const char *data, size_t len)
{
	for (size_t i = 0; i < len; i++)
		case_int(name, (unsigned char)data[i], i * 7 % 251);
}

static void a_file_is_appended_whole_up_to_the_ceiling(void **state)
{
	static const struct {
		const char *name;
		size_t len, max;
		enum err expected;
	} cases[] = {
		{"empty", 0, 100, ERR_NONE},
		{"a byte", 1, 100, ERR_NONE},
		{"exactly the ceiling", 100, 100, ERR_NONE},
		{"one byte over", 101, 100, ERR_LIMIT},
		{"no ceiling", 100000, BUF_UNLIMITED, ERR_NONE},
		{"large, exactly the ceiling", 100000, 100000, ERR_NONE},
		{"large, one byte over", 100001, 100000, ERR_LIMIT},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct error e = {""};
		struct buf b;
		char words[128];

		fill(cases[i].len);
		buf_init(&b, cases[i].max);
		case_err(cases[i].name, file_read(path, &b, &e), cases[i].expected);
		case_true(cases[i].name, b.len <= cases[i].len);
		case_filled(cases[i].name, b.data, b.len);
		if (cases[i].expected) {
			snprintf(words, sizeof(words), "%s: larger than %zu bytes", path,
			         cases[i].max);
			case_text(cases[i].name, e.text, words);
			case_err(cases[i].name, file_read(path, &b, NULL), cases[i].expected);
		} else {
			case_uint(cases[i].name, b.len, cases[i].len);
			case_text(cases[i].name, e.text, "");
		}
		buf_release(&b);
	}
}

static void what_was_there_stays_in_front(void **state)
{
	struct buf b;

	(void)state;
	fill(3);
	buf_init(&b, BUF_UNLIMITED);
	buf_put_text(&b, "head");
	assert_err(file_read(path, &b, NULL), ERR_NONE);
	case_bytes("appended", b.data, b.len, "head\0\x07\x0e", 7);
	buf_release(&b);
}

static void what_cannot_be_read_is_an_error_with_the_name(void **state)
{
	static const struct {
		const char *path, *words;
	} cases[] = {
		{"/no/such/file", "/no/such/file: No such file or directory"},
		{"/tmp", "/tmp: Is a directory"},
		{"", ": No such file or directory"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct error e = {""};
		struct buf b;

		buf_init(&b, BUF_UNLIMITED);
		case_err(cases[i].path, file_read(cases[i].path, &b, &e), ERR_SYSTEM);
		case_text(cases[i].path, e.text, cases[i].words);
		case_err(cases[i].path, file_read(cases[i].path, &b, NULL), ERR_SYSTEM);
		case_uint(cases[i].path, b.len, 0);
		buf_release(&b);
	}
}

static void a_dash_is_standard_input_which_stays_open(void **state)
{
	int before = dup(STDIN_FILENO), fds[2];
	struct buf b;
	enum err e;

	(void)state;
	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	assert_int_equal(write(fds[1], "input", 5), 5);
	close(fds[1]);
	dup2(fds[0], STDIN_FILENO);
	buf_init(&b, BUF_UNLIMITED);
	e = file_read("-", &b, NULL);
	assert_true(fcntl(STDIN_FILENO, F_GETFD) >= 0);
	dup2(before, STDIN_FILENO);
	assert_err(e, ERR_NONE);
	assert_string_equal(b.data, "input");
	buf_release(&b);
	close(before);
	close(fds[0]);
}

static void no_descriptor_is_lost(void **state)
{
	static const char *const paths[] = {path, "/no/such/file", "/tmp"};
	int fd = dup(STDERR_FILENO), again;

	(void)state;
	close(fd);
	fill(100);
	for (size_t i = 0; i < COUNT(paths); i++) {
		struct buf b;

		buf_init(&b, 10);
		case_true(paths[i], file_read(paths[i], &b, NULL) != ERR_NONE);
		buf_release(&b);
		again = dup(STDERR_FILENO);
		case_int(paths[i], again, fd);
		close(again);
	}
}

/* ---- copies ---- */

static void case_copied(const char *name, int fd, size_t len)
{
	char data[70000];

	case_int(name, lseek(fd, 0, SEEK_SET), 0);
	case_int(name, read(fd, data, sizeof(data)), len);
	case_filled(name, data, len);
}

static void a_copy_has_all_and_stays_as_it_is(void **state)
{
	static const size_t lens[] = {0, 1, 16384, 16385, 70000};

	(void)state;
	for (size_t i = 0; i < COUNT(lens); i++) {
		struct stat st;
		char name[32];
		int fd = -1;

		snprintf(name, sizeof(name), "%zu bytes", lens[i]);
		fill(lens[i]);
		case_err(name, file_copy(path, &fd, NULL), ERR_NONE);
		fill(3);
		case_copied(name, fd, lens[i]);
		/* It has no name that it could be found by, or left behind. */
		case_int(name, fstat(fd, &st), 0);
		case_uint(name, st.st_nlink, 0);
		case_int(name, fcntl(fd, F_GETFD), FD_CLOEXEC);
		close(fd);
	}
}

/* What fill() makes, in four parts with pauses between them. */
static void write_slowly(int fd, int len)
{
	static const struct timespec pause = {0, 20000000};

	for (int i = 0; i < len; i++) {
		char byte = (char)(i * 7 % 251);

		if (i % (len / 4) == 0)
			nanosleep(&pause, NULL);
		if (write(fd, &byte, 1) != 1)
			_exit(1);
	}
}

static void a_pipe_that_does_not_block_is_copied_to_its_end(void **state)
{
	int before = dup(STDIN_FILENO), fds[2], fd = -1;
	pid_t writer;
	enum err e;

	(void)state;
	assert_int_equal(pipe2(fds, O_CLOEXEC | O_NONBLOCK), 0);
	writer = fork();
	if (!writer) {
		write_slowly(fds[1], 1000);
		_exit(0);
	}
	close(fds[1]);
	dup2(fds[0], STDIN_FILENO);
	e = file_copy("-", &fd, NULL);
	dup2(before, STDIN_FILENO);
	assert_err(e, ERR_NONE);
	case_copied("stdin", fd, 1000);
	waitpid(writer, NULL, 0);
	close(before);
	close(fds[0]);
	close(fd);
}

static void what_cannot_be_copied_is_an_error_with_the_name(void **state)
{
	static const struct {
		const char *path, *folder, *words;
	} cases[] = {
		{"/no/such/file", "/tmp", "/no/such/file: No such file or directory"},
		{"/tmp", "/tmp", "/tmp: Is a directory"},
		{"/dev/null", "/no/such/folder",
	         "no temporary file for /dev/null: No such file or directory"},
	};
	int free_fd = dup(STDERR_FILENO);

	(void)state;
	close(free_fd);
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct error e = {""};
		int fd = -7, again;

		setenv("TMPDIR", cases[i].folder, 1);
		case_err(cases[i].path, file_copy(cases[i].path, &fd, &e), ERR_SYSTEM);
		case_text(cases[i].path, e.text, cases[i].words);
		case_int(cases[i].path, fd, -7);
		again = dup(STDERR_FILENO);
		case_int(cases[i].path, again, free_fd);
		close(again);
	}
	unsetenv("TMPDIR");
}

/* ---- what is written into ---- */

static void case_contents(const char *name, const char *file, const char *expected)
{
	struct buf b;

	buf_init(&b, BUF_UNLIMITED);
	case_err(name, file_read(file, &b, NULL), ERR_NONE);
	case_text(name, b.data, expected);
	buf_release(&b);
}

static void what_is_no_regular_file_is_special(void **state)
{
	char folder[] = "/tmp/gather-test-XXXXXX", file[64], link[64];
	static const struct {
		const char *target; /* of the link */
		bool is_special;
	} cases[] = {
		{"file", false},
		{"file/", false},
		{"nothing", false},
		{".", false},
		{"link", false},
		{"/dev/null", true},
		{"fifo", true},
		{"/dev/stdout", true},
		{"/dev/fd/0", true},
		{"/dev/fd/77", true},
		{"/dev/fd", false},
		{"/dev/fd/x", false},
		{"/proc/self/fd/1", true},
		{"/dev/fd/-1", false},
	};

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(file, sizeof(file), "%s/fifo", folder);
	assert_int_equal(mkfifo(file, 0666), 0);
	snprintf(file, sizeof(file), "%s/file", folder);
	snprintf(link, sizeof(link), "%s/link", folder);
	assert_err(file_replace(file, 0666, "", 0, NULL), ERR_NONE);
	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_int_equal(symlink(cases[i].target, link), 0);
		case_int(cases[i].target, file_is_special(link), cases[i].is_special);
		unlink(link);
	}
	unlink(file);
	snprintf(file, sizeof(file), "%s/fifo", folder);
	unlink(file);
	rmdir(folder);
}

static void a_descriptor_is_shared_unless_it_is_our_own(void **state)
{
	char name[64], template[] = "/tmp/gather-test-XXXXXX";
	int fd = mkstemp(template), copy;

	(void)state;
	assert_true(fd >= 0);
	snprintf(name, sizeof(name), "/dev/fd/%d", fd);
	assert_true(file_write_all(fd, "before ", 7));
	assert_err(file_replace(name, 0666, "into ", 5, NULL), ERR_NONE);
	copy = file_open_special(name);
	assert_true(copy > STDERR_FILENO && copy != fd);
	assert_true(file_write_all(copy, "it", 2));
	close(copy);
	assert_true(file_write_all(fd, " after", 6));
	case_contents("all of it", template, "before into it after");
	fcntl(fd, F_SETFD, FD_CLOEXEC);
	assert_int_equal(file_open_special(name), -1);
	assert_int_equal(errno, EBADF);
	assert_err(file_check_replaceable(name, NULL), ERR_SYSTEM);
	close(fd);
	unlink(template);
}

/* ---- file_replace() ---- */

static size_t count_entries(const char *folder)
{
	DIR *dir = opendir(folder);
	size_t count = 0;

	while (readdir(dir))
		count++;
	closedir(dir);
	return count - 2; /* "." and ".." */
}

static void a_file_is_replaced_whole_and_nothing_is_left_beside_it(void **state)
{
	char folder[] = "/tmp/gather-test-XXXXXX", file[64], link[64];
	struct stat st;

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(file, sizeof(file), "%s/page", folder);
	snprintf(link, sizeof(link), "%s/link", folder);
	umask(022);
	assert_err(file_replace(file, 0666, "first and longer", 16, NULL), ERR_NONE);
	case_contents("new", file, "first and longer");
	assert_int_equal(stat(file, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0644);
	assert_err(file_replace(file, 0666, "second", 6, NULL), ERR_NONE);
	case_contents("there already", file, "second");
	assert_int_equal(symlink("page", link), 0);
	assert_err(file_replace(link, 0666, "third", 5, NULL), ERR_NONE);
	case_contents("through a link", file, "third");
	assert_int_equal(lstat(link, &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	assert_int_equal(count_entries(folder), 2);
	unlink(link);
	unlink(file);
	rmdir(folder);
}

static void what_cannot_be_replaced_is_an_error_with_the_name(void **state)
{
	static const struct {
		const char *path;
		enum err checked, replaced;
	} cases[] = {
		{"/dev/null", ERR_NONE, ERR_NONE},
		{"/dev/full", ERR_NONE, ERR_SYSTEM},
		{"/tmp", ERR_SYSTEM, ERR_SYSTEM},
		{"/no/such/file", ERR_SYSTEM, ERR_SYSTEM},
		{"/dev/null/file", ERR_SYSTEM, ERR_SYSTEM},
	};
	struct stat st;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct error e = {""};

		case_err(cases[i].path, file_check_replaceable(cases[i].path, &e),
		         cases[i].checked);
		case_true(cases[i].path, !cases[i].checked == !strstr(e.text, cases[i].path));
		e.text[0] = '\0';
		case_err(cases[i].path, file_replace(cases[i].path, 0666, "x", 1, &e),
		         cases[i].replaced);
		case_true(cases[i].path, !cases[i].replaced == !strstr(e.text, cases[i].path));
	}
	assert_int_equal(stat("/dev/null", &st), 0);
	assert_true(S_ISCHR(st.st_mode)); /* it is still what it was */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_is_appended_whole_up_to_the_ceiling),
		cmocka_unit_test(what_was_there_stays_in_front),
		cmocka_unit_test(what_cannot_be_read_is_an_error_with_the_name),
		cmocka_unit_test(a_dash_is_standard_input_which_stays_open),
		cmocka_unit_test(no_descriptor_is_lost),
		cmocka_unit_test(a_copy_has_all_and_stays_as_it_is),
		cmocka_unit_test(a_pipe_that_does_not_block_is_copied_to_its_end),
		cmocka_unit_test(what_cannot_be_copied_is_an_error_with_the_name),
		cmocka_unit_test(what_is_no_regular_file_is_special),
		cmocka_unit_test(a_descriptor_is_shared_unless_it_is_our_own),
		cmocka_unit_test(a_file_is_replaced_whole_and_nothing_is_left_beside_it),
		cmocka_unit_test(what_cannot_be_replaced_is_an_error_with_the_name),
	};
	unit_begin();
	return cmocka_run_group_tests(tests, setup_path, teardown_path);
}
