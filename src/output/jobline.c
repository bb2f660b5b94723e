#include "output/jobline.h"

#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/json.h"
#include "transfer/options.h"
#include "transfer/request.h"

static size_t name_length(const char *header)
{
	return strcspn(header, ":;");
}

static bool has_same_name(const char *a, const char *b)
{
	return name_length(a) == name_length(b) && !strncasecmp(a, b, name_length(a));
}

static void put_values(struct json *json, const struct fetch_options *options, size_t first)
{
	const char *name = fetch_options_header(options, first), *header;

	json_key_bytes(json, name, name_length(name));
	json_begin(json, '[');
	for (size_t i = first; (header = fetch_options_header(options, i)); i++) {
		const char *value = header + name_length(header);
		if (!has_same_name(header, name))
			continue;
		value += *value != '\0';
		json_text(json, value + strspn(value, " \t"));
	}
	json_end(json, ']');
}

static void put_headers(struct json *json, const struct fetch_options *options)
{
	const char *header;

	json_key(json, "headers");
	json_begin(json, '{');
	for (size_t i = 0; (header = fetch_options_header(options, i)); i++) {
		bool is_first = true;
		for (size_t k = 0; k < i; k++)
			is_first &= !has_same_name(fetch_options_header(options, k), header);
		if (is_first)
			put_values(json, options, i);
	}
	json_end(json, '}');
}

void jobline_put(struct buf *out, const struct request *request)
{
	const struct fetch_options *options = request->options;
	struct json json;

	json_init(&json, out);
	json_begin(&json, '{');
	json_key(&json, "url");
	json_bytes(&json, request->url.data, request->url.len);
	if (strcmp(options->method, "GET") != 0) {
		json_key(&json, "method");
		json_text(&json, options->method);
	}
	if (fetch_options_header(options, 0))
		put_headers(&json, options);
	if (options->has_body) {
		json_key(&json, "body");
		json_bytes(&json, options->body.data, options->body.len);
	}
	json_end(&json, '}');
	buf_put_byte(out, '\n');
}
