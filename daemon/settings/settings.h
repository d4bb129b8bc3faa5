/* SPDX-License-Identifier: MIT */
#pragma once

/* The configuration, read and judged: a value made once and never changed; a reload makes another.
 * The dialect and the sections are described in docs/picket.conf.5. All that is wrong goes into
 * Diags with file, line and column; settings_load() succeeds only when none of it is an error.
 * Knows the text of expressions and their positions, not their meaning (match/ compiles them). */

#include "base/diag.h"
#include "model/model.h"

/* A configured text and where it stands. Owned by the Settings it is part of. */
typedef struct SettingText {
        char *text;
        char *file, *source;   /* for SourcePos */
        unsigned line, column; /* of the first character of text */
} SettingText;

SourcePos setting_text_pos(const SettingText *text);

typedef enum FullText {
        FULL_TEXT_AUTO,
        FULL_TEXT_ALWAYS,
        FULL_TEXT_NEVER,
        FULL_TEXT_MAX,
} FullText;
DECLARE_STRING_TABLE(full_text, FullText);

typedef enum FeedKind {
        FEED_KIND_AUTO,  /* a feed of any format */
        FEED_KIND_XPATH, /* a page, read with the expressions below */
} FeedKind;

typedef struct FeedSettings {
        SettingText name; /* as in [feed NAME] */
        SettingText url;
        bool interval_auto;
        usec_t interval_usec; /* when not auto */
        FullText full_text;
        bool allow_private;
        bool robots;     /* are the pages of its items read only where robots.txt allows it? */
        char **profiles; /* NULL: all */
        int64_t weight_milli;
        char **headers;   /* "Name: value", for the configured origin only */
        char *credential; /* its name; the value is the Authorization header */
        char *proxy;
        FeedKind kind;
        SettingText xpath_item, xpath_title, xpath_link, xpath_summary, xpath_date;
} FeedSettings;

typedef struct KeywordSettings {
        int64_t weight_milli;
        SettingText expression; /* behind the weight */
} KeywordSettings;

typedef struct ProfileSettings {
        SettingText name;
        char *title; /* the name when not given */
        int64_t threshold_milli;
        KeywordSettings *keywords;
        size_t n_keywords;
        SettingText *requires, *excludes;
        size_t n_requires, n_excludes;
        int64_t factor_milli[FIELD_MAX]; /* settable per profile: title-factor = 1.5 ... */
        char **sinks;                    /* after defaults; NULL: none, alerts are only recorded */
        Urgency urgency;
        int64_t critical_at_milli; /* INT64_MAX: never */
} ProfileSettings;

typedef enum SinkType {
        SINK_WEBHOOK,
        SINK_DESKTOP,
        SINK_TYPE_MAX,
} SinkType;
DECLARE_STRING_TABLE(sink_type, SinkType);

typedef enum SinkFormat {
        SINK_JSON,
        SINK_SLACK,
        SINK_DISCORD,
        SINK_FORMAT_MAX,
} SinkFormat;
DECLARE_STRING_TABLE(sink_format, SinkFormat);

typedef struct SinkSettings {
        SettingText name;
        SinkType type;
        SinkFormat format; /* of a webhook */
        /* Where the address comes from: exactly one for a webhook. Read by settings_secret() when
         * needed, never stored. */
        char *url, *url_file, *url_credential;
        char *secret_file, *secret_credential;
        char **headers;
        bool allow_private;
        char *proxy;
} SinkSettings;

typedef struct Settings {
        char *state_directory; /* absolute, after defaults */
        char *contact;         /* NULL: not said */
        usec_t retention_usec; /* how long items and alerts are kept; USEC_INFINITY: for good */
        bool user_instance;
        FeedSettings *feeds;
        ProfileSettings *profiles;
        SinkSettings *sinks;
        size_t n_feeds, n_profiles, n_sinks;
} Settings;

/* Where to read from. */
typedef struct SettingsSource {
        const char *
                path; /* -c FILE: that file and what it includes, nothing else; NULL: the overlay */
        bool user_instance; /* of the overlay, and of the default state directory */
} SettingsSource;

/* Reads, with defaults and all references between sections resolved. 0 when there was no error;
 * -EINVAL when *diags holds at least one (warnings alone do not fail); -ENOENT when @source->path
 * does not exist, or what else open() said of it (said in *diags too); -ENOMEM. The caller owns
 * *ret. */
int settings_load(const SettingsSource *source, Diags *diags, Settings **ret) _warn_unused_;
/* The same, but *ret is also made of what is left when *diags holds errors (then -EINVAL): not to
 * be used, only to be looked at for more of them. */
int settings_load_partial(const SettingsSource *source, Diags *diags, Settings **ret) _warn_unused_;
/* settings_load() from @text, which @name stands for in messages and which may not include files.
 */
int settings_load_text(const char *name, const char *text, size_t n_bytes, Diags *diags,
        Settings **ret) _warn_unused_;
Settings *settings_free(Settings *settings);
DEFINE_POINTER_CLEANUP(Settings, settings_free);

const FeedSettings *settings_find_feed(const Settings *settings, const char *name);
const ProfileSettings *settings_find_profile(const Settings *settings, const char *name);
const SinkSettings *settings_find_sink(const Settings *settings, const char *name);

/* Secrets, read at the moment of use and owned (and wiped with secret_free()) by the caller. A
 * credential NAME is the file $CREDENTIALS_DIRECTORY/NAME, else picket_NAME there. Trailing white
 * space is cut. 0; -ENOENT with no such credential or file, -ENXIO without $CREDENTIALS_DIRECTORY,
 * or what open() said. *ret is NULL for a sink without a secret. */
int settings_credential(const char *name, char **ret) _warn_unused_;
int settings_sink_url(const SinkSettings *sink, char **ret) _warn_unused_;
int settings_sink_secret(const SinkSettings *sink, char **ret) _warn_unused_;
char *secret_free(char *secret);
DEFINE_POINTER_CLEANUP(char, secret_free);
