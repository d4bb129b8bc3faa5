/* SPDX-License-Identifier: MIT */

/* picketctl: looks at and acts on Picket. This file reads the command line; the verbs are in ctl/.
 */

#include <getopt.h>
#include <locale.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "base/log.h"
#include "ctl/ctl.h"

/* Which of the options a verb takes; another one is refused. */
enum {
        TAKES_BASE = 1 << 0, /* --base, for a document without an address of its own */
        TAKES_CONTENT_TYPE = 1 << 1,
        TAKES_TEXT = 1 << 2, /* --profile, --title, --summary */
};

static const struct {
        const char *name, *operands, *summary;
        size_t n_min, n_max;
        unsigned takes;
        int (*run)(const CtlArguments *arguments); /* NULL: of a later version */
} verbs[] = {
        { "check", "", "validate the configuration; say what is polled, matched and sent where", 0,
                0, 0, ctl_check },
        { "parse", "[--base URL] [--content-type CT] FILE|-...",
                "show what Picket sees in feeds, as JSON", 1, SIZE_MAX,
                TAKES_BASE | TAKES_CONTENT_TYPE, ctl_parse },
        { "article", "[--base URL] FILE|URL|-", "show the main text of a page", 1, 1,
                TAKES_BASE | TAKES_CONTENT_TYPE, ctl_article },
        { "score", "[--profile P]... [--title T] [--summary S] FILE|URL|-",
                "score a text, page or feed against profiles, and explain", 0, 1,
                TAKES_TEXT | TAKES_BASE | TAKES_CONTENT_TYPE, ctl_score },
        { "discover", "URL", "find the feeds of a site", 1, 1, 0, ctl_discover },
        { "import", "FILE.opml|-", "print the feeds of a subscription list as configuration", 1, 1,
                0, ctl_import },
        { "export", "", "print the configured feeds as OPML", 0, 0, 0, ctl_export },
        { "status", "", "show feeds in trouble or silent, sinks and queue", 0, 0, 0, ctl_status },
        { "feeds", "", "show every feed", 0, 0, 0, ctl_feeds },
        { "alerts", "", "show the latest alerts", 0, 0, 0, ctl_alerts },
        { "outbox", "[retry ID]",
                "show deliveries that wait or are dead; give a dead one another chance", 0, 2, 0,
                ctl_outbox },
        { "reload", "", "read the configuration again", 0, 0, 0, ctl_reload },
        { "poll", "FEED", "poll a feed now", 1, 1, 0, ctl_poll },
        { "test", "SINK", "send a marked test alert and show the answer", 1, 1, 0, ctl_test },
        { "why", "URL|TITLE", "", 1, 1, 0, NULL },
        { "backtest", "", "", 0, 99, 0, NULL },
        { "stories", "", "", 0, 99, 0, NULL },
        { "mute", "STORY", "", 0, 99, 0, NULL },
        { "feedback", "ALERT good|bad", "", 0, 99, 0, NULL },
};

static void help(FILE *f) {
        fputs("Usage: picketctl [OPTION...] VERB [ARGUMENT...]\n\nVerbs:\n", f);
        for (size_t i = 0; i < ELEMENTSOF(verbs); i++)
                if (verbs[i].run)
                        fprintf(f, "  %s%s%s\n        %s\n", verbs[i].name,
                                verbs[i].operands[0] ? " " : "", verbs[i].operands,
                                verbs[i].summary);
        fputs("\nOptions:\n"
              "  -c FILE        read FILE and what it includes instead of the installed configuration\n"
              "     --json      print JSON\n"
              "     --system    the system instance (the default for root)\n"
              "     --user      the user's instance (the default for others)\n"
              "  -h --help      show this help\n"
              "     --version   show the version\n"
              "\n"
              "Exit status: 0 success, 1 the answer is no, 2 wrong usage, 3 failure. See picketctl(1).\n",
                f);
}

static int usage(const char *format, ...) _printf_(1, 2);

static int usage(const char *format, ...) {
        va_list ap;

        fputs("picketctl: ", stderr);
        va_start(ap, format);
        vfprintf(stderr, format, ap);
        va_end(ap);
        fputs("\nTry 'picketctl --help'.\n", stderr);
        return CTL_USAGE;
}

/* -1: go on; else the exit status. */
static int parse_arguments(int argc, char *argv[], CtlArguments *a, unsigned *ret_given) {
        enum {
                ARG_JSON = 0x100,
                ARG_SYSTEM,
                ARG_USER,
                ARG_VERSION,
                ARG_BASE,
                ARG_CONTENT_TYPE,
                ARG_PROFILE,
                ARG_TITLE,
                ARG_SUMMARY,
        };
        static const struct option options[] = {
                { "json", no_argument, NULL, ARG_JSON },
                { "system", no_argument, NULL, ARG_SYSTEM },
                { "user", no_argument, NULL, ARG_USER },
                { "help", no_argument, NULL, 'h' },
                { "version", no_argument, NULL, ARG_VERSION },
                { "base", required_argument, NULL, ARG_BASE },
                { "content-type", required_argument, NULL, ARG_CONTENT_TYPE },
                { "profile", required_argument, NULL, ARG_PROFILE },
                { "title", required_argument, NULL, ARG_TITLE },
                { "summary", required_argument, NULL, ARG_SUMMARY },
                {},
        };
        int c;

        while ((c = getopt_long(argc, argv, "c:h", options, NULL)) >= 0)
                switch (c) {
                case 'c':
                        a->source.path = optarg;
                        break;
                case ARG_JSON:
                        a->json = true;
                        break;
                case ARG_SYSTEM:
                        a->source.user_instance = false;
                        break;
                case ARG_USER:
                        a->source.user_instance = true;
                        break;
                case ARG_BASE:
                        a->base = optarg;
                        *ret_given |= TAKES_BASE;
                        break;
                case ARG_CONTENT_TYPE:
                        a->content_type = optarg;
                        *ret_given |= TAKES_CONTENT_TYPE;
                        break;
                case ARG_PROFILE:
                        if (strv_extend(&a->profiles, optarg) < 0)
                                return usage("out of memory");
                        *ret_given |= TAKES_TEXT;
                        break;
                case ARG_TITLE:
                        a->title = optarg;
                        *ret_given |= TAKES_TEXT;
                        break;
                case ARG_SUMMARY:
                        a->summary = optarg;
                        *ret_given |= TAKES_TEXT;
                        break;
                case ARG_VERSION:
                        puts("picketctl " PICKET_VERSION);
                        return CTL_OK;
                case 'h':
                        help(stdout);
                        return CTL_OK;
                default:
                        return CTL_USAGE;
                }

        return -1;
}

static int suggest(const char *name) {
        const char *best = NULL;
        unsigned best_distance = 3;

        for (size_t i = 0; i < ELEMENTSOF(verbs); i++) {
                unsigned distance = str_distance(name, verbs[i].name);

                if (verbs[i].run && distance < best_distance) {
                        best = verbs[i].name;
                        best_distance = distance;
                }
        }
        if (best)
                fprintf(stderr, "picketctl: unknown verb '%s'; did you mean '%s'?\n", name, best);
        else
                (void) usage("unknown verb '%s'", name);

        return CTL_USAGE;
}

static int run_verb(const char *name, CtlArguments *a, unsigned given) {
        for (size_t i = 0; i < ELEMENTSOF(verbs); i++) {
                if (!streq(verbs[i].name, name))
                        continue;

                if (!verbs[i].run) {
                        fprintf(stderr,
                                "picketctl: '%s' is not supported yet by Picket " PICKET_VERSION
                                "\n",
                                name);
                        return CTL_USAGE;
                }
                if (a->n_operands < verbs[i].n_min)
                        return usage("'%s' needs an argument", name);
                if (a->n_operands > verbs[i].n_max)
                        return usage("unexpected argument '%s'", a->operands[verbs[i].n_max]);
                if (given & ~verbs[i].takes)
                        return usage("'%s' does not take one of these options", name);

                return verbs[i].run(a);
        }

        return suggest(name);
}

int main(int argc, char *argv[]) {
        _cleanup_(strv_freep) char **profiles = NULL;
        CtlArguments a = { .source = { .user_instance = geteuid() != 0 } };
        unsigned given = 0;
        int r;

        /* libcurl asks the locale how international host names are written (libidn2). */
        (void) setlocale(LC_CTYPE, "C.UTF-8");
        log_open("picketctl", /* debug= */ false);
        a.color = isatty(STDOUT_FILENO) && isatty(STDERR_FILENO) && !getenv("NO_COLOR");

        r = parse_arguments(argc, argv, &a, &given);
        profiles = a.profiles;
        if (r >= 0)
                return r;
        if (optind >= argc)
                return usage("which verb?");

        a.operands = argv + optind + 1;
        a.n_operands = (size_t) (argc - optind - 1);
        return run_verb(argv[optind], &a, given);
}
