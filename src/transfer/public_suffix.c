#include "transfer/public_suffix.h"

#include <dlfcn.h>
#include <stdlib.h>

#include "base/mem.h"

/* Of libpsl.h, which is needed neither to build nor to link: libcurl has loaded libpsl, or not. */
typedef const void *psl_builtin_fn(void);
typedef int psl_is_public_suffix2_fn(const void *psl, const char *domain, int type);
enum { PSL_TYPE_ICANN = 1, PSL_TYPE_PRIVATE = 2, PSL_TYPE_NO_STAR_RULE = 4 };

/* ISO C has no cast from a pointer to data to one to a function; POSIX has dlsym(). */
union symbol {
	void *data;
	psl_builtin_fn *builtin;
	psl_is_public_suffix2_fn *is_public_suffix2;
};

bool public_suffix_is(const char *domain, size_t len)
{
	union symbol builtin = {dlsym(RTLD_DEFAULT, "psl_builtin")};
	union symbol is_suffix = {dlsym(RTLD_DEFAULT, "psl_is_public_suffix2")};
	const void *psl = builtin.data && is_suffix.data ? builtin.builtin() : NULL;
	char *name;
	bool is_public;

	if (!psl)
		return false;
	name = mem_bytes(domain, len);
	for (char *c = name; *c; c++)
		*c = (char)(*c >= 'A' && *c <= 'Z' ? *c | 0x20 : *c);
	is_public = is_suffix.is_public_suffix2(
		psl, name, PSL_TYPE_ICANN | PSL_TYPE_PRIVATE | PSL_TYPE_NO_STAR_RULE);
	free(name);
	return is_public;
}
