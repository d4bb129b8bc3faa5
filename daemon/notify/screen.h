/* SPDX-License-Identifier: MIT */
#pragma once

/* The desktop's notification server: is there one, what can it do, and show this. It is never
 * started by us (D-Bus activation); where there is none, the screen is just not ready.
 * What becomes of GLib's own allocations when memory is out is GLib's matter: it aborts, and the
 * service manager starts the agent again; alerts that were not acknowledged come back. */

/* Ours first: GLib replaces MIN, MAX and CLAMP by its own, and minds only if it comes first. */
#include "notify/card.h"

#include <gio/gio.h>

typedef struct Screen Screen;

/* @on_ready is called whenever a server has appeared and can be used. @session is kept referenced.
 * 0 or -ENOMEM. */
int screen_new(GDBusConnection *session, void (*on_ready)(void *userdata), void *userdata,
        Screen **ret) _warn_unused_;
/* Leaves what is shown on the screen. NULL is fine; returns NULL. */
Screen *screen_free(Screen *screen);

bool screen_is_ready(const Screen *screen);
/* Blocks until the server has answered. 0 when it took the notification; -ENOTCONN without a
 * server, -EREMOTEIO when it refused or did not answer, -ENOMEM. Logs why. */
int screen_show(Screen *screen, const Card *card) _warn_unused_;
