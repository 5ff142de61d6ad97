// SPDX-License-Identifier: GPL-2.0
/* The text of the files, as uapi/linux/tw_stats.h promises it. */
#include "lib/test.h"

#include <sys/stat.h>

#define NR_PORTS 150

FIXTURE(format)
{
	struct truth truth;
};

/* Aborted connections make rows that stand still, at both ends. */
FIXTURE_SETUP(format)
{
	struct pair pair;

	ASSERT_TRUE(netns_enter());
	ASSERT_TRUE(truth_start(&self->truth));
	/* Not in the order of the rows: 9000, 9149, 9001, 9148, ... */
	for (int i = 0; i < NR_PORTS; i++) {
		const unsigned int port =
			9000 + (i & 1 ? NR_PORTS - 1 - i / 2 : i / 2);
		const int listener = listen_on(IPV4, port);

		ASSERT_TRUE(pair_open(&pair, IPV4, listener, port));
		close_abort(pair.client);
		ASSERT_TRUE(wait_state(pair.server, TCP_CLOSE));
		close(pair.server);
		close(listener);
	}
	ASSERT_EQ(2 * NR_PORTS, stats_nr_rows());
}

FIXTURE_TEARDOWN(format)
{
	EXPECT_TRUE(truth_holds(&self->truth));
}

static const char *const file[] = { TW_STATS_PATH, TW_HIST_PATH };

/* The columns that this version of the ABI knows come first, in their order. */
static bool header_begins(const char *path, const char *const *name, int nr)
{
	char *text = read_text(path), *rest = NULL;
	const char *want, *word;
	bool good = text;

	for (int i = -2; good && i < nr; i++) {
		want = i == -2 ? TW_KEY_ROLE : i == -1 ? TW_KEY_PORT : name[i];
		word = strtok_r(i == -2 ? text : NULL, "\n ", &rest);
		good = word && !strcmp(word, want);
		if (!good)
			fprintf(stderr,
				"# %s: column %d: expected %s, seen %s\n", path,
				i + 2, want, word ? word : "none");
	}
	free(text);
	return good;
}

TEST_F(format, header_names_the_columns_in_their_order)
{
	const char *const *bucket = tw_bucket_name;
	const char *const *column = tw_column_name;

	EXPECT_TRUE(header_begins(TW_STATS_PATH, column, TW_NR_COLUMNS));
	EXPECT_TRUE(header_begins(TW_HIST_PATH, bucket, TW_NR_HIST_BUCKETS));
}

TEST_F(format, every_line_has_as_many_fields_as_the_header)
{
	for (size_t i = 0; i < ARRAY_SIZE(file); i++) {
		char *text = read_text(file[i]), *rest = NULL, *line;
		int fields = 0;

		ASSERT_NE(NULL, text);
		EXPECT_EQ('\n', text[strlen(text) - 1]);
		for (line = strtok_r(text, "\n", &rest); line;
		     line = strtok_r(NULL, "\n", &rest)) {
			char *blank = NULL;
			int nr = 0;

			for (char *word = strtok_r(line, " ", &blank); word;
			     word = strtok_r(NULL, " ", &blank))
				nr++;
			if (!fields)
				fields = nr;
			EXPECT_EQ(fields, nr);
		}
		free(text);
	}
}

static bool sorted(const struct rows *rows)
{
	for (size_t i = 1; i < rows->nr; i++) {
		const struct row *a = &rows->row[i - 1], *b = &rows->row[i];

		if (a->role > b->role ||
		    (a->role == b->role && a->port >= b->port)) {
			fprintf(stderr, "# %s %u stands before %s %u\n",
				tw_role_name[a->role], a->port,
				tw_role_name[b->role], b->port);
			return false;
		}
	}
	return true;
}

TEST_F(format, rows_are_sorted_by_role_and_port_number)
{
	const int listener = listen_on(IPV4, 900);
	struct rows rows;
	struct pair pair;

	/* As text, 900 would stand behind 9000. */
	ASSERT_TRUE(pair_open(&pair, IPV4, listener, 900));
	ASSERT_TRUE(close_in_order(pair.server, pair.client));
	ASSERT_ROW(TW_SERVER, 900, "entered=1 current=1 closed_first=1");

	ASSERT_TRUE(stats_read(&rows));
	EXPECT_EQ(2 * NR_PORTS + 2, (int)rows.nr);
	EXPECT_TRUE(sorted(&rows));
	rows_free(&rows);
	ASSERT_TRUE(hist_read(&rows));
	EXPECT_TRUE(sorted(&rows));
	rows_free(&rows);
}

static bool reads_the_same(int fd, off_t from, size_t at_once, const char *want)
{
	char piece[4096];
	ssize_t got;

	lseek(fd, from, SEEK_SET);
	want += from;
	while ((got = read(fd, piece, at_once)) > 0) {
		if (strncmp(piece, want, got)) {
			fprintf(stderr, "# read %zd at once, seen '%.*s'\n",
				got, (int)got, piece);
			return false;
		}
		want += got;
	}
	return got == 0 && !*want;
}

TEST_F(format, small_reads_and_seeks_give_the_same_text)
{
	for (size_t i = 0; i < ARRAY_SIZE(file); i++) {
		char *text = read_text(file[i]);
		const int fd = open(file[i], O_RDONLY);

		ASSERT_NE(NULL, text);
		ASSERT_LE(0, fd);
		EXPECT_TRUE(reads_the_same(fd, 0, 1, text));
		EXPECT_TRUE(reads_the_same(fd, 0, 7, text));
		EXPECT_TRUE(reads_the_same(fd, 0, 4096, text));
		EXPECT_TRUE(reads_the_same(fd, strlen(text) / 2, 100, text));
		EXPECT_TRUE(reads_the_same(fd, 13, 4096, text));
		EXPECT_TRUE(reads_the_same(fd, strlen(text), 1, text));
		close(fd);
		free(text);
	}
}

TEST_F(format, files_are_for_everybody_to_read_and_nobody_to_write)
{
	struct stat status;

	for (size_t i = 0; i < ARRAY_SIZE(file); i++) {
		ASSERT_EQ(0, stat(file[i], &status));
		EXPECT_EQ(0444, status.st_mode & 07777);
		EXPECT_TRUE(S_ISREG(status.st_mode));
	}
}

TEST_F(format, unprivileged_user_reads_them)
{
	struct rows rows;

	ASSERT_EQ(0, setgid(65534));
	ASSERT_EQ(0, setuid(65534));
	EXPECT_EQ(2 * NR_PORTS, stats_nr_rows());
	EXPECT_TRUE(hist_read(&rows));
	rows_free(&rows);
}

TEST_F(format, link_leads_to_the_file_of_its_reader)
{
	char target[64] = "";
	struct rows rows;

	ASSERT_LT(0, readlink(TW_STATS_LINK, target, sizeof(target) - 1));
	EXPECT_STREQ("self/net/" TW_STATS_NAME, target);
	ASSERT_TRUE(stats_read_at(TW_STATS_LINK, &rows));
	EXPECT_EQ(2 * NR_PORTS, (int)rows.nr);
	rows_free(&rows);
}

TW_TEST_MAIN
