/*
 * transfer/options: how to fetch, in libcurl's names.
 */
#include "unit.h"

#include <curl/curl.h>
#include <dirent.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/mem.h"
#include "transfer/options.h"
#include "transfer/session.h"
#include "transfer/setting.h"

/* ---- a folder of its own, since there are options that name files ---- */

static char folder[] = "/tmp/gather-test-options-XXXXXX";

static int folder_setup(void **state)
{
	(void)state;
	return mkdtemp(folder) && !chdir(folder) ? 0 : -1;
}

static int folder_teardown(void **state)
{
	DIR *dir = opendir(".");
	struct dirent *entry;

	(void)state;
	while (dir && (entry = readdir(dir)))
		unlink(entry->d_name);
	return !dir || closedir(dir) || chdir("/") || rmdir(folder) ? -1 : 0;
}

/* ---- what is set, as text ---- */

static const struct setting *find(const struct fetch_options *options, const char *name)
{
	const struct curl_easyoption *o = curl_easy_option_by_name(name);

	assert_non_null(o);
	for (size_t i = 0; i < options->setting_count; i++) {
		if (options->settings[i].id == o->id)
			return &options->settings[i];
	}
	return NULL;
}

/* The value of an option; a list has '|' between its elements; "(unset)". */
static char *value_of(const struct fetch_options *options, const char *name)
{
	const struct setting *s = find(options, name);
	struct buf text;
	size_t len;

	buf_init(&text, BUF_UNLIMITED);
	if (!s) {
		buf_put_text(&text, "(unset)");
	} else if (s->type == CURLOT_LONG || s->type == CURLOT_VALUES) {
		buf_printf(&text, "%ld", s->value.number);
	} else if (s->type == CURLOT_OFF_T) {
		buf_printf(&text, "%lld", (long long)s->value.offset);
	} else if (s->type == CURLOT_STRING) {
		buf_put_text(&text, s->value.text);
	} else if (s->type == CURLOT_SLIST) {
		for (const struct curl_slist *l = s->value.list; l; l = l->next)
			buf_printf(&text, "%s%s", l->data, l->next ? "|" : "");
	} else {
		fail_msg("%s has a type that text cannot say", name);
	}
	return buf_take(&text, &len);
}

static void case_value(const char *name, const struct fetch_options *options, const char *option,
                       const char *expected)
{
	char *value = value_of(options, option);

	case_text(name, value, expected);
	free(value);
}

/* ---- defaults ---- */

static void the_defaults_are_those_of_the_manual(void **state)
{
	static const struct {
		const char *option, *value;
	} cases[] = {
		{"FOLLOWLOCATION", "1"},
		{"MAXREDIRS", "10"},
		{"CONNECTTIMEOUT_MS", "30000"},
		{"LOW_SPEED_LIMIT", "1"},
		{"LOW_SPEED_TIME", "60"},
		{"DEFAULT_PROTOCOL", "http"},
		{"USERAGENT", "gather/" GATHER_VERSION},
		{"PROTOCOLS_STR", "http,https"},
		{"REDIR_PROTOCOLS_STR", "http,https"},
	};
	struct fetch_options options;

	(void)state;
	fetch_options_init(&options);
	for (size_t i = 0; i < COUNT(cases); i++)
		case_value(cases[i].option, &options, cases[i].option, cases[i].value);
	assert_int_equal(options.setting_count, COUNT(cases));
	for (int status = 0; status < STATUS_LIMIT; status++)
		assert_int_equal(options.accepts[status], status < 400);
	assert_null(options.method);
	assert_false(options.has_body);
	assert_false(options.wants_head);
	assert_false(options.keeps_body);
	assert_false(options.keeps_headers);
	assert_int_equal(options.max_body_bytes, 0);
	assert_false(options.is_sealed);
	fetch_options_release(&options);
}

/* ---- fetch_options_set() ---- */

static void an_option_takes_what_its_type_says(void **state)
{
	static const struct {
		const char *option, *text;
		enum err expected;
		const char *value; /* NULL: as the text */
	} cases[] = {
		/* long */
		{"BUFFERSIZE", "65536", ERR_NONE, NULL},
		{"TIMEOUT_MS", "0", ERR_NONE, NULL},
		{"TIMEOUT_MS", "007", ERR_NONE, "7"},
		{"MAXREDIRS", "-1", ERR_NONE, NULL},
		{"MAXREDIRS", "-2", ERR_SYNTAX, NULL}, /* libcurl says so */
		{"TIMEOUT_MS", "1s", ERR_SYNTAX, NULL},
		{"TIMEOUT_MS", "1.5", ERR_SYNTAX, NULL},
		{"TIMEOUT_MS", " 1", ERR_SYNTAX, NULL},
		{"TIMEOUT_MS", "+1", ERR_SYNTAX, NULL},
		{"TIMEOUT_MS", "0x10", ERR_SYNTAX, NULL},
		{"TIMEOUT_MS", "", ERR_SYNTAX, NULL},
		{"TIMEOUT_MS", "many", ERR_SYNTAX, NULL},
		{"TIMEOUT_MS", "9223372036854775808", ERR_SYNTAX, NULL},
		/* long, where only some values are good */
		{"HTTP_VERSION", "2", ERR_NONE, NULL},
		{"HTTP_VERSION", "two", ERR_SYNTAX, NULL},
		{"HTTP_VERSION", "-3", ERR_SYNTAX, NULL},
		{"IPRESOLVE", "1", ERR_NONE, NULL},
		/* curl_off_t */
		{"MAX_RECV_SPEED_LARGE", "1000000000000", ERR_NONE, NULL},
		{"MAX_RECV_SPEED_LARGE", "9223372036854775807", ERR_NONE, NULL},
		{"MAX_RECV_SPEED_LARGE", "9223372036854775808", ERR_SYNTAX, NULL},
		{"MAX_RECV_SPEED_LARGE", "1k", ERR_SYNTAX, NULL},
		/* char * */
		{"USERAGENT", "me/1.0", ERR_NONE, NULL},
		{"USERAGENT", "", ERR_NONE, NULL},
		{"USERAGENT", "two words, \xe2\x82\xac", ERR_NONE, NULL},
		{"ACCEPT_ENCODING", "", ERR_NONE, NULL},
		/* the name in any case */
		{"useragent", "x", ERR_NONE, NULL},
		{"UserAgent", "x", ERR_NONE, NULL},
		{"timeout_ms", "5", ERR_NONE, NULL},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const char *expected = cases[i].value ? cases[i].value : cases[i].text;
		struct fetch_options options;
		struct error e = {""};
		char name[128], *before;

		snprintf(name, sizeof(name), "%s=%s", cases[i].option, cases[i].text);
		fetch_options_init(&options);
		before = value_of(&options, cases[i].option);
		case_err(name, fetch_options_set(&options, cases[i].option, cases[i].text, &e),
		         cases[i].expected);
		/* What is refused changes nothing. */
		case_value(name, &options, cases[i].option, cases[i].expected ? before : expected);
		case_true(name, (*e.text != '\0') == (cases[i].expected != ERR_NONE));
		fetch_options_release(&options);
		free(before);
	}
}

static void what_cannot_be_set_is_refused_with_words(void **state)
{
	static const struct {
		const char *name, *option;
		enum err expected;
		const char *words;
	} cases[] = {
		{"not an option", "NOSUCHOPTION", ERR_SYNTAX, "NOSUCHOPTION"},
		{"nothing", "", ERR_SYNTAX, "no option"},
		{"with its prefix", "CURLOPT_USERAGENT", ERR_SYNTAX, "CURLOPT_USERAGENT"},
		{"the beginning of one", "USERAGEN", ERR_SYNTAX, "USERAGEN"},

		{"a function", "WRITEFUNCTION", ERR_UNSUPPORTED, "WRITEFUNCTION"},
		{"another function", "XFERINFOFUNCTION", ERR_UNSUPPORTED, "XFERINFOFUNCTION"},
		{"a pointer for a function", "WRITEDATA", ERR_UNSUPPORTED, "WRITEDATA"},
		{"an old name of it", "FILE", ERR_UNSUPPORTED, "FILE"},
		{"an object", "SHARE", ERR_UNSUPPORTED, "SHARE"},
		{"a buffer", "ERRORBUFFER", ERR_UNSUPPORTED, "ERRORBUFFER"},
		{"anything", "PRIVATE", ERR_UNSUPPORTED, "PRIVATE"},
		{"bytes that text could say", "POSTFIELDS", ERR_UNSUPPORTED, "POSTFIELDS"},
		{"a blob", "SSLCERT_BLOB", ERR_UNSUPPORTED, "SSLCERT_BLOB"},
		{"a form", "MIMEPOST", ERR_UNSUPPORTED, "MIMEPOST"},

		{"gather's: URL", "URL", ERR_UNSUPPORTED, "URL"},
		{"gather's: url", "url", ERR_UNSUPPORTED, "URL"},
		{"gather's: NOSIGNAL", "NOSIGNAL", ERR_UNSUPPORTED, "NOSIGNAL"},
		{"gather's: CONNECT_ONLY", "CONNECT_ONLY", ERR_UNSUPPORTED, "CONNECT_ONLY"},
		{"gather's: TRANSFERTEXT", "TRANSFERTEXT", ERR_UNSUPPORTED, "TRANSFERTEXT"},
		{"gather's: CURLU", "CURLU", ERR_UNSUPPORTED, "CURLU"},
	};
	struct fetch_options options;

	(void)state;
	fetch_options_init(&options);
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct error e = {""};
		size_t before = options.setting_count;

		case_err(cases[i].name, fetch_options_set(&options, cases[i].option, "1", &e),
		         cases[i].expected);
		if (!strstr(e.text, cases[i].words))
			fail_msg("%s: no \"%s\" in: %s", cases[i].name, cases[i].words, e.text);
		case_err(cases[i].name, fetch_options_set(&options, cases[i].option, "1", NULL),
		         cases[i].expected);
		case_uint(cases[i].name, options.setting_count, before);
	}
	fetch_options_release(&options);
}

/* Each option of this libcurl has an answer: it can be set from a text, or is refused. */
static void every_option_of_libcurl_has_an_answer(void **state)
{
	static const char *const texts[] = {"", "0", "1", "-1", "http", "x"};
	const struct curl_easyoption *o = NULL;
	size_t taken = 0;

	(void)state;
	while ((o = curl_easy_option_next(o))) {
		struct fetch_options options;
		bool is_text = o->type == CURLOT_LONG || o->type == CURLOT_VALUES ||
		               o->type == CURLOT_OFF_T || o->type == CURLOT_STRING ||
		               o->type == CURLOT_SLIST;

		fetch_options_init(&options);
		for (size_t i = 0; i < COUNT(texts); i++) {
			struct error e = {""};
			enum err failed = fetch_options_set(&options, o->name, texts[i], &e);

			if (failed) {
				case_true(o->name,
				          failed == ERR_SYNTAX || failed == ERR_UNSUPPORTED);
				case_true(o->name, strstr(e.text, o->name) != NULL);
			} else {
				case_true(o->name, is_text);
				taken++;
			}
		}
		fetch_options_release(&options);
	}
	assert_true(taken > 300);
}

/* libcurl writes some files when a handle goes: also one that was only made to try an option. */
static void trying_an_option_writes_no_file(void **state)
{
	const struct curl_easyoption *o = NULL;
	struct stat st;

	(void)state;
	while ((o = curl_easy_option_next(o))) {
		struct fetch_options options;
		FILE *file;

		if (o->type != CURLOT_STRING)
			continue;
		fetch_options_init(&options);
		(void)!fetch_options_set(&options, o->name, "new", NULL);
		case_true(o->name, stat("new", &st) != 0);

		file = fopen("precious", "w");
		assert_non_null(file);
		fputs("# precious\n", file);
		fclose(file);
		(void)!fetch_options_set(&options, o->name, "precious", NULL);
		fetch_options_release(&options);
		case_int(o->name, stat("precious", &st), 0);
		case_int(o->name, st.st_size, strlen("# precious\n"));
	}
}

/* HTTP/3 where there is none, Kerberos, ... whichever this libcurl was built without. */
static void what_libcurl_was_built_without_is_unsupported(void **state)
{
	unsigned features = (unsigned)curl_version_info(CURLVERSION_NOW)->features;
	struct fetch_options options;
	struct error e = {""};
	enum err failed;

	(void)state;
	fetch_options_init(&options);
	failed = fetch_options_set(&options, "HTTP_VERSION", "30", &e);
	assert_err(failed, features & CURL_VERSION_HTTP3 ? ERR_NONE : ERR_UNSUPPORTED);
	if (failed) {
		assert_non_null(strstr(e.text, "HTTP_VERSION=30"));
		assert_non_null(strstr(e.text, curl_version_info(CURLVERSION_NOW)->version));
	}
	e.text[0] = '\0';
	/* No libcurl speaks this. */
	assert_err(fetch_options_set(&options, "PROTOCOLS_STR", "nosuch", &e), ERR_UNSUPPORTED);
	assert_non_null(strstr(e.text, "PROTOCOLS_STR"));
	assert_null(strstr(e.text, "nosuch")); /* of other options it is a secret */
	fetch_options_release(&options);
}

static void the_last_one_wins_and_a_list_grows(void **state)
{
	struct fetch_options options;
	size_t count;

	(void)state;
	fetch_options_init(&options);
	assert_err(fetch_options_set(&options, "USERAGENT", "one", NULL), ERR_NONE);
	count = options.setting_count;
	assert_err(fetch_options_set(&options, "useragent", "two", NULL), ERR_NONE);
	case_value("text", &options, "USERAGENT", "two");
	assert_err(fetch_options_set(&options, "MAXREDIRS", "3", NULL), ERR_NONE);
	assert_err(fetch_options_set(&options, "MAXREDIRS", "4", NULL), ERR_NONE);
	case_value("number", &options, "MAXREDIRS", "4");
	fetch_options_set_number(&options, "MAXREDIRS", 5);
	case_value("number from the program", &options, "MAXREDIRS", "5");
	assert_int_equal(options.setting_count, count); /* in their places */

	assert_err(fetch_options_set(&options, "HTTPHEADER", "A: 1", NULL), ERR_NONE);
	assert_err(fetch_options_set(&options, "HTTPHEADER", "B: 2", NULL), ERR_NONE);
	assert_err(fetch_options_set(&options, "HTTPHEADER", "A: 1", NULL), ERR_NONE);
	case_value("list", &options, "HTTPHEADER", "A: 1|B: 2|A: 1");
	assert_err(fetch_options_set(&options, "RESOLVE", "h:80:127.0.0.1", NULL), ERR_NONE);
	case_value("another list", &options, "RESOLVE", "h:80:127.0.0.1");
	case_value("the first one", &options, "HTTPHEADER", "A: 1|B: 2|A: 1");
	fetch_options_release(&options);
}

/* FILE and WRITEDATA are one option, as are ENCODING and ACCEPT_ENCODING. */
static void old_names_are_the_same_option(void **state)
{
	struct fetch_options options;

	(void)state;
	fetch_options_init(&options);
	assert_err(fetch_options_set(&options, "ENCODING", "gzip", NULL), ERR_NONE);
	assert_err(fetch_options_set(&options, "ACCEPT_ENCODING", "br", NULL), ERR_NONE);
	case_value("by the new name", &options, "ACCEPT_ENCODING", "br");
	case_value("by the old name", &options, "ENCODING", "br");
	fetch_options_release(&options);
}

static void texts_are_copied(void **state)
{
	char *agent = mem_text("me"), *header = mem_text("A: 1");
	struct fetch_options options;

	(void)state;
	fetch_options_init(&options);
	assert_err(fetch_options_set(&options, "USERAGENT", agent, NULL), ERR_NONE);
	assert_err(fetch_options_set(&options, "HTTPHEADER", header, NULL), ERR_NONE);
	memset(agent, '?', 2);
	memset(header, '?', 4);
	free(agent);
	free(header);
	case_value("text", &options, "USERAGENT", "me");
	case_value("list", &options, "HTTPHEADER", "A: 1");
	fetch_options_release(&options);
	fetch_options_release(&options); /* nothing is left to be released twice */
}

static void headers_are_found_by_their_number(void **state)
{
	struct fetch_options options;

	(void)state;
	fetch_options_init(&options);
	assert_null(fetch_options_header(&options, 0));
	assert_err(fetch_options_set(&options, "HTTPHEADER", "A: 1", NULL), ERR_NONE);
	assert_err(fetch_options_set(&options, "PROXYHEADER", "P: 1", NULL), ERR_NONE);
	assert_err(fetch_options_set(&options, "HTTPHEADER", "B: 2", NULL), ERR_NONE);
	assert_string_equal(fetch_options_header(&options, 0), "A: 1");
	assert_string_equal(fetch_options_header(&options, 1), "B: 2");
	assert_null(fetch_options_header(&options, 2));
	assert_null(fetch_options_header(&options, SIZE_MAX));
	fetch_options_release(&options);
}

static void a_bearer_token_comes_with_its_method(void **state)
{
	struct fetch_options options;

	(void)state;
	fetch_options_init(&options);
	assert_err(fetch_options_set_bearer(&options, "abc.def", NULL), ERR_NONE);
	case_value("token", &options, "XOAUTH2_BEARER", "abc.def");
	assert_int_equal(find(&options, "HTTPAUTH")->value.number, CURLAUTH_BEARER);
	fetch_options_release(&options);
}

/* What is set can be given to an easy handle: all of it at once. */
static void settings_are_taken_by_an_easy_handle(void **state)
{
	struct fetch_options options;
	CURL *easy = curl_easy_init();

	(void)state;
	fetch_options_init(&options);
	assert_err(fetch_options_set(&options, "HTTPHEADER", "A: 1", NULL), ERR_NONE);
	assert_err(fetch_options_set(&options, "USERAGENT", "me", NULL), ERR_NONE);
	assert_err(fetch_options_set(&options, "MAX_RECV_SPEED_LARGE", "5", NULL), ERR_NONE);
	assert_err(fetch_options_set(&options, "HTTP_VERSION", "2", NULL), ERR_NONE);
	fetch_options_seal(&options);
	for (size_t i = 0; i < options.setting_count; i++)
		assert_int_equal(setting_apply(&options.settings[i], easy), CURLE_OK);
	curl_easy_cleanup(easy);
	fetch_options_release(&options);
}

/* ---- --proto ---- */

static void protocols_are_named_as_in_curl(void **state)
{
	static const struct {
		const char *text;
		enum err expected;
		const char *value, *words;
	} cases[] = {
		{"http", ERR_NONE, "https,http", NULL},
		{"https", ERR_NONE, "http,https", NULL},
		{"=https", ERR_NONE, "https", NULL},
		{"=http,https", ERR_NONE, "http,https", NULL},
		{"=https,http", ERR_NONE, "https,http", NULL},
		{"=http,=https", ERR_NONE, "https", NULL},
		{"=http,+https", ERR_NONE, "http,https", NULL},
		{"-http", ERR_NONE, "https", NULL},
		{"-https", ERR_NONE, "http", NULL},
		{"ftp", ERR_NONE, "http,https,ftp", NULL},
		{"+ftp", ERR_NONE, "http,https,ftp", NULL},
		{"ftp,-http", ERR_NONE, "https,ftp", NULL},
		{"-all,https", ERR_NONE, "https", NULL},
		{"-all,+ftp,+https", ERR_NONE, "ftp,https", NULL},
		{"=all,-all,file", ERR_NONE, "file", NULL},
		{"=file", ERR_NONE, "file", NULL},
		{"HTTP,-https", ERR_NONE, "http", NULL},
		{"=HTTPS", ERR_NONE, "https", NULL},
		{"-ALL,Ftp", ERR_NONE, "ftp", NULL},
		{"-ftp", ERR_NONE, "http,https", NULL}, /* it was not there */
		{"+http,+http,+http", ERR_NONE, "https,http", NULL},

		{"-all", ERR_SYNTAX, NULL, "leaves no protocol"},
		{"-http,-https", ERR_SYNTAX, NULL, "leaves no protocol"},
		{"=https,-https", ERR_SYNTAX, NULL, "leaves no protocol"},
		{"nosuch", ERR_SYNTAX, NULL, "\"nosuch\""},
		{"=nosuch", ERR_SYNTAX, NULL, "\"nosuch\""},
		{"http,nosuch", ERR_SYNTAX, NULL, "\"nosuch\""},
		{"-nosuch", ERR_SYNTAX, NULL, "\"nosuch\""},
		{"http, https", ERR_SYNTAX, NULL, "\" https\""},
		{"", ERR_SYNTAX, NULL, "\"\""},
		{"=", ERR_SYNTAX, NULL, "\"\""},
		{"http,", ERR_SYNTAX, NULL, "\"\""},
		{"http:", ERR_SYNTAX, NULL, "\"http:\""},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const char *name = cases[i].text;
		struct fetch_options options;
		struct error e = {""};

		fetch_options_init(&options);
		case_err(name, fetch_options_set_protocols(&options, cases[i].text, &e),
		         cases[i].expected);
		case_value(name, &options, "PROTOCOLS_STR",
		           cases[i].value ? cases[i].value : "http,https");
		if (cases[i].words && !strstr(e.text, cases[i].words))
			fail_msg("\"%s\": no \"%s\" in: %s", name, cases[i].words, e.text);
		/* Redirects stay where they were. */
		case_value(name, &options, "REDIR_PROTOCOLS_STR", "http,https");
		fetch_options_release(&options);
	}
}

static void all_protocols_are_those_of_libcurl(void **state)
{
	static const char *const texts[] = {"all", "=all", "-all,all", "all,all"};
	const char *const *known = curl_version_info(CURLVERSION_NOW)->protocols;

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		struct fetch_options options;
		char *value, list[2048];
		size_t commas = 0, count = 0;

		fetch_options_init(&options);
		case_err(texts[i], fetch_options_set_protocols(&options, texts[i], NULL), ERR_NONE);
		value = value_of(&options, "PROTOCOLS_STR");
		for (const char *p = value; *p; p++)
			commas += *p == ',';
		snprintf(list, sizeof(list), ",%s,", value);
		for (; known[count]; count++) {
			char word[64];

			snprintf(word, sizeof(word), ",%s,", known[count]);
			case_true(known[count], strstr(list, word) != NULL);
		}
		case_uint(texts[i], commas + 1, count);
		free(value);
		fetch_options_release(&options);
	}
}

static void each_list_of_protocols_begins_with_the_default(void **state)
{
	struct fetch_options options;

	(void)state;
	fetch_options_init(&options);
	assert_err(fetch_options_set_protocols(&options, "=ftp", NULL), ERR_NONE);
	assert_err(fetch_options_set_protocols(&options, "-http", NULL), ERR_NONE);
	case_value("the last one", &options, "PROTOCOLS_STR", "https");
	fetch_options_release(&options);
}

static void one_protocol_is_the_default(void **state)
{
	static const struct {
		const char *text;
		enum err expected;
	} cases[] = {
		{"https", ERR_NONE},    {"ftp", ERR_NONE},     {"HTTPS", ERR_NONE},
		{"nosuch", ERR_SYNTAX}, {"all", ERR_SYNTAX},   {"ALL", ERR_SYNTAX},
		{"", ERR_SYNTAX},       {"=http", ERR_SYNTAX}, {"http,https", ERR_SYNTAX},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const char *text = cases[i].text;
		struct fetch_options options;
		struct error e = {""};

		fetch_options_init(&options);
		case_err(text, fetch_options_set_default_protocol(&options, text, &e),
		         cases[i].expected);
		case_value(text, &options, "DEFAULT_PROTOCOL", cases[i].expected ? "http" : text);
		case_true(text, !cases[i].expected || strstr(e.text, text));
		case_value(text, &options, "PROTOCOLS_STR", "http,https");
		fetch_options_release(&options);
	}
}

/* ---- --accept ---- */

/* The statuses from 1 on that are accepted, as ranges: "200-299,404". */
static char *accepted(const struct fetch_options *options)
{
	struct buf text;
	size_t len;

	buf_init(&text, BUF_UNLIMITED);
	for (int from = 1; from < STATUS_LIMIT; from++) {
		int to = from;

		if (!options->accepts[from])
			continue;
		while (to + 1 < STATUS_LIMIT && options->accepts[to + 1])
			to++;
		buf_printf(&text, "%s%d", text.len ? "," : "", from);
		if (to > from)
			buf_printf(&text, "-%d", to);
		from = to;
	}
	return buf_take(&text, &len);
}

static void statuses_are_accepted_by_a_list(void **state)
{
	static const struct {
		const char *text, *expected; /* NULL: refused */
	} cases[] = {
		{"200", "200"},
		{"200-299", "200-299"},
		{"200-299,404", "200-299,404"},
		{"404,200-299", "200-299,404"},
		{"200,201,202", "200-202"},
		{"200-250,240-260", "200-260"},
		{"200-200", "200"},
		{"100-999", "100-999"},
		{"100", "100"},
		{"999", "999"},
		{"0200", "200"},
		{"", NULL},
		{"99", NULL},
		{"1000", NULL},
		{"0", NULL},
		{"200-1000", NULL},
		{"99-200", NULL},
		{"299-200", NULL},
		{"200-", NULL},
		{"-299", NULL},
		{"-", NULL},
		{"200,", NULL},
		{",200", NULL},
		{"200,,404", NULL},
		{" 200", NULL},
		{"200, 404", NULL},
		{"200-299-404", NULL},
		{"2xx", NULL},
		{"OK", NULL},
		{"+200", NULL},
		{"200;404", NULL},
		{"99999999999999999999", NULL},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct fetch_options options;
		struct error e = {""};
		char *list;

		fetch_options_init(&options);
		case_err(cases[i].text, fetch_options_set_accept(&options, cases[i].text, &e),
		         cases[i].expected ? ERR_NONE : ERR_SYNTAX);
		list = accepted(&options);
		/* What is refused changes nothing. */
		case_text(cases[i].text, list, cases[i].expected ? cases[i].expected : "1-399");
		/* A scheme without statuses succeeds without one. */
		case_true(cases[i].text, options.accepts[0]);
		case_true(cases[i].text, !cases[i].expected == (*e.text != '\0'));
		free(list);
		fetch_options_release(&options);
	}
}

static void the_last_list_of_statuses_wins(void **state)
{
	struct fetch_options options;
	char *list;

	(void)state;
	fetch_options_init(&options);
	assert_err(fetch_options_set_accept(&options, "200-299", NULL), ERR_NONE);
	assert_err(fetch_options_set_accept(&options, "404", NULL), ERR_NONE);
	list = accepted(&options);
	assert_string_equal(list, "404");
	free(list);
	fetch_options_release(&options);
}

/* ---- fetch_options_seal() ---- */

static void the_method_is_decided_when_it_is_sealed(void **state)
{
	static const struct {
		const char *name, *asked;
		bool wants_head, has_body;
		const char *method, *custom, *nobody;
	} cases[] = {
		{"nothing", NULL, false, false, "GET", "(unset)", "(unset)"},
		{"a body", NULL, false, true, "POST", "(unset)", "(unset)"},
		{"-I", NULL, true, false, "HEAD", "(unset)", "1"},
		{"-X GET", "GET", false, false, "GET", "(unset)", "(unset)"},
		{"-X POST with a body", "POST", false, true, "POST", "(unset)", "(unset)"},
		{"-X POST without", "POST", false, false, "POST", "POST", "(unset)"},
		{"-X PUT with a body", "PUT", false, true, "PUT", "PUT", "(unset)"},
		{"-X PUT without", "PUT", false, false, "PUT", "PUT", "(unset)"},
		{"-X DELETE", "DELETE", false, false, "DELETE", "DELETE", "(unset)"},
		{"-X GET with a body", "GET", false, true, "GET", "GET", "(unset)"},
		{"-X PATCH with a body", "PATCH", false, true, "PATCH", "PATCH", "(unset)"},
		{"-X OPTIONS", "OPTIONS", false, false, "OPTIONS", "OPTIONS", "(unset)"},
		/* libcurl would wait for a body that never comes. */
		{"-X HEAD", "HEAD", false, false, "HEAD", "(unset)", "1"},
		{"-X HEAD -I", "HEAD", true, false, "HEAD", "(unset)", "1"},
		{"-X GET -I", "GET", true, false, "GET", "GET", "1"},
		{"-X DELETE -I", "DELETE", true, false, "DELETE", "DELETE", "1"},
		{"a method in lower case is another", "get", false, false, "get", "get", "(unset)"},
		{"a method nobody knows", "FROB", false, false, "FROB", "FROB", "(unset)"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const char *name = cases[i].name;
		struct fetch_options options;

		fetch_options_init(&options);
		options.method = mem_text(cases[i].asked);
		options.wants_head = cases[i].wants_head;
		options.has_body = cases[i].has_body;
		fetch_options_seal(&options);
		case_true(name, options.is_sealed);
		case_text(name, options.method, cases[i].method);
		case_value(name, &options, "CUSTOMREQUEST", cases[i].custom);
		case_value(name, &options, "NOBODY", cases[i].nobody);
		fetch_options_release(&options);
	}
}

/* libcurl is spared a look through the environment for each transfer when there is nothing. */
static void a_proxy_may_come_from_the_environment(void **state)
{
	static const struct {
		const char *name, *variable, *option, *expected;
	} cases[] = {
		{"no variable", NULL, NULL, ""},
		{"http_proxy", "http_proxy", NULL, "(unset)"},
		{"HTTPS_PROXY", "HTTPS_PROXY", NULL, "(unset)"},
		{"all_proxy", "all_proxy", NULL, "(unset)"},
		{"another scheme's", "ftp_proxy", NULL, "(unset)"},
		{"not quite", "http_proxies", NULL, ""},
		{"the option", NULL, "http://p:1", "http://p:1"},
		{"the option and a variable", "http_proxy", "http://p:1", "http://p:1"},
		{"the option, to say none", "http_proxy", "", ""},
	};
	static const char *const others[] = {
		"http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy",
		"ALL_PROXY",  "no_proxy",   "NO_PROXY",    "ftp_proxy",   "FTP_PROXY",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(others); i++)
		unsetenv(others[i]);
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct fetch_options options;

		fetch_options_init(&options);
		if (cases[i].variable)
			setenv(cases[i].variable, "http://q:2", 1);
		if (cases[i].option)
			case_err(cases[i].name,
			         fetch_options_set(&options, "PROXY", cases[i].option, NULL),
			         ERR_NONE);
		fetch_options_seal(&options);
		case_value(cases[i].name, &options, "PROXY", cases[i].expected);
		fetch_options_release(&options);
		if (cases[i].variable)
			unsetenv(cases[i].variable);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_defaults_are_those_of_the_manual),
		cmocka_unit_test(an_option_takes_what_its_type_says),
		cmocka_unit_test(what_cannot_be_set_is_refused_with_words),
		cmocka_unit_test(every_option_of_libcurl_has_an_answer),
		cmocka_unit_test(trying_an_option_writes_no_file),
		cmocka_unit_test(what_libcurl_was_built_without_is_unsupported),
		cmocka_unit_test(the_last_one_wins_and_a_list_grows),
		cmocka_unit_test(old_names_are_the_same_option),
		cmocka_unit_test(texts_are_copied),
		cmocka_unit_test(headers_are_found_by_their_number),
		cmocka_unit_test(a_bearer_token_comes_with_its_method),
		cmocka_unit_test(settings_are_taken_by_an_easy_handle),
		cmocka_unit_test(protocols_are_named_as_in_curl),
		cmocka_unit_test(all_protocols_are_those_of_libcurl),
		cmocka_unit_test(each_list_of_protocols_begins_with_the_default),
		cmocka_unit_test(one_protocol_is_the_default),
		cmocka_unit_test(statuses_are_accepted_by_a_list),
		cmocka_unit_test(the_last_list_of_statuses_wins),
		cmocka_unit_test(the_method_is_decided_when_it_is_sealed),
		cmocka_unit_test(a_proxy_may_come_from_the_environment),
	};
	int failed;

	if (transfer_global_init(NULL))
		return 1;
	unit_begin();
	failed = cmocka_run_group_tests(tests, folder_setup, folder_teardown);
	transfer_global_release();
	return failed;
}
