/* SPDX-License-Identifier: MIT */

#include "ctl/ctl.h"

#include <errno.h>
#include <stdio.h>

#include "base/json.h"

int ctl_print_json(json_t *json) {
        _cleanup_free_ char *text = NULL;
        int r;

        r = json_to_text(json, JSON_LINE, &text);
        json_decref(json);
        if (r >= 0 && (puts(text) == EOF || fflush(stdout) == EOF))
                r = -errno;
        if (r < 0) {
                fprintf(stderr, "picketctl: failed to write the answer: %s\n", strerror(-r));
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
