/*
 * The files that a report is made of, as the build finds them: lines of text, with NULL at the end.
 */
#ifndef OUTPUT_REPORT_ASSETS_H
#define OUTPUT_REPORT_ASSETS_H

extern const char *const report_html[], *const report_css[], *const report_js[];

#endif
