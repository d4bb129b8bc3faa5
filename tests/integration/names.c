/* SPDX-License-Identifier: MIT */

/* A resolver of the tests' own, preloaded into picketd: libcurl's lookups come here. The file
 * $PICKET_NAMES is read at each; its lines are "NAME ADDRESS", or "NAME hang" for a name server
 * that keeps silent. What is not in it cannot be resolved, as without a network. */

#include <dlfcn.h>
#include <errno.h>
#include <netdb.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <arpa/inet.h>

static void free_one(struct addrinfo *info) {
        while (info) {
                struct addrinfo *next = info->ai_next;

                free(info);
                info = next;
        }
}

void freeaddrinfo(struct addrinfo *info) {
        free_one(info);
}

/* "" when it is not there. */
static void look_up(const char *name, char answer[static 64]) {
        const char *path = getenv("PICKET_NAMES");
        FILE *f = path ? fopen(path, "re") : NULL;
        char known[256], value[64];

        *answer = '\0';
        while (f && fscanf(f, "%255s %63s", known, value) == 2)
                if (strcasecmp(known, name) == 0)
                        memcpy(answer, value, sizeof value);
        if (f)
                (void) fclose(f);
}

int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints,
        struct addrinfo **ret) {
        struct {
                struct addrinfo info;
                struct sockaddr_in address;
        } * made;
        char answer[64];

        look_up(name ? name : "", answer);
        if (strcmp(answer, "hang") == 0)
                (void) pause();
        if (*answer == '\0')
                return EAI_AGAIN;

        made = calloc(1, sizeof *made);
        if (!made)
                return EAI_MEMORY;
        made->address.sin_family = AF_INET;
        made->address.sin_port = htons((uint16_t) (service ? atoi(service) : 0));
        if (inet_pton(AF_INET, answer, &made->address.sin_addr) != 1) {
                free(made);
                return EAI_NONAME;
        }
        made->info.ai_family = AF_INET;
        made->info.ai_socktype = hints && hints->ai_socktype ? hints->ai_socktype : SOCK_STREAM;
        made->info.ai_addr = (struct sockaddr *) &made->address;
        made->info.ai_addrlen = sizeof made->address;
        *ret = &made->info;
        return 0;
}

int pthread_create(
        pthread_t *ret, const pthread_attr_t *attr, void *(*start)(void *), void *argument) {
        int (*real)(pthread_t *, const pthread_attr_t *, void *(*) (void *), void *) =
                (__typeof__(real)) dlsym(RTLD_NEXT, "pthread_create");
        const char *path = getenv("PICKET_NO_THREADS");

        return path && access(path, F_OK) == 0 ? EAGAIN : real(ret, attr, start, argument);
}
