/*
 * cli/parse and the option table: what a command line means. Every option of the table has its
 * cases here, and a test that fails when one has not.
 */
#include "unit.h"

#include <curl/curl.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/mem.h"
#include "cli/cli.h"
#include "cli/curl_options.h"
#include "cli/options.h"
#include "output/file_name.h"
#include "output/format.h"
#include "transfer/guard.h"
#include "transfer/session.h"
#include "transfer/setting.h"

enum { MAX_ARGS = 20 };

/* ---- a folder of its own: options name files ---- */

static char folder[] = "/tmp/gather-test-cli-XXXXXX";

static void write_file(const char *path, const char *data, size_t len)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_int_equal(fwrite(data, 1, len, file), len);
	fclose(file);
}

static int folder_setup(void **state)
{
	static const char *const variables[] = {
		"http_proxy", "HTTP_PROXY",     "https_proxy",   "HTTPS_PROXY",  "all_proxy",
		"ALL_PROXY",  "CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR", "no_proxy",
		"NO_PROXY",   "ftp_proxy",      "NO_COLOR",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(variables); i++)
		unsetenv(variables[i]);
	setenv("TERM", "xterm", 1);
	return mkdtemp(folder) && !chdir(folder) ? 0 : -1;
}

static int folder_teardown(void **state)
{
	(void)state;
	unlink("file");
	return chdir("/") || rmdir(folder) ? -1 : 0;
}

/* ---- a command line, and what came of it ---- */

struct parsed {
	char *argv[MAX_ARGS + 2];
	int argc;
	struct cli cli;
	struct error e;
	enum err failed;
};

static void parse_list(struct parsed *p, const char *const *args)
{
	*p = (struct parsed){.argv = {mem_text("gather")}, .argc = 1};
	for (; *args; args++) {
		assert_true(p->argc <= MAX_ARGS);
		p->argv[p->argc++] = mem_text(*args);
	}
	p->failed = cli_parse(&p->cli, p->argc, p->argv, &p->e);
}

#define ARGS(...)          ((const char *const[]){__VA_ARGS__, NULL})
#define parse(p, ...)      parse_list(p, ARGS(__VA_ARGS__))
#define parse_good(p, ...) parse_good_list(p, ARGS(__VA_ARGS__))

static void parsed_release(struct parsed *p)
{
	cli_release(&p->cli);
	for (int i = 0; i < p->argc; i++)
		free(p->argv[i]);
}

static void parse_good_list(struct parsed *p, const char *const *args)
{
	parse_list(p, args);
	if (p->failed)
		fail_msg("%s: %s", args[0], p->e.text);
}

static void put_uint(struct buf *out, const char *name, uint64_t value)
{
	buf_printf(out, "%s=%llu\n", name, (unsigned long long)value);
}

static void put_text(struct buf *out, const char *name, const char *value)
{
	buf_printf(out, "%s=%s\n", name, value ? value : "(none)");
}

static void put_items(struct buf *out, const struct source_options *source)
{
	buf_put_text(out, "items=");
	for (size_t i = 0; i < source->count; i++)
		buf_printf(out, "%s%s:%s", i ? " " : "", source->items[i].is_list ? "list" : "url",
		           source->items[i].text);
	buf_put_byte(out, '\n');
}

static void put_source(struct buf *out, const struct config *config)
{
	put_items(out, &config->source);
	put_uint(out, "globs_urls", config->source.globs_urls);
	put_uint(out, "globs_lists", config->source.globs_lists);
	put_uint(out, "is_urls_only", config->source.is_urls_only);
	put_uint(out, "has_templates", config->source.templates != NULL);
	put_uint(out, "is_csv", config->source.is_csv);
	put_uint(out, "csv_delimiter", (uint64_t)config->source.csv_delimiter);
	put_uint(out, "is_unique", config->source.is_unique);
	put_uint(out, "shard", config->source.shard);
	put_uint(out, "shards", config->source.shards);
}

static void put_derive(struct buf *out, const struct derive_options *derive)
{
	put_uint(out, "follows_links", derive->follows_links);
	put_uint(out, "has_next", derive->next != NULL);
	put_uint(out, "max_pages", derive->max_pages);
	put_uint(out, "is_sequential", derive->is_sequential);
	put_uint(out, "follow", derive->follow_count);
	put_text(out, "follow_url", derive->follow_url);
	put_uint(out, "sends_headers", derive->fetch->sends_headers);
	put_uint(out, "max_depth", derive->max_depth);
	put_uint(out, "max_requests", derive->max_requests);
}

static void put_fields(struct buf *out, const struct field_list *fields)
{
	static const char *const if_asked_for[] = {
		"headers", "body", "checksum", "extract", "extract.t", "exec", "exec.stdout",
	};

	buf_put_text(out, "fields=");
	if (fields->count > 10)
		buf_put_text(out, "all");
	for (size_t i = 0; i < COUNT(if_asked_for) && fields->count > 10; i++) {
		if (field_list_has(fields, if_asked_for[i]))
			buf_printf(out, ",%s", if_asked_for[i]);
	}
	for (size_t i = 0; i < fields->count && fields->count <= 10; i++)
		buf_printf(out, "%s%s", i ? "," : "", field_name(fields->fields[i]));
	buf_put_byte(out, '\n');
}

static const char *const progress_modes[] = {
	[PROGRESS_NONE] = NULL,
	[PROGRESS_LINE] = "line",
	[PROGRESS_PLAIN] = "plain",
	[PROGRESS_JSON] = "json",
};

static void put_output(struct buf *out, const struct config *config)
{
	put_text(out, "format", config->output.format->name);
	put_fields(out, &config->output.fields);
	put_uint(out, "is_ordered", config->output.is_ordered);
	put_uint(out, "has_color", config->output.has_color);
	put_uint(out, "is_terminal", config->output.is_terminal);
	put_uint(out, "has_safe_cells", config->output.has_safe_cells);
	put_uint(out, "window", config->output.window);
	put_uint(out, "has_waterfall", config->has_waterfall);
	put_uint(out, "has_summary", config->has_summary);
	put_uint(out, "has_host_summary", config->has_host_summary);
	put_uint(out, "prints_failures", config->prints_failures);
	put_text(out, "progress", progress_modes[config->progress]);
	put_uint(out, "summary_has_color", config->summary_has_color);
}

static void put_session(struct buf *out, const struct session_options *session)
{
	for (unsigned i = 0; i < session->cookie_file_count; i++)
		put_text(out, "cookie_file", session->cookie_files[i]);
	put_text(out, "cookie_jar", session->cookie_jar);
}

static void put_setting(struct buf *out, const struct setting *s)
{
	buf_printf(out, "%s=", curl_easy_option_by_id(s->id)->name);
	if (s->type == CURLOT_STRING)
		buf_put_text(out, s->value.text);
	else if (s->type == CURLOT_OFF_T)
		buf_printf(out, "%lld", (long long)s->value.offset);
	else if (s->type != CURLOT_SLIST)
		buf_printf(out, "%ld", s->value.number);
	for (const struct curl_slist *l = s->type == CURLOT_SLIST ? s->value.list : NULL; l;
	     l = l->next)
		buf_printf(out, "%s%s", l->data, l->next ? "|" : "");
	buf_put_byte(out, '\n');
}

static void put_request(struct buf *out, const struct fetch_options *request)
{
	put_text(out, "method", request->method);
	put_uint(out, "wants_head", request->wants_head);
	if (request->has_body) {
		buf_put_text(out, "body=");
		buf_put(out, request->body.data, request->body.len);
		buf_put_byte(out, '\n');
	}
	put_uint(out, "keeps_headers", request->keeps_headers);
	put_uint(out, "keeps_body", request->keeps_body);
	put_uint(out, "needs_body", request->needs_body);
	put_uint(out, "keeps_checksum", request->keeps_checksum);
	put_uint(out, "keeps_disposition", request->keeps_disposition);
	put_uint(out, "continues", request->continues);
	put_uint(out, "keeps_details", request->keeps_details);
	put_uint(out, "keeps_certs", request->keeps_certs);
	put_uint(out, "max_body_bytes", (uint64_t)request->max_body_bytes);
	buf_put_text(out, "accepts=");
	for (int status = 1; status < STATUS_LIMIT; status++) {
		if (!request->accepts[status])
			continue;
		if (status == 1 || !request->accepts[status - 1])
			buf_printf(out, " %d", status);
		if (status == STATUS_LIMIT - 1 || !request->accepts[status + 1])
			buf_printf(out, "-%d", status);
	}
	buf_put_byte(out, '\n');
	for (size_t i = 0; i < request->setting_count; i++)
		put_setting(out, &request->settings[i]);
}

static void put_compare(struct buf *out, const struct compare_options *compare)
{
	for (size_t i = 0; i < compare->level_count; i++)
		buf_printf(out, "%s%llu",
		           i ? "," : "levels=", (unsigned long long)compare->levels[i]);
	buf_put_byte(out, '\n');
	put_uint(out, "repeats", compare->repeats);
}

static void put_rate(struct buf *out, const char *name, const struct rate *rate)
{
	if (rate->count)
		buf_printf(out, "%s=%lld/%lldus\n", name, (long long)rate->count,
		           (long long)rate->unit_us);
}

static void put_policy(struct buf *out, const struct config *config)
{
	const struct retry_options *retry = &config->retry;

	put_uint(out, "per_host", config->schedule.per_host);
	put_rate(out, "rate", &config->schedule.rate);
	put_rate(out, "host_rate", &config->schedule.host_rate);
	put_uint(out, "retries", retry->retries);
	put_uint(out, "delay_us", (uint64_t)retry->delay_us);
	put_uint(out, "max_time_us", (uint64_t)retry->max_time_us);
	put_uint(out, "is_any_error", retry->is_any_error);
	if (retry->pause_max_us != 120000000)
		buf_printf(out, "pause_max_us=%lld\n", (long long)retry->pause_max_us);
	for (int status = 0; retry->has_statuses && status < STATUS_LIMIT; status++) {
		if (retry->statuses[status])
			buf_printf(out, "retry_on=%d\n", status);
	}
	put_text(out, "exec", config->exec.command);
	put_uint(out, "exec_jobs", config->exec.jobs);
	put_uint(out, "exec_timeout_us", (uint64_t)config->exec.timeout_us);
	put_uint(out, "prints_errors", config->exec.prints_errors);
	for (size_t i = 0; i < config->extracts.count; i++)
		put_text(out, "extract", config->extracts.extracts[i].name);
	put_text(out, "resume", config->resume);
	put_text(out, "report", config->output.report);
	put_text(out, "title", config->output.title);
	put_uint(out, "host_stats", config->output.host_stats);
}

/* All that a command line says, a line each. */
static void put_files(struct buf *out, const struct config *config)
{
	struct request request;

	put_text(out, "output_dir", config->output_dir);
	put_uint(out, "if_exists", config->if_exists);
	if (!config->file_name)
		return;
	request_init(&request);
	buf_put_text(&request.url, "http://host/a.b");
	buf_put_text(out, "file_name=");
	file_name_put(out, config->file_name, &request);
	buf_put_byte(out, '\n');
	request_release(&request);
}

static void put_guard(struct buf *out, const struct config *config)
{
	struct sockaddr_in home = {.sin_family = AF_INET,
	                           .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	const struct guard *guard = config->session.guard;
	struct buf why;

	put_uint(out, "allows_proxy", config->allows_proxy);
	if (!guard)
		return;
	buf_init(&why, BUF_UNLIMITED);
	put_uint(out, "denies", guard_denies(guard));
	put_uint(out, "denies_127", !guard_check(guard, (struct sockaddr *)&home, &why));
	buf_release(&why);
}

static void describe(struct buf *out, const struct cli *cli)
{
	const struct config *config = &cli->config;

	put_source(out, config);
	put_derive(out, &config->derive);
	put_uint(out, "is_dry_run", config->is_dry_run);
	put_uint(out, "concurrency", config->schedule.concurrency);
	put_uint(out, "threads", config->threads);
	put_uint(out, "chunk", config->schedule.chunk);
	put_uint(out, "chunk_pause_us", (uint64_t)config->schedule.chunk_pause_us);
	put_uint(out, "first", config->first);
	put_uint(out, "fails_early", config->fails_early);
	put_files(out, config);
	put_guard(out, config);
	put_uint(out, "deadline_us", (uint64_t)config->deadline_us);
	put_policy(out, config);
	put_text(out, "backend", config->backend);
	put_compare(out, &config->compare);
	put_output(out, config);
	put_session(out, &config->session);
	put_request(out, &config->request);
}

static bool has_line(const char *text, const char *line)
{
	size_t len = strlen(line);

	for (const char *at = text; *at; at += strcspn(at, "\n") + 1) {
		if (!strncmp(at, line, len) && at[len] == '\n')
			return true;
	}
	return false;
}

/* Leaves of text the lines that are not in base, with a space between them. */
static void leave_differences(struct buf *text, const char *base)
{
	struct buf out;
	char *at = text->data, *line;

	buf_init(&out, BUF_UNLIMITED);
	while ((line = strsep(&at, "\n"))) {
		if (*line && !has_line(base, line))
			buf_printf(&out, "%s%s", out.len ? " " : "", line);
	}
	buf_clear(text);
	buf_put(text, out.data, out.len);
	buf_release(&out);
}

/* What args mean beyond "gather u"; the words when they are an error. The caller frees it. */
static char *meaning(const char *const *args)
{
	static const char *const actions[] = {
		[ACTION_HELP] = "help",
		[ACTION_HELP_ALL] = "help all",
		[ACTION_VERSION] = "version",
		[ACTION_COMPLETIONS] = "completions",
	};
	struct parsed plain, p;
	struct buf base, text;
	size_t len;

	parse_good(&plain, "u");
	parse_list(&p, args);
	buf_init(&base, BUF_UNLIMITED);
	buf_init(&text, BUF_UNLIMITED);
	describe(&base, &plain.cli);
	if (p.failed) {
		buf_put_text(&text, p.e.text);
	} else if (p.cli.action != ACTION_RUN) {
		buf_printf(&text, "action=%s", actions[p.cli.action]);
		if (p.cli.shell)
			buf_printf(&text, " shell=%s", p.cli.shell);
	} else {
		describe(&text, &p.cli);
		leave_differences(&text, base.data);
	}
	parsed_release(&plain);
	parsed_release(&p);
	buf_release(&base);
	return buf_take(&text, &len);
}

static void case_meaning(const char *name, const char *const *args, const char *expected)
{
	char *text = meaning(args);

	case_text(name, text, expected);
	free(text);
}

/* ---- every option ---- */

/*
 * What an option with a value means. before: one or two options before it, where it takes something
 * back or needs them.
 */
static const struct option_case {
	const char *option, *value, *expected, *before;
} option_cases[] = {
	{"input-file", "list", "items=url:u list:list", NULL},
	{"input-file", "-", "items=url:u list:-", NULL},
	{"url", "http://h/", "items=url:u url:http://h/", NULL},
	{"url", "", "items=url:u url:", NULL},
	{"globoff", NULL, "globs_urls=0", NULL},
	{"glob", NULL, "globs_lists=1", NULL},
	{"urls-only", NULL, "is_urls_only=1", NULL},
	{"template", "http://h/{}", "has_templates=1", NULL},
	{"csv-input", NULL, "has_templates=1 is_csv=1", "--template=h/{a}"},
	{"csv-delimiter", ";", "has_templates=1 is_csv=1 csv_delimiter=59",
         "--csv-input --template=h/{a}"},
	{"csv-delimiter", "tab", "has_templates=1 is_csv=1 csv_delimiter=9",
         "--csv-input --template=h/{a}"},
	{"csv-delimiter", "\\t", "has_templates=1 is_csv=1 csv_delimiter=9",
         "--csv-input --template=h/{a}"},
	{"unique", NULL, "is_unique=1", NULL},
	{"shard", "1/1", "shard=1 shards=1", NULL},
	{"shard", "3/4", "shard=3 shards=4", NULL},
	{"shard", "1000000/1000000", "shard=1000000 shards=1000000", NULL},
	{"next", "link", "follows_links=1 keeps_headers=1", NULL},
	{"next", "/a/0", "has_next=1 needs_body=1", NULL},
	{"next", "", "has_next=1 needs_body=1", NULL},
	{"next", "/a", "has_next=1 needs_body=1", "--next=link"},
	{"next", "link", "follows_links=1 keeps_headers=1", "--next=/a"},
	{"max-pages", "1", "max_pages=1", NULL},
	{"max-pages", "1000000", "max_pages=1000000", NULL},
	{"next-sequential", NULL, "is_sequential=1", NULL},
	{"follow", "/a/*/~1", "follow=1 needs_body=1", NULL},
	{"follow", "/a", "follow=2 needs_body=1", "--follow=/b"},
	{"follow-url", "{}", "follow_url={}", NULL},
	{"follow-url", "http://h/{+}.json", "follow_url=http://h/{+}.json", NULL},
	{"follow-headers", NULL, "sends_headers=1", NULL},
	{"depth", "1", "max_depth=1", NULL},
	{"depth", "1000000", "max_depth=1000000", NULL},
	{"max-requests", "1", "max_requests=1", NULL},
	{"max-requests", "1000000000", "max_requests=1000000000", NULL},
	{"dry-run", NULL, "is_dry_run=1", NULL},

	{"request", "PUT", "method=PUT CUSTOMREQUEST=PUT", NULL},
	{"request", "HEAD", "method=HEAD wants_head=1 NOBODY=1", NULL},
	{"request", "!#$%&'*+-.^_`|~09azAZ",
         "method=!#$%&'*+-.^_`|~09azAZ CUSTOMREQUEST=!#$%&'*+-.^_`|~09azAZ", NULL},
	{"request", "GET", "", "--request=PUT"},
	{"header", "A: 1", "HTTPHEADER=A: 1", NULL},
	{"header", "A: 1", "HTTPHEADER=B: 2|A: 1", "--header=B: 2"},
	{"header", "A:", "HTTPHEADER=A:", NULL},
	{"header", "A;", "HTTPHEADER=A;", NULL},
	{"header", "A:\tx\xff", "HTTPHEADER=A:\tx\xff", NULL},
	{"data", "a=1", "method=POST body=a=1", NULL},
	{"data", "a=1", "method=POST body=b=2&a=1", "--data=b=2"},
	{"data", "", "method=POST body=", NULL},
	{"data-binary", "a=1", "method=POST body=a=1", NULL},
	{"user-agent", "me/1", "USERAGENT=me/1", NULL},
	{"user-agent", "", "USERAGENT=", NULL},
	{"referer", "http://r/", "REFERER=http://r/", NULL},
	{"referer", "http://r/;auto", "AUTOREFERER=1 REFERER=http://r/", NULL},
	{"referer", ";auto", "AUTOREFERER=1", NULL},
	{"referer", "http://r/", "REFERER=http://r/", "--referer=http://o/;auto"},
	{"referer", ";auto", "AUTOREFERER=1", "--referer=http://o/"},
	{"referer", "http://r/;autos", "REFERER=http://r/;autos", NULL},
	{"user", "me:secret", "USERPWD=me:secret", NULL},
	{"user", "me", "USERPWD=me", NULL},
	{"oauth2-bearer", "abc", "HTTPAUTH=64 XOAUTH2_BEARER=abc", NULL},
	{"netrc", NULL, "NETRC=1", NULL},
	{"cookie", "a=1", "COOKIE=a=1", NULL},
	{"cookie", "jar.txt", "cookie_file=jar.txt", NULL},
	{"cookie", "", "cookie_file=", NULL},
	{"cookie-jar", "jar.txt", "cookie_jar=jar.txt", NULL},
	{"head", NULL, "method=HEAD wants_head=1 NOBODY=1", NULL},
	{"range", "0-99", "RANGE=0-99", NULL},
	{"range", "4", "RANGE=4-", NULL},
	{"range", "4-", "RANGE=4-", NULL},
	{"range", "-4", "RANGE=-4", NULL},
	{"range", "4-4", "RANGE=4-4", NULL},
	{"range", "0-1,4-,-3", "RANGE=0-1,4-,-3", NULL},
	{"range", "0-1,\t4-5 ", "RANGE=0-1,\t4-5 ", NULL},
	{"range", "9223372036854775807-", "RANGE=9223372036854775807-", NULL},
	{"compressed", NULL, "ACCEPT_ENCODING=deflate, gzip, br", NULL},
	{"max-filesize", "1000", "max_body_bytes=1000 MAXFILESIZE_LARGE=1000", NULL},
	{"max-filesize", "1.5k", "max_body_bytes=1536 MAXFILESIZE_LARGE=1536", NULL},
	{"max-filesize", "2M", "max_body_bytes=2097152 MAXFILESIZE_LARGE=2097152", NULL},
	{"max-filesize", "0", "MAXFILESIZE_LARGE=0", NULL},
	{"location", NULL, "", "--no-location"},
	{"no-location", NULL, "FOLLOWLOCATION=0", NULL},
	{"max-redirs", "0", "MAXREDIRS=0", NULL},
	{"max-redirs", "10000", "MAXREDIRS=10000", NULL},

	{"proxy", "http://p:8080", "PROXY=http://p:8080", NULL},
	{"noproxy", "h,*.example", "NOPROXY=h,*.example", NULL},
	{"deny-private", NULL, "denies=1 denies_127=1", NULL},
	{"deny-net", "127.0.0.0/8", "denies=1 denies_127=1", NULL},
	{"deny-net", "10.0.0.0/8", "denies=1 denies_127=0", "--allow-net=127.0.0.1"},
	{"allow-net", "127.0.0.1", "denies=1 denies_127=0", "--deny-private"},
	{"allow-proxy", NULL, "allows_proxy=1", NULL},
	{"insecure", NULL, "SSL_VERIFYPEER=0 SSL_VERIFYHOST=0", NULL},
	{"cacert", "/dev/null", "CAINFO=/dev/null", NULL},
	{"cert", "/dev/null", "SSLCERT=/dev/null", NULL},
	{"cert", "/dev/null:pass:word", "SSLCERT=/dev/null KEYPASSWD=pass:word", NULL},
	{"cert", "pkcs11\\:a\\\\b:", "SSLCERT=pkcs11:a\\b KEYPASSWD=", NULL},
	{"cert", "pkcs11\\:a\\b", "SSLCERT=pkcs11:a\\b", NULL},
	{"key", "/dev/null", "SSLKEY=/dev/null", NULL},
	{"http1.1", NULL, "HTTP_VERSION=2", NULL},
	{"http2", NULL, "HTTP_VERSION=3", NULL},
	{"http2-prior-knowledge", NULL, "HTTP_VERSION=5", NULL},
	{"http3", NULL, "HTTP_VERSION=30", NULL},
	{"ipv4", NULL, "IPRESOLVE=1", NULL},
	{"ipv6", NULL, "IPRESOLVE=2", NULL},
	{"resolve", "h:80:127.0.0.1", "RESOLVE=h:80:127.0.0.1", NULL},
	{"resolve", "h:80:127.0.0.1", "RESOLVE=g:80:::1|h:80:127.0.0.1", "--resolve=g:80:::1"},
	{"resolve", "-h:80", "RESOLVE=-h:80", NULL},
	{"resolve", "*:443:[::1]", "RESOLVE=*:443:[::1]", NULL},
	{"connect-to", "a:1:b:2", "CONNECT_TO=a:1:b:2", NULL},
	{"connect-to", "::b:", "CONNECT_TO=::b:", NULL},
	{"unix-socket", "/run/x.sock", "UNIX_SOCKET_PATH=/run/x.sock", NULL},
	{"interface", "lo", "INTERFACE=lo", NULL},
	{"proto", "=https", "PROTOCOLS_STR=https", NULL},
	{"proto-default", "https", "DEFAULT_PROTOCOL=https", NULL},
	{"limit-rate", "1", "MAX_RECV_SPEED_LARGE=1 MAX_SEND_SPEED_LARGE=1", NULL},
	{"limit-rate", "10k", "MAX_RECV_SPEED_LARGE=10240 MAX_SEND_SPEED_LARGE=10240", NULL},
	{"limit-rate", "1G", "MAX_RECV_SPEED_LARGE=1073741824 MAX_SEND_SPEED_LARGE=1073741824",
         NULL},
	{"curl", "tcp_nodelay=0", "TCP_NODELAY=0", NULL},
	{"curl", "USERAGENT=a=b", "USERAGENT=a=b", NULL},
	{"curl", "HSTS=hsts.txt", "HSTS=hsts.txt", NULL},
	{"curl", "ALTSVC=alt.txt", "ALTSVC=alt.txt", NULL},
	{"curl", "USERAGENT=", "USERAGENT=", NULL},

	{"concurrency", "1", "concurrency=1", NULL},
	{"concurrency", "4096", "concurrency=4096", NULL},
	{"concurrency", "4097", "concurrency=4097 window=8194", NULL},
	{"concurrency", "100000", "concurrency=100000 window=200000", NULL},
	{"parallel-max", "7", "concurrency=7", NULL},
	{"sequential", NULL, "concurrency=1 chunk=1", NULL},
	{"per-host", "1", "per_host=1", NULL},
	{"per-host", "100000", "per_host=100000", NULL},
	{"rate", "10/s", "rate=10/1000000us", NULL},
	{"rate", "5/15s", "rate=5/15000000us", NULL},
	{"host-rate", "100/m", "host_rate=100/60000000us", NULL},
	{"host-rate", "1/2h", "host_rate=1/7200000000us", NULL},
	{"chunk", "1", "chunk=1", NULL},
	{"chunk", "1000000000", "chunk=1000000000", NULL},
	{"chunk-pause", "0", "", "--chunk-pause=1"},
	{"chunk-pause", "0.25", "chunk_pause_us=250000", NULL},
	{"chunk-pause", "0.000001", "chunk_pause_us=1", NULL},
	{"first", "1", "first=1", NULL},
	{"first", "1000000000", "first=1000000000", NULL},
	{"fail-early", NULL, "fails_early=1", NULL},
	{"compare", NULL, "levels=1,100", NULL},
	{"compare", NULL, "concurrency=7 levels=1,7", "-c7"},
	{"compare", NULL, "levels=1,100", "--compare=5,6"},
	{"compare", "1,2", "levels=1,2", NULL},
	{"compare", "5,100000", "levels=5,100000", NULL},
	{"compare", "1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16",
         "levels=1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16", NULL},
	{"repeat", "1", "levels=1,2", "--compare=1,2 --repeat=2"},
	{"repeat", "1000", "levels=1,2 repeats=1000", "--compare=1,2"},
	{"threads", "1", "threads=1", NULL},
	{"threads", "64", "threads=64", NULL},
	{"backend", "epoll", "backend=epoll", NULL},
	{"backend", "poll", "backend=poll", NULL},
	{"backend", "select", "backend=select", NULL},
	{"backend", "linuxaio", "backend=linuxaio", NULL},
	{"backend", "iouring", "backend=iouring", NULL},
	{"backend", "kqueue", "backend=kqueue", NULL},

	{"max-time", "0", "TIMEOUT_MS=0", NULL},
	{"max-time", "2", "TIMEOUT_MS=2000", NULL},
	{"max-time", "0.5", "TIMEOUT_MS=500", NULL},
	{"max-time", "1ms", "TIMEOUT_MS=1", NULL},
	{"max-time", "0.001s", "TIMEOUT_MS=1", NULL},
	{"max-time", "1.5m", "TIMEOUT_MS=90000", NULL},
	{"max-time", "2h", "TIMEOUT_MS=7200000", NULL},
	{"connect-timeout", "250ms", "CONNECTTIMEOUT_MS=250", NULL},
	{"connect-timeout", "5", "CONNECTTIMEOUT_MS=5000", NULL},
	{"connect-timeout", "0", "CONNECTTIMEOUT_MS=0", NULL},
	{"speed-time", "0", "LOW_SPEED_TIME=0", NULL},
	{"speed-time", "86400", "LOW_SPEED_TIME=86400", NULL},
	{"speed-limit", "0", "LOW_SPEED_LIMIT=0", NULL},
	{"speed-limit", "10k", "LOW_SPEED_LIMIT=10240", NULL},
	{"deadline", "1ms", "deadline_us=1000", NULL},
	{"deadline", "0", "", "--deadline=1"},
	{"deadline", "1.5", "deadline_us=1500000", NULL},
	{"deadline", "24000h", "deadline_us=86400000000000", NULL},
	{"retry", "0", "", "--retry=1"},
	{"retry", "3", "retries=3 continues=1", NULL},
	{"retry-delay", "0.5", "delay_us=500000", NULL},
	{"retry-delay", "0", "", "--retry-delay=1"},
	{"retry-max-time", "1m", "max_time_us=60000000", NULL},
	{"retry-all-errors", NULL, "is_any_error=1", NULL},
	{"retry-on", "425", "retry_on=425", NULL},
	{"retry-on", "202,500-501", "retry_on=202 retry_on=500 retry_on=501", NULL},
	{"retry-on", "404", "retry_on=404", "--retry-on=500"},
	{"retry-after-max", "1s", "pause_max_us=1000000", NULL},
	{"retry-after-max", "0", "pause_max_us=0", NULL},

	{"jsonl", NULL, "format=jsonl", NULL},
	{"json", NULL, "format=json", NULL},
	{"csv", NULL, "format=csv", NULL},
	{"csv-safe", NULL, "format=csv has_safe_cells=1", NULL},
	{"csv-safe", NULL, "format=csv has_safe_cells=1", "--csv"},
	{"write-out", "%{url}\\n", "format=write-out", NULL},
	{"write-out", "", "format=write-out", NULL},
	{"write-out", "%{headers} %{json}", "format=write-out keeps_headers=1", NULL},
	{"write-out", "%header{date}", "format=write-out keeps_headers=1", NULL},
	{"write-out", "%{body}", "format=write-out keeps_body=1", NULL},
	{"write-out", "%{redirect_url}", "format=write-out keeps_details=1", NULL},
	{"write-out", "%{certs}", "format=write-out keeps_details=1 keeps_certs=1", NULL},
	{"write-out", "%{url}", "format=write-out", "--write-out=%{body}"},
	{"fields", "url", "fields=url", NULL},
	{"fields", "http_code,url", "fields=http_code,url", NULL},
	{"fields", "url", "fields=index,ok,url", "--fields=index,ok"},
	{"fields", "headers", "fields=headers keeps_headers=1", NULL},
	{"fields", "body", "fields=body keeps_body=1", NULL},
	{"fields", "url,body_base64", "fields=url,body_base64 keeps_body=1", NULL},
	{"ordered", NULL, "is_ordered=1", NULL},
	{"resume", "log", "resume=log continues=1", NULL},
	{"resume", "log", "file_name=x resume=log continues=1", "--output=x"},
	{"headers", NULL, "fields=all,headers keeps_headers=1", NULL},
	{"body", NULL, "fields=all,body keeps_body=1", NULL},
	{"cat", NULL, "format=cat fields=all,body keeps_body=1", NULL},
	{"extract", "t=/a", "extract=t fields=all,extract needs_body=1", NULL},
	{"extract", "b=", "extract=a extract=b fields=all,extract needs_body=1", "--extract=a=/x"},
	{"extract", "t=/a", "extract=t fields=ok,extract needs_body=1", "--fields=ok"},
	{"extract", "t=/a", "extract=t fields=extract.t needs_body=1", "--fields=extract.t"},
	{"extract", "t=/a", "extract=t format=csv fields=all,extract.t needs_body=1", "--csv"},
	{"exec", "cat", "exec=cat prints_errors=1 fields=all,exec needs_body=1", NULL},
	{"exec", "cat", "exec=cat prints_errors=1 fields=ok needs_body=1", "--fields=ok"},
	{"exec", "cat", "file_name=x exec=cat prints_errors=1 fields=all,exec", "--output=x"},
	{"exec", "cat", "exec=cat format=jsonl fields=all,exec needs_body=1", "--jsonl"},
	{"exec-jobs", "1", "exec_jobs=1", NULL},
	{"exec-jobs", "1000", "exec_jobs=1000", NULL},
	{"exec-timeout", "1.5", "exec_timeout_us=1500000", NULL},
	{"remote-name", NULL, "file_name=a.b", NULL},
	{"remote-name", NULL, "file_name=a.b", "--output=x"},
	{"output", "{host}-{name}", "file_name=host-a.b", NULL},
	{"output", "x", "file_name=x", "--remote-name"},
	{"output", "-", "format=cat fields=all,body keeps_body=1", NULL},
	{"remote-header-name", NULL, "file_name=a.b keeps_disposition=1", NULL},
	{"remote-header-name", NULL, "file_name=x keeps_disposition=1", "--output=x"},
	{"output-dir", "d", "output_dir=d file_name=a.b", NULL},
	{"output-dir", "d", "output_dir=d file_name=x", "--output=x"},
	{"skip-existing", NULL, "if_exists=1 file_name=a.b", NULL},
	{"overwrite", NULL, "if_exists=2 file_name=x", "--output=x"},
	{"checksum", "sha256", "fields=all,checksum keeps_checksum=1", NULL},
	{"fields", "checksum", "fields=checksum keeps_checksum=1", NULL},
	{"accept", "200-299,404", "accepts= 200-299 404-404", NULL},
	{"report", "run.html", "report=run.html", NULL},
	{"title", "A", "title=A", NULL},
	{"waterfall", NULL, "has_waterfall=1", NULL},
	{"host-stats", NULL, "host_stats=10 has_host_summary=1", NULL},
	{"host-stats", NULL, "host_stats=10 has_host_summary=1", "--host-stats=5"},
	{"host-stats", "1", "host_stats=1 has_host_summary=1", NULL},
	{"host-stats", "1000", "host_stats=1000 has_host_summary=1", NULL},
	{"silent", NULL, "format=silent has_summary=0", NULL},
	{"silent", NULL, "format=jsonl has_summary=0", "--jsonl"},
	{"silent", NULL, "format=json has_summary=0", "--json"},
	{"silent", NULL, "format=csv has_summary=0", "--csv"},
	{"silent", NULL, "format=write-out has_summary=0", "--write-out=%{url}"},
	{"silent", NULL, "format=cat fields=all,body has_summary=0 keeps_body=1", "--cat"},
	{"silent", NULL, "fields=url has_summary=0", "--fields=url"},
	{"silent", NULL, "host_stats=10 format=silent has_summary=0 has_host_summary=1",
         "--host-stats"},
	{"silent", NULL, "format=silent has_waterfall=1 has_summary=0", "--waterfall"},
	{"silent", NULL, "format=silent has_summary=0 progress=plain", "--progress=plain"},
	{"show-error", NULL, "", NULL},
	{"show-error", NULL, "format=silent has_summary=0 prints_failures=1", "--silent"},
	{"show-error", NULL, "format=silent prints_failures=1", "--no-results"},
	{"no-results", NULL, "format=silent", NULL},
	{"no-results", NULL, "format=silent", "--jsonl"},
	{"no-results", NULL, "format=cat fields=all,body keeps_body=1", "--cat"},
	{"no-summary", NULL, "has_summary=0", NULL},
	{"progress", "line", "progress=line", NULL},
	{"progress", "plain", "progress=plain", NULL},
	{"progress", "json", "progress=json", NULL},
	{"progress", "none", "", "--progress=line"},
	{"progress", "auto", "", "--progress=line"},
	{"no-progress", NULL, "", "--progress=line"},
	{"color", "always", "has_color=1 summary_has_color=1", NULL},
	{"color", "never", "", "--color=always"},
	{"color", "auto", "", "--color=always"},

	{"help", NULL, "action=help", NULL},
	{"help", "all", "action=help all", NULL},
	{"version", NULL, "action=version", NULL},
	{"completions", "bash", "action=completions shell=bash", NULL},
	{"completions", "zsh", "action=completions shell=zsh", NULL},
	{"completions", "fish", "action=completions shell=fish", NULL},
};

static const struct option_spec *spec_of(const char *name)
{
	for (size_t i = 0; i < option_count; i++) {
		if (!strcmp(option_table[i].name, name))
			return &option_table[i];
	}
	fail_msg("there is no option --%s any more", name);
	return NULL;
}

/* "u [before] first [second]" */
static void case_form(const struct option_case *c, const char *first, const char *second)
{
	const char *args[6] = {"u"}, *more = c->before ? strstr(c->before, " --") : NULL;
	char *before = more ? mem_bytes(c->before, (size_t)(more - c->before)) : NULL;
	char *name = mem_printf("%s%s%s", first, second ? " " : "", second ? second : "");
	size_t count = 1;

	if (c->before)
		args[count++] = more ? before : c->before;
	if (more)
		args[count++] = more + 1;
	args[count++] = first;
	if (second)
		args[count++] = second;
	case_meaning(name, args, c->expected);
	free(before);
	free(name);
}

/* In every way that it can be written. */
static void case_option(const struct option_case *c)
{
	const struct option_spec *o = spec_of(c->option);
	const char letter[] = {'-', o->letter, '\0'};
	char *name = mem_printf("--%s", o->name), *joined;

	case_form(c, name, c->value);
	if (o->letter)
		case_form(c, letter, c->value);
	/* "--help all" is the exception: two words of the command line. */
	if (c->value && o->arg != ARG_NONE) {
		joined = mem_printf("--%s=%s", o->name, c->value);
		case_form(c, joined, NULL);
		free(joined);
	}
	if (c->value && *c->value && o->arg != ARG_NONE && o->letter) {
		joined = mem_printf("-%c%s", o->letter, c->value);
		case_form(c, joined, NULL);
		free(joined);
	}
	free(name);
}

static void an_option_means_what_the_manual_says(void **state)
{
	bool has_http3 = curl_version_info(CURLVERSION_NOW)->features & CURL_VERSION_HTTP3;

	(void)state;
	for (size_t i = 0; i < COUNT(option_cases); i++) {
		if (!option_cases[i].expected ||
		    (!has_http3 && !strcmp(option_cases[i].option, "http3")))
			continue;
		case_option(&option_cases[i]);
	}
}

static void every_option_has_a_case(void **state)
{
	(void)state;
	for (size_t i = 0; i < option_count; i++) {
		bool has_case = false;

		for (size_t k = 0; k < COUNT(option_cases); k++)
			has_case |= !strcmp(option_cases[k].option, option_table[i].name);
		case_true(option_table[i].name, has_case);
	}
}

/* ---- errors ---- */

static void case_refused(const char *name, const char *const *args, const char *words)
{
	struct parsed p;

	parse_list(&p, args);
	case_true(name, p.failed != ERR_NONE);
	if (!strstr(p.e.text, words))
		fail_msg("%s: no \"%s\" in: %s", name, words, p.e.text);
	parsed_release(&p);
}

static void a_bad_value_is_refused_by_name(void **state)
{
	static const struct {
		const char *option, *value, *words;
	} cases[] = {
		{"concurrency", "0", "1 to 100000"},
		{"concurrency", "100001", "1 to 100000"},
		{"concurrency", "-1", "\"-1\""},
		{"concurrency", "+1", "\"+1\""},
		{"concurrency", "1.5", "\"1.5\""},
		{"concurrency", "ten", "\"ten\""},
		{"concurrency", "", "\"\""},
		{"concurrency", " 1", "\" 1\""},
		{"concurrency", "99999999999999999999999", "1 to 100000"},
		{"parallel-max", "0", "1 to 100000"},
		{"next", "links", "is no JSON pointer"},
		{"next", "/*", "several places"},
		{"max-pages", "0", "1 to 1000000"},
		{"follow", "a", "is no JSON pointer"},
		{"follow", "/~", "is no JSON pointer"},
		{"follow-url", "http://h/", "has no {}"},
		{"depth", "0", "1 to 1000000"},
		{"max-requests", "0", "1 to 1000000000"},
		{"threads", "0", "1 to 64"},
		{"threads", "65", "1 to 64"},
		{"chunk", "0", "1 to 1000000000"},
		{"chunk", "1000000001", "1 to 1000000000"},
		{"first", "0", "1 to 1000000000"},
		{"per-host", "0", "1 to 100000"},
		{"compare", "", "rising numbers"},
		{"compare", "1", "rising numbers"},
		{"compare", "0,1", "rising numbers"},
		{"compare", "10,1", "rising numbers"},
		{"compare", "1,1", "rising numbers"},
		{"compare", "1,,2", "rising numbers"},
		{"compare", "1,2,", "rising numbers"},
		{"compare", ",1,2", "rising numbers"},
		{"compare", "1, 2", "rising numbers"},
		{"compare", "1,-2", "rising numbers"},
		{"compare", "1,100001", "rising numbers"},
		{"compare", "1,100000,100000", "rising numbers"},
		{"compare", "1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17", "2 to 16"},
		{"host-stats", "", "1 to 1000"},
		{"host-stats", "0", "1 to 1000"},
		{"host-stats", "1001", "1 to 1000"},
		{"host-stats", "-1", "1 to 1000"},
		{"host-stats", "1,2", "1 to 1000"},
		{"repeat", "0", "1 to 1000"},
		{"repeat", "1001", "1 to 1000"},
		{"rate", "10", "is not a rate"},
		{"rate", "0/s", "is not a rate"},
		{"rate", "10/x", "is not a rate"},
		{"host-rate", "1.5/s", "is not a rate"},
		{"host-rate", "1/0s", "is not a rate"},
		{"retry", "-1", "0 to 1000000"},
		{"retry-delay", "soon", "is not a time"},
		{"retry-on", "abc", "is not a list of statuses"},
		{"max-redirs", "10001", "0 to 10000"},
		{"max-redirs", "-1", "\"-1\""},
		{"speed-time", "86401", "0 to 86400"},
		{"max-time", "0.0005", "shorter than 1 ms"},
		{"max-time", "-1", "is not a time"},
		{"max-time", "1d", "is not a time"},
		{"max-time", "1 s", "is not a time"},
		{"max-time", "soon", "is not a time"},
		{"max-time", "", "is not a time"},
		{"max-time", "99999999h", "is not a time"},
		{"deadline", "24001h", "is not a time"},
		{"chunk-pause", "1us", "is not a time"},
		{"chunk-pause", "-1", "is not a time"},
		{"limit-rate", "0", "is not a size"},
		{"limit-rate", "fast", "is not a size"},
		{"limit-rate", "-1k", "is not a size"},
		{"speed-limit", "-1", "is not a size"},
		{"max-filesize", "", "is not a size"},
		{"max-filesize", "1T", "is not a size"},
		{"backend", "libuv", "epoll poll select"},
		{"backend", "", "epoll poll select"},
		{"backend", "ep", "epoll poll select"},
		{"backend", "EPOLL", "epoll poll select"},
		{"progress", "", "auto line plain json none"},
		{"progress", "bar", "auto line plain json none"},
		{"color", "sometimes", "auto always never"},
		{"color", "al", "auto always never"},
		{"completions", "csh", "bash zsh fish"},
		{"shard", "0/4", "share"},
		{"shard", "5/4", "share"},
		{"shard", "1/0", "share"},
		{"shard", "1", "share"},
		{"shard", "1/", "share"},
		{"shard", "/4", "share"},
		{"shard", "1/4/2", "share"},
		{"shard", "a/b", "share"},
		{"shard", "1/1000001", "share"},
		{"shard", "-1/4", "share"},
		{"request", "", "is not a method"},
		{"request", "GET /", "is not a method"},
		{"request", "GET\r\nX: y", "is not a method"},
		{"request", "G\xc3\x89T", "is not a method"},
		{"request", "GET:", "is not a method"},
		{"range", "", "\"\" is not a range like"},
		{"range", "-", "is not a range"},
		{"range", "x", "is not a range"},
		{"range", "bytes=0-4", "is not a range"},
		{"range", "4-2", "is not a range"},
		{"range", "1-2-3", "is not a range"},
		{"range", "--4", "is not a range"},
		{"range", "+4-", "is not a range"},
		{"range", "0x4-", "is not a range"},
		{"range", "0 - 4", "is not a range"},
		{"range", "4,5", "is not a range"},
		{"range", "0-4,", "is not a range"},
		{"range", ",0-4", "is not a range"},
		{"range", "0-4;6-8", "is not a range"},
		{"range", "99999999999999999999-", "is not a range"},
		{"header", "no colon", "NAME: VALUE"},
		{"header", "no; colon", "NAME: VALUE"},
		{"header", ";", "NAME: VALUE"},
		{"header", "", "NAME: VALUE"},
		{"header", ": value", "NAME: VALUE"},
		{"header", "A: b\r\nX: y", "control character"},
		{"header", "A: b\nX: y", "control character"},
		{"header", "A: \033[m", "control character"},
		{"header", "A: \x7f", "control character"},
		{"header", "@missing", "missing"},
		{"header", "@", "No such file"},
		{"data", "@missing", "missing"},
		{"data-binary", "@missing", "missing"},
		{"proto", "nosuch", "\"nosuch\""},
		{"proto", "-all", "no protocol"},
		{"proto-default", "nosuch", "\"nosuch\""},
		{"proto-default", "", "\"\""},
		{"write-out", "%{nosuch}", "no variable \"nosuch\", at character 1"},
		{"write-out", "%{url", "%{ has no end"},
		{"write-out", "%header{a b}", "\"a b\""},
		{"write-out", "%output{}", "name of a file"},
		{"write-out", "@missing", "missing"},
		{"fields", "url,nosuch", "\"nosuch\""},
		{"fields", "", "\"\""},
		{"fields", "url, ok", "\" ok\""},
		{"accept", "2xx", "statuses"},
		{"accept", "", "statuses"},
		{"cookie-jar", "", "name of a file"},
		{"cookie-jar", "-", "name of a file"},
		{"resolve", "h:80", "HOST:PORT:ADDR"},
		{"resolve", "h", "HOST:PORT:ADDR"},
		{"resolve", "-h", "HOST:PORT:ADDR"},
		{"resolve", "", "HOST:PORT:ADDR"},
		{"connect-to", "a:1:b", "HOST1:PORT1:HOST2:PORT2"},
		{"connect-to", "", "HOST1:PORT1:HOST2:PORT2"},
		{"connect-timeout", "999us", "is not a time"},
		{"connect-timeout", "0.0001", "shorter than 1 ms"},
		{"deadline", "0.9ms", "shorter than 1 ms"},
		{"curl", "COOKIEJAR=j", "gather sets COOKIEJAR"},
		{"curl", "NOSUCH=1", "NOSUCH"},
		{"curl", "TIMEOUT_MS", "NAME=VALUE"},
		{"curl", "TIMEOUT_MS=x", "takes a number"},
		{"curl", "URL=http://h/", "gather sets URL"},
		{"curl", "WRITEFUNCTION=1", "text cannot say"},
		{"curl", "=1", "no option"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		char *args[] = {mem_printf("--%s=%s", cases[i].option, cases[i].value),
		                mem_printf("--%s:", cases[i].option)};

		/* It is named, and what is wrong with it is said. */
		case_refused(args[0], ARGS("u", args[0]), cases[i].words);
		case_refused(args[0], ARGS("u", args[0]), args[1]);
		free(args[0]);
		free(args[1]);
	}
}

/* The choices are words; two of them are none. */
static void a_choice_is_one_word(void **state)
{
	(void)state;
	case_refused("color", ARGS("u", "--color", "auto always"), "is not one of");
	case_refused("backend", ARGS("u", "--backend", "epoll poll"), "is not one of");
	case_refused("completions", ARGS("--completions", "bash zsh"), "is not one of");
}

static void what_takes_a_value_wants_one_and_the_others_none(void **state)
{
	(void)state;
	for (size_t i = 0; i < option_count; i++) {
		const struct option_spec *o = &option_table[i];
		char *name = mem_printf("--%s", o->name), *words, *with_value;
		const char letter[] = {'-', o->letter, '\0'};

		if (o->arg == ARG_NONE) {
			with_value = mem_printf("--%s=1", o->name);
			words = mem_printf("--%s takes no value", o->name);
			case_refused(name, ARGS("u", with_value), words);
			free(with_value);
		} else if (o->is_value_optional) {
			words = NULL;
			case_int(name, o->letter, 0);
		} else {
			words = mem_printf("--%s takes %s", o->name, o->metavar);
			case_refused(name, ARGS("u", name), words);
			if (o->letter)
				case_refused(name, ARGS("u", letter), words);
		}
		free(words);
		free(name);
	}
}

static void what_is_unknown_is_said_and_what_it_may_have_been(void **state)
{
	static const struct {
		const char *name, *words;
		const char *args[4];
	} cases[] = {
		{"a letter", "unknown option -W", {"u", "-W"}},
		{"a letter in a group", "unknown option -W", {"u", "-sW"}},
		{"a letter before others", "unknown option -W", {"-Ws", "u"}},
		{"a digit", "unknown option -9", {"u", "-9"}},
		{"a word", "unknown option --xyzzy-plugh", {"u", "--xyzzy-plugh"}},
		{"a word with a value", "unknown option --xyzzy-plugh", {"u", "--xyzzy-plugh=1"}},
		{"a slip",
	         "unknown option --concurency; did you mean --concurrency?",
	         {"u", "--concurency", "5"}},
		{"a slip with a value",
	         "unknown option --hedaer; did you mean --header?",
	         {"u", "--hedaer=x"}},
		{"a slip before the URL", "did you mean --ordered?", {"--ordred", "u"}},
		{"not what it begins with", "unknown option --head-er", {"--head-er", "u"}},
		{"ambiguous",
	         "unknown option --con; did you mean --connect-to or --concurrency?",
	         {"--con", "5", "u"}},
		{"ambiguous with a value", "unknown option --con; did", {"--con=secret", "u"}},
		{"ambiguous because of curl",
	         "unknown option --fai; did you mean --fail-early?",
	         {"--fai", "u"}},
		{"no switch of curl's", "did you mean --noproxy?", {"--no-proxy", "u"}},
		{"one dash too many", "unknown option ---json", {"---json", "u"}},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		case_refused(cases[i].name, cases[i].args, cases[i].words);
}

/* Whatever curl has is ours, or is refused under its own name. */
static void an_option_of_curl_is_ours_or_is_refused_by_name(void **state)
{
	(void)state;
	for (size_t i = 0; i < curl_option_count; i++) {
		const struct curl_option *option = &curl_option_table[i];
		char *word = mem_printf("--%s", option->name);
		char *words = mem_printf("%s is an option of curl that gather does not have", word);
		bool is_ours = false;

		for (size_t k = 0; k < option_count; k++)
			is_ours |= !strcmp(option_table[k].name, option->name);
		case_true(word, !i || strcmp(curl_option_table[i - 1].name, option->name) < 0);
		if (!is_ours) {
			char *with_value = mem_printf("%s=secret", word);

			case_refused(word, ARGS(word, "u"), words);
			case_refused(word, ARGS("-c2", with_value, "u"), words);
			free(with_value);
		}
		free(word);
		free(words);
	}
}

static void a_letter_of_curl_is_ours_or_is_refused_by_name(void **state)
{
	static const struct {
		const char *letter, *words;
	} cases[] = {
		{"-f", "-f (--fail) is an option of curl that gather does not have: a status"},
		{"-sSf", "-f (--fail) is"},
		{"-Z", "-Z (--parallel) is"},
		{"-#", "-# (--progress-bar) is"},
		{"-:", "-: (--next) is"},
		{"-0", "-0 (--http1.0) is"},
		{"-Ume:secret", "-U (--proxy-user) is"},
		{"-Ecert.pem", "unknown option -E; use --cert"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		case_refused(cases[i].letter, ARGS(cases[i].letter, "u"), cases[i].words);
	for (size_t i = 0; i < curl_option_count; i++) {
		const struct curl_option *option = &curl_option_table[i];
		const struct option_spec *ours = NULL;

		for (size_t k = 0; k < option_count && option->letter; k++) {
			if (option_table[k].letter == option->letter)
				ours = &option_table[k];
		}
		if (ours)
			case_text(option->name, ours->name,
			          option->letter == 'c' ? "concurrency" : option->name);
	}
}

static void switches_of_curl_that_are_turned_off_are_refused_by_name(void **state)
{
	static const char *const words[] = {"--no-fail",           "--no-compressed",
	                                    "--no-progress-meter", "--no-keepalive",
	                                    "--no-sessionid",      "--no-verbose=1"};

	(void)state;
	for (size_t i = 0; i < COUNT(words); i++) {
		char *said = mem_printf("%.*s is an option of curl", (int)strcspn(words[i], "="),
		                        words[i]);

		case_refused(words[i], ARGS(words[i], "u"), said);
		free(said);
	}
}

/* What a hint says to use instead works. */
static void a_hint_names_an_option_that_there_is(void **state)
{
	(void)state;
	for (size_t i = 0; i < curl_option_count; i++) {
		const char *at = curl_option_table[i].hint;

		for (; at && (at = strstr(at, "--curl ")); at++) {
			const char *hinted = at + strlen("--curl ");
			struct parsed p;
			char *name, *word;

			name = mem_bytes(hinted, strcspn(hinted, "="));
			word = mem_printf("%s=1", name);
			parse_list(&p, ARGS("u", "--curl", word));
			case_true(name, !p.failed || strstr(p.e.text, "here cannot do") ||
			                        strstr(p.e.text, "No such file"));
			parsed_release(&p);
			free(name);
			free(word);
		}
	}
}

static void data_for_curls_json_is_refused(void **state)
{
	static const char *const words = "--json takes no value: it is a format of the output";
	static const char *const data[] = {"{\"a\":1}", "{ \"a\": [", "{}", "[1,2]", "@file"};
	static const char *const urls[] = {"{a,b}.example", "[1-9].example", "u"};
	struct parsed p;

	(void)state;
	for (size_t i = 0; i < COUNT(data); i++)
		case_refused(data[i], ARGS("--json", data[i], "u"), words);
	case_refused("with =", ARGS("--json={}", "u"), words);
	for (size_t i = 0; i < COUNT(urls); i++) {
		parse_good(&p, "--json", urls[i]);
		assert_int_equal(p.cli.config.source.count, 1);
		parsed_release(&p);
	}
	parse_good(&p, "--json", "{\"a\":1}", "--template", "http://h/{a}");
	parsed_release(&p);
}

static void a_url_is_no_list(void **state)
{
	(void)state;
	case_refused("-i URL", ARGS("-i", "http://h/"), "--input-file: takes a file with URLs");
	case_refused("-iURL", ARGS("-ihttp://me:secret@h/"), "(response headers: --headers)");
}

static void what_excludes_each_other_is_refused(void **state)
{
	(void)state;
	case_refused("-I and -d", ARGS("u", "-I", "-d", "x"), "exclude each other");
	case_refused("-d and -I", ARGS("u", "-d", "x", "-I"), "exclude each other");
	case_refused("-I and --data-binary", ARGS("u", "-I", "--data-binary", ""),
	             "exclude each other");
	case_refused("--resume and --next", ARGS("u", "--resume=log", "--next=link"),
	             "--resume and --next exclude each other");
	case_refused("--resume and --follow", ARGS("u", "--follow=/a", "--resume=log"),
	             "--resume and --follow exclude each other");
	case_refused("--skip-existing and --follow", ARGS("u", "--follow=/a", "--skip-existing"),
	             "--skip-existing and --follow exclude each other");
}

static void columns_without_a_template_are_refused(void **state)
{
	(void)state;
	case_refused("--csv-input", ARGS("--csv-input", "-i", "list"),
	             "--csv-input is for --template");
}

static void what_a_comparison_has_no_use_for_is_refused(void **state)
{
	static const char *const options[] = {
		"--sequential",   "--first=1",         "--fail-early",     "--jsonl",
		"--fields=url",   "--ordered",         "--headers",        "--body",
		"--silent",       "--resume=log",      "--cookie-jar=jar", "--write-out=x",
		"--cat",          "--remote-name",     "--output=x",       "--remote-header-name",
		"--output-dir=d", "--checksum=sha256", "--waterfall",      "--host-stats=5",
		"--extract=a=/a", "--exec=true",       "--skip-existing",  "--overwrite",
		"--next=link",    "--follow=/a",       "--show-error",     "--no-results",
	};
	size_t marked = 0;

	(void)state;
	for (size_t i = 0; i < option_count; i++)
		marked += option_table[i].is_not_compared;
	assert_int_equal(marked, COUNT(options));
	for (size_t i = 0; i < COUNT(options); i++) {
		char *name = mem_bytes(options[i], strcspn(options[i], "="));
		char *words = mem_printf("--compare and %s exclude each other", name);

		case_refused(options[i], ARGS("u", options[i], "--compare"), words);
		case_refused(options[i], ARGS("u", "--compare=1,2", options[i]), words);
		free(words);
		free(name);
	}
	case_refused("-c 1", ARGS("u", "--compare", "-c", "1"), "one level only");
}

/* HEAD it is either way, and the data would be dropped without a word. */
static void so_is_a_method_that_has_no_data(void **state)
{
	(void)state;
	case_refused("-X HEAD and -d", ARGS("u", "-X", "HEAD", "-d", "x"), "exclude each other");
}

/* ---- the command line as a whole ---- */

static void the_words_of_a_command_line_in_their_order(void **state)
{
	static const struct {
		const char *name, *expected;
		const char *args[MAX_ARGS];
	} cases[] = {
		{"URLs and lists",
	         "items=url:a list:l url:b url:c list:m url:d",
	         {"a", "-i", "l", "b", "--url", "c", "-im", "d"}},
		{"options between", "items=url:a url:b concurrency=5", {"a", "-c", "5", "b"}},
		{"-c behind --compare",
	         "items=url:a concurrency=5 levels=1,5",
	         {"--compare", "a", "-c", "5"}},
		{"a number with a point is no level",
	         "items=url:10.1 levels=1,100",
	         {"--compare", "10.1"}},
		{"options in front", "items=url:a url:b concurrency=5", {"-c5", "a", "b"}},
		{"options behind", "items=url:a url:b concurrency=5", {"a", "b", "-c5"}},
		{"the same twice", "items=url:a url:a", {"a", "a"}},
		{"behind --",
	         "items=url:a url:-c url:5 url:--nosuch",
	         {"a", "--", "-c", "5", "--nosuch"}},
		{"options before --", "items=url:a concurrency=5", {"-c5", "--", "a"}},
		{"-- twice", "items=url:--", {"--", "--"}},
		{"-- and nothing", "", {"u", "--"}},
		{"a list and --", "items=list:l url:-x", {"-i", "l", "--", "-x"}},
		{"a value that looks like an option",
	         "items=url:a USERAGENT=-c",
	         {"a", "-A", "-c"}},
		{"a value that looks like the end", "items=url:a USERAGENT=--", {"a", "-A", "--"}},
		{"a group of letters",
	         "items=url:a concurrency=5 format=silent has_summary=0 SSL_VERIFYPEER=0 "
	         "SSL_VERIFYHOST=0",
	         {"-skc5", "a"}},
		{"a group that ends in one with a value",
	         "items=url:a concurrency=5 format=silent has_summary=0",
	         {"-sc", "5", "a"}},
		{"the last one wins",
	         "items=url:a concurrency=7",
	         {"a", "-c5", "--parallel-max=6", "--concurrency", "7"}},
		{"--sequential stays in order",
	         "items=url:a concurrency=9 chunk=1",
	         {"a", "--sequential", "-c9"}},
		{"the last format wins",
	         "items=url:a format=csv",
	         {"--json", "--jsonl", "--csv", "a"}},
		{"-w is one of them",
	         "items=url:a format=write-out",
	         {"--csv", "--json", "-w%{url}", "a"}},
		{"a -w that is not the last one keeps nothing",
	         "items=url:a format=json",
	         {"-w%{body}%{certs}", "--json", "a"}},
		{"nor does one without results",
	         "items=url:a format=silent",
	         {"--no-results", "-w%{body}", "a"}},
		{"-s takes nothing away",
	         "items=url:a format=json has_summary=0",
	         {"--json", "-s", "a"}},
		{"headers, body and fields",
	         "items=url:a fields=url keeps_headers=1 keeps_body=1",
	         {"--headers", "--body", "--fields=url", "a"}},
		{"POST without data",
	         "items=url:a method=POST CUSTOMREQUEST=POST",
	         {"-X", "POST", "a"}},
		{"GET with data",
	         "items=url:a body=x CUSTOMREQUEST=GET",
	         {"-XGET", "-d", "x", "a"}},
		{"HEAD by another name",
	         "items=url:a wants_head=1 NOBODY=1 CUSTOMREQUEST=GET",
	         {"-XGET", "-I", "a"}},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		case_meaning(cases[i].name, cases[i].args, cases[i].expected);
}

static void an_option_may_be_cut_short(void **state)
{
	static const struct {
		const char *name, *expected;
		const char *args[4];
	} cases[] = {
		{"--conc", "concurrency=5", {"u", "--conc", "5"}},
		{"--conc=", "concurrency=5", {"u", "--conc=5"}},
		{"--parallel-m may be another one of curl's",
	         "unknown option --parallel-m",
	         {"u", "--parallel-m=5"}},
		{"--uni is ambiguous",
	         "unknown option --uni; did you mean --unique or --unix-socket?",
	         {"u", "--uni"}},
		{"--uniq", "is_unique=1", {"u", "--uniq"}},
		{"--dry", "is_dry_run=1", {"u", "--dry"}},
		{"--no-l", "FOLLOWLOCATION=0", {"u", "--no-l"}},
		{"--user-a, which curl has, too", "USERAGENT=x", {"u", "--user-a", "x"}},
		/* A whole name is itself, even where it begins another. */
		{"--json", "format=json", {"u", "--json"}},
		{"--glob", "globs_lists=1", {"u", "--glob"}},
		{"--head", "method=HEAD wants_head=1 NOBODY=1", {"u", "--head"}},
		{"--http2", "HTTP_VERSION=3", {"u", "--http2"}},
		{"--data", "method=POST body=x", {"u", "--data", "x"}},
		{"--cookie", "COOKIE=a=1", {"u", "--cookie", "a=1"}},
		{"--chunk", "chunk=3", {"u", "--chunk", "3"}},
		{"--proto", "PROTOCOLS_STR=https", {"u", "--proto", "=https"}},
		{"--user", "USERPWD=me", {"u", "--user", "me"}},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		case_meaning(cases[i].name, cases[i].args, cases[i].expected);
}

static void help_and_version_end_the_reading(void **state)
{
	static const struct {
		const char *name, *expected;
		const char *args[4];
	} cases[] = {
		{"--help", "action=help", {"--help"}},
		{"-h", "action=help", {"-h"}},
		{"--help all", "action=help all", {"--help", "all"}},
		{"-h all", "action=help all", {"-h", "all"}},
		{"--version", "action=version", {"-V"}},
		{"what is behind does not matter", "action=version", {"-V", "--nosuch"}},
		{"what is before does", "unknown option --nosuch-thing", {"--nosuch-thing", "-V"}},
		{"the last of a group", "action=help", {"-sh"}},
		{"help for something",
	         "--help: \"curl\": there is --help and --help all",
	         {"--help", "curl"}},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		case_meaning(cases[i].name, cases[i].args, cases[i].expected);
}

static void help_is_help_whatever_option_follows(void **state)
{
	(void)state;
	case_meaning("in a group of letters", ARGS("-hs"), "action=help");
	case_meaning("before an option", ARGS("--help", "--json"), "action=help");
}

static void a_command_line_can_be_read_again(void **state)
{
	(void)state;
	for (int i = 0; i < 3; i++) {
		case_meaning("good", ARGS("-sc", "5", "--", "-x"),
		             "items=url:-x concurrency=5 format=silent has_summary=0");
		case_meaning("bad in a group", ARGS("-sW", "u"), "unknown option -W");
		case_meaning("help", ARGS("-h"), "action=help");
	}
}

/* ---- what several options make together ---- */

static void case_body(const char *name, const char *const *args, const char *expected,
                      size_t expected_len)
{
	struct parsed p;

	parse_good_list(&p, args);
	case_true(name, p.cli.config.request.has_body);
	case_text(name, p.cli.config.request.method, "POST");
	case_bytes(name, p.cli.config.request.body.data, p.cli.config.request.body.len, expected,
	           expected_len);
	parsed_release(&p);
}

static void data_is_joined_and_read_from_files(void **state)
{
	static const char data[] = "a\r\nb\n\nc\0d\n";
	int saved = dup(STDIN_FILENO), fds[2];

	(void)state;
	write_file("file", data, sizeof(data) - 1);
	case_body("one", ARGS("u", "-d", "a=1"), "a=1", 3);
	case_body("two", ARGS("u", "-d", "a=1", "-d", "b=2"), "a=1&b=2", 7);
	case_body("three, of both kinds", ARGS("u", "-d", "a", "--data-binary", "b", "-d", "c"),
	          "a&b&c", 5);
	case_body("an empty one and another", ARGS("u", "-d", "", "-d", "b"), "&b", 2);
	case_body("newlines that were typed stay", ARGS("u", "-d", "a\r\nb\n"), "a\r\nb\n", 5);
	case_body("those of a file go", ARGS("u", "-d", "@file"), "abcd", 4);
	case_body("or stay", ARGS("u", "--data-binary", "@file"), data, sizeof(data) - 1);
	case_body("a file behind another", ARGS("u", "-d", "x\n", "-d", "@file"), "x\n&abcd", 7);
	case_body("a file before another", ARGS("u", "-d", "@file", "-d", "x\n"), "abcd&x\n", 7);
	case_body("an @ that is not the first", ARGS("u", "-d", "a@file"), "a@file", 6);

	assert_int_equal(pipe(fds), 0);
	assert_int_equal(write(fds[1], "from\nstdin", 10), 10);
	close(fds[1]);
	dup2(fds[0], STDIN_FILENO);
	close(fds[0]);
	case_body("standard input", ARGS("u", "-d", "@-"), "fromstdin", 9);
	dup2(saved, STDIN_FILENO);
	close(saved);

	write_file("file", "", 0);
	case_body("an empty file", ARGS("u", "-d", "@file"), "", 0);
}

static void headers_are_read_from_files(void **state)
{
	static const struct {
		const char *name, *file, *expected;
	} cases[] = {
		{"one", "A: 1\n", "HTTPHEADER=A: 1"},
		{"two", "A: 1\nB: 2\n", "HTTPHEADER=A: 1|B: 2"},
		{"no newline at the end", "A: 1\nB: 2", "HTTPHEADER=A: 1|B: 2"},
		{"CRLF", "A: 1\r\nB: 2\r\n", "HTTPHEADER=A: 1|B: 2"},
		{"blank lines", "\nA: 1\n\n\r\nB: 2\n\n", "HTTPHEADER=A: 1|B: 2"},
		{"nothing", "", ""},
		{"lines of blanks", "A: 1\n \t \nB: 2\n \r\n", "HTTPHEADER=A: 1|B: 2"},
		{"comments", "# A: 0\nA: 1\n  # x\n#\nB: #2\n", "HTTPHEADER=A: 1|B: #2"},
		{"a byte order mark",
	         "\xef\xbb\xbf"
	         "A: 1\n",
	         "HTTPHEADER=A: 1"},
		{"one before a comment", "\xef\xbb\xbf# x\nA: 1\n", "HTTPHEADER=A: 1"},
		{"only that", "\xef\xbb\xbf", ""},
		{"one without a colon", "# x\n\nA\n", "--header: file:3: it is not NAME: VALUE"},
		{"one that is bad", "A: 1\nB\n", "--header: file:2: it is not NAME: VALUE"},
		{"one with a control character", "A: \033\n",
	         "--header: file:1: a control character in a header"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		write_file("file", cases[i].file, strlen(cases[i].file));
		case_meaning(cases[i].name, ARGS("u", "-H", "@file"), cases[i].expected);
	}
	write_file("file", "B: 2\nC: 3\n", 10);
	case_meaning("in their order", ARGS("u", "-H", "A: 1", "-H", "@file", "-H", "D: 4"),
	             "HTTPHEADER=A: 1|B: 2|C: 3|D: 4");
}

/* Nothing of a file is dropped without a word. */
static void a_control_character_in_a_file_of_headers_is_refused(void **state)
{
	static const struct {
		const char *name, *file;
		size_t len;
	} cases[] = {
		{"a CR inside a line", "A: 1\rX: y\nB: 2\n", 15},
		{"a NUL inside a line", "A: 1\0X: y\nB: 2\n", 15},
		{"a NUL at the beginning of a line", "A: 1\n\0X: y\nB: 2\n", 16},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		write_file("file", cases[i].file, cases[i].len);
		case_refused(cases[i].name, ARGS("u", "-H", "@file"), "--header: ");
	}
}

static void cookies_are_joined_and_files_are_kept(void **state)
{
	(void)state;
	case_meaning("two", ARGS("u", "-b", "a=1", "-b", "b=2; c=3"), "COOKIE=a=1; b=2; c=3");
	case_meaning("two files", ARGS("u", "-b", "one.txt", "-b", "two.txt"),
	             "cookie_file=one.txt cookie_file=two.txt");
	case_meaning("both, and a jar",
	             ARGS("u", "-b", "a=1", "-b", "one.txt", "-b", "b=2", "--cookie-jar", "j"),
	             "cookie_file=one.txt cookie_jar=j COOKIE=a=1; b=2");
	case_meaning("behind other headers", ARGS("u", "-b", "a=1", "-H", "A: 1"),
	             "HTTPHEADER=A: 1 COOKIE=a=1");
	case_refused("with a line break", ARGS("u", "-b", "a=1\r\nX: y"), "control character");
}

static void without_a_url_the_list_is_standard_input(void **state)
{
	int saved = dup(STDIN_FILENO), null = open("/dev/null", O_RDONLY | O_CLOEXEC);

	(void)state;
	dup2(null, STDIN_FILENO);
	close(null);
	case_meaning("nothing", ARGS("--no-results"), "items=list:- format=silent");
	case_meaning("a list", ARGS("-i", "l"), "items=list:l");
	case_meaning("a URL", ARGS("u"), "");
	case_meaning("an empty URL is one", ARGS(""), "items=url:");
	dup2(saved, STDIN_FILENO);
	close(saved);
}

/* One who names authorities, however, means these and no others. */
static void authorities_come_from_the_environment_unless_they_are_named(void **state)
{
	static const struct {
		const char *name, *bundle, *file, *folder, *option, *expected;
	} cases[] = {
		{"nothing", NULL, NULL, NULL, NULL, ""},
		{"CURL_CA_BUNDLE", "b.pem", NULL, NULL, NULL, "CAINFO=b.pem"},
		{"SSL_CERT_FILE", NULL, "f.pem", NULL, NULL, "CAINFO=f.pem"},
		{"SSL_CERT_DIR", NULL, NULL, "d", NULL, "CAPATH=d"},
		{"the latter two", NULL, "f.pem", "d", NULL, "CAPATH=d CAINFO=f.pem"},
		{"all three", "b.pem", "f.pem", "d", NULL, "CAINFO=b.pem"},
		{"empty ones", "", "", "", NULL, ""},
		{"an empty one before another", "", "f.pem", NULL, NULL, "CAINFO=f.pem"},
		{"--cacert", NULL, NULL, NULL, "--cacert=/dev/null", "CAINFO=/dev/null"},
		{"--cacert and CURL_CA_BUNDLE", "b.pem", NULL, NULL, "--cacert=/dev/null",
	         "CAINFO=/dev/null"},
		{"--cacert and all three", "b.pem", "f.pem", "d", "--cacert=/dev/null",
	         "CAINFO=/dev/null"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct parsed p;
		struct buf text;

		/* Not against a plain command line of the same environment. */
		setenv("CURL_CA_BUNDLE", cases[i].bundle ? cases[i].bundle : "", 1);
		setenv("SSL_CERT_FILE", cases[i].file ? cases[i].file : "", 1);
		setenv("SSL_CERT_DIR", cases[i].folder ? cases[i].folder : "", 1);
		parse_good(&p, "u", cases[i].option ? cases[i].option : "--");
		unsetenv("CURL_CA_BUNDLE");
		unsetenv("SSL_CERT_FILE");
		unsetenv("SSL_CERT_DIR");
		buf_init(&text, BUF_UNLIMITED);
		for (size_t k = 0; k < p.cli.config.request.setting_count; k++) {
			const struct setting *s = &p.cli.config.request.settings[k];

			if (s->id == CURLOPT_CAINFO || s->id == CURLOPT_CAPATH)
				put_setting(&text, s);
		}
		for (size_t k = 0; k < text.len; k++) {
			if (text.data[k] == '\n')
				text.data[k] = k + 1 < text.len ? ' ' : '\0';
		}
		case_text(cases[i].name, text.data, cases[i].expected);
		buf_release(&text);
		parsed_release(&p);
	}
}

/* ---- on a terminal ---- */

/* Puts the far end of a new terminal in the place of fd; returns the near end. */
static int replace_by_terminal(int fd, int *ret_saved)
{
	int near = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC), far;

	assert_true(near >= 0);
	assert_int_equal(grantpt(near), 0);
	assert_int_equal(unlockpt(near), 0);
	far = open(ptsname(near), O_RDWR | O_NOCTTY | O_CLOEXEC);
	assert_true(far >= 0);
	*ret_saved = dup(fd);
	dup2(far, fd);
	close(far);
	return near;
}

static void put_back(int fd, int saved, int near)
{
	dup2(saved, fd);
	close(saved);
	close(near);
}

static void without_a_url_on_a_terminal_there_is_nothing_to_do(void **state)
{
	struct parsed none, list;
	int saved, near = replace_by_terminal(STDIN_FILENO, &saved);

	(void)state;
	parse(&none, "-s");
	parse(&list, "-i", "-");
	put_back(STDIN_FILENO, saved, near);
	assert_err(none.failed, ERR_SYNTAX);
	assert_non_null(strstr(none.e.text, "no URL"));
	assert_err(list.failed, ERR_NONE); /* it was asked for */
	parsed_release(&none);
	parsed_release(&list);
}

static void colors_are_for_terminals_that_want_them(void **state)
{
	static const struct {
		const char *name, *color, *no_color, *term;
		bool on_terminal, on_pipe;
	} cases[] = {
		{"by default", NULL, NULL, "xterm", true, false},
		{"auto", "auto", NULL, "xterm", true, false},
		{"always", "always", NULL, "xterm", true, true},
		{"never", "never", NULL, "xterm", false, false},
		{"NO_COLOR", NULL, "1", "xterm", false, false},
		{"NO_COLOR=0 is one too", NULL, "0", "xterm", false, false},
		/* https://no-color.org: "when present and not an empty string" */
		{"an empty NO_COLOR is none", NULL, "", "xterm", true, false},
		{"NO_COLOR and auto", "auto", "1", "xterm", false, false},
		{"NO_COLOR and always", "always", "1", "xterm", true, true},
		{"NO_COLOR and never", "never", "", "xterm", false, false},
		{"a dumb terminal", NULL, NULL, "dumb", false, false},
		{"a dumb terminal and always", "always", NULL, "dumb", true, true},
		{"no TERM", NULL, NULL, NULL, false, false},
		{"an empty TERM", NULL, NULL, "", false, false},
		{"no TERM and always", "always", NULL, NULL, true, true},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const char *color = cases[i].color ? cases[i].color : "auto";
		struct parsed out, err;
		int saved[2], near[2], pipes[2];
		const char *term = cases[i].term;
		bool is_smart = term && *term && strcmp(term, "dumb") != 0;

		if (cases[i].no_color)
			setenv("NO_COLOR", cases[i].no_color, 1);
		else
			unsetenv("NO_COLOR");
		if (term)
			setenv("TERM", term, 1);
		else
			unsetenv("TERM");
		/* A terminal and a pipe, and the other way round. */
		assert_int_equal(pipe(pipes), 0);
		fflush(stdout);
		near[0] = replace_by_terminal(STDOUT_FILENO, &saved[0]);
		near[1] = replace_by_terminal(STDERR_FILENO, &saved[1]);
		dup2(pipes[1], STDERR_FILENO);
		if (cases[i].color)
			parse(&out, "u", "--color", color);
		else
			parse(&out, "u");
		dup2(STDOUT_FILENO, STDERR_FILENO);
		dup2(pipes[1], STDOUT_FILENO);
		if (cases[i].color)
			parse(&err, "u", "--color", color);
		else
			parse(&err, "u");
		put_back(STDOUT_FILENO, saved[0], near[0]);
		put_back(STDERR_FILENO, saved[1], near[1]);
		close(pipes[0]);
		close(pipes[1]);

		case_int(cases[i].name, out.cli.config.output.has_color, cases[i].on_terminal);
		case_int(cases[i].name, out.cli.config.summary_has_color, cases[i].on_pipe);
		case_int(cases[i].name, err.cli.config.output.has_color, cases[i].on_pipe);
		case_int(cases[i].name, err.cli.config.summary_has_color, cases[i].on_terminal);
		/* So is the line of the progress, whatever its colours. */
		case_int(cases[i].name, out.cli.config.progress, PROGRESS_NONE);
		case_int(cases[i].name, err.cli.config.progress,
		         is_smart ? PROGRESS_LINE : PROGRESS_NONE);
		parsed_release(&out);
		parsed_release(&err);
	}
	unsetenv("NO_COLOR");
	setenv("TERM", "xterm", 1);
}

/* ---- secrets ---- */

/* What others see in the list of processes. */
static void secrets_are_overwritten_in_the_arguments(void **state)
{
	static const struct {
		const char *option, *value, *shown;
	} cases[] = {
		{"--url", "http://me:secret@h/", "http://me:***@h/   "},
		{"--url", "http://m:s@h/path", "http://m:***@h/pa"},
		{"--url", "http://h/a:b@c", "http://h/a:b@c"},
		{"--template", "http://me:secret@h/{}", "http://me:***@h/{}   "},
		{"--follow-url", "http://token@h/{}", "http://***@h/{}  "},
		{"-x", "me:secret@h:3128", "me:***@h:3128   "},
		{"-e", "http://me:secret@h/", "http://me:***@h/   "},
		{"-u", "me:secret", "me:***   "},
		{"-u", "me:a:b", "me:***"},
		{"-u", "token:", "***   "},
		{"-u", "me", "**"},
		{"--oauth2-bearer", "abcdef", "***   "},
		{"-H", "Authorization: Basic abc", "Authorization:***       "},
		{"-H", "x-api-key: abcdef", "x-api-key:***    "},
		{"-H", "Accept: text/html", "Accept: text/html"},
		{"-H", "Token;", "Token;"},
		{"-H", "@/dev/null", "@/dev/null"},
		{"-b", "session=abc; b=c", "session=***     "},
		{"-b", "cookies.txt", "cookies.txt"},
		{"-d", "password=secret", "***            "},
		{"-d", "@/dev/null", "@/dev/null"},
		{"--data-binary", "{\"a\":1}", "***    "},
		{"--cert", "c.pem:secret", "c.pem:***   "},
		{"--cert", "c.pem", "c.pem"},
		{"--curl", "PROXYUSERPWD=a:secret", "PROXYUSERPWD=***     "},
		{"-A", "me:secret@h", "me:secret@h"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const char *const args[] = {cases[i].option,      cases[i].value,
		                            "me:secret@h",        "--",
		                            "http://me:secret@h", NULL};
		struct parsed p;

		parse_list(&p, args);
		case_text(cases[i].value, p.argv[2], cases[i].shown);
		parsed_release(&p);
	}
}

static void the_command_has_no_secrets(void **state)
{
	static const char *const more[] = {"-e",          "http://me:secret@h/",
	                                   "-b",          "a=secret",
	                                   "-w",          "http://me:secret@h/",
	                                   "-d",          "secret",
	                                   "-A",          "",
	                                   "http://h/?a", "http://h/b",
	                                   NULL};
	static const char *const rows[] = {"--template", "http://h/{}", "secret", "secret", NULL};
	struct parsed p;

	(void)state;
	parse_good(&p, "-u", "me:secret", "-HAuthorization: Bearer secret", "-H", "Accept: */*",
	           "--url=http://me:secret@h/it's", "--oauth2-bearer", "secret", "-x",
	           "me:secret@proxy", "--cert", "/dev/null:secret", "--curl",
	           "PROXYUSERPWD=me:secret", "secret@h/a");
	case_text("masked and quoted", strchr(p.cli.config.output.command, ' '),
	          " -u 'me:***' '-HAuthorization:***' -H 'Accept: */*' "
	          "'--url=http://me:***@h/it'\\''s' --oauth2-bearer '***' -x 'me:***@proxy' "
	          "--cert '/dev/null:***' --curl 'PROXYUSERPWD=***' '***@h/a'");
	parsed_release(&p);
	parse_list(&p, more);
	case_text("without queries", strchr(p.cli.config.output.command, ' '),
	          " -e 'http://me:***@h/' -b 'a=***' -w 'http://me:***@h/' -d '***' -A '' "
	          "'http://h/?***' http://h/b");
	parsed_release(&p);
	parse_list(&p, rows);
	case_text("without values", strchr(p.cli.config.output.command, ' '),
	          " --template 'http://h/{}' ... (2 more)");
	parsed_release(&p);
}

static void a_long_command_is_cut(void **state)
{
	char *words[700] = {"gather"};
	bool is_url[700] = {false};
	struct command_line command = {.argc = COUNT(words), .argv = words, .is_url = is_url};
	struct buf out;

	(void)state;
	for (size_t i = 1; i < COUNT(words); i++)
		words[i] = "-Hxxxxxxxxxxxxxxxxxx";
	buf_init(&out, BUF_UNLIMITED);
	conceal_put_command(&out, &command);
	case_true("options", out.len < 4100 && strstr(out.data, " ... (508 more)"));
	buf_clear(&out);
	for (size_t i = 2; i < COUNT(words); i++)
		is_url[i] = true;
	conceal_put_command(&out, &command);
	case_true("URLs", out.len < 120 && strstr(out.data, " ... (695 more)"));
	buf_release(&out);
}

static void secrets_are_used_although_they_are_overwritten(void **state)
{
	struct parsed p;

	(void)state;
	parse_good(&p, "a:b@h", "--url=c:d@h", "--follow=/a", "--follow-url=e:f@h/{}", "-ug:i",
	           "-HCookie: j", "-dm", "--", "n:o@h");
	assert_string_equal(p.argv[1], "a:***");
	assert_string_equal(p.argv[5], "-ug:*");
	assert_string_equal(p.cli.config.source.items[0].text, "a:b@h");
	assert_string_equal(p.cli.config.source.items[1].text, "c:d@h");
	assert_string_equal(p.cli.config.source.items[2].text, "n:o@h");
	assert_string_equal(p.cli.config.derive.follow_url, "e:f@h/{}");
	assert_string_equal(fetch_options_text(&p.cli.config.request, "USERPWD"), "g:i");
	assert_string_equal(fetch_options_header(&p.cli.config.request, 0), "Cookie: j");
	assert_string_equal(p.cli.config.request.body.data, "m");
	parsed_release(&p);
}

/* ---- the table itself ---- */

static void names_and_letters_are_there_once(void **state)
{
	(void)state;
	for (size_t i = 0; i < option_count; i++) {
		const struct option_spec *o = &option_table[i];

		for (size_t k = 0; k < i; k++) {
			case_true(o->name, strcmp(o->name, option_table[k].name) != 0);
			case_true(o->name, !o->letter || o->letter != option_table[k].letter);
		}
		case_true(o->name, (o->arg == ARG_NONE) == !o->metavar);
		case_true(o->name, (o->arg == ARG_CHOICE) == (o->choices != NULL));
		case_true(o->name, option_group_name(o->group) != NULL);
		case_true(o->name, !o->is_essential || o->help);
		/* A line of --help all is at most 80 columns wide. */
		case_true(o->name, !o->help || strlen(o->help) <= 80 - 29);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_option_means_what_the_manual_says),
		cmocka_unit_test(every_option_has_a_case),
		cmocka_unit_test(a_bad_value_is_refused_by_name),
		cmocka_unit_test(a_choice_is_one_word),
		cmocka_unit_test(what_takes_a_value_wants_one_and_the_others_none),
		cmocka_unit_test(what_is_unknown_is_said_and_what_it_may_have_been),
		cmocka_unit_test(an_option_of_curl_is_ours_or_is_refused_by_name),
		cmocka_unit_test(a_letter_of_curl_is_ours_or_is_refused_by_name),
		cmocka_unit_test(switches_of_curl_that_are_turned_off_are_refused_by_name),
		cmocka_unit_test(a_hint_names_an_option_that_there_is),
		cmocka_unit_test(data_for_curls_json_is_refused),
		cmocka_unit_test(a_url_is_no_list),
		cmocka_unit_test(what_excludes_each_other_is_refused),
		cmocka_unit_test(columns_without_a_template_are_refused),
		cmocka_unit_test(what_a_comparison_has_no_use_for_is_refused),
		cmocka_unit_test(so_is_a_method_that_has_no_data),
		cmocka_unit_test(the_words_of_a_command_line_in_their_order),
		cmocka_unit_test(an_option_may_be_cut_short),
		cmocka_unit_test(help_and_version_end_the_reading),
		cmocka_unit_test(help_is_help_whatever_option_follows),
		cmocka_unit_test(a_command_line_can_be_read_again),
		cmocka_unit_test(data_is_joined_and_read_from_files),
		cmocka_unit_test(headers_are_read_from_files),
		cmocka_unit_test(a_control_character_in_a_file_of_headers_is_refused),
		cmocka_unit_test(cookies_are_joined_and_files_are_kept),
		cmocka_unit_test(without_a_url_the_list_is_standard_input),
		cmocka_unit_test(authorities_come_from_the_environment_unless_they_are_named),
		cmocka_unit_test(without_a_url_on_a_terminal_there_is_nothing_to_do),
		cmocka_unit_test(colors_are_for_terminals_that_want_them),
		cmocka_unit_test(secrets_are_overwritten_in_the_arguments),
		cmocka_unit_test(the_command_has_no_secrets),
		cmocka_unit_test(a_long_command_is_cut),
		cmocka_unit_test(secrets_are_used_although_they_are_overwritten),
		cmocka_unit_test(names_and_letters_are_there_once),
	};
	int failed;

	if (transfer_global_init(NULL))
		return 1;
	unit_begin();
	failed = cmocka_run_group_tests(tests, folder_setup, folder_teardown);
	transfer_global_release();
	return failed;
}
