#include "transfer/guard.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/units.h"

enum {
	BITS = 128,
	MAPPED_BITS = 96, /* in front of an IPv4 address: all are kept as IPv6 */
	TEXT_LIMIT = INET6_ADDRSTRLEN + sizeof("/128"),
};

struct address {
	uint8_t bytes[16];
};

struct net {
	struct address address;
	unsigned bits; /* of the prefix */
	bool is_allowed;
};

struct guard {
	struct net *nets;
	size_t count;
	bool denies;
};

/* IANA's registries of special-purpose addresses, what is not globally reachable; and multicast. */
static const char *const private_nets[] = {
	"0.0.0.0/8",       /* this network */
	"10.0.0.0/8",      /* private */
	"100.64.0.0/10",   /* shared by carriers */
	"127.0.0.0/8",     /* loopback */
	"169.254.0.0/16",  /* link-local, and the metadata of clouds */
	"172.16.0.0/12",   /* private */
	"192.0.0.0/24",    /* protocol assignments */
	"192.0.2.0/24",    /* documentation */
	"192.88.99.0/24",  /* 6to4 relays, which are no more */
	"192.168.0.0/16",  /* private */
	"198.18.0.0/15",   /* benchmarks */
	"198.51.100.0/24", /* documentation */
	"203.0.113.0/24",  /* documentation */
	"224.0.0.0/4",     /* multicast */
	"240.0.0.0/4",     /* reserved, and broadcast */
	"::/128",          /* unspecified */
	"::1/128",         /* loopback */
	"64:ff9b:1::/48",  /* translation within a network */
	"100::/64",        /* discard */
	"2001::/23",       /* protocol assignments, Teredo among them */
	"2001:db8::/32",   /* documentation */
	"3fff::/20",       /* documentation */
	"5f00::/16",       /* segment routing */
	"fc00::/7",        /* private */
	"fe80::/10",       /* link-local */
	"fec0::/10",       /* site-local, which is no more */
	"ff00::/8",        /* multicast */
};

static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};

struct guard *guard_new(void)
{
	return mem_zero(1, sizeof(struct guard));
}

void guard_free(struct guard *guard)
{
	if (guard)
		free(guard->nets);
	free(guard);
}

/* ---- networks ---- */

static struct address map(const uint8_t ipv4[4])
{
	struct address address;

	memcpy(address.bytes, mapped, sizeof(mapped));
	memcpy(address.bytes + sizeof(mapped), ipv4, 4);
	return address;
}

static bool read_address(const char *text, struct address *ret_address, unsigned *ret_bits_before)
{
	uint8_t ipv4[4];

	*ret_bits_before = 0;
	if (inet_pton(AF_INET6, text, ret_address->bytes) == 1)
		return true;
	if (inet_pton(AF_INET, text, ipv4) != 1)
		return false;
	*ret_address = map(ipv4);
	*ret_bits_before = MAPPED_BITS;
	return true;
}

static bool is_mapped(const struct address *address)
{
	return !memcmp(address->bytes, mapped, sizeof(mapped));
}

static bool bit(const struct address *address, unsigned i)
{
	return address->bytes[i / 8] >> (7 - i % 8) & 1;
}

static bool is_in(const struct address *address, const struct net *net)
{
	for (unsigned i = 0; i < net->bits; i++) {
		if (bit(address, i) != bit(&net->address, i))
			return false;
	}
	return true;
}

static bool has_rest(const struct net *net)
{
	for (unsigned i = net->bits; i < BITS; i++) {
		if (bit(&net->address, i))
			return true;
	}
	return false;
}

static enum err parse(const char *text, struct net *ret_net, struct error *e)
{
	const char *slash = strchr(text, '/');
	char address[TEXT_LIMIT] = "";
	size_t len = slash ? (size_t)(slash - text) : strlen(text);
	unsigned before;
	uint64_t bits;

	if (len < sizeof(address))
		memcpy(address, text, len);
	if (!read_address(address, &ret_net->address, &before))
		return error_set(e, ERR_SYNTAX, "\"%s\" is no network such as 10.0.0.0/8", text);
	bits = BITS - before;
	if (slash && units_parse_uint(slash + 1, 0, BITS - before, &bits))
		return error_set(e, ERR_SYNTAX, "\"%s\": a prefix is 0 to %u bits long", text,
		                 BITS - before);
	ret_net->bits = before + (unsigned)bits;
	if (has_rest(ret_net))
		return error_set(e, ERR_SYNTAX, "\"%s\" has bits behind its prefix", text);
	return ERR_NONE;
}

enum err guard_add(struct guard *guard, const char *text, bool is_allowed, struct error *e)
{
	struct net net = {.is_allowed = is_allowed};
	enum err failed = parse(text, &net, e);

	if (failed)
		return failed;
	guard->nets = mem_resize(guard->nets, guard->count + 1, sizeof(net));
	guard->nets[guard->count++] = net;
	guard->denies |= !is_allowed;
	return ERR_NONE;
}

void guard_deny_private(struct guard *guard)
{
	for (size_t i = 0; i < sizeof(private_nets) / sizeof(private_nets[0]); i++) {
		if (guard_add(guard, private_nets[i], false, NULL))
			abort();
	}
}

bool guard_denies(const struct guard *guard)
{
	return guard->denies;
}

/* ---- addresses ---- */

/* The network that decides; NULL: none does. */
static const struct net *find(const struct guard *guard, const struct address *address)
{
	const struct net *best = NULL;

	for (size_t i = 0; i < guard->count; i++) {
		const struct net *net = &guard->nets[i];

		/* "::/0" is about IPv6. */
		if (!is_in(address, net) || (is_mapped(address) && net->bits < MAPPED_BITS))
			continue;
		if (!best || net->bits > best->bits ||
		    (net->bits == best->bits && !net->is_allowed))
			best = net;
	}
	return best;
}

/* The IPv4 address that an IPv6 address stands for. */
static bool find_inner(const struct address *address, struct address *ret_inner)
{
	static const uint8_t nat64[12] = {0x00, 0x64, 0xff, 0x9b}, none[12];
	const uint8_t *bytes = address->bytes;
	bool is_nat64 = !memcmp(bytes, nat64, sizeof(nat64));
	/* "::" and "::1" stand for themselves. */
	bool is_compatible = !memcmp(bytes, none, sizeof(none)) && bytes[12];
	/* RFC 5214: 0000:5efe, or 0200:5efe, and the address. */
	bool is_isatap = !(bytes[8] & 0xfd) && !bytes[9] && bytes[10] == 0x5e && bytes[11] == 0xfe;

	if (bytes[0] == 0x20 && bytes[1] == 0x02) /* 6to4 */
		*ret_inner = map(bytes + 2);
	else if (is_nat64 || is_compatible || is_isatap)
		*ret_inner = map(bytes + 12);
	else
		return false;
	return true;
}

static void put_address(struct buf *out, const struct address *address, unsigned bits)
{
	bool is_ipv4 = is_mapped(address) && bits >= MAPPED_BITS;
	char text[INET6_ADDRSTRLEN];

	inet_ntop(is_ipv4 ? AF_INET : AF_INET6, address->bytes + (is_ipv4 ? sizeof(mapped) : 0),
	          text, sizeof(text));
	buf_put_text(out, text);
	if (bits < BITS)
		buf_printf(out, "/%u", is_ipv4 ? bits - MAPPED_BITS : bits);
}

static bool is_denied(const struct guard *guard, const struct address *judged,
                      const struct address *shown, struct buf *ret_why)
{
	const struct net *net = find(guard, judged);

	if (!net || net->is_allowed)
		return false;
	buf_clear(ret_why);
	put_address(ret_why, shown, BITS);
	buf_put_text(ret_why, " is not to be connected to: it is in ");
	put_address(ret_why, &net->address, net->bits);
	return true;
}

bool guard_check(const struct guard *guard, const struct sockaddr *to, struct buf *ret_why)
{
	struct address address, inner;

	if (to->sa_family == AF_INET)
		address = map((const uint8_t *)&((const struct sockaddr_in *)to)->sin_addr);
	else if (to->sa_family == AF_INET6)
		memcpy(address.bytes, &((const struct sockaddr_in6 *)to)->sin6_addr,
		       sizeof(address.bytes));
	else
		return true;
	if (is_denied(guard, &address, &address, ret_why))
		return false;
	return !find_inner(&address, &inner) || !is_denied(guard, &inner, &address, ret_why);
}
