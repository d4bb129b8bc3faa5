/* SPDX-License-Identifier: MIT */

/* Loaded before a unit test program (LD_PRELOAD), lets one allocation fail: the $TORTURE_AT'th, 0
 * for none. The program is named by $TORTURE_PROGRAM. Counted are the allocations of everything but
 * the test framework and the dynamic loader, which are told by the object that the call comes from:
 * what those two cannot do without memory is no business of ours. Children of the program count
 * nothing and fail nothing.
 *
 * Some libraries do not stand it, which is not ours to mend: libcrypto 3.0 calls through a null
 * pointer in HMAC() when its one-time initialisation failed, the lexer of jansson 2.14 writes
 * behind its buffer or aborts when that cannot grow, the HTML parser of libxml2 2.9 reads at null
 * when its input cannot grow, its XPath frees values twice, and glob() of glibc 2.36 frees a name
 * twice. What they ask for there is granted.
 *
 * On exit, "COUNTED FAILED" goes to the file $TORTURE_REPORT: how many allocations there were, and
 * whether the one meant to fail was reached. */

#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <link.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* glibc's own, behind the names that this library takes over. */
void *__libc_malloc(size_t n_bytes);
void *__libc_calloc(size_t n, size_t n_bytes);
void *__libc_realloc(void *p, size_t n_bytes);

#define SPARED_MAX 16
#define FRAMES_MAX 128

static struct {
        uintptr_t first, end;
} spared[SPARED_MAX]; /* where the framework and the loader lie */
static size_t n_spared;

static atomic_ulong n_counted;
static atomic_bool reached;
static unsigned long fail_at;
static bool counting;

static int note_object(struct dl_phdr_info *info, size_t size, void *userdata) {
        (void) size;
        (void) userdata;

        if (!strstr(info->dlpi_name, "/libcmocka.") && !strstr(info->dlpi_name, "/ld-linux"))
                return 0;

        for (int i = 0; i < info->dlpi_phnum && n_spared < SPARED_MAX; i++) {
                const ElfW(Phdr) *h = &info->dlpi_phdr[i];

                if (h->p_type != PT_LOAD || !(h->p_flags & PF_X))
                        continue;
                spared[n_spared].first = info->dlpi_addr + h->p_vaddr;
                spared[n_spared].end = info->dlpi_addr + h->p_vaddr + h->p_memsz;
                n_spared++;
        }
        return 0;
}

static void in_child(void) {
        counting = false;
}

__attribute__((constructor)) static void begin(void) {
        const char *at = getenv("TORTURE_AT"), *program = getenv("TORTURE_PROGRAM");
        void *frame[1];

        if (!program || strcmp(program, program_invocation_name) != 0)
                return; /* valgrind's starter */

        (void) backtrace(frame, 1); /* loads what it needs, now */
        (void) dl_iterate_phdr(note_object, NULL);
        fail_at = at ? strtoul(at, NULL, 10) : 0;
        (void) unsetenv("LD_PRELOAD"); /* not for what the program starts */
        (void) pthread_atfork(NULL, NULL, in_child);
        counting = true;
}

__attribute__((destructor)) static void end(void) {
        const char *path = getenv("TORTURE_REPORT");
        FILE *f;

        if (!counting || !path)
                return;

        counting = false;
        f = fopen(path, "we");
        if (!f)
                return;
        (void) fprintf(f, "%lu %d\n", (unsigned long) n_counted, (int) reached);
        (void) fclose(f);
}

/* Does the call come from a place that cannot go on without? Asked for the one allocation only that
 * is to fail: walking the stack is slow. */
static bool is_granted(void) {
        void *frames[FRAMES_MAX];
        int n;

        n = backtrace(frames, FRAMES_MAX);
        for (int i = 0; i < n; i++) {
                Dl_info info = {};

                if (!dladdr(frames[i], &info) || !info.dli_fname)
                        continue;
                if (strstr(info.dli_fname, "/libcrypto."))
                        return true;
                if (!info.dli_sname)
                        continue;
                if (strstr(info.dli_fname, "/libjansson.") &&
                        strncmp(info.dli_sname, "json_load", strlen("json_load")) == 0)
                        return true;
                if (strstr(info.dli_fname, "/libxml2.") &&
                        strcmp(info.dli_sname, "xmlParserInputBufferGrow") == 0)
                        return true;
                if (strstr(info.dli_fname, "/libxml2.") &&
                        strncmp(info.dli_sname, "xmlXPath", strlen("xmlXPath")) == 0)
                        return true;
                if (strstr(info.dli_fname, "/libc.") &&
                        strncmp(info.dli_sname, "glob", strlen("glob")) == 0)
                        return true;
        }

        return false;
}

static bool fails(const void *caller) {
        if (!counting)
                return false;
        for (size_t i = 0; i < n_spared; i++)
                if ((uintptr_t) caller >= spared[i].first && (uintptr_t) caller < spared[i].end)
                        return false;
        if (atomic_fetch_add(&n_counted, 1) + 1 != fail_at || is_granted())
                return false;

        reached = true;
        errno = ENOMEM;
        return true;
}

void *malloc(size_t n_bytes) {
        return fails(__builtin_return_address(0)) ? NULL : __libc_malloc(n_bytes);
}

void *calloc(size_t n, size_t n_bytes) {
        return fails(__builtin_return_address(0)) ? NULL : __libc_calloc(n, n_bytes);
}

void *realloc(void *p, size_t n_bytes) {
        return fails(__builtin_return_address(0)) ? NULL : __libc_realloc(p, n_bytes);
}

void *reallocarray(void *p, size_t n, size_t element_bytes) {
        size_t n_bytes;

        if (__builtin_mul_overflow(n, element_bytes, &n_bytes)) {
                errno = ENOMEM;
                return NULL;
        }

        return fails(__builtin_return_address(0)) ? NULL : __libc_realloc(p, n_bytes);
}

/* A test that ends early leaves its folder behind: it is noted beside the report, for whoever
 * started the program to remove. */
char *mkdtemp(char *path) {
        char *(*next)(char *) = (char *(*) (char *) ) dlsym(RTLD_NEXT, "mkdtemp");
        const char *report = getenv("TORTURE_REPORT");
        char notes[4096];
        FILE *f;

        path = next(path);
        if (!path || !counting || !report)
                return path;

        counting = false;
        (void) snprintf(notes, sizeof notes, "%s.folders", report);
        f = fopen(notes, "ae");
        if (f) {
                (void) fprintf(f, "%s\n", path);
                (void) fclose(f);
        }
        counting = true;
        return path;
}
