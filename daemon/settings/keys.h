/* SPDX-License-Identifier: MIT */
#pragma once

/* One table of keys per section type: what may stand in a section, how it is read and what holds
 * without it. The tables are what the suggestion for an unknown key looks through, and a test holds
 * the manual page to them. */

#include "settings/outline.h"
#include "settings/settings.h"

/* What [picket] says, before the sections that inherit from it are made. */
typedef struct PicketSettings {
        char *state_directory, *contact;
        usec_t retention_usec;
        char **sinks;
        FeedSettings feed; /* interval, full-text and allow-private: defaults of every feed */
} PicketSettings;

typedef struct SettingContext {
        const ConfigOutline *outline;
        Diags *diags;
} SettingContext;

/* Reads @assignment, whose value is not empty, into @field: replaces it, or appends when it is a
 * list. What is wrong is reported, and then @field is as before. 0 or -ENOMEM. */
typedef int (*SettingParse)(
        const SettingContext *context, const Assignment *assignment, void *field);

typedef enum SettingReload {
        SETTING_RELOADED, /* in force when a reload returns */
        SETTING_RESTART,  /* a reload keeps what the service was started with */
        SETTING_RELOAD_MAX,
} SettingReload;

typedef struct SettingKey {
        const char *name;
        SettingParse parse;
        size_t offset;            /* of the field in the section's struct */
        const char *default_text; /* NULL: nothing, or inherited as @doc says */
        const char *doc;
        SettingReload reload;
        bool secret; /* may hold one: messages do not show the line */
} SettingKey;

#define SETTING_KEYS_MAX 32

typedef struct SettingTable {
        const SettingKey *keys;
        size_t n_keys;
} SettingTable;

extern const SettingTable setting_tables[SECTION_TYPE_MAX];

/* Fills @object, the struct of @type, with the defaults of its table. 0 or -ENOMEM. */
int setting_apply_defaults(SectionType type, void *object) _warn_unused_;
/* Then with what @section says. Errors are reported. 0 or -ENOMEM. */
int setting_apply_section(
        const SettingContext *context, const Section *section, void *object) _warn_unused_;

/* Is @key set in @section (and not reset behind that)? The last assignment, else NULL. */
const Assignment *section_given(const Section *section, const char *key);
/* Is it mentioned at all, if only to be reset? */
bool section_mentions(const Section *section, const char *key);
