// SPDX-License-Identifier: GPL-2.0
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "netns.h"
#include "text.h"

#define NOBODY 65534

/**
 * link_up() - set an interface up
 * @name: the interface
 *
 * Return: false after a message.
 */
bool link_up(const char *name)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq ifr = {};
	bool up;

	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", name);
	up = !ioctl(fd, SIOCGIFFLAGS, &ifr);
	ifr.ifr_flags |= IFF_UP;
	up = up && !ioctl(fd, SIOCSIFFLAGS, &ifr);
	if (!up)
		fprintf(stderr, "# %s up: %s\n", name, strerror(errno));
	close(fd);
	return up;
}

/**
 * netns_enter() - move into a new network namespace with its loopback up
 *
 * Return: false after a message.
 */
bool netns_enter(void)
{
	if (unshare(CLONE_NEWNET)) {
		fprintf(stderr, "# unshare(CLONE_NEWNET): %s\n",
			strerror(errno));
		return false;
	}
	return link_up("lo");
}

/* As unshare --map-root-user does.  Who is not dumpable may not do that. */
static bool userns_enter_as_root(void)
{
	char map[32];

	snprintf(map, sizeof(map), "0 %u 1", NOBODY);
	return !prctl(PR_SET_DUMPABLE, 1) && !unshare(CLONE_NEWUSER) &&
	       write_text("/proc/self/setgroups", "deny") &&
	       write_text("/proc/self/uid_map", map) &&
	       write_text("/proc/self/gid_map", map);
}

/**
 * netns_enter_as_user() - become nobody, and do what any user can: move into a
 *	new user namespace, and a new network namespace in it, as its root
 *
 * There is no way back.
 *
 * Return: false after a message.
 */
bool netns_enter_as_user(void)
{
	if (setgroups(0, NULL) || setresgid(NOBODY, NOBODY, NOBODY) ||
	    setresuid(NOBODY, NOBODY, NOBODY) || !userns_enter_as_root()) {
		perror("# becoming a user with a namespace");
		return false;
	}
	return netns_enter();
}

/**
 * netns_here() - get hold of the current network namespace
 *
 * Return: a file descriptor for netns_switch(), or -1 after a message.
 */
int netns_here(void)
{
	int fd = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		perror("# /proc/self/ns/net");
	return fd;
}

/**
 * netns_switch() - move into a network namespace; sockets stay in theirs
 * @fd: the namespace, from netns_here()
 *
 * Return: false after a message.
 */
bool netns_switch(int fd)
{
	if (!setns(fd, CLONE_NEWNET))
		return true;
	perror("# setns");
	return false;
}

/**
 * sysctl_set() - set a sysctl of the current network namespace
 * @name: its name below net.ipv4
 * @value: what to write
 *
 * Return: false after a message.
 */
bool sysctl_set(const char *name, const char *value)
{
	char path[128];

	snprintf(path, sizeof(path), "/proc/sys/net/ipv4/%s", name);
	return write_text(path, value);
}
