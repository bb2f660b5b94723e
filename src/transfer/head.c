#include "transfer/head.h"

#include <string.h>
#include <strings.h>

#include "transfer/ceilings.h"
#include "transfer/field.h"

static const char blanks[] = " \t\r\n";

/* Takes the blanks off both ends. */
static void trim(const char **at, const char **end)
{
	while (*at < *end && strchr(blanks, **at))
		++*at;
	while (*at < *end && strchr(blanks, (*end)[-1]))
		--*end;
}

/* The next element of a list (RFC 9110, 5.6.1), without blanks; it may be empty. */
static void next_element(const char **at, const char *end, const char **ret_word,
                         const char **ret_end)
{
	const char *comma = memchr(*at, ',', (size_t)(end - *at));

	*ret_word = *at;
	*ret_end = comma ? comma : end;
	*at = comma ? comma + 1 : end;
	trim(ret_word, ret_end);
}

/* False: it is encoded twice. */
static bool takes_codings(struct head *head, const char *at, const char *end)
{
	while (at < end) {
		const char *word, *word_end;
		enum coding coding;

		next_element(&at, end, &word, &word_end);
		if (word == word_end)
			continue;
		coding = coding_named(word, (size_t)(word_end - word));
		if (coding)
			head->coding = coding;
		if (coding && ++head->codings > 1)
			return false;
	}
	return true;
}

static enum head_verdict parse_length(const char *at, const char *end, int64_t *ret_length)
{
	int64_t length = 0;
	bool is_huge = false;

	if (at == end)
		return HEAD_BAD_LENGTH;
	for (; at < end; at++) {
		if (*at < '0' || *at > '9')
			return HEAD_BAD_LENGTH;
		if (length > (INT64_MAX - (*at - '0')) / 10)
			is_huge = true;
		else
			length = 10 * length + (*at - '0');
	}
	*ret_length = length;
	return is_huge ? HEAD_HUGE_LENGTH : HEAD_GOOD;
}

/*
 * RFC 9112, 6.3: what ends a body must be beyond doubt, or the rest of it is the next response. The
 * same length may come more than once, in a list, too (RFC 9110, 8.6).
 */
static enum head_verdict take_length(struct head *head, const char *at, const char *end)
{
	do {
		const char *word, *word_end;
		enum head_verdict verdict;
		int64_t length = 0;

		next_element(&at, end, &word, &word_end);
		verdict = parse_length(word, word_end, &length);
		if (verdict)
			return verdict;
		if (head->has_length && head->length != length)
			return HEAD_BAD_LENGTH;
		head->has_length = true;
		head->length = length;
	} while (at < end);
	return HEAD_GOOD;
}

/* RFC 9110, 15.2: another head follows a 1xx, but 101 is the last one of its protocol. */
static bool is_interim(const char *line, const char *end)
{
	const char *blank = memchr(line, ' ', (size_t)(end - line));

	return blank && end - blank > 1 && blank[1] == '1' &&
	       (end - blank < 4 || memcmp(blank + 1, "101", 3) != 0);
}

enum head_verdict head_take(struct head *head, const char *line, size_t len, bool decodes_content)
{
	static const char content[] = "Content-Encoding:", transfer[] = "Transfer-Encoding:",
			  length[] = "Content-Length:";
	const char *end = line + len;

	head->bytes += len;
	head->lines++;
	if (field_line_begins(line, len, "HTTP/")) {
		head->codings = 0;
		head->coding = CODING_NONE;
		head->has_length = false;
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
	if (head->is_over)
		return HEAD_GOOD; /* trailers do not say what the body is */
	if (decodes_content && field_line_begins(line, len, content) &&
	    !takes_codings(head, line + strlen(content), end))
		return HEAD_OTHER_CODING;
	if (field_line_begins(line, len, transfer) &&
	    (!takes_codings(head, line + strlen(transfer), end) || head->coding == CODING_UNKNOWN))
		return HEAD_OTHER_CODING;
	if (field_line_begins(line, len, length))
		return take_length(head, line + strlen(length), end);
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
