/* SPDX-License-Identifier: MIT */

#include "settings/keys.h"

#include <errno.h>

#include "settings/values.h"

#define PICKET(field) offsetof(PicketSettings, field)
#define FEED(field) offsetof(FeedSettings, field)
#define PROFILE(field) offsetof(ProfileSettings, field)
#define SINK(field) offsetof(SinkSettings, field)

/* In the order of the manual page. */
static const SettingKey picket_keys[] = {
        { "state-directory", parse_path, PICKET(state_directory),
                .doc = "where the database lies; the default depends on the instance",
                .reload = SETTING_RESTART },
        { "sinks", parse_sinks, PICKET(sinks),
                .doc = "default sinks of every profile: names, a list" },
        { "interval", parse_interval, PICKET(feed), "auto",
                .doc = "default of every feed: how often it is polled" },
        { "full-text", parse_full_text, PICKET(feed.full_text), "auto",
                .doc = "default of every feed: whether pages are read" },
        { "robots", parse_flag, PICKET(feed.robots), "yes",
                .doc = "default of every feed: are pages read only where robots.txt allows it" },
        { "contact", parse_contact, PICKET(contact),
                .doc = "where the owner of a feed can reach you; part of the User-Agent" },
        { "allow-private", parse_flag, PICKET(feed.allow_private), "no",
                .doc = "default of every feed and sink: may it lie at a private or loopback address" },
        { "retention", parse_retention, PICKET(retention_usec), "90d",
                .doc = "how long items and alerts are kept" },
        { "include", parse_include, .doc = "other files to read here: paths or globs, a list" },
};

static const SettingKey feed_keys[] = {
        { "url", parse_feed_url, FEED(url), .doc = "the address; required" },
        { "interval", parse_interval, 0, .doc = "how often it is polled; default in [picket]" },
        { "full-text", parse_full_text, FEED(full_text),
                .doc = "whether the pages of its items are read; default in [picket]" },
        { "robots", parse_flag, FEED(robots),
                .doc = "are they read only where robots.txt allows it; default in [picket]" },
        { "profiles", parse_profiles, FEED(profiles),
                .doc = "the profiles its items are matched against, a list; all when not given" },
        { "weight", parse_feed_weight, FEED(weight_milli), "1.0",
                .doc = "what the scores of its items are multiplied by" },
        { "header", parse_header, FEED(headers),
                .doc = "a header of its requests, NAME: VALUE; a list", .secret = true },
        { "credential", parse_credential, FEED(credential),
                .doc = "the credential that holds its Authorization header" },
        { "proxy", parse_proxy, FEED(proxy), .doc = "the proxy it is reached through",
                .secret = true },
        { "allow-private", parse_flag, FEED(allow_private),
                .doc = "may it lie at a private or loopback address; default in [picket]" },
        { "kind", parse_kind, FEED(kind), "auto",
                .doc = "auto: a feed of any known format; xpath: a page" },
        { "item", parse_xpath, FEED(xpath_item), .doc = "kind = xpath: what selects the items" },
        { "title", parse_xpath, FEED(xpath_title), .doc = "kind = xpath: an item's title" },
        { "link", parse_xpath, FEED(xpath_link), .doc = "kind = xpath: an item's address" },
        { "summary", parse_xpath, FEED(xpath_summary), .doc = "kind = xpath: an item's summary" },
        { "date", parse_xpath, FEED(xpath_date), .doc = "kind = xpath: when it was published" },
};

static const SettingKey profile_keys[] = {
        { "title", parse_string, PROFILE(title), .doc = "for people; the name when not given" },
        { "threshold", parse_points, PROFILE(threshold_milli), "10",
                .doc = "the score from which an alert is raised" },
        { "keyword", parse_keyword, 0, .doc = "WEIGHT EXPRESSION; a list" },
        { "require", parse_require, 0, .doc = "an expression that must match; a list" },
        { "exclude", parse_exclude, 0, .doc = "an expression that must not match; a list" },
        { "sinks", parse_sinks, PROFILE(sinks),
                .doc = "where its alerts go, a list; default in [picket], nowhere when empty" },
        { "urgency", parse_urgency, PROFILE(urgency), "normal", .doc = "low, normal or critical" },
        { "critical-at", parse_points, PROFILE(critical_at_milli),
                .doc = "the score from which an alert is critical; never when not given" },
        { "title-factor", parse_factor, PROFILE(factor_milli[FIELD_TITLE]), "1.5",
                .doc = "what a match in the title counts" },
        { "summary-factor", parse_factor, PROFILE(factor_milli[FIELD_SUMMARY]), "1.0",
                .doc = "what a match in the summary counts" },
        { "category-factor", parse_factor, PROFILE(factor_milli[FIELD_CATEGORY]), "1.0",
                .doc = "what a match in a category counts" },
        { "author-factor", parse_factor, PROFILE(factor_milli[FIELD_AUTHOR]), "1.0",
                .doc = "what a match in an author's name counts" },
        { "body-factor", parse_factor, PROFILE(factor_milli[FIELD_BODY]), "0.75",
                .doc = "what a match in the body counts" },
};

static const SettingKey sink_keys[] = {
        { "type", parse_sink_type, SINK(type), .doc = "webhook or desktop; required" },
        { "format", parse_sink_format, SINK(format), "json",
                .doc = "what a webhook is sent: json, slack or discord" },
        { "url", parse_sink_url, SINK(url), .doc = "the webhook's address", .secret = true },
        { "url-file", parse_path, SINK(url_file), .doc = "a file that holds the address" },
        { "url-credential", parse_credential, SINK(url_credential),
                .doc = "the credential that holds the address" },
        { "secret-file", parse_path, SINK(secret_file),
                .doc = "a file that holds the secret for signing; with format = json" },
        { "secret-credential", parse_credential, SINK(secret_credential),
                .doc = "the credential that holds the secret for signing; with format = json" },
        { "header", parse_header, SINK(headers),
                .doc = "a header of its requests, NAME: VALUE; a list", .secret = true },
        { "proxy", parse_proxy, SINK(proxy), .doc = "the proxy it is reached through",
                .secret = true },
        { "allow-private", parse_flag, SINK(allow_private),
                .doc = "may it lie at a private or loopback address; default in [picket]" },
        { "template", parse_unsupported, .doc = "a JSON document to fill; not supported yet" },
};

const SettingTable setting_tables[SECTION_TYPE_MAX] = {
        [SECTION_PICKET] = { picket_keys, ELEMENTSOF(picket_keys) },
        [SECTION_FEED] = { feed_keys, ELEMENTSOF(feed_keys) },
        [SECTION_PROFILE] = { profile_keys, ELEMENTSOF(profile_keys) },
        [SECTION_SINK] = { sink_keys, ELEMENTSOF(sink_keys) },
};

_Static_assert(ELEMENTSOF(feed_keys) <= SETTING_KEYS_MAX &&
                ELEMENTSOF(profile_keys) <= SETTING_KEYS_MAX &&
                ELEMENTSOF(sink_keys) <= SETTING_KEYS_MAX &&
                ELEMENTSOF(picket_keys) <= SETTING_KEYS_MAX,
        "more keys than the arrays that count them");

int setting_apply_defaults(SectionType type, void *object) {
        const SettingTable *table = &setting_tables[type];
        _cleanup_(diags_done) Diags diags = {};
        const SettingContext context = { .diags = &diags };
        int r;

        for (size_t i = 0; i < table->n_keys; i++) {
                const SettingKey *key = &table->keys[i];
                const Assignment assignment = {
                        .key = (char *) key->name,
                        .value = (char *) key->default_text,
                };

                if (!key->default_text)
                        continue;
                r = key->parse(&context, &assignment, (char *) object + key->offset);
                if (r < 0)
                        return r;
        }

        assert(diags.n_errors == 0);
        return 0;
}

static size_t table_find(const SettingTable *table, const char *name) {
        size_t i;

        for (i = 0; i < table->n_keys; i++)
                if (streq(table->keys[i].name, name))
                        break;

        return i;
}

static void report_unknown_key(
        const SettingContext *context, const Section *section, const Assignment *assignment) {
        const SettingTable *table = &setting_tables[section->type];
        Suggestion s = { .written = assignment->key };

        for (size_t i = 0; i < table->n_keys; i++)
                suggestion_consider(&s, table->keys[i].name);

        diag_error(context->diags, assignment_key_pos(assignment),
                "unknown key '%.*s' in [%s%s%s]%s", SHOWN(assignment->key),
                section_type_to_string(section->type), isempty(section->name) ? "" : " ",
                section->name, FORMAT_SUGGESTION(s));
}

int setting_apply_section(const SettingContext *context, const Section *section, void *object) {
        const SettingTable *table = &setting_tables[section->type];
        size_t first[SETTING_KEYS_MAX] = {}; /* assignments that count: behind the last reset */
        int r;

        for (size_t i = 0; i < section->n_assignments; i++) {
                const Assignment *assignment = &section->assignments[i];
                size_t k = table_find(table, assignment->key);

                if (k >= table->n_keys)
                        report_unknown_key(context, section, assignment);
                else if (isempty(assignment->value))
                        first[k] = i + 1;
        }

        for (size_t i = 0; i < section->n_assignments; i++) {
                Assignment assignment = section->assignments[i];
                size_t k = table_find(table, assignment.key);

                if (k >= table->n_keys || i < first[k] || isempty(assignment.value))
                        continue;
                if (table->keys[k].secret)
                        assignment.source = NULL;
                r = table->keys[k].parse(
                        context, &assignment, (char *) object + table->keys[k].offset);
                if (r < 0)
                        return r;
        }

        return 0;
}

const Assignment *section_given(const Section *section, const char *key) {
        for (size_t i = section->n_assignments; i-- > 0;)
                if (streq(section->assignments[i].key, key))
                        return isempty(section->assignments[i].value) ? NULL
                                                                      : &section->assignments[i];

        return NULL;
}

bool section_mentions(const Section *section, const char *key) {
        for (size_t i = 0; i < section->n_assignments; i++)
                if (streq(section->assignments[i].key, key))
                        return true;

        return false;
}
