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
#include "output/store_target.h"
#include "transfer/result.h"

enum { ROW_OF_FULL = 3 };

struct store {
	struct store_place place;
	struct store_target *target; /* NULL: none */
	char *target_name;
	bool is_skipping;
	struct hash_bag numbers; /* of a name, of files and of directories: the next number to try,
	                          * 0 is the name itself; of one that is taken at least 1 */
	struct hash_bag directories; /* of a directory: 1 more than the number that it has */
	struct buf path, name;       /* for name_file() */
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
	buf_init(&store->path, BUF_UNLIMITED);
	buf_init(&store->name, BUF_UNLIMITED);
	return store;
}

void store_free(struct store *store)
{
	if (!store)
		return;
	store_target_free(store->target);
	free(store->target_name);
	close(store->place.fd);
	free(store->place.prefix);
	hash_bag_release(&store->numbers);
	hash_bag_release(&store->directories);
	buf_release(&store->path);
	buf_release(&store->name);
	free(store);
}

/* What has a name on the disk: bits. */
enum found {
	FOUND_NOTHING = 0,
	FOUND_FILE = 1,
	FOUND_DIRECTORY = 2,
	FOUND_LINK = 4,
	FOUND_SPECIAL = 8, /* a device, a FIFO or a socket, or a link to one */
	NEVER_REPLACED = FOUND_DIRECTORY | FOUND_SPECIAL,
};

static bool is_special(mode_t mode)
{
	return !S_ISREG(mode) && !S_ISDIR(mode);
}

static enum found look(const struct store *store, const char *name)
{
	int fd = store->place.fd;
	struct stat status;

	if (fstatat(fd, name, &status, AT_SYMLINK_NOFOLLOW))
		return FOUND_NOTHING;
	if (S_ISLNK(status.st_mode) &&
	    (fstatat(fd, name, &status, 0) || !is_special(status.st_mode)))
		return FOUND_LINK;
	if (S_ISDIR(status.st_mode))
		return FOUND_DIRECTORY;
	return is_special(status.st_mode) ? FOUND_SPECIAL : FOUND_FILE;
}

/*
 * Takes the first name for store->path that the run has not taken and that none of the obstacles
 * has on the disk, and puts it into store->name. Returns its number.
 */
static uint32_t take_name(struct store *store, unsigned obstacles)
{
	struct hash hash = hash_bytes(store->path.data, store->path.len);
	uint32_t number = *hash_bag_count(&store->numbers, hash), *taken;

	for (;; number++) {
		buf_clear(&store->name);
		store_put_name(&store->name, store->path.data, number);
		taken = hash_bag_count(&store->numbers,
		                       hash_bytes(store->name.data, store->name.len));
		if (!*taken && !(look(store, store->name.data) & obstacles))
			break;
	}
	*taken = 1; /* before the next call, which may move it */
	*hash_bag_count(&store->numbers, hash) = number + 1;
	return number;
}

/*
 * Replaces store->path, which ends in a directory, by the name that this directory has in the run:
 * the same for all files in it. A link keeps its name, so that opening it fails.
 */
static void name_directory(struct store *store)
{
	struct hash hash = hash_bytes(store->path.data, store->path.len);
	uint32_t known = *hash_bag_count(&store->directories, hash);

	if (known) {
		buf_clear(&store->name);
		store_put_name(&store->name, store->path.data, known - 1);
	} else {
		known = take_name(store, FOUND_FILE | FOUND_SPECIAL) + 1;
		*hash_bag_count(&store->directories, hash) = known;
	}
	buf_clear(&store->path);
	buf_put(&store->path, store->name.data, store->name.len);
}

/* Puts the name that a file gets instead of name into store->name. */
static void name_file(struct store *store, const char *name, unsigned obstacles)
{
	const char *slash;

	buf_clear(&store->path);
	for (; (slash = strchr(name, '/')); name = slash + 1) {
		buf_put(&store->path, name, (size_t)(slash - name));
		name_directory(store);
		buf_put_byte(&store->path, '/');
	}
	buf_put_text(&store->path, name);
	take_name(store, obstacles);
}

bool store_assign(struct store *store, const struct buf *name, struct result *result)
{
	bool is_numbering = !store->is_skipping && !store->place.is_replaced;

	name_file(store, name->data, NEVER_REPLACED | (is_numbering ? FOUND_FILE | FOUND_LINK : 0));
	if (store->is_skipping && look(store, store->name.data))
		return false;
	result->sink = store_file_new(&store->place, store->name.data, NULL, &result->request);
	return true;
}

enum err store_open_target(struct store *store, const char *path, const char *name, struct error *e)
{
	store->target_name = mem_text(name);
	return store_target_open(path, &store->target, e);
}

bool store_has_target(const struct store *store)
{
	return store->target;
}

void store_assign_target(struct store *store, struct result *result)
{
	result->sink =
		store_file_new(&store->place, store->target_name, store->target, &result->request);
}

void store_pass(struct store *store, const struct buf *name)
{
	name_file(store, name->data, NEVER_REPLACED);
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
