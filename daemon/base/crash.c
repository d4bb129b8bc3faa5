/* SPDX-License-Identifier: MIT */

#include "base/crash.h"

#ifdef PICKET_CRASH_POINTS

#include <signal.h>
#include <stdlib.h>

#include "base/str.h"

void crash_point(const char *name) {
        static unsigned long n_left = 0;
        const char *e = getenv("PICKET_CRASH_AT"), *rest;

        rest = e ? startswith(e, name) : NULL;
        if (!rest || *rest != ':')
                return;

        if (n_left == 0)
                n_left = strtoul(rest + 1, /* endptr= */ NULL, 10);
        if (--n_left == 0)
                (void) raise(SIGKILL);
}

#endif
