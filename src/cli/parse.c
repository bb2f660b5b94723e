#include "cli/cli.h"

#include <assert.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/outputs.h"
#include "base/file.h"
#include "base/json_read.h"
#include "base/mem.h"
#include "base/units.h"
#include "cli/curl_options.h"
#include "cli/options.h"
#include "cli/settings.h"
#include "cli/refuse.h"
#include "output/file_name.h"
#include "output/format.h"
#include "output/write_out.h"
#include "policy/resume.h"
#include "transfer/guard.h"

enum {
	DEFAULT_CONCURRENCY = 100,
	DEFAULT_PAUSE_MAX_US = 120 * 1000000,
	/* In order, so many results may wait for an earlier one, and never fewer than twice -c. */
	ORDER_WINDOW = 8192,
	/* getopt's value of a long option: this and its place in the table, ours or curl's. */
	LONG_ONLY = 256,
	CURL_ONLY = 4096,
};

void cli_add_item(struct cli *cli, bool is_list, const char *text)
{
	struct source_options *source = &cli->config.source;

	cli->items = mem_resize(cli->items, source->count + 1, sizeof(*cli->items));
	cli->items[source->count++] = (struct source_item){is_list, mem_text(text)};
	source->items = cli->items;
}

void cli_release(struct cli *cli)
{
	for (size_t i = 0; i < cli->config.source.count; i++)
		free((char *)cli->items[i].text);
	fetch_options_release(&cli->config.request);
	derive_options_release(&cli->config.derive);
	guard_free(cli->config.session.guard);
	file_name_free(cli->config.file_name);
	field_list_release(&cli->config.output.fields);
	field_list_release(&cli->config.output.log_fields);
	row_templates_release(&cli->templates);
	buf_release(&cli->command);
	buf_release(&cli->cookies);
	extract_list_release(&cli->config.extracts);
	write_out_free(cli->write_out);
	free(cli->items);
	free(cli->cookie_files);
}

/* ---- one option ---- */

static bool is_choice(const char *choices, const char *value)
{
	size_t len = strcspn(value, " ");

	for (const char *at = choices; len && !value[len] && (at = strstr(at, value)); at += len) {
		if ((at == choices || at[-1] == ' ') && (!at[len] || at[len] == ' '))
			return true;
	}
	return false;
}

/* Checks a value; what is a number is put into *ret_number. */
static enum err check_value(const struct option_spec *o, const char *value, int64_t *ret_number,
                            struct error *e)
{
	uint64_t number;

	switch (o->arg) {
	case ARG_NUMBER:
		if (!units_parse_uint(value, (uint64_t)o->min, (uint64_t)o->max, &number)) {
			*ret_number = (int64_t)number;
			return ERR_NONE;
		}
		return error_set(e, ERR_SYNTAX, "\"%s\" is not a whole number from %lld to %lld",
		                 value, (long long)o->min, (long long)o->max);
	case ARG_SIZE:
		if (!units_parse_size(value, ret_number) && *ret_number >= o->min)
			return ERR_NONE;
		return error_set(e, ERR_SYNTAX, "\"%s\" is not a size like 512, 10k or 1.5M",
		                 value);
	case ARG_TIME:
		if (units_parse_duration(value, ret_number))
			return error_set(e, ERR_SYNTAX,
			                 "\"%s\" is not a time like 2, 0.5, 250ms or 1m", value);
		if (*ret_number && *ret_number < o->min)
			return error_set(e, ERR_SYNTAX, "\"%s\" is shorter than 1 ms", value);
		return ERR_NONE;
	case ARG_CHOICE:
		if (is_choice(o->choices, value))
			return ERR_NONE;
		return error_set(e, ERR_SYNTAX, "\"%s\" is not one of: %s", value, o->choices);
	case ARG_NONE:
	case ARG_TEXT:
	case ARG_FILE: break;
	}
	return ERR_NONE;
}

/* Sets each NAME=VALUE of the option's settings, with the value for a "%". */
static enum err apply_settings(struct cli *cli, const struct option_spec *o, const char *value,
                               int64_t number, struct error *e)
{
	char *words = mem_text(o->settings), *at = words, *name;
	enum err failed = ERR_NONE;

	while (!failed && (name = strsep(&at, " "))) {
		char *equals = strchr(name, '=');
		char *set;

		assert(equals);
		*equals++ = '\0';
		if (strcmp(equals, "%") != 0)
			set = mem_text(equals);
		else if (o->arg == ARG_NUMBER || o->arg == ARG_SIZE || o->arg == ARG_TIME)
			set = mem_printf("%lld",
			                 (long long)(o->arg == ARG_TIME ? number / 1000 : number));
		else
			set = mem_text(value);
		failed = settings_set(&cli->config.request, name, set, e);
		free(set);
	}
	free(words);
	return failed;
}

static enum err apply(struct cli *cli, const struct option_spec *o, const char *value,
                      struct error *e)
{
	char *member = (char *)&cli->config + o->offset;
	int64_t number = 0;
	enum err failed = check_value(o, value, &number, e);

	if (failed)
		return failed;
	switch (o->target) {
	case TO_ON: *(bool *)member = true; break;
	case TO_OFF: *(bool *)member = false; break;
	case TO_TEXT: *(const char **)member = value; break;
	case TO_NUMBER: *(int64_t *)member = number; break;
	case TO_SETTINGS: return apply_settings(cli, o, value, number, e);
	case TO_CALL: return o->call(cli, value, e);
	}
	return ERR_NONE;
}

/* ---- the command line ---- */

/* What getopt_long wants to know, made from the table. */
struct getopt_tables {
	struct option *longs;
	struct buf letters;
};

/*
 * The names of curl that are not ours, after ours: getopt finds each of them as it is, and takes
 * nothing for an abbreviation that may be one of them.
 */
static void add_names_of_curl(struct option *longs)
{
	size_t count = option_count;

	for (size_t i = 0; i < curl_option_count; i++) {
		const char *name = curl_option_table[i].name;
		size_t ours = 0;

		while (ours < option_count && strcmp(option_table[ours].name, name) != 0)
			ours++;
		if (ours == option_count)
			longs[count++] =
				(struct option){name, optional_argument, NULL, CURL_ONLY + (int)i};
	}
}

static void make_tables(struct getopt_tables *tables)
{
	tables->longs = mem_zero(option_count + curl_option_count + 1, sizeof(struct option));
	buf_init(&tables->letters, BUF_UNLIMITED);
	/* '-': plain arguments come in their order. ':': a missing value is told from no option. */
	buf_put_text(&tables->letters, "-:");
	add_names_of_curl(tables->longs);
	for (size_t i = 0; i < option_count; i++) {
		const struct option_spec *o = &option_table[i];
		int takes = o->arg == ARG_NONE     ? no_argument
		            : o->is_value_optional ? optional_argument
		                                   : required_argument;

		tables->longs[i] = (struct option){o->name, takes, NULL, LONG_ONLY + (int)i};
		if (o->letter) {
			buf_put_byte(&tables->letters, o->letter);
			/* One for a value, two for one that may be missing. */
			for (int colons = 0; colons < takes; colons++)
				buf_put_byte(&tables->letters, ':');
		}
	}
}

static const struct option_spec *find_option(int value)
{
	if (value >= CURL_ONLY)
		return NULL;
	if (value >= LONG_ONLY)
		return &option_table[value - LONG_ONLY];
	for (size_t i = 0; i < option_count; i++) {
		if (option_table[i].letter == value)
			return &option_table[i];
	}
	return NULL;
}

/* getopt says only that something is wrong: find out what the user typed. */
static enum err complain(int value, char **argv, struct error *e)
{
	const struct option_spec *o = optopt ? find_option(optopt) : NULL;

	if (value == ':') {
		assert(o);
		return error_set(e, ERR_SYNTAX, "--%s takes %s", o->name, o->metavar);
	}
	if (o && optopt >= LONG_ONLY)
		return !strcmp(o->name, "json")
		               ? refuse_json_data(e)
		               : error_set(e, ERR_SYNTAX, "--%s takes no value", o->name);
	return optopt ? refuse_letter((char)optopt, e) : refuse_word(argv[optind - 1], e);
}

/* The words that may follow an option without being asked for: "--help all", "--compare 1,10". */
static bool takes_next(const struct option_spec *o, const char *next)
{
	if (!strcmp(o->name, "help"))
		return *next != '-';
	return o->is_value_optional && *next && !next[strspn(next, "0123456789,")];
}

static enum err take_option(struct cli *cli, int value, int argc, char **argv, struct error *e)
{
	const struct option_spec *o = find_option(value);
	char *text = optarg;
	struct error words;
	enum err failed;

	if (value >= CURL_ONLY)
		return refuse_curl_option(&curl_option_table[value - CURL_ONLY], e);
	assert(o);
	if (!text && optind < argc && takes_next(o, argv[optind]))
		text = argv[optind++];
	if (o->is_not_compared)
		cli->not_compared = o->name;
	if (!strcmp(o->name, "json") && optind < argc && is_json_data(argv[optind]))
		cli->has_json_data = true;
	failed = apply(cli, o, text, &words);
	conceal(text, o->secret);
	if (failed)
		return error_set(e, failed, "--%s: %s", o->name, words.text);
	return ERR_NONE;
}

static void take_url(struct cli *cli, char *url)
{
	cli_add_item(cli, false, url);
	conceal(url, SECRET_URL);
}

/* is_url[i]: whether argv[i] turns out to be one. */
static enum err parse_arguments(struct cli *cli, int argc, char **argv, bool *is_url,
                                struct error *e)
{
	struct getopt_tables tables;
	enum err failed = ERR_NONE;
	int value;

	make_tables(&tables);
	opterr = 0;
	optind = 0; /* glibc: forget an earlier command line */
	while (!failed && cli->action == ACTION_RUN &&
	       (value = getopt_long(argc, argv, tables.letters.data, tables.longs, NULL)) != -1) {
		if (value == 1) {
			is_url[optind - 1] = true;
			take_url(cli, optarg);
		} else if (value == '?' || value == ':') {
			failed = complain(value, argv, e);
		} else {
			failed = take_option(cli, value, argc, argv, e);
		}
	}
	/* What is behind a "--". */
	for (; !failed && cli->action == ACTION_RUN && optind < argc; optind++) {
		is_url[optind] = true;
		take_url(cli, argv[optind]);
	}
	free(tables.longs);
	buf_release(&tables.letters);
	return failed;
}

/* Whether fd is a terminal that can do more than letters. */
static bool is_smart_terminal(int fd)
{
	const char *term = getenv("TERM");

	return isatty(fd) && term && *term && strcmp(term, "dumb") != 0;
}

static bool wants_color(const struct cli *cli, int fd)
{
	const char *no_color = getenv("NO_COLOR");

	if (cli->color && strcmp(cli->color, "auto") != 0)
		return !strcmp(cli->color, "always");
	return !(no_color && *no_color) && is_smart_terminal(fd);
}

static enum progress_mode choose_progress(const struct cli *cli)
{
	static const char *const names[] = {
		[PROGRESS_NONE] = "none",
		[PROGRESS_LINE] = "line",
		[PROGRESS_PLAIN] = "plain",
		[PROGRESS_JSON] = "json",
	};

	for (size_t mode = 0; cli->progress && mode < sizeof(names) / sizeof(names[0]); mode++) {
		if (!strcmp(cli->progress, names[mode]))
			return (enum progress_mode)mode;
	}
	return is_smart_terminal(STDERR_FILENO) ? PROGRESS_LINE : PROGRESS_NONE;
}

static void add_fields(struct field_list *fields, const char *names)
{
	if (field_list_add(fields, names, NULL))
		abort();
}

static void add_checksum(struct field_list *fields)
{
	if (!field_list_has(fields, "checksum"))
		add_fields(fields, "checksum");
}

static bool has_extract(const struct field_list *fields)
{
	for (size_t i = 0; i < fields->count; i++) {
		if (field_extract(fields->fields[i]))
			return true;
	}
	return field_list_has(fields, "extract");
}

/* Whoever names fields has named what is to be seen of commands; values are asked for already. */
static void add_asked(const struct config *config, struct field_list *fields, bool is_named,
                      bool is_csv)
{
	const struct extract_list *extracts = &config->extracts;
	bool adds_extracts = extracts->count && !has_extract(fields);

	if (adds_extracts && !is_csv)
		add_fields(fields, "extract");
	for (size_t i = 0; adds_extracts && is_csv && i < extracts->count; i++) {
		char *name = mem_printf("extract.%s", extracts->extracts[i].name);

		add_fields(fields, name);
		free(name);
	}
	if (config->exec.command && !is_named)
		add_fields(fields, is_csv ? "exec.exitcode,exec.stdout,exec.stderr" : "exec");
}

/* All there is to know, whatever the results on standard output have. */
static void settle_log(struct config *config)
{
	struct output_options *output = &config->output;
	const struct fetch_options *request = &config->request;

	add_fields(&output->log_fields, RESUME_FIELDS);
	field_list_add_all(&output->log_fields, request->keeps_headers, request->keeps_body);
	if (request->keeps_checksum)
		add_checksum(&output->log_fields);
	add_asked(config, &output->log_fields, false, false);
}

/* What the run itself needs of answers is not what results show. */
static void settle_needs(struct cli *cli)
{
	struct config *config = &cli->config;
	const struct format *format = config->output.format;

	/* A command reads a body that is a file from there; what was written into has none. */
	if (config->exec.command && (!config->file_name || cli->writes_into))
		config->request.needs_body = true;
	if (config->extracts.count) {
		config->request.needs_body = true;
		config->request.max_kept_bytes = JSON_MAX_BYTES;
	}
	derive_keep(&config->derive, &config->request);
	config->exec.prints_errors =
		config->exec.command &&
		(format == &format_text || format == &format_silent || format == &format_cat);
}

/* What -s leaves of standard error: all that an option asks for. */
static void settle_end(struct cli *cli)
{
	struct config *config = &cli->config;

	config->has_host_summary = config->has_summary && config->output.host_stats;
	config->prints_failures = cli->shows_errors && (cli->is_silent || cli->has_no_results);
	if (!cli->is_silent)
		return;
	config->has_summary = false;
	if (!cli->progress)
		cli->progress = "none";
}

static void settle_output(struct cli *cli)
{
	struct output_options *output = &cli->config.output;
	struct fetch_options *request = &cli->config.request;
	bool is_named = output->fields.count > 0;

	/* Bodies are no result lines. */
	if (output->format == &format_cat)
		request->keeps_body = true;
	else if (cli->has_no_results ||
	         (cli->is_silent && output->format == &format_text && !is_named))
		output->format = &format_silent;
	if (!is_named)
		field_list_add_all(&output->fields, request->keeps_headers, request->keeps_body);
	if (request->keeps_checksum)
		add_checksum(&output->fields);
	add_asked(&cli->config, &output->fields, is_named, output->format == &format_csv);
	for (size_t i = 0; i < output->fields.count; i++)
		field_keep(output->fields.fields[i], request);
	if (cli->config.resume)
		settle_log(&cli->config);
	/* What the format needs is for itself: it does not add to the log, or to %{json}. */
	if (output->format == &format_write_out)
		write_out_keep(output->write_out, request);
	settle_needs(cli);
	output->has_color = wants_color(cli, STDOUT_FILENO);
	output->is_terminal = isatty(STDOUT_FILENO);
	output->window = 2 * cli->config.schedule.concurrency;
	if (output->window < ORDER_WINDOW)
		output->window = ORDER_WINDOW;
	settle_end(cli);
	cli->config.summary_has_color = wants_color(cli, STDERR_FILENO);
	cli->config.progress = choose_progress(cli);
}

/* Not as a header: those of files and servers go into the same one (RFC 6265, 5.4). */
static enum err settle_cookies(struct cli *cli, struct error *e)
{
	return cli->cookies.len
	               ? fetch_options_set(&cli->config.request, "COOKIE", cli->cookies.data, e)
	               : ERR_NONE;
}

static enum err set_from_environment(struct fetch_options *request, const char *name,
                                     const char *variable, struct error *e)
{
	const char *value = getenv(variable);

	return value && *value ? fetch_options_set(request, name, value, e) : ERR_NONE;
}

/* Which authorities to trust where no option says it: as curl(1), in this order. */
static enum err settle_authorities(struct fetch_options *request, struct error *e)
{
	enum err failed = ERR_NONE;

	if (fetch_options_has(request, "CAINFO") || fetch_options_has(request, "CAPATH"))
		return ERR_NONE;
	failed = set_from_environment(request, "CAINFO", "CURL_CA_BUNDLE", e);
	if (failed || fetch_options_has(request, "CAINFO"))
		return failed;
	failed = set_from_environment(request, "CAPATH", "SSL_CERT_DIR", e);
	if (!failed)
		failed = set_from_environment(request, "CAINFO", "SSL_CERT_FILE", e);
	return failed;
}

/* Where all bodies have one name: whether that is a directory, or is written into. */
static enum err settle_fixed_name(struct cli *cli, struct error *e)
{
	char *path = outputs_fixed_path(&cli->config);
	enum err failed = ERR_NONE;
	struct stat st;

	if (path && !stat(path, &st) && S_ISDIR(st.st_mode))
		failed = error_set(e, ERR_SYNTAX,
		                   "--output: %s is a directory (use --output-dir %s)", path, path);
	cli->writes_into = path && file_is_special(path);
	free(path);
	return failed;
}

/* Who says where, how they are named, or what to do with those that are there, wants files. */
static enum err settle_files(struct config *config, struct error *e)
{
	bool is_meant = config->output_dir || config->if_exists != STORE_NUMBER ||
	                config->request.keeps_disposition;

	/* A job may have a file where there is no name for all of them. */
	config->request.continues = config->retry.retries || config->resume;
	return is_meant && !config->file_name ? file_name_parse(REMOTE_NAME, &config->file_name, e)
	                                      : ERR_NONE;
}

/* What was done before is not asked for again, so nobody knows what its answer would lead to. */
static enum err settle_deriving(const struct config *config, struct error *e)
{
	const struct derive_options *derive = &config->derive;
	const char *skips = config->resume                    ? "--resume"
	                    : config->if_exists == STORE_SKIP ? "--skip-existing"
	                                                      : NULL;

	if (!skips || !derive_is_on(derive))
		return ERR_NONE;
	return error_set(e, ERR_SYNTAX,
	                 "%s and %s exclude each other: what is skipped has no answer that could "
	                 "lead on",
	                 skips, derive->follow_count ? "--follow" : "--next");
}

/* What is shown of answers must be asked for. */
static enum err check_extracts(const struct config *config, const struct field_list *fields,
                               struct error *e)
{
	for (size_t i = 0; i < fields->count; i++) {
		const char *name = field_extract(fields->fields[i]);

		if (name && !extract_list_has(&config->extracts, name))
			return error_set(e, ERR_SYNTAX, "no --extract %s=POINTER for extract.%s",
			                 name, name);
	}
	return ERR_NONE;
}

static enum err settle_extracts(const struct config *config, struct error *e)
{
	const struct output_options *output = &config->output;
	enum err failed = check_extracts(config, &output->fields, e);

	if (!failed && output->write_out)
		failed = check_extracts(config, write_out_extracts(output->write_out), e);
	return failed;
}

static enum err settle_guard(const struct config *config, struct error *e)
{
	const struct guard *guard = config->session.guard;

	if (!guard)
		return ERR_NONE;
	if (!guard_denies(guard))
		return error_set(e, ERR_SYNTAX,
		                 "--allow-net is an exception to --deny-private or --deny-net: "
		                 "there is neither");
	if (fetch_options_has_proxy(&config->request) && !config->allows_proxy)
		return error_set(e, ERR_SYNTAX,
		                 "what a proxy connects to cannot be judged here: use no proxy "
		                 "(--proxy \"\"), or --allow-proxy");
	return ERR_NONE;
}

static enum err settle_comparison(const struct cli *cli, struct config *config, struct error *e)
{
	struct compare_options *compare = &config->compare;

	if (compare->level_count && cli->not_compared)
		return error_set(e, ERR_SYNTAX, "--compare and --%s exclude each other",
		                 cli->not_compared);
	if (compare->repeats && !compare->level_count)
		return error_set(e, ERR_SYNTAX, "--repeat is for --compare; there is none");
	if (!compare->repeats)
		compare->repeats = 1;
	if (compare->level_count == 1) {
		if (config->schedule.concurrency == 1)
			return error_set(e, ERR_SYNTAX,
			                 "--compare: with -c 1 there is one level only");
		compare->levels[compare->level_count++] = config->schedule.concurrency;
	}
	return ERR_NONE;
}

static enum err settle_templates(struct cli *cli, struct error *e)
{
	struct config *config = &cli->config;

	if (config->source.csv_delimiter && !config->source.is_csv)
		return error_set(e, ERR_SYNTAX,
		                 "--csv-delimiter is for --csv-input; there is none");
	if (cli->templates.url) {
		config->source.templates = &cli->templates;
		return row_templates_take(&cli->templates, &config->request, e);
	}
	if (cli->has_json_data)
		return refuse_json_data(e);
	return config->source.is_csv
	               ? error_set(e, ERR_SYNTAX,
	                           "--csv-input is for --template; there is none (--template "
	                           "'{+COLUMN}' takes URLs from a column)")
	               : ERR_NONE;
}

static enum err settle(struct cli *cli, struct error *e)
{
	struct config *config = &cli->config;
	enum err failed = settle_templates(cli, e); /* before what is no template */

	if (!failed)
		failed = settle_cookies(cli, e);
	if (!failed)
		failed = settle_authorities(&config->request, e);
	if (!failed)
		failed = settle_files(config, e);
	if (!failed)
		failed = settle_fixed_name(cli, e);
	if (!failed)
		failed = settle_deriving(config, e);
	if (!failed)
		failed = settle_guard(config, e);
	if (!failed)
		failed = settle_comparison(cli, config, e);
	if (!failed)
		failed = settle_extracts(config, e);
	settle_output(cli);
	if (failed)
		return failed;
	if (!config->source.count) {
		if (isatty(STDIN_FILENO))
			return error_set(e, ERR_SYNTAX, "no URL; try gather --help");
		cli_add_item(cli, true, "-");
	}
	config->source.scheme = fetch_options_text(&config->request, "DEFAULT_PROTOCOL");
	fetch_options_seal(&config->request);
	if (config->request.wants_head && config->request.has_body)
		return error_set(e, ERR_SYNTAX, "--head and --data exclude each other");
	return ERR_NONE;
}

enum err cli_parse(struct cli *cli, int argc, char **argv, struct error *e)
{
	struct command_line command = {.argc = argc, .argv = argv};
	struct config *config = &cli->config;
	enum err failed;
	bool *is_url;

	*cli = (struct cli){0};
	buf_init(&cli->command, BUF_UNLIMITED);
	buf_init(&cli->cookies, BUF_UNLIMITED);
	fetch_options_init(&config->request);
	config->source.globs_urls = true;
	config->source.request = &config->request;
	config->derive.fetch = &config->request;
	config->schedule.concurrency = DEFAULT_CONCURRENCY;
	config->retry.pause_max_us = DEFAULT_PAUSE_MAX_US;
	config->output.format = &format_text;
	config->has_summary = true;

	command.is_url = is_url = mem_zero((size_t)argc, sizeof(*is_url));
	failed = parse_arguments(cli, argc, argv, is_url, e);
	if (!failed && cli->action == ACTION_RUN) {
		command.has_template = cli->templates.url;
		conceal_put_command(&cli->command, &command); /* its secrets are masked now */
		config->output.command = cli->command.data;
		failed = settle(cli, e);
	}
	free(is_url);
	return failed;
}
