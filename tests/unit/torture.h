/* SPDX-License-Identifier: MIT */
#pragma once

/* For one test program: lets each allocation of a function fail once, and counts what is left of
 * it. What the program allocates, and what libraries allocate for it, is counted by malloc() and
 * its like taken over here (glibc). A function that fails must have given back all; one that
 * succeeds, too, for it does its own cleaning up. Sanitizers and valgrind have allocators of their
 * own: under them the function runs once, and they look for what is lost. */

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#ifdef __has_feature /* clang's way to say it */
#define TORTURE_SANITIZED __has_feature(address_sanitizer)
#elif defined(__SANITIZE_ADDRESS__)
#define TORTURE_SANITIZED 1
#else
#define TORTURE_SANITIZED 0
#endif

/* Up to here every allocation fails, further on one in two, in three and so on: the cost of a run
 * rises with the number of runs. */
#define TORTURE_STEP 256

static long torture_left = -1; /* until one fails; -1: none does */
static long torture_n_live;    /* blocks that were not given back */
static bool torture_failed;

#if !TORTURE_SANITIZED
void *__libc_malloc(size_t n_bytes);
void *__libc_calloc(size_t n, size_t n_bytes);
void *__libc_realloc(void *p, size_t n_bytes);
void __libc_free(void *p);

static inline bool torture_fails(void) {
        if (torture_left < 0 || torture_left-- > 0)
                return false;

        torture_failed = true;
        errno = ENOMEM;
        return true;
}

static inline void *torture_count(void *p) {
        torture_n_live += p != NULL;
        return p;
}

void *malloc(size_t n_bytes) {
        return torture_fails() ? NULL : torture_count(__libc_malloc(n_bytes));
}

void *calloc(size_t n, size_t n_bytes) {
        return torture_fails() ? NULL : torture_count(__libc_calloc(n, n_bytes));
}

void *realloc(void *p, size_t n_bytes) {
        if (p && n_bytes == 0) {
                free(p);
                return NULL;
        }
        if (torture_fails())
                return NULL;

        return p ? __libc_realloc(p, n_bytes) : torture_count(__libc_malloc(n_bytes));
}

void *reallocarray(void *p, size_t n, size_t element_bytes) {
        size_t n_bytes;

        if (__builtin_mul_overflow(n, element_bytes, &n_bytes)) {
                errno = ENOMEM;
                return NULL;
        }

        return realloc(p, n_bytes);
}

void free(void *p) {
        torture_n_live -= p != NULL;
        __libc_free(p);
}
#endif

/* Are these functions the ones that are called? */
static inline bool torture_is_ours(void) {
        long n_before = torture_n_live;
        void *volatile p = malloc(1);
        bool ours = torture_n_live > n_before;

        free(p);
        return ours;
}

/* Calls @f until it comes through without a failed allocation. It returns 0, or negative when it
 * was told that there is no memory. @f runs first without failures, for what libraries keep for
 * good. */
static inline void torture(const char *name, int (*f)(void)) {
        long n = 0, n_harmful = 0;

        for (unsigned i = 0; i < 2; i++)
                if (f() != 0)
                        fail_msg("%s fails without torture", name);
        if (!torture_is_ours())
                return;

        do {
                long n_before = torture_n_live;
                int r;

                torture_failed = false;
                torture_left = n;
                n += 1 + n / TORTURE_STEP;
                r = f();
                torture_left = -1;

                if (torture_n_live != n_before) {
                        print_error("%s, allocation %ld: returns %d, %ld blocks lost\n", name, n, r,
                                torture_n_live - n_before);
                        n_harmful++;
                }
                if (!torture_failed && r != 0)
                        fail_msg("%s: %d after all", name, r);
        } while (torture_failed && n_harmful < 10);

        print_message("%s: %ld allocations\n", name, n - 1);
        assert_int_equal(n_harmful, 0);
}
