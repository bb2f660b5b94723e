#include "output/store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/hash.h"
#include "base/mem.h"
#include "output/store_file.h"
#include "transfer/result.h"

enum { ROW_OF_FULL = 3 };

struct store {
	struct store_place place;
	bool is_skipping;
	struct hash_bag numbers; /* of a name: the next number to try; 0 is the name itself */
	struct buf name;
};

/* mkdir -p: these folders are the user's own words. */
static int make_folders(const char *path)
{
	char *copy = mem_text(path);
	int failed = 0;

	for (char *slash = copy; slash && !failed; *slash = '/') {
		slash = strchr(slash + 1, '/');
		if (slash)
			*slash = '\0';
		failed = *copy && mkdir(copy, 0777) && errno != EEXIST;
		if (!slash)
			break;
	}
	free(copy);
	return failed;
}

static char *make_prefix(const char *folder)
{
	bool is_here = !strcmp(folder, "."), has_slash = folder[strlen(folder) - 1] == '/';

	return mem_printf("%s%s", is_here ? "" : folder, is_here || has_slash ? "" : "/");
}

struct store *store_new(const char *folder, enum store_existing existing, struct error *e)
{
	struct store *store;
	int fd = make_folders(folder) ? -1 : open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0) {
		error_set(e, ERR_SYSTEM, "cannot use the folder %s: %s", folder, strerror(errno));
		return NULL;
	}
	store = mem_zero(1, sizeof(*store));
	store->place = (struct store_place){
		.prefix = make_prefix(folder),
		.fd = fd,
		.is_replaced = existing == STORE_OVERWRITE,
	};
	store->is_skipping = existing == STORE_SKIP;
	buf_init(&store->name, BUF_UNLIMITED);
	return store;
}

void store_free(struct store *store)
{
	if (!store)
		return;
	close(store->place.fd);
	free(store->place.prefix);
	hash_bag_release(&store->numbers);
	buf_release(&store->name);
	free(store);
}

static bool is_there(const struct store *store, const char *name)
{
	struct stat status;

	return !fstatat(store->place.fd, name, &status, AT_SYMLINK_NOFOLLOW);
}

/* Whether store->name, the next that the run has not given for name, is free as far as files go. */
static bool give_next(struct store *store, const struct buf *name, bool checks_files)
{
	struct hash hash = hash_bytes(name->data, name->len);
	uint32_t number = *hash_bag_count(&store->numbers, hash);
	bool is_there_already = false;
	uint32_t *given;

	for (;; number++) {
		buf_clear(&store->name);
		store_put_name(&store->name, name->data, number);
		given = hash_bag_count(&store->numbers,
		                       hash_bytes(store->name.data, store->name.len));
		if (*given)
			continue;
		is_there_already = checks_files && is_there(store, store->name.data);
		if (!is_there_already || store->is_skipping)
			break;
	}
	*given = 1; /* before the next call, which may move it */
	*hash_bag_count(&store->numbers, hash) = number + 1;
	return !is_there_already;
}

bool store_assign(struct store *store, const struct buf *name, struct result *result)
{
	if (!give_next(store, name, !store->place.is_replaced))
		return false;
	result->sink = store_file_new(&store->place, store->name.data, &result->request);
	return true;
}

void store_pass(struct store *store, const struct buf *name)
{
	give_next(store, name, false);
}

void store_recall(struct result *result)
{
	if (result->sink)
		store_file_free(result->sink);
	result->sink = NULL;
}

const char *store_full_folder(const struct store *store)
{
	if (atomic_load(&store->place.full_in_a_row) < ROW_OF_FULL)
		return NULL;
	return *store->place.prefix ? store->place.prefix : ".";
}
