/* SPDX-License-Identifier: MIT */
#pragma once

/* The network between the daemon and the world: http/http.h, implemented without sockets. The
 * linker takes these functions before those of the library. */

#include "world.h"

void network_set_weather(Weather weather);
Weather network_weather(void);
/* The sink takes nothing for a while. */
void network_set_sink_fault(Fault fault);
