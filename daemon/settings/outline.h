/* SPDX-License-Identifier: MIT */
#pragma once

/* A configuration gathered from all its files, before anything in it is judged: sections with their
 * assignments in the order of reading. Only here is known which file may continue whose section. */

#include "settings/dialect.h"
#include "base/hashmap.h"
#include "base/str.h"
#include "text/utf8.h"

typedef enum SectionType {
        SECTION_PICKET,
        SECTION_FEED,
        SECTION_PROFILE,
        SECTION_SINK,
        SECTION_TYPE_MAX,
} SectionType;
DECLARE_STRING_TABLE(section_type, SectionType);

/* Names become fields of the journal and parts of D-Bus messages and tables. */
#define SECTION_NAME_BYTES_MAX 64
/* Ten times what anyone has been seen to follow. */
#define SECTIONS_MAX 20000
#define ASSIGNMENTS_MAX 400000

/* A file that was read. Sections of two files with the same group are one: a file and its drop-ins.
 * [picket] has a group of its own, since included files may hold a part of it. */
typedef struct OutlineFile {
        char *path; /* as shown in messages */
        char *group, *picket_group;
        bool shared; /* others than its owner may read it */
} OutlineFile;

typedef struct Assignment {
        const OutlineFile *file; /* borrowed from the outline; NULL: a default */
        char *key, *value, *source;
        unsigned line, key_column, value_column;
} Assignment;

typedef struct Section {
        SectionType type;
        char *name; /* "" for [picket] */
        const OutlineFile *file, *last_file;
        char *source;
        unsigned line, column; /* of the name */
        Assignment *assignments;
        size_t n_assignments, n_allocated;
} Section;

typedef struct ConfigOutline {
        OutlineFile **files;
        size_t n_files, n_files_allocated;
        Section **sections;
        size_t n_sections, n_sections_allocated, n_assignments;
        Hashmap *by_name; /* "TYPE NAME" */
} ConfigOutline;

int config_outline_init(ConfigOutline *outline) _warn_unused_;
void config_outline_done(ConfigOutline *outline);

/* The outline keeps copies of the strings. 0 or -ENOMEM. */
int config_outline_add_file(ConfigOutline *outline, const char *path, const char *group,
        const char *picket_group, bool shared, const OutlineFile **ret) _warn_unused_;

/* Called for each `include =` of [picket], where it stands. */
typedef int (*OutlineInclude)(
        const OutlineFile *file, const char *value, SourcePos pos, void *userdata);

/* Adds the sections of @text, which is @file's. 0, -ENOMEM or what @on_include returned; what is
 * wrong with the text goes to @diags. */
int config_outline_read(ConfigOutline *outline, const OutlineFile *file, const char *text,
        size_t n_bytes, Diags *diags, OutlineInclude on_include, void *userdata) _warn_unused_;

const Section *config_outline_find(
        const ConfigOutline *outline, SectionType type, const char *name);

SourcePos section_pos(const Section *section);
SourcePos assignment_key_pos(const Assignment *assignment);
SourcePos assignment_value_pos(const Assignment *assignment);

/* What was written, for a message as "%.*s": no more of it than people need to find it. */
#define SHOWN_BYTES_MAX ((size_t) 80)
#define SHOWN(s) (int) utf8_cut((s), strlen(s), SHOWN_BYTES_MAX), (s)

/* Gathers candidates and remembers the one nearest to what was written; NULL when none is near. */
typedef struct Suggestion {
        const char *written, *nearest;
        unsigned distance;
} Suggestion;
void suggestion_consider(Suggestion *suggestion, const char *candidate);
/* "; did you mean 'NEAREST'?", or "". */
#define SUGGESTION_BYTES_MAX 128
const char *suggestion_format(const Suggestion *suggestion, char buf[static SUGGESTION_BYTES_MAX]);
#define FORMAT_SUGGESTION(s) suggestion_format(&(s), (char[SUGGESTION_BYTES_MAX]){})
Suggestion config_outline_suggest(
        const ConfigOutline *outline, SectionType type, const char *written);
