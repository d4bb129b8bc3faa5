/* SPDX-License-Identifier: MIT */
#pragma once

/* Alerts to render: one as they come, one from somebody who means harm, one of which next to
 * nothing is known, one too large. Strings are lent; nothing here is for alert_done(). */

#include "model/model.h"

/* 2026-02-20T06:30:00Z */
#define SAMPLE_RAISED_USEC (UINT64_C(1771569000) * USEC_PER_SEC)

static Span sample_spans[] = { { FIELD_TITLE, 0, 4 }, { FIELD_SUMMARY, 10, 4 } };
static KeywordHit sample_hits[] = {
        { .expression = (char *) "KFOR",
                .weight_milli = 10000,
                .field = FIELD_TITLE,
                .count = 1,
                .points_milli = 15000,
                .spans = sample_spans,
                .n_spans = 2 },
        { .expression = (char *) "Kosovo NEAR/12 (peacekeep* | troop* | NATO)",
                .weight_milli = 6000,
                .field = FIELD_BODY,
                .count = 3,
                .points_milli = 5999 },
};
static StorySource sample_sources[] = {
        { (char *) "defense-news", (char *) "KFOR: NATO sends troops to Kosovo",
                (char *) "https://news.example/kfor?a=1&b=2", SAMPLE_RAISED_USEC - USEC_PER_HOUR },
        { (char *) "balkan-wire", (char *) "Troops for KFOR", (char *) "https://wire.example/1",
                USEC_INFINITY },
};

static inline Alert sample_plain(void) {
        return (Alert){
                .id = 7,
                .profile = (char *) "kfor",
                .profile_title = (char *) "KFOR - Kosovo Force",
                .story = { .id = 42,
                        .title = (char *) "KFOR: NATO sends troops to Kosovo",
                        .link = (char *) "https://news.example/kfor?a=1&b=2",
                        .summary = (char *) "The alliance reinforces its peacekeepers.",
                        .published_usec = SAMPLE_RAISED_USEC - USEC_PER_HOUR },
                .sources = sample_sources,
                .n_sources = 2,
                .urgency = URGENCY_CRITICAL,
                .raised_usec = SAMPLE_RAISED_USEC,
                .feed = (char *) "defense-news",
                .verdict = { .profile = (char *) "kfor",
                        .score_milli = 20999,
                        .threshold_milli = 10000,
                        .matched = true,
                        .hits = sample_hits,
                        .n_hits = 2,
                        .body = BODY_FAILED,
                        .body_reason = (char *) "HTTP 503" },
        };
}

/* Mentions, markup, control characters, a right-to-left override, broken UTF-8, and addresses that
 * are none. */
static inline Alert sample_hostile(void) {
        static StorySource sources[] = {
                { (char *) "a|b]<c>", (char *) "<!here>", (char *) "https://x.example/<|>(1) \"",
                        USEC_INFINITY },
                { (char *) "js", (char *) "t", (char *) "javascript:alert(1)", USEC_INFINITY },
                { (char *) "ok|b]<c>", (char *) "t", (char *) "https://x.example/a|b<c>",
                        USEC_INFINITY },
        };
        Alert alert = sample_plain();

        alert.story.title =
                (char *) "<!channel> @everyone R&D *bold* _it_ `x` [a](http://b) :smile: "
                         "\x01\x1b[31m \xe2\x80\xaegnp.exe \xff\xc3 \"quoted\\\"";
        alert.story.summary =
                (char *) "# <@U123> <https://evil.example|click>\n\n> ~~s~~ ||spoiler||";
        alert.story.link = (char *) "data:text/html,<script>";
        alert.feed = (char *) "feed <!here>";
        alert.sources = sources;
        alert.n_sources = 3;
        alert.urgency = URGENCY_LOW;
        alert.verdict.body_reason = (char *) "said <!channel>\x07";
        return alert;
}

static inline Alert sample_bare(void) {
        return (Alert){
                .profile = (char *) "kfor",
                .story = { .id = 1, .published_usec = USEC_INFINITY },
                .urgency = URGENCY_NORMAL,
                .raised_usec = SAMPLE_RAISED_USEC,
                .verdict = { .profile = (char *) "kfor", .threshold_milli = 10000 },
        };
}
