/*
 * A report as one HTML page that needs nothing else. report.html is its frame, report.css and
 * report.js are put into it by the build (Makefile, report_assets.h).
 *
 * All numbers are in tables that can be read without scripts; the script draws its pictures from
 * those tables, so that what needs escaping is text in HTML and nothing else.
 */
#ifndef OUTPUT_REPORT_PAGE_H
#define OUTPUT_REPORT_PAGE_H

struct buf;
struct report;
struct stats;

/* nonce: letters and digits that nobody can guess; only what has it may run or style the page. */
void report_page_put(struct buf *out, struct report *report, const struct stats *stats,
                     const char *nonce);

#endif
