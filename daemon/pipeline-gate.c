/* SPDX-License-Identifier: MIT */

/* Between a feed's timer and its request: may this server be asked now, and does the answer count?
 */

#include "pipeline-internal.h"

void pipeline_gate_enter(FeedRun *run) {
        feed_run_start(run);
}

bool pipeline_gate_leave(FeedRun *run _unused_, const HttpResponse *response _unused_,
        HttpFailure failure _unused_, const char *message _unused_) {
        return true;
}
