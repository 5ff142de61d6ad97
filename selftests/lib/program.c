// SPDX-License-Identifier: GPL-2.0
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "program.h"
#include "text.h"

#define MAX_WORDS 32

/* A command line, as for printf(); blanks part its words. */
struct command {
	char text[512];
	char *word[MAX_WORDS];
};

static void command_make(struct command *command, const char *format,
			 va_list args)
{
	char *rest = NULL, *next;
	int nr = 0;

	memset(command, 0, sizeof(*command));
	if (vsnprintf(command->text, sizeof(command->text), format, args) >=
	    (int)sizeof(command->text))
		nr = MAX_WORDS;
	for (next = strtok_r(command->text, " ", &rest);
	     next && nr < MAX_WORDS - 1; next = strtok_r(NULL, " ", &rest))
		command->word[nr++] = next;
	if (next) {
		fprintf(stderr, "# too long a command: %s\n", format);
		exit(1);
	}
}

/* What a test has started ends with it, however the test ends. */
static void die_with(pid_t parent)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(127);
}

static pid_t spawn(const struct command *command, const char *output)
{
	const pid_t parent = getpid(), pid = fork();
	int in, out;

	if (pid)
		return pid;

	in = open("/dev/null", O_RDONLY);
	out = open(output, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	dup2(in, STDIN_FILENO);
	dup2(out, STDOUT_FILENO);
	dup2(out, STDERR_FILENO);
	die_with(parent);
	execvp(command->word[0], command->word);
	_exit(127);
}

/**
 * program_installed() - look for a program, as the shell does
 * @name: its name
 *
 * Return: whether it is there.
 */
bool program_installed(const char *name)
{
	char *path = strdup(getenv("PATH") ?: ""), *rest = NULL, *next;
	bool found = false;
	char file[4096];

	for (next = strtok_r(path, ":", &rest); next && !found;
	     next = strtok_r(NULL, ":", &rest)) {
		snprintf(file, sizeof(file), "%s/%s", next, name);
		found = !access(file, X_OK);
	}
	free(path);
	return found;
}

/**
 * program_start() - start a program in the current network namespace
 * @output: the file that gets what it prints
 * @format: its name and arguments, as for printf(); blanks part them, and no
 *	shell sees them
 *
 * Return: the process, which is killed when the caller ends, or -1.
 */
pid_t program_start(const char *output, const char *format, ...)
{
	struct command command;
	va_list args;

	va_start(args, format);
	command_make(&command, format, args);
	va_end(args);
	return spawn(&command, output);
}

/**
 * program_wait() - wait until a program has ended
 * @program: of program_start()
 *
 * Return: whether it exited with 0.
 */
bool program_wait(pid_t program)
{
	int status;

	return program > 0 && waitpid(program, &status, 0) == program &&
	       status == 0;
}

/**
 * program_ended() - tell whether a program has ended, without waiting
 * @program: of program_start()
 *
 * Return: whether it has.
 */
bool program_ended(pid_t program)
{
	siginfo_t info = {};

	return program <= 0 ||
	       waitid(P_PID, program, &info, WEXITED | WNOHANG | WNOWAIT) ||
	       info.si_pid == program;
}

/**
 * program_stop() - kill a program, and wait until it has gone
 * @program: of program_start()
 */
void program_stop(pid_t program)
{
	if (program <= 0)
		return;
	kill(program, SIGKILL);
	waitpid(program, NULL, 0);
}

/**
 * run() - run a program in the current network namespace
 * @format: its name and arguments, as for printf(); blanks part them, and no
 *	shell sees them, so that none can have an "ip" of its own
 *
 * Return: whether it exited with 0; its output is not wanted.
 */
bool run(const char *format, ...)
{
	struct command command;
	va_list args;

	va_start(args, format);
	command_make(&command, format, args);
	va_end(args);
	return program_wait(spawn(&command, "/dev/null"));
}

/**
 * run_and_read() - run a program in the current network namespace, and keep
 *	what it prints
 * @status: filled in with its exit status, or -1
 * @format: as for run()
 *
 * Return: what it has printed to stdout and stderr, to be freed; or NULL.
 */
char *run_and_read(int *status, const char *format, ...)
{
	char output[] = "/tmp/output.XXXXXX", *text;
	const int fd = mkstemp(output);
	struct command command;
	int raw = -1;
	va_list args;
	pid_t pid;

	va_start(args, format);
	command_make(&command, format, args);
	va_end(args);
	pid = spawn(&command, output);
	*status = -1;
	if (waitpid(pid, &raw, 0) == pid && WIFEXITED(raw))
		*status = WEXITSTATUS(raw);
	text = read_text(output);
	unlink(output);
	close(fd);
	return text;
}
