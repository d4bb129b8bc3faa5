/* SPDX-License-Identifier: MIT */
#pragma once

/* A list of strings: heap array of heap strings, NULL at the end; NULL is the empty list. */

#include "base/str.h"

#define STRV_FOREACH(s, l) for (char **s = (l); s && *s; s++)

/* Frees list and strings; returns NULL. */
char **strv_free(char **l);
DEFINE_POINTER_CLEANUP(char *, strv_free);

size_t strv_length(char *const *l) _pure_;
bool strv_contains(char *const *l, const char *s) _pure_;
/* Appends a copy. 0 or -ENOMEM, and then *l is as before. */
int strv_extend(char ***l, const char *s) _warn_unused_;
/* Appends @s itself, which the list owns from then on; on -ENOMEM @s is freed. */
int strv_consume(char ***l, char *s) _warn_unused_;
/* A deep copy of @l into *ret (NULL for an empty list). */
int strv_copy(char *const *l, char ***ret) _warn_unused_;
/* Splits at white space, dropping empty words. */
int strv_split_words(const char *s, char ***ret) _warn_unused_;
/* Joined with @separator, a heap string; NULL when memory is out. */
char *strv_join(char *const *l, const char *separator) _warn_unused_;
/* Sorts in place, bytes ascending. */
void strv_sort(char **l);
