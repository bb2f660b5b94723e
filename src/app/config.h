/*
 * All that a run is told: filled in by cli/ from the command line, read by app/.
 */
#ifndef APP_CONFIG_H
#define APP_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "app/exec.h"
#include "input/derive.h"
#include "input/source.h"
#include "output/extract.h"
#include "output/output.h"
#include "output/progress.h"
#include "output/store.h"
#include "policy/retry.h"
#include "policy/scheduler.h"
#include "transfer/options.h"
#include "transfer/session.h"

struct file_template;

enum { COMPARE_LEVELS = 16 };

struct compare_options {
	uint64_t levels[COMPARE_LEVELS]; /* rising */
	size_t level_count;              /* 0: one run, and nothing to compare */
	uint64_t repeats;
};

struct config {
	struct source_options source;
	struct derive_options derive;
	bool is_dry_run;

	struct fetch_options request;
	struct session_options session;
	bool allows_proxy; /* although there is a guard, which cannot judge what that connects to */

	struct scheduler_options schedule;
	struct retry_options retry;
	const char *resume; /* the log of a run to take up; NULL: none */
	uint64_t threads;   /* network threads; 0: as many as suit */
	uint64_t first;     /* stop after so many successes; 0: off */
	bool fails_early;
	int64_t deadline_us; /* 0: none */
	const char *backend; /* NULL: libev's choice */
	struct compare_options compare;

	struct output_options output;
	struct extract_list extracts;
	struct exec_options exec;

	/* Bodies as files. */
	struct file_template *file_name; /* NULL: no files */
	const char *output_dir;          /* NULL: where gather runs */
	enum store_existing if_exists;

	bool has_waterfall, has_summary;
	bool has_host_summary;  /* with the summary, or without it */
	bool prints_failures;   /* a line each, to standard error */
	bool summary_has_color; /* which is also that of the waterfall and the progress */
	enum progress_mode progress;
};

#endif
