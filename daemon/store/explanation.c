/* SPDX-License-Identifier: MIT */

#include "store/explanation.h"

#include <errno.h>

#include "base/json.h"
#include "model/verdict.h"

int verdict_to_text(const Verdict *verdict, char **ret) {
        json_t *json = verdict_to_json(verdict);
        int r = json_to_text(json, JSON_LINE, ret);

        json_decref(json);
        return r;
}

int verdict_from_text(const char *text, Verdict *ret) {
        json_error_t error;
        json_t *json;
        int r;

        if (!text)
                return -EUCLEAN;

        json = json_loads(text, /* flags= */ 0, &error);
        if (!json)
                return json_error_code(&error) == json_error_out_of_memory ? -ENOMEM : -EUCLEAN;

        r = verdict_from_json(json, ret);
        json_decref(json);
        return r == -EBADMSG ? -EUCLEAN : r;
}
