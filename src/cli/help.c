#include "cli/help.h"

#include <string.h>

#include "async/versions.h"
#include "base/versions.h"
#include "cli/options.h"
#include "transfer/versions.h"

enum { TEXT_COLUMN = 29 };

static void print_option(FILE *out, const struct option_spec *o)
{
	char left[80] = "      ";
	int len;

	if (o->letter)
		snprintf(left, sizeof(left), "  -%c, ", o->letter);
	len = fprintf(out, "%s--%s", left, o->name);
	if (o->metavar)
		len += fprintf(out, o->is_value_optional ? "[=%s]" : " %s", o->metavar);
	if (len > TEXT_COLUMN - 2) {
		fputc('\n', out);
		len = 0;
	}
	fprintf(out, "%*s%s\n", TEXT_COLUMN - len, "", o->help);
}

void help_print(FILE *out, bool all)
{
	fputs("Usage: gather [OPTION]... [URL]...\n"
	      "Fetches many URLs at once and says what came: status, bytes, seconds.\n"
	      "With no URL and no -i the list is read from standard input.\n",
	      out);
	for (int group = 0; group < GROUPS; group++) {
		fprintf(out, "\n%s:\n", option_group_name((enum option_group)group));
		for (size_t i = 0; i < option_count; i++) {
			const struct option_spec *o = &option_table[i];
			if ((int)o->group == group && o->help && (all || o->is_essential))
				print_option(out, o);
		}
	}
	fputs("\nTimes are seconds, or have ms, s, m or h behind them. Sizes may have k, M or G.\n"
	      "Exit status: 0 all succeeded, 1 some failed, 2 usage, 3 results not written.\n",
	      out);
	fputs(all ? "The manual: man gather\n"
	          : "All options: gather --help all. The manual: man gather\n",
	      out);
}

void version_print(FILE *out)
{
	char text[1024];

	fprintf(out, "gather %s\n", GATHER_VERSION);
	fprintf(out, "%s\n", transfer_version(text, sizeof(text)));
	fprintf(out, "%s\n", async_version(text, sizeof(text)));
	fprintf(out, "%s\n", base_version(text, sizeof(text)));
	fprintf(out, "Protocols: %s\n", transfer_protocols(text, sizeof(text)));
	fprintf(out, "Features: %s\n", transfer_features(text, sizeof(text)));
}
