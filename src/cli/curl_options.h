/*
 * The names of curl's options (8.22 and before), so that one that gather does not have is refused
 * by its own name, and never taken for an abbreviation of another.
 */
#ifndef CLI_CURL_OPTIONS_H
#define CLI_CURL_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

struct curl_option {
	const char *name;
	char letter;      /* 0: none */
	bool is_switch;   /* takes no value: there is a --no-NAME, too */
	const char *hint; /* what there is instead; NULL: nothing */
};

/* Sorted by name. Those that gather has, too, are among them. */
extern const struct curl_option curl_option_table[];
extern const size_t curl_option_count;

/* NULL: curl has none of that name, or with that letter. */
const struct curl_option *curl_option_by_name(const char *name, size_t len);
const struct curl_option *curl_option_by_letter(char letter);

#endif
