/*
 * base/digest: SHA-256 by the examples of FIPS 180-4 and of nobody's own.
 */
#include "unit.h"

#include <string.h>

#include "base/digest.h"
#include "base/mem.h"

static void digests_are_those_of_the_standard(void **state)
{
	static const struct {
		const char *text, *digest;
		size_t times;
	} cases[] = {
		{"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", 1},
		{"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", 1},
		{"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
	         "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1", 1},
		{"a", "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0", 1000000},
	};
	struct digest *digest = digest_new();
	char text[DIGEST_TEXT];

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		digest_restart(digest);
		digest_put(digest, "forgotten", i); /* and started anew */
		digest_restart(digest);
		for (size_t k = 0; k < cases[i].times; k++)
			digest_put(digest, cases[i].text, strlen(cases[i].text));
		digest_end(digest, text);
		case_text(cases[i].text, text, cases[i].digest);
	}
	digest_free(digest);
	digest_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(digests_are_those_of_the_standard),
	};

	return UNIT_RUN(tests);
}
