/* SPDX-License-Identifier: MIT */

#include "story/join.h"

#include "story/identity.h"

const char *join_content_key(const char *content_key) {
        return content_key && startswith(content_key, IDENTITY_WEAK_PREFIX) ? NULL : content_key;
}
