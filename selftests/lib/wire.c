// SPDX-License-Identifier: GPL-2.0
#include <unistd.h>

#include "netns.h"
#include "program.h"
#include "wire.h"

static const char *const device[NR_SIDES] = { "to_client", "to_server" };
static const char *const v4[NR_SIDES] = { SERVER_V4, CLIENT_V4 };
static const char *const v6[NR_SIDES] = { SERVER_V6, CLIENT_V6 };
static const char *const mac[NR_SIDES] = { "02:00:00:00:00:01",
					   "02:00:00:00:00:02" };

/**
 * wire_enter() - move into the network namespace of one side
 * @wire: whose
 * @side: which
 *
 * Return: false after a message.
 */
bool wire_enter(const struct wire *wire, enum side side)
{
	return netns_switch(wire->netns[side]);
}

/* A neighbour that nobody has to ask for cannot be lost. */
static bool side_up(const struct wire *wire, enum side side)
{
	return wire_enter(wire, side) && link_up(device[side]) &&
	       run("ip addr add %s/24 dev %s", v4[side], device[side]) &&
	       run("ip addr add %s/64 dev %s nodad", v6[side], device[side]) &&
	       run("ip neigh replace %s lladdr %s dev %s nud permanent",
		   v4[!side], mac[!side], device[side]) &&
	       run("ip neigh replace %s lladdr %s dev %s nud permanent",
		   v6[!side], mac[!side], device[side]);
}

/**
 * wire_make() - connect two network namespaces
 * @wire: with both of them filled in
 *
 * Return: false when this machine has no virtual wires.
 */
bool wire_make(const struct wire *wire)
{
	return wire_enter(wire, SERVER) &&
	       run("ip link add %s address %s type veth peer name %s address %s",
		   device[SERVER], mac[SERVER], device[CLIENT], mac[CLIENT]) &&
	       run("ip link set %s netns /proc/%d/fd/%d", device[CLIENT],
		   getpid(), wire->netns[CLIENT]) &&
	       side_up(wire, SERVER) && side_up(wire, CLIENT);
}

/**
 * wire_does() - say what becomes of what is sent from now on, both ways
 * @wire: where
 * @netem: as for tc-netem(8)
 *
 * Return: false when tc or the kernel does not know how.
 */
bool wire_does(const struct wire *wire, const char *netem)
{
	for (int side = 0; side < NR_SIDES; side++)
		if (!wire_enter(wire, side) ||
		    !run("tc qdisc replace dev %s root netem %s", device[side],
			 netem))
			return false;
	return true;
}
