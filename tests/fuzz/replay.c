/* SPDX-License-Identifier: MIT */

/* Runs a fuzz target over files and folders, for `make check`: the kept corpus as a regression
 * test. */

#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n_bytes);

static unsigned n_run = 0;

static int replay_file(const char *path) {
        uint8_t *data = NULL;
        size_t n_bytes = 0, n_allocated = 0, n;
        FILE *f;

        f = fopen(path, "rb");
        if (!f) {
                perror(path);
                return -1;
        }

        do {
                n_allocated += 1 << 20;
                data = realloc(data, n_allocated);
                if (!data)
                        abort();
                n = fread(data + n_bytes, 1, n_allocated - n_bytes, f);
                n_bytes += n;
        } while (n > 0);
        fclose(f);

        /* An exact copy on the heap, so that a read past the end is caught. */
        data = realloc(data, n_bytes > 0 ? n_bytes : 1);
        if (!data)
                abort();
        (void) LLVMFuzzerTestOneInput(data, n_bytes);
        free(data);
        n_run++;
        return 0;
}

static int replay(const char *path) {
        struct dirent **entries;
        struct stat st;
        int n, r = 0;

        if (stat(path, &st) < 0) {
                perror(path);
                return -1;
        }
        if (!S_ISDIR(st.st_mode))
                return replay_file(path);

        n = scandir(path, &entries, NULL, alphasort);
        for (int i = 0; i < n; i++) {
                char child[4096];

                (void) snprintf(child, sizeof child, "%s/%s", path, entries[i]->d_name);
                if (entries[i]->d_name[0] != '.' && replay(child) < 0)
                        r = -1;
                free(entries[i]);
        }
        if (n >= 0)
                free(entries);
        return r;
}

int main(int argc, char *argv[]) {
        int r = 0;

        for (int i = 1; i < argc; i++)
                if (replay(argv[i]) < 0)
                        r = 1;

        printf("%u inputs replayed\n", n_run);
        return n_run > 0 ? r : 1;
}
