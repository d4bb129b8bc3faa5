/* SPDX-License-Identifier: MIT */

/* Who asked to be left alone, and for how long (rules 2 to 4 of hosts.c). */

#include <errno.h>

#include "poll/hosts-internal.h"
#include "poll/interval.h"

static HostRecord domain_record(const Domain *domain) {
        return (HostRecord){
                .scope = HOST_SCOPE_DOMAIN,
                .name = domain->name,
                .closed_until_usec = domain->closed_until_usec,
                .slow_until_usec = domain->slow_until_usec,
                .n_limited = domain->n_limited,
        };
}

static int domain_limited(
        Domain *domain, usec_t retry_after_usec, usec_t now_usec, HostRecord *ret) {
        usec_t wait = retry_after_usec;

        /* Several in flight are answered the same: that is one time. */
        if (domain->closed_until_usec <= now_usec && domain->n_limited < UINT8_MAX)
                domain->n_limited++;
        if (wait == 0)
                wait = interval_doubled(
                        HOSTS_LIMITED_USEC, domain->n_limited, HOSTS_LIMITED_MAX_USEC);

        domain->closed_until_usec = MAX(domain->closed_until_usec, usec_add(now_usec, wait));
        domain->slow_until_usec = usec_add(now_usec, HOSTS_MEMORY_USEC);
        *ret = domain_record(domain);
        return 1;
}

static int host_refused(
        Host *host, int64_t who, usec_t retry_after_usec, usec_t now_usec, HostRecord *ret) {
        usec_t until = usec_add(now_usec, retry_after_usec);
        bool is_second = host->refused_until_usec > now_usec && host->refused_who != who;

        if (is_second)
                until = MAX(until, host->refused_until_usec);
        host->refused_who = who;
        host->refused_until_usec = until;
        if (!is_second || until <= host->closed_until_usec)
                return 0;

        host->closed_until_usec = until;
        *ret = (HostRecord){
                .scope = HOST_SCOPE_HOST,
                .name = host->name,
                .closed_until_usec = until,
        };
        return 1;
}

int hosts_answer(Hosts *hosts, HostSeat *seat, const char *url, int64_t who, unsigned status,
        usec_t retry_after_usec, usec_t now_usec, HostRecord *ret) {
        usec_t asked = MIN(retry_after_usec, HOSTS_CLOSED_MAX_USEC);
        Host *host = seat->host;
        int r;

        if (url) {
                _cleanup_free_ char *name = NULL, *key = NULL;

                r = host_key_from_url(url, &name, &key);
                if (r >= 0)
                        r = host_get(hosts, name, key, &host);
                if (r < 0)
                        return r;
        }

        if (status == 429)
                return domain_limited(host->domain, asked, now_usec, ret);
        if (status == 503)
                return asked > 0 ? host_refused(host, who, asked, now_usec, ret) : 0;
        if ((status < 200 || status >= 300) && status != 304)
                return 0;

        /* It works for one: what another was told was not meant for all. */
        if (host->refused_who != who)
                host->refused_until_usec = 0;
        if (host->domain->n_limited == 0)
                return 0;
        host->domain->n_limited = 0;
        *ret = domain_record(host->domain);
        return 1;
}

/* What no rule could have set was kept under a wrong clock. */
static usec_t believable(usec_t until_usec, usec_t now_usec, usec_t max_usec) {
        return until_usec > now_usec && until_usec <= usec_add(now_usec, max_usec) ? until_usec : 0;
}

int hosts_restore(Hosts *hosts, const HostRecord *record, usec_t now_usec) {
        _cleanup_free_ char *name = NULL;
        usec_t closed = believable(record->closed_until_usec, now_usec, HOSTS_CLOSED_MAX_USEC);
        Domain *domain;
        Host *host;
        int r;

        switch (record->scope) {
        case HOST_SCOPE_HOST:
                name = host_name_from_key(record->name);
                r = name ? host_get(hosts, name, record->name, &host) : -ENOMEM;
                if (r < 0)
                        return r;
                host->closed_until_usec = closed;
                break;
        case HOST_SCOPE_DOMAIN:
                r = domain_get(hosts, record->name, &domain);
                if (r < 0)
                        return r;
                domain->closed_until_usec = closed;
                domain->slow_until_usec =
                        believable(record->slow_until_usec, now_usec, HOSTS_MEMORY_USEC);
                domain->n_limited = record->n_limited;
                break;
        case HOST_SCOPE_MAX:
                assert(false);
                break;
        }

        return 0;
}
