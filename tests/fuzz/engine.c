/*
 * Plays a hostile server's bytes to the engine, libcurl and what comes after an answer.
 * Every request has one result, which says what happened and which formats can write; the loop
 * ends; logins go to one origin alone. Sockets are pairs of sockets, and names are not looked up.
 *
 * The first line has a letter for each thing that is asked for: see choose(). Then come answers,
 * each for the next request on any connection, ended by a FS (0x1c), in pieces, ended by a GS
 * (0x1d), which arrive one after the other. A connection that waits for more is closed.
 */
#include "fuzz.h"

#include <errno.h>
#include <ev.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "app/after.h"
#include "app/config.h"
#include "app/fetch.h"
#include "async/job.h"
#include "async/loop.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/mem.h"
#include "output/fields.h"
#include "output/format.h"
#include "transfer/engine.h"
#include "transfer/result.h"

enum {
	MOST_CONNECTIONS = 64,
	MOST_FETCHES = 12,
	LARGEST_BODY = 100,
	PATIENCE = 20, /* turns in which nothing happens, before connections are closed */
	END_OF_ANSWER = 0x1c,
	END_OF_PIECE = 0x1d,
};

/* ---- the player ---- */

struct connection {
	int near, far;    /* libcurl's end and ours; -1: closed */
	bool was_asked;   /* something came that has no answer yet */
	const char *next; /* of the answer that is being given; NULL: none is */
	size_t left;
};

static struct {
	struct connection connections[MOST_CONNECTIONS];
	size_t count;
	struct parts answers;
	unsigned idle_turns;
} player;

static void hang_up(struct connection *c)
{
	if (c->far >= 0)
		close(c->far);
	c->far = -1;
	c->next = NULL;
	c->was_asked = false;
}

/* The logins of choose(), which only the first origin may get. */
static void check_logins(const char *words, size_t len)
{
	static const char *const logins[] = {"\r\nAuthorization: Basic bmFtZTpzZWNyZXQ=\r\n",
	                                     "\r\nAuthorization: Bearer sesame\r\n"};
	static const char host[] = "\r\nHost: 127.0.0.1\r\n";

	for (size_t i = 0; i < sizeof(logins) / sizeof(logins[0]); i++)
		REQUIRE(!memmem(words, len, logins[i], strlen(logins[i])) ||
		        memmem(words, len, host, sizeof(host) - 1));
}

/* True when something came. */
static bool listen_to(struct connection *c)
{
	char words[65536];
	ssize_t n = recv(c->far, words, sizeof(words), MSG_DONTWAIT);

	if (n < 0)
		return false;
	check_logins(words, (size_t)n);
	if (n)
		c->was_asked = true;
	else
		hang_up(c);
	return true;
}

static void begin_answer(struct connection *c)
{
	const char *end;

	c->was_asked = false;
	if (!player.answers.left) {
		hang_up(c);
		return;
	}
	end = memchr(player.answers.at, END_OF_ANSWER, player.answers.left);
	c->next = player.answers.at;
	c->left = end ? (size_t)(end - c->next) : player.answers.left;
	player.answers.at += c->left + (end != NULL);
	player.answers.left -= c->left + (end != NULL);
}

static void give_piece(struct connection *c)
{
	const char *end = c->left ? memchr(c->next, END_OF_PIECE, c->left) : NULL;
	size_t len = end ? (size_t)(end - c->next) : c->left;

	if (send(c->far, c->next, len, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
		hang_up(c);
	c->left -= len + (end != NULL);
	c->next = c->next && c->left ? end + 1 : NULL;
}

/* True when something happened. */
static bool play(struct connection *c)
{
	bool has_heard = c->far >= 0 && listen_to(c);

	if (c->next)
		give_piece(c);
	else if (c->was_asked)
		begin_answer(c);
	else
		return has_heard;
	return true;
}

static void on_idle(struct ev_loop *loop, ev_idle *idle, int events)
{
	bool is_live = false;

	(void)loop;
	(void)idle;
	(void)events;
	for (size_t i = 0; i < player.count; i++)
		is_live |= play(&player.connections[i]);
	if (is_live) {
		player.idle_turns = 0;
		return;
	}
	if (++player.idle_turns < PATIENCE)
		return;
	for (size_t i = 0; i < player.count; i++)
		hang_up(&player.connections[i]);
	usleep(50); /* a name is being looked up, or libcurl waits for a time */
}

/* ---- these take the places of libc's ---- */

int socket(int domain, int type, int protocol)
{
	struct connection *c = &player.connections[player.count];
	int pair[2];

	if (domain != AF_INET && domain != AF_INET6)
		return (int)syscall(SYS_socket, domain, type, protocol);
	if ((type & 0xf) != SOCK_STREAM || player.count == MOST_CONNECTIONS) {
		errno = EMFILE;
		return -1;
	}
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
		return -1;
	*c = (struct connection){.near = pair[0], .far = pair[1]};
	player.count++;
	return pair[0];
}

/* The type of glibc's header. */
int connect(int fd, __CONST_SOCKADDR_ARG address, socklen_t len)
{
	(void)address;
	(void)len;
	for (size_t i = player.count; i-- > 0;) {
		if (player.connections[i].near == fd)
			return 0;
	}
	errno = ECONNREFUSED;
	return -1;
}

/* Every name is this machine. */
int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints,
                struct addrinfo **ret_list)
{
	struct addrinfo *list = mem_zero(1, sizeof(*list));
	struct sockaddr_in *address = mem_zero(1, sizeof(*address));

	(void)name;
	(void)service;
	(void)hints;
	address->sin_family = AF_INET;
	address->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	*list = (struct addrinfo){
		.ai_family = AF_INET,
		.ai_socktype = SOCK_STREAM,
		.ai_addrlen = sizeof(*address),
		.ai_addr = (struct sockaddr *)address,
	};
	*ret_list = list;
	return 0;
}

void freeaddrinfo(struct addrinfo *list)
{
	free(list->ai_addr);
	free(list);
}

/* ---- the requests ---- */

/* A fetch of the run, and what is checked of it. */
struct shown {
	struct fetch fetch;
	struct show *show;
	struct job_waiter waiter;
	unsigned ends;
};

struct show {
	struct config config;
	struct loop *loop;
	struct session *session;
	struct engine *engine;
	struct after after;
	struct field_list fields;
	struct shown fetches[MOST_FETCHES];
	size_t count;
	bool keeps_cookies;
};

static void set(struct show *show, const char *name, const char *value)
{
	REQUIRE(!fetch_options_set(&show->config.request, name, value, NULL));
}

static void add_header(struct show *show, const char *header)
{
	REQUIRE(!fetch_options_add_header(&show->config.request, header, NULL));
}

static void add_body(struct fetch_options *request)
{
	request->has_body = true;
	REQUIRE(!buf_add(&request->body, "a=b", 3));
}

/* What a letter of the first line asks for. */
static void choose(struct show *show, char letter)
{
	struct fetch_options *request = &show->config.request;
	struct derive_options *derive = &show->config.derive;

	switch (letter) {
	case 'a': set(show, "USERPWD", "name:secret"); break;
	case 'b': request->keeps_body = true; break;
	case 'c': set(show, "ACCEPT_ENCODING", ""); break;
	case 'd': request->keeps_details = true; break;
	case 'e': show->keeps_cookies = true; break;
	case 'f': set(show, "HTTPAUTH", "-17"); break; /* any */
	case 'g': request->continues = true; break;
	case 'h': request->keeps_headers = true; break;
	case 'i': request->wants_head = true; break;
	case 'j': (void)!derive_set_next(derive, "/next", NULL); break;
	case 'k': (void)!derive_add_follow(derive, "/items/*", NULL); break;
	case 'l': (void)!derive_set_next(derive, "link", NULL); break;
	case 'm': request->max_body_bytes = LARGEST_BODY; break;
	case 'n': set(show, "FOLLOWLOCATION", "0"); break;
	case 'p': add_body(request); break;
	case 's': request->keeps_checksum = true; break;
	case 't': add_header(show, "Authorization: Bearer sesame"); break;
	case 'x': set(show, "PROXY", "http://127.0.0.2:3128"); break;
	case 'z': set(show, "HTTP_VERSION", "5"); break;
	default: break;
	}
}

/* Each letter once. A digit is a number of requests. */
static size_t choose_all(struct show *show, const char *letters)
{
	size_t count = 1;

	for (const char *p = letters; *p; p++) {
		if (memchr(letters, *p, (size_t)(p - letters)))
			continue;
		if (*p >= '1' && *p <= '9')
			count = (size_t)(*p - '0');
		else
			choose(show, *p);
	}
	return count;
}

static void check_formats(const struct show *show, const struct result *result)
{
	struct format_state state = {.fields = &show->fields};
	struct json json;
	struct buf out;

	buf_init(&out, BUF_UNLIMITED);
	json_init(&json, &out);
	fields_put_json(&json, &show->fields, result);
	REQUIRE(strstr(out.data, "\\u0000") || fuzz_is_json(out.data, out.len));
	buf_clear(&out);
	format_text.put(&state, &out, result);
	REQUIRE(out.len && !fuzz_has_control(out.data, out.len - 1, ""));
	buf_release(&out);
}

static void check_headers(const struct buf *headers)
{
	struct parts parts = {headers->data, headers->len};

	while (parts.left) {
		char *line = parts_next(&parts, '\n'), *colon = strstr(line, ": ");

		REQUIRE(colon && !strchr(line, '\r'));
		for (const char *p = line; p < colon; p++)
			REQUIRE(*p < 'A' || *p > 'Z');
		free(line);
	}
}

static void check_result(const struct show *show, const struct result *result)
{
	const struct fetch_options *request = &show->config.request;
	const char *url = result->url_effective.data;

	if (result_is_ok(result)) {
		REQUIRE(!result->exitcode && request->accepts[result->http_code]);
		REQUIRE(!request->max_body_bytes || result->body.len <= LARGEST_BODY);
		REQUIRE(!request->keeps_checksum || *result->checksum);
		REQUIRE(!*url || !strncasecmp(url, "http:", 5));
	} else {
		REQUIRE(result->message.len);
	}
	check_headers(&result->headers);
}

static void fetch_next(struct show *show);

/* An after_done_fn. */
static void on_looked_at(struct fetch *fetch, void *arg)
{
	struct show *show = arg;

	check_formats(show, &fetch->result);
	while (show->count < MOST_FETCHES) {
		struct request *request = &show->fetches[show->count].fetch.result.request;

		request_recycle(request);
		if (!deriver_next(show->after.deriver, request))
			break;
		fetch_next(show);
	}
}

static void on_done(struct job *job, enum err result, void *arg)
{
	struct shown *shown = arg;
	struct show *show = shown->show;

	(void)job;
	REQUIRE(!result == result_is_ok(&shown->fetch.result));
	check_result(show, &shown->fetch.result);
	shown->ends++;
	if (after_take(&show->after, &shown->fetch, NULL))
		on_looked_at(&shown->fetch, show);
}

/* Its request is filled in. */
static void fetch_next(struct show *show)
{
	struct shown *shown = &show->fetches[show->count++];

	shown->show = show;
	request_find_origin(&shown->fetch.result.request);
	job_watch(engine_fetch(show->engine, &shown->fetch.result), &shown->waiter, on_done, shown);
}

static void open_show(struct show *show, struct loop *loop)
{
	static const char *const cookie_file = "";
	struct session_options session = {
		.cookie_files = &cookie_file,
		.cookie_file_count = show->keeps_cookies,
	};

	show->loop = loop;
	show->session = session_new(&session, MOST_FETCHES);
	show->engine = engine_new(loop, show->session, MOST_FETCHES, UINT64_MAX);
	show->config.derive.fetch = &show->config.request;
	derive_keep(&show->config.derive, &show->config.request);
	fetch_options_seal(&show->config.request);
	after_open(&show->after, loop, &show->config, on_looked_at, show);
	field_list_add_all(&show->fields, true, true);
	for (size_t i = 0; i < MOST_FETCHES; i++)
		result_init(&show->fetches[i].fetch.result);
}

static void close_show(struct show *show)
{
	for (size_t i = 0; i < show->count; i++)
		REQUIRE(show->fetches[i].ends == 1);
	engine_free(show->engine);
	after_close(&show->after);
	for (size_t i = 0; i < MOST_FETCHES; i++)
		result_release(&show->fetches[i].fetch.result);
	REQUIRE(!session_free(show->session, NULL));
	field_list_release(&show->fields);
	derive_options_release(&show->config.derive);
	fetch_options_release(&show->config.request);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct loop *loop;
	struct parts parts = {(const char *)data, size};
	char *letters = parts_next(&parts, '\n');
	struct show show = {0};
	size_t count;
	ev_idle idle;

	fuzz_fetch_options();
	if (!loop)
		loop = loop_new(true, NULL, NULL);
	fetch_options_init(&show.config.request);
	set(&show, "TIMEOUT_MS", "3000");
	count = choose_all(&show, letters);
	open_show(&show, loop);
	player.answers = parts;
	player.count = 0;
	ev_idle_init(&idle, on_idle);
	ev_idle_start(loop_ev(loop), &idle);
	while (count--) {
		struct request *request = &show.fetches[show.count].fetch.result.request;

		buf_printf(&request->url, "http://127.0.0.1/%zu", show.count);
		request->options = &show.config.request;
		fetch_next(&show);
	}
	loop_run(loop);
	ev_idle_stop(loop_ev(loop), &idle);
	for (size_t i = 0; i < player.count; i++)
		hang_up(&player.connections[i]);
	close_show(&show);
	free(letters);
	return 0;
}
