/*
 * Allocation that does not fail: when the system has no more memory the process ends with a
 * message and exit status 3, as git and tmux do. What the outside feeds has ceilings instead.
 * Everything that comes from here is given back with free().
 */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stdarg.h>
#include <stddef.h>

/* Ends the process in this way: for libraries that say there is no memory. */
_Noreturn void mem_out(void);

/* Zeroed. count * size may not overflow. */
void *mem_zero(size_t count, size_t size);

/* Like malloc(), for libraries too that have a place for it. */
void *mem_alloc(size_t size);

/* Like realloc(); the new part is not initialised. */
void *mem_resize(void *p, size_t count, size_t size);

/* A copy of text; NULL gives NULL. */
char *mem_text(const char *text);

/* A NUL-terminated copy of len bytes. */
char *mem_bytes(const void *data, size_t len);

/* A formatted text. */
char *mem_printf(const char *format, ...) __attribute__((format(printf, 1, 2)));
char *mem_vprintf(const char *format, va_list args) __attribute__((format(printf, 1, 0)));

#endif
