/* SPDX-License-Identifier: MIT */
#pragma once

/* A profile made of a few lines, for tests: "10 KFOR", "require Kosovo*", "exclude title:quiz",
 * "threshold 5". */

#include "base/buffer.h"
#include "base/str.h"
#include "match/profile.h"

#define MAKER_LINES_MAX 32

typedef struct ProfileMaker {
        ProfileSettings settings;
        KeywordSettings keywords[MAKER_LINES_MAX];
        SettingText requires[MAKER_LINES_MAX], excludes[MAKER_LINES_MAX];
} ProfileMaker;

static inline SettingText maker_text(const char *text, unsigned line, unsigned column) {
        return (SettingText){ (char *) text, (char *) "test.conf", (char *) text, line, column };
}

static inline void profile_make(ProfileMaker *m, const char *const *lines) {
        *m = (ProfileMaker){ .settings = { .name = maker_text("test", 1, 1),
                                     .title = (char *) "Test",
                                     .threshold_milli = 10000,
                                     .factor_milli = { 1500, 1000, 1000, 1000, 750, 1000 },
                                     .critical_at_milli = INT64_MAX } };
        m->settings.keywords = m->keywords;
        m->settings.requires = m->requires;
        m->settings.excludes = m->excludes;

        for (unsigned i = 0; lines[i]; i++) {
                const char *space = strchr(lines[i], ' ');
                char first[32] = {};
                SettingText rest = maker_text(space + 1, i + 1, (unsigned) (space - lines[i]) + 2);

                rest.source = (char *) lines[i];
                memcpy(first, lines[i], (size_t) (space - lines[i]));
                if (streq(first, "require"))
                m->requires[m->settings.n_requires++] = rest;
                else if (streq(first, "exclude")) m->excludes[m->settings.n_excludes++] = rest;
                else if (streq(first, "threshold"))
                        assert_int_equal(parse_milli(rest.text, &m->settings.threshold_milli), 0);
                else {
                        KeywordSettings *k = &m->keywords[m->settings.n_keywords++];

                        assert_int_equal(parse_milli(first, &k->weight_milli), 0);
                        k->expression = rest;
                }
        }
}

static inline ProfileSet *maker_set(const char *const *lines) {
        _cleanup_(diags_done) Diags diags = {};
        ProfileSet *set = NULL;
        ProfileMaker m;

        profile_make(&m, lines);
        if (profile_set_new(&m.settings, 1, &diags, &set) < 0) {
                diags_print(&diags, stderr, false);
                fail_msg("'%s' does not compile", lines[0]);
        }
        return set;
}
