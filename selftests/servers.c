// SPDX-License-Identifier: GPL-2.0
/*
 * Real servers with real clients: each server counts its connections itself,
 * and the rows must have as many.
 */
#include "lib/test.h"

#include <sys/un.h>

/* The listener that stands behind the one on PORT. */
#define BACK_PORT 8081

/*
 * ab and redis-benchmark open connections that they need no more when they have
 * several at once, and drop them in the end.  With one at a time it is exactly
 * one a request: there are several clients instead.
 */
#define NR_CLIENTS 4
#define NR_REQUESTS 50
#define NR_ALL (NR_CLIENTS * NR_REQUESTS)

#define AB "ab -q -c 1 -n %d http://127.0.0.1:%d/"

/* Before it counts the clients, redis-benchmark asks for the configuration. */
#define REDIS_BENCHMARK "redis-benchmark -q -t ping_mbulk -k 0 -c 1 -n %d -p %d"
#define NR_REDIS (NR_CLIENTS * (NR_REQUESTS + 1))

/* What the clients of a transparent proxy connect to. */
#define SERVICE_V4 "198.51.100.1"
#define SERVICE_PORT 80

#define TEXT_OF(number) #number
#define TEXT(number) TEXT_OF(number)

#define MAX_SERVERS 2
#define START_MS 60000
#define TEST_S 200

FIXTURE(servers)
{
	struct truth truth;
	char directory[32];
	pid_t server[MAX_SERVERS];
	int nr_servers;
};

/* Programs run in the directory: a name is all that a file of theirs needs. */
FIXTURE_SETUP(servers)
{
	snprintf(self->directory, sizeof(self->directory),
		 "/tmp/tw_stats.XXXXXX");
	ASSERT_NE(NULL, mkdtemp(self->directory));
	ASSERT_EQ(0, chdir(self->directory));
	ASSERT_TRUE(netns_enter());
	ASSERT_TRUE(truth_start(&self->truth));
}

FIXTURE_TEARDOWN(servers)
{
	for (int i = 0; i < self->nr_servers; i++)
		program_stop(self->server[i]);
	EXPECT_TRUE(truth_holds(&self->truth));
	EXPECT_TRUE(run("rm -r %s", self->directory));
}

static bool write_file(const char *name, const char *text)
{
	FILE *file = fopen(name, "w");

	return file && fputs(text, file) >= 0 && !fclose(file);
}

static void show_file(const char *name)
{
	char *rest = NULL, *text = read_text(name), *line;

	if (!text)
		return;
	for (line = strtok_r(text, "\n", &rest); line;
	     line = strtok_r(NULL, "\n", &rest))
		fprintf(stderr, "# %s: %s\n", name, line);
	free(text);
}

/* No client may find out: that would be one more connection. */
static bool listens(unsigned int port)
{
	char *text = read_text("/proc/net/tcp"), line[64];
	bool found;

	snprintf(line, sizeof(line), ":%04X 00000000:0000 %02X ", port,
		 TCP_LISTEN);
	found = text && strstr(text, line);
	free(text);
	return found;
}

static bool server_start(FIXTURE_DATA(servers) * self, unsigned int port,
			 const char *command)
{
	char output[32];
	pid_t server;

	snprintf(output, sizeof(output), "server.%u", port);
	server = program_start(output, "%s", command);
	self->server[self->nr_servers++] = server;
	truth_server_port(port, true);
	if (WAIT_FOR(listens(port) || program_ended(server), START_MS) &&
	    !program_ended(server))
		return true;
	fprintf(stderr, "# does not listen: %s\n", command);
	show_file(output);
	return false;
}

/* What number n of the clients prints is in the file "client.n". */
static void client_output(char name[32], int nr)
{
	snprintf(name, 32, "client.%d", nr);
}

/* All at once; @format is for NR_REQUESTS and PORT. */
static bool clients_run(const char *format)
{
	pid_t client[NR_CLIENTS];
	bool good = true;
	char output[32];

	for (int i = 0; i < NR_CLIENTS; i++) {
		client_output(output, i);
		client[i] = program_start(output, format, NR_REQUESTS, PORT);
	}
	for (int i = 0; i < NR_CLIENTS; i++) {
		if (program_wait(client[i]))
			continue;
		client_output(output, i);
		show_file(output);
		good = false;
	}
	return good;
}

static long long number_after(const char *text, const char *label)
{
	const char *found = text ? strstr(text, label) : NULL;

	return found ? strtoll(found + strlen(label), NULL, 10) : -1;
}

/* The sum of what all clients say behind a label. */
static long long clients_say(const char *label)
{
	long long sum = 0;
	char output[32];

	for (int i = 0; i < NR_CLIENTS; i++) {
		char *text;

		client_output(output, i);
		text = read_text(output);
		sum += number_after(text, label);
		free(text);
	}
	return sum;
}

static int occurrences(const char *name, const char *needle)
{
	char *text = read_text(name);
	int nr = 0;

	for (const char *at = text; at && (at = strstr(at, needle)); at++)
		nr++;
	free(text);
	return nr;
}

/* Ask on a connected socket, and read until the server closes. */
static void ask(int fd, const char *question, char *answer, size_t size)
{
	size_t used = 0;
	ssize_t got = write(fd, question, strlen(question));

	while (got > 0 && used < size - 1) {
		got = read(fd, answer + used, size - used - 1);
		used += got > 0 ? got : 0;
	}
	answer[used] = '\0';
	close(fd);
}

#define PYTHON "python3 -m http.server --bind 127.0.0.1 " TEXT(PORT)
#define NGINX "nginx -e stderr -p ./ -c nginx.conf"

/*
 * nginx closes when it has answered.  Includes fill the page in when it is
 * sent, so that its end is where the connection ends.
 */
static bool nginx_start(FIXTURE_DATA(servers) * self, unsigned int port)
{
	char text[1024];

	snprintf(text, sizeof(text),
		 "user root; daemon off; master_process off;\n"
		 "error_log stderr; pid nginx.pid;\n"
		 "events { worker_connections 64; }\n"
		 "http {\n"
		 "	access_log off; keepalive_timeout 0;\n"
		 "	default_type text/html; root .; ssi on;\n"
		 "	chunked_transfer_encoding off;\n"
		 "	client_body_temp_path tmp; proxy_temp_path tmp;\n"
		 "	fastcgi_temp_path tmp; uwsgi_temp_path tmp;\n"
		 "	scgi_temp_path tmp;\n"
		 "	server {\n"
		 "		listen 127.0.0.1:%u;\n"
		 "		location /status { stub_status; }\n"
		 "	}\n"
		 "}\n",
		 port);
	return write_file("index.html", "hello\n") &&
	       write_file("nginx.conf", text) &&
	       server_start(self, port, NGINX);
}

/* Connections that nginx has accepted, this one included. */
static long long nginx_accepts(unsigned int port)
{
	char answer[4096] = "";
	int fd = connect_loopback(IPV4, port, 0);

	if (fd >= 0)
		ask(fd, "GET /status HTTP/1.0\r\n\r\n", answer, sizeof(answer));
	return number_after(answer, "accepts handled requests\n");
}

static bool redis_start(FIXTURE_DATA(servers) * self, unsigned int port)
{
	char text[256];

	snprintf(text, sizeof(text),
		 "bind 127.0.0.1\n"
		 "port %u\n"
		 "save \"\"\n",
		 port);
	return write_file("redis.conf", text) &&
	       server_start(self, port, "redis-server redis.conf");
}

/*
 * Connections that redis has accepted, this one included.  The answer begins
 * with its length, "$length\r\n": nothing must be left unread at close.
 */
static long long redis_accepts(unsigned int port)
{
	static const char question[] = "INFO stats\r\n";
	char answer[8192] = "";
	size_t length;
	FILE *redis;
	int fd;

	fd = connect_loopback(IPV4, port, 0);
	redis = fd < 0 ? NULL : fdopen(fd, "r");
	if (!redis)
		return -1;
	if (write(fd, question, strlen(question)) > 0 &&
	    fscanf(redis, "$%zu\r\n", &length) == 1 &&
	    length < sizeof(answer) - 2)
		answer[fread(answer, 1, length + 2, redis)] = '\0';
	fclose(redis);
	return number_after(answer, "total_connections_received:");
}

#define HAPROXY_STATS "haproxy.stats"

/* haproxy listens on PORT; its backend is on BACK_PORT. */
static bool haproxy_start(FIXTURE_DATA(servers) * self, const char *mode,
			  const char *bind)
{
	char text[1024];

	snprintf(text, sizeof(text),
		 "global\n"
		 "	maxconn 100\n"
		 "	stats socket unix@" HAPROXY_STATS "\n"
		 "defaults\n"
		 "	mode %s\n"
		 "	timeout connect 60s\n"
		 "	timeout client 60s\n"
		 "	timeout server 60s\n"
		 "frontend front\n"
		 "	bind %s\n"
		 "	default_backend back\n"
		 "backend back\n"
		 "	server back 127.0.0.1:%u\n",
		 mode, bind, BACK_PORT);
	return write_file("haproxy.conf", text) &&
	       server_start(self, PORT, "haproxy -db -f haproxy.conf");
}

/* The field in a line of comma-separated values below the line of names. */
static long long csv_number(const char *text, const char *line,
			    const char *name)
{
	const char *at = strstr(text, line);
	const char *column = strstr(text, name);

	for (const char *c = text; at && column && c < column; c++)
		if (*c == ',')
			at = strchr(at + 1, ',');
	return at && column ? strtoll(at + 1, NULL, 10) : -1;
}

static long long haproxy_says(const char *line, const char *name)
{
	struct sockaddr_un stats = { .sun_family = AF_UNIX,
				     .sun_path = HAPROXY_STATS };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	static char answer[1 << 16];

	if (connect(fd, (struct sockaddr *)&stats, sizeof(stats)))
		perror("# " HAPROXY_STATS);
	ask(fd, "show stat\n", answer, sizeof(answer));
	return csv_number(answer, line, name);
}

static long long haproxy_accepts(void)
{
	return haproxy_says("\nfront,FRONTEND,", "stot,");
}

static long long haproxy_connects(void)
{
	return haproxy_says("\nback,back,", "connect,");
}

/*
 * The clients are on this machine, too: for them, the address of the service is
 * a local one.
 */
static bool service_on(void)
{
	truth_server_port(SERVICE_PORT, true);
	return run("ip addr add %s/32 dev lo", SERVICE_V4) &&
	       tproxy_on(IPV4, SERVICE_PORT, PORT);
}

#define EXPECT_FIRST(role, port, nr)                                      \
	EXPECT_ROW(role, port, "entered=%lld closed_first=%lld " ANY_END, \
		   (long long)(nr), (long long)(nr))
#define EXPECT_SECOND(role, port, nr) \
	EXPECT_ROW(role, port, "closed_second=%lld", (long long)(nr))

TEST_F_TIMEOUT(servers, nginx_has_one_for_each_connection_it_accepted, TEST_S)
{
	long long accepts;

	if (!program_installed("nginx") || !program_installed("ab"))
		SKIP(return, "no nginx, or no ab");
	ASSERT_TRUE(nginx_start(self, PORT));
	ASSERT_TRUE(clients_run(AB));
	EXPECT_EQ(NR_ALL, clients_say("Complete requests:"));
	EXPECT_EQ(0, clients_say("Failed requests:"));

	accepts = nginx_accepts(PORT);
	EXPECT_EQ(NR_ALL + 1, accepts);
	EXPECT_FIRST(TW_SERVER, PORT, accepts);
	EXPECT_SECOND(TW_CLIENT, PORT, accepts);
}

TEST_F_TIMEOUT(servers, python_has_one_for_each_request_it_answered, TEST_S)
{
	int answered;

	if (!program_installed("python3") || !program_installed("ab"))
		SKIP(return, "no python3, or no ab");
	ASSERT_TRUE(write_file("index.html", "hello\n"));
	ASSERT_TRUE(server_start(self, PORT, PYTHON));
	ASSERT_TRUE(clients_run(AB));
	EXPECT_EQ(NR_ALL, clients_say("Complete requests:"));

	answered = occurrences("server." TEXT(PORT), "\"GET / HTTP/1.0\" 200");
	EXPECT_EQ(NR_ALL, answered);
	EXPECT_FIRST(TW_SERVER, PORT, answered);
	EXPECT_SECOND(TW_CLIENT, PORT, answered);
}

TEST_F_TIMEOUT(servers, clients_of_redis_have_one_for_each_it_accepted, TEST_S)
{
	long long accepts;

	if (!program_installed("redis-server") ||
	    !program_installed("redis-benchmark"))
		SKIP(return, "no redis-server, or no redis-benchmark");
	ASSERT_TRUE(redis_start(self, PORT));
	ASSERT_TRUE(clients_run(REDIS_BENCHMARK));

	accepts = redis_accepts(PORT);
	EXPECT_EQ(NR_REDIS + 1, accepts);
	EXPECT_FIRST(TW_CLIENT, PORT, accepts);
	EXPECT_SECOND(TW_SERVER, PORT, accepts);
}

/* The page has no length, so its end is where nginx closes. */
TEST_F_TIMEOUT(servers, proxied_by_http_both_servers_have_one_each, TEST_S)
{
	if (!program_installed("haproxy") || !program_installed("nginx") ||
	    !program_installed("ab"))
		SKIP(return, "no haproxy, no nginx, or no ab");
	ASSERT_TRUE(nginx_start(self, BACK_PORT));
	ASSERT_TRUE(haproxy_start(self, "http", "127.0.0.1:" TEXT(PORT)));
	ASSERT_TRUE(clients_run(AB));
	EXPECT_EQ(NR_ALL, clients_say("Complete requests:"));
	EXPECT_EQ(0, clients_say("Failed requests:"));

	EXPECT_EQ(NR_ALL, haproxy_accepts());
	EXPECT_EQ(NR_ALL, haproxy_connects());
	EXPECT_FIRST(TW_SERVER, PORT, NR_ALL);
	EXPECT_SECOND(TW_CLIENT, PORT, NR_ALL);
	EXPECT_FIRST(TW_SERVER, BACK_PORT, NR_ALL);
	EXPECT_SECOND(TW_CLIENT, BACK_PORT, NR_ALL);
}

TEST_F_TIMEOUT(servers, proxied_by_tcp_both_clients_have_one_each, TEST_S)
{
	if (!program_installed("haproxy") ||
	    !program_installed("redis-server") ||
	    !program_installed("redis-benchmark"))
		SKIP(return, "no haproxy, no redis-server, or no benchmark");
	ASSERT_TRUE(redis_start(self, BACK_PORT));
	ASSERT_TRUE(haproxy_start(self, "tcp", "127.0.0.1:" TEXT(PORT)));
	ASSERT_TRUE(clients_run(REDIS_BENCHMARK));

	EXPECT_EQ(NR_REDIS, haproxy_accepts());
	EXPECT_EQ(NR_REDIS, haproxy_connects());
	EXPECT_FIRST(TW_CLIENT, PORT, NR_REDIS);
	EXPECT_SECOND(TW_SERVER, PORT, NR_REDIS);
	EXPECT_EQ(NR_REDIS + 1, redis_accepts(BACK_PORT));
	EXPECT_FIRST(TW_CLIENT, BACK_PORT, NR_REDIS + 1);
	EXPECT_SECOND(TW_SERVER, BACK_PORT, NR_REDIS + 1);
}

TEST_F_TIMEOUT(servers, transparent_proxy_has_them_on_the_port_of_the_service,
	       TEST_S)
{
	if (!program_installed("haproxy") || !program_installed("nginx") ||
	    !program_installed("ab"))
		SKIP(return, "no haproxy, no nginx, or no ab");
	if (!service_on())
		SKIP(return, "no nft, or no TPROXY in it");
	ASSERT_TRUE(nginx_start(self, BACK_PORT));
	ASSERT_TRUE(haproxy_start(self, "http",
				  "0.0.0.0:" TEXT(PORT) " transparent"));
	ASSERT_TRUE(clients_run("ab -q -c 1 -n %d http://" SERVICE_V4 "/"));
	EXPECT_EQ(NR_ALL, clients_say("Complete requests:"));

	EXPECT_EQ(NR_ALL, haproxy_accepts());
	EXPECT_FIRST(TW_SERVER, SERVICE_PORT, NR_ALL);
	EXPECT_SECOND(TW_CLIENT, SERVICE_PORT, NR_ALL);
	EXPECT_NO_ROW(TW_SERVER, PORT);
	EXPECT_FIRST(TW_SERVER, BACK_PORT, NR_ALL);
	EXPECT_SECOND(TW_CLIENT, BACK_PORT, NR_ALL);
}

TW_TEST_MAIN
