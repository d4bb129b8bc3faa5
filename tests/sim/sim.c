/* SPDX-License-Identifier: MIT */

/* Days of polling in seconds: the real pipeline, poller, parser, matcher, store and outbox, on a
 * simulated clock, loop and network, with invented publishers.
 *
 *     sim [--seed N] [--seeds N] [--days N] [--feeds N] [--calm] [--policy auto|fixed-15min|...]
 *         [--watch N]
 *
 * Without --calm much goes wrong, with servers, the network, the machine and its clock. All follows
 * from the seed. What breaks a rule is printed with it; PICKET_SIM_LOG=1 shows the daemon's log,
 * --watch all requests to one publisher.
 * With --calm the mix is the one that docs/bench.md has figures of. */

#include <errno.h>
#include <getopt.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-id128.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "base/str.h"
#include "configuration.h"
#include "deliver/outbox.h"
#include "loop.h"
#include "network.h"
#include "pipeline.h"
#include "rules.h"

/* Monday, 2 March 2026, 00:00 UTC. */
#define BEGIN_USEC (UINT64_C(1772409600) * USEC_PER_SEC)
/* Behind the last day, for what is under way to arrive. */
#define END_USEC (2 * USEC_PER_HOUR)

static struct {
        uint64_t seed, n_seeds;
        unsigned n_days, n_feeds;
        bool calm;
        const char *policy; /* an interval */
} arg = { .seed = 1, .n_seeds = 1, .n_days = 7, .n_feeds = 200, .policy = "auto" };

static struct {
        char folder[64];
        Random random;
        unsigned n_left_out; /* feeds whose number ends so are not configured; 0: none */
        sd_event *event;
        HttpClient *http;
        Store *store;
        Pipeline *pipeline;
        Settings *settings;
        ProfileSet *profiles;
} daemon_;

/* The same chance in each run. */
void __wrap_random_init(Random *random);
void __wrap_random_init(Random *random) {
        random->state = random_u64(&daemon_.random);
}

/* And the same machine. */
int sd_id128_get_machine_app_specific(sd_id128_t application, sd_id128_t *ret) {
        *ret = application;
        return 0;
}

/* Nobody else looks into the store: a tenth of the time is saved. */
int __wrap_sqlite3_open_v2(const char *name, sqlite3 **ret, int flags, const char *vfs);
int __real_sqlite3_open_v2(const char *name, sqlite3 **ret, int flags, const char *vfs);
int __wrap_sqlite3_open_v2(const char *name, sqlite3 **ret, int flags, const char *vfs) {
        int code = __real_sqlite3_open_v2(name, ret, flags, vfs);

        if (code != SQLITE_OK)
                return code;
        return sqlite3_exec(*ret, "PRAGMA locking_mode = EXCLUSIVE", NULL, NULL, NULL);
}

static void must(int r, const char *what) {
        if (r >= 0)
                return;
        fprintf(stderr, "Failed to %s: %s\n", what, strerror(-r));
        exit(2);
}

/* --- the daemon's life --- */

static void write_configuration(void) {
        char path[96];
        FILE *f;

        (void) snprintf(path, sizeof(path), "%s/picket.conf", daemon_.folder);
        f = fopen(path, "we");
        if (!f)
                must(-errno, "write the configuration");
        (void) fprintf(f,
                "[picket]\nstate-directory = %s/state\nsinks = hook\nfull-text = never\n"
                "contact = https://picket.example/\ninterval = %s\n"
                "[sink hook]\ntype = webhook\nurl = https://hook.example/\n"
                "[profile all]\nthreshold = 1\nkeyword = 5 Bulletin\n",
                daemon_.folder, arg.policy);
        for (unsigned i = 0; i < arg.n_feeds; i++)
                if (daemon_.n_left_out == 0 || i % 16 != daemon_.n_left_out)
                        (void) fprintf(f, "[feed f%u]\nurl = %s\n%s", i, world.publishers[i].url,
                                !arg.calm && i % 10 == 1 ? "full-text = always\n" : "");
        if (fclose(f) != 0)
                must(-errno, "write the configuration");
}

static void configure(bool restarted) {
        _cleanup_(diags_done) Diags diags = {};
        Settings *settings;
        ProfileSet *profiles;
        char path[96];
        int r;

        write_configuration();
        (void) snprintf(path, sizeof(path), "%s/picket.conf", daemon_.folder);
        r = configuration_load(&(SettingsSource){ .path = path }, &diags, &settings, &profiles);
        if (r < 0)
                diags_print(&diags, stderr, /* color= */ false);
        must(r, "load the configuration");
        must(pipeline_set_configuration(daemon_.pipeline, settings, profiles), "configure");
        (void) profile_set_free(daemon_.profiles);
        (void) settings_free(daemon_.settings);
        daemon_.settings = settings;
        daemon_.profiles = profiles;
        rules_configured(daemon_.pipeline, restarted);
}

static void start(void) {
        char path[96];

        (void) snprintf(path, sizeof(path), "%s/state", daemon_.folder);
        must(sd_event_new(&daemon_.event), "make a loop");
        must(store_open(path, /* flags= */ 0, &daemon_.store, /* ret_message= */ NULL),
                "open the store");
        must(http_client_new(daemon_.event, "Picket", &daemon_.http), "set up HTTP");
        must(pipeline_new(
                     &(PipelineOptions){
                             .event = daemon_.event,
                             .http = daemon_.http,
                             .store = daemon_.store,
                             .clock = &loop_clock,
                     },
                     &daemon_.pipeline),
                "make the pipeline");
        configure(/* restarted= */ true);
}

static void stop(void) {
        rules_configured(NULL, /* restarted= */ false);
        must(pipeline_stop(daemon_.pipeline), "stop");
        daemon_.pipeline = pipeline_free(daemon_.pipeline);
        daemon_.http = http_client_free(daemon_.http);
        daemon_.store = store_close(daemon_.store);
        daemon_.profiles = profile_set_free(daemon_.profiles);
        daemon_.settings = settings_free(daemon_.settings);
        daemon_.event = sd_event_unref(daemon_.event);
}

/* --- what happens to it --- */

static void run_until(usec_t true_usec) {
        if (true_usec > loop_true())
                loop_run_until(loop_boot() + (true_usec - loop_true()));
}

static void run_for(usec_t span) {
        loop_run_until(loop_boot() + span);
}

static usec_t some(usec_t from, usec_t to) {
        return from + random_below(&daemon_.random, to - from);
}

static bool chance(unsigned percent) {
        return random_below(&daemon_.random, 100) < percent;
}

static void sleep_a_while(usec_t span) {
        loop_sleep(span);
        rules_woke(loop_boot() + 20 * USEC_PER_SEC);
        network_set_weather(WEATHER_NO_NAMES);
        if (chance(70)) /* else it has to find out by itself */
                pipeline_resumed(daemon_.pipeline);
        run_for(20 * USEC_PER_SEC);
        network_set_weather(WEATHER_FINE);
        if (chance(70))
                pipeline_network_changed(daemon_.pipeline);
        run_for(11 * USEC_PER_MINUTE);
}

static void be_offline(Weather weather, usec_t span) {
        rules_disturbed();
        network_set_weather(weather);
        run_for(span);
        network_set_weather(WEATHER_FINE);
        rules_disturbed();
        if (chance(70))
                pipeline_network_changed(daemon_.pipeline);
}

static void set_clock(void) {
        static const int64_t by[] = { -2 * 3600, -600, -5, 5, 600, 2 * 3600 };
        usec_t right = loop_true();

        rules_clock_set();
        loop_set_wall((usec_t) ((int64_t) right +
                by[random_below(&daemon_.random, ELEMENTSOF(by))] * (int64_t) USEC_PER_SEC));
        run_for(some(USEC_PER_MINUTE, 3 * USEC_PER_HOUR));
        rules_clock_set();
        loop_set_wall(loop_true());
}

static void restart(void) {
        stop();
        run_for(chance(50) ? USEC_PER_SEC : some(USEC_PER_MINUTE, 3 * USEC_PER_HOUR));
        start();
}

static void ask_by_hand(void) {
        unsigned number = (unsigned) random_below(&daemon_.random, arg.n_feeds);
        _cleanup_free_ char *name = NULL;
        usec_t closed = rules_closed_until(number), until = 0;
        int r;

        if (asprintf(&name, "f%u", number) < 0)
                abort();
        rules_asked_for(number);
        r = pipeline_poll(daemon_.pipeline, name, &until);
        if (r == 0 && closed > loop_boot())
                rules_break("s11_06", "a poll of %s by hand is let through",
                        world.publishers[number].url);
}

static void something_happens(void) {
        switch (random_below(&daemon_.random, 8)) {
        case 0:
                sleep_a_while(some(USEC_PER_MINUTE * 10, 9 * USEC_PER_HOUR));
                break;
        case 1:
                be_offline(chance(50) ? WEATHER_NO_NAMES : WEATHER_NO_ROUTE,
                        some(USEC_PER_MINUTE, 5 * USEC_PER_HOUR));
                break;
        case 2:
                be_offline(WEATHER_PORTAL, some(USEC_PER_MINUTE, 2 * USEC_PER_HOUR));
                break;
        case 3:
                set_clock();
                break;
        case 4:
                restart();
                break;
        case 5:
                daemon_.n_left_out =
                        chance(50) ? 0 : 1 + (unsigned) random_below(&daemon_.random, 15);
                configure(/* restarted= */ false);
                break;
        case 6:
                network_set_sink_fault(chance(50) ? FAULT_503 : FAULT_REFUSED);
                run_for(some(USEC_PER_MINUTE, 2 * USEC_PER_HOUR));
                network_set_sink_fault(FAULT_NONE);
                break;
        default:
                for (unsigned i = 0; i < 20; i++) {
                        ask_by_hand();
                        run_for(some(USEC_PER_SEC, USEC_PER_MINUTE));
                }
        }
}

/* --- one run --- */

static void print_figures(double seconds) {
        static const char *const names[RHYTHM_MAX + 1] = { "hourly by day", "daily", "silent",
                "bursts", "torrent", "all" };
        RulesFigures f;

        rules_figures(&f);
        if (arg.calm && streq(arg.policy, "auto"))
                rules_check_goal(&f);
        printf("seed %" PRIu64
               ", %u days, %u feeds, %s, interval %s: %zu broken rules, in %.1f s\n",
                arg.seed, arg.n_days, arg.n_feeds, arg.calm ? "calm" : "troubled", arg.policy,
                rules_n_broken(), seconds);
        printf("  %" PRIu64 " requests (%" PRIu64 " not modified, %" PRIu64 " full, %" PRIu64
               " failed), %" PRIu64 " items, %" PRIu64 " told, %" PRIu64 " missed, %" PRIu64
               " pages, %" PRIu64 " dispatched\n",
                f.n_requests, f.n_not_modified, f.n_full, f.n_failed, f.n_items, f.n_told,
                f.n_missed, f.n_pages, loop_n_dispatched());
        for (unsigned i = 0; i <= RHYTHM_MAX; i++)
                if (f.per_feed_and_day[i] > 0)
                        printf("  %-14s %5.1f requests a feed and day, %3.0f %% of one every 15 min;"
                               " median delay %5.1f min, there %.1f\n",
                                names[i], f.per_feed_and_day[i], f.per_feed_and_day[i] / 0.96,
                                f.delay_median[i], f.fixed_median[i]);
        printf("  busiest 5 min: %" PRIu64 " %% of the mean; by redirect within 2 s: %" PRIu64
               ", to a closed domain: %" PRIu64 "; errors counted while offline: %" PRIu64
               "; in hours to skip: %" PRIu64 "\n",
                f.n_bursts_max, f.n_hops_close, f.n_hops_closed, f.n_offline_errors,
                f.n_skipped_hours);
        (void) fflush(stdout);
}

static double seconds_now(void) {
        struct timespec t;

        (void) clock_gettime(CLOCK_MONOTONIC, &t);
        return (double) t.tv_sec + (double) t.tv_nsec / 1e9;
}

static void clean_up(void) {
        static const char *const files[] = { "picket.conf", "state/picket.db",
                "state/picket.db-wal", "state/picket.db-shm", "state/lock", "state" };

        for (size_t i = 0; i < ELEMENTSOF(files); i++) {
                char path[128];

                (void) snprintf(path, sizeof(path), "%s/%s", daemon_.folder, files[i]);
                (void) remove(path);
        }
        if (rmdir(daemon_.folder) < 0)
                fprintf(stderr, "Failed to remove '%s': %s\n", daemon_.folder, strerror(errno));
}

static size_t simulate(void) {
        usec_t end = BEGIN_USEC + arg.n_days * USEC_PER_DAY;
        double started = seconds_now();
        size_t n_broken;

        daemon_.random.state = arg.seed;
        daemon_.n_left_out = 0;
        /* Where syncing is free. */
        (void) snprintf(daemon_.folder, sizeof(daemon_.folder), "%s/picket-sim-XXXXXX",
                access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
        if (!mkdtemp(daemon_.folder))
                must(-errno, "make a folder");

        loop_start(BEGIN_USEC);
        world_make(&(WorldOptions){ .seed = arg.seed,
                .n_feeds = arg.n_feeds,
                .from_usec = BEGIN_USEC,
                .to_usec = end,
                .calm = arg.calm });
        rules_open(arg.seed, streq(arg.policy, "auto"));
        start();

        if (!arg.calm)
                for (;;) {
                        usec_t at = loop_true() + some(2 * USEC_PER_HOUR, 22 * USEC_PER_HOUR);

                        if (at + 12 * USEC_PER_HOUR > end)
                                break;
                        run_until(at);
                        something_happens();
                }
        run_until(end);
        rules_wind_down();
        run_for(END_USEC);
        rules_end();
        stop();
        print_figures(seconds_now() - started);
        n_broken = rules_n_broken();
        rules_close();
        world_free();
        clean_up();
        return n_broken;
}

static unsigned long number(const char *text, const char *option) {
        char *end;
        unsigned long n = strtoul(text, &end, 10);

        if (*text && !*end && n > 0)
                return n;
        fprintf(stderr, "--%s wants a number, not '%s'\n", option, text);
        exit(2);
}

int main(int argc, char *argv[]) {
        static const struct option options[] = { { "seed", required_argument, NULL, 's' },
                { "seeds", required_argument, NULL, 'n' }, { "days", required_argument, NULL, 'd' },
                { "feeds", required_argument, NULL, 'f' }, { "calm", no_argument, NULL, 'c' },
                { "policy", required_argument, NULL, 'p' },
                { "watch", required_argument, NULL, 'w' }, {} };
        size_t n_broken = 0;
        int c;

        while ((c = getopt_long(argc, argv, "", options, NULL)) >= 0)
                switch (c) {
                case 's':
                        arg.seed = number(optarg, "seed");
                        break;
                case 'n':
                        arg.n_seeds = number(optarg, "seeds");
                        break;
                case 'd':
                        arg.n_days = (unsigned) number(optarg, "days");
                        break;
                case 'f':
                        arg.n_feeds = (unsigned) number(optarg, "feeds");
                        break;
                case 'c':
                        arg.calm = true;
                        break;
                case 'p':
                        arg.policy = startswith(optarg, "fixed-") ? optarg + 6 : optarg;
                        break;
                case 'w':
                        rules_watched = (unsigned) number(optarg, "watch");
                        break;
                default:
                        return 2;
                }

        for (uint64_t i = 0; i < arg.n_seeds; i++, arg.seed++)
                n_broken += simulate();
        return n_broken > 0;
}
