/*
 * transfer/travel: what of a request goes along to where a server leads it.
 */
#include "unit.h"

#include "base/buf.h"
#include "transfer/travel.h"

static void hops_are_told_apart(void **state)
{
	static const struct {
		const char *from, *to;
		enum hop hop;
	} cases[] = {
		{"http://h/", "http://h/a", HOP_WITHIN},
		{"http://h/", "HTTP://u:p@H:80/a", HOP_WITHIN},
		{"https://h:443/", "https://h/a", HOP_WITHIN},
		{"http://[::1]/", "http://[::1]:80/", HOP_WITHIN},
		{"http://h/", "https://h/", HOP_UPGRADE},
		{"http://h:8080/", "https://h:8443/", HOP_UPGRADE},
		{"http://[::1]:81/", "https://[::1]/", HOP_UPGRADE},
		{"http://[::1]:81/", "https://[::11]/", HOP_AWAY},
		{"https://h/", "http://h/", HOP_AWAY},
		{"http://h/", "http://h:81/", HOP_AWAY},
		{"https://h/", "https://h:444/", HOP_AWAY},
		{"http://h/", "http://g/", HOP_AWAY},
		{"http://h/", "https://g.h/", HOP_AWAY},
		{"http://h/", "https://h.g/", HOP_AWAY},
		{"http://h/", "https://h@g/", HOP_AWAY},
		{"ftp://h/", "https://h/", HOP_AWAY},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		case_int(cases[i].to, hop_of(cases[i].from, cases[i].to), cases[i].hop);
}

/* For HOP_WITHIN, HOP_UPGRADE, HOP_AWAY, and HOP_AWAY with --follow-headers. */
static void headers_go_as_far_as_they_may(void **state)
{
	static const struct {
		const char *header, *expected;
	} cases[] = {
		{"Accept: a/b", "1111"},
		{"accept-language: de", "1111"},
		{"User-Agent: me", "1111"},
		{"Content-Type: a/b", "1111"},
		{"CACHE-CONTROL: no-cache", "1111"},
		{"Range: bytes=0-9", "1111"},
		{"If-None-Match: \"a\"", "1111"},
		{"Accept;", "1111"},
		{"X-JWT-Assertion: s", "1101"},
		{"DPoP: s", "1101"},
		{"X-Bearer: s", "1101"},
		{"X-Access: s", "1101"},
		{"X: s", "1101"},
		{"Accept-Token: s", "1101"},
		{"Content-Signature: s", "1101"},
		{"Accepted: s", "1101"},
		{"Accept-: s", "1101"},
		{"Ranges: s", "1101"},
		{"Referer: http://r/", "1101"},
		{"X-Empty;", "1101"},
		{"Host: h", "1100"},
		{"Authorization: s", "1000"},
		{"COOKIE:s", "1000"},
		{"Proxy-Authorization: s", "1000"},
		{"Cookie;", "1000"},
		/* What leaves a header out is no secret. */
		{"Authorization:", "1111"},
		{"Host: ", "1111"},
		{"X-Key:\t", "1111"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const char *header = cases[i].header;
		char got[] = {(char)('0' + header_travels(header, HOP_WITHIN, false)),
		              (char)('0' + header_travels(header, HOP_UPGRADE, false)),
		              (char)('0' + header_travels(header, HOP_AWAY, false)),
		              (char)('0' + header_travels(header, HOP_AWAY, true)), '\0'};

		case_text(header, got, cases[i].expected);
	}
}

static void a_referer_is_an_origin_elsewhere(void **state)
{
	static const struct {
		const char *referer, *to, *expected; /* NULL: none */
	} cases[] = {
		{"http://r/", "http://h/", "http://r/"},
		{"http://u:p@r:81/a?token=b#c", "http://h/", "http://r:81/"},
		{"http://r/a", "https://h/", "http://r/"},
		{"https://r/a", "https://h/", "https://r/"},
		{"https://r/a", "http://h/", NULL},
		{"HTTPS://r/a", "http://h/", NULL},
		{"http://u:p@h/a?b", "http://h:80/x", "http://h/a?b"},
		{"r.example/a", "http://h/", NULL},
		{"", "http://h/", NULL},
		{"http://:/", "http://h/", NULL},
	};
	struct buf text;

	(void)state;
	buf_init(&text, BUF_UNLIMITED);
	for (size_t i = 0; i < COUNT(cases); i++) {
		const char *got = travel_referer(cases[i].referer, cases[i].to, &text);

		case_text(cases[i].referer, got ? got : "none",
		          cases[i].expected ? cases[i].expected : "none");
	}
	buf_release(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hops_are_told_apart),
		cmocka_unit_test(headers_go_as_far_as_they_may),
		cmocka_unit_test(a_referer_is_an_origin_elsewhere),
	};

	return UNIT_RUN(tests);
}
