// SPDX-License-Identifier: GPL-2.0-only
/*
 * twstat: answers from /proc/net/tw_stats and /proc/net/tw_hist.
 */
#include <error.h>
#include <errno.h>
#include <getopt.h>
#include <locale.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "columns.h"
#include "proc.h"
#include "twstat.h"

enum { OPTION_ROOT = 256 };

#define OPTIONS "aHhi:jN:o:pr:s:Vw::"

static const struct option long_options[] = {
	{ "all", no_argument, NULL, 'a' },
	{ "no-header", no_argument, NULL, 'H' },
	{ "help", no_argument, NULL, 'h' },
	{ "interval", required_argument, NULL, 'i' },
	{ "json", no_argument, NULL, 'j' },
	{ "netns", required_argument, NULL, 'N' },
	{ "output", required_argument, NULL, 'o' },
	{ "pretty", no_argument, NULL, 'p' },
	{ "role", required_argument, NULL, 'r' },
	{ "root", required_argument, NULL, OPTION_ROOT },
	{ "sort", required_argument, NULL, 's' },
	{ "version", no_argument, NULL, 'V' },
	{ "watch", optional_argument, NULL, 'w' },
	{}
};

/**
 * struct command - a command
 * @name: what the user types; NULL: none
 * @run: answers
 * @options: those that it takes, besides -N and --root, which all do
 * @ports: its words are ports and ranges of ports
 * @min_words: how many words there must be
 * @max_words: how many there may be
 */
struct command {
	const char *name;
	int (*run)(const struct request *request);
	const char *options;
	bool ports;
	int min_words;
	int max_words;
};

#define ANY_NUMBER 4096

static const struct command commands[] = {
	{ NULL, cmd_show, "aHjprs", true, 0, ANY_NUMBER },
	{ NULL, cmd_watch, "aHjprsw", true, 0, ANY_NUMBER },
	{ "port", cmd_port, "jp", true, 1, 1 },
	{ "ephemeral", cmd_ephemeral, "Hijp", true, 0, ANY_NUMBER },
	{ "hist", cmd_hist, "jpr", true, 0, ANY_NUMBER },
	{ "prometheus", cmd_prometheus, "o", false, 0, 0 },
	{ "explain", cmd_explain, "", false, 0, 2 },
};

#define SHOW (&commands[0])
#define WATCH (&commands[1])

static const char help[] =
	"Usage: twstat [OPTION]... [PORT | PORT-PORT]...\n"
	"       twstat -w [SECONDS] [OPTION]... [PORT | PORT-PORT]...\n"
	"       twstat port PORT\n"
	"       twstat ephemeral | hist [OPTION]... [PORT | PORT-PORT]...\n"
	"       twstat prometheus [-o FILE]\n"
	"       twstat explain [COLUMN]\n"
	"\n"
	"TCP sockets in TIME_WAIT, by port, as the module tw_stats counts them.\n"
	"\n"
	"  twstat             the rows, busiest first\n"
	"  twstat -w          what they do every second (or SECONDS), until q\n"
	"  twstat port        who holds a port, until when, and what bind() will do\n"
	"  twstat ephemeral   which peers' ports use up our own for connect()\n"
	"  twstat hist        how long sockets stay in TIME_WAIT\n"
	"  twstat prometheus  everything, for node_exporter's textfile collector\n"
	"  twstat explain     what a column says, and what it does not\n"
	"\n"
	"  -a, --all              all columns, even where there is no room for them\n"
	"  -H, --no-header        no line of names\n"
	"  -i, --interval SECONDS how long ephemeral measures rates: 5 s\n"
	"  -j, --json             JSON, with exact numbers\n"
	"  -p, --pretty           JSON for people\n"
	"  -N, --netns NAME       of the network namespace NAME of ip netns, or of a path\n"
	"                         such as /proc/PID/ns/net; as root\n"
	"  -o, --output FILE      write to FILE, which is replaced when all is written\n"
	"  -r, --role ROLE        only server (ports where we accept), client (ports that\n"
	"                         we connect to), or any (what has no row of its own)\n"
	"  -s, --sort COLUMN      largest first in COLUMN; or port\n"
	"  -w, --watch [SECONDS]  again and again, with rates (a PORT goes before it)\n"
	"      --root DIRECTORY   read a copy of /proc; given again, what it was later\n"
	"  -h, --help             this text\n"
	"  -V, --version          the version\n"
	"\n"
	"Exit status: 0 good, 1 nothing to show or failed, 2 usage.\n";

static void __attribute__((noreturn, format(printf, 1, 2)))
usage(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fputs("twstat: ", stderr);
	vfprintf(stderr, format, args);
	fputs("\nTry: twstat --help\n", stderr);
	va_end(args);
	exit(EXIT_USAGE);
}

static unsigned int parse_port(const char *text, char **end)
{
	unsigned long number;

	errno = 0;
	number = strtoul(text, end, 10);
	if (*end == text || *text < '0' || *text > '9')
		usage("\"%s\" is no port, range of ports, or command", text);
	if (errno || number > 65535)
		usage("port %s: the largest is 65535", text);
	return number;
}

static struct range parse_range(const char *text)
{
	struct range range;
	char *end;

	range.first = parse_port(text, &end);
	range.last = range.first;
	if (*end == '-' && end[1])
		range.last = parse_port(end + 1, &end);
	if (*end)
		usage("\"%s\" is no port or range of ports", text);
	if (range.first > range.last)
		usage("%s: the lower port comes first", text);
	return range;
}

static double parse_seconds(const char *text)
{
	char *end;
	const double seconds = strtod(text, &end);

	if (end == text || *end || !(seconds >= 0.1 && seconds <= 86400))
		usage("%s: not a number of seconds from 0.1 to 86400", text);
	return seconds;
}

static enum tw_role parse_role(const char *text)
{
	for (int i = 0; i < TW_NR_ROLES; i++)
		if (!strcmp(text, role_name[i]))
			return i;
	usage("--role %s: there are server, client and any", text);
}

static int parse_sort(const char *text)
{
	const int column = column_find(text);

	if (!strcmp(text, TW_KEY_PORT))
		return BY_KEY;
	/* As twstat -w calls its rate. */
	if (!strcmp(text, "mean"))
		return TW_COL_TIME_MS;
	if (column < 0)
		usage("--sort %s: no such column; \"twstat explain\" lists them",
		      text);
	return column;
}

/* getopt_long() takes the number behind "-w" for a word of its own. */
static const char *optional_number(int argc, char **argv)
{
	const char *next = optind < argc ? argv[optind] : "";

	if (optarg || !*next || next[strspn(next, "0123456789.")])
		return optarg;
	optind++;
	return next;
}

static const struct command *find_command(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		if (commands[i].name && !strcmp(commands[i].name, name))
			return &commands[i];
	return NULL;
}

static void check_options(const struct command *command, const char *used)
{
	const char *no = used + strspn(used, command->options);

	if (*no && command->name)
		usage("\"twstat %s\" has no option -%c", command->name, *no);
	for (size_t i = 0; *no && i < ARRAY_SIZE(commands); i++)
		if (strchr(commands[i].options, *no))
			usage("-%c is an option of \"twstat %s\"", *no,
			      commands[i].name);
}

static void parse_words(const struct command *command, struct request *request,
			int nr, char **word)
{
	if (nr < command->min_words)
		usage("twstat %s takes a port, as in: twstat %s 443",
		      command->name, command->name);
	if (nr > command->max_words)
		usage("\"%s\" is too much", word[command->max_words]);
	request->word = word;
	request->nr_words = nr;
	if (!command->ports)
		return;

	request->range = calloc(nr + 1, sizeof(*request->range));
	if (!request->range)
		error(EXIT_NOTHING, 0, "out of memory");
	for (int i = 0; i < nr; i++)
		request->range[request->nr_ranges++] = parse_range(word[i]);
}

/* What was printed may still be lost: on a full disk, in a closed pipe. */
static void flush(void)
{
	if (fflush(stdout) || ferror(stdout))
		error(EXIT_NOTHING, errno, "cannot write");
}

/* Returns the letters of the options that not every command has. */
static char *parse_options(struct request *request, int argc, char **argv)
{
	char *used = calloc(argc + 1, 1), *next = used;
	const char *number;
	int c;

	if (!used)
		error(EXIT_NOTHING, 0, "out of memory");
	while ((c = getopt_long(argc, argv, OPTIONS, long_options, NULL)) !=
	       -1) {
		if (c != OPTION_ROOT && c != 'N')
			*next++ = c;
		switch (c) {
		case 'a':
			request->all = true;
			break;
		case 'H':
			request->header = false;
			break;
		case 'h':
			fputs(help, stdout);
			flush();
			exit(0);
		case 'i':
			request->interval = parse_seconds(optarg);
			break;
		case 'j':
			request->json = true;
			break;
		case 'N':
			request->netns = optarg;
			break;
		case 'o':
			request->output = optarg;
			break;
		case 'p':
			request->json = true;
			request->pretty = true;
			break;
		case 'r':
			request->by_role = true;
			request->role = parse_role(optarg);
			break;
		case 's':
			request->sort = parse_sort(optarg);
			break;
		case 'V':
			printf("twstat, of tw_stats " TW_STATS_VERSION "\n");
			flush();
			exit(0);
		case 'w':
			request->watch = true;
			number = optional_number(argc, argv);
			if (number)
				request->interval = parse_seconds(number);
			break;
		case OPTION_ROOT:
			proc_add_copy(optarg);
			break;
		default:
			fprintf(stderr, "Try: twstat --help\n");
			exit(EXIT_USAGE);
		}
	}
	if (request->netns && proc_is_copy())
		usage("--root has one network namespace: no -N with it");
	return used;
}

int main(int argc, char **argv)
{
	struct request request = { .header = true, .sort = BY_TRAFFIC };
	char name[] = "twstat";
	const struct command *command;
	char *used;
	int status;

	/* Numbers are for programs, too, and look the same everywhere. */
	setlocale(LC_CTYPE, "");
	/* In messages, getopt()'s too, however it was called. */
	program_invocation_name = name;
	if (argc)
		argv[0] = name;
	used = parse_options(&request, argc, argv);
	argc -= optind;
	argv += optind;
	command = argc ? find_command(argv[0]) : NULL;
	if (command) {
		argc--;
		argv++;
	} else {
		command = request.watch ? WATCH : SHOW;
	}
	check_options(command, used);
	free(used);
	parse_words(command, &request, argc, argv);
	if (request.netns)
		proc_enter_netns(request.netns);

	status = command->run(&request);
	flush();
	free(request.range);
	return status;
}
