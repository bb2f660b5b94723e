/*
 * output/file_name: templates, and names that stay where they belong, whatever a URL says.
 */
#include "unit.h"

#include <stdlib.h>
#include <strings.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "output/file_name.h"
#include "transfer/options.h"
#include "transfer/request.h"
#include "transfer/session.h"

static const struct fetch_options how = {.fingerprint = {1, 2}};

/* globs: texts with a NUL behind each, or NULL. */
static void fill_request(struct request *r, const char *url, const char *globs, size_t globs_len)
{
	request_init(r);
	r->index = 7;
	r->options = &how;
	buf_put_text(&r->url, url);
	buf_put(&r->globs, globs, globs_len);
}

/* The whole name, with the folder in front. The caller frees it. */
static char *name_of_globs(const char *text, const char *url, const char *globs, size_t globs_len)
{
	struct file_template *template = NULL;
	struct error e = {""};
	struct request r;
	struct buf out;
	size_t len;

	if (file_name_parse(text, &template, &e))
		fail_msg("%s: %s", text, e.text);
	fill_request(&r, url, globs, globs_len);
	buf_init(&out, BUF_UNLIMITED);
	buf_put_text(&out, file_name_folder(template));
	file_name_put(&out, template, &r);
	case_uint(url, out.len, strlen(out.data));
	request_release(&r);
	file_name_free(template);
	return buf_take(&out, &len);
}

static char *name_of(const char *text, const char *url)
{
	return name_of_globs(text, url, NULL, 0);
}

static void case_name(const char *name, const char *text, const char *url, const char *expected)
{
	char *actual = name_of(text, url);

	case_text(name, actual, expected);
	free(actual);
}

/* times one text behind the other, between two others. The caller frees it. */
static char *repeat(const char *before, const char *text, size_t times, const char *behind)
{
	struct buf all;
	size_t len;

	buf_init(&all, BUF_UNLIMITED);
	buf_put_text(&all, before);
	while (times--)
		buf_put_text(&all, text);
	buf_put_text(&all, behind);
	return buf_take(&all, &len);
}

/* ---- templates ---- */

static void variables_are_parts_of_the_request(void **state)
{
	static const char url[] = "https://me:pw@WWW.Example.org:8443/a/b%20c/d.tar.gz?q=/x#/y";
	static const struct {
		const char *text, *expected;
	} cases[] = {
		{"{host}", "www.example.org"},
		{"{path}", "a/b c/d.tar.gz"},
		{"{name}", "d.tar.gz"},
		{"{stem}", "d.tar"},
		{"{ext}", "gz"},
		{"{index}", "7"},
		{"{index:01}", "7"},
		{"{index:05}", "00007"},
		{"{index:020}", "00000000000000000007"},
		{"{id}", "7"},
		{"{host}/{path}", "www.example.org/a/b c/d.tar.gz"},
		{"{stem}-{index}.{ext}", "d.tar-7.gz"},
		{"{name}{name}", "d.tar.gzd.tar.gz"},
		{"x{path}y", "xa/b c/d.tar.gzy"},
		{"no variable", "no variable"},
		{"{{name}}", "{name}"},
		{"{{{name}}}", "{d.tar.gz}"},
		{"}}{{", "}{"},
		{"##1", "#1"},
		{"a#b#", "a#b#"},
		{".{name}", ".d.tar.gz"},
		{".config/{host}.d/.x", ".config/www.example.org.d/.x"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		case_name(cases[i].text, cases[i].text, url, cases[i].expected);
}

/* Of a request with that id, or with a name of its own. */
static void case_job(const char *text, const char *id, const char *output, const char *expected)
{
	struct file_template *template = NULL;
	struct request r;
	struct buf out;

	case_err(text, file_name_parse(text, &template, NULL), ERR_NONE);
	fill_request(&r, "http://h/n.x", NULL, 0);
	buf_put_text(&r.id, id);
	buf_put_text(&r.output, output);
	buf_init(&out, BUF_UNLIMITED);
	file_name_put(&out, template, &r);
	case_text(*id ? id : output, out.data, expected);
	buf_release(&out);
	request_release(&r);
	file_name_free(template);
}

static void an_id_is_a_name(void **state)
{
	static const struct {
		const char *text, *id, *expected;
	} cases[] = {
		{"{id}.json", "12345678901234567890", "12345678901234567890.json"},
		{"{id}", "-1.5e3", "-1.5e3"},
		{"{id}", "\"a b\"", "a b"},
		{"{id}", "\"\\u00e9\"", "\xc3\xa9"},
		{"{id}", "\"../../etc/passwd\"", "_._.._etc_passwd"},
		{"{id}", "\"\\n.part\"", "_.part_"},
		{"{id}", "\"..\"", "_."},
		{"{id}", "\"\"", "_"},
		{"{id}", "null", "7"},
		{"{id}", "true", "7"},
		{"{id}", "[1]", "7"},
		{"{id}", "{\"a\":1}", "7"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		case_job(cases[i].text, cases[i].id, "", cases[i].expected);
}

static void a_name_of_its_own_goes_first(void **state)
{
	static const struct {
		const char *output, *expected;
	} cases[] = {
		{"a", "a"},           {"a/b c/d.e", "a/b c/d.e"}, {"{name}", "{name}"},
		{".a/.b", "_a/_b"},   {"../../x", "_./_./x"},     {"/x//y/", "_/x/_/y/_"},
		{"a\n/\xff", "a_/_"}, {"x.part", "x.part_"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		case_job("other", "", cases[i].output, cases[i].expected);
}

static void a_hash_tells_requests_apart(void **state)
{
	char *a = name_of("{hash}", "http://h/a"), *again = name_of("{hash}", "http://h/a");
	char *b = name_of("{hash}", "http://h/b");

	(void)state;
	assert_int_equal(strlen(a), 16);
	assert_int_equal(strspn(a, "0123456789abcdef"), 16);
	assert_string_equal(a, again);
	assert_string_not_equal(a, b);
	free(a);
	free(again);
	free(b);
}

static void the_folder_before_the_first_variable_is_the_users(void **state)
{
	static const struct {
		const char *text, *folder, *name;
	} cases[] = {
		{"{name}", "", "n"},
		{"out/{name}", "out/", "n"},
		{"out/x{name}", "out/", "xn"},
		{"a/b/{name}/c", "a/b/", "n/c"},
		{"/tmp/{name}", "/tmp/", "n"},
		{"/{name}", "/", "n"},
		{"../../{name}", "../../", "n"},
		{"./{name}", "./", "n"},
		{"a//b/.{name}", "a//b/", ".n"},
		{"{{x}}/##/{name}", "{x}/#/", "n"},
		{"a\nb.part/{name}", "a\nb.part/", "n"},
		{"a/b", "a/", "b"},
		{"a/#1/b", "a/", "#1/b"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct file_template *template = NULL;
		struct request r;
		struct buf out;

		case_err(cases[i].text, file_name_parse(cases[i].text, &template, NULL), ERR_NONE);
		case_text(cases[i].text, file_name_folder(template), cases[i].folder);
		fill_request(&r, "http://h/n", NULL, 0);
		buf_init(&out, BUF_UNLIMITED);
		/* What was in out stays, and is no part of a component. */
		buf_put_text(&out, ".part");
		file_name_put(&out, template, &r);
		case_text(cases[i].text, out.data + 5, cases[i].name);
		case_true(cases[i].text, !strncmp(out.data, ".part", 5));
		buf_release(&out);
		request_release(&r);
		file_name_free(template);
	}
	file_name_free(NULL);
}

static void what_is_wrong_is_said_with_its_column(void **state)
{
	static const struct {
		const char *text, *words;
	} cases[] = {
		{"a/{nam}", "no variable {nam} (column 3)"},
		{"{}", "no variable {} (column 1)"},
		{"{Name}", "no variable {Name} (column 1)"},
		{"{name }", "no variable {name } (column 1)"},
		{"{name:05}", "no variable {name:05} (column 1)"},
		{"{id:05}", "no variable {id:05} (column 1)"},
		{"{index:}", "no variable {index:} (column 1)"},
		{"{index:20}", "no variable {index:20} (column 1)"},
		{"{index:5}", "no variable {index:5} (column 1)"},
		{"{index:0}", "no variable {index:0} (column 1)"},
		{"{index:00}", "no variable {index:00} (column 1)"},
		{"{index:021}", "no variable {index:021} (column 1)"},
		{"{index:0005}", "no variable {index:0005} (column 1)"},
		{"{index:0x}", "no variable {index:0x} (column 1)"},
		{"{name}{x23456789 123456789 123456789 123456789 1}",
	         "no variable {x23456789 123456789 123456789 123456789 ...} (column 7)"},
		{"a{", "a { that is not closed (column 2)"},
		{"{name", "a { that is not closed (column 1)"},
		{"{na{me}", "a { that is not closed (column 1)"},
		{"{a/b}", "a { that is not closed (column 1)"},
		{"{{{", "a { that is not closed (column 3)"},
		{"{{name}", "a } without its { (column 7)"},
		{"a}b", "a } without its { (column 2)"},
		{"#0", "globs are #1 to #100, not #0 (column 1)"},
		{"x#101", "globs are #1 to #100, not #101 (column 2)"},
		{"#00", "globs are #1 to #100, not #00 (column 1)"},
		{"#18446744073709551617",
	         "globs are #1 to #100, not #18446744073709551617 (column 1)"},
		{"", "\"\" names no file (column 1)"},
		{".", "\".\" names no file (column 1)"},
		{"..", "\"..\" names no file (column 1)"},
		{"out/", "\"\" names no file (column 5)"},
		{"out/..", "\"..\" names no file (column 5)"},
		{"/", "\"\" names no file (column 2)"},
		{"{host}/", "\"\" names no file (column 8)"},
		{"{host}//x", "\"\" names no file (column 8)"},
		{"{host}/./x", "\".\" names no file (column 8)"},
		{"{host}/../x", "\"..\" names no file (column 8)"},
		{"../{host}/..", "\"..\" names no file (column 11)"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct file_template *template = (struct file_template *)&state;
		struct error e = {""};

		case_err(cases[i].text, file_name_parse(cases[i].text, &template, &e), ERR_SYNTAX);
		case_true(cases[i].text, template == (struct file_template *)&state);
		case_text(cases[i].text, e.text, cases[i].words);
		case_err(cases[i].text, file_name_parse(cases[i].text, &template, NULL),
		         ERR_SYNTAX);
	}
}

static void case_globs(const char *text, const char *values, size_t len, const char *expected)
{
	char *actual = name_of_globs(text, "http://h/", values, len);

	case_text(text, actual, expected);
	free(actual);
}

static void globs_have_their_values(void **state)
{
	static const char values[] = "en\0"
				     "a/b\0"
				     "\0"
				     ".."
				     "\0"
				     "08";
	static const struct {
		const char *text, *expected;
	} cases[] = {
		{"#1", "en"},     {"x#1y", "xeny"},   {"#2", "a_b"},  {"#3", "_"},
		{"x#3y", "xy"},   {"#4", "_."},       {".#4", "..."}, {"#5", "08"},
		{"#5#1", "08en"}, {"#1/#5", "en/08"}, {"#05", "08"},  {"##1", "#1"},
		{"###1", "#en"},  {"#6", "#6"},       {"#06", "#06"}, {"#10", "#10"},
		{"#100", "#100"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		case_globs(cases[i].text, values, sizeof(values), cases[i].expected);
	case_globs(".#1", ".", 2, "_.");
	case_globs(".#1", "", 1, "_");
	case_globs("#1#2", ".\0.", 4, "_.");
	case_name("a URL without globs", "#1-#2", "http://h/", "#1-#2");
}

static void a_dot_goes_with_its_extension(void **state)
{
	static const struct {
		const char *text, *url, *expected;
	} cases[] = {
		{"{stem}.{ext}", "http://h/a.b", "a.b"},
		{"{stem}.{ext}", "http://h/a", "a"},
		{"{stem}.{ext}", "http://h/a.", "a"},
		{"{stem}.{ext}", "http://h/.a", "_a"},
		{"{stem}.{ext}", "http://h/.a.b", "_a.b"},
		{"{stem}.{ext}", "http://h/", "index.html"},
		{"{stem}-{index}.{ext}", "http://h/a", "a-7"},
		{"{stem}{ext}", "http://h/a..", "a."},
		{"{stem}.{ext}.z", "http://h/a", "a.z"},
		{"{ext}", "http://h/a", "_"},
		{".{ext}", "http://h/a", "_"},
		{"{ext}/{name}", "http://h/a", "_/a"},
		{"{ext}{name}", "http://h/.a", "_a"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		case_name(cases[i].text, cases[i].text, cases[i].url, cases[i].expected);
}

/* ---- URLs ---- */

static void names_come_from_the_path_alone(void **state)
{
	static const struct {
		const char *url, *host, *path;
	} cases[] = {
		{"http://h/a", "h", "a"},
		{"http://h", "h", "index.html"},
		{"http://h/", "h", "index.html"},
		{"http://h?a/b", "h", "index.html"},
		{"http://h#a/b", "h", "index.html"},
		{"http://h/?a/b", "h", "index.html"},
		{"http://h/a?b/c", "h", "a"},
		{"http://h/a#b/c", "h", "a"},
		{"http://h/a?b#c/d", "h", "a"},
		{"http://h/a/", "h", "a/index.html"},
		{"http://h/a/b/c", "h", "a/b/c"},
		{"http://h//a///b", "h", "a/b"},
		{"h", "h", "index.html"},
		{"h/a", "h", "a"},
		{"H:80/a/b", "h", "a/b"},
		{"h?http://g/x", "h", "index.html"},
		{"me:pw@h/a", "h", "a"},
		{"http://me@h:1/a@b:c", "h", "a@b:c"},
		{"http://me:p%2fw@h/a", "h", "a"},
		{"http:/h/a", "h", "a"},
		{"http:///h/a", "h", "a"},
		{"https://H.Example./a", "h.example.", "a"},
		{"http://127.0.0.1:81/a", "127.0.0.1", "a"},
		{"http://[2001:DB8::A]:81/a", "2001:db8::a", "a"},
		{"[::1]/a", "::1", "a"},
		{"http://[fe80::1%25eth0]/a", "fe80::1", "a"},
		{"http://b\303\274cher.example/\303\274", "b\303\274cher.example", "\303\274"},
		{"http://ex%61mple.com/a", "example.com", "a"},
		{"file:///a/b", "_", "a/b"},
		{"http://h/a/./b/../c", "h", "a/c"},
		{"http://h/a/..", "h", "index.html"},
		/* Nothing that is fetched. */
		{"", "_", "index.html"},
		{"http://", "_", "index.html"},
		{"nosuch://h/a", "_", "index.html"},
		{"http://h:x/a", "_", "index.html"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		case_name(cases[i].url, "{host}", cases[i].url, cases[i].host);
		case_name(cases[i].url, "{path}", cases[i].url, cases[i].path);
	}
}

struct naming {
	const char *name, *segment; /* of a path */
	const char *expected;       /* NULL: the segment */
};

/* The same is asked of a name and of a folder. */
static void case_segments(const struct naming *cases, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const char *segment = cases[i].segment;
		const char *expected = cases[i].expected ? cases[i].expected : segment;
		char *url = mem_printf("http://h/x/%s", segment);
		char *folder_url = mem_printf("http://h/x/%s/y", segment);
		char *folder = mem_printf("x/%s/y", expected);

		case_name(cases[i].name, "{name}", url, expected);
		case_name(cases[i].name, "{path}", folder_url, folder);
		free(url);
		free(folder_url);
		free(folder);
	}
}

static void hostile_names_are_made_safe(void **state)
{
	static const struct naming cases[] = {
		{"up and away", "%2e%2e%2fetc%2fpasswd", "_._etc_passwd"},
		{"up, capital digits", "%2E%2E%2Fx", "_._x"},
		{"up, half encoded", ".%2e%2fx", "_._x"},
		{"absolute", "%2fetc%2fpasswd", "_etc_passwd"},
		{"only slashes", "%2f%2f", "__"},
		{"a slash", "a%2fb", "a_b"},
		{"a slash and dots behind it", "a%2f..", "a_.."},
		{"up in the middle", "a%2f..%2f..%2fb", "a_.._.._b"},
		{"encoded twice", "%252e%252e%252f", "%2e%2e%2f"},
		{"backslashes", "..\\..\\x", "_.\\..\\x"},
		{"encoded backslashes", "%5c%5cserver%5cshare", "\\\\server\\share"},
		{"a drive", "c:%5cx", "c:\\x"},
		{"a stream", "x:y", NULL},

		{"NUL", "%00", "_"},
		{"a NUL inside", "a%00b", "a_b"},
		{"a NUL behind a dot", ".%00", "__"},
		{"a NUL behind two dots", "..%00x", "_._x"},
		{"a NUL at the end", "x.txt%00", "x.txt_"},
		{"newline", "a%0ab", "a_b"},
		{"carriage return and newline", "a%0d%0ab", "a__b"},
		{"tab", "a%09b", "a_b"},
		{"escape", "%1b[2Ja", "_[2Ja"},
		{"backspace", "a%08b", "a_b"},
		{"DEL", "a%7fb", "a_b"},
		{"C1: CSI", "a%c2%9bb", "a_b"},
		{"C1: NEL", "a%c2%85b", "a_b"},

		{"three dots", "...", "_.."},
		{"four dots, encoded", "%2e%2e%2e%2e", "_..."},
		{"a leading dot", ".bashrc", "_bashrc"},
		{"an encoded leading dot", "%2essh", "_ssh"},
		{"two leading dots", "..x", "_.x"},
		{"a dot and a blank", ".%20", "_ "},
		{"a full width dot", "%ef%bc%8e%ef%bc%8e", "\357\274\216\357\274\216"},
		{"a trailing dot", "a.", NULL},
		{"dots at the end", "a...", NULL},

		{"a byte that is no UTF-8", "a%ffb", "a_b"},
		{"raw bytes that are no UTF-8", "a\377\376b", "a__b"},
		{"Latin-1", "caf%e9", "caf_"},
		{"a lone continuation", "%80", "_"},
		{"a character that is not whole", "a%e2%82", "a__"},
		{"an overlong slash", "a%c0%afb", "a__b"},
		{"an overlong slash of three", "a%e0%80%afb", "a___b"},
		{"an overlong dot", "%c0%ae%c0%ae", "____"},
		{"an overlong NUL", "a%c0%80", "a__"},
		{"a surrogate", "%ed%a0%80", "___"},
		{"past the last character", "%f4%90%80%80", "____"},
		{"five bytes", "%f8%88%80%80%80", "_____"},

		{"right to left override", "a%e2%80%aegpj.exe", "a_gpj.exe"},
		{"raw right to left override", "a\342\200\256gpj.exe", "a_gpj.exe"},
		{"right to left mark", "a%e2%80%8fb", "a_b"},
		{"isolate", "%e2%81%a7a%e2%81%a9", "_a_"},
		{"Arabic letter mark", "a%d8%9cb", "a_b"},
		{"zero width space", "a%e2%80%8bb", "a_b"},
		{"zero width joiner", "a%e2%80%8db", "a_b"},
		{"byte order mark", "%ef%bb%bfa", "_a"},
		{"soft hyphen", "a%c2%adb", "a_b"},
		{"line separator", "a%e2%80%a8b", "a_b"},
		{"word joiner", "a%e2%81%a0b", "a_b"},
		{"Hangul filler", "%e3%85%a4", "_"},
		{"variation selector", "a%ef%b8%8f", "a_"},
		{"a tag", "a%f3%a0%81%81", "a_"},
		{"annotation", "a%ef%bf%b9b", "a_b"},

		{"part", "a.part", "a.part_"},
		{"encoded part", "a%2epart", "a.part_"},
		{"capital part", "a.PaRt", "a.PaRt_"},
		{"only part", ".part", "_part"},
		{"part twice", "a.part.part", "a.part.part_"},
		{"part, and more", "a.part.1", NULL},
		{"no part", "apart", NULL},
	};

	(void)state;
	assert_true(COUNT(cases) >= 60);
	case_segments(cases, COUNT(cases));
}

static void names_that_are_safe_stay(void **state)
{
	static const struct naming cases[] = {
		{"plain", "a.html", NULL},
		{"a blank", "a%20b", "a b"},
		{"only blanks", "%20%20", "  "},
		{"home", "~", NULL},
		{"an option", "-rf", NULL},
		{"con", "con", NULL},
		{"nul with an extension", "NUL.txt", NULL},
		{"quotes and more", "%22'%60$(x);&|<>*%3f%23", "\"'`$(x);&|<>*?#"},
		{"a percent", "100%25", "100%"},
		{"no encoding", "%zz%1%", NULL},
		{"a plus", "a+b", NULL},
		{"a placeholder", "%7bname%7d", "{name}"},
		{"a glob", "%231", "#1"},
		{"umlauts", "%c3%a4\303\266", "\303\244\303\266"},
		{"Chinese", "%e4%b8%ad", "\344\270\255"},
		{"an emoji", "%f0%9f%98%80", "\360\237\230\200"},
		{"the replacement character", "%ef%bf%bd", "\357\277\275"},
		{"a soft hyphen's neighbours", "%c2%ac%c2%ae", "\302\254\302\256"},
	};

	(void)state;
	case_segments(cases, COUNT(cases));
}

static void segments_that_name_nothing_are_left_out(void **state)
{
	static const struct {
		const char *url, *path;
	} cases[] = {
		{"http://h/%2e", "index.html"},    {"http://h/%2e%2e", "index.html"},
		{"http://h/.%2e", "index.html"},   {"http://h/x/%2e/y", "x/y"},
		{"http://h/%2e%2e/%2E%2E/y", "y"}, {"http://h/../../y", "y"},
		{"http://h////", "index.html"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		case_name(cases[i].url, "{path}", cases[i].url, cases[i].path);
	case_name("name", "{name}", "http://h/x/%2e%2e", "index.html");
	case_name("stem", "{stem}", "http://h/x/%2e", "index");
}

/* Whoever wrote the template. */
static void what_the_template_adds_is_made_safe_too(void **state)
{
	static const struct {
		const char *text, *url, *expected;
	} cases[] = {
		{"{name}.part", "http://h/a", "a.part_"},
		{"{name}.part/x", "http://h/a", "a.part_/x"},
		{"x.part", "http://h/a", "x.part_"},
		{"{stem}.part{ext}", "http://h/a", "a.part_"},
		{"{name}\n\377x", "http://h/a", "a__x"},
		{"{name}rt", "http://h/a.pa", "a.part_"},
		{"\303{name}", "http://h/%a4", "__"},
		{"{name}\244", "http://h/%c3", "__"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		case_name(cases[i].text, cases[i].text, cases[i].url, cases[i].expected);
}

/* ---- lengths ---- */

static void long_components_are_cut(void **state)
{
	enum { KEPT = FILE_NAME_COMPONENT_BYTES - 1 };
	static const struct {
		const char *name, *text;
		size_t times;
		const char *behind;
		size_t kept; /* of times */
		const char *end;
	} cases[] = {
		{"as long as it may be", "a", KEPT, "", KEPT, ""},
		{"one too long", "a", KEPT + 1, "", KEPT, ""},
		{"255", "a", 255, "", KEPT, ""},
		{"100000", "a", 100000, "", KEPT, ""},
		{"with an extension", "a", 300, ".html", KEPT - 5, ".html"},
		{"with an extension of 32", "a", 300, ".12345678901234567890123456789012",
	         KEPT - 33, ".12345678901234567890123456789012"},
		{"with an extension of 33", "a", 300, ".123456789012345678901234567890123", KEPT,
	         ""},
		{"with an empty extension", "a", 300, ".", KEPT - 1, "."},
		{"characters of two bytes", "\303\244", 300, "", KEPT / 2, ""},
		{"characters of three bytes", "\344\270\255", 300, "", KEPT / 3, ""},
		{"of four, encoded", "%f0%9f%98%80", 300, "", KEPT / 4, ""},
		{"of three, and an extension", "\344\270\255", 300, ".x", (KEPT - 2) / 3, ".x"},
		{"part, cut", "a", KEPT, ".part", KEPT - 5, ".part_"},
		{"part where it is cut", ".part", KEPT, "", 0, NULL},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		bool is_encoded = *cases[i].text == '%';
		char *url = repeat("http://h/", cases[i].text, cases[i].times, cases[i].behind);
		char *expected = repeat("", is_encoded ? "\360\237\230\200" : cases[i].text,
		                        cases[i].kept, cases[i].end ? cases[i].end : "");
		char *actual = name_of("{name}", url);

		case_true(cases[i].name, strlen(actual) <= FILE_NAME_COMPONENT_BYTES);
		if (cases[i].end)
			case_text(cases[i].name, actual, expected);
		else
			case_text(cases[i].name, actual + strlen(actual) - 6, ".part_");
		free(url);
		free(expected);
		free(actual);
	}
}

static void long_paths_lose_their_inner_folders(void **state)
{
	char *url = repeat("http://h/", "ab/", 5000, "abc");
	char *path = name_of("{path}", url), *expected = repeat("", "ab/", 999, "abc");
	char *deep = name_of("{host}/{path}/{index}/x", url);

	(void)state;
	case_text("folders of two", path, expected);
	assert_int_equal(strlen(path), FILE_NAME_MAX_BYTES);
	assert_int_equal(strncmp(deep, "h/ab/ab/", 8), 0);
	assert_string_equal(deep + strlen(deep) - 5, "/ab/x");
	assert_true(strlen(deep) <= FILE_NAME_MAX_BYTES);
	free(url);
	free(path);
	free(expected);
	free(deep);
}

static void the_longest_path_stays(void **state)
{
	char *url = repeat("http://h/", "ab/", 999, "abc"), *path = name_of("{path}", url);

	(void)state;
	assert_int_equal(strlen(path), FILE_NAME_MAX_BYTES);
	assert_string_equal(path, url + strlen("http://h/"));
	free(url);
	free(path);
}

static void a_taken_name_has_a_number_behind_it(void **state)
{
	struct buf out;

	(void)state;
	buf_init(&out, BUF_UNLIMITED);
	file_name_number(&out, "a.txt", 1);
	buf_put_byte(&out, ' ');
	file_name_number(&out, "x/y", UINT64_MAX);
	assert_string_equal(out.data, "a.txt.1 x/y.18446744073709551615");
	buf_release(&out);
}

/* ---- whatever comes ---- */

static uint64_t random_next(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

static void put_random(struct buf *out, uint64_t *seed)
{
	static const char *const parts[] = {
		".",
		"..",
		"/",
		"//",
		"%2e",
		"%2f",
		"%2E%2E",
		"%5c",
		"\\",
		"%00",
		"%",
		"%%",
		"%0a",
		".part",
		".PART",
		"part",
		"a",
		"name",
		"?",
		"#",
		"&x=/",
		"@",
		":",
		"%20",
		"%e2%80%ae",
		"\342\200\256",
		"\303\244",
		"\344\270\255",
		"%c0%af",
		"%ff",
		"\377",
		"%e2%80",
		"\302\205",
		"%7f",
		".x",
		"~",
		"-",
		"html",
		"%ef%bb%bf",
		"[",
		"]",
		"{",
		"}",
		"..;",
		"%25",
		"+",
		"%f0%9f%98%80",
		"index",
	};
	size_t count = random_next(seed) % 12;

	while (count--) {
		const char *part = parts[random_next(seed) % COUNT(parts)];
		size_t times = random_next(seed) % 40 ? 1 : random_next(seed) % 400;

		while (times--)
			buf_put_text(out, part);
	}
}

/* The component at the start of name keeps the rules; returns what is behind it. */
static const char *check_component(const char *name, const char *url, bool may_have_dot)
{
	size_t len = strcspn(name, "/");

	case_true(url, len > 0 && len <= FILE_NAME_COMPONENT_BYTES);
	case_true(url, may_have_dot || *name != '.');
	case_true(url, len != strspn(name, ".") || len > 2);
	case_true(url, len < 5 || strncasecmp(name + len - 5, ".part", 5) != 0);
	for (size_t i = 0, size; i < len; i += size) {
		uint32_t code = 0;

		size = utf8_next(name + i, len - i, &code);
		case_true(url, size > 0 && !utf8_is_unsafe(code));
		case_true(url, code != 0xfeff && (code < 0x2060 || code > 0x206f));
		size += !size;
	}
	return name + len;
}

static void check_name(const char *name, const char *url, bool may_have_dots)
{
	case_true(url, *name && strlen(name) <= FILE_NAME_MAX_BYTES);
	for (name = check_component(name, url, may_have_dots); *name;)
		name = check_component(name + 1, url, may_have_dots);
}

static void whatever_a_url_says_the_rules_hold(void **state)
{
	static const char *const templates[] = {
		"{name}",         "{path}",       "{host}/{path}", "{stem}.{ext}",
		"{ext}/{stem}",   "#1",           "#1/#2{path}",   "x{host}.part/{ext}",
		"{index}-{name}", ".{ext}{stem}", ".#1",           "..{path}",
		".#1.",
	};
	static const char *const starts[] = {"http://h/", "h/", "http://h", "", "http://h/a/"};
	uint64_t seed = UINT64_C(0x9e3779b97f4a7c15);
	struct buf url, globs;

	(void)state;
	buf_init(&url, BUF_UNLIMITED);
	buf_init(&globs, BUF_UNLIMITED);
	for (unsigned i = 0; i < 20000; i++) {
		const char *template = templates[i % COUNT(templates)];
		char *name;

		buf_clear(&url);
		buf_put_text(&url, starts[random_next(&seed) % COUNT(starts)]);
		put_random(&url, &seed);
		buf_clear(&globs);
		put_random(&globs, &seed);
		buf_put_byte(&globs, '\0');
		name = name_of_globs(template, url.data, globs.data, globs.len);
		check_name(name, url.data, *template == '.');
		free(name);
	}
	buf_release(&url);
	buf_release(&globs);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(variables_are_parts_of_the_request),
		cmocka_unit_test(an_id_is_a_name),
		cmocka_unit_test(a_name_of_its_own_goes_first),
		cmocka_unit_test(a_hash_tells_requests_apart),
		cmocka_unit_test(the_folder_before_the_first_variable_is_the_users),
		cmocka_unit_test(what_is_wrong_is_said_with_its_column),
		cmocka_unit_test(globs_have_their_values),
		cmocka_unit_test(a_dot_goes_with_its_extension),
		cmocka_unit_test(names_come_from_the_path_alone),
		cmocka_unit_test(hostile_names_are_made_safe),
		cmocka_unit_test(names_that_are_safe_stay),
		cmocka_unit_test(segments_that_name_nothing_are_left_out),
		cmocka_unit_test(what_the_template_adds_is_made_safe_too),
		cmocka_unit_test(long_components_are_cut),
		cmocka_unit_test(long_paths_lose_their_inner_folders),
		cmocka_unit_test(the_longest_path_stays),
		cmocka_unit_test(a_taken_name_has_a_number_behind_it),
		cmocka_unit_test(whatever_a_url_says_the_rules_hold),
	};
	int failed;

	if (transfer_global_init(NULL))
		return 1;
	failed = UNIT_RUN(tests);
	transfer_global_release();
	return failed;
}
