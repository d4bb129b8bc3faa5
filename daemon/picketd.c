/* SPDX-License-Identifier: MIT */

/* picketd: the daemon. This file reads the command line and sets the signal mask; manager.c is the
 * program. */

#include <getopt.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "base/log.h"
#include "manager.h"

static const char *arg_config = NULL;
static bool arg_once = false, arg_check = false, arg_debug = false;
static int arg_user = -1; /* -1: by who we are */

static void help(FILE *f) {
        fputs("Usage: picketd [OPTION...]\n"
              "\n"
              "Polls news feeds, scores every item against keyword profiles, and alerts once per story.\n"
              "\n"
              "  -c FILE        read FILE and what it includes instead of the installed configuration\n"
              "     --once      poll what is due once, deliver what is due, and exit\n"
              "     --check     check the configuration and exit\n"
              "     --system    the system instance (the default for root)\n"
              "     --user      the user's instance (the default for others)\n"
              "     --debug     log more\n"
              "  -h --help      show this help\n"
              "     --version   show the version\n"
              "\n"
              "See picketd(8) and picket.conf(5).\n",
                f);
}

/* 0: go on; otherwise *ret_status is the exit status. */
static int parse_arguments(int argc, char *argv[], int *ret_status) {
        enum {
                ARG_ONCE = 0x100,
                ARG_CHECK,
                ARG_SYSTEM,
                ARG_USER,
                ARG_DEBUG,
                ARG_VERSION,
        };
        static const struct option options[] = {
                { "once", no_argument, NULL, ARG_ONCE },
                { "check", no_argument, NULL, ARG_CHECK },
                { "system", no_argument, NULL, ARG_SYSTEM },
                { "user", no_argument, NULL, ARG_USER },
                { "debug", no_argument, NULL, ARG_DEBUG },
                { "help", no_argument, NULL, 'h' },
                { "version", no_argument, NULL, ARG_VERSION },
                {},
        };
        int c;

        while ((c = getopt_long(argc, argv, "c:h", options, NULL)) >= 0)
                switch (c) {
                case 'c':
                        arg_config = optarg;
                        break;
                case ARG_ONCE:
                        arg_once = true;
                        break;
                case ARG_CHECK:
                        arg_check = true;
                        break;
                case ARG_SYSTEM:
                        arg_user = 0;
                        break;
                case ARG_USER:
                        arg_user = 1;
                        break;
                case ARG_DEBUG:
                        arg_debug = true;
                        break;
                case ARG_VERSION:
                        puts("picketd " PICKET_VERSION);
                        *ret_status = MANAGER_OK;
                        return 1;
                case 'h':
                        help(stdout);
                        *ret_status = MANAGER_OK;
                        return 1;
                default:
                        *ret_status = MANAGER_USAGE;
                        return 1;
                }

        if (optind < argc) {
                fprintf(stderr, "picketd: unexpected argument '%s'\n", argv[optind]);
                *ret_status = MANAGER_USAGE;
                return 1;
        }

        return 0;
}

int main(int argc, char *argv[]) {
        ManagerOptions options;
        sigset_t signals;
        int status;

        /* First of all: every thread that a library starts must inherit the mask. */
        (void) sigemptyset(&signals);
        (void) sigaddset(&signals, SIGTERM);
        (void) sigaddset(&signals, SIGINT);
        (void) sigaddset(&signals, SIGHUP);
        (void) sigprocmask(SIG_BLOCK, &signals, NULL);
        (void) signal(SIGPIPE, SIG_IGN);

        if (parse_arguments(argc, argv, &status) != 0)
                return status;

        /* libcurl asks the locale how international host names are written (libidn2). */
        (void) setlocale(LC_CTYPE, "C.UTF-8");
        log_open("picketd", arg_debug);
        options = (ManagerOptions){
                .source = { .path = arg_config,
                        .user_instance = arg_user < 0 ? geteuid() != 0 : arg_user },
                .once = arg_once,
        };

        return arg_check ? manager_check(&options) : manager_run(&options);
}
