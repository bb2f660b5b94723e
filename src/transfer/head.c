#include "transfer/head.h"

#include <string.h>
#include <strings.h>

#include "transfer/ceilings.h"
#include "transfer/field.h"

enum { MOST_DIGITS = 18 }; /* fit 64 bits */

static const char blanks[] = " \t\r\n";

/* Whether the list of words has this one. */
static bool has_word(const char *words, const char *word, size_t len)
{
	size_t word_len;

	for (; *words; words += word_len) {
		words += strspn(words, " \t,");
		word_len = strcspn(words, " \t,;");
		if (word_len == len && !strncasecmp(words, word, len))
			return true;
	}
	return false;
}

static bool is_word(const char *word, size_t len, const char *expected)
{
	return len == strlen(expected) && !strncasecmp(word, expected, len);
}

/* Whether libcurl's decoders may have a body with these codings. NULL: it knows those it has. */
static bool takes_codings(struct head *head, const char *at, const char *end, const char *accepts)
{
	while (at < end) {
		const char *comma = memchr(at, ',', (size_t)(end - at));
		const char *word = at, *word_end = comma ? comma : end;
		size_t len;

		at = word_end + 1;
		while (word < word_end && strchr(blanks, *word))
			word++;
		while (word < word_end && strchr(blanks, word_end[-1]))
			word_end--;
		len = (size_t)(word_end - word);
		if (!len || is_word(word, len, "identity") || is_word(word, len, "chunked"))
			continue;
		if (++head->codings > 1 ||
		    (is_word(word, len, "zstd") && !has_word(accepts, word, len)))
			return false;
	}
	return true;
}

/* RFC 9112, 6.3: what ends a body must be beyond doubt, or the rest of it is the next answer. */
static bool takes_length(struct head *head, const char *at, const char *end)
{
	int64_t length = 0;
	int digits = 0;

	while (at < end && strchr(blanks, *at))
		at++;
	while (at < end && strchr(blanks, end[-1]))
		end--;
	for (; at < end && *at >= '0' && *at <= '9' && digits < MOST_DIGITS; at++, digits++)
		length = 10 * length + (*at - '0');
	if (at < end || !digits || (head->length && head->length != length + 1))
		return false;
	head->length = length + 1;
	return true;
}

/* RFC 9110, 15.2: another head follows a 1xx, but 101 is the last one of its protocol. */
static bool is_interim(const char *line, const char *end)
{
	const char *blank = memchr(line, ' ', (size_t)(end - line));

	return blank && end - blank > 1 && blank[1] == '1' &&
	       (end - blank < 4 || memcmp(blank + 1, "101", 3) != 0);
}

enum head_verdict head_take(struct head *head, const char *line, size_t len, const char *accepts)
{
	static const char content[] = "Content-Encoding:", transfer[] = "Transfer-Encoding:",
			  length[] = "Content-Length:";
	const char *end = line + len;

	head->bytes += len;
	head->lines++;
	if (field_line_begins(line, len, "HTTP/")) {
		head->codings = 0;
		head->length = 0;
		head->is_interim = is_interim(line, end);
		head->is_begun = true;
		head->is_over = false;
	}
	if (len && strchr("\r\n", *line))
		head->is_over = !head->is_interim;
	if (head->bytes > MAX_HEAD_BYTES)
		return HEAD_TOO_LARGE;
	if (head->lines > MAX_HEAD_LINES)
		return HEAD_TOO_MANY;
	if (accepts && field_line_begins(line, len, content) &&
	    !takes_codings(head, line + strlen(content), end, accepts))
		return HEAD_OTHER_CODING;
	if (field_line_begins(line, len, transfer) &&
	    !takes_codings(head, line + strlen(transfer), end, accepts ? accepts : ""))
		return HEAD_OTHER_CODING;
	if (field_line_begins(line, len, length) && !takes_length(head, line + strlen(length), end))
		return HEAD_BAD_LENGTH;
	return HEAD_GOOD;
}

void head_expect(struct head *head)
{
	head->is_begun = false;
	head->is_over = false;
}

bool head_is_cut(const struct head *head)
{
	return head->is_begun && !head->is_over;
}
