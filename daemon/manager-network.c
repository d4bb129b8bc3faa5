/* SPDX-License-Identifier: MIT */

/* What the machine says of its network and its sleep. Both are hints that save time and nothing
 * rests on them: the pipeline sees by itself that it is offline, that an answer came, and that a
 * timer was late by hours.
 *
 * Changes of links, addresses and routes are listened to only while offline. At other times nobody
 * needs them, and on a machine with containers they come all day. */

#include <errno.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "manager-internal.h"

#define CHANGES_WANTED                                                               \
        (RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR | RTMGRP_IPV4_ROUTE | \
                RTMGRP_IPV6_ROUTE)

/* --- changes of the network --- */

/* That something changed is enough; what it was, a probe will show. */
static int on_change(
        sd_event_source *source _unused_, int fd, uint32_t revents _unused_, void *userdata) {
        Manager *m = userdata;
        char buf[8192];
        ssize_t n;

        /* More than the socket holds never waits, so this ends. ENOBUFS: some were lost. */
        do
                n = recv(fd, buf, sizeof buf, MSG_DONTWAIT);
        while (n > 0 || (n < 0 && (errno == EINTR || errno == ENOBUFS)));

        pipeline_network_changed(m->pipeline);
        return 0;
}

static int open_changes(Manager *m) {
        const struct sockaddr_nl address = { .nl_family = AF_NETLINK, .nl_groups = CHANGES_WANTED };
        int fd, r;

        fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);
        if (fd < 0)
                return -errno;
        if (bind(fd, (const struct sockaddr *) &address, sizeof address) < 0) {
                r = -errno;
                (void) close(fd);
                return r;
        }

        r = sd_event_add_io(m->event, &m->changes, fd, EPOLLIN, on_change, m);
        if (r < 0) {
                (void) close(fd);
                return r;
        }
        (void) sd_event_source_set_io_fd_own(m->changes, true);
        return sd_event_source_set_description(m->changes, "network-changes");
}

void manager_on_network(bool online, void *userdata) {
        Manager *m = userdata;
        int r;

        if (online)
                m->changes = sd_event_source_disable_unref(m->changes);
        else if (!m->changes) {
                r = open_changes(m);
                if (r < 0)
                        (void) log_debug_errno(
                                r, "Cannot hear of changes of the network, going by answers: %m");
        }
}

/* --- sleep --- */

static int on_prepare_for_sleep(
        sd_bus_message *message, void *userdata, sd_bus_error *error _unused_) {
        Manager *m = userdata;
        int going;

        if (sd_bus_message_read(message, "b", &going) >= 0 && !going)
                pipeline_resumed(m->pipeline);
        return 0;
}

void manager_watch_sleep(Manager *m) {
        int r;

        r = sd_bus_open_system_with_description(&m->logind, "logind");
        if (r >= 0)
                r = sd_bus_match_signal_async(m->logind, /* ret= */ NULL, "org.freedesktop.login1",
                        "/org/freedesktop/login1", "org.freedesktop.login1.Manager",
                        "PrepareForSleep", on_prepare_for_sleep, /* install_callback= */ NULL, m);
        if (r >= 0)
                r = sd_bus_attach_event(m->logind, m->event, SD_EVENT_PRIORITY_NORMAL);
        if (r < 0) {
                (void) log_debug_errno(r, "Cannot hear of sleep, going by late timers: %m");
                m->logind = sd_bus_flush_close_unref(m->logind);
        }
}

void manager_close_network(Manager *m) {
        m->changes = sd_event_source_disable_unref(m->changes);
        m->logind = sd_bus_close_unref(m->logind);
}
