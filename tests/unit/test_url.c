/*
 * transfer/url: hosts, origins, and passwords that nobody is to see.
 */
#include "unit.h"

#include <locale.h>

#include <stdlib.h>

#include "base/buf.h"
#include "base/mem.h"
#include "transfer/session.h"
#include "transfer/url.h"

/* ---- masking ---- */

struct masking {
	const char *name, *url, *expected; /* NULL: as it is */
};

static void case_masked(const struct masking *cases, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const char *url = cases[i].url;
		/* Without a NUL behind it: only len counts. */
		size_t len = strlen(url);
		char *bytes = mem_zero(len + 1, 1);
		struct buf out;

		memcpy(bytes, url, len);
		bytes[len] = '@';
		buf_init(&out, BUF_UNLIMITED);
		buf_put_text(&out, "<");
		url_put_masked(&out, bytes, len);
		case_text(cases[i].name, out.data + 1, cases[i].expected ? cases[i].expected : url);
		case_true(cases[i].name, out.data[0] == '<');
		buf_release(&out);
		free(bytes);
	}
}

static void passwords_are_masked(void **state)
{
	static const struct masking cases[] = {
		{"user and password", "http://me:secret@h/a", "http://me:***@h/a"},
		{"with a port", "https://me:secret@h:8443/", "https://me:***@h:8443/"},
		{"nothing behind the host", "http://me:secret@h", "http://me:***@h"},
		{"a query behind the host", "http://me:secret@h?x=1", "http://me:***@h?x=1"},
		{"a fragment behind the host", "http://me:secret@h#top", "http://me:***@h#top"},
		{"an empty password", "http://token:@h/", "http://***@h/"},
		{"an empty user", "http://:secret@h/", "http://:***@h/"},
		{"a colon in the password", "http://me:sec:ret@h/", "http://me:***@h/"},
		{"an @ in the password", "http://me:sec@ret@h/", "http://me:***@h/"},
		{"an encoded password", "http://me:s%3Ae%40c@h/", "http://me:***@h/"},
		{"an encoded colon in the user", "http://m%3Ae:secret@h/", "http://m%3Ae:***@h/"},
		{"IPv6", "http://me:secret@[2001:db8::1]:80/", "http://me:***@[2001:db8::1]:80/"},
		{"IPv6 with a zone", "http://me:secret@[fe80::1%25eth0]/",
	         "http://me:***@[fe80::1%25eth0]/"},
		{"capital scheme", "HTTP://me:secret@h/", "HTTP://me:***@h/"},
		{"another scheme", "ftp://me:secret@h/", "ftp://me:***@h/"},
		{"an @ in the path too", "http://me:secret@h/a@b", "http://me:***@h/a@b"},
		{"another URL in the query", "http://me:secret@h/?to=http://you:x@g/&a=b@c",
	         "http://me:***@h/?to=http://you:***@g/&a=b@c"},
		{"another URL in the path", "http://h/http://you:x@g/",
	         "http://h/http://you:***@g/"},
		{"a name alone", "http://token@h/", "http://***@h/"},
		{"a name alone, and a port", "http://token@[::1]:80/", "http://***@[::1]:80/"},
		{"no scheme", "me:secret@h/a", "me:***@h/a"},
		{"no scheme, no path", "me:secret@h", "me:***@h"},
		{"no scheme, IPv6", "me:secret@[::1]/", "me:***@[::1]/"},
		{"bytes that are no text", "http://me:\xff\033@h/\xff", "http://me:***@h/\xff"},
		{"a long one",
	         "http://me:secretsecretsecretsecretsecretsecretsecretsecretsecretsecret@h/",
	         "http://me:***@h/"},
	};

	(void)state;
	case_masked(cases, COUNT(cases));
}

/* All of these reach the host with the password, so they must not be shown. */
static void passwords_are_masked_however_the_url_is_written(void **state)
{
	static const struct masking cases[] = {
		{"no scheme, and another URL in the query", "me:secret@h/?to=http://g/",
	         "me:***@h/?to=http://g/"},
		{"no scheme, and another URL behind the host", "me:secret@h?http://g/",
	         "me:***@h?http://g/"},
		{"no scheme, and another URL in the fragment", "me:secret@h#http://g/",
	         "me:***@h#http://g/"},
		{"one slash", "http:/me:secret@h/", "http:/me:***@h/"},
		{"three slashes", "http:///me:secret@h/", "http:///me:***@h/"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		case_err(cases[i].name, url_check(cases[i].url, NULL), ERR_NONE);
	case_masked(cases, COUNT(cases));
}

/* Who has typed something wrong wants to see it, but others see it too. */
static void passwords_are_masked_in_what_is_no_url(void **state)
{
	static const struct masking cases[] = {
		{"four slashes", "http:////me:secret@h/", "http:////me:***@h/"},
		{"a slash in the password", "http://me:sec/ret@h/", "http://me:***@h/"},
		{"a question mark in it", "http://me:sec?r@et@h/", "http://me:***@h/"},
		{"a number sign in it", "http://me:4x#2@h/", "http://me:***@h/"},
		{"a space in it", "http://me:sec ret@h/", "http://me:***@h/"},
		{"a slash, no scheme", "me:sec/ret@h/", "me:***@h/"},
		{"a blank before it", " http://me:sec&ret@h/", " http://me:***@h/"},
		{"quotes", "\"http://me:secret@h/\"", "\"http://me:***@h/\""},
		{"a method before it", "GET http://me:secret@h/ HTTP/1.1",
	         "GET http://me:***@h/ HTTP/1.1"},
		{"fields of a CSV", "a,http://me:secret@h/,b", "a,http://me:***@h/,b"},
		{"no host", "http://me:secret@", "http://me:***@"},
	};

	(void)state;
	case_masked(cases, COUNT(cases));
}

static void passwords_are_masked_in_text(void **state)
{
	static const struct masking cases[] = {
		{"nothing", "", NULL},
		{"no URL", "me:secret@h is no URL for us", NULL},
		{"a URL", "list http://me:secret@h/: no such file",
	         "list http://me:***@h/: no such file"},
		{"two", "<http://a:b@c>, 'http://token@d'", "<http://a:***@c>, 'http://***@d'"},
		{"a slash in the password", "at 'x://a:b/c@d': bad", "at 'x://a:***@d': bad"},
		{"an address of a mail behind one", "http://h: ask me@h", NULL},
	};
	struct buf out;

	(void)state;
	buf_init(&out, BUF_UNLIMITED);
	for (size_t i = 0; i < COUNT(cases); i++) {
		const char *text = cases[i].url;

		buf_clear(&out);
		url_put_text_masked(&out, text, strlen(text));
		case_text(cases[i].name, out.data, cases[i].expected ? cases[i].expected : text);
	}
	buf_release(&out);
}

static void what_has_no_password_stays_as_it_is(void **state)
{
	static const struct masking cases[] = {
		{"nothing", "", NULL},
		{"a host", "http://h/", NULL},
		{"a port", "http://h:80/", NULL},
		{"an @ in the path", "http://h/@me", NULL},
		{"a colon and an @ in the path", "http://h/a:b@c", NULL},
		{"a port, and an @ in the path", "http://h:80/a@b", NULL},
		{"a port, and an @ in the query", "http://h:80?a@b", NULL},
		{"a port, and an @ in the fragment", "http://h:80#a@b", NULL},
		{"a colon and an @ in the query", "http://h/?mail=a:b@c", NULL},
		{"IPv6", "http://[::1]/", NULL},
		{"IPv6 and an @ in the path", "http://[::1]:80/x@y", NULL},
		{"no scheme", "h/a:b@c", NULL},
		{"no scheme, a port", "h:80/a@b", NULL},
		{"a path", "/a:b@c", NULL},
		{"only a scheme", "http://", NULL},
		{"a colon at the end", "h:", NULL},
		{"a file", "file:///a:b@c", NULL},
		{"stars", "http://h/***", NULL},
	};

	(void)state;
	case_masked(cases, COUNT(cases));
}

/* ---- hosts ---- */

static void a_host_is_found_and_in_lower_case(void **state)
{
	static const struct {
		const char *name, *url, *host;
	} cases[] = {
		{"plain", "http://example.com/", "example.com"},
		{"capitals", "HTTP://WWW.Example.COM/Path", "www.example.com"},
		{"every letter", "http://ABCDEFGHIJKLMNOPQRSTUVWXYZ.az/",
	         "abcdefghijklmnopqrstuvwxyz.az"},
		{"port", "http://h:8080/", "h"},
		{"user", "http://me@h/", "h"},
		{"user and password", "https://Me:Secret@H:1/", "h"},
		{"no path", "http://h", "h"},
		{"a query behind it", "http://h?x=http://g/", "h"},
		{"a fragment behind it", "http://h#x", "h"},
		{"no scheme", "Example.org/path", "example.org"},
		{"no scheme, port", "localhost:8080/x", "localhost"},
		{"no scheme, nothing else", "localhost", "localhost"},
		{"no scheme, user", "me:secret@h/", "h"},
		{"IPv4", "http://127.0.0.1:80/", "127.0.0.1"},
		{"IPv6", "http://[2001:DB8::A]:80/", "[2001:db8::a]"},
		{"IPv6 without scheme", "[::1]/", "[::1]"},
		{"IDN, as it is", "http://b\303\274cher.example/", "b\303\274cher.example"},
		{"IDN, only ASCII becomes small", "http://B\303\234CHER.example/",
	         "b\303\234cher.example"},
		{"punycode", "http://XN--Bcher-kva.example/", "xn--bcher-kva.example"},
		{"an encoded letter", "http://ex%61mple.com/", "example.com"},
		{"a point at the end", "http://h./", "h."},
		{"underscore and digits", "http://a_b-1.example/", "a_b-1.example"},
		{"another scheme", "ftp://F.example/", "f.example"},
	};
	struct buf host;

	(void)state;
	/* One for all: what was in it goes. */
	buf_init(&host, BUF_UNLIMITED);
	for (size_t i = 0; i < COUNT(cases); i++) {
		case_err(cases[i].name, url_host(cases[i].url, &host), ERR_NONE);
		case_text(cases[i].name, host.data, cases[i].host);
	}
	buf_release(&host);
}

static void what_is_no_url_has_no_host(void **state)
{
	static const struct {
		const char *name, *url;
		enum err checked;
	} cases[] = {
		{"nothing", "", ERR_SYNTAX},
		{"only a scheme", "http://", ERR_SYNTAX},
		{"a user and no host", "http://me:x@/", ERR_SYNTAX},
		{"a path", "/path", ERR_SYNTAX},
		{"an unknown scheme", "nosuch://h/", ERR_UNSUPPORTED},
		{"a port that is none", "http://h:x/", ERR_SYNTAX},
		{"a port that is too large", "http://h:65536/", ERR_SYNTAX},
		{"a space in the host", "http://a b/", ERR_SYNTAX},
		{"a bad IPv6 address", "http://[::g]/", ERR_SYNTAX},
		{"too many slashes", "http:////h/", ERR_SYNTAX},
		{"a file has none", "file:///etc/hostname", ERR_NONE},
	};
	struct buf host;

	(void)state;
	buf_init(&host, BUF_UNLIMITED);
	buf_put_text(&host, "before");
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct error e = {""};

		case_err(cases[i].name, url_host(cases[i].url, &host), ERR_SYNTAX);
		case_text(cases[i].name, host.data, "before"); /* untouched */
		case_err(cases[i].name, url_check(cases[i].url, &e), cases[i].checked);
		case_true(cases[i].name, (*e.text != '\0') == (cases[i].checked != ERR_NONE));
		case_err(cases[i].name, url_check(cases[i].url, NULL), cases[i].checked);
	}
	buf_release(&host);
}

static void what_libcurl_can_read_is_a_url(void **state)
{
	static const char *const urls[] = {
		"http://h",
		"https://h/?q#f",
		"h",
		"h:80",
		"me:x@h/",
		"ftp://h/a",
		"[::1]",
		"http:/h/",
		"http:///h/",
		"http://h/%zz",
		"http://h/{a}",
		"http://h/[1]",
		"http://b\303\274cher.example/",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(urls); i++) {
		struct error e = {""};

		case_err(urls[i], url_check(urls[i], &e), ERR_NONE);
		case_text(urls[i], e.text, "");
	}
}

/* ---- paths ---- */

static void a_path_is_what_the_server_is_asked_for(void **state)
{
	static const struct {
		const char *url, *path;
	} cases[] = {
		{"http://h/a/b", "/a/b"},
		{"http://h/a/", "/a/"},
		{"http://h/", "/"},
		{"http://h", "/"},
		{"http://h?a/b", "/"},
		{"http://h#a/b", "/"},
		{"http://h/a?b/c#d", "/a"},
		{"http://h/a#b?c", "/a"},
		{"http://me:p%2fw@h:81/a@b:c", "/a@b:c"},
		{"h/a", "/a"},
		{"h", "/"},
		{"h:81?x", "/"},
		{"http:/h/a", "/a"},
		{"http://[::1]:81/a", "/a"},
		{"file:///a/b", "/a/b"},
		{"http://h/A%2fb%20%zz", "/A%2fb%20%zz"},
		{"http://h//a//b", "//a//b"},
		{"http://h/a/./b/../c", "/a/c"},
	};
	struct buf path;

	(void)state;
	buf_init(&path, BUF_UNLIMITED);
	for (size_t i = 0; i < COUNT(cases); i++) {
		case_err(cases[i].url, url_path(cases[i].url, &path), ERR_NONE);
		case_text(cases[i].url, path.data, cases[i].path);
	}
	assert_err(url_path("http://", &path), ERR_SYNTAX);
	case_text("untouched", path.data, "/a/c");
	buf_release(&path);
}

static void percent_codes_are_decoded(void **state)
{
	static const struct {
		const char *text, *expected;
		size_t expected_len;
	} cases[] = {
		{"", "", 0},         {"abc", "abc", 3},       {"%41%7a", "Az", 2},
		{"%2f%2F", "//", 2}, {"a%00b", "a\0b", 3},    {"%ff%C3", "\xff\xc3", 2},
		{"%", "%", 1},       {"%4", "%4", 2},         {"%4x", "%4x", 3},
		{"%x4", "%x4", 3},   {"%%41", "%A", 2},       {"%25%34%31", "%41", 3},
		{"a+b", "a+b", 3},   {"%-1%+1", "%-1%+1", 6},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		size_t len = strlen(cases[i].text);
		/* Digits behind it: only len counts. */
		char *bytes = mem_printf("%s41", cases[i].text);
		struct buf out;

		buf_init(&out, BUF_UNLIMITED);
		buf_put_text(&out, "<");
		url_put_decoded(&out, bytes, len);
		case_bytes(cases[i].text, out.data + 1, out.len - 1, cases[i].expected,
		           cases[i].expected_len);
		buf_release(&out);
		free(bytes);
	}
}

/* ---- origins ---- */

/* What has one origin shares the limits of one host. */
static void an_origin_is_scheme_name_and_port(void **state)
{
	static const struct {
		const char *name, *url, *origin;
	} cases[] = {
		{"http", "http://h/", "http://h:80"},
		{"https", "https://h/", "https://h:443"},
		{"ftp", "ftp://h/a", "ftp://h:21"},
		{"ftps", "ftps://h/a", "ftps://h:990"},
		{"another scheme has no usual port", "gopher://h/", "gopher://h:"},
		{"a port", "http://h:8080/", "http://h:8080"},
		{"the usual port", "http://h:80/", "http://h:80"},
		{"the usual port of https", "https://h:443/", "https://h:443"},
		{"the usual port of the other", "https://h:80/", "https://h:80"},
		{"an empty port", "http://h:/", "http://h:80"},
		{"an empty port, nothing behind it", "https://h:", "https://h:443"},

		{"capitals", "HTTP://WWW.Example.COM/Path", "http://www.example.com:80"},
		{"every letter", "HTTPS://ABCDEFGHIJKLMNOPQRSTUVWXYZ.az/",
	         "https://abcdefghijklmnopqrstuvwxyz.az:443"},
		{"only ASCII becomes small", "http://B\303\234cher.example/",
	         "http://b\303\234cher.example:80"},

		{"nothing behind the host", "http://h", "http://h:80"},
		{"nothing behind the port", "http://h:81", "http://h:81"},
		{"a query behind the host", "http://h?x=http://g:9/", "http://h:80"},
		{"a query behind the port", "http://h:81?x=a:b@c", "http://h:81"},
		{"a fragment behind the host", "http://h#x:9/@g", "http://h:80"},
		{"a fragment behind the port", "http://h:81#x", "http://h:81"},
		{"a port in the path", "http://h/a:9", "http://h:80"},
		{"an @ in the path", "http://h/@me", "http://h:80"},
		{"an @ in the query", "http://h/?mail=a:b@c", "http://h:80"},

		{"a user", "http://me@h/", "http://h:80"},
		{"a login", "https://Me:Secret@h/", "https://h:443"},
		{"a login and a port", "http://me:secret@h:81/", "http://h:81"},
		{"an empty login", "http://@h/", "http://h:80"},
		{"a colon in the password", "http://me:sec:ret@h/", "http://h:80"},
		{"an @ in the password", "http://me:sec@ret@h:81/", "http://h:81"},
		{"a bracket in the password", "http://me:sec]ret@h:81/", "http://h:81"},

		{"IPv4", "http://127.0.0.1/", "http://127.0.0.1:80"},
		{"IPv6", "http://[::1]/", "http://[::1]:80"},
		{"IPv6 and a port", "http://[2001:DB8::A]:81/", "http://[2001:db8::a]:81"},
		{"IPv6 and an empty port", "http://[::1]:/", "http://[::1]:80"},
		{"IPv6, nothing behind it", "https://[::1]", "https://[::1]:443"},
		{"IPv6 and a login", "http://me:secret@[::1]/", "http://[::1]:80"},
		{"IPv6, a login and a port", "http://me:secret@[::1]:81/", "http://[::1]:81"},

		{"no scheme is that of no other", "h/path", "://h:"},

		{"what is no port is not shown", "http://me:sec/ret@h/", "http://me:80"},
		{"nor are two", "https://me:se:1/ret@h/", "https://me:443"},

		{"one slash", "http:/h/", "http://h:80"},
		{"three slashes", "http:///h/", "http://h:80"},
		{"a file has no host", "file:///etc/hostname", "file://:"},
		/* Nothing that can be fetched, but it has to have one. */
		{"nothing", "", "://:"},
		{"only a scheme", "https://", "https://:443"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		size_t len = strlen(cases[i].url);
		/* Without a NUL behind it: only len counts. The sanitizer sees the end. */
		char *bytes = mem_zero(len + 1, 1);
		struct buf out;

		memcpy(bytes, cases[i].url, len);
		bytes = mem_resize(bytes, len ? len : 1, 1);
		buf_init(&out, BUF_UNLIMITED);
		buf_put_text(&out, "A");
		url_put_origin(&out, bytes, len);
		case_text(cases[i].name, out.data + 1, cases[i].origin);
		case_true(cases[i].name, out.data[0] == 'A'); /* untouched, and in its case */
		buf_release(&out);
		free(bytes);
	}
}

/* As libcurl would read it with this default, so that nobody else has to. */
static void a_url_without_a_scheme_gets_one(void **state)
{
	static const struct {
		const char *url, *expected, *origin;
	} cases[] = {
		{"h/path", "https://h/path", "https://h:443"},
		{"Localhost", "https://Localhost", "https://localhost:443"},
		{"localhost:8080/x", "https://localhost:8080/x", "https://localhost:8080"},
		{"h?http://g/", "https://h?http://g/", "https://h:443"},
		{"me:secret@h/", "https://me:secret@h/", "https://h:443"},
		{"me:secret@h:81/", "https://me:secret@h:81/", "https://h:81"},
		{"[::1]/", "https://[::1]/", "https://[::1]:443"},
		{"[::1]:81", "https://[::1]:81", "https://[::1]:81"},
		{"1http://h/", "https://1http://h/", "https://1http:443"},
		{"http", "https://http", "https://http:443"},
		{"http:80/", "https://http:80/", "https://http:80"},
		{"http://h/", "http://h/", "http://h:80"},
		{"HTTP://h/", "HTTP://h/", "http://h:80"},
		{"http:/h/", "http:/h/", "http://h:80"},
		{"file:///etc/hostname", "file:///etc/hostname", "file://:"},
		{"a-23456789012345678901234567890123456789://h", NULL, NULL},
		{"a-234567890123456789012345678901234567890://h", "https://", NULL},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const char *expected = cases[i].expected;
		struct buf url, origin;

		buf_init(&url, BUF_UNLIMITED);
		buf_init(&origin, BUF_UNLIMITED);
		buf_put_text(&url, cases[i].url);
		url_put_scheme(&url, "https");
		url_put_origin(&origin, url.data, url.len);
		if (cases[i].origin) {
			case_text(cases[i].url, url.data, expected);
			case_text(cases[i].url, origin.data, cases[i].origin);
		} else {
			case_true(cases[i].url, !strncmp(url.data, "https://", 8) == !!expected);
		}
		buf_release(&url);
		buf_release(&origin);
	}
}

/* ---- resolving ---- */

/* RFC 3986, 5.4, and what is written otherwise on the Web. */
static void a_target_is_resolved(void **state)
{
	static const char base[] = "http://a/b/c/d;p?q";
	static const struct {
		const char *target, *expected; /* NULL: it cannot be */
	} cases[] = {
		{"g", "http://a/b/c/g"},
		{"./g", "http://a/b/c/g"},
		{"g/", "http://a/b/c/g/"},
		{"/g", "http://a/g"},
		{"//g", "http://g/"},
		{"?y", "http://a/b/c/d;p?y"},
		{"g?y", "http://a/b/c/g?y"},
		{"#s", "http://a/b/c/d;p?q"},
		{"g?y#s", "http://a/b/c/g?y"},
		{";x", "http://a/b/c/;x"},
		{"", "http://a/b/c/d;p?q"},
		{"..", "http://a/b/"},
		{"../g", "http://a/b/g"},
		{"../../g", "http://a/g"},
		{"http://g:81/x?y", "http://g:81/x?y"},
		{"HTTPS://G", "https://G/"},
		{"file:///etc/passwd", "file:///etc/passwd"},
		{"/a b", "http://a/a%20b"},
		{"/caf\xc3\xa9", "http://a/caf%c3%a9"},
		{"/a%20b%2f", "http://a/a%20b%2f"},
		{"http://", NULL},
		{"http://[::1/", NULL},
		{"http://h:99999/", NULL},
		{"/a\nb", NULL},
		{"http://h\x1b/", NULL},
		{"mailto:a@b", NULL},
		{"javascript:x", NULL},
		{"localhost:80/x", NULL},
	};
	struct buf url;

	(void)state;
	buf_init(&url, BUF_UNLIMITED);
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct error e = {""};
		enum err failed;

		buf_clear(&url);
		buf_put_text(&url, "unchanged");
		failed = url_resolve(base, cases[i].target, &url, &e);
		case_err(cases[i].target, failed, cases[i].expected ? ERR_NONE : ERR_SYNTAX);
		case_text(cases[i].target, url.data,
		          cases[i].expected ? cases[i].expected : "unchanged");
		case_true(cases[i].target, !failed || *e.text);
	}
	buf_release(&url);
}

static void a_url_by_itself_has_one_form(void **state)
{
	static const char *const cases[][2] = {
		{"http://h", "http://h/"},          {"h/a#b", "http://h/a"},
		{"HTTP://h/a", "http://h/a"},       {"http://h/a/../b", "http://h/b"},
		{"http://u:p@h/", "http://u:p@h/"}, {"http:/h?x", "http://h/?x"},
		{"http://%37/", "http://0.0.0.7/"},
	};
	struct buf url;

	(void)state;
	buf_init(&url, BUF_UNLIMITED);
	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_err(url_resolve(cases[i][0], NULL, &url, NULL), ERR_NONE);
		case_text(cases[i][0], url.data, cases[i][1]);
	}
	assert_err(url_resolve("http://[", NULL, &url, NULL), ERR_SYNTAX);
	assert_err(url_resolve("http://h%7f/", NULL, &url, NULL), ERR_SYNTAX);
	buf_release(&url);
}

static void all_but_unreserved_characters_are_encoded(void **state)
{
	static const char text[] = "AZaz09-._~ /?#[]@!$&'()*+,;=%\xc3\xa9\x01";
	struct buf out;

	(void)state;
	buf_init(&out, BUF_UNLIMITED);
	buf_put_text(&out, "<");
	url_put_encoded(&out, text, sizeof(text));
	url_put_encoded(&out, text, 0);
	assert_string_equal(out.data, "<AZaz09-._~%20%2F%3F%23%5B%5D%40%21%24%26%27%28%29%2A%2B%2C"
	                              "%3B%3D%25%C3%A9%01%00");
	buf_release(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(passwords_are_masked),
		cmocka_unit_test(passwords_are_masked_however_the_url_is_written),
		cmocka_unit_test(passwords_are_masked_in_what_is_no_url),
		cmocka_unit_test(passwords_are_masked_in_text),
		cmocka_unit_test(what_has_no_password_stays_as_it_is),
		cmocka_unit_test(a_host_is_found_and_in_lower_case),
		cmocka_unit_test(what_is_no_url_has_no_host),
		cmocka_unit_test(what_libcurl_can_read_is_a_url),
		cmocka_unit_test(a_path_is_what_the_server_is_asked_for),
		cmocka_unit_test(percent_codes_are_decoded),
		cmocka_unit_test(an_origin_is_scheme_name_and_port),
		cmocka_unit_test(a_url_without_a_scheme_gets_one),
		cmocka_unit_test(a_target_is_resolved),
		cmocka_unit_test(a_url_by_itself_has_one_form),
		cmocka_unit_test(all_but_unreserved_characters_are_encoded),
	};
	int failed;

	setlocale(LC_CTYPE, "C.UTF-8"); /* as the program */
	if (transfer_global_init(NULL))
		return 1;
	failed = UNIT_RUN(tests);
	transfer_global_release();
	return failed;
}
