/*
 * Feeds input/template.c a template and a value for all its variables, a line each.
 * What stands there as {name} cannot break out: a URL keeps its host and the segments of its path,
 * a header is one line, JSON stays JSON of the same shape.
 */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json_read.h"
#include "input/template.h"
#include "transfer/url.h"

/* A template_value_fn. */
static enum err get_value(const char *name, const char **ret_value, size_t *ret_len, void *arg,
                          struct error *e)
{
	(void)name;
	(void)e;
	*ret_value = arg;
	*ret_len = strlen(arg);
	return ERR_NONE;
}

/* Of all values in it: what they are, but for the characters of strings. */
static void put_shape(struct buf *out, const struct cJSON *value)
{
	buf_put_byte(out, (char)('0' + json_type(value)));
	if (json_type(value) != JSON_ARRAY && json_type(value) != JSON_OBJECT)
		return;
	for (const struct cJSON *v = json_first(value); v; v = json_next(v))
		put_shape(out, v);
	buf_put_byte(out, '.');
}

static void check_json(const struct buf *plain, const struct buf *filled)
{
	struct cJSON *a = json_parse(plain->data, plain->len, NULL);
	struct cJSON *b = json_parse(filled->data, filled->len, NULL);
	struct buf shape_a, shape_b;

	buf_init(&shape_a, BUF_UNLIMITED);
	buf_init(&shape_b, BUF_UNLIMITED);
	if (a) {
		REQUIRE(b);
		put_shape(&shape_a, a);
		put_shape(&shape_b, b);
		REQUIRE(!strcmp(shape_a.data, shape_b.data));
	}
	buf_release(&shape_a);
	buf_release(&shape_b);
	json_free(a);
	json_free(b);
}

static size_t count_slashes(const char *text)
{
	size_t count = 0;

	for (; *text; text++)
		count += *text == '/';
	return count;
}

static void check_url(const struct buf *plain, const struct buf *filled)
{
	struct buf a, b;

	buf_init(&a, BUF_UNLIMITED);
	buf_init(&b, BUF_UNLIMITED);
	if (!url_path(plain->data, &a) && !url_path(filled->data, &b))
		REQUIRE(count_slashes(a.data) == count_slashes(b.data));
	buf_release(&a);
	buf_release(&b);
}

/* value, and a plain word in its stead: has nothing else changed? */
static void check_fill(struct template *template, enum template_use use, char *value)
{
	char word[] = "x";
	struct error e = {""};
	struct buf plain, filled;

	buf_init(&plain, BUF_UNLIMITED);
	buf_init(&filled, BUF_UNLIMITED);
	if (template_fill(template, get_value, value, &filled, &e)) {
		REQUIRE(e.text[0]);
	} else if (!template_fill(template, get_value, word, &plain, NULL)) {
		if (use == TEMPLATE_URL)
			check_url(&plain, &filled);
		else if (use == TEMPLATE_BODY)
			check_json(&plain, &filled);
		else
			REQUIRE(fuzz_has_control(plain.data, plain.len, "\t") ||
			        !fuzz_has_control(filled.data, filled.len, "\t"));
	}
	buf_release(&plain);
	buf_release(&filled);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const enum template_use uses[] = {TEMPLATE_URL, TEMPLATE_HEADER, TEMPLATE_BODY};
	struct parts parts = {(const char *)data, size};
	char *text = parts_next(&parts, '\n'), *value = parts_next(&parts, '\0');
	struct template *template = NULL;
	struct error e = {""};

	fuzz_fetch_options();
	for (size_t i = 0; i < sizeof(uses) / sizeof(uses[0]); i++) {
		if (template_new(text, strlen(text), uses[i], &template, &e)) {
			REQUIRE(e.text[0]);
			continue;
		}
		/* {+name} may do anything. */
		if (!strstr(text, "{+"))
			check_fill(template, uses[i], value);
		template_free(template);
	}
	free(text);
	free(value);
	return 0;
}
