/*
 * A report as an HTML page (page.h), with report.html in the middle and report.js.
 */
#ifndef OUTPUT_REPORT_PAGE_H
#define OUTPUT_REPORT_PAGE_H

#include "base/err.h"

struct about;
struct buf;
struct report;
struct stats;

/* stats has hosts. words has the title and the command. Sorts the samples. See page_put(). */
void report_page_put(struct buf *out, struct report *report, const struct stats *stats,
                     const struct about *words, const char *nonce);

/* The same as a file: see page_write(). */
MUST_USE enum err report_page_write(const char *path, struct report *report,
                                    const struct stats *stats, const struct about *words,
                                    struct error *e);

#endif
