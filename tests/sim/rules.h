/* SPDX-License-Identifier: MIT */
#pragma once

/* What must hold, whatever happens: looked at with each request as it is made, from what the
 * servers said and nothing else; and what became of each item. */

#include "pipeline.h"
#include "world.h"

typedef struct RulesHop {
        const char *configured_url, *url;
        unsigned n_redirects;
        const char *if_none_match, *if_modified_since; /* as they go over the wire */
} RulesHop;

/* --- from the network --- */

/* A feed's request is handed over; it may wait for its place yet. */
void rules_request(const HttpSpec *spec);
/* It goes out, to its first address or to one that it was redirected to. */
void rules_hop(const RulesHop *hop);
/* An article's page, or robots.txt, is asked for, and answered. */
void rules_page(const char *url);
void rules_page_over(const char *url, const HttpResponse *response);
/* That hop is over, but not the request. */
void rules_hop_over(const char *url);
/* The request to @configured_url is over; the daemon does not know yet. */
void rules_outcome(const char *configured_url, const Reply *reply, const HttpResponse *response);
/* Now it knows. */
void rules_counted(const char *configured_url);
/* The sink took @body. */
void rules_told(const char *body);

/* --- from the life of the machine --- */

void rules_open(uint64_t seed, bool auto_interval);
void rules_close(void);
/* The daemon has a new configuration, or is a new one. */
void rules_configured(Pipeline *pipeline, bool restarted);
/* NULL: it stopped. */
Pipeline *rules_pipeline(void);
/* Somebody asked for this one by hand. */
void rules_asked_for(unsigned publisher);
/* Until when the servers want this one to be left alone (boot clock); 0: free. */
usec_t rules_closed_until(unsigned publisher);
/* The wall clock was set. */
void rules_clock_set(void);
/* It slept, and has a network from @network_boot_usec on. */
void rules_woke(usec_t network_boot_usec);
/* Something happens to the network, after which polls bunch for good reason. */
void rules_disturbed(void);
/* Nothing is judged that is met from now on; what was must be told by rules_end(). */
void rules_wind_down(void);
/* What can be said only at the end. */
void rules_end(void);

/* All requests to this one are shown. */
extern unsigned rules_watched;
void rules_break(const char *rule, const char *format, ...) __attribute__((format(printf, 2, 3)));
size_t rules_n_broken(void);

/* --- results --- */

typedef struct RulesFigures {
        uint64_t n_requests, n_full, n_not_modified, n_failed, n_items, n_told, n_missed;
        double delay_median[RHYTHM_MAX + 1]; /* in minutes; the last: of all */
        double fixed_median[RHYTHM_MAX + 1]; /* of a poll every 15 minutes */
        double per_feed_and_day[RHYTHM_MAX + 1];
        uint64_t n_bursts_max; /* 5 minutes' worth, of the mean around, in percent */
        uint64_t n_pages, n_hops_close, n_hops_closed, n_offline_errors, n_skipped_hours;
} RulesFigures;
void rules_figures(RulesFigures *ret);
/* Fewer requests, and no later news, than by a poll every 15 minutes. For the calm mix. */
void rules_check_goal(const RulesFigures *figures);
