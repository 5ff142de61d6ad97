// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <stdlib.h>

#include "slab.h"
#include "text.h"

#define SLAB "/sys/kernel/slab/"

static long number(const char *cache, const char *attribute)
{
	long value = -1;
	char path[128];
	char *text;

	snprintf(path, sizeof(path), SLAB "%s/%s", cache, attribute);
	text = read_text(path);
	if (text)
		value = strtol(text, NULL, 10);
	free(text);
	return value;
}

/**
 * slab_objects() - count the objects of a cache that are in use
 * @cache: its name in /sys/kernel/slab
 *
 * The kernel counts all that a CPU keeps at hand as used.  So it is told to give
 * back what it can, first.  It may have merged the cache with others of the same
 * size, whose objects count as well; what KFENCE takes in is not counted, but
 * that is off in Debian's kernels.
 *
 * Return: how many, or -1 after a message.
 */
long slab_objects(const char *cache)
{
	char path[128];

	snprintf(path, sizeof(path), SLAB "%s/shrink", cache);
	return write_text(path, "1") ? number(cache, "objects") : -1;
}

/**
 * slab_object_size() - tell what an object takes, without what debugging adds
 * @cache: its name in /sys/kernel/slab
 *
 * Return: its bytes, or -1 after a message.
 */
long slab_object_size(const char *cache)
{
	return number(cache, "object_size");
}
