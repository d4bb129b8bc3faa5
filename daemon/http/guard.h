/* SPDX-License-Identifier: MIT */
#pragma once

/* The address guard: which addresses on the network may be talked to. Judges sockaddrs, not texts,
 * so that no spelling of an address gets by. The ranges are those of the IANA special-purpose
 * registries (RFC 6890). */

#include <sys/socket.h>

#include "base/macro.h"

/* For people, who want to know what to do when it was meant to be so. */
#define GUARD_REFUSAL "its address is not public, and allow-private is off"

/* Is it a public unicast address? IPv4 inside IPv6 (mapped, compatible, NAT64, 6to4) is judged by
 * the IPv4 address. */
bool guard_address_is_public(const struct sockaddr *address);

/* Is @port one at which browsers do not speak HTTP, as it belongs to another protocol that could be
 * fooled by it (the Fetch standard's "bad ports")? Nobody who is not trusted may send us there. */
bool guard_port_is_bad(unsigned port);

/* Reads an address as text ("192.0.2.1", "2001:db8::1", a zone is ignored). False when it is none,
 * such as a name. */
bool guard_text_to_address(const char *text, struct sockaddr_storage *ret) _warn_unused_;

/* Does @host, by its writing alone, lie on this machine or the network around it: a private
 * address, or a name that is none of the public network? */
bool guard_name_is_local(const char *host);
