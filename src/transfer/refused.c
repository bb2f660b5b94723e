#include "transfer/refused.h"

#include <stdlib.h>
#include <string.h>

enum { LONGEST = 200 };

static size_t index_of(int local_port)
{
	return local_port > 0 && local_port < PORTS ? (size_t)local_port : 0;
}

/* The number after a word, or 0. */
static unsigned long number_after(const char *text, const char *word)
{
	const char *at = strstr(text, word);

	return at ? strtoul(at + strlen(word), NULL, 10) : 0;
}

/* "Using Stream ID: 3", or from 8.1 on "[HTTP/2] [3] OPENED stream for https://...". */
static unsigned long read_stream(const char *text)
{
	return strstr(text, "] OPENED stream") ? number_after(text, "] [")
	                                       : number_after(text, "Using Stream ID: ");
}

void refused_read(struct goaways *goaways, struct h2_request *request, const char *text, size_t len)
{
	unsigned long *end = &goaways->ends[index_of(request->local_port)], stream;
	char line[LONGEST];

	if (len >= sizeof(line))
		return;
	memcpy(line, text, len);
	line[len] = '\0';
	stream = read_stream(line);
	if (stream)
		request->stream = stream;
	if (stream == 1)
		*end = 0; /* another connection with this port */
	else if (strstr(line, "GOAWAY") && strstr(line, "last_stream="))
		*end = number_after(line, "last_stream=") + 1;
	else if (strstr(line, "REFUSED_STREAM"))
		request->is_refused = true;
}

bool refused_has(const struct goaways *goaways, const struct h2_request *request)
{
	unsigned long end = goaways->ends[index_of(request->local_port)];

	return request->is_refused || (end && request->stream >= end);
}
