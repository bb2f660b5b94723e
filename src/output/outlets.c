#include "output/outlets.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/mem.h"

struct outlet {
	struct stream *stream; /* NULL: out, or that of an outlet before */
	int fd;
	dev_t device;
	ino_t inode;
};

struct outlets {
	const struct write_out *w;
	struct outlet *outlets;
	struct write_out_sink *sinks; /* as many */
	size_t count;
};

static int open_target(const struct write_out_target *target)
{
	int flags = target->place == PLACE_FILE ? O_TRUNC : O_APPEND;

	if (target->place == PLACE_STDOUT)
		return STDOUT_FILENO;
	if (target->place == PLACE_STDERR)
		return STDERR_FILENO;
	if (file_is_special(target->name))
		return file_open_special(target->name);
	return open(target->name, O_WRONLY | O_CREAT | O_CLOEXEC | flags, 0666);
}

/* The sink of an outlet that is the same file; NULL when there is none. */
static const struct write_out_sink *find_same(const struct outlets *o, const struct outlet *outlet)
{
	for (size_t i = 0; i < o->count; i++) {
		if (o->outlets[i].device == outlet->device && o->outlets[i].inode == outlet->inode)
			return &o->sinks[i];
	}
	return NULL;
}

struct outlets *outlets_open(const struct write_out *w, struct loop *loop, struct stream *out,
                             stream_failed_fn *failed, void *arg, struct error *e)
{
	struct outlets *o = mem_zero(1, sizeof(*o));
	const struct write_out_target *target;

	o->w = w;
	for (; (target = write_out_target_at(w, o->count)); o->count++) {
		struct outlet outlet = {.fd = open_target(target)};
		const struct write_out_sink *same;
		struct stat st = {0};

		if (outlet.fd < 0 || fstat(outlet.fd, &st)) {
			error_set(e, ERR_SYSTEM, "%s: %s", target->name, strerror(errno));
			if (outlet.fd > STDERR_FILENO)
				close(outlet.fd);
			outlets_close(o);
			return NULL;
		}
		outlet.device = st.st_dev;
		outlet.inode = st.st_ino;
		o->outlets = mem_resize(o->outlets, o->count + 1, sizeof(*o->outlets));
		o->sinks = mem_resize(o->sinks, o->count + 1, sizeof(*o->sinks));
		same = find_same(o, &outlet);
		if (o->count && !same)
			outlet.stream = stream_new(loop, outlet.fd, failed, arg);
		o->outlets[o->count] = outlet;
		o->sinks[o->count] = (struct write_out_sink){
			same ? same->out : stream_buf(outlet.stream ? outlet.stream : out),
			isatty(outlet.fd)};
	}
	return o;
}

void outlets_close(struct outlets *o)
{
	if (!o)
		return;
	for (size_t i = 0; i < o->count; i++) {
		stream_free(o->outlets[i].stream);
		if (o->outlets[i].fd > STDERR_FILENO)
			close(o->outlets[i].fd);
	}
	free(o->outlets);
	free(o->sinks);
	free(o);
}

void outlets_put(struct outlets *o, const struct field_list *fields, const struct result *result)
{
	write_out_put(o->w, fields, o->sinks, result);
	for (size_t i = 0; i < o->count; i++) {
		if (o->outlets[i].stream)
			stream_commit(o->outlets[i].stream);
	}
}

struct stream *outlets_stream(const struct outlets *o, size_t i, const char **ret_name)
{
	for (size_t k = 0; o && k < o->count; k++) {
		if (o->outlets[k].stream && !i--) {
			*ret_name = write_out_target_at(o->w, k)->name;
			return o->outlets[k].stream;
		}
	}
	return NULL;
}
