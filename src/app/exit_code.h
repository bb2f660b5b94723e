/*
 * How the process ends (gather(1), EXIT STATUS).
 */
#ifndef APP_EXIT_CODE_H
#define APP_EXIT_CODE_H

enum exit_code {
	EXIT_ALL_OK = 0,
	EXIT_SOME_FAILED = 1,
	EXIT_USAGE = 2,     /* nothing was fetched */
	EXIT_UNWRITTEN = 3, /* results could not be written */
	EXIT_SIGNAL = 128,  /* plus the signal's number */
};

#endif
