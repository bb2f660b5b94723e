/*
 * The files that pages are made of, as the build finds them: lines of text, with NULL at the end.
 */
#ifndef OUTPUT_PAGE_ASSETS_H
#define OUTPUT_PAGE_ASSETS_H

extern const char *const page_html[], *const page_css[], *const page_js[];
extern const char *const report_html[], *const report_js[];
extern const char *const comparison_html[], *const comparison_js[];

#endif
