/* SPDX-License-Identifier: GPL-2.0 */
/* How much memory the kernel's caches of objects hold, exactly. */
#ifndef TW_SELFTESTS_SLAB_H
#define TW_SELFTESTS_SLAB_H

long slab_objects(const char *cache);
long slab_object_size(const char *cache);

#endif /* TW_SELFTESTS_SLAB_H */
