/* SPDX-License-Identifier: MIT */

/* The desktop agent: one for each user's session. It shows the alerts of the user's own picketd
 * (session bus) and of the system's (system bus), whichever there are, on the desktop's
 * notification server. A program of its own, since libnotify's calls block and its thread and main
 * loop are GLib's; picketd knows neither. */

#include "notify/mailbox.h"

#include <errno.h>
#include <getopt.h>
#include <glib-unix.h>
#include <libnotify/notify.h>
#include <stdio.h>
#include <systemd/sd-daemon.h>

#include "base/log.h"

enum {
        STATUS_OK = 0,
        STATUS_USAGE = 2,
        STATUS_FAILURE = 3,
};

/* A host without a system bus may get one, when the agent was early. */
#define SYSTEM_BUS_RETRY_SECONDS 60u

typedef struct Agent {
        GMainLoop *loop;
        GDBusConnection *session, *system;
        Screen *screen;
        Mailbox *user_mailbox, *system_mailbox; /* NULL: not asked for, or no such bus */
        guint system_retry_id;
        int status;
} Agent;

static bool arg_user = true, arg_system = true;

static void print_help(void) {
        printf("picket-notify [OPTION]...\n\n"
               "Shows Picket's alerts on the desktop.\n\n"
               "      --user       Only alerts of the user's own picketd\n"
               "      --system     Only alerts of the system's picketd\n"
               "  -c FILE          Taken as the other programs take it; nothing in it is\n"
               "                   for this one\n"
               "  -h, --help       Show this help\n"
               "      --version    Show the version\n\n"
               "Without --user and --system, both are followed. See picket-notify(1).\n");
}

/* 1: go on; 0: done; negative: wrong usage. */
static int parse_argv(int argc, char *argv[]) {
        enum {
                ARG_USER = 0x100,
                ARG_SYSTEM,
                ARG_VERSION,
        };
        static const struct option options[] = {
                { "user", no_argument, NULL, ARG_USER },
                { "system", no_argument, NULL, ARG_SYSTEM },
                { "help", no_argument, NULL, 'h' },
                { "version", no_argument, NULL, ARG_VERSION },
                {},
        };
        bool user = false, system = false;
        int c;

        while ((c = getopt_long(argc, argv, "hc:", options, NULL)) >= 0)
                switch (c) {
                case ARG_USER:
                        user = true;
                        break;
                case ARG_SYSTEM:
                        system = true;
                        break;
                case 'c':
                        break;
                case 'h':
                        print_help();
                        return 0;
                case ARG_VERSION:
                        printf("picket-notify %s\n", PICKET_VERSION);
                        return 0;
                default:
                        return -EINVAL; /* getopt said why */
                }
        if (optind < argc) {
                fprintf(stderr, "picket-notify: no operand expected: '%s'\n", argv[optind]);
                return -EINVAL;
        }

        if (user || system) {
                arg_user = user;
                arg_system = system;
        }
        return 1;
}

static void agent_quit(Agent *agent, int status) {
        agent->status = status;
        g_main_loop_quit(agent->loop);
}

static gboolean on_signal(gpointer userdata) {
        agent_quit(userdata, STATUS_OK);
        return G_SOURCE_CONTINUE;
}

static void on_bus_closed(
        GDBusConnection *bus, gboolean remote_vanished, GError *error, gpointer userdata) {
        (void) bus;
        (void) remote_vanished;
        log_error("A bus went away: %s", error ? error->message : "closed");
        agent_quit(userdata, STATUS_FAILURE);
}

/* The screen or a mailbox may be there before the other. */
static void on_screen_ready(void *userdata) {
        Agent *agent = userdata;

        if (agent->user_mailbox)
                mailbox_collect(agent->user_mailbox);
        if (agent->system_mailbox)
                mailbox_collect(agent->system_mailbox);
}

/* Connects to the bus, NULL with @error set when there is none. GLib would end the program with the
 * bus, by a signal; we want to say so. */
static GDBusConnection *agent_connect(Agent *agent, GBusType type, GError **error) {
        GDBusConnection *bus;

        bus = g_bus_get_sync(type, /* cancellable= */ NULL, error);
        if (!bus)
                return NULL;
        g_dbus_connection_set_exit_on_close(bus, FALSE);
        g_signal_connect(bus, "closed", G_CALLBACK(on_bus_closed), agent);
        return bus;
}

static gboolean on_system_retry(gpointer userdata);

static int agent_follow_system(Agent *agent) {
        g_autoptr(GError) error = NULL;

        agent->system = agent_connect(agent, G_BUS_TYPE_SYSTEM, &error);
        if (agent->system)
                return mailbox_new(agent->system, "system", agent->screen, &agent->system_mailbox);

        log_debug(
                "No system bus: %s, trying again in %us", error->message, SYSTEM_BUS_RETRY_SECONDS);
        agent->system_retry_id =
                g_timeout_add_seconds(SYSTEM_BUS_RETRY_SECONDS, on_system_retry, agent);
        return 0;
}

static gboolean on_system_retry(gpointer userdata) {
        Agent *agent = userdata;

        agent->system_retry_id = 0;
        if (agent_follow_system(agent) < 0) {
                (void) log_oom();
                agent_quit(agent, STATUS_FAILURE);
        }
        return G_SOURCE_REMOVE;
}

static int agent_start(Agent *agent) {
        g_autoptr(GError) error = NULL;
        int r;

        agent->session = agent_connect(agent, G_BUS_TYPE_SESSION, &error);
        if (!agent->session) {
                log_error("Failed to connect to the session bus: %s", error->message);
                return -ENOENT;
        }
        if (!notify_init("Picket")) {
                log_error("Failed to set up libnotify");
                return -EIO;
        }

        r = screen_new(agent->session, on_screen_ready, agent, &agent->screen);
        if (r >= 0 && arg_user)
                r = mailbox_new(agent->session, "user", agent->screen, &agent->user_mailbox);
        if (r >= 0 && arg_system)
                r = agent_follow_system(agent);
        return r < 0 ? log_oom() : 0;
}

static void agent_leave(Agent *agent, GDBusConnection *bus) {
        if (!bus)
                return;
        g_signal_handlers_disconnect_by_data(bus, agent);
        g_object_unref(bus);
}

static void agent_stop(Agent *agent) {
        if (agent->system_retry_id > 0)
                g_source_remove(agent->system_retry_id);
        mailbox_free(agent->user_mailbox);
        mailbox_free(agent->system_mailbox);
        screen_free(agent->screen);
        agent_leave(agent, agent->session);
        agent_leave(agent, agent->system);
        g_main_loop_unref(agent->loop);
}

int main(int argc, char *argv[]) {
        Agent agent = {};
        int r;

        r = parse_argv(argc, argv);
        if (r <= 0)
                return r < 0 ? STATUS_USAGE : STATUS_OK;

        log_open("picket-notify", /* debug= */ false);
        agent.loop = g_main_loop_new(/* context= */ NULL, /* is_running= */ FALSE);
        (void) g_unix_signal_add(SIGTERM, on_signal, &agent);
        (void) g_unix_signal_add(SIGINT, on_signal, &agent);

        if (agent_start(&agent) < 0)
                agent.status = STATUS_FAILURE;
        else {
                (void) sd_notify(/* unset_environment= */ 0, "READY=1");
                g_main_loop_run(agent.loop);
                (void) sd_notify(/* unset_environment= */ 0, "STOPPING=1");
        }

        agent_stop(&agent);
        return agent.status;
}
