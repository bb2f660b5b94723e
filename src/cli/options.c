#include "cli/options.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/units.h"
#include "cli/cli.h"
#include "cli/settings.h"
#include "cli/range.h"
#include "input/template.h"
#include "output/file_name.h"
#include "output/format.h"
#include "output/write_out.h"
#include "transfer/field.h"
#include "transfer/guard.h"

enum { MAX_CONCURRENCY = 100000, USUAL_HOSTS = 10, MAX_HOSTS = 1000 };

/* ---- what is more than a value for a member ---- */

static enum err call_url(struct cli *cli, const char *value, struct error *e)
{
	(void)e;
	cli_add_item(cli, false, value);
	return ERR_NONE;
}

/* "-i URL" is curl's: with the headers of the response. */
static enum err call_input_file(struct cli *cli, const char *value, struct error *e)
{
	struct stat status;

	if (strstr(value, "://") && (stat(value, &status) || S_ISDIR(status.st_mode)))
		return error_set(e, ERR_SYNTAX,
		                 "takes a file with URLs, not a URL (response headers: --headers)");
	cli_add_item(cli, true, value);
	return ERR_NONE;
}

static enum err call_template(struct cli *cli, const char *value, struct error *e)
{
	struct template **url = &cli->templates.url;

	if (!*value)
		return error_set(e, ERR_SYNTAX, "takes a URL with variables like {name}");
	template_free(*url);
	*url = NULL;
	return template_new(value, strlen(value), TEMPLATE_URL, url, e);
}

static enum err call_csv_delimiter(struct cli *cli, const char *value, struct error *e)
{
	bool is_tab = !strcasecmp(value, "tab") || !strcmp(value, "\\t");
	char c = is_tab ? '\t' : *value;

	if (!c || (!is_tab && value[1]) || strchr("\"\r\n", c) || (unsigned char)c >= 0x80)
		return error_set(e, ERR_SYNTAX,
		                 "\"%s\" is not one character, such as ; or TAB, but no quote",
		                 value);
	cli->config.source.csv_delimiter = c;
	return ERR_NONE;
}

static enum err call_shard(struct cli *cli, const char *value, struct error *e)
{
	struct source_options *source = &cli->config.source;
	char *share = mem_text(value), *slash = strchr(share, '/');
	enum err failed = ERR_SYNTAX;

	if (slash) {
		*slash = '\0';
		failed = units_parse_uint(slash + 1, 1, 1000000, &source->shards);
		if (!failed)
			failed = units_parse_uint(share, 1, source->shards, &source->shard);
	}
	free(share);
	return failed ? error_set(e, failed, "\"%s\" is not a share like 1/4", value) : ERR_NONE;
}

static enum err call_next(struct cli *cli, const char *value, struct error *e)
{
	return derive_set_next(&cli->config.derive, value, e);
}

static enum err call_follow(struct cli *cli, const char *value, struct error *e)
{
	return derive_add_follow(&cli->config.derive, value, e);
}

static enum err call_follow_url(struct cli *cli, const char *value, struct error *e)
{
	return derive_set_follow_url(&cli->config.derive, value, e);
}

static enum err call_request(struct cli *cli, const char *value, struct error *e)
{
	return fetch_options_set_method(&cli->config.request, value, e);
}

/* A line of a file of headers. Blank ones and comments are passed over. */
static enum err add_header_line(struct cli *cli, char *line, struct error *e)
{
	size_t len = strlen(line);

	if (len && line[len - 1] == '\r')
		line[len - 1] = '\0';
	if (!line[strspn(line, " \t")] || line[strspn(line, " \t")] == '#')
		return ERR_NONE;
	return fetch_options_add_header(&cli->config.request, line, e);
}

static enum err add_headers_of_file(struct cli *cli, const char *path, struct error *e)
{
	static const char mark[] = "\xef\xbb\xbf";
	struct error words = {""};
	size_t number = 1;
	struct buf text;
	enum err failed;
	char *at, *line;

	buf_init(&text, (size_t)1 << 20);
	failed = file_read(path, &text, e);
	if (!failed && memchr(text.data, '\0', text.len))
		failed = error_set(e, ERR_SYNTAX, "a NUL in %s", path);
	at = text.data;
	if (!strncmp(at, mark, strlen(mark)))
		at += strlen(mark);
	for (; !failed && (line = strsep(&at, "\n")); number++) {
		if (add_header_line(cli, line, &words))
			failed = error_set(e, ERR_SYNTAX, "%s:%zu: %s", path, number, words.text);
	}
	buf_release(&text);
	return failed;
}

static enum err call_header(struct cli *cli, const char *value, struct error *e)
{
	return *value == '@' ? add_headers_of_file(cli, value + 1, e)
	                     : fetch_options_add_header(&cli->config.request, value, e);
}

/* "URL;auto" is the first Referer, and libcurl's own after a redirect. */
static enum err call_referer(struct cli *cli, const char *value, struct error *e)
{
	struct fetch_options *request = &cli->config.request;
	static const char suffix[] = ";auto";
	size_t len = strlen(value), suffix_len = strlen(suffix);
	bool is_auto = len >= suffix_len && !strcmp(value + len - suffix_len, suffix);
	char *url = mem_bytes(value, len - (is_auto ? suffix_len : 0));
	enum err failed = ERR_NONE;

	fetch_options_unset(request, "AUTOREFERER");
	fetch_options_unset(request, "REFERER");
	if (is_auto)
		fetch_options_set_number(request, "AUTOREFERER", 1);
	if (*url)
		failed = fetch_options_set(request, "REFERER", url, e);
	free(url);
	return failed;
}

static enum err call_range(struct cli *cli, const char *value, struct error *e)
{
	struct buf range;
	enum err failed;

	buf_init(&range, BUF_UNLIMITED);
	failed = range_parse(value, &range, e);
	if (!failed)
		failed = fetch_options_set(&cli->config.request, "RANGE", range.data, e);
	buf_release(&range);
	return failed;
}

/* Several are joined with '&', as in curl. */
static enum err add_data(struct cli *cli, const char *value, bool keeps_newlines, struct error *e)
{
	struct fetch_options *request = &cli->config.request;
	struct buf *body = &request->body;
	size_t start;
	enum err failed;

	if (request->has_body && buf_add(body, "&", 1))
		return error_set(e, ERR_LIMIT, "more than 1 GiB of data");
	request->has_body = true;
	start = body->len;
	failed =
		*value == '@' ? file_read(value + 1, body, e) : buf_add(body, value, strlen(value));
	if (!failed && *value == '@' && !keeps_newlines) {
		size_t end = start;
		for (size_t i = start; i < body->len; i++) {
			if (!strchr("\r\n", body->data[i])) /* drops NUL too */
				body->data[end++] = body->data[i];
		}
		buf_cut(body, end);
	}
	return failed;
}

static enum err call_data(struct cli *cli, const char *value, struct error *e)
{
	return add_data(cli, value, false, e);
}

static enum err call_data_binary(struct cli *cli, const char *value, struct error *e)
{
	return add_data(cli, value, true, e);
}

static enum err call_oauth2_bearer(struct cli *cli, const char *value, struct error *e)
{
	return fetch_options_set_bearer(&cli->config.request, value, e);
}

/* NAME=VALUE is sent as it is, anything else is a file to read cookies from. */
static enum err call_cookie(struct cli *cli, const char *value, struct error *e)
{
	struct session_options *session = &cli->config.session;

	if (strchr(value, '=')) {
		if (field_has_control(value, strlen(value)))
			return error_set(e, ERR_SYNTAX, "has a control character");
		buf_put_text(&cli->cookies, cli->cookies.len ? "; " : "");
		buf_put_text(&cli->cookies, value);
		return ERR_NONE;
	}
	cli->cookie_files = mem_resize(cli->cookie_files, session->cookie_file_count + 1,
	                               sizeof(*cli->cookie_files));
	cli->cookie_files[session->cookie_file_count++] = value;
	session->cookie_files = cli->cookie_files;
	return ERR_NONE;
}

static enum err call_cookie_jar(struct cli *cli, const char *value, struct error *e)
{
	/* libcurl would mix it into the results. */
	if (!*value || !strcmp(value, "-"))
		return error_set(e, ERR_SYNTAX, "takes the name of a file");
	cli->config.session.cookie_jar = value;
	return ERR_NONE;
}

/* libcurl passes over what it cannot read. */
static enum err set_mapping(struct cli *cli, const char *name, const char *value, int colons,
                            const char *form, struct error *e)
{
	int count = 0;

	for (const char *p = value; *p; p++)
		count += *p == ':';
	if (count < colons)
		return error_set(e, ERR_SYNTAX, "\"%s\" is not %s", value, form);
	return fetch_options_set(&cli->config.request, name, value, e);
}

static enum err call_resolve(struct cli *cli, const char *value, struct error *e)
{
	return set_mapping(cli, "RESOLVE", value, *value == '-' ? 1 : 2, "HOST:PORT:ADDRESS", e);
}

static enum err call_connect_to(struct cli *cli, const char *value, struct error *e)
{
	return set_mapping(cli, "CONNECT_TO", value, 3, "HOST1:PORT1:HOST2:PORT2", e);
}

/* FILE or FILE:PASSWORD; a backslash keeps a colon in the name. */
static enum err call_cert(struct cli *cli, const char *value, struct error *e)
{
	struct buf file;
	enum err failed;

	buf_init(&file, BUF_UNLIMITED);
	for (; *value && *value != ':'; value++) {
		if (*value == '\\' && (value[1] == ':' || value[1] == '\\'))
			value++;
		buf_put_byte(&file, *value);
	}
	failed = settings_set(&cli->config.request, "SSLCERT", file.data, e);
	if (!failed && *value == ':')
		failed = fetch_options_set(&cli->config.request, "KEYPASSWD", value + 1, e);
	buf_release(&file);
	return failed;
}

static enum err call_proto(struct cli *cli, const char *value, struct error *e)
{
	return fetch_options_set_protocols(&cli->config.request, value, e);
}

static enum err call_proto_default(struct cli *cli, const char *value, struct error *e)
{
	return fetch_options_set_default_protocol(&cli->config.request, value, e);
}

static enum err call_max_filesize(struct cli *cli, const char *value, struct error *e)
{
	struct fetch_options *request = &cli->config.request;

	if (units_parse_size(value, &request->max_body_bytes))
		return error_set(e, ERR_SYNTAX, "\"%s\" is not a size like 512, 10k or 1.5M",
		                 value);
	/* What the server announces is refused at once; what comes is counted. */
	fetch_options_set_number(request, "MAXFILESIZE_LARGE", request->max_body_bytes);
	return ERR_NONE;
}

static enum err call_curl(struct cli *cli, const char *value, struct error *e)
{
	const char *equals = strchr(value, '=');
	char *name;
	enum err failed;

	if (!equals) /* what it is instead may be a secret */
		return error_set(e, ERR_SYNTAX, "it is not NAME=VALUE");
	name = mem_bytes(value, (size_t)(equals - value));
	failed = settings_set(&cli->config.request, name, equals + 1, e);
	free(name);
	return failed;
}

static enum err call_sequential(struct cli *cli, const char *value, struct error *e)
{
	(void)value;
	(void)e;
	cli->config.schedule.concurrency = 1;
	cli->config.schedule.chunk = 1; /* so that none goes ahead of one that is tried again */
	return ERR_NONE;
}

static enum err call_compare(struct cli *cli, const char *value, struct error *e)
{
	struct compare_options *compare = &cli->config.compare;
	char *words, *at, *word;
	enum err failed = ERR_NONE;

	compare->level_count = 0;
	if (!value) {
		compare->levels[compare->level_count++] = 1; /* and -c, when that is known */
		return ERR_NONE;
	}
	words = at = mem_text(value);
	while (!failed && (word = strsep(&at, ","))) {
		size_t i = compare->level_count++;

		failed = i < COMPARE_LEVELS
		                 ? units_parse_uint(word, i ? compare->levels[i - 1] + 1 : 1,
		                                    MAX_CONCURRENCY, &compare->levels[i])
		                 : ERR_LIMIT;
	}
	free(words);
	if (failed || compare->level_count < 2)
		return error_set(e, ERR_SYNTAX,
		                 "\"%s\" is not 2 to %d rising numbers like 1,10,100", value,
		                 COMPARE_LEVELS);
	return ERR_NONE;
}

static enum err call_rate(struct cli *cli, const char *value, struct error *e)
{
	return rate_parse(value, &cli->config.schedule.rate, e);
}

static enum err call_host_rate(struct cli *cli, const char *value, struct error *e)
{
	return rate_parse(value, &cli->config.schedule.host_rate, e);
}

static enum err call_retry_on(struct cli *cli, const char *value, struct error *e)
{
	struct retry_options *retry = &cli->config.retry;

	retry->has_statuses = true;
	return statuses_parse(value, retry->statuses, e);
}

static enum err call_accept(struct cli *cli, const char *value, struct error *e)
{
	return fetch_options_set_accept(&cli->config.request, value, e);
}

static enum err call_jsonl(struct cli *cli, const char *value, struct error *e)
{
	(void)value;
	(void)e;
	cli->config.output.format = &format_jsonl;
	return ERR_NONE;
}

static enum err call_json(struct cli *cli, const char *value, struct error *e)
{
	(void)value;
	(void)e;
	cli->config.output.format = &format_json;
	return ERR_NONE;
}

static enum err call_csv(struct cli *cli, const char *value, struct error *e)
{
	(void)value;
	(void)e;
	cli->config.output.format = &format_csv;
	return ERR_NONE;
}

static enum err call_csv_safe(struct cli *cli, const char *value, struct error *e)
{
	cli->config.output.has_safe_cells = true;
	return call_csv(cli, value, e);
}

static enum err call_extract(struct cli *cli, const char *value, struct error *e)
{
	return extract_list_add(&cli->config.extracts, value, e);
}

static enum err call_exec(struct cli *cli, const char *value, struct error *e)
{
	if (!*value)
		return error_set(e, ERR_SYNTAX, "takes a command");
	cli->config.exec.command = value;
	return ERR_NONE;
}

static enum err call_cat(struct cli *cli, const char *value, struct error *e)
{
	(void)value;
	(void)e;
	cli->config.output.format = &format_cat;
	return ERR_NONE;
}

/* Whatever is on the disk. */
static bool is_directory_name(const char *path)
{
	const char *slash = strrchr(path, '/'), *last = slash ? slash + 1 : path;

	return *path && (!*last || !strcmp(last, ".") || !strcmp(last, ".."));
}

static enum err call_output(struct cli *cli, const char *value, struct error *e)
{
	if (is_directory_name(value))
		return error_set(e, ERR_SYNTAX, "%s is a directory (use --output-dir %s)", value,
		                 value);
	if (!strcmp(value, "-"))
		return call_cat(cli, value, e);
	file_name_free(cli->config.file_name);
	cli->config.file_name = NULL;
	return file_name_parse(value, &cli->config.file_name, e);
}

static enum err call_remote_name(struct cli *cli, const char *value, struct error *e)
{
	(void)value;
	return call_output(cli, REMOTE_NAME, e);
}

static enum err call_skip_existing(struct cli *cli, const char *value, struct error *e)
{
	(void)value;
	(void)e;
	cli->config.if_exists = STORE_SKIP;
	return ERR_NONE;
}

static enum err call_overwrite(struct cli *cli, const char *value, struct error *e)
{
	(void)value;
	(void)e;
	cli->config.if_exists = STORE_OVERWRITE;
	return ERR_NONE;
}

/* Line ends of a file are no part of the format, as in curl. */
static enum err read_format(const char *path, struct buf *text, struct error *e)
{
	enum err failed = file_read(path, text, e);
	size_t end = 0;

	if (failed)
		return failed;
	if (memchr(text->data, '\0', text->len))
		return error_set(e, ERR_SYNTAX, "a NUL in %s", path);
	for (size_t i = 0; i < text->len; i++) {
		if (!strchr("\r\n", text->data[i]))
			text->data[end++] = text->data[i];
	}
	buf_cut(text, end);
	return ERR_NONE;
}

static enum err call_write_out(struct cli *cli, const char *value, struct error *e)
{
	struct write_out *w = NULL;
	struct buf text;
	enum err failed = ERR_NONE;

	buf_init(&text, (size_t)1 << 20);
	if (*value == '@')
		failed = read_format(value + 1, &text, e);
	if (!failed)
		w = write_out_parse(*value == '@' ? text.data : value, e);
	buf_release(&text);
	if (!w)
		return failed ? failed : ERR_SYNTAX;
	write_out_free(cli->write_out);
	cli->write_out = w;
	cli->config.output.write_out = w;
	cli->config.output.format = &format_write_out;
	return ERR_NONE;
}

static enum err call_silent(struct cli *cli, const char *value, struct error *e)
{
	(void)value;
	(void)e;
	cli->is_silent = true;
	return ERR_NONE;
}

static enum err call_show_error(struct cli *cli, const char *value, struct error *e)
{
	(void)value;
	(void)e;
	cli->shows_errors = true;
	return ERR_NONE;
}

static enum err call_no_results(struct cli *cli, const char *value, struct error *e)
{
	(void)value;
	(void)e;
	cli->has_no_results = true;
	return ERR_NONE;
}

/* It is written when the run has ended: better to hear now that it cannot be. */
static struct guard *guard_of(struct cli *cli)
{
	struct session_options *session = &cli->config.session;

	if (!session->guard)
		session->guard = guard_new();
	return session->guard;
}

static enum err call_deny_private(struct cli *cli, const char *value, struct error *e)
{
	(void)value;
	(void)e;
	guard_deny_private(guard_of(cli));
	return ERR_NONE;
}

static enum err call_deny_net(struct cli *cli, const char *value, struct error *e)
{
	return guard_add(guard_of(cli), value, false, e);
}

static enum err call_allow_net(struct cli *cli, const char *value, struct error *e)
{
	return guard_add(guard_of(cli), value, true, e);
}

static enum err call_report(struct cli *cli, const char *value, struct error *e)
{
	if (!*value)
		return error_set(e, ERR_SYNTAX, "takes the name of a file");
	cli->config.output.report = value;
	return file_check_replaceable(value, e);
}

static enum err call_host_stats(struct cli *cli, const char *value, struct error *e)
{
	uint64_t *rows = &cli->config.output.host_stats;

	*rows = USUAL_HOSTS;
	if (value && units_parse_uint(value, 1, MAX_HOSTS, rows))
		return error_set(e, ERR_SYNTAX, "\"%s\" is not a whole number from 1 to %d", value,
		                 MAX_HOSTS);
	return ERR_NONE;
}

static enum err call_fields(struct cli *cli, const char *value, struct error *e)
{
	return field_list_add(&cli->config.output.fields, value, e);
}

static enum err call_color(struct cli *cli, const char *value, struct error *e)
{
	(void)e;
	cli->color = value;
	return ERR_NONE;
}

static enum err call_progress(struct cli *cli, const char *value, struct error *e)
{
	(void)e;
	cli->progress = value ? value : "none"; /* --no-progress */
	return ERR_NONE;
}

static enum err call_help(struct cli *cli, const char *value, struct error *e)
{
	if (value && strcmp(value, "all") != 0)
		return error_set(e, ERR_SYNTAX, "\"%s\": there is --help and --help all", value);
	cli->action = value ? ACTION_HELP_ALL : ACTION_HELP;
	return ERR_NONE;
}

static enum err call_version(struct cli *cli, const char *value, struct error *e)
{
	(void)value;
	(void)e;
	cli->action = ACTION_VERSION;
	return ERR_NONE;
}

static enum err call_completions(struct cli *cli, const char *value, struct error *e)
{
	(void)e;
	cli->action = ACTION_COMPLETIONS;
	cli->shell = value;
	return ERR_NONE;
}

/* ---- the table ---- */

#define AT(member)     offsetof(struct config, member)
#define ON(member)     .target = TO_ON, .offset = AT(member)
#define OFF(member)    .target = TO_OFF, .offset = AT(member)
#define NUMBER(member) .target = TO_NUMBER, .offset = AT(member)
#define TEXT(member)   .target = TO_TEXT, .offset = AT(member)
#define SETTINGS(text) .target = TO_SETTINGS, .settings = (text)
#define CALL(fn)       .target = TO_CALL, .call = (fn)
#define NOT_COMPARED   .is_not_compared = true

#define I GROUP_INPUT
#define R GROUP_REQUEST
#define N GROUP_CONNECTION
#define C GROUP_CONCURRENCY
#define T GROUP_TIME
#define O GROUP_OUTPUT
#define X GROUP_OTHER

enum { DAY_S = 86400 };
#define MS_US  INT64_C(1000)
#define MAX_US (INT64_C(1000) * DAY_S * 1000000)

/* clang-format off */
const struct option_spec option_table[] = {
	{"input-file", 'i', I, true, ARG_FILE, "FILE",
	 "fetch the URLs in FILE, one a line; - is stdin", CALL(call_input_file)},
	{"url", 0, I, false, ARG_TEXT, "URL", "fetch URL", CALL(call_url), .secret = SECRET_URL},
	{"globoff", 'g', I, false, ARG_NONE, NULL,
	 "take {} and [] in URLs as they are", OFF(source.globs_urls)},
	{"glob", 0, I, false, ARG_NONE, NULL,
	 "expand {a,b} and [1-100] in lists too", ON(source.globs_lists)},
	{"urls-only", 0, I, false, ARG_NONE, NULL,
	 "take no job lines from lists", ON(source.is_urls_only)},
	{"template", 0, I, true, ARG_TEXT, "TEMPLATE",
	 "fill TEMPLATE from each line: {}, or its {name}s", CALL(call_template),
	 .secret = SECRET_URL},
	{"csv-input", 0, I, false, ARG_NONE, NULL,
	 "lists are CSV; the first record names the columns", ON(source.is_csv)},
	{"csv-delimiter", 0, I, false, ARG_TEXT, "C",
	 "fields of CSV lists are separated by C, or TAB (,)", CALL(call_csv_delimiter)},
	{"unique", 0, I, false, ARG_NONE, NULL,
	 "drop repeated requests", ON(source.is_unique)},
	{"shard", 0, I, false, ARG_TEXT, "I/N",
	 "keep share I of N, split by host", CALL(call_shard)},
	{"next", 0, I, true, ARG_TEXT, "PLACE",
	 "go to the next page: link, or a JSON pointer to it", CALL(call_next), NOT_COMPARED},
	{"max-pages", 0, I, false, ARG_NUMBER, "N",
	 "have at most N pages of each (1000)", NUMBER(derive.max_pages), .min = 1, .max = 1000000},
	{"next-sequential", 0, I, false, ARG_NONE, NULL,
	 "never fetch pages at once", ON(derive.is_sequential)},
	{"follow", 0, I, true, ARG_TEXT, "POINTER",
	 "fetch what is found there in JSON answers", CALL(call_follow), NOT_COMPARED},
	{"follow-url", 0, I, true, ARG_TEXT, "TEMPLATE",
	 "the URL of what is found, which {} stands for", CALL(call_follow_url),
	 .secret = SECRET_URL},
	{"follow-headers", 0, I, false, ARG_NONE, NULL,
	 "send -H to other origins too, but no logins", ON(request.sends_headers)},
	{"depth", 0, I, false, ARG_NUMBER, "N",
	 "follow at most N steps", NUMBER(derive.max_depth), .min = 1, .max = 1000000},
	{"max-requests", 0, I, false, ARG_NUMBER, "N",
	 "derive at most N requests (100000)", NUMBER(derive.max_requests),
	 .min = 1, .max = 1000000000},
	{"dry-run", 0, I, true, ARG_NONE, NULL,
	 "print the requests and stop", ON(is_dry_run)},

	{"request", 'X', R, true, ARG_TEXT, "METHOD", "use this method", CALL(call_request)},
	{"header", 'H', R, true, ARG_TEXT, "HEADER",
	 "send NAME: VALUE; @FILE reads them from FILE", CALL(call_header),
	 .secret = SECRET_HEADER},
	{"data", 'd', R, true, ARG_TEXT, "DATA",
	 "send DATA as a form; @FILE reads a file", CALL(call_data), .secret = SECRET_DATA},
	{"data-binary", 0, R, false, ARG_TEXT, "DATA",
	 "the same, but keep the newlines of a file", CALL(call_data_binary),
	 .secret = SECRET_DATA},
	{"user-agent", 'A', R, false, ARG_TEXT, "NAME",
	 "send this User-Agent", SETTINGS("USERAGENT=%")},
	{"referer", 'e', R, false, ARG_TEXT, "URL",
	 "send this Referer; with ;auto, on redirects its own", CALL(call_referer),
	 .secret = SECRET_URL},
	{"user", 'u', R, true, ARG_TEXT, "USER:PASS",
	 "log in with HTTP authentication", SETTINGS("USERPWD=%"), .secret = SECRET_LOGIN},
	{"oauth2-bearer", 0, R, false, ARG_TEXT, "TOKEN",
	 "log in with a bearer token", CALL(call_oauth2_bearer), .secret = SECRET_TOKEN},
	{"netrc", 'n', R, false, ARG_NONE, NULL,
	 "take logins from ~/.netrc", SETTINGS("NETRC=1")},
	{"cookie", 'b', R, false, ARG_TEXT, "DATA",
	 "send NAME=VALUE, or read cookies from a file", CALL(call_cookie),
	 .secret = SECRET_VALUE},
	{"cookie-jar", 0, R, false, ARG_FILE, "FILE",
	 "write cookies to FILE at the end", CALL(call_cookie_jar), NOT_COMPARED},
	{"head", 'I', R, true, ARG_NONE, NULL,
	 "ask for the headers only", ON(request.wants_head)},
	{"range", 'r', R, false, ARG_TEXT, "RANGE",
	 "ask for these bytes: 0-499, 500- or -500", CALL(call_range)},
	{"compressed", 0, R, true, ARG_NONE, NULL,
	 "ask for compressed answers and decode them", SETTINGS("ACCEPT_ENCODING=")},
	{"max-filesize", 0, R, false, ARG_TEXT, "BYTES",
	 "fail bodies that are larger", CALL(call_max_filesize)},
	{"location", 'L', R, false, ARG_NONE, NULL,
	 "follow redirects; they are by default", SETTINGS("FOLLOWLOCATION=1")},
	{"no-location", 0, R, false, ARG_NONE, NULL,
	 "do not follow redirects", SETTINGS("FOLLOWLOCATION=0")},
	{"max-redirs", 0, R, false, ARG_NUMBER, "N",
	 "follow at most N redirects (10)", SETTINGS("MAXREDIRS=%"), .min = 0, .max = 10000},

	{"proxy", 'x', N, false, ARG_TEXT, "URL", "go through this proxy", SETTINGS("PROXY=%"),
	 .secret = SECRET_URL},
	{"noproxy", 0, N, false, ARG_TEXT, "HOSTS",
	 "but not to these hosts", SETTINGS("NOPROXY=%")},
	{"deny-private", 0, N, false, ARG_NONE, NULL,
	 "connect to no private or special address", CALL(call_deny_private)},
	{"deny-net", 0, N, false, ARG_TEXT, "NET",
	 "nor to one in NET, such as 192.0.2.0/24", CALL(call_deny_net)},
	{"allow-net", 0, N, false, ARG_TEXT, "NET",
	 "but to one in NET", CALL(call_allow_net)},
	{"allow-proxy", 0, N, false, ARG_NONE, NULL,
	 "let a proxy connect to what it likes", ON(allows_proxy)},
	{"insecure", 'k', N, true, ARG_NONE, NULL,
	 "do not verify certificates", SETTINGS("SSL_VERIFYPEER=0 SSL_VERIFYHOST=0")},
	{"cacert", 0, N, false, ARG_FILE, "FILE",
	 "trust the authorities in FILE", SETTINGS("CAINFO=%")},
	{"cert", 0, N, false, ARG_TEXT, "FILE[:PASS]",
	 "show this client certificate", CALL(call_cert), .secret = SECRET_FILE},
	{"key", 0, N, false, ARG_FILE, "FILE", "its private key", SETTINGS("SSLKEY=%")},
	{"http1.1", 0, N, false, ARG_NONE, NULL, "use HTTP/1.1", SETTINGS("HTTP_VERSION=2")},
	{"http2", 0, N, false, ARG_NONE, NULL,
	 "use HTTP/2 where the server does", SETTINGS("HTTP_VERSION=3")},
	{"http2-prior-knowledge", 0, N, false, ARG_NONE, NULL,
	 "use HTTP/2 without asking", SETTINGS("HTTP_VERSION=5")},
	{"http3", 0, N, false, ARG_NONE, NULL,
	 "use HTTP/3 where the server does", SETTINGS("HTTP_VERSION=30")},
	{"ipv4", '4', N, false, ARG_NONE, NULL, "use IPv4 only", SETTINGS("IPRESOLVE=1")},
	{"ipv6", '6', N, false, ARG_NONE, NULL, "use IPv6 only", SETTINGS("IPRESOLVE=2")},
	{"resolve", 0, N, false, ARG_TEXT, "HOST:PORT:ADDR",
	 "take ADDR for HOST", CALL(call_resolve)},
	{"connect-to", 0, N, false, ARG_TEXT, "H1:P1:H2:P2",
	 "connect to H2:P2 instead of H1:P1", CALL(call_connect_to)},
	{"unix-socket", 0, N, false, ARG_FILE, "PATH",
	 "connect to this socket", SETTINGS("UNIX_SOCKET_PATH=%")},
	{"interface", 0, N, false, ARG_TEXT, "NAME",
	 "connect from this interface or address", SETTINGS("INTERFACE=%")},
	{"proto", 0, N, false, ARG_TEXT, "LIST",
	 "allow these protocols (http,https)", CALL(call_proto)},
	{"proto-default", 0, N, false, ARG_TEXT, "NAME",
	 "of URLs that name none (http)", CALL(call_proto_default)},
	{"limit-rate", 0, N, false, ARG_SIZE, "BYTES",
	 "of each transfer, in a second",
	 SETTINGS("MAX_RECV_SPEED_LARGE=% MAX_SEND_SPEED_LARGE=%"), .min = 1},
	{"curl", 0, N, false, ARG_TEXT, "NAME=VALUE",
	 "set any other option of libcurl", CALL(call_curl), .secret = SECRET_VALUE},

	{"concurrency", 'c', C, true, ARG_NUMBER, "N",
	 "have at most N transfers in flight (100)", NUMBER(schedule.concurrency), .min = 1, .max = MAX_CONCURRENCY},
	{"parallel-max", 0, C, false, ARG_NUMBER, "N", NULL, NUMBER(schedule.concurrency),
	 .min = 1, .max = MAX_CONCURRENCY},
	{"per-host", 0, C, true, ARG_NUMBER, "N",
	 "of these, at most N to one host", NUMBER(schedule.per_host), .min = 1, .max = 100000},
	{"sequential", 0, C, true, ARG_NONE, NULL,
	 "one at a time, in order", CALL(call_sequential), NOT_COMPARED},
	{"chunk", 0, C, true, ARG_NUMBER, "N",
	 "begin N, gather all of them, then the next N", NUMBER(schedule.chunk), .min = 1, .max = 1000000000},
	{"chunk-pause", 0, C, false, ARG_TIME, "TIME",
	 "wait between chunks", NUMBER(schedule.chunk_pause_us)},
	{"rate", 0, C, true, ARG_TEXT, "N/UNIT",
	 "start at most N requests a UNIT: 10/s, 100/m, 5/15s", CALL(call_rate)},
	{"host-rate", 0, C, true, ARG_TEXT, "N/UNIT",
	 "the same for each host", CALL(call_host_rate)},
	{"first", 0, C, true, ARG_NUMBER, "N",
	 "stop after N successes and cancel the rest", NUMBER(first), .min = 1, .max = 1000000000,
	 NOT_COMPARED},
	{"fail-early", 0, C, true, ARG_NONE, NULL,
	 "stop at the first failure and cancel the rest", ON(fails_early), NOT_COMPARED},
	{"compare", 0, C, true, ARG_TEXT, "LEVELS",
	 "run all at each of these and compare (1,-c)", CALL(call_compare), .is_value_optional = true},
	{"repeat", 0, C, false, ARG_NUMBER, "R",
	 "each so many times, with --compare (1)", NUMBER(compare.repeats), .min = 1, .max = 1000},
	{"threads", 0, C, false, ARG_NUMBER, "N",
	 "use N network threads (one per core, at most 4)", NUMBER(threads), .min = 1, .max = 64},
	{"backend", 0, C, false, ARG_CHOICE, "NAME",
	 "of libev: epoll, poll, select, ...", TEXT(backend),
	 .choices = "epoll poll select linuxaio iouring kqueue"},

	{"max-time", 'm', T, true, ARG_TIME, "TIME",
	 "give up on an attempt after TIME", SETTINGS("TIMEOUT_MS=%"), .min = MS_US},
	{"connect-timeout", 0, T, false, ARG_TIME, "TIME",
	 "give up connecting after TIME (30)", SETTINGS("CONNECTTIMEOUT_MS=%"), .min = MS_US},
	{"speed-time", 'y', T, false, ARG_NUMBER, "SECONDS",
	 "fail when slower than -Y for so long (60)", SETTINGS("LOW_SPEED_TIME=%"),
	 .min = 0, .max = DAY_S},
	{"speed-limit", 'Y', T, false, ARG_SIZE, "BYTES",
	 "a second (1)", SETTINGS("LOW_SPEED_LIMIT=%")},
	{"deadline", 0, T, true, ARG_TIME, "TIME",
	 "end the whole run after TIME", NUMBER(deadline_us), .min = MS_US},
	{"retry", 0, T, true, ARG_NUMBER, "N",
	 "try again, up to N times, what may yet succeed (0)", NUMBER(retry.retries),
	 .min = 0, .max = 1000000},
	{"retry-delay", 0, T, false, ARG_TIME, "TIME",
	 "wait TIME before each (1 s, then 2 s, 4 s, ...)", NUMBER(retry.delay_us)},
	{"retry-max-time", 0, T, false, ARG_TIME, "TIME",
	 "not later than TIME after the first attempt", NUMBER(retry.max_time_us)},
	{"retry-all-errors", 0, T, false, ARG_NONE, NULL,
	 "whatever the error, and whatever the method", ON(retry.is_any_error)},
	{"retry-on", 0, T, false, ARG_TEXT, "LIST",
	 "on these statuses, like 425,500-599", CALL(call_retry_on)},
	{"retry-after-max", 0, T, false, ARG_TIME, "TIME",
	 "pause a host that asks for it at most TIME (120)", NUMBER(retry.pause_max_us)},

	{"jsonl", 0, O, true, ARG_NONE, NULL, "a JSON object a line", CALL(call_jsonl),
	 NOT_COMPARED},
	{"json", 0, O, true, ARG_NONE, NULL,
	 "one JSON document: results and summary", CALL(call_json)},
	{"csv", 0, O, true, ARG_NONE, NULL, "comma-separated values", CALL(call_csv)},
	{"csv-safe", 0, O, false, ARG_NONE, NULL,
	 "the same, with nothing that spreadsheets run", CALL(call_csv_safe)},
	{"write-out", 'w', O, true, ARG_TEXT, "FORMAT",
	 "text with variables, like '%{http_code} %{url}\\n'", CALL(call_write_out), NOT_COMPARED},
	{"fields", 0, O, true, ARG_TEXT, "LIST",
	 "the members or columns of these, like url,http_code", CALL(call_fields), NOT_COMPARED},
	{"ordered", 0, O, true, ARG_NONE, NULL,
	 "results in input order", ON(output.is_ordered), NOT_COMPARED},
	{"headers", 0, O, true, ARG_NONE, NULL,
	 "put response headers into JSON", ON(request.keeps_headers), NOT_COMPARED},
	{"body", 0, O, true, ARG_NONE, NULL,
	 "put response bodies into JSON", ON(request.keeps_body), NOT_COMPARED},
	{"extract", 0, O, true, ARG_TEXT, "NAME=POINTER",
	 "put what is there in a JSON answer into results", CALL(call_extract), NOT_COMPARED},
	{"cat", 0, O, true, ARG_NONE, NULL,
	 "bodies, one after another and whole", CALL(call_cat), NOT_COMPARED},
	{"remote-name", 'O', O, true, ARG_NONE, NULL,
	 "save bodies as files named as in the URL", CALL(call_remote_name), NOT_COMPARED},
	{"output", 'o', O, true, ARG_TEXT, "TEMPLATE",
	 "save bodies as files like {host}/{name}; - is --cat", CALL(call_output), NOT_COMPARED},
	{"remote-header-name", 'J', O, false, ARG_NONE, NULL,
	 "name them as the server says (Content-Disposition)", ON(request.keeps_disposition),
	 NOT_COMPARED},
	{"output-dir", 0, O, true, ARG_FILE, "DIR",
	 "the folder to save files in", TEXT(output_dir), NOT_COMPARED},
	{"skip-existing", 0, O, true, ARG_NONE, NULL,
	 "fetch nothing whose file is there", CALL(call_skip_existing), NOT_COMPARED},
	{"overwrite", 0, O, false, ARG_NONE, NULL,
	 "replace files; else the next free name is taken", CALL(call_overwrite), NOT_COMPARED},
	{"checksum", 0, O, false, ARG_CHOICE, "ALGO",
	 "put sha256 of each body into results", ON(request.keeps_checksum), .choices = "sha256",
	 NOT_COMPARED},
	{"accept", 0, O, false, ARG_TEXT, "LIST",
	 "the statuses that are a success, like 200-299,404", CALL(call_accept)},
	{"exec", 0, O, true, ARG_TEXT, "COMMAND",
	 "run COMMAND for each success, with the body", CALL(call_exec), NOT_COMPARED},
	{"exec-jobs", 0, O, false, ARG_NUMBER, "N",
	 "run at most N of them at once (one per core)", NUMBER(exec.jobs), .min = 1, .max = 1000},
	{"exec-timeout", 0, O, false, ARG_TIME, "TIME",
	 "end a command after TIME", NUMBER(exec.timeout_us), .min = MS_US},
	{"resume", 0, O, true, ARG_FILE, "FILE",
	 "log results in FILE, and skip what is done there", TEXT(resume), NOT_COMPARED},
	{"report", 0, O, true, ARG_FILE, "FILE",
	 "write FILE, an HTML page with pictures of the run", CALL(call_report)},
	{"title", 0, O, false, ARG_TEXT, "TEXT",
	 "the heading of the page of --report", TEXT(output.title)},
	{"waterfall", 0, O, true, ARG_NONE, NULL,
	 "draw the requests over time, in the terminal", ON(has_waterfall), NOT_COMPARED},
	{"host-stats", 0, O, false, ARG_TEXT, "N",
	 "in the summary, the N worst and largest hosts (10)", CALL(call_host_stats),
	 .is_value_optional = true, NOT_COMPARED},
	{"silent", 's', O, true, ARG_NONE, NULL,
	 "print only what other options ask for", CALL(call_silent), NOT_COMPARED},
	{"show-error", 'S', O, true, ARG_NONE, NULL,
	 "with -s, print a line for each failed request", CALL(call_show_error), NOT_COMPARED},
	{"no-results", 0, O, true, ARG_NONE, NULL,
	 "print no result lines", CALL(call_no_results), NOT_COMPARED},
	{"no-summary", 0, O, true, ARG_NONE, NULL, "no summary", OFF(has_summary)},
	{"progress", 0, O, false, ARG_CHOICE, "MODE",
	 "auto, line, plain, json or none", CALL(call_progress),
	 .choices = "auto line plain json none"},
	{"no-progress", 0, O, false, ARG_NONE, NULL, "no progress", CALL(call_progress)},
	{"color", 0, O, false, ARG_CHOICE, "WHEN",
	 "auto, always or never", CALL(call_color), .choices = "auto always never"},

	{"help", 'h', X, true, ARG_NONE, NULL,
	 "these options; --help all for all of them", CALL(call_help)},
	{"version", 'V', X, true, ARG_NONE, NULL,
	 "versions and features", CALL(call_version)},
	{"completions", 0, X, false, ARG_CHOICE, "SHELL",
	 "print completions for bash, zsh or fish", CALL(call_completions),
	 .choices = "bash zsh fish"},
};
/* clang-format on */

const size_t option_count = sizeof(option_table) / sizeof(option_table[0]);

const char *option_group_name(enum option_group group)
{
	static const char *const names[GROUPS] = {
		[GROUP_INPUT] = "Input",
		[GROUP_REQUEST] = "Requests",
		[GROUP_CONNECTION] = "Connections",
		[GROUP_CONCURRENCY] = "Concurrency",
		[GROUP_TIME] = "Time and retry",
		[GROUP_OUTPUT] = "Output",
		[GROUP_OTHER] = "Other",
	};
	return names[group];
}
