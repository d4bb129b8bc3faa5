/* SPDX-License-Identifier: MIT */

#include "settings/outline.h"

#include <errno.h>
#include <stdio.h>

static const char *const section_type_table[] = {
        [SECTION_PICKET] = "picket",
        [SECTION_FEED] = "feed",
        [SECTION_PROFILE] = "profile",
        [SECTION_SINK] = "sink",
};
DEFINE_STRING_TABLE(section_type, SectionType, section_type_table);

static OutlineFile *outline_file_free(OutlineFile *file) {
        if (!file)
                return NULL;

        free(file->path);
        free(file->group);
        free(file->picket_group);
        return mfree(file);
}
DEFINE_POINTER_CLEANUP(OutlineFile, outline_file_free);

static void assignment_done(Assignment *assignment) {
        free(assignment->key);
        free(assignment->value);
        free(assignment->source);
}

static Section *section_free(Section *section) {
        if (!section)
                return NULL;

        for (size_t i = 0; i < section->n_assignments; i++)
                assignment_done(&section->assignments[i]);
        free(section->assignments);
        free(section->name);
        free(section->source);
        return mfree(section);
}
DEFINE_POINTER_CLEANUP(Section, section_free);

int config_outline_init(ConfigOutline *outline) {
        *outline = (ConfigOutline){ .by_name = hashmap_new(/* free_value= */ NULL) };
        return outline->by_name ? 0 : -ENOMEM;
}

void config_outline_done(ConfigOutline *outline) {
        for (size_t i = 0; i < outline->n_sections; i++)
                section_free(outline->sections[i]);
        for (size_t i = 0; i < outline->n_files; i++)
                outline_file_free(outline->files[i]);

        free(outline->sections);
        free(outline->files);
        hashmap_free(outline->by_name);
        *outline = (ConfigOutline){};
}

int config_outline_add_file(ConfigOutline *outline, const char *path, const char *group,
        const char *picket_group, bool shared, const OutlineFile **ret) {
        _cleanup_(outline_file_freep) OutlineFile *file = NULL;
        int r;

        file = new0(OutlineFile, 1);
        if (!file)
                return -ENOMEM;

        file->path = strdup(path);
        file->group = strdup(group);
        file->picket_group = strdup(picket_group);
        file->shared = shared;
        if (!file->path || !file->group || !file->picket_group)
                return -ENOMEM;

        r = ARRAY_GROW(outline->files, outline->n_files_allocated, outline->n_files + 1);
        if (r < 0)
                return r;

        *ret = file;
        outline->files[outline->n_files++] = TAKE_PTR(file);
        return 0;
}

SourcePos section_pos(const Section *section) {
        return (SourcePos){
                .file = section->file->path,
                .line = section->line,
                .column = section->column,
                .source = section->source,
        };
}

static SourcePos assignment_pos(const Assignment *assignment, unsigned column) {
        return (SourcePos){
                .file = assignment->file ? assignment->file->path : NULL,
                .line = assignment->line,
                .column = column,
                .source = assignment->source,
        };
}

SourcePos assignment_key_pos(const Assignment *assignment) {
        return assignment_pos(assignment, assignment->key_column);
}

SourcePos assignment_value_pos(const Assignment *assignment) {
        return assignment_pos(assignment, assignment->value_column);
}

void suggestion_consider(Suggestion *suggestion, const char *candidate) {
        unsigned distance = str_distance(suggestion->written, candidate),
                 /* A third of the letters may be wrong, and one always. */
                far = (unsigned) MIN(strlen(candidate), (size_t) 64) / 3;

        if (distance > MAX(far, 1u) || (suggestion->nearest && distance >= suggestion->distance))
                return;

        suggestion->nearest = candidate;
        suggestion->distance = distance;
}

const char *suggestion_format(const Suggestion *suggestion, char buf[static SUGGESTION_BYTES_MAX]) {
        if (suggestion->nearest)
                (void) snprintf(
                        buf, SUGGESTION_BYTES_MAX, "; did you mean '%s'?", suggestion->nearest);
        else
                buf[0] = '\0';
        return buf;
}

Suggestion config_outline_suggest(
        const ConfigOutline *outline, SectionType type, const char *written) {
        Suggestion suggestion = { .written = written };

        for (size_t i = 0; i < outline->n_sections; i++)
                if (outline->sections[i]->type == type)
                        suggestion_consider(&suggestion, outline->sections[i]->name);

        return suggestion;
}

/* --- reading --- */

typedef struct OutlineReader {
        ConfigOutline *outline;
        const OutlineFile *file;
        Diags *diags;
        OutlineInclude on_include;
        void *userdata;

        Section *section; /* the one that assignments go to */
        bool skipping;    /* the section was refused: what stands in it says nothing more */
} OutlineReader;

/* What by_name goes by. A name that does not fit is none of ours, and finds nothing. */
#define SECTION_KEY_BYTES_MAX (SECTION_NAME_BYTES_MAX + 16)

static const char *section_key(
        SectionType type, const char *name, char buf[static SECTION_KEY_BYTES_MAX]) {
        (void) snprintf(buf, SECTION_KEY_BYTES_MAX, "%s %s", section_type_to_string(type), name);
        return buf;
}
#define SECTION_KEY(type, name) section_key((type), (name), (char[SECTION_KEY_BYTES_MAX]){})

const Section *config_outline_find(
        const ConfigOutline *outline, SectionType type, const char *name) {
        return hashmap_get(outline->by_name, SECTION_KEY(type, name));
}

static const char *name_bad_character(const char *name) {
        for (; *name; name++)
                if (!ascii_isalpha(*name) && !ascii_isdigit(*name) && !strchr("-_.", *name))
                        return name;

        return NULL;
}

/* Reports a section that cannot be, and returns false. */
static bool check_section(OutlineReader *reader, const DialectLine *line, SectionType *ret_type) {
        SourcePos name_pos = line->pos;
        const char *bad;

        name_pos.column = line->name_column;

        if (section_type_from_string(line->type, ret_type) < 0) {
                Suggestion s = { .written = line->type };

                for (SectionType t = 0; t < SECTION_TYPE_MAX; t++)
                        suggestion_consider(&s, section_type_to_string(t));
                diag_error(reader->diags, line->pos, "unknown section type '%.*s'%s",
                        SHOWN(line->type),
                        s.nearest ? FORMAT_SUGGESTION(s)
                                  : "; there are picket, feed, profile and sink");
                return false;
        }

        if (*ret_type == SECTION_PICKET) {
                if (!isempty(line->name))
                        diag_error(reader->diags, name_pos, "[picket] takes no name");
                return isempty(line->name);
        }

        if (isempty(line->name)) {
                diag_error(reader->diags, line->pos, "this section needs a name: [%s NAME]",
                        line->type);
                return false;
        }
        bad = name_bad_character(line->name);
        if (bad) {
                diag_error(reader->diags, source_pos_at(name_pos, line->name, bad),
                        "a name is made of letters without accents, digits, '-', '_' and '.'");
                return false;
        }
        if (strlen(line->name) > SECTION_NAME_BYTES_MAX) {
                diag_error(reader->diags, name_pos, "a name has at most %d characters",
                        SECTION_NAME_BYTES_MAX);
                return false;
        }

        return true;
}

/* May @file add to @section? Reports it when not. */
static bool check_continuation(
        OutlineReader *reader, const DialectLine *line, const Section *section) {
        const OutlineFile *file = reader->file;

        if (section->type == SECTION_PICKET) {
                if (streq(section->file->picket_group, file->picket_group))
                        return true;
        } else if (section->last_file != file && streq(section->file->group, file->group))
                return true;

        diag_error(reader->diags, line->pos, "[%s%s%s] is already defined in %s, line %u%s",
                line->type, isempty(line->name) ? "" : " ", line->name, section->file->path,
                section->line,
                section->last_file == file ? "" : "; only drop-ins of that file may add to it");
        return false;
}

static int new_section(
        OutlineReader *reader, const DialectLine *line, SectionType type, Section **ret) {
        _cleanup_(section_freep) Section *section = NULL;
        ConfigOutline *outline = reader->outline;
        int r;

        section = new0(Section, 1);
        if (!section)
                return -ENOMEM;

        section->type = type;
        section->file = reader->file;
        section->line = line->pos.line;
        section->column = isempty(line->name) ? line->pos.column : line->name_column;
        section->name = strdup(line->name);
        section->source = strdup(strempty(line->pos.source));
        if (!section->name || !section->source)
                return -ENOMEM;

        r = ARRAY_GROW(outline->sections, outline->n_sections_allocated, outline->n_sections + 1);
        if (r < 0)
                return r;
        r = hashmap_put(outline->by_name, SECTION_KEY(type, line->name), section);
        if (r < 0)
                return r;

        *ret = section;
        outline->sections[outline->n_sections++] = TAKE_PTR(section);
        return 0;
}

static int on_section(OutlineReader *reader, const DialectLine *line) {
        SectionType type;
        Section *section;
        int r;

        reader->section = NULL;
        reader->skipping = true;

        if (!check_section(reader, line, &type))
                return 0;

        section = hashmap_get(reader->outline->by_name, SECTION_KEY(type, line->name));
        if (section) {
                if (!check_continuation(reader, line, section))
                        return 0;
        } else if (reader->outline->n_sections >= SECTIONS_MAX) {
                diag_error(reader->diags, line->pos, "more than %d sections", SECTIONS_MAX);
                return 0;
        } else {
                r = new_section(reader, line, type, &section);
                if (r < 0)
                        return r;
        }

        section->last_file = reader->file;
        reader->section = section;
        reader->skipping = false;
        return 0;
}

static int on_assignment(OutlineReader *reader, const DialectLine *line) {
        Section *section = reader->section;
        Assignment assignment = {
                .file = reader->file,
                .line = line->pos.line,
                .key_column = line->pos.column,
                .value_column = line->value_column,
        };
        SourcePos value_pos = line->pos;
        int r;

        if (reader->skipping)
                return 0;
        if (!section) {
                diag_error(reader->diags, line->pos, "'%.*s' stands outside of any section",
                        SHOWN(line->key));
                return 0;
        }
        if (reader->outline->n_assignments >= ASSIGNMENTS_MAX) {
                diag_error(reader->diags, line->pos, "more than %d settings", ASSIGNMENTS_MAX);
                reader->skipping = true;
                return 0;
        }

        r = ARRAY_GROW(section->assignments, section->n_allocated, section->n_assignments + 1);
        if (r < 0)
                return r;

        assignment.key = strdup(line->key);
        assignment.value = strdup(line->value);
        assignment.source = strdup(strempty(line->pos.source));
        if (!assignment.key || !assignment.value || !assignment.source) {
                assignment_done(&assignment);
                return -ENOMEM;
        }
        section->assignments[section->n_assignments++] = assignment;
        reader->outline->n_assignments++;

        value_pos.column = line->value_column;
        if (section->type == SECTION_PICKET && streq(line->key, "include") && !isempty(line->value))
                return reader->on_include(reader->file, line->value, value_pos, reader->userdata);
        return 0;
}

static int on_line(const DialectLine *line, void *userdata) {
        OutlineReader *reader = userdata;

        switch (line->kind) {
        case DIALECT_SECTION:
                return on_section(reader, line);
        case DIALECT_BROKEN_SECTION:
                reader->section = NULL;
                reader->skipping = true;
                return 0;
        case DIALECT_ASSIGNMENT:
                return on_assignment(reader, line);
        case DIALECT_KIND_MAX:
                break;
        }

        return -EINVAL;
}

int config_outline_read(ConfigOutline *outline, const OutlineFile *file, const char *text,
        size_t n_bytes, Diags *diags, OutlineInclude on_include, void *userdata) {
        OutlineReader reader = {
                .outline = outline,
                .file = file,
                .diags = diags,
                .on_include = on_include,
                .userdata = userdata,
        };

        return dialect_read(file->path, text, n_bytes, diags, on_line, &reader);
}
