/*
 * transfer/guard: which addresses may be connected to.
 */
#include "unit.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/un.h>

#include "base/buf.h"
#include "transfer/guard.h"

/* The words of a refusal; "" when the address may be connected to. */
static const char *judge(const struct guard *guard, const char *address, struct buf *why)
{
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
	struct sockaddr_in v4 = {.sin_family = AF_INET};
	bool is_v6 = strchr(address, ':');

	if (inet_pton(is_v6 ? AF_INET6 : AF_INET, address,
	              is_v6 ? (void *)&v6.sin6_addr : (void *)&v4.sin_addr) != 1)
		fail_msg("%s is no address", address);
	buf_clear(why);
	if (guard_check(guard, is_v6 ? (struct sockaddr *)&v6 : (struct sockaddr *)&v4, why))
		return "";
	return why->data;
}

/* The addresses at the ends of each special network, and what is just outside of them. */
static const char *const denied[] = {
	"0.0.0.0",
	"0.255.255.255",
	"10.0.0.0",
	"10.255.255.255",
	"100.64.0.0",
	"100.127.255.255",
	"127.0.0.0",
	"127.0.0.1",
	"127.255.255.255",
	"169.254.0.0",
	"169.254.169.254",
	"172.16.0.0",
	"172.31.255.255",
	"192.0.0.0",
	"192.0.0.255",
	"192.0.2.1",
	"192.88.99.1",
	"192.168.0.0",
	"192.168.255.255",
	"198.18.0.0",
	"198.19.255.255",
	"198.51.100.7",
	"203.0.113.7",
	"224.0.0.0",
	"239.255.255.255",
	"240.0.0.0",
	"255.255.255.255",
	"::",
	"::1",
	"64:ff9b:1::",
	"64:ff9b:1:ffff:ffff:ffff:ffff:ffff",
	"100::",
	"100::ffff:ffff:ffff:ffff",
	"2001::",
	"2001:0:1:2::3",
	"2001:2::1",
	"2001:10::1",
	"2001:1ff:ffff::",
	"2001:db8::",
	"2001:db8:ffff::1",
	"3fff::",
	"3fff:fff::1",
	"5f00::1",
	"fc00::",
	"fdff:ffff::1",
	"fe80::1",
	"febf::1",
	"fec0::1",
	"ff00::",
	"ff02::1",
	"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
	/* IPv4 within. */
	"::ffff:127.0.0.1",
	"::ffff:10.1.2.3",
	"::ffff:169.254.169.254",
	"::127.0.0.1",
	"::10.0.0.1",
	"2002:7f00:1::",
	"2002:a9fe:a9fe::1",
	"2002::1",
	"2002:c0a8:1::",
	"64:ff9b::127.0.0.1",
	"64:ff9b::10.0.0.1",
	"2a00::5efe:10.0.0.1",
	"2a00::200:5efe:7f00:1",
};

static const char *const open_to_all[] = {
	"1.0.0.0",
	"8.8.8.8",
	"9.255.255.255",
	"11.0.0.0",
	"100.63.255.255",
	"100.128.0.0",
	"126.255.255.255",
	"128.0.0.0",
	"169.253.255.255",
	"169.255.0.0",
	"172.15.255.255",
	"172.32.0.0",
	"192.0.1.0",
	"192.0.3.0",
	"192.31.196.1",
	"192.167.255.255",
	"192.169.0.0",
	"198.17.255.255",
	"198.20.0.0",
	"223.255.255.255",
	"2000::1",
	"2001:200::",
	"2001:4860:4860::8888",
	"2001:db7::1",
	"2001:db9::1",
	"3fff:1000::",
	"2606:4700::1111",
	"64:ff9b:2::",
	"101::",
	"::ffff:8.8.8.8",
	"::8.8.8.8",
	"2002:808:808::1",
	"64:ff9b::8.8.8.8",
	"2a00::5efe:8.8.8.8",
};

static void private_addresses_are_denied(void **state)
{
	struct guard *guard = guard_new();
	struct buf why;

	(void)state;
	buf_init(&why, BUF_UNLIMITED);
	assert_false(guard_denies(guard));
	guard_deny_private(guard);
	assert_true(guard_denies(guard));
	for (size_t i = 0; i < COUNT(denied); i++)
		case_true(denied[i], *judge(guard, denied[i], &why));
	for (size_t i = 0; i < COUNT(open_to_all); i++)
		case_text(open_to_all[i], judge(guard, open_to_all[i], &why), "");
	guard_free(guard);
	buf_release(&why);
}

/* Networks, those that are allowed with a '+' before them. */
static const struct {
	const char *nets[4], *address, *why;
} cases[] = {
	{{NULL}, "127.0.0.1", ""},
	{{"10.0.0.0/8"}, "10.1.2.3", "10.1.2.3 is not to be connected to: it is in 10.0.0.0/8"},
	{{"10.0.0.0/8"},
         "::ffff:10.1.2.3",
         "10.1.2.3 is not to be connected to: it is in 10.0.0.0/8"},
	{{"10.0.0.0/8"},
         "64:ff9b::10.1.2.3",
         "64:ff9b::a01:203 is not to be connected to: it is in 10.0.0.0/8"},
	{{"10.0.0.0/8"}, "11.0.0.0", ""},
	{{"10.0.0.0/8", "+10.1.0.0/16"}, "10.1.2.3", ""},
	{{"+10.1.0.0/16", "10.0.0.0/8"},
         "10.2.2.3",
         "10.2.2.3 is not to be connected to: it is in 10.0.0.0/8"},
	{{"10.0.0.0/8", "+10.1.0.0/16", "10.1.2.3"},
         "10.1.2.3",
         "10.1.2.3 is not to be connected to: it is in 10.1.2.3"},
	{{"10.0.0.0/8", "+10.0.0.0/8"},
         "10.0.0.1",
         "10.0.0.1 is not to be connected to: it is in 10.0.0.0/8"},
	{{"0.0.0.0/0", "+192.0.2.0/24"}, "192.0.2.1", ""},
	{{"0.0.0.0/0", "+192.0.2.0/24"},
         "8.8.8.8",
         "8.8.8.8 is not to be connected to: it is in 0.0.0.0/0"},
	{{"0.0.0.0/0"}, "2001:db8::1", ""},
	{{"::/0"}, "2001:db8::1", "2001:db8::1 is not to be connected to: it is in ::/0"},
	{{"::/0"}, "10.0.0.1", ""},
	{{"::ffff:10.0.0.0/104"},
         "10.0.0.1",
         "10.0.0.1 is not to be connected to: it is in 10.0.0.0/8"},
	{{"fd00::/8", "+fd12:3456::/32"}, "fd12:3456::1", ""},
	{{"fd00::/8", "+fd12:3456::/32"},
         "fd12:3457::1",
         "fd12:3457::1 is not to be connected to: it is in fd00::/8"},
	{{"::1"}, "::1", "::1 is not to be connected to: it is in ::1"},
};

static void the_smallest_network_decides(void **state)
{
	struct buf why;

	(void)state;
	buf_init(&why, BUF_UNLIMITED);
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct guard *guard = guard_new();
		char name[100];

		snprintf(name, sizeof(name), "%s of case %zu", cases[i].address, i);
		for (size_t k = 0; k < COUNT(cases[i].nets) && cases[i].nets[k]; k++) {
			const char *net = cases[i].nets[k];

			case_err(name, guard_add(guard, net + (*net == '+'), *net == '+', NULL),
			         ERR_NONE);
		}
		case_text(name, judge(guard, cases[i].address, &why), cases[i].why);
		guard_free(guard);
	}
	buf_release(&why);
}

static void what_is_no_network_is_refused(void **state)
{
	static const struct {
		const char *text, *words;
	} bad[] = {
		{"", "\"\" is no network such as 10.0.0.0/8"},
		{"localhost", "\"localhost\" is no network such as 10.0.0.0/8"},
		{"10/8", "\"10/8\" is no network such as 10.0.0.0/8"},
		{"10.0.0.0/", "\"10.0.0.0/\": a prefix is 0 to 32 bits long"},
		{"10.0.0.0/33", "\"10.0.0.0/33\": a prefix is 0 to 32 bits long"},
		{"10.0.0.0/x", "\"10.0.0.0/x\": a prefix is 0 to 32 bits long"},
		{"10.0.0.0/-1", "\"10.0.0.0/-1\": a prefix is 0 to 32 bits long"},
		{"10.0.0.1/8", "\"10.0.0.1/8\" has bits behind its prefix"},
		{"::/129", "\"::/129\": a prefix is 0 to 128 bits long"},
		{"fe80::1/10", "\"fe80::1/10\" has bits behind its prefix"},
		{"0x7f.0.0.1", "\"0x7f.0.0.1\" is no network such as 10.0.0.0/8"},
	};
	struct guard *guard = guard_new();

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		struct error e = {""};

		case_err(bad[i].text, guard_add(guard, bad[i].text, false, &e), ERR_SYNTAX);
		case_text(bad[i].text, e.text, bad[i].words);
	}
	assert_false(guard_denies(guard));
	guard_free(guard);
	guard_free(NULL);
}

static void other_families_are_not_judged(void **state)
{
	struct sockaddr_un local = {.sun_family = AF_UNIX};
	struct guard *guard = guard_new();
	struct buf why;

	(void)state;
	buf_init(&why, BUF_UNLIMITED);
	guard_deny_private(guard);
	assert_true(guard_check(guard, (struct sockaddr *)&local, &why));
	guard_free(guard);
	buf_release(&why);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(private_addresses_are_denied),
		cmocka_unit_test(the_smallest_network_decides),
		cmocka_unit_test(what_is_no_network_is_refused),
		cmocka_unit_test(other_families_are_not_judged),
	};

	return UNIT_RUN(tests);
}
