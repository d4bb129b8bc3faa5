/* SPDX-License-Identifier: MIT */
#pragma once

/* Strings: NUL-terminated bytes, no locale. ASCII where case or space is meant; Unicode lives in
 * text/. */

#include <string.h>

#include "base/memory.h"

static inline bool streq(const char *a, const char *b) {
        return strcmp(a, b) == 0;
}

/* NULL equals NULL and nothing else. */
static inline bool streq_ptr(const char *a, const char *b) {
        return a && b ? streq(a, b) : a == b;
}

static inline bool isempty(const char *s) {
        return !s || s[0] == '\0';
}

static inline const char *strempty(const char *s) {
        return s ? s : "";
}

static inline const char *strna(const char *s) {
        return s ? s : "n/a";
}

static inline bool ascii_isspace(char c) {
        return c == ' ' || (c >= '\t' && c <= '\r');
}

static inline bool ascii_isdigit(char c) {
        return c >= '0' && c <= '9';
}

static inline bool ascii_isalpha(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static inline char ascii_tolower(char c) {
        return c >= 'A' && c <= 'Z' ? (char) (c - 'A' + 'a') : c;
}

/* What follows @prefix in @s, or NULL. The second ignores ASCII case. */
const char *startswith(const char *s, const char *prefix) _pure_;
const char *startswith_nocase(const char *s, const char *prefix) _pure_;
bool endswith(const char *s, const char *suffix) _pure_;
bool streq_nocase(const char *a, const char *b) _pure_;

/* Cuts white space off both ends, in place; returns the new start inside @s. */
char *strstrip(char *s);

/* Reads a whole decimal number, nothing around it. 0, -EINVAL or -ERANGE. */
int parse_u64(const char *s, uint64_t *ret) _warn_unused_;
/* yes/no, true/false, on/off, 1/0. 0 or -EINVAL. */
int parse_boolean(const char *s, bool *ret) _warn_unused_;
/* A decimal with at most three places, as an integer in thousandths: "-2.5" is -2500. 0, -EINVAL
 * (not such a number) or -ERANGE. */
int parse_milli(const char *s, int64_t *ret) _warn_unused_;
/* The reverse, shortest form: 7500 is "7.5". @buf holds at least 32 bytes; returns it. */
char *format_milli(int64_t milli, char buf[static 32]);

/* Edit distance (Damerau, adjacent swaps count once) of two short strings, for suggestions; strings
 * over 64 bytes are far apart. */
unsigned str_distance(const char *a, const char *b);

/* Sorted pairs of enum value and name; generates NAME_to_string() and NAME_from_string() (-EINVAL
 * when unknown). */
#define DECLARE_STRING_TABLE(name, type)          \
        const char *name##_to_string(type value); \
        int name##_from_string(const char *s, type *ret) _warn_unused_
#define DEFINE_STRING_TABLE(name, type, table)                                     \
        const char *name##_to_string(type value) {                                 \
                return (size_t) value < ELEMENTSOF(table) ? (table)[value] : NULL; \
        }                                                                          \
        int name##_from_string(const char *s, type *ret) {                         \
                for (size_t i = 0; i < ELEMENTSOF(table); i++)                     \
                        if ((table)[i] && streq((table)[i], s)) {                  \
                                *ret = (type) i;                                   \
                                return 0;                                          \
                        }                                                          \
                return -EINVAL;                                                    \
        }                                                                          \
        struct __useless_struct_to_allow_trailing_semicolon__
