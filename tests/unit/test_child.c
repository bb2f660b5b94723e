/*
 * async/child: processes, what goes into them and what comes out, and that nothing is left of them.
 */
#include "unit_async.h"

#include <poll.h>
#include <sys/resource.h>

#include "async/child.h"
#include "async/group.h"
#include "async/sleep.h"
#include "async/timeout.h"

#define SH(script) ((const char *[]){"sh", "-c", script, NULL})

static struct job *start(struct stage *s, const char *const *argv, struct child_options options)
{
	if (!options.max_output_bytes)
		options.max_output_bytes = 1 << 20;
	return job_ref(child_start(s->loop, (char *const *)argv, &options));
}

/* The number that the next descriptor will have: it grows when one leaks. */
static int next_fd(void)
{
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

	close(fd);
	return fd;
}

static void case_output(const char *name, const struct job *child, const char *expected)
{
	size_t len;
	const char *output = child_output(child, &len);

	case_bytes(name, output, len + 1, expected, strlen(expected) + 1);
}

static void every_way_to_end_has_its_status(void **state)
{
	static const struct {
		const char *name, *script;
		int status;
		const char *output;
	} cases[] = {
		{"success", "echo fine", 0, "fine\n"},
		{"failure", "echo bad; exit 1", 1, "bad\n"},
		{"the largest status", "exit 255", 255, ""},
		{"command not found by the shell", "/no/such/command 2>/dev/null", 127, ""},
		{"SIGTERM", "kill -TERM $$", 128 + SIGTERM, ""},
		{"SIGKILL", "kill -KILL $$", 128 + SIGKILL, ""},
		{"SIGSEGV", "ulimit -c 0; kill -SEGV $$", 128 + SIGSEGV, ""},
		/* We ignore the one and block the other; the child must not. */
		{"SIGPIPE", "kill -PIPE $$; echo ignored", 128 + SIGPIPE, ""},
		{"SIGUSR1", "kill -USR1 $$; echo blocked", 128 + SIGUSR1, ""},
		{"output without end of line", "printf abc", 0, "abc"},
		{"no output", ":", 0, ""},
		{"output after stdin is closed", "exec <&-; echo still", 0, "still\n"},
		{"stdout closed early", "exec >&-; exit 3", 3, ""},
	};
	struct stage *s = *state;
	sigset_t blocked, before;
	int fd = next_fd();

	sigemptyset(&blocked);
	sigaddset(&blocked, SIGUSR1);
	pthread_sigmask(SIG_BLOCK, &blocked, &before);
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct job *child = start(s, SH(cases[i].script), (struct child_options){0});

		case_err(cases[i].name, job_await(child), ERR_NONE);
		case_int(cases[i].name, child_status(child), cases[i].status);
		case_output(cases[i].name, child, cases[i].output);
		job_unref(child);
	}
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	assert_int_equal(next_fd(), fd);
}

static void what_cannot_be_started_is_an_error(void **state)
{
	static const struct {
		const char *name, *path;
		int error;
	} cases[] = {
		{"no such file", "/no/such/command", ENOENT},
		{"not in PATH", "no-such-command-in-path", ENOENT},
		{"a directory", "/tmp", EACCES},
		{"not executable", "/etc/passwd", EACCES},
	};
	struct stage *s = *state;
	int fd = next_fd();

	if (!can_spawn_fail())
		skip();
	for (size_t i = 0; i < COUNT(cases); i++) {
		const char *argv[] = {cases[i].path, NULL};
		struct job *child =
			start(s, argv, (struct child_options){.input = "in", .input_len = 2});

		diary_watch(&s->diary, child, "child");
		case_text(cases[i].name, diary_read(&s->diary), "");
		case_err(cases[i].name, job_await(child), ERR_SYSTEM);
		case_text(cases[i].name, diary_read(&s->diary), "child=ERR_SYSTEM");
		case_int(cases[i].name, child_status(child), -1);
		case_int(cases[i].name, child_errno(child), cases[i].error);
		case_output(cases[i].name, child, "");
		job_cancel(child);
		loop_run(s->loop);
		job_unref(child);
	}
	assert_int_equal(next_fd(), fd);
}

static void without_descriptors_nothing_is_started_and_none_is_lost(void **state)
{
	static const struct {
		const char *name;
		rlim_t left;
	} cases[] = {
		{"none left", 0},
		{"half a pipe left", 1},
		{"one pipe left of two", 2},
		{"one pipe and a half left", 3},
	};
	struct stage *s = *state;
	struct rlimit limit, less;
	int fd = next_fd();

	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct job *child;

		less = limit;
		less.rlim_cur = (rlim_t)fd + cases[i].left;
		setrlimit(RLIMIT_NOFILE, &less);
		child = start(s, SH("echo started"),
		              (struct child_options){.input = "in", .input_len = 2});
		setrlimit(RLIMIT_NOFILE, &limit);
		case_err(cases[i].name, job_await(child), ERR_SYSTEM);
		case_int(cases[i].name, child_status(child), -1);
		case_int(cases[i].name, next_fd(), fd);
		job_unref(child);
	}
}

static void input_comes_out_of_cat(void **state)
{
	static const struct {
		const char *name, *input;
		size_t len;
	} cases[] = {
		{"nothing", "", 0},
		{"a byte", "x", 1},
		{"a line", "hello\n", 6},
		{"NUL bytes", "a\0b\0", 4},
	};
	struct stage *s = *state;

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct child_options options = {.input = cases[i].input, .input_len = cases[i].len};
		struct job *cat = start(s, (const char *[]){"cat", NULL}, options);
		const char *output;
		size_t len;

		case_err(cases[i].name, job_await(cat), ERR_NONE);
		output = child_output(cat, &len);
		case_bytes(cases[i].name, output, len, cases[i].input, cases[i].len);
		case_int(cases[i].name, output[len], '\0');
		job_unref(cat);
	}
}

/* What it does not want is given up at once, and not offered again and again. */
static void a_child_that_has_closed_its_input_costs_no_turns(void **state)
{
	enum { SIZE = 1 << 20 };
	struct stage *s = *state;
	char *data = mem_zero(1, SIZE);
	struct child_options options = {.input = data, .input_len = SIZE};
	struct job *child, *sleep;
	int turns = 0;

	child = start(s, SH("exec <&-; echo closed; sleep 1000"), options);
	settle(s->loop);
	sleep = job_ref(sleep_for(s->loop, 100 * MS));
	for (; !job_is_finished(sleep); turns++)
		loop_turn(s->loop);
	assert_in_range(turns, 1, 100);
	job_unref(sleep);
	job_cancel(child);
	assert_err(job_await(child), ERR_CANCELED);
	job_unref(child);
	free(data);
}

static void without_input_there_is_dev_null(void **state)
{
	struct stage *s = *state;
	struct job *child =
		start(s, SH("readlink /proc/self/fd/0; cat"), (struct child_options){0});

	assert_err(job_await(child), ERR_NONE);
	case_output("stdin", child, "/dev/null\n");
	job_unref(child);
}

static void the_environment_is_ours_unless_one_is_given(void **state)
{
	struct stage *s = *state;
	char variable[] = "GIVEN=yes";
	char *env[] = {variable, NULL};
	struct job *child;

	setenv("OURS", "yes", 1);
	child = start(s, SH("echo $OURS $GIVEN"), (struct child_options){0});
	assert_err(job_await(child), ERR_NONE);
	case_output("ours", child, "yes\n");
	job_unref(child);
	child = start(s, (const char *[]){"env", NULL}, (struct child_options){.env = env});
	assert_err(job_await(child), ERR_NONE);
	case_output("given", child, "GIVEN=yes\n");
	job_unref(child);
	unsetenv("OURS");
}

static void output_is_kept_up_to_the_cap(void **state)
{
	static const struct {
		const char *name;
		size_t cap;
		const char *expected;
	} cases[] = {
		{"one less", 9, "012345678"},
		{"exactly", 10, "0123456789"},
		{"one more", 11, "0123456789"},
		{"one byte", 1, "0"},
	};
	struct stage *s = *state;

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct child_options options = {.max_output_bytes = cases[i].cap};
		struct job *child = start(s, SH("printf 01234; printf 56789; exit 5"), options);

		case_err(cases[i].name, job_await(child), ERR_NONE);
		case_int(cases[i].name, child_status(child), 5);
		case_output(cases[i].name, child, cases[i].expected);
		job_unref(child);
	}
}

static void a_cap_of_nothing_reads_and_keeps_nothing(void **state)
{
	struct stage *s = *state;
	struct child_options options = {.max_output_bytes = 0};
	const char *const *argv = SH("head -c 300000 /dev/zero && exit 4");
	struct job *child = job_ref(child_start(s->loop, (char *const *)argv, &options));

	assert_err(job_await(child), ERR_NONE);
	assert_int_equal(child_status(child), 4);
	case_output("nothing", child, "");
	job_unref(child);
}

static void what_is_cut_is_said(void **state)
{
	static const struct {
		const char *name, *script;
		size_t cap;
		bool is_cut;
	} cases[] = {
		{"less than the cap", "printf 01234", 6, false},
		{"just the cap", "printf 01234", 5, false},
		{"more", "printf 01234", 4, true},
		{"more, later", "printf 0123; printf 4", 4, true},
		{"just the cap of errors", "printf 01234 >&2", 5, false},
		{"more errors", "printf 01234 >&2", 4, true},
	};
	struct stage *s = *state;

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct child_options options = {.max_output_bytes = cases[i].cap,
		                                .max_error_bytes = cases[i].cap};
		struct job *child = start(s, SH(cases[i].script), options);

		case_err(cases[i].name, job_await(child), ERR_NONE);
		case_int(cases[i].name, child_is_cut(child), cases[i].is_cut);
		job_unref(child);
	}
}

static void errors_are_kept_apart(void **state)
{
	struct stage *s = *state;
	struct child_options options = {.max_error_bytes = 100};
	struct job *child = start(s, SH("echo out; echo error >&2; echo more"), options);
	const char *errors;
	size_t len;

	assert_err(job_await(child), ERR_NONE);
	case_output("output", child, "out\nmore\n");
	errors = child_errors(child, &len);
	case_bytes("errors", errors, len + 1, "error\n", 7);
	job_unref(child);
}

static void a_file_is_its_input(void **state)
{
	char name[] = "/tmp/gather-child-XXXXXX";
	struct child_options options = {.input_file = name, .input = "dropped", .input_len = 7};
	struct stage *s = *state;
	int fd = mkstemp(name), before = next_fd();
	struct job *child;

	assert_int_equal(write(fd, "in the file", 11), 11);
	close(fd);
	child = start(s, SH("cat"), options);
	assert_err(job_await(child), ERR_NONE);
	case_output("cat", child, "in the file");
	job_unref(child);
	unlink(name);
	child = start(s, SH("cat"), options);
	assert_err(job_await(child), ERR_SYSTEM);
	assert_int_equal(child_errno(child), ENOENT);
	job_unref(child);
	assert_int_equal(next_fd(), before - 1);
}

static void many_at_once_each_have_their_own_output(void **state)
{
	enum { MANY = 50 };
	struct stage *s = *state;
	struct job *children[MANY], *all;
	char inputs[MANY][32];

	for (int i = 0; i < MANY; i++) {
		snprintf(inputs[i], sizeof(inputs[i]), "number %d\n", i);
		children[i] = start(
			s, (const char *[]){"cat", NULL},
			(struct child_options){.input = inputs[i], .input_len = strlen(inputs[i])});
	}
	all = gather(s->loop, children, MANY);
	assert_err(job_await(all), ERR_NONE);
	for (int i = 0; i < MANY; i++) {
		case_output(inputs[i], children[i], inputs[i]);
		job_unref(children[i]);
	}
}

/* If the second held the pipe to the first, the first would wait for ever for the end of it. */
static void a_child_holds_no_pipe_of_another(void **state)
{
	struct stage *s = *state;
	struct child_options options = {.input = "x", .input_len = 1};
	struct job *cat = start(s, (const char *[]){"cat", NULL}, options);
	struct job *holder = start(s, (const char *[]){"sleep", "1000", NULL}, options);

	assert_err(job_await(cat), ERR_NONE);
	case_output("cat", cat, "x");
	assert_false(job_is_finished(holder));
	job_cancel(holder);
	assert_err(job_await(holder), ERR_CANCELED);
	job_unref(cat);
	job_unref(holder);
}

static void a_child_leads_a_process_group_of_its_own(void **state)
{
	struct stage *s = *state;
	struct job *child = start(s,
	                          SH("read pid name state parent group rest < /proc/$$/stat; "
	                             "test $group = $$ && echo own"),
	                          (struct child_options){0});

	assert_err(job_await(child), ERR_NONE);
	case_output("group", child, "own\n");
	job_unref(child);
}

/* ---- cancelling ---- */

static void a_child_can_be_cancelled_at_any_time(void **state)
{
	static const struct {
		const char *name, *script;
	} cases[] = {
		{"one that waits", "sleep 1000"},
		{"one that ignores signals", "trap '' TERM INT HUP; sleep 1000; sleep 1000"},
		{"one that has started others", "sleep 1000 & sleep 1000 & sleep 1000"},
		{"one that writes without end", "cat /dev/zero"},
		{"one that has closed its output", "exec >&-; sleep 1000"},
	};
	struct stage *s = *state;
	int fd = next_fd();

	for (size_t i = 0; i < COUNT(cases); i++) {
		for (int turns = 0; turns < 2; turns++) {
			struct child_options options = {.input = "x", .input_len = 1};
			struct job *child = start(s, SH(cases[i].script), options);

			diary_watch(&s->diary, child, "child");
			if (turns)
				settle(s->loop);
			job_cancel(child);
			job_cancel(child);
			case_text(cases[i].name, diary_read(&s->diary), "");
			case_err(cases[i].name, job_await(child), ERR_CANCELED);
			case_text(cases[i].name, diary_read(&s->diary), "child=ERR_CANCELED");
			case_int(cases[i].name, child_status(child), 128 + SIGKILL);
			case_int(cases[i].name, waitpid(-1, NULL, WNOHANG), -1);
			job_unref(child);
		}
	}
	assert_int_equal(next_fd(), fd);
}

static void cancelling_a_child_that_has_ended_does_nothing(void **state)
{
	struct stage *s = *state;
	struct job *child = start(s, SH("echo out; exit 3"), (struct child_options){0});

	assert_err(job_await(child), ERR_NONE);
	job_cancel(child);
	loop_run(s->loop);
	assert_err(job_result(child), ERR_NONE);
	assert_int_equal(child_status(child), 3);
	case_output("child", child, "out\n");
	job_unref(child);
}

/* ---- a time limit, and time to clean up ---- */

static void after_its_time_a_child_is_ended(void **state)
{
	static const struct {
		const char *name, *script;
		int64_t grace_us;
		int status;
		const char *output;
	} cases[] = {
		{"one that waits", "sleep 1000", 0, 128 + SIGKILL, ""},
		{"one that waits, gently", "exec sleep 1000", HOUR, 128 + SIGTERM, ""},
		{"one that has started others", "sleep 1000 & sleep 1000; true", HOUR,
	         128 + SIGTERM, ""},
		{"one that cleans up",
	         "trap 'echo clean; exit 5' TERM; while :; do sleep 0.01; done", HOUR, 5,
	         "clean\n"},
		{"one that does not listen",
	         "trap '' TERM; echo deaf; while :; do sleep 0.01; done", 100 * MS, 128 + SIGKILL,
	         "deaf\n"},
		{"one that has ended, but not what it started", "trap '' TERM; sleep 1000 & exit 4",
	         100 * MS, 4, ""},
	};
	struct stage *s = *state;
	int fd = next_fd();

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct child_options options = {.time_us = 150 * MS, .grace_us = cases[i].grace_us};
		struct job *child = start(s, SH(cases[i].script), options);

		case_err(cases[i].name, job_await(child), ERR_TIMEOUT);
		case_int(cases[i].name, child_status(child), cases[i].status);
		case_output(cases[i].name, child, cases[i].output);
		case_int(cases[i].name, waitpid(-1, NULL, WNOHANG), -1);
		job_unref(child);
	}
	assert_int_equal(next_fd(), fd);
}

static void a_child_within_its_time_is_left_alone(void **state)
{
	struct stage *s = *state;
	struct job *child = start(s, SH("exit 3"), (struct child_options){.time_us = HOUR});

	assert_err(job_await(child), ERR_NONE);
	assert_int_equal(child_status(child), 3);
	loop_run(s->loop); /* it would wait for the limit */
	job_unref(child);
}

/* Both ask for the end: what was asked for last is the answer. */
static void a_child_that_is_being_ended_can_be_cancelled(void **state)
{
	struct stage *s = *state;
	struct child_options options = {.time_us = 300 * MS, .grace_us = 200 * MS};
	struct job *child = start(s, SH("trap '' TERM; echo ready; sleep 1000"), options);
	struct job *sleep = job_ref(sleep_for(s->loop, 350 * MS));

	job_await(sleep);
	job_unref(sleep);
	job_cancel(child);
	assert_err(job_await(child), ERR_CANCELED);
	job_unref(child);
}

static void a_child_can_be_killed_at_once(void **state)
{
	struct stage *s = *state;
	struct child_options options = {.grace_us = HOUR};
	struct job *child = start(s, SH("trap '' TERM; sleep 1000; sleep 1000"), options);

	child_kill(child);
	assert_err(job_await(child), ERR_NONE);
	assert_int_equal(child_status(child), 128 + SIGKILL);
	child_kill(child); /* nothing */
	job_unref(child);
}

/* ---- a process that has ended, and another that still holds its output ---- */

struct background {
	struct job *child;
	int alive; /* the end of file comes here when nobody of the child's family is left */
	pid_t pid; /* of the shell, which has ended */
};

/* script is run by a shell in the background; the shell itself ends with status 3. */
static struct background background_start(struct stage *s, const char *script)
{
	struct background b;
	char command[256], pid[32] = "";
	int fds[2];

	if (pipe(fds)) /* the child inherits it */
		abort();
	fcntl(fds[0], F_SETFD, FD_CLOEXEC);
	b.alive = fds[0];
	snprintf(command, sizeof(command), "echo $$ >/dev/fd/%d; { %s; } & exit 3", fds[1], script);
	b.child = start(s, SH(command), (struct child_options){.input = "late\n", .input_len = 5});
	close(fds[1]);
	if (read(b.alive, pid, sizeof(pid) - 1) <= 0)
		abort();
	b.pid = (pid_t)atoi(pid);
	while (!kill(b.pid, 0))
		loop_turn(s->loop);
	return b;
}

/* The job waits for the end of the output: here for what is written behind the shell's back. */
static void output_is_read_to_its_end_after_the_process_has_ended(void **state)
{
	struct stage *s = *state;
	struct background b =
		background_start(s, "while kill -0 $$ 2>/dev/null; do :; done; echo late");

	assert_err(job_await(b.child), ERR_NONE);
	assert_int_equal(child_status(b.child), 3);
	case_output("late", b.child, "late\n");
	job_unref(b.child);
	close(b.alive);
}

/* One that has left the group is not killed; but it is not waited for either. */
static void cancel_does_not_wait_for_who_has_left_the_group(void **state)
{
	struct stage *s = *state;
	char command[128], pid[32] = "";
	struct job *child;
	int fds[2];

	if (pipe(fds)) /* the child inherits it */
		abort();
	snprintf(command, sizeof(command),
	         "setsid sh -c 'echo $$ >/dev/fd/%d; exec sleep 1000' & sleep 1000", fds[1]);
	child = start(s, SH(command), (struct child_options){0});
	assert_true(read(fds[0], pid, sizeof(pid) - 1) > 0);
	job_cancel(child);
	assert_err(job_await(child), ERR_CANCELED);
	assert_int_equal(kill((pid_t)atoi(pid), SIGKILL), 0);
	job_unref(child);
	close(fds[0]);
	close(fds[1]);
}

/* "Cancel kills the process group": its leader has ended, but it is there. */
static void cancel_kills_what_a_process_that_has_ended_left_behind(void **state)
{
	struct stage *s = *state;
	struct background b = background_start(s, "exec sleep 1000");
	struct pollfd p = {.fd = b.alive, .events = POLLIN};
	int ready;

	assert_false(job_is_finished(b.child));
	job_cancel(b.child);
	assert_err(job_await(b.child), ERR_CANCELED);
	ready = poll(&p, 1, 5000);
	kill(-b.pid, SIGKILL); /* whatever we find: the sleep is ours */
	close(b.alive);
	job_unref(b.child);
	assert_int_equal(ready, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_MAIN(every_way_to_end_has_its_status),
		TEST_MAIN(what_cannot_be_started_is_an_error),
		TEST_MAIN(without_descriptors_nothing_is_started_and_none_is_lost),
		TEST_MAIN(input_comes_out_of_cat),
		TEST_MAIN(a_child_that_has_closed_its_input_costs_no_turns),
		TEST_MAIN(without_input_there_is_dev_null),
		TEST_MAIN(the_environment_is_ours_unless_one_is_given),
		TEST_MAIN(output_is_kept_up_to_the_cap),
		TEST_MAIN(a_cap_of_nothing_reads_and_keeps_nothing),
		TEST_MAIN(what_is_cut_is_said),
		TEST_MAIN(errors_are_kept_apart),
		TEST_MAIN(a_file_is_its_input),
		TEST_MAIN(many_at_once_each_have_their_own_output),
		TEST_MAIN(a_child_holds_no_pipe_of_another),
		TEST_MAIN(a_child_leads_a_process_group_of_its_own),
		TEST_MAIN(a_child_can_be_cancelled_at_any_time),
		TEST_MAIN(cancelling_a_child_that_has_ended_does_nothing),
		TEST_MAIN(after_its_time_a_child_is_ended),
		TEST_MAIN(a_child_within_its_time_is_left_alone),
		TEST_MAIN(a_child_that_is_being_ended_can_be_cancelled),
		TEST_MAIN(a_child_can_be_killed_at_once),
		TEST_MAIN(output_is_read_to_its_end_after_the_process_has_ended),
		TEST_MAIN(cancel_does_not_wait_for_who_has_left_the_group),
		TEST_MAIN(cancel_kills_what_a_process_that_has_ended_left_behind),
	};
	return UNIT_RUN(tests);
}
