/* SPDX-License-Identifier: MIT */
#pragma once

/* The alerts that one picketd has for this user: claimed from it over one bus, put on the screen,
 * and acknowledged when the screen took them. What was claimed and not acknowledged is given again
 * by picketd when the claim's lease ends, so nothing that goes wrong here loses an alert. */

#include "notify/screen.h"

typedef struct Mailbox Mailbox;

/* @label ("system", "user") is for messages. @bus is kept referenced, @screen must live longer. 0
 * or -ENOMEM. */
int mailbox_new(
        GDBusConnection *bus, const char *label, Screen *screen, Mailbox **ret) _warn_unused_;
Mailbox *mailbox_free(Mailbox *mailbox);

/* There may be something to collect, or it may be possible now. Does nothing without a picketd or a
 * screen. */
void mailbox_collect(Mailbox *mailbox);
