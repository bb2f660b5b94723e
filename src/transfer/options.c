#include "transfer/options.h"

#include <assert.h>
#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/units.h"
#include "transfer/ceilings.h"
#include "transfer/decoder.h"
#include "transfer/field.h"
#include "transfer/fingerprint.h"
#include "transfer/setting.h"
#include "transfer/setting_rules.h"

/* A handle that has one of these writes a file when it goes: not to be tried. */
static const char *const untried[] = {"ALTSVC", "HSTS"};

static void setting_release(struct setting *s)
{
	if (s->type == CURLOT_STRING)
		free(s->value.text);
	else if (s->type == CURLOT_SLIST)
		curl_slist_free_all(s->value.list);
}

void fetch_options_release(struct fetch_options *options)
{
	for (size_t i = 0; i < options->setting_count; i++)
		setting_release(&options->settings[i]);
	free(options->settings);
	free(options->method);
	buf_release(&options->body);
	*options = (struct fetch_options){0};
}

CURLcode setting_apply(const struct setting *s, CURL *easy)
{
	switch (s->type) {
	case CURLOT_LONG:
	case CURLOT_VALUES: return curl_easy_setopt(easy, s->id, s->value.number);
	case CURLOT_OFF_T: return curl_easy_setopt(easy, s->id, s->value.offset);
	case CURLOT_STRING: return curl_easy_setopt(easy, s->id, s->value.text);
	case CURLOT_SLIST: return curl_easy_setopt(easy, s->id, s->value.list);
	default: return CURLE_UNKNOWN_OPTION;
	}
}

/* The place of an option in the set; a new, empty one when it is not there. */
static struct setting *find_or_add(struct fetch_options *options, const struct curl_easyoption *o)
{
	struct setting *s;

	assert(!options->is_sealed);
	for (size_t i = 0; i < options->setting_count; i++) {
		if (options->settings[i].id == o->id)
			return &options->settings[i];
	}
	options->settings = mem_resize(options->settings, options->setting_count + 1, sizeof(*s));
	s = &options->settings[options->setting_count++];
	*s = (struct setting){.id = o->id, .type = o->type};
	return s;
}

/* For an option that exists and takes text. */
static void set_text(struct fetch_options *options, const char *name, const char *value)
{
	struct setting *s = find_or_add(options, curl_easy_option_by_name(name));

	free(s->value.text);
	s->value.text = mem_text(value);
}

static enum err parse_value(const struct curl_easyoption *o, const char *text,
                            struct setting *ret_setting, struct error *e)
{
	struct setting s = {.id = o->id, .type = o->type};
	int64_t number = 0;

	switch (o->type) {
	case CURLOT_LONG:
	case CURLOT_VALUES:
	case CURLOT_OFF_T:
		if (units_parse_int(text, &number))
			return error_set(e, ERR_SYNTAX, "%s takes a number, not \"%s\"", o->name,
			                 text);
		if (o->type == CURLOT_OFF_T)
			s.value.offset = number;
		else
			s.value.number = (long)number;
		break;
	case CURLOT_STRING: s.value.text = mem_text(text); break;
	case CURLOT_SLIST: s.value.list = curl_slist_append(NULL, text); break;
	default:
		return error_set(e, ERR_UNSUPPORTED, "%s takes something that text cannot say",
		                 o->name);
	}
	*ret_setting = s;
	return ERR_NONE;
}

static bool is_one_of(const char *const *names, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++) {
		if (!strcmp(names[i], name))
			return true;
	}
	return false;
}

/* Asks this libcurl, on a handle of its own, whether it takes the setting. */
static enum err try_setting(const struct setting *s, const char *name, const char *value,
                            struct error *e)
{
	/* Text may be a secret. */
	bool is_shown = s->type != CURLOT_STRING && s->type != CURLOT_SLIST;
	const char *equals = is_shown ? "=" : "", *shown = is_shown ? value : "";
	CURL *easy;
	CURLcode code;

	if (is_one_of(untried, sizeof(untried) / sizeof(untried[0]), name))
		return ERR_NONE;
	easy = curl_easy_init();
	code = easy ? setting_apply(s, easy) : CURLE_OUT_OF_MEMORY;

	curl_easy_cleanup(easy);
	switch (code) {
	case CURLE_OK: return ERR_NONE;
	case CURLE_UNKNOWN_OPTION:
	case CURLE_NOT_BUILT_IN:
	case CURLE_UNSUPPORTED_PROTOCOL:
		return error_set(e, ERR_UNSUPPORTED, "libcurl %s here cannot do %s%s%s",
		                 curl_version_info(CURLVERSION_NOW)->version, name, equals, shown);
	default:
		return error_set(e, ERR_SYNTAX, "%s%s%s: %s", name, equals, shown,
		                 curl_easy_strerror(code));
	}
}

enum err fetch_options_set(struct fetch_options *options, const char *name, const char *value,
                           struct error *e)
{
	const struct curl_easyoption *o = curl_easy_option_by_name(name);
	struct setting s = {0}, *at;
	enum err failed;

	if (!o)
		return error_set(e, ERR_SYNTAX, "libcurl %s knows no option %s",
		                 curl_version_info(CURLVERSION_NOW)->version, name);
	if ((failed = setting_check(o, value, e)))
		return failed;
	if ((failed = parse_value(o, value, &s, e)))
		return failed;
	if ((failed = try_setting(&s, o->name, value, e))) {
		setting_release(&s);
		return failed;
	}
	at = find_or_add(options, o);
	if (s.type == CURLOT_SLIST) {
		at->value.list = curl_slist_append(at->value.list, value);
		curl_slist_free_all(s.value.list);
	} else {
		setting_release(at);
		*at = s;
	}
	return ERR_NONE;
}

void fetch_options_set_number(struct fetch_options *options, const char *name, int64_t value)
{
	const struct curl_easyoption *o = curl_easy_option_by_name(name);
	struct setting *s = find_or_add(options, o);

	if (s->type == CURLOT_OFF_T)
		s->value.offset = value;
	else
		s->value.number = (long)value;
}

void fetch_options_init(struct fetch_options *options)
{
	*options = (struct fetch_options){.max_kept_bytes = MAX_KEPT_BODY};
	buf_init(&options->body, MAX_REQUEST_BODY);
	for (int status = 0; status < 400; status++)
		options->accepts[status] = true;
	fetch_options_set_number(options, "FOLLOWLOCATION", 1);
	fetch_options_set_number(options, "MAXREDIRS", 10);
	fetch_options_set_number(options, "CONNECTTIMEOUT_MS", USUAL_CONNECT_MS);
	fetch_options_set_number(options, "LOW_SPEED_LIMIT", 1);
	fetch_options_set_number(options, "LOW_SPEED_TIME", 60);
	set_text(options, "USERAGENT", USUAL_USER_AGENT);
	set_text(options, "DEFAULT_PROTOCOL", "http");
	set_text(options, "PROTOCOLS_STR", "http,https");
	set_text(options, "REDIR_PROTOCOLS_STR", "http,https");
}

enum err fetch_options_set_method(struct fetch_options *options, const char *method,
                                  struct error *e)
{
	if (!field_is_token(method))
		return error_set(e, ERR_SYNTAX, "\"%s\" is not a method", method);
	free(options->method);
	options->method = mem_text(method);
	return ERR_NONE;
}

/* Copies header. curl_slist_append() would go through the whole list for each. */
static void list_append(struct header_list *list, const char *header)
{
	struct curl_slist *item = curl_slist_append(NULL, header);

	if (list->last)
		list->last->next = item;
	else
		list->first = item;
	list->last = item;
}

void header_list_release(struct header_list *list)
{
	curl_slist_free_all(list->first);
	*list = (struct header_list){0};
}

enum err header_list_add(struct header_list *list, const char *header, struct error *e)
{
	enum err failed = field_check_header(header, e);

	if (!failed)
		list_append(list, header);
	return failed;
}

enum err fetch_options_add_header(struct fetch_options *options, const char *header,
                                  struct error *e)
{
	struct header_list list = {0};
	enum err failed = header_list_add(&list, header, e);

	if (!failed)
		fetch_options_replace_headers(options, &list, NULL, NULL);
	return failed;
}

enum { MAX_PROTOCOLS = 64 };

/* Applies one "+name", "-name", "=name" or "all" to the names that are allowed so far. */
static enum err change_protocols(const char *name, char sign, const char **allowed, size_t *count)
{
	const char *const *known = curl_version_info(CURLVERSION_NOW)->protocols;
	bool is_all = !strcasecmp(name, "all"), is_known = is_all;

	if (sign == '=')
		*count = 0;
	for (; *known; known++) {
		size_t kept = 0;

		if (!is_all && strcasecmp(*known, name))
			continue;
		is_known = true;
		/* Taken out first, so that nothing is in twice. */
		for (size_t i = 0; i < *count; i++) {
			if (allowed[i] != *known)
				allowed[kept++] = allowed[i];
		}
		*count = kept;
		if (sign != '-' && *count < MAX_PROTOCOLS)
			allowed[(*count)++] = *known;
	}
	return is_known ? ERR_NONE : ERR_SYNTAX;
}

enum err fetch_options_set_protocols(struct fetch_options *options, const char *text,
                                     struct error *e)
{
	const char *allowed[MAX_PROTOCOLS];
	size_t count = 0;
	char *words = mem_text(text), *at = words, *word;
	struct buf list;
	enum err failed = ERR_NONE;

	(void)change_protocols("http", '+', allowed, &count);
	(void)change_protocols("https", '+', allowed, &count);
	while (!failed && (word = strsep(&at, ","))) {
		char sign = *word && strchr("+-=", *word) ? *word : '+';
		if (*word == sign)
			word++;
		if (change_protocols(word, sign, allowed, &count))
			failed = error_set(e, ERR_SYNTAX, "no protocol \"%s\" in libcurl here",
			                   word);
	}
	if (!failed && !count)
		failed = error_set(e, ERR_SYNTAX, "\"%s\" leaves no protocol", text);
	buf_init(&list, BUF_UNLIMITED);
	for (size_t i = 0; i < count; i++)
		buf_printf(&list, "%s%s", i ? "," : "", allowed[i]);
	if (!failed)
		failed = fetch_options_set(options, "PROTOCOLS_STR", list.data, e);
	buf_release(&list);
	free(words);
	return failed;
}

enum err fetch_options_set_default_protocol(struct fetch_options *options, const char *name,
                                            struct error *e)
{
	const char *allowed[MAX_PROTOCOLS];
	size_t count = 0;

	if (!strcasecmp(name, "all") || change_protocols(name, '+', allowed, &count))
		return error_set(e, ERR_SYNTAX, "no protocol \"%s\" in libcurl here", name);
	return fetch_options_set(options, "DEFAULT_PROTOCOL", name, e);
}

enum err statuses_parse(const char *text, bool ret_statuses[STATUS_LIMIT], struct error *e)
{
	bool statuses[STATUS_LIMIT] = {false};
	char *words = mem_text(text), *at = words, *word;
	enum err failed = ERR_NONE;

	while (!failed && (word = strsep(&at, ","))) {
		char *dash = strchr(word, '-');
		uint64_t from = 0, to = 0;

		if (dash)
			*dash++ = '\0';
		if (units_parse_uint(word, 100, STATUS_LIMIT - 1, &from) ||
		    units_parse_uint(dash ? dash : word, from, STATUS_LIMIT - 1, &to))
			failed = error_set(e, ERR_SYNTAX,
			                   "\"%s\" is not a list of statuses like 200-299,404",
			                   text);
		for (; !failed && from <= to; from++)
			statuses[from] = true;
	}
	if (!failed)
		memcpy(ret_statuses, statuses, sizeof(statuses));
	free(words);
	return failed;
}

enum err fetch_options_set_accept(struct fetch_options *options, const char *text, struct error *e)
{
	enum err failed = statuses_parse(text, options->accepts, e);

	/* Schemes without statuses succeed without one. */
	options->accepts[0] = true;
	return failed;
}

enum err fetch_options_set_bearer(struct fetch_options *options, const char *token, struct error *e)
{
	/* libcurl uses a token over HTTP only when it is told to. */
	fetch_options_set_number(options, "HTTPAUTH", (int64_t)CURLAUTH_BEARER);
	return fetch_options_set(options, "XOAUTH2_BEARER", token, e);
}

struct curl_slist *fetch_options_headers(const struct fetch_options *options)
{
	for (size_t i = 0; i < options->setting_count; i++) {
		if (options->settings[i].id == CURLOPT_HTTPHEADER)
			return options->settings[i].value.list;
	}
	return NULL;
}

const char *fetch_options_header(const struct fetch_options *options, size_t i)
{
	const struct curl_slist *header = fetch_options_headers(options);

	while (header && i--)
		header = header->next;
	return header ? header->data : NULL;
}

static const struct setting *find(const struct fetch_options *options, const char *name)
{
	CURLoption id = curl_easy_option_by_name(name)->id;

	for (size_t i = 0; i < options->setting_count; i++) {
		if (options->settings[i].id == id)
			return &options->settings[i];
	}
	return NULL;
}

bool fetch_options_has(const struct fetch_options *options, const char *name)
{
	return find(options, name);
}

const char *fetch_options_text(const struct fetch_options *options, const char *name)
{
	const struct setting *s = find(options, name);

	return s ? s->value.text : NULL;
}

int64_t fetch_options_number(const struct fetch_options *options, const char *name)
{
	const struct setting *s = find(options, name);

	if (!s)
		return 0;
	return s->type == CURLOT_OFF_T ? s->value.offset : s->value.number;
}

void fetch_options_unset(struct fetch_options *options, const char *name)
{
	CURLoption id = curl_easy_option_by_name(name)->id;

	assert(!options->is_sealed);
	for (size_t i = 0; i < options->setting_count; i++) {
		if (options->settings[i].id != id)
			continue;
		setting_release(&options->settings[i]);
		options->settings[i] = options->settings[--options->setting_count];
		return;
	}
}

static bool is_header(const char *header, const char *name, size_t len)
{
	return !strncasecmp(header, name, len) && strchr(":;", header[len]);
}

bool fetch_options_has_header(const struct fetch_options *options, const char *name, size_t len)
{
	for (const struct curl_slist *h = fetch_options_headers(options); h; h = h->next) {
		if (is_header(h->data, name, len))
			return true;
	}
	return false;
}

void fetch_options_replace_headers(struct fetch_options *options, struct header_list *list,
                                   header_is_replaced_fn *fn, void *arg)
{
	struct setting *s = find_or_add(options, curl_easy_option_by_name("HTTPHEADER"));
	struct curl_slist **at = &s->value.list, *header;

	while ((header = *at)) {
		if (!fn || !fn(header->data, strcspn(header->data, ":;"), arg)) {
			at = &header->next;
			continue;
		}
		*at = header->next;
		header->next = NULL;
		curl_slist_free_all(header);
	}
	*at = list->first;
	*list = (struct header_list){0};
	if (!s->value.list)
		fetch_options_unset(options, "HTTPHEADER");
}

struct name {
	const char *text;
	size_t len;
};

static bool has_that_name(const char *header, size_t name_len, void *arg)
{
	const struct name *name = arg;

	return name_len == name->len && !strncasecmp(header, name->text, name_len);
}

void fetch_options_drop_header(struct fetch_options *options, const char *name, size_t len)
{
	struct name wanted = {name, len};

	fetch_options_replace_headers(options, &(struct header_list){0}, has_that_name, &wanted);
}

static struct setting copy_setting(const struct setting *from)
{
	struct setting copy = *from;

	if (from->type == CURLOT_STRING)
		copy.value.text = mem_text(from->value.text);
	if (from->type == CURLOT_SLIST) {
		copy.value.list = NULL;
		for (const struct curl_slist *l = from->value.list; l; l = l->next)
			copy.value.list = curl_slist_append(copy.value.list, l->data);
	}
	return copy;
}

struct fetch_options *fetch_options_derive(const struct fetch_options *from)
{
	struct fetch_options *options = mem_zero(1, sizeof(*options));

	assert(from->is_sealed);
	*options = *from;
	options->is_sealed = false;
	options->method = from->is_usual_method ? NULL : mem_text(from->method);
	options->settings = mem_zero(from->setting_count, sizeof(struct setting));
	for (size_t i = 0; i < from->setting_count; i++)
		options->settings[i] = copy_setting(&from->settings[i]);
	buf_init(&options->body, MAX_REQUEST_BODY);
	if (buf_add(&options->body, from->body.data, from->body.len))
		abort(); /* it has the same ceiling */
	/* Sealing decides these. */
	fetch_options_unset(options, "CUSTOMREQUEST");
	fetch_options_unset(options, "NOBODY");
	return options;
}

void fetch_options_free(struct fetch_options *options)
{
	if (options)
		fetch_options_release(options);
	free(options);
}

/* Whether any variable could name a proxy to libcurl: http_proxy, HTTPS_PROXY, all_proxy, ... */
static bool has_proxy_environment(void)
{
	static const char suffix[] = "_proxy";

	for (char *const *variable = environ; *variable; variable++) {
		size_t len = strcspn(*variable, "=");
		if (len >= strlen(suffix) && strncasecmp(*variable, "no_proxy=", 9) != 0 &&
		    !strncasecmp(*variable + len - strlen(suffix), suffix, strlen(suffix)))
			return true;
	}
	return false;
}

bool fetch_options_has_proxy(const struct fetch_options *options)
{
	for (size_t i = 0; i < options->setting_count; i++) {
		const struct setting *s = &options->settings[i];

		if (s->id == CURLOPT_PROXY)
			return *s->value.text;
	}
	return fetch_options_has(options, "PRE_PROXY") || has_proxy_environment();
}

/*
 * Debian's libcurl has a folder of authorities beside the file with the same ones. With a folder it
 * reads the file anew for every connection; without, once for each lane.
 */
static bool has_default_ca_file(void)
{
	const char *file = curl_version_info(CURLVERSION_NOW)->cainfo;

	return file && !access(file, R_OK);
}

/*
 * The rest of a body is only worth something to who has its beginning, as it came, and nowhere
 * else; and who asks for a range means that.
 */
static bool can_continue(const struct fetch_options *options)
{
	const char *header;

	for (size_t i = 0; (header = fetch_options_header(options, i)); i++) {
		if (!strncasecmp(header, "Range:", strlen("Range:")))
			return false;
	}
	return !strcmp(options->method, "GET") && !options->has_body && !options->keeps_body &&
	       !options->keeps_checksum && !fetch_options_has(options, "RANGE") &&
	       !fetch_options_has(options, "ACCEPT_ENCODING");
}

/* Not zstd: its window is the server's choice, up to 128 MiB. */
static void choose_codings(struct fetch_options *options)
{
	const char *asked = fetch_options_text(options, "ACCEPT_ENCODING");
	bool is_raw = fetch_options_has(options, "HTTP_CONTENT_DECODING") &&
	              !fetch_options_number(options, "HTTP_CONTENT_DECODING");

	if (asked && !*asked)
		set_text(options, "ACCEPT_ENCODING", DECODER_CODINGS);
	options->decodes = asked && !is_raw;
}

void fetch_options_seal(struct fetch_options *options)
{
	const char *usual;

	options->skips_ca_folder = !fetch_options_has(options, "CAPATH") &&
	                           (fetch_options_has(options, "CAINFO") || has_default_ca_file());
	/* Otherwise libcurl looks through the environment for each transfer. */
	if (!fetch_options_has(options, "PROXY") && !has_proxy_environment())
		set_text(options, "PROXY", "");
	if (options->method && !strcmp(options->method, "HEAD"))
		options->wants_head = true; /* else libcurl would wait for a body */
	usual = options->wants_head ? "HEAD" : options->has_body ? "POST" : "GET";
	if (options->wants_head)
		fetch_options_set_number(options, "NOBODY", 1);
	if (options->method && strcmp(options->method, usual))
		set_text(options, "CUSTOMREQUEST", options->method);
	options->is_usual_method = !options->method;
	if (!options->method)
		options->method = mem_text(usual);
	choose_codings(options);
	options->continues &= can_continue(options);
	options->fingerprint = fingerprint_options(options);
	options->credentials = fingerprint_credentials(options);
	options->is_sealed = true;
}
