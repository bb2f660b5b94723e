#include "output/about.h"

#include <stdbool.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/buf.h"
#include "output/host_table.h"
#include "output/html.h"
#include "output/page.h"
#include "output/stats.h"
#include "transfer/versions.h"

enum { HOSTS_NAMED = 8 };

static void put_number_of_hosts(struct buf *out, const struct host_table *hosts)
{
	if (hosts->left)
		buf_put_text(out, "more than ");
	page_put_count(out, hosts->count);
	buf_printf(out, " host%s", page_plural(hosts->count));
}

/* A host_table_fn. */
static void put_name(const char *name, const struct host_counts *counts, bool is_all, void *arg)
{
	(void)counts;
	(void)is_all;
	html_put(arg, name, host_name_shown(name));
}

void about_put_hosts(struct buf *out, const struct about *about)
{
	if (!about->hosts->count)
		return;
	buf_put_text(out, " to ");
	if (about->hosts->count == 1 && !about->hosts->left)
		host_table_visit(about->hosts, HOSTS_LARGEST, 1, put_name, out);
	else
		put_number_of_hosts(out, about->hosts);
}

/* ---- the list ---- */

static void begin_item(struct buf *out, const char *name)
{
	buf_printf(out, "<div><dt>%s</dt><dd>", name);
}

static void end_item(struct buf *out)
{
	buf_put_text(out, "</dd></div>\n");
}

/* A host_table_fn: an item of a list. */
static void put_host(const char *name, const struct host_counts *counts, bool is_all, void *arg)
{
	buf_put_text(arg, "<li class=\"host\">");
	put_name(name, counts, is_all, arg);
	buf_put_text(arg, "</li>\n");
}

static void put_hosts(struct buf *out, struct host_table *hosts)
{
	begin_item(out, hosts->count == 1 ? "Host" : "Hosts");
	buf_put_text(out, "<ul>\n");
	host_table_visit(hosts, HOSTS_LARGEST, HOSTS_NAMED, put_host, out);
	if (hosts->count > HOSTS_NAMED) {
		buf_put_text(out, "<li class=\"rest\">of ");
		put_number_of_hosts(out, hosts);
		buf_put_text(out, "</li>\n");
	}
	buf_put_text(out, "</ul>");
	end_item(out);
}

static void put_http_versions(struct buf *out, const uint64_t *counts)
{
	const char *before = "";

	begin_item(out, "HTTP");
	for (int version = 0; version < HTTP_VERSIONS; version++) {
		if (!counts[version])
			continue;
		buf_printf(out, "%sHTTP/%s: ", before,
		           http_version_name((enum http_version)version));
		page_put_count(out, counts[version]);
		buf_printf(out, " response%s", page_plural(counts[version]));
		before = ", ";
	}
	if (!*before)
		buf_put_text(out, "no response");
	end_item(out);
}

static void put_machine(struct buf *out)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);
	struct utsname name;

	if (uname(&name))
		return;
	begin_item(out, "Machine");
	html_put_text(out, name.nodename);
	buf_put_text(out, ", ");
	html_put_text(out, name.sysname);
	buf_put_byte(out, ' ');
	html_put_text(out, name.release);
	buf_put_byte(out, ' ');
	html_put_text(out, name.machine);
	if (cores > 0)
		buf_printf(out, ", %ld core%s", cores, page_plural((uint64_t)cores));
	end_item(out);
}

static void put_program(struct buf *out)
{
	char libcurl[64];

	begin_item(out, "Program");
	buf_put_text(out, "gather " GATHER_VERSION ", ");
	html_put_text(out, transfer_libcurl(libcurl, sizeof(libcurl)));
	end_item(out);
}

void about_put(struct buf *out, const struct about *about)
{
	buf_put_text(out, "<dl class=\"about\">\n");
	if (about->command) {
		begin_item(out, "Command");
		buf_put_text(out, "<code>");
		html_put_text(out, about->command);
		buf_put_text(out, "</code>");
		end_item(out);
	}
	if (about->hosts->count)
		put_hosts(out, about->hosts);
	put_http_versions(out, about->http_versions);
	begin_item(out, "Date");
	page_put_date(out, about->started_unix_us);
	end_item(out);
	put_machine(out);
	put_program(out);
	buf_put_text(out, "</dl>");
}
