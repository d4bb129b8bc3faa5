/* SPDX-License-Identifier: MIT */

#include "match/profile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n_bytes);

/* The first line is an expression, all of the input the text that it is tried on. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n_bytes) {
        _cleanup_free_ char *text = memdup_suffix0(data, n_bytes),
                            *line = text ? strdup(text) : NULL;
        _cleanup_(profile_set_freep) ProfileSet *set = NULL;
        _cleanup_(diags_done) Diags diags = {};
        char name[] = "fuzz";
        KeywordSettings keyword = { 1000, { line, name, line, 1, 1 } };
        ProfileSettings settings = { .name = { name, name, name, 1, 1 },
                .threshold_milli = 1,
                .keywords = &keyword,
                .n_keywords = 1 };
        Verdict *verdicts;

        if (line)
                line[strcspn(line, "\n")] = '\0';
        if (!line || profile_set_new(&settings, 1, &diags, &set) < 0 ||
                profile_set_score(set, &(Document){ .text = { text, text } }, 1000, &verdicts) < 0)
                return 0;

        verdict_array_free(verdicts, 1);
        return 0;
}
