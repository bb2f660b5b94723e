/*
 * What comes after an answer, before its result is written: its JSON is read, once, for all who
 * want something of it. Within app/ only.
 */
#ifndef APP_AFTER_H
#define APP_AFTER_H

#include "input/derive.h"

struct config;
struct result;
struct ticker;

/* {0} is closed. Read nothing but deriver. */
struct after {
	const struct config *config;
	struct deriver *deriver; /* NULL: nothing is derived */
};

/* config is borrowed. */
void after_open(struct after *after, const struct config *config);
void after_close(struct after *after);

/*
 * Takes what a result that is through has to say; it may be given a warning, or fail. Says on
 * standard error what is to be known; the ticker makes room for that, and may be NULL.
 */
void after_answer(struct after *after, struct result *result, struct ticker *ticker);

#endif
