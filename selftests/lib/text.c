// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "text.h"

/**
 * read_text() - read a whole file
 * @path: what to read; of unknown size, as all of /proc is
 *
 * Return: the text, to be freed by the caller, or NULL after a message.
 */
char *read_text(const char *path)
{
	size_t size = 1 << 16, used = 0;
	char *text = malloc(size);
	ssize_t got;
	int fd;

	fd = open(path, O_RDONLY);
	if (fd < 0) {
		fprintf(stderr, "# %s: %s\n", path, strerror(errno));
		free(text);
		return NULL;
	}

	while ((got = read(fd, text + used, size - used - 1)) > 0) {
		used += got;
		if (size - used < 2)
			text = realloc(text, size *= 2);
	}
	if (got < 0) {
		fprintf(stderr, "# reading %s: %s\n", path, strerror(errno));
		free(text);
		text = NULL;
	} else {
		text[used] = '\0';
	}
	close(fd);
	return text;
}

/**
 * write_text() - write to a file of the kernel's
 * @path: which
 * @text: what, in one go
 *
 * Return: false after a message.
 */
bool write_text(const char *path, const char *text)
{
	const int fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);
	const ssize_t len = strlen(text);
	const bool written = fd >= 0 && write(fd, text, len) == len;

	if (!written)
		fprintf(stderr, "# %s: cannot write %s: %s\n", path, text,
			strerror(errno));
	if (fd >= 0)
		close(fd);
	return written;
}
