// SPDX-License-Identifier: GPL-2.0
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/userfaultfd.h>

#include "missing_page.h"

static struct uffdio_range range_of(const struct missing_page *page)
{
	return (struct uffdio_range){ .start = (uintptr_t)page->memory,
				      .len = getpagesize() };
}

/**
 * missing_page_make() - make one, in this process
 * @page: filled in; a child of this process can wait for it and fill it
 *
 * Return: false after a message.
 */
bool missing_page_make(struct missing_page *page)
{
	struct uffdio_register missing = {
		.mode = UFFDIO_REGISTER_MODE_MISSING
	};
	struct uffdio_api api = { .api = UFFD_API };

	page->uffd = syscall(SYS_userfaultfd, O_CLOEXEC);
	page->memory = mmap(NULL, getpagesize(), PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	missing.range = range_of(page);
	if (page->uffd >= 0 && page->memory != MAP_FAILED &&
	    !ioctl(page->uffd, UFFDIO_API, &api) &&
	    !ioctl(page->uffd, UFFDIO_REGISTER, &missing))
		return true;
	perror("# userfaultfd");
	return false;
}

/**
 * missing_page_wait() - wait until somebody waits for the page
 * @page: which
 *
 * Return: false after a message.
 */
bool missing_page_wait(const struct missing_page *page)
{
	struct uffd_msg message;

	if (read(page->uffd, &message, sizeof(message)) == sizeof(message))
		return true;
	perror("# userfaultfd: read");
	return false;
}

/**
 * missing_page_fill() - let who waits for the page go on
 * @page: which
 *
 * Return: false after a message.
 */
bool missing_page_fill(const struct missing_page *page)
{
	struct uffdio_zeropage zero = { .range = range_of(page) };

	if (!ioctl(page->uffd, UFFDIO_ZEROPAGE, &zero))
		return true;
	perror("# UFFDIO_ZEROPAGE");
	return false;
}

/**
 * missing_page_free() - free what missing_page_make() made
 * @page: which
 */
void missing_page_free(const struct missing_page *page)
{
	munmap(page->memory, getpagesize());
	close(page->uffd);
}
