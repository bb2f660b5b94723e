/*
 * --extract: values of a JSON answer under names of the user's.
 *
 * A result holds them as text: for each, in the order of the options, its name and its value as
 * compact JSON, with a NUL behind each, which neither of them has.
 */
#ifndef OUTPUT_EXTRACT_H
#define OUTPUT_EXTRACT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

struct buf;
struct cJSON;
struct json;
struct json_pointer;

struct extract {
	char *name;
	struct json_pointer *pointer;
};

/* {0} is none. */
struct extract_list {
	struct extract *extracts;
	size_t count;
};

void extract_list_release(struct extract_list *list);

/* Adds "NAME=POINTER". ERR_SYNTAX with words; a name that is there already is one too. */
MUST_USE enum err extract_list_add(struct extract_list *list, const char *text, struct error *e);

bool extract_list_has(const struct extract_list *list, const char *name);

/*
 * Appends what list asks for of an answer; all is null where answer is NULL. A pointer with a "*"
 * gives an array of all that is found; another one the value, or null. out has no ceiling.
 */
void extract_put(struct buf *out, const struct extract_list *list, const struct cJSON *answer);

/* ---- what a result holds; borrowed from it ---- */

/* The value of that name, as JSON; NULL when there is none. */
const char *extract_find(const struct buf *extract, const char *name);

/* All of them as the members of an object. */
void extract_put_json(struct json *json, const struct buf *extract);

#endif
