/*
 * Feeds output/file_name.c a template, a URL, an output of the request's own, an id and a
 * Content-Disposition, a line each.
 * A name stays below its folder: its components are what output/file_name.h says.
 */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "output/file_name.h"
#include "transfer/request.h"

/* written: the user may have put a dot in front, and ".part" at the end, himself. */
static void check_component(const char *name, size_t len, bool is_written)
{
	uint32_t code;

	REQUIRE(len && len <= 255);
	REQUIRE(!(len == 1 && *name == '.') && !(len == 2 && !memcmp(name, "..", 2)));
	if (is_written)
		return;
	REQUIRE(*name != '.' && len <= FILE_NAME_COMPONENT_BYTES);
	REQUIRE(len < 5 || strncasecmp(name + len - 5, ".part", 5) != 0);
	for (size_t at = 0, step; at < len; at += step) {
		REQUIRE((step = utf8_next(name + at, len - at, &code)));
		REQUIRE(!utf8_is_unsafe(code) && code != '/');
	}
}

static void check_name(const struct buf *name, bool is_written)
{
	const char *at = name->data;

	REQUIRE(strlen(name->data) == name->len && name->len <= FILE_NAME_MAX_BYTES);
	for (;;) {
		size_t len = strcspn(at, "/");

		check_component(at, len, is_written);
		if (!at[len])
			break;
		at += len + 1;
	}
}

static void check_served(const char *disposition)
{
	struct buf name;

	buf_init(&name, BUF_UNLIMITED);
	if (file_name_put_served(&name, disposition)) {
		check_name(&name, false);
		REQUIRE(!strchr(name.data, '/'));
	} else {
		REQUIRE(!name.len);
	}
	buf_release(&name);
}

static void check_template(const char *text, bool is_written, const struct request *request)
{
	struct file_template *template = NULL;
	struct error e = {""};
	struct buf name;

	buf_init(&name, BUF_UNLIMITED);
	if (file_name_parse(text, &template, &e)) {
		REQUIRE(e.text[0]);
	} else {
		file_name_put(&name, template, request);
		check_name(&name, is_written);
	}
	file_name_free(template);
	buf_release(&name);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct parts parts = {(const char *)data, size};
	char *lines[5];
	struct request request;

	for (size_t i = 0; i < 5; i++)
		lines[i] = parts_next(&parts, '\n');
	request_init(&request);
	request.options = fuzz_fetch_options();
	buf_put_text(&request.url, lines[1]);
	buf_put_text(&request.output, lines[2]);
	if (fuzz_is_json(lines[3], strlen(lines[3])))
		buf_put_text(&request.id, lines[3]);
	buf_put(&request.globs, "a\0/..", 6);
	check_template(lines[0], !request.output.len, &request);
	check_template("{host}/{path}/#1.{ext}", false, &request);
	check_served(lines[4]);
	request_release(&request);
	for (size_t i = 0; i < 5; i++)
		free(lines[i]);
	return 0;
}
