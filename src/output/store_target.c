#include "output/store_target.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utlist.h>

#include "async/offload.h"
#include "base/file.h"
#include "base/mem.h"

struct store_target {
	int fd;
	bool takes_all; /* at once */

	pthread_mutex_t mutex; /* guards what follows */
	struct store_turn *holder, *waiting;
};

enum err store_target_open(const char *path, struct store_target **ret_target, struct error *e)
{
	struct store_target *target;
	struct stat st = {0};
	int fd = file_open_special(path);

	if (fd < 0)
		return error_set(e, ERR_SYSTEM, "cannot open %s: %s", path, strerror(errno));
	fstat(fd, &st);
	target = mem_zero(1, sizeof(*target));
	target->fd = fd;
	target->takes_all = S_ISCHR(st.st_mode) && !isatty(fd);
	pthread_mutex_init(&target->mutex, NULL);
	*ret_target = target;
	return ERR_NONE;
}

void store_target_free(struct store_target *target)
{
	if (!target)
		return;
	close(target->fd);
	pthread_mutex_destroy(&target->mutex);
	free(target);
}

int store_target_fd(const struct store_target *target)
{
	return target->fd;
}

struct job *store_turn_take(struct store_target *target, struct store_turn *turn,
                            struct offload_pool *pool)
{
	struct job *job = NULL;

	if (target->takes_all)
		return NULL;
	pthread_mutex_lock(&target->mutex);
	if (!target->holder)
		target->holder = turn;
	if (target->holder != turn) {
		job = turn->job = offload_wait(pool);
		DL_APPEND(target->waiting, turn);
	}
	pthread_mutex_unlock(&target->mutex);
	return job;
}

void store_turn_give(struct store_target *target, struct store_turn *turn)
{
	struct store_turn *next;

	pthread_mutex_lock(&target->mutex);
	if (target->holder == turn) {
		next = target->holder = target->waiting;
		if (next) {
			DL_DELETE(target->waiting, next);
			offload_wake(next->job);
		}
	}
	pthread_mutex_unlock(&target->mutex);
}
