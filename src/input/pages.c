#include "input/pages.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"

enum { MOST_DIGITS = 18 };

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static size_t count_digits(const char *at)
{
	size_t len = 0;

	while (is_digit(at[len]))
		len++;
	return len;
}

static uint64_t read_number(const char *at, size_t len)
{
	uint64_t number = 0;

	while (len--)
		number = number * 10 + (uint64_t)(*at++ - '0');
	return number;
}

/* Whether b is a with another number where a differs first, and a number of the same form. */
static bool differ_in_number(const char *a, const char *b, size_t *ret_at)
{
	size_t at = 0, a_len, b_len;

	while (a[at] && a[at] == b[at])
		at++;
	while (at && is_digit(a[at - 1]))
		at--;
	a_len = count_digits(a + at);
	b_len = count_digits(b + at);
	if (!a_len || !b_len || a_len > MOST_DIGITS || b_len > MOST_DIGITS ||
	    strcmp(a + at + a_len, b + at + b_len) != 0)
		return false;
	*ret_at = at;
	/* One that is filled up with zeros is as long as the other. */
	return a_len == b_len || ((a[at] != '0' || b_len > a_len) && b[at] != '0');
}

/* Whether that is what stands before a number: "?page=2", "/page/2", "&page%5Bnumber%5D=2". */
static bool is_named_page(const char *url, size_t number_at)
{
	size_t end = number_at ? number_at - 1 : 0, start = end;
	char *name;
	bool is_page;

	while (start && !strchr("/?&;", url[start - 1]))
		start--;
	name = mem_bytes(url + start, end - start);
	is_page = strcasestr(name, "page") && !strcasestr(name, "offset");
	free(name);
	return is_page;
}

bool page_range_find(const char *own, const char *next, const char *last,
                     struct page_range *ret_range)
{
	struct page_range range = {0};
	size_t own_at, at;

	if (!differ_in_number(next, last, &at))
		return false;
	range.number_at = at;
	range.number_len = count_digits(next + at);
	range.first = read_number(next + at, range.number_len);
	range.last = read_number(last + at, count_digits(last + at));
	if (range.last <= range.first)
		return false;
	if (differ_in_number(own, next, &own_at)) {
		if (own_at != at ||
		    read_number(own + at, count_digits(own + at)) + 1 != range.first)
			return false;
	} else if (range.first != 2 || !is_named_page(next, at)) {
		return false;
	}
	*ret_range = range;
	return true;
}

void page_range_put(struct buf *out, const struct page_range *range, const char *next,
                    uint64_t number)
{
	const char *digits = next + range->number_at;
	int width = *digits == '0' ? (int)range->number_len : 0;

	buf_put(out, next, range->number_at);
	buf_printf(out, "%0*llu", width, (unsigned long long)number);
	buf_put_text(out, digits + range->number_len);
}
