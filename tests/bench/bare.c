/*
 * The floor of the benchmark: what libcurl and libev cost with nothing around them. One multi per
 * thread, every easy handle used again, bodies discarded, one line of text per request.
 *
 * bare FILE CONCURRENCY [THREADS]: fetches the URLs of FILE, a line each.
 */
#include <curl/curl.h>
#include <ev.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char **urls;
static size_t url_count, next_url;

struct lane {
	struct ev_loop *loop;
	CURLM *multi;
	ev_timer timer;
	size_t limit, in_flight, done, failed;
	pthread_t thread;
};

struct watch {
	ev_io io;
};

static size_t on_body(char *data, size_t one, size_t len, void *arg)
{
	(void)data;
	(void)arg;
	return one * len;
}

static void start(struct lane *lane, CURL *easy)
{
	size_t i = __atomic_fetch_add(&next_url, 1, __ATOMIC_RELAXED);

	if (i >= url_count) {
		curl_easy_cleanup(easy);
		return;
	}
	curl_easy_setopt(easy, CURLOPT_URL, urls[i]);
	curl_easy_setopt(easy, CURLOPT_PRIVATE, urls[i]);
	curl_multi_add_handle(lane->multi, easy);
	lane->in_flight++;
}

static void act(struct lane *lane, curl_socket_t fd, int events)
{
	int running, left;
	CURLMsg *message;

	curl_multi_socket_action(lane->multi, fd, events, &running);
	while ((message = curl_multi_info_read(lane->multi, &left))) {
		CURL *easy = message->easy_handle;
		CURLcode code = message->data.result;
		curl_off_t bytes = 0, time_us = 0;
		long status = 0;
		char *url;

		curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
		curl_easy_getinfo(easy, CURLINFO_SIZE_DOWNLOAD_T, &bytes);
		curl_easy_getinfo(easy, CURLINFO_TOTAL_TIME_T, &time_us);
		curl_easy_getinfo(easy, CURLINFO_PRIVATE, &url);
		printf("%ld %lld %.3f %s\n", status, (long long)bytes, (double)time_us / 1e6, url);
		lane->done++;
		lane->failed += code != CURLE_OK;
		lane->in_flight--;
		curl_multi_remove_handle(lane->multi, easy);
		start(lane, easy);
	}
}

static void on_io(struct ev_loop *loop, ev_io *io, int revents)
{
	(void)loop;
	act(io->data, io->fd,
	    (revents & EV_READ ? CURL_CSELECT_IN : 0) |
	            (revents & EV_WRITE ? CURL_CSELECT_OUT : 0));
}

static void on_timer(struct ev_loop *loop, ev_timer *timer, int revents)
{
	(void)loop;
	(void)revents;
	act(timer->data, CURL_SOCKET_TIMEOUT, 0);
}

static int on_timer_change(CURLM *multi, long timeout_ms, void *arg)
{
	struct lane *lane = arg;

	(void)multi;
	ev_timer_stop(lane->loop, &lane->timer);
	if (timeout_ms >= 0) {
		ev_timer_set(&lane->timer, (double)timeout_ms / 1000.0, 0.);
		ev_timer_start(lane->loop, &lane->timer);
	}
	return 0;
}

static int on_socket(CURL *easy, curl_socket_t fd, int what, void *arg, void *watch_arg)
{
	struct lane *lane = arg;
	struct watch *w = watch_arg;

	(void)easy;
	if (w)
		ev_io_stop(lane->loop, &w->io);
	if (what == CURL_POLL_REMOVE) {
		free(w);
		return 0;
	}
	if (!w) {
		w = calloc(1, sizeof(*w));
		ev_init(&w->io, on_io);
		w->io.data = lane;
		curl_multi_assign(lane->multi, fd, w);
	}
	ev_io_set(&w->io, fd,
	          (what & CURL_POLL_IN ? EV_READ : 0) | (what & CURL_POLL_OUT ? EV_WRITE : 0));
	ev_io_start(lane->loop, &w->io);
	return 0;
}

static void *lane_main(void *arg)
{
	struct lane *lane = arg;

	lane->loop = ev_loop_new(EVFLAG_AUTO);
	lane->multi = curl_multi_init();
	ev_init(&lane->timer, on_timer);
	lane->timer.data = lane;
	curl_multi_setopt(lane->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
	curl_multi_setopt(lane->multi, CURLMOPT_SOCKETDATA, lane);
	curl_multi_setopt(lane->multi, CURLMOPT_TIMERFUNCTION, on_timer_change);
	curl_multi_setopt(lane->multi, CURLMOPT_TIMERDATA, lane);
	curl_multi_setopt(lane->multi, CURLMOPT_MAXCONNECTS, (long)lane->limit);
	for (size_t i = 0; i < lane->limit; i++) {
		CURL *easy = curl_easy_init();
		curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
		curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
		if (getenv("CACERT"))
			curl_easy_setopt(easy, CURLOPT_CAINFO, getenv("CACERT"));
		start(lane, easy);
	}
	while (lane->in_flight)
		ev_run(lane->loop, EVRUN_ONCE);
	curl_multi_cleanup(lane->multi);
	ev_loop_destroy(lane->loop);
	return NULL;
}

static void read_urls(const char *path)
{
	FILE *in = fopen(path, "r");
	char *line = NULL;
	size_t room = 0, capacity = 0;
	ssize_t len;

	while (in && (len = getline(&line, &room, in)) > 0) {
		line[strcspn(line, "\r\n")] = '\0';
		if (url_count == capacity)
			urls = realloc(urls,
			               (capacity = capacity ? capacity * 2 : 1024) * sizeof(*urls));
		urls[url_count++] = strdup(line);
	}
	free(line);
	if (in)
		fclose(in);
}

int main(int argc, char **argv)
{
	size_t threads = argc > 3 ? strtoul(argv[3], NULL, 10) : 1;
	size_t limit = argc > 2 ? strtoul(argv[2], NULL, 10) : 100, failed = 0;
	struct lane *lanes;

	if (argc < 2 || !threads)
		return 2;
	curl_global_init(CURL_GLOBAL_DEFAULT);
	read_urls(argv[1]);
	lanes = calloc(threads, sizeof(*lanes));
	for (size_t i = 0; i < threads; i++) {
		lanes[i].limit = limit / threads;
		pthread_create(&lanes[i].thread, NULL, lane_main, &lanes[i]);
	}
	for (size_t i = 0; i < threads; i++) {
		pthread_join(lanes[i].thread, NULL);
		failed += lanes[i].failed;
	}
	return failed != 0;
}
