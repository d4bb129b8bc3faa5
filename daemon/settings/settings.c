/* SPDX-License-Identifier: MIT */

#include "settings/settings.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <unistd.h>

#include "base/strv.h"
#include "settings/files.h"
#include "settings/judge.h"
#include "settings/values.h"

/* Loading has three steps. files.h gathers an outline from all files; then the sections are made of
 * it, [picket] first because the others inherit from it, each with the table of its keys; what lies
 * between keys or sections is judged last (judge.c). Names are looked up in the outline, which
 * knows all of them before the first value is read, so a reference may stand before what it names.
 */

static const char *const full_text_table[] = {
        [FULL_TEXT_AUTO] = "auto",
        [FULL_TEXT_ALWAYS] = "always",
        [FULL_TEXT_NEVER] = "never",
};
DEFINE_STRING_TABLE(full_text, FullText, full_text_table);

static const char *const sink_type_table[] = {
        [SINK_WEBHOOK] = "webhook",
        [SINK_DESKTOP] = "desktop",
};
DEFINE_STRING_TABLE(sink_type, SinkType, sink_type_table);

static const char *const sink_format_table[] = {
        [SINK_JSON] = "json",
        [SINK_SLACK] = "slack",
        [SINK_DISCORD] = "discord",
};
DEFINE_STRING_TABLE(sink_format, SinkFormat, sink_format_table);

SourcePos setting_text_pos(const SettingText *text) {
        return (SourcePos){
                .file = text->file,
                .line = text->line,
                .column = text->column,
                .source = text->source,
        };
}

static void feed_settings_done(FeedSettings *feed) {
        setting_text_done(&feed->name);
        setting_text_done(&feed->url);
        setting_text_done(&feed->xpath_item);
        setting_text_done(&feed->xpath_title);
        setting_text_done(&feed->xpath_link);
        setting_text_done(&feed->xpath_summary);
        setting_text_done(&feed->xpath_date);
        strv_free(feed->profiles);
        strv_free(feed->headers);
        free(feed->credential);
        free(feed->proxy);
}

static void profile_settings_done(ProfileSettings *profile) {
        setting_text_done(&profile->name);
        free(profile->title);
        for (size_t i = 0; i < profile->n_keywords; i++)
                setting_text_done(&profile->keywords[i].expression);
        free(profile->keywords);
        for (size_t i = 0; i < profile->n_requires; i++)
                setting_text_done(&profile->requires[i]);
        free(profile->requires);
        for (size_t i = 0; i < profile->n_excludes; i++)
                setting_text_done(&profile->excludes[i]);
        free(profile->excludes);
        strv_free(profile->sinks);
}

static void sink_settings_done(SinkSettings *sink) {
        setting_text_done(&sink->name);
        sink->url = secret_free(sink->url);
        free(sink->url_file);
        free(sink->url_credential);
        free(sink->secret_file);
        free(sink->secret_credential);
        strv_free(sink->headers);
        free(sink->proxy);
}

Settings *settings_free(Settings *settings) {
        if (!settings)
                return NULL;

        for (size_t i = 0; i < settings->n_feeds; i++)
                feed_settings_done(&settings->feeds[i]);
        for (size_t i = 0; i < settings->n_profiles; i++)
                profile_settings_done(&settings->profiles[i]);
        for (size_t i = 0; i < settings->n_sinks; i++)
                sink_settings_done(&settings->sinks[i]);

        free(settings->feeds);
        free(settings->profiles);
        free(settings->sinks);
        free(settings->state_directory);
        free(settings->contact);
        return mfree(settings);
}

static void picket_settings_done(PicketSettings *picket) {
        free(picket->state_directory);
        free(picket->contact);
        strv_free(picket->sinks);
        feed_settings_done(&picket->feed);
}

#define DEFINE_FIND(function, type, list, n)                                 \
        const type *function(const Settings *settings, const char *wanted) { \
                for (size_t i = 0; i < settings->n; i++)                     \
                        if (streq(settings->list[i].name.text, wanted))      \
                                return &settings->list[i];                   \
                return NULL;                                                 \
        }                                                                    \
        struct __useless_struct_to_allow_trailing_semicolon__
DEFINE_FIND(settings_find_feed, FeedSettings, feeds, n_feeds);
DEFINE_FIND(settings_find_profile, ProfileSettings, profiles, n_profiles);
DEFINE_FIND(settings_find_sink, SinkSettings, sinks, n_sinks);

/* --- folders --- */

static int home_folder(char **ret) {
        const char *home = secure_getenv("HOME");
        struct passwd *passwd;
        char *copy;

        if (isempty(home) || home[0] != '/') {
                passwd = getpwuid(getuid());
                home = passwd ? passwd->pw_dir : NULL;
        }
        if (!home || home[0] != '/')
                return -ENXIO;

        copy = strdup(home);
        if (!copy)
                return -ENOMEM;
        *ret = copy;
        return 0;
}

/* "picket" in the folder that @variable names, else in @fallback below the home folder (XDG Base
 * Directory Specification, which also says that relative values do not count). */
static int user_folder(const char *variable, const char *fallback, char **ret) {
        const char *value = secure_getenv(variable);
        _cleanup_free_ char *home = NULL;
        char *folder;
        int r;

        if (!isempty(value) && value[0] == '/')
                r = asprintf(&folder, "%s/picket", value);
        else {
                r = home_folder(&home);
                if (r < 0)
                        return r;
                r = asprintf(&folder, "%s/%s/picket", home, fallback);
        }
        if (r < 0)
                return -ENOMEM;

        *ret = folder;
        return 0;
}

/* The system service is told by systemd, which may list several folders; ours is the first. */
static int default_state_directory(bool user_instance, char **ret) {
        const char *given;
        char *folder;

        if (user_instance)
                return user_folder("XDG_STATE_HOME", ".local/state", ret);

        given = secure_getenv("STATE_DIRECTORY");
        folder = given && given[0] == '/' ? strndup(given, strcspn(given, ":"))
                                          : strdup("/var/lib/picket");
        if (!folder)
                return -ENOMEM;

        *ret = folder;
        return 0;
}

/* --- sections --- */

static int make_picket(const SettingContext *context, PicketSettings *picket) {
        const Section *section = config_outline_find(context->outline, SECTION_PICKET, "");
        int r;

        r = setting_apply_defaults(SECTION_PICKET, picket);
        if (r < 0 || !section)
                return r;

        return setting_apply_section(context, section, picket);
}

static int make_feed(const SettingContext *context, const PicketSettings *picket,
        const Section *section, FeedSettings *feed) {
        int r;

        feed->interval_auto = picket->feed.interval_auto;
        feed->interval_usec = picket->feed.interval_usec;
        feed->full_text = picket->feed.full_text;
        feed->allow_private = picket->feed.allow_private;
        feed->robots = picket->feed.robots;

        r = setting_text_set(&feed->name, section->name, section_pos(section));
        if (r < 0)
                return r;
        r = setting_apply_defaults(SECTION_FEED, feed);
        if (r < 0)
                return r;
        r = setting_apply_section(context, section, feed);
        if (r < 0)
                return r;

        judge_feed(context->diags, section, feed);
        return 0;
}

static int make_profile(const SettingContext *context, const PicketSettings *picket,
        const Section *section, ProfileSettings *profile) {
        int r;

        profile->critical_at_milli = INT64_MAX;
        profile->factor_milli[FIELD_FEED] = 1000;

        r = setting_text_set(&profile->name, section->name, section_pos(section));
        if (r < 0)
                return r;
        r = setting_apply_defaults(SECTION_PROFILE, profile);
        if (r < 0)
                return r;
        r = setting_apply_section(context, section, profile);
        if (r < 0)
                return r;

        if (!profile->title) {
                profile->title = strdup(section->name);
                if (!profile->title)
                        return -ENOMEM;
        }
        if (!section_mentions(section, "sinks")) {
                r = strv_copy(picket->sinks, &profile->sinks);
                if (r < 0)
                        return r;
        }

        judge_profile(context->diags, section, profile);
        return 0;
}

static int make_sink(const SettingContext *context, const PicketSettings *picket,
        const Section *section, SinkSettings *sink) {
        int r;

        sink->type = SINK_TYPE_MAX; /* until it is said */
        sink->allow_private = picket->feed.allow_private;

        r = setting_text_set(&sink->name, section->name, section_pos(section));
        if (r < 0)
                return r;
        r = setting_apply_defaults(SECTION_SINK, sink);
        if (r < 0)
                return r;
        r = setting_apply_section(context, section, sink);
        if (r < 0)
                return r;

        judge_sink(context->diags, section, sink);
        return 0;
}

/* Makes room for all sections, then makes them; what is made counts at once, so that freeing works
 * at any point. */
static int make_sections(
        const SettingContext *context, const PicketSettings *picket, Settings *settings) {
        const ConfigOutline *outline = context->outline;

        settings->feeds = new0(FeedSettings, outline->n_sections + 1);
        settings->profiles = new0(ProfileSettings, outline->n_sections + 1);
        settings->sinks = new0(SinkSettings, outline->n_sections + 1);
        if (!settings->feeds || !settings->profiles || !settings->sinks)
                return -ENOMEM;

        for (size_t i = 0; i < outline->n_sections; i++) {
                const Section *section = outline->sections[i];
                int r = 0;

                switch (section->type) {
                case SECTION_FEED:
                        r = make_feed(
                                context, picket, section, &settings->feeds[settings->n_feeds++]);
                        break;
                case SECTION_PROFILE:
                        r = make_profile(context, picket, section,
                                &settings->profiles[settings->n_profiles++]);
                        break;
                case SECTION_SINK:
                        r = make_sink(
                                context, picket, section, &settings->sinks[settings->n_sinks++]);
                        break;
                case SECTION_PICKET:
                case SECTION_TYPE_MAX:
                        break;
                }
                if (r < 0)
                        return r;
        }

        return 0;
}

/* Also with errors; then -EINVAL, and *ret is what is left. */
static int settings_make(
        const ConfigOutline *outline, bool user_instance, Diags *diags, Settings **ret) {
        _cleanup_(settings_freep) Settings *settings = NULL;
        _cleanup_(picket_settings_done) PicketSettings picket = {};
        const SettingContext context = { .outline = outline, .diags = diags };
        int r;

        settings = new0(Settings, 1);
        if (!settings)
                return -ENOMEM;
        settings->user_instance = user_instance;

        r = make_picket(&context, &picket);
        if (r < 0)
                return r;
        r = make_sections(&context, &picket, settings);
        if (r < 0)
                return r;

        settings->contact = TAKE_PTR(picket.contact);
        settings->retention_usec = picket.retention_usec;
        settings->state_directory = TAKE_PTR(picket.state_directory);
        if (!settings->state_directory) {
                r = default_state_directory(user_instance, &settings->state_directory);
                if (r == -ENOMEM)
                        return r;
                if (r < 0)
                        diag_error(diags, (SourcePos){},
                                "there is no home folder to keep the state in; set "
                                "state-directory in [picket]");
        }

        *ret = TAKE_PTR(settings);
        return diags->n_errors > 0 ? -EINVAL : 0;
}

/* --- loading --- */

static int read_folders(const char *own, ConfigOutline *outline, Diags *diags) {
        const char *vendor = PICKET_PREFIX "/share/picket";
        int r;

        r = files_read_overlay(vendor, own, outline, diags);
        if (r >= 0 && outline->n_files == 0)
                diag_warning(
                        diags, (SourcePos){}, "there is no configuration in %s or %s", own, vendor);
        return r;
}

static int read_overlay(bool user_instance, ConfigOutline *outline, Diags *diags) {
        _cleanup_free_ char *own = NULL;
        int r;

        if (!user_instance)
                return read_folders("/etc/picket", outline, diags);

        r = user_folder("XDG_CONFIG_HOME", ".config", &own);
        if (r == -ENOMEM)
                return r;
        if (r < 0) {
                diag_error(diags, (SourcePos){},
                        "there is no home folder to read the configuration from");
                return 0;
        }

        return read_folders(own, outline, diags);
}

int settings_load_partial(const SettingsSource *source, Diags *diags, Settings **ret) {
        _cleanup_(config_outline_done) ConfigOutline outline = {};
        int r;

        r = config_outline_init(&outline);
        if (r < 0)
                return r;

        r = source->path ? files_read_one(source->path, &outline, diags)
                         : read_overlay(source->user_instance, &outline, diags);
        if (r < 0)
                return r;

        return settings_make(&outline, source->user_instance, diags, ret);
}

int settings_load(const SettingsSource *source, Diags *diags, Settings **ret) {
        _cleanup_(settings_freep) Settings *settings = NULL;
        int r;

        r = settings_load_partial(source, diags, &settings);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(settings);
        return 0;
}

int settings_load_text(
        const char *name, const char *text, size_t n_bytes, Diags *diags, Settings **ret) {
        _cleanup_(config_outline_done) ConfigOutline outline = {};
        _cleanup_(settings_freep) Settings *settings = NULL;
        int r;

        r = config_outline_init(&outline);
        if (r < 0)
                return r;
        r = files_read_text(name, text, n_bytes, &outline, diags);
        if (r < 0)
                return r;
        r = settings_make(&outline, /* user_instance= */ false, diags, &settings);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(settings);
        return 0;
}
