/* SPDX-License-Identifier: MIT */

/* The manners towards servers, whoever asks them:
 *
 * 1. A host is asked one thing at a time, and HOSTS_SPACING_USEC pass between the beginnings of two
 *    requests. What is behind one public address, or one IPv6 network of 64 bits, counts as one
 *    host in this: blog platforms have thousands of names on a few addresses. The address is
 *    learned from the connections. Private addresses and this machine are told apart by their port
 *    instead, and never put together: what runs there on two ports is two servers.
 * 2. A 429 (RFC 6585, 4) speaks for the registrable domain (publicsuffix.org), since services limit
 *    a client across all their hosts. Without Retry-After (RFC 9110, 10.2.3) it means an hour,
 *    doubled for each in a row. For a month afterwards HOSTS_SLOW_SPACING_USEC pass between two
 *    requests to any host of the domain.
 * 3. A 503 with Retry-After speaks for its feed alone, which is the feed's own business: one broken
 *    page must not silence a whole server. Once a second one gets such an answer while the first is
 *    still to wait, it speaks for the host.
 * 4. Nobody shortens such a time, and it outlives the program.
 *
 * Hosts with somebody waiting lie in a heap, by a time before which they cannot start. That time is
 * a lower bound, looked at again when its turn comes: so what delays a host later (an answer, a
 * neighbour at the same address) need not find it in the heap. A host that waits for one in flight,
 * its own or its neighbour's, is not in the heap until that is over. */

#include <errno.h>

#include "http/guard.h"
#include "poll/hosts-internal.h"

#define NOT_IN_HEAP SIZE_MAX
/* Below this it is not worth looking for hosts that nobody needs. */
#define HOSTS_SWEEP_MIN 64

/* --- the heap --- */

static void heap_set(Hosts *hosts, size_t i, Host *host) {
        hosts->heap[i] = host;
        host->heap_index = i;
}

static void heap_up(Hosts *hosts, Host *host) {
        size_t i = host->heap_index;

        while (i > 0 && hosts->heap[(i - 1) / 2]->heap_usec > host->heap_usec) {
                heap_set(hosts, i, hosts->heap[(i - 1) / 2]);
                i = (i - 1) / 2;
        }
        heap_set(hosts, i, host);
}

static void heap_down(Hosts *hosts, Host *host) {
        size_t i = host->heap_index;

        for (;;) {
                size_t child = 2 * i + 1;

                if (child + 1 < hosts->n_heap &&
                        hosts->heap[child + 1]->heap_usec < hosts->heap[child]->heap_usec)
                        child++;
                if (child >= hosts->n_heap || hosts->heap[child]->heap_usec >= host->heap_usec)
                        break;
                heap_set(hosts, i, hosts->heap[child]);
                i = child;
        }
        heap_set(hosts, i, host);
}

static void heap_remove(Hosts *hosts, Host *host) {
        size_t i = host->heap_index;
        Host *last;

        if (i == NOT_IN_HEAP)
                return;

        host->heap_index = NOT_IN_HEAP;
        last = hosts->heap[--hosts->n_heap];
        if (last == host)
                return;
        heap_set(hosts, i, last);
        heap_up(hosts, last);
        heap_down(hosts, last);
}

/* There is room: hosts_wait() and hosts_leave() see to it. */
static void heap_put(Hosts *hosts, Host *host, usec_t at_usec) {
        if (host->heap_index == NOT_IN_HEAP)
                heap_set(hosts, hosts->n_heap++, host);
        host->heap_usec = at_usec;
        heap_up(hosts, host);
        heap_down(hosts, host);
}

/* --- making and forgetting --- */

static Domain *domain_free(Domain *domain) {
        free(domain->name);
        return mfree(domain);
}

int domain_get(Hosts *hosts, const char *name, Domain **ret) {
        Domain *domain = hashmap_get(hosts->domains_by_name, name);
        int r;

        if (!domain) {
                domain = new0(Domain, 1);
                if (!domain)
                        return -ENOMEM;
                domain->name = strdup(name);
                r = domain->name ? hashmap_put(hosts->domains_by_name, name, domain) : -ENOMEM;
                if (r < 0) {
                        domain_free(domain);
                        return r;
                }
                LIST_PREPEND(domains, hosts->domains, domain);
        }

        *ret = domain;
        return 0;
}

static void host_set_address(Hosts *hosts, Host *host, Address *address) {
        Address *old = host->address;

        if (old) {
                if (host->is_blocked) {
                        LIST_REMOVE(blocked, old->blocked, host);
                        host->is_blocked = false;
                }
                if (--old->n_hosts == 0) {
                        (void) hashmap_remove(hosts->addresses_by_name, old->name);
                        free(old->name);
                        free(old);
                }
        }
        host->address = address;
        if (address) {
                address->n_hosts++;
                address->started_usec = MAX(address->started_usec, host->started_usec);
        }
}

static void host_free(Hosts *hosts, Host *host) {
        heap_remove(hosts, host);
        host_set_address(hosts, host, NULL);
        if (host->domain)
                host->domain->n_hosts--;
        if (hashmap_get(hosts->by_name, host->name) == host)
                (void) hashmap_remove(hosts->by_name, host->name);
        LIST_REMOVE(hosts, hosts->hosts, host);
        free(host->name);
        free(host);
}

/* Those that nobody is assigned to and that have nothing to be remembered. */
static void sweep(Hosts *hosts, usec_t now_usec) {
        if (hashmap_size(hosts->by_name) < hosts->n_sweep)
                return;

        LIST_FOREACH_SAFE (hosts, host, hosts->hosts)
                if (host->n_seats == 0 && host->closed_until_usec <= now_usec &&
                        usec_add(host->started_usec, HOSTS_SLOW_SPACING_USEC) <= now_usec)
                        host_free(hosts, host);
        LIST_FOREACH_SAFE (domains, domain, hosts->domains)
                if (domain->n_hosts == 0 && domain->closed_until_usec <= now_usec &&
                        domain->slow_until_usec <= now_usec) {
                        (void) hashmap_remove(hosts->domains_by_name, domain->name);
                        LIST_REMOVE(domains, hosts->domains, domain);
                        domain_free(domain);
                }
        hosts->n_sweep = MAX((size_t) HOSTS_SWEEP_MIN, 2 * hashmap_size(hosts->by_name));
}

int host_get(Hosts *hosts, const char *name, const char *key, Host **ret) {
        const char *domain;
        Host *host;
        int r;

        host = hashmap_get(hosts->by_name, key);
        if (host) {
                *ret = host;
                return 0;
        }

        host = new0(Host, 1);
        if (!host)
                return -ENOMEM;
        host->heap_index = NOT_IN_HEAP;
        host->is_local = guard_name_is_local(name);
        domain = host->is_local ? NULL : host_registrable_domain(hosts->suffixes, name);
        LIST_PREPEND(hosts, hosts->hosts, host);
        host->name = strdup(key);
        r = host->name ? domain_get(hosts, domain ? domain : key, &host->domain) : -ENOMEM;
        if (r >= 0) {
                host->domain->n_hosts++;
                r = hashmap_put(hosts->by_name, key, host);
        }
        if (r < 0) {
                if (!host->name) {
                        LIST_REMOVE(hosts, hosts->hosts, host);
                        free(host);
                } else
                        host_free(hosts, host);
                return r;
        }

        *ret = host;
        return 0;
}

int hosts_new(Hosts **ret) {
        _cleanup_(hosts_freep) Hosts *hosts = NULL;

        hosts = new0(Hosts, 1);
        if (!hosts)
                return -ENOMEM;

        hosts->suffixes = psl_builtin();
        hosts->n_sweep = HOSTS_SWEEP_MIN;
        hosts->by_name = hashmap_new(/* free_value= */ NULL);
        hosts->domains_by_name = hashmap_new(/* free_value= */ NULL);
        hosts->addresses_by_name = hashmap_new(/* free_value= */ NULL);
        if (!hosts->by_name || !hosts->domains_by_name || !hosts->addresses_by_name)
                return -ENOMEM;

        *ret = TAKE_PTR(hosts);
        return 0;
}

Hosts *hosts_free(Hosts *hosts) {
        if (!hosts)
                return NULL;

        while (hosts->hosts)
                host_free(hosts, hosts->hosts);
        while (hosts->domains) {
                Domain *domain = hosts->domains;

                LIST_REMOVE(domains, hosts->domains, domain);
                domain_free(domain);
        }
        hashmap_free(hosts->by_name);
        hashmap_free(hosts->domains_by_name);
        hashmap_free(hosts->addresses_by_name);
        free(hosts->heap);
        return mfree(hosts);
}

/* --- the queue --- */

int hosts_assign(Hosts *hosts, HostSeat *seat, const char *url, usec_t now_usec) {
        _cleanup_free_ char *name = NULL, *key = NULL;
        Host *host;
        int r;

        assert(seat->state == SEAT_OUTSIDE);

        r = host_key_from_url(url, &name, &key);
        if (r < 0)
                return r;
        if (seat->host && streq(seat->host->name, key))
                return 0;

        sweep(hosts, now_usec);
        r = host_get(hosts, name, key, &host);
        if (r < 0)
                return r;

        if (seat->host)
                seat->host->n_seats--;
        seat->host = host;
        host->n_seats++;
        return 0;
}

static void enqueue(Host *host, HostSeat *seat) {
        HostSeat *before = host->waiting_tail;

        /* Most come in order. */
        while (before && before->rank_usec > seat->rank_usec)
                before = before->seats_prev;

        seat->seats_prev = before;
        seat->seats_next = before ? before->seats_next : host->waiting;
        if (seat->seats_next)
                seat->seats_next->seats_prev = seat;
        else
                host->waiting_tail = seat;
        if (before)
                before->seats_next = seat;
        else
                host->waiting = seat;
}

static void dequeue(Host *host, HostSeat *seat) {
        if (host->waiting_tail == seat)
                host->waiting_tail = seat->seats_prev;
        LIST_REMOVE(seats, host->waiting, seat);
}

int hosts_wait(Hosts *hosts, HostSeat *seat, usec_t rank_usec) {
        Host *host = seat->host;
        int r;

        assert(host && seat->state == SEAT_OUTSIDE);

        /* Room for every host, so that nothing fails later. */
        r = ARRAY_GROW(hosts->heap, hosts->n_heap_allocated, hashmap_size(hosts->by_name));
        if (r < 0)
                return r;

        seat->rank_usec = rank_usec;
        seat->state = SEAT_WAITING;
        enqueue(host, seat);
        if (!host->inside && !host->is_blocked && host->heap_index == NOT_IN_HEAP)
                heap_put(hosts, host, 0);
        return 0;
}

/* When the time has come for @host, of which nobody is inside. */
static usec_t ready_usec(const Host *host, usec_t now_usec) {
        usec_t ready = host_closed_until(host, now_usec);

        if (host->was_started)
                ready = MAX(ready, usec_add(host->started_usec, HOSTS_SPACING_USEC));
        if (host->address && host->address->started_usec > 0)
                ready = MAX(ready, usec_add(host->address->started_usec, HOSTS_SPACING_USEC));
        if (host->domain->slow_until_usec > now_usec && host->domain->started_usec > 0)
                ready = MAX(ready, usec_add(host->domain->started_usec, HOSTS_SLOW_SPACING_USEC));
        return ready;
}

HostSeat *hosts_next(Hosts *hosts, usec_t now_usec, usec_t *ret_wake_usec) {
        while (hosts->n_heap > 0 && hosts->heap[0]->heap_usec <= now_usec) {
                Host *host = hosts->heap[0];
                HostSeat *seat = host->waiting;
                usec_t ready;

                if (host->address && host->address->n_inside > 0) {
                        heap_remove(hosts, host);
                        host->is_blocked = true;
                        LIST_PREPEND(blocked, host->address->blocked, host);
                        continue;
                }
                ready = ready_usec(host, now_usec);
                if (ready > now_usec) {
                        heap_put(hosts, host, ready);
                        continue;
                }

                heap_remove(hosts, host);
                dequeue(host, seat);
                seat->state = SEAT_INSIDE;
                host->inside = seat;
                host->was_started = true;
                hosts_started(seat, now_usec);
                if (host->address)
                        host->address->n_inside++;
                return seat;
        }

        *ret_wake_usec = hosts_wake(hosts);
        return NULL;
}

usec_t hosts_wake(const Hosts *hosts) {
        return hosts->n_heap > 0 ? hosts->heap[0]->heap_usec : USEC_INFINITY;
}

static void address_leave(Hosts *hosts, Address *address) {
        if (--address->n_inside > 0)
                return;

        while (address->blocked) {
                Host *host = address->blocked;

                LIST_REMOVE(blocked, address->blocked, host);
                host->is_blocked = false;
                if (host->waiting)
                        heap_put(hosts, host, 0);
        }
}

void hosts_leave(Hosts *hosts, HostSeat *seat) {
        Host *host = seat->host;

        switch (seat->state) {
        case SEAT_OUTSIDE:
                return;
        case SEAT_WAITING:
                dequeue(host, seat);
                if (!host->waiting)
                        heap_remove(hosts, host);
                break;
        case SEAT_INSIDE:
                host->inside = NULL;
                if (host->address)
                        address_leave(hosts, host->address);
                if (host->waiting && !host->is_blocked)
                        heap_put(hosts, host, 0);
                break;
        }
        seat->state = SEAT_OUTSIDE;
}

void hosts_forget(Hosts *hosts, HostSeat *seat) {
        hosts_leave(hosts, seat);
        if (seat->host)
                seat->host->n_seats--;
        seat->host = NULL;
}

/* --- what is known of a host --- */

size_t hosts_n_known(const Hosts *hosts) {
        return hashmap_size(hosts->by_name);
}

const char *host_name(const Host *host) {
        return host->name;
}

const char *host_domain(const Host *host) {
        return host->domain->name;
}

bool host_is_local(const Host *host) {
        return host->is_local;
}

usec_t host_closed_until(const Host *host, usec_t now_usec) {
        usec_t until = MAX(host->closed_until_usec, host->domain->closed_until_usec);

        return until > now_usec ? until : 0;
}

void hosts_started(HostSeat *seat, usec_t at_usec) {
        Host *host = seat->host;

        assert(seat->state == SEAT_INSIDE);

        host->started_usec = MAX(host->started_usec, at_usec);
        host->domain->started_usec = MAX(host->domain->started_usec, at_usec);
        if (host->address)
                host->address->started_usec = MAX(host->address->started_usec, at_usec);
}

int hosts_learn_address(Hosts *hosts, HostSeat *seat, const char *text) {
        _cleanup_free_ char *key = NULL;
        Host *host = seat->host;
        Address *address;
        int r;

        assert(seat->state == SEAT_INSIDE);

        r = host_key_from_address(text, &key);
        if (r < 0 || !key)
                return r;
        if (host->address && streq(host->address->name, key))
                return 0;

        address = hashmap_get(hosts->addresses_by_name, key);
        if (!address) {
                address = new0(Address, 1);
                if (!address)
                        return -ENOMEM;
                address->name = strdup(key);
                r = address->name ? hashmap_put(hosts->addresses_by_name, key, address) : -ENOMEM;
                if (r < 0) {
                        free(address->name);
                        free(address);
                        return r;
                }
        }

        if (host->address)
                address_leave(hosts, host->address);
        host_set_address(hosts, host, address);
        address->n_inside++;
        return 0;
}
