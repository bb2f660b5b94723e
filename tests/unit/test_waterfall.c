/*
 * output/waterfall: the rows of a run, to the column.
 */
#include "unit.h"

#include <locale.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/mem.h"
#include "output/fit.h"
#include "output/waterfall.h"
#include "transfer/result.h"

enum { RUN_US = 5000, MS = 1000 };

/* A request whose last attempt had an answer, unless failure says that it had none. */
struct told {
	const char *url;
	int http_code;
	enum failure failure;
	int64_t begin, queue, earlier, dns, connect, tls, wait, receive; /* ms */
};

static const struct waterfall_look wide = {80, true, false}, narrow = {40, true, false},
				   ascii = {80, false, false};

static void add(struct waterfall *w, uint64_t index, const struct told *t)
{
	int64_t us = 0;
	struct result r;

	result_init(&r);
	buf_put_text(&r.request.url, t->url);
	r.request.index = index;
	r.request.accepted_us = RUN_US + t->begin * MS;
	r.attempts = t->earlier ? 3 : 1;
	r.time_queue_us = t->queue * MS;
	r.started_us = r.request.accepted_us + (t->queue + t->earlier) * MS;
	r.http_code = t->http_code;
	r.scheme = t->tls ? "https" : "http";
	r.time_namelookup_us = us += t->dns * MS;
	r.time_connect_us = us += t->connect * MS;
	us += t->tls * MS;
	r.time_appconnect_us = t->tls ? us : -1;
	r.time_pretransfer_us = us;
	us += t->wait * MS;
	r.time_starttransfer_us = t->http_code ? us : -1;
	r.time_total_us = us + t->receive * MS;
	if (t->failure)
		result_fail(&r, t->failure, "message");
	waterfall_add(w, &r);
	result_release(&r);
}

static char *shown(struct waterfall *w, const struct waterfall_look *look)
{
	struct buf out;
	size_t len;

	buf_init(&out, BUF_UNLIMITED);
	waterfall_put(&out, w, look);
	waterfall_free(w);
	return out.len ? buf_take(&out, &len) : mem_text("");
}

static char *picture(const struct told *told, size_t count, const struct waterfall_look *look)
{
	struct waterfall *w = waterfall_new(40, RUN_US);

	for (size_t i = 0; i < count; i++)
		add(w, i, &told[i]);
	return shown(w, look);
}

static void case_picture(const char *name, const struct told *told, size_t count,
                         const struct waterfall_look *look, const char *expected)
{
	char *text = picture(told, count, look);

	case_text(name, text, expected);
	free(text);
}

/* Line n of a picture of one request, from 0. */
static void case_line(const char *name, const struct told *told, size_t n,
                      const struct waterfall_look *look, const char *expected)
{
	char *text = picture(told, 1, look), *at = text, *line;

	while ((line = strsep(&at, "\n")) && n--)
		;
	case_text(name, line ? line : "no line", expected);
	free(text);
}

/* ---- all of it ---- */

static const struct told few[] = {
	{"https://h.example/wiki/1990", 200, 0, 0, 0, 0, 20, 30, 50, 80, 20},
	{"https://h.example/wiki/1991", 200, 0, 0, 10, 0, 0, 0, 0, 150, 33},
	{"https://h.example/wiki/1992", 404, FAILURE_HTTP, 0, 100, 0, 0, 0, 0, 40, 0},
	{"https://h.example", 0, FAILURE_TIMEOUT, 50, 50, 200, 0, 0, 0, 100, 0},
};

static void a_row_for_each_above_an_axis_and_a_legend(void **state)
{
	(void)state;
	case_picture(
		"UTF-8", few, COUNT(few), &wide,
		"4 requests to https://h.example\n"
		"200      200 ms  /wiki/1990  ╌╌╌───═══════▒▒▒▒▒▒▒▒▒▒██▌\n"
		"200      183 ms  /wiki/1991  ·▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒████▋\n"
		"404       40 ms  /wiki/1992  ·············▒▒▒▒▒\n"
		"timeout  100 ms  /                 ·······×××××××××××××××××××××××××▒▒▒▒▒▒▒▒▒▒▒▒▒\n"
		"                             └0           └100 ms      └200 ms     └300 ms\n"
		"· queue  × earlier attempts  ╌ DNS  ─ connect  ═ TLS  ▒ wait  █ receive\n");
	case_picture(
		"ASCII", few, COUNT(few), &ascii,
		"4 requests to https://h.example\n"
		"200      200 ms  /wiki/1990  ~~~---=======::::::::::###\n"
		"200      183 ms  /wiki/1991  .:::::::::::::::::::#####\n"
		"404       40 ms  /wiki/1992  .............:::::\n"
		"timeout  100 ms  /                 .......xxxxxxxxxxxxxxxxxxxxxxxxx:::::::::::::\n"
		"                             |0           |100 ms      |200 ms     |300 ms\n"
		". queue  x earlier attempts  ~ DNS  - connect  = TLS  : wait  # receive\n");
	case_picture("40 columns", few, COUNT(few), &narrow,
	             "4 requests to https://h.example\n"
	             "200     200 ms /wiki/1990 ╌─══▒▒█\n"
	             "200     183 ms /wiki/1991 ▒▒▒▒▒▒▊\n"
	             "404      40 ms /wiki/1992 ····▒\n"
	             "timeout 100 ms /            ··×××××××▒▒▒\n"
	             "                          └0     └200 ms\n"
	             "· queue  × earlier attempts  ╌ DNS\n"
	             "─ connect  ═ TLS  ▒ wait  █ receive\n");
}

static void colors_say_the_same_again(void **state)
{
	static const struct waterfall_look colored = {80, true, true};
	char *plain = picture(few, COUNT(few), &wide);
	char *text = picture(few, COUNT(few), &colored), *to = text;

	(void)state;
	case_line("a row", few, 1, &colored,
	          "\033[32m200\033[0m  200 ms  /wiki/1990  "
	          "\033[35m╌╌╌╌╌╌\033[0m\033[33m────────\033[0m\033[36m══════════════\033[0m\033["
	          "94m▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒\033[0m\033[32m█████\033[0m");
	case_line("a legend", few, 3, &colored,
	          "\033[35m╌\033[0m DNS  \033[33m─\033[0m connect  \033[36m═\033[0m TLS  "
	          "\033[94m▒\033[0m wait  \033[32m█\033[0m receive");
	assert_non_null(strstr(text, "\033[33m404\033[0m  "));
	assert_non_null(strstr(text, "\033[31mtimeout\033[0m  "));
	for (const char *at = text; *at; at++) {
		if (*at == '\033')
			at = strchr(at, 'm');
		else
			*to++ = *at;
	}
	*to = '\0';
	case_text("without them", text, plain);
	free(plain);
	free(text);
}

static void no_line_is_wider_than_the_terminal(void **state)
{
	struct waterfall_look look = {0};

	(void)state;
	for (look.columns = 24; look.columns <= 240; look.columns++) {
		for (int is_utf8 = 0; is_utf8 < 2; is_utf8++) {
			char *text, *at, *line, name[32];

			look.is_utf8 = is_utf8;
			text = at = picture(few, COUNT(few), &look);
			snprintf(name, sizeof(name), "%zu columns", look.columns);
			while ((line = strsep(&at, "\n")))
				case_true(name, fit_width(line, is_utf8) <= look.columns);
			free(text);
		}
	}
}

/* So narrow that it cannot be helped. */
static void no_width_is_too_small(void **state)
{
	struct waterfall_look look = {0};

	(void)state;
	for (; look.columns < 24; look.columns++) {
		char *text = picture(few, COUNT(few), &look);

		assert_non_null(strstr(text, "404"));
		free(text);
	}
}

static void bars_have_an_end_to_their_length(void **state)
{
	static const struct waterfall_look look = {300, true, false};

	(void)state;
	case_line("300 columns", few, 1, &look,
	          "200  200 ms  /wiki/1990  "
	          "╌╌╌╌╌╌╌╌╌╌───────────────═════════════════════════▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒"
	          "▒▒▒▒▒▒▒▒▒▒██████████");
}

/* ---- the axis ends where most have ended ---- */

static void one_that_takes_long_does_not_squeeze_the_others(void **state)
{
	static const struct told told[] = {
		{"http://h/1", 200, 0, 0, 0, 0, 0, 0, 0, 80, 0},
		{"http://h/2", 200, 0, 0, 0, 0, 0, 0, 0, 60, 20},
		{"http://h/3", 200, 0, 20, 0, 0, 0, 0, 0, 40, 0},
		{"http://h/slow", 200, 0, 20, 20, 0, 0, 0, 0, 9000, 0},
		{"http://h/late", 200, 0, 9000, 0, 0, 0, 0, 0, 20, 0},
	};
	static const struct waterfall_look look = {62, true, false};

	(void)state;
	case_picture("cut", told, COUNT(told), &look,
	             "5 requests to http://h\n"
	             "200   80 ms  /1     ▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒\n"
	             "200   80 ms  /2     ▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒██████████\n"
	             "200   40 ms  /3                ▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒\n"
	             "200  9.00 s  /slow             ··········▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒>\n"
	             "200   20 ms  /late                                           >\n"
	             "                    └0         └20 ms    └40 ms     └60 ms\n"
	             "· queue  ▒ wait  █ receive  > ends later\n");
}

/* ---- what has rows ---- */

static void of_many_there_is_a_sample(void **state)
{
	struct told told = {"http://h/a", 200, 0, 0, 0, 0, 0, 0, 0, 0, 10};
	struct waterfall *w = waterfall_new(4, RUN_US);
	char *text;

	(void)state;
	for (uint64_t i = 0; i < 1000; i++) {
		told.begin = (int64_t)i;
		add(w, i, &told);
	}
	text = shown(w, &wide);
	case_text(
		"it is said", text,
		"4 requests of 1000, the slowest among them, to http://h\n"
		"200  10 ms  /a  ▊\n"
		"200  10 ms  /a                    ▎\n"
		"200  10 ms  /a                                                ▌\n"
		"200  10 ms  /a                                                                 █\n"
		"                └0             └200 ms        └400 ms        └600 ms  800 ms┘\n"
		"█ receive\n");
	free(text);
}

static void what_was_never_attempted_is_counted(void **state)
{
	static const struct {
		const char *name;
		int count;
		const char *expected;
	} cases[] = {
		{"none", 0, ""},
		{"one", 1, "1 request was never attempted\n"},
		{"several", 3, "3 requests were never attempted\n"},
	};
	static const struct told told = {"http://h/a", 200, 0, 0, 0, 0, 0, 0, 0, 5, 5};
	struct result r;

	(void)state;
	result_init(&r);
	result_fail(&r, FAILURE_CANCELED, "stopped");
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct waterfall *alone = waterfall_new(4, RUN_US);
		struct waterfall *beside = waterfall_new(4, RUN_US);
		char *text;

		add(beside, 0, &told);
		for (int k = 0; k < cases[i].count; k++) {
			waterfall_add(alone, &r);
			waterfall_add(beside, &r);
		}
		text = shown(alone, &wide);
		case_text(cases[i].name, text, cases[i].expected);
		free(text);
		text = shown(beside, &wide);
		assert_true(!strncmp(text, "1 request to http://h\n200  ", 26));
		case_text(cases[i].name, strstr(text, "receive\n") + 8, cases[i].expected);
		free(text);
	}
	result_release(&r);
	waterfall_free(NULL);
}

static void rows_begin_with_what_became_of_the_request(void **state)
{
	static const struct {
		const char *name;
		int http_code;
		enum failure failure;
		const char *label;
	} cases[] = {
		{"an answer", 204, FAILURE_NONE, "204 "},
		{"a bad one", 503, FAILURE_HTTP, "503 "},
		{"none", 0, FAILURE_CONNECT, "connect "},
		{"half of one", 200, FAILURE_PROTOCOL, "protocol "},
		{"a good one that was not stored", 200, FAILURE_WRITE, "write "},
		{"no status is needed", 0, FAILURE_NONE, "--- "},
		{"the longest word", 200, FAILURE_TOO_LARGE, "too-large "},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct told told = {.url = "http://h/",
		                          .http_code = cases[i].http_code,
		                          .failure = cases[i].failure,
		                          .wait = 10};
		char *text = picture(&told, 1, &wide);
		const char *row = strchr(text, '\n') + 1;

		case_true(cases[i].name, !strncmp(row, cases[i].label, strlen(cases[i].label)));
		free(text);
	}
}

/* ---- names ---- */

static void names_tell_requests_apart(void **state)
{
	static const struct told hosts[] = {
		{"http://a.example/", 200, 0, 0, 0, 0, 0, 0, 0, 10, 0},
		{"https://b.example/x?y", 200, 0, 0, 0, 0, 0, 0, 0, 10, 0},
		{"ftp://c.example/", 0, 0, 0, 0, 0, 0, 0, 0, 10, 0},
	};
	static const struct told login = {
		"http://user:secret@a.example/", 200, 0, 0, 0, 0, 0, 0, 0, 10, 0};
	static const struct told ports[] = {
		{"http://a.example:80", 200, 0, 0, 0, 0, 0, 0, 0, 10, 0},
		{"http://a.example:81", 200, 0, 0, 0, 0, 0, 0, 0, 10, 0},
	};

	(void)state;
	case_picture(
		"several hosts", hosts, COUNT(hosts), &wide,
		"3 requests\n"
		"200  10 ms  a.example/        ▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒\n"
		"200  10 ms  b.example/x?y     ▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒\n"
		"---  10 ms  ftp://c.example/  ██████████████████████████████████████████████████\n"
		"                              └0        └2 ms     └4 ms     └6 ms     └8 ms\n"
		"▒ wait  █ receive\n");
	case_picture(
		"several ports", ports, COUNT(ports), &wide,
		"2 requests\n"
		"200  10 ms  a.example:80  ▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒\n"
		"200  10 ms  a.example:81  ▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒\n"
		"                          └0         └2 ms      └4 ms     └6 ms      └8 ms\n"
		"▒ wait\n");
	case_line("no password", &login, 0, &wide, "1 request to http://user:***@a.example");
}

static void long_names_are_cut(void **state)
{
	char *url = mem_zero(100001, 1);
	struct told told = {url, 200, 0, 0, 0, 0, 0, 0, 0, 10, 0};

	(void)state;
	memset(url, 'a', 100000);
	memcpy(url, "http://h.example/", 17);
	case_line(
		"very long", &told, 1, &wide,
		"200  10 ms  /aaaaaaa…aaaaaaaaaaaaaaaaa…  ▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒");
	case_line("in 40 columns", &told, 1, &narrow, "200 10 ms …aaaaaaaaaa… ▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒");
	memcpy(url, "http://haexample", 16);
	url[16] = 'a';
	case_line(
		"a very long host", &told, 0, &wide,
		"1 request to http://haexam…aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa…");
	case_line(
		"in ASCII", &told, 0, &ascii,
		"1 request to http://haexam..aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa?");
	url[200] = '\0';
	memcpy(url + 190, "/the/end?x", 10);
	memcpy(url, "http://h.example/", 17);
	case_line(
		"the end is seen", &told, 1, &wide,
		"200  10 ms  /aaaaaaa…aaaaaaaa/the/end?x  ▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒");
	free(url);
}

static void names_do_not_steer_the_terminal(void **state)
{
	static const struct told told = {
		"http://h\033]0;x\a/\033[2J\r\n\xc2\x9b\xff\xe2\x80\xae\xe4\xb8\x96",
		200,
		0,
		0,
		0,
		0,
		0,
		0,
		0,
		10,
		0};

	(void)state;
	case_picture(
		"UTF-8", &told, 1, &wide,
		"1 request to http://h�]0;x�\n"
		"200  10 ms  /�[2J�����世  ▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒\n"
		"                          └0         └2 ms      └4 ms     └6 ms      └8 ms\n"
		"▒ wait\n");
	case_picture(
		"ASCII", &told, 1, &ascii,
		"1 request to http://h?]0;x?\n"
		"200  10 ms  /?[2J??????  :::::::::::::::::::::::::::::::::::::::::::::::::::::::\n"
		"                         |0         |2 ms      |4 ms      |6 ms      |8 ms\n"
		": wait\n");
}

/* ---- bars ---- */

static void a_bar_shows_where_the_time_went(void **state)
{
	/* In 40 columns 32 are for the bar; with another request of 320 ms each is 10 ms. */
	static const struct {
		const char *name;
		struct told told;
		const char *utf8, *ascii;
	} cases[] = {
		{"nothing at all", {.begin = 0}, "·", "."},
		{"nothing, late",
	         {.begin = 320},
	         "                               ·",
	         "                               ."},
		{"nothing, after a wait", {.queue = 30}, "···", "..."},
		{"all phases",
	         {.begin = 10,
	          .queue = 20,
	          .earlier = 30,
	          .dns = 20,
	          .connect = 30,
	          .tls = 40,
	          .wait = 50,
	          .receive = 60},
	         " ··×××╌╌───════▒▒▒▒▒██████",
	         " ..xxx~~---====:::::######"},
		{"part of a column", {.receive = 5}, "▌", "#"},
		{"less than a part", {.receive = 1}, "▏", "#"},
		{"a full end", {.wait = 20, .receive = 20}, "▒▒██", "::##"},
		{"an end in eighths", {.wait = 20, .receive = 19}, "▒▒█▉", "::##"},
		{"to the nearest column", {.wait = 26}, "▒▒▒", ":::"},
		{"short phases give way", {.dns = 1, .connect = 3, .wait = 40}, "▒▒▒▒", "::::"},
		{"too short for a column",
	         {.begin = 100, .connect = 3, .wait = 1},
	         "          ─",
	         "          -"},
		{"after a short wait", {.queue = 1, .wait = 2}, "▒", ":"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		/* Two of the whole length, so that the axis is that of all. */
		const struct told whole = {.url = "http://h", .http_code = 200, .wait = 320};
		struct told told[] = {cases[i].told, whole, whole};

		for (int is_utf8 = 0; is_utf8 < 2; is_utf8++) {
			struct waterfall_look look = {0, is_utf8, false};
			char *text, *row;

			look.columns = 32 + sizeof("200 320 ms / ") - 1;
			told[0].url = "http://h";
			told[0].http_code = 200;
			text = picture(told, COUNT(told), &look);
			row = strstr(text, " / ") + 3;
			for (int k = 0; told[0].begin && k < 2; k++) /* it comes last */
				row = strstr(row, " / ") + 3;
			*strchr(row, '\n') = '\0';
			case_text(cases[i].name, row, is_utf8 ? cases[i].utf8 : cases[i].ascii);
			free(text);
		}
	}
}

static void the_axis_has_round_times(void **state)
{
	static const struct {
		const char *name;
		int64_t ms;
		size_t columns;
		const char *axis;
	} cases[] = {
		{"1 ms", 1, 80,
	         "                └0           └0.2 ms      └0.4 ms     └0.6 ms      └0.8 ms 1 "
	         "ms┘"},
		{"99 ms", 99, 80,
	         "               └0           └20 ms       └40 ms       └60 ms        └80 ms"},
		{"1 s", 1000, 80,
	         "                └0           └0.2 s       └0.4 s      └0.6 s       └0.8 s   1 "
	         "s┘"},
		{"1 s, narrow", 1000, 40, "             └0            └0.5 s   1 s┘"},
		{"1 s, very narrow", 1000, 20, "             └0  1 s┘"},
		{"100 s", 100000, 80,
	         "               └0           └20 s        └40 s        └60 s        └80 s  100 "
	         "s┘"},
		{"10 min", 600000, 80,
	         "                └0           └2 min       └4 min      └6 min       └8 min"},
		{"a day", 86400000, 80,
	         "                └0           └5 h          └10 h        └15 h        └20 h"},
		{"1000 days", 86400000000, 80,
	         "                   └0           └5000 h     └10000 h     └15000 h     └20000 h"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct told told = {
			.url = "http://h/", .http_code = 200, .wait = cases[i].ms};
		const struct waterfall_look look = {cases[i].columns, true, false};

		case_line(cases[i].name, &told, 2, &look, cases[i].axis);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_row_for_each_above_an_axis_and_a_legend),
		cmocka_unit_test(colors_say_the_same_again),
		cmocka_unit_test(no_line_is_wider_than_the_terminal),
		cmocka_unit_test(no_width_is_too_small),
		cmocka_unit_test(bars_have_an_end_to_their_length),
		cmocka_unit_test(one_that_takes_long_does_not_squeeze_the_others),
		cmocka_unit_test(of_many_there_is_a_sample),
		cmocka_unit_test(what_was_never_attempted_is_counted),
		cmocka_unit_test(rows_begin_with_what_became_of_the_request),
		cmocka_unit_test(names_tell_requests_apart),
		cmocka_unit_test(long_names_are_cut),
		cmocka_unit_test(names_do_not_steer_the_terminal),
		cmocka_unit_test(a_bar_shows_where_the_time_went),
		cmocka_unit_test(the_axis_has_round_times),
	};

	return setlocale(LC_CTYPE, "C.UTF-8") ? UNIT_RUN(tests) : 1;
}
