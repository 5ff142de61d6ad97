// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "kselftest.h"
#include "module.h"
#include "program.h"
#include "rows.h"

#define PARAMETERS "/sys/module/" MODULE_NAME "/parameters/"

/* As the program found it; the parameter survives a reload by a test. */
static struct {
	char parameters[64];
	pid_t pid;
} found;

/**
 * module_loaded() - tell whether the module is loaded
 *
 * Return: whether it is.
 */
bool module_loaded(void)
{
	return !access("/sys/module/" MODULE_NAME, F_OK);
}

static const char *module_file(void)
{
	const char *file = getenv("TW_STATS_KO");

	return file ? file : "../" MODULE_NAME ".ko";
}

/**
 * module_load() - load the module: $TW_STATS_KO, or from the directory above,
 *	or as it is installed
 * @parameters: its parameters
 *
 * Return: 0 or a negative errno.
 */
int module_load(const char *parameters)
{
	int fd = open(module_file(), O_RDONLY | O_CLOEXEC);
	int error = 0;

	if (fd < 0 && getenv("TW_STATS_KO"))
		return -errno;
	if (fd < 0)
		return run("modprobe " MODULE_NAME " %s", parameters) ? 0 :
									-ENOENT;
	if (syscall(SYS_finit_module, fd, parameters, 0))
		error = -errno;
	close(fd);
	return error;
}

/**
 * module_unload() - unload the module
 *
 * Return: 0 or a negative errno.
 */
int module_unload(void)
{
	return syscall(SYS_delete_module, MODULE_NAME, O_NONBLOCK) ? -errno : 0;
}

/**
 * module_reload() - unload the module if it is loaded, and load it
 * @parameters: its parameters
 *
 * Return: false after a message.
 */
bool module_reload(const char *parameters)
{
	int error = module_loaded() ? module_unload() : 0;

	if (!error)
		error = module_load(parameters);
	if (error)
		fprintf(stderr, "# reloading %s: %s\n", MODULE_NAME,
			strerror(-error));
	return !error;
}

/**
 * module_restore() - bring back what module_require() found, for the next test
 *
 * Return: false after a message.
 */
bool module_restore(void)
{
	return module_reload(found.parameters);
}

static void unload_at_exit(void)
{
	/* A forked test that exits is not the program's end. */
	if (getpid() == found.pid && module_loaded())
		module_unload();
}

static void remember_parameter(const char *name)
{
	const size_t len = strlen(found.parameters);
	char path[128], *value;

	snprintf(path, sizeof(path), PARAMETERS "%s", name);
	value = read_text(path);
	snprintf(found.parameters + len, sizeof(found.parameters) - len,
		 "%s=%lu ", name, value ? strtoul(value, NULL, 10) : 0);
	free(value);
}

static void remember_parameters(void)
{
	remember_parameter("max_rows");
	remember_parameter("max_user_rows");
	remember_parameter("max_user_minisockets");
}

/* A machine where the module cannot be tried is none where it fails. */
static bool cannot_be_tried(int error)
{
	switch (-error) {
	case EPERM:
	case EACCES:
	case ENOENT:
	case EKEYREJECTED: /* it must be signed */
	case ENOKEY:
		return true;
	}
	return false;
}

/**
 * module_require() - load the module for this program, unless it is loaded
 *
 * Where it cannot be tried, the whole program is skipped; where it does not
 * load, the whole program fails.
 */
void module_require(void)
{
	int error;

	found.pid = getpid();
	if (module_loaded()) {
		remember_parameters();
		return;
	}

	error = module_load("");
	if (!error) {
		remember_parameters();
		atexit(unload_at_exit);
		return;
	}
	ksft_print_header();
	if (cannot_be_tried(error))
		ksft_exit_skip("%s cannot be loaded from %s: %s\n", MODULE_NAME,
			       module_file(), strerror(-error));
	ksft_exit_fail_msg("%s does not load from %s: %s\n", MODULE_NAME,
			   module_file(), strerror(-error));
}
