/* SPDX-License-Identifier: MIT */

#include "ctl/ctl.h"

#include <errno.h>
#include <stdio.h>

int ctl_print_json(json_t *json) {
        int r = -1;

        if (json)
                r = json_dumpf(json, stdout, JSON_COMPACT | JSON_REAL_PRECISION(15));
        json_decref(json);
        if (r < 0 || putchar('\n') == EOF || fflush(stdout) == EOF) {
                fprintf(stderr, "picketctl: failed to write the answer: %s\n",
                        json ? strerror(errno) : "out of memory");
                return CTL_FAILURE;
        }

        return CTL_OK;
}

int ctl_load_settings(const CtlArguments *arguments, Settings **ret) {
        _cleanup_(diags_done) Diags diags = {};
        int r;

        r = settings_load(&arguments->source, &diags, ret);
        diags_print(&diags, stderr, arguments->color);
        if (r < 0 && diags.n_errors == 0)
                fprintf(stderr, "picketctl: failed to read the configuration: %s\n", strerror(-r));

        return r < 0 ? CTL_FAILURE : CTL_OK;
}
