#include "cli/conceal.h"

#include <string.h>

#include "base/buf.h"
#include "transfer/field.h"
#include "transfer/url.h"

static const char stars[] = "***";

/* The first keep bytes of value stay. */
static void put_start(struct buf *out, const char *value, size_t keep)
{
	buf_put(out, value, keep);
	buf_put_text(out, stars);
}

static void put_concealed(struct buf *out, const char *value, enum secret what)
{
	size_t colon = strcspn(value, ":"), equals = strcspn(value, "=");

	if (what == SECRET_URL)
		url_put_masked(out, value, strlen(value));
	else if (what == SECRET_LOGIN)
		put_start(out, value, value[colon] && value[colon + 1] ? colon + 1 : 0);
	else if (what == SECRET_FILE && value[colon])
		put_start(out, value, colon + 1);
	else if (what == SECRET_TOKEN || (what == SECRET_DATA && *value != '@'))
		put_start(out, value, 0);
	else if (what == SECRET_VALUE && value[equals])
		put_start(out, value, equals + 1);
	else if (what == SECRET_HEADER && value[colon] && field_is_secret(value, colon))
		put_start(out, value, colon + 1);
	else
		buf_put_text(out, value);
}

void conceal(char *value, enum secret what)
{
	struct buf text;

	if (what == SECRET_NOTHING)
		return;
	buf_init(&text, BUF_UNLIMITED);
	put_concealed(&text, value, what);
	for (size_t i = 0; value[i]; i++)
		value[i] = i < text.len ? text.data[i] : ' ';
	buf_release(&text);
}
