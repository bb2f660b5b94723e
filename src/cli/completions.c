#include "cli/completions.h"

#include <string.h>

#include "cli/options.h"
#include "output/fields.h"

static void print_names(FILE *out)
{
	for (size_t i = 0; i < option_count; i++) {
		const struct option_spec *o = &option_table[i];
		if (o->help && o->letter)
			fprintf(out, " -%c", o->letter);
		if (o->help)
			fprintf(out, " --%s", o->name);
	}
}

static void print_fields(FILE *out, const char *separator)
{
	for (size_t i = 0; field_name_at(i); i++)
		fprintf(out, "%s%s", i ? separator : "", field_name_at(i));
}

/* "-c|--concurrency" as a pattern of a case. */
static void print_pattern(FILE *out, const struct option_spec *o)
{
	if (o->letter)
		fprintf(out, "-%c|", o->letter);
	fprintf(out, "--%s", o->name);
}

static void print_bash(FILE *out)
{
	fputs("# bash completion for gather\n"
	      "_gather()\n"
	      "{\n"
	      "\tlocal cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}\n"
	      "\tCOMPREPLY=()\n"
	      "\tcase $prev in\n",
	      out);
	for (size_t i = 0; i < option_count; i++) {
		const struct option_spec *o = &option_table[i];

		if (o->arg == ARG_NONE || o->is_value_optional || !o->help)
			continue;
		fputc('\t', out);
		print_pattern(out, o);
		fputs(")\n", out);
		if (!strcmp(o->name, "fields")) {
			fputs("\t\tlocal done=\n"
			      "\t\t[[ $cur == *,* ]] && done=${cur%,*},\n"
			      "\t\tCOMPREPLY=($(compgen -P \"$done\" -W '",
			      out);
			print_fields(out, " ");
			fputs("' -- \"${cur##*,}\"))\n\t\tcompopt -o nospace\n", out);
		} else if (o->arg == ARG_CHOICE) {
			fprintf(out, "\t\tCOMPREPLY=($(compgen -W '%s' -- \"$cur\"))\n",
			        o->choices);
		} else if (o->arg == ARG_FILE) {
			fputs("\t\tcompopt -o filenames\n"
			      "\t\tCOMPREPLY=($(compgen -f -- \"$cur\"))\n",
			      out);
		}
		fputs("\t\treturn;;\n", out);
	}
	fputs("\tesac\n"
	      "\t[[ $cur == -* ]] && COMPREPLY=($(compgen -W '",
	      out);
	print_names(out);
	fputs("' -- \"$cur\"))\n"
	      "}\n"
	      "complete -F _gather gather\n",
	      out);
}

/* Text inside single quotes and the brackets of zsh's _arguments or a fish string. */
static void print_quoted(FILE *out, const char *text, const char *escaped)
{
	for (; *text; text++) {
		if (*text == '\'') {
			fputs("'\\''", out);
			continue;
		}
		if (strchr(escaped, *text))
			fputc('\\', out);
		fputc(*text, out);
	}
}

static void print_zsh_spec(FILE *out, const struct option_spec *o, const char *name)
{
	/* A leading star: it may be given again. */
	fprintf(out, "\t'*%s%s[", name,
	        o->arg == ARG_NONE || name[1] != '-' ? ""
	        : o->is_value_optional               ? "=-"
	                                             : "=");
	print_quoted(out, o->help, "[]\\:");
	fputc(']', out);
	if (o->arg != ARG_NONE) {
		fputs(o->is_value_optional ? "::" : ":", out);
		print_quoted(out, o->metavar, "[]\\:");
		fputc(':', out);
		if (!strcmp(o->name, "fields")) {
			fputs("_values -s , field ", out);
			print_fields(out, " ");
		} else if (o->arg == ARG_CHOICE) {
			fprintf(out, "(%s)", o->choices);
		} else if (o->arg == ARG_FILE) {
			fputs("_files", out);
		}
	}
	fputs("' \\\n", out);
}

static void print_zsh(FILE *out)
{
	fputs("#compdef gather\n_arguments -s -S \\\n", out);
	for (size_t i = 0; i < option_count; i++) {
		const struct option_spec *o = &option_table[i];
		char name[64];

		if (!o->help)
			continue;
		if (o->letter) {
			snprintf(name, sizeof(name), "-%c", o->letter);
			print_zsh_spec(out, o, name);
		}
		snprintf(name, sizeof(name), "--%s", o->name);
		print_zsh_spec(out, o, name);
	}
	fputs("\t'*:URL:_urls'\n", out);
}

static void print_fish(FILE *out)
{
	fputs("# fish completion for gather\ncomplete -c gather -f\n", out);
	for (size_t i = 0; i < option_count; i++) {
		const struct option_spec *o = &option_table[i];

		if (!o->help)
			continue;
		fputs("complete -c gather", out);
		if (o->letter)
			fprintf(out, " -s %c", o->letter);
		fprintf(out, " -l %s", o->name);
		if (o->arg == ARG_FILE)
			fputs(" -r -F", out);
		else if (o->arg != ARG_NONE && !o->is_value_optional)
			fputs(" -x", out);
		if (!strcmp(o->name, "fields")) {
			fputs(" -a '(__fish_append , ", out);
			print_fields(out, " ");
			fputs(")'", out);
		} else if (o->arg == ARG_CHOICE) {
			fprintf(out, " -a '%s'", o->choices);
		}
		fputs(" -d '", out);
		for (const char *p = o->help; *p; p++)
			fprintf(out, "%s%c", strchr("'\\", *p) ? "\\" : "", *p);
		fputs("'\n", out);
	}
}

void completions_print(FILE *out, const char *shell)
{
	if (!strcmp(shell, "bash"))
		print_bash(out);
	else if (!strcmp(shell, "zsh"))
		print_zsh(out);
	else
		print_fish(out);
}
