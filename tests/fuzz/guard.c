/*
 * Feeds transfer/guard.c networks, one a line with '+' or '-' in front, and at the end an address.
 * An IPv4 address that is denied is so in all its IPv6 forms, and what is denied has a reason.
 */
#include "fuzz.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "transfer/guard.h"

static bool is_allowed(const struct guard *guard, const void *address)
{
	struct buf why;
	bool is;

	buf_init(&why, BUF_UNLIMITED);
	is = guard_check(guard, address, &why);
	REQUIRE(is || why.len);
	buf_release(&why);
	return is;
}

static void check_forms(const struct guard *guard, const struct in_addr *address)
{
	static const struct {
		uint8_t prefix[16];
		size_t at;
	} forms[] = {
		{{[10] = 0xff, 0xff}, 12},
		{{[0] = 0x20, 0x02}, 2},
		{{[0] = 0x00, 0x64, 0xff, 0x9b}, 12},
		{{[0] = 0x20, 0x01, 0x10, [10] = 0x5e, 0xfe}, 12},
	};

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		struct sockaddr_in6 form = {.sin6_family = AF_INET6};

		memcpy(&form.sin6_addr, forms[i].prefix, 16);
		memcpy((uint8_t *)&form.sin6_addr + forms[i].at, address, 4);
		REQUIRE(!is_allowed(guard, &form));
	}
}

static void check_address(const struct guard *guard, const char *text)
{
	struct sockaddr_in four = {.sin_family = AF_INET};
	struct sockaddr_in6 six = {.sin6_family = AF_INET6};

	if (inet_pton(AF_INET, text, &four.sin_addr) == 1) {
		if (!is_allowed(guard, &four))
			check_forms(guard, &four.sin_addr);
	} else if (inet_pton(AF_INET6, text, &six.sin6_addr) == 1) {
		is_allowed(guard, &six);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct parts parts = {(const char *)data, size};
	struct guard *guard = guard_new();
	struct error e = {""};

	if (parts_flags(&parts) & 1)
		guard_deny_private(guard);
	while (parts.left) {
		char *line = parts_next(&parts, '\n');

		if (*line != '+' && *line != '-')
			check_address(guard, line);
		else if (guard_add(guard, line + 1, *line == '+', &e))
			REQUIRE(e.text[0]);
		free(line);
	}
	guard_free(guard);
	return 0;
}
