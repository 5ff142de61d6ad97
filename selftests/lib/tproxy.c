// SPDX-License-Identifier: GPL-2.0
#include "program.h"
#include "tproxy.h"

#define NFT_HOOK "type filter hook prerouting priority mangle ;"

/**
 * tproxy_on() - redirect what comes in for a port, with its addresses unchanged
 * @family: of which protocol the packets are: IPV4 or IPV6
 * @service_port: the port that clients connect to
 * @proxy_port: the port of a listener with IP_TRANSPARENT
 *
 * Return: false where there is no nft, or no TPROXY in it.
 */
bool tproxy_on(enum family family, unsigned int service_port,
	       unsigned int proxy_port)
{
	const char *nft = family == IPV4 ? "ip" : "ip6";
	const char *ip = family == IPV4 ? "-4" : "-6";
	const char *all = family == IPV4 ? "0.0.0.0/0" : "::/0";

	return run("nft add table %s proxy", nft) &&
	       run("nft add chain %s proxy divert { " NFT_HOOK " }", nft) &&
	       run("nft add rule %s proxy divert tcp dport %u tproxy to :%u meta mark set 1",
		   nft, service_port, proxy_port) &&
	       run("ip %s rule add fwmark 1 lookup 100", ip) &&
	       run("ip %s route add local %s dev lo table 100", ip, all);
}
