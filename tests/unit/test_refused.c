/*
 * transfer/refused: which requests were not acted on, by what libcurl says.
 */
#include "unit.h"

#include "transfer/refused.h"

static struct goaways goaways;

static void read_text(struct h2_request *request, const char *text)
{
	refused_read(&goaways, request, text, strlen(text));
}

static void messages(void **state)
{
	static const struct {
		const char *name, *texts[4];
		bool expected;
	} cases[] = {
		{"nothing is said", {NULL}, false},
		{"no GOAWAY", {"Using Stream ID: 5 (easy handle 0x55)\n"}, false},
		{"the last stream",
	         {"Using Stream ID: 5 (easy handle 0x55)\n",
	          "recveived GOAWAY, error=0, last_stream=5\n"},
	         false},
		{"beyond it",
	         {"Using Stream ID: 7 (easy handle 0x55)\n",
	          "recveived GOAWAY, error=0, last_stream=5\n"},
	         true},
		{"none was taken",
	         {"Using Stream ID: 3 (easy handle 0x55)\n",
	          "recveived GOAWAY, error=1, last_stream=0\n"},
	         true},
		{"a newer libcurl",
	         {"[HTTP/2] [7] OPENED stream for https://h/\n",
	          "received GOAWAY, error=0, last_stream=5\n"},
	         true},
		{"a warning first: a GOAWAY that takes all",
	         {"Using Stream ID: 7 (easy handle 0x55)\n",
	          "received GOAWAY, error=0, last_stream=2147483647\n"},
	         false},
		{"a stream that is not known",
	         {"received GOAWAY, error=0, last_stream=5\n"},
	         false},
		{"another connection",
	         {"received GOAWAY, error=0, last_stream=0\n",
	          "Using Stream ID: 1 (easy handle 0x55)\n"},
	         false},
		{"a reset", {"REFUSED_STREAM, retrying a fresh connect\n"}, true},
		{"a broken connection",
	         {"Connection died, retrying a fresh connect (retry count: 1)\n"},
	         false},
		{"other words",
	         {"Using Stream ID: 7 (easy handle 0x55)\n", "GOAWAY\n", "last_stream=1\n"},
	         false},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct h2_request request = {.local_port = 40000 + (int)i};

		for (size_t k = 0; k < COUNT(cases[i].texts) && cases[i].texts[k]; k++)
			read_text(&request, cases[i].texts[k]);
		case_int(cases[i].name, refused_has(&goaways, &request), cases[i].expected);
	}
}

/* The GOAWAY is told to one of those that share the connection. */
static void others_on_the_connection(void **state)
{
	struct h2_request first = {.local_port = 1}, second = {.local_port = 1},
			  elsewhere = {.local_port = 2};

	(void)state;
	read_text(&first, "Using Stream ID: 1 (easy handle 0x55)\n");
	read_text(&second, "Using Stream ID: 3 (easy handle 0x55)\n");
	read_text(&elsewhere, "Using Stream ID: 3 (easy handle 0x55)\n");
	read_text(&first, "received GOAWAY, error=0, last_stream=1\n");
	assert_false(refused_has(&goaways, &first));
	assert_true(refused_has(&goaways, &second));
	assert_false(refused_has(&goaways, &elsewhere));
}

static void no_port_and_long_texts(void **state)
{
	struct h2_request request = {.local_port = -1};
	char text[5000];

	(void)state;
	memset(text, 'x', sizeof(text));
	refused_read(&goaways, &request, text, sizeof(text));
	refused_read(&goaways, &request, text, 0);
	assert_false(refused_has(&goaways, &request));
	request.local_port = 1 << 20;
	assert_false(refused_has(&goaways, &request));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(messages),
		cmocka_unit_test(others_on_the_connection),
		cmocka_unit_test(no_port_and_long_texts),
	};
	return UNIT_RUN(tests);
}
