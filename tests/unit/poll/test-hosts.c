/* SPDX-License-Identifier: MIT */

/* The queue in front of every host. Names carry the numbers of the list of good manners in
 * docs/polling.md and of the Feed Reader Behavior project (frb). */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>

#include "base/str.h"
#include "poll/hosts.h"

#define START (UINT64_C(100) * USEC_PER_HOUR)
#define SECOND USEC_PER_SEC
#define HOUR USEC_PER_HOUR
#define DAY USEC_PER_DAY

static Hosts *new_hosts(void) {
        Hosts *hosts = NULL;

        assert_int_equal(hosts_new(&hosts), 0);
        return hosts;
}

static void assign(Hosts *hosts, HostSeat *seat, const char *url) {
        assert_int_equal(hosts_assign(hosts, seat, url, START), 0);
}

static void queue(Hosts *hosts, HostSeat *seat, const char *url, usec_t rank) {
        assign(hosts, seat, url);
        assert_int_equal(hosts_wait(hosts, seat, rank), 0);
}

/* Nobody may start at @now; somebody may at the time returned. */
static usec_t wake(Hosts *hosts, usec_t now) {
        usec_t at = 0;

        assert_null(hosts_next(hosts, now, &at));
        return at;
}

static HostSeat *next(Hosts *hosts, usec_t now) {
        usec_t at;

        return hosts_next(hosts, now, &at);
}

static const struct {
        const char *url, *name, *domain;
        bool is_local;
} names[] = {
        { "https://blog.Example.ORG/feed", "blog.example.org", "example.org", false },
        { "https://example.org:8443/feed", "example.org", "example.org", false },
        { "https://example.org./feed", "example.org", "example.org", false },
        { "https://a.co.uk/", "a.co.uk", "a.co.uk", false },
        { "https://x.y.a.co.uk/", "x.y.a.co.uk", "a.co.uk", false },
        { "https://co.uk/", "co.uk", "co.uk", false },
        { "http://8.8.8.8/", "8.8.8.8", "8.8.8.8", false },
        { "http://[2620:fe::fe]/", "2620:fe::fe", "2620:fe::fe", false },
        { "http://127.0.0.1:8080/", "127.0.0.1:8080", "127.0.0.1:8080", true },
        { "http://127.1/", "127.0.0.1:80", "127.0.0.1:80", true },
        { "http://10.0.0.1/", "10.0.0.1:80", "10.0.0.1:80", true },
        { "http://[::1]:90/", "[::1]:90", "[::1]:90", true },
        { "http://localhost/", "localhost:80", "localhost:80", true },
        { "https://rsshub/", "rsshub:443", "rsshub:443", true },
        { "https://nas.local/", "nas.local:443", "nas.local:443", true },
        { "https://nas.home.arpa/", "nas.home.arpa:443", "nas.home.arpa:443", true },
};

static void test_names(void **state _unused_) {
        _cleanup_(hosts_freep) Hosts *hosts = new_hosts();

        for (size_t i = 0; i < ELEMENTSOF(names); i++) {
                HostSeat seat = {};

                assign(hosts, &seat, names[i].url);
                if (!streq(host_name(seat.host), names[i].name) ||
                        !streq(host_domain(seat.host), names[i].domain) ||
                        host_is_local(seat.host) != names[i].is_local)
                        fail_msg("%s: %s of %s, %s", names[i].url, host_name(seat.host),
                                host_domain(seat.host),
                                host_is_local(seat.host) ? "local" : "not local");
                hosts_forget(hosts, &seat);
        }

        HostSeat seat = {};
        assert_int_equal(hosts_assign(hosts, &seat, "http://", START), -EINVAL);
        assert_null(seat.host);
}

/* 300 feeds of one host and one of another, all due at once. */
static void s11_11_frb_033_frb_034_one_host(void **state _unused_) {
        _cleanup_(hosts_freep) Hosts *hosts = new_hosts();
        HostSeat seats[300] = {}, other = {}, *seat;
        usec_t now = START, last = 0;
        size_t n = 0;

        for (size_t i = 0; i < ELEMENTSOF(seats); i++)
                queue(hosts, &seats[i], "https://example.org/feed", ELEMENTSOF(seats) - i);
        queue(hosts, &other, "https://example.net/feed", UINT64_MAX);

        for (size_t i = 0; i < 2; i++) {
                seat = next(hosts, now);
                assert_non_null(seat);
                assert_int_equal(seat->state, SEAT_INSIDE);
                if (seat == &other)
                        hosts_leave(hosts, seat);
                else
                        last = now;
        }
        assert_int_equal(other.state, SEAT_OUTSIDE);

        /* The most overdue first; answers take 300 ms, and a hung one 30 s. */
        seat = &seats[ELEMENTSOF(seats) - 1];
        for (;;) {
                usec_t at;

                assert_int_equal(seat->state, SEAT_INSIDE);
                assert_int_equal(wake(hosts, now + 10 * SECOND), USEC_INFINITY);
                assert_ptr_equal(seat, &seats[ELEMENTSOF(seats) - 1 - n]);
                now += n == 7 ? 30 * SECOND : 300 * USEC_PER_MSEC;
                hosts_leave(hosts, seat);
                if (++n == ELEMENTSOF(seats))
                        break;
                at = n == 8 ? now : wake(hosts, now);
                assert_int_equal(at, n == 8 ? now : last + HOSTS_SPACING_USEC);
                now = at;
                seat = next(hosts, now);
                last = now;
        }
        assert_int_equal(wake(hosts, now), USEC_INFINITY);

        for (size_t i = 0; i < ELEMENTSOF(seats); i++)
                hosts_forget(hosts, &seats[i]);
        hosts_forget(hosts, &other);
}

static HostSeat *start_at(Hosts *hosts, HostSeat *seat, const char *url, usec_t now) {
        queue(hosts, seat, url, 1);
        assert_ptr_equal(next(hosts, now), seat);
        return seat;
}

static void end_at(Hosts *hosts, HostSeat *seat, const char *address) {
        assert_int_equal(hosts_learn_address(hosts, seat, address), 0);
        hosts_leave(hosts, seat);
}

/* Many names, one address: known after the first round. */
static void frb_035_one_address(void **state _unused_) {
        static const struct {
                const char *a, *b;
                bool together;
        } pairs[] = {
                { "93.184.215.14", "93.184.215.14", true },
                { "93.184.215.14", "93.184.215.15", false },
                { "2620:fe::1", "2620:fe::2", true },
                { "2620:fe::1", "2620:fe:0:1::1", false },
                { "::ffff:93.184.215.14", "93.184.215.15", false },
                { "127.0.0.1", "127.0.0.1", false },
                { "10.1.1.1", "10.1.1.1", false },
                { NULL, NULL, false },
        };

        for (size_t i = 0; i < ELEMENTSOF(pairs); i++) {
                _cleanup_(hosts_freep) Hosts *hosts = new_hosts();
                HostSeat a = {}, b = {}, c = {};
                usec_t now = START;

                end_at(hosts, start_at(hosts, &a, "https://a.example/", now), pairs[i].a);
                now += 5 * SECOND;
                end_at(hosts, start_at(hosts, &b, "https://b.example/", now), pairs[i].b);
                now += 5 * SECOND;

                (void) start_at(hosts, &a, "https://a.example/", now);
                queue(hosts, &b, "https://b.example/", 1);
                queue(hosts, &c, "https://c.example/", 1); /* another matter */
                assert_ptr_equal(next(hosts, now), pairs[i].together ? &c : &b);
                assert_ptr_equal(next(hosts, now), pairs[i].together ? NULL : &c);
                if (pairs[i].together) {
                        /* In number, and then in spacing. */
                        assert_int_equal(wake(hosts, now + 60 * SECOND), USEC_INFINITY);
                        now += SECOND;
                        hosts_leave(hosts, &a);
                        assert_int_equal(wake(hosts, now), now + SECOND);
                        assert_ptr_equal(next(hosts, now + SECOND), &b);
                }
                hosts_forget(hosts, &a);
                hosts_forget(hosts, &b);
                hosts_forget(hosts, &c);
        }
}

/* A host moves to another address while others are at its old one. */
static void test_address_moves(void **state _unused_) {
        _cleanup_(hosts_freep) Hosts *hosts = new_hosts();
        HostSeat a = {}, b = {};
        usec_t now = START;

        end_at(hosts, start_at(hosts, &a, "https://a.example/", now), "93.184.215.14");
        now += 5 * SECOND;
        end_at(hosts, start_at(hosts, &b, "https://b.example/", now), "93.184.215.14");
        now += 5 * SECOND;

        (void) start_at(hosts, &a, "https://a.example/", now);
        queue(hosts, &b, "https://b.example/", 1);
        assert_int_equal(wake(hosts, now), USEC_INFINITY);
        end_at(hosts, &a, "93.184.215.99");
        assert_ptr_equal(next(hosts, now + 2 * SECOND), &b);
        /* Waiting for an address, and then no more. */
        queue(hosts, &a, "https://a.example/", 1);
        assert_ptr_equal(next(hosts, now + 4 * SECOND), &a);
        end_at(hosts, &b, "93.184.215.99");
        queue(hosts, &b, "https://b.example/", 1);
        assert_int_equal(wake(hosts, now + 4 * SECOND), USEC_INFINITY);
        hosts_forget(hosts, &b);
        hosts_forget(hosts, &a);
        assert_int_equal(wake(hosts, now + 60 * SECOND), USEC_INFINITY);
}

static usec_t closed_after(Hosts *hosts, const char *url, usec_t now) {
        HostSeat seat = {};
        usec_t until;

        assert_int_equal(hosts_assign(hosts, &seat, url, now), 0);
        until = host_closed_until(seat.host, now);
        hosts_forget(hosts, &seat);
        return until > 0 ? until - now : 0;
}

static int answer(Hosts *hosts, HostSeat *seat, int64_t who, unsigned status, usec_t retry,
        usec_t now, HostRecord *ret) {
        HostRecord record = {};
        int r = hosts_answer(hosts, seat, NULL, who, status, retry, now, &record);

        assert_true(r >= 0);
        if (ret)
                *ret = record;
        return r;
}

static void s11_06_retry_after(void **state _unused_) {
        _cleanup_(hosts_freep) Hosts *hosts = new_hosts();
        HostSeat a = {}, b = {}, c = {};
        HostRecord record;
        usec_t now = START;

        assign(hosts, &a, "https://one.example.org/a");
        assign(hosts, &b, "https://two.example.org/b");

        /* 429: the whole domain, to the microsecond; nobody shortens it. */
        assert_int_equal(answer(hosts, &a, 1, 429, 90 * SECOND, now, &record), 1);
        assert_int_equal(record.scope, HOST_SCOPE_DOMAIN);
        assert_string_equal(record.name, "example.org");
        assert_int_equal(record.closed_until_usec, now + 90 * SECOND);
        assert_int_equal(closed_after(hosts, "https://two.example.org/", now), 90 * SECOND);
        assert_int_equal(closed_after(hosts, "https://example.org/", now), 90 * SECOND);
        assert_int_equal(closed_after(hosts, "https://example.net/", now), 0);
        assert_int_equal(answer(hosts, &b, 2, 429, 10 * SECOND, now, NULL), 1);
        assert_int_equal(closed_after(hosts, "https://two.example.org/", now), 90 * SECOND);

        assert_int_equal(hosts_wait(hosts, &b, 1), 0);
        assert_int_equal(wake(hosts, now), now + 90 * SECOND);
        assert_null(next(hosts, now + 90 * SECOND - 1));
        now += 90 * SECOND;
        assert_ptr_equal(next(hosts, now), &b);
        hosts_leave(hosts, &b);

        /* From then on ten seconds between any two of the domain. */
        assert_int_equal(hosts_wait(hosts, &a, 1), 0);
        assert_int_equal(wake(hosts, now), now + HOSTS_SLOW_SPACING_USEC);
        hosts_leave(hosts, &a);

        /* At most a week. */
        assert_int_equal(answer(hosts, &a, 1, 429, 700 * DAY, now, NULL), 1);
        assert_int_equal(closed_after(hosts, "https://example.org/", now), 7 * DAY);

        /* 503: the feed's own matter, until a second one is told so. */
        assign(hosts, &c, "http://192.168.1.1:8080/a");
        assert_int_equal(answer(hosts, &c, 1, 503, 100 * SECOND, now, NULL), 0);
        assert_int_equal(answer(hosts, &c, 1, 503, 100 * SECOND, now, NULL), 0);
        assert_int_equal(closed_after(hosts, "http://192.168.1.1:8080/b", now), 0);
        assert_int_equal(answer(hosts, &c, 2, 503, 50 * SECOND, now, &record), 1);
        assert_int_equal(record.scope, HOST_SCOPE_HOST);
        assert_string_equal(record.name, "192.168.1.1:8080");
        assert_int_equal(closed_after(hosts, "http://192.168.1.1:8080/b", now), 100 * SECOND);
        assert_int_equal(closed_after(hosts, "http://192.168.1.1/b", now), 0);

        /* ... unless it worked for somebody in between, or the first wait is over. */
        assign(hosts, &c, "https://example.net/");
        assert_int_equal(answer(hosts, &c, 1, 503, 100 * SECOND, now, NULL), 0);
        assert_int_equal(answer(hosts, &c, 3, 304, 0, now, NULL), 0);
        assert_int_equal(answer(hosts, &c, 2, 503, 100 * SECOND, now, NULL), 0);
        assert_int_equal(answer(hosts, &c, 1, 503, 100 * SECOND, now + 101 * SECOND, NULL), 0);
        /* Without a time it is a failure like any. */
        assert_int_equal(answer(hosts, &c, 3, 503, 0, now, NULL), 0);
        assert_int_equal(closed_after(hosts, "https://example.net/", now), 0);

        /* Redirected: who said it is who is meant. */
        assert_int_equal(
                hosts_answer(hosts, &c, "https://far.example.com/x", 1, 429, HOUR, now, &record),
                1);
        assert_string_equal(record.name, "example.com");
        assert_int_equal(closed_after(hosts, "https://example.net/", now), 0);

        hosts_forget(hosts, &a);
        hosts_forget(hosts, &b);
        hosts_forget(hosts, &c);
}

static void s11_07_frb_020_frb_021_limited_without_a_time(void **state _unused_) {
        _cleanup_(hosts_freep) Hosts *hosts = new_hosts();
        static const usec_t waits[] = { HOUR, 2 * HOUR, 4 * HOUR, 8 * HOUR, 16 * HOUR, DAY, DAY };
        HostSeat seat = {};
        HostRecord record;
        usec_t now = START;

        assign(hosts, &seat, "https://example.org/");
        for (size_t i = 0; i < ELEMENTSOF(waits); i++) {
                assert_int_equal(answer(hosts, &seat, 1, 429, 0, now, &record), 1);
                assert_int_equal(record.closed_until_usec, now + waits[i]);
                assert_int_equal(record.n_limited, i + 1);
                /* What was in flight beside it is no second time. */
                assert_int_equal(answer(hosts, &seat, 2, 429, 0, now + SECOND, &record), 1);
                assert_int_equal(record.n_limited, i + 1);
                now = record.closed_until_usec;
        }

        /* A success begins anew, but is remembered. */
        assert_int_equal(answer(hosts, &seat, 1, 200, 0, now, &record), 1);
        assert_int_equal(record.n_limited, 0);
        assert_true(record.slow_until_usec > now + 20 * DAY);
        assert_int_equal(answer(hosts, &seat, 1, 200, 0, now, &record), 0);
        assert_int_equal(answer(hosts, &seat, 1, 429, 0, now, &record), 1);
        assert_int_equal(record.closed_until_usec, now + HOUR);
        hosts_forget(hosts, &seat);
}

static void s11_06_restore(void **state _unused_) {
        static const char *const urls[] = { "https://example.org/", "http://127.0.0.1:8080/",
                "http://[::1]:8080/", "http://[2620:fe::fe]/" };

        for (size_t i = 0; i < ELEMENTSOF(urls); i++) {
                _cleanup_(hosts_freep) Hosts *hosts = new_hosts(), *later = new_hosts();
                HostSeat a = {}, b = {};
                HostRecord domain, host;

                assign(hosts, &a, urls[i]);
                assign(later, &b, urls[i]);
                assert_int_equal(answer(hosts, &a, 1, 429, 0, START, &domain), 1);
                assert_int_equal(answer(hosts, &a, 1, 503, HOUR / 2, START, NULL), 0);
                assert_int_equal(answer(hosts, &a, 2, 503, HOUR * 2, START, &host), 1);

                hosts_forget(later, &b);
                assert_int_equal(hosts_restore(later, &domain, START + 1), 0);
                assert_int_equal(closed_after(later, urls[i], START + 1), HOUR - 1);
                assert_int_equal(hosts_restore(later, &host, START + 1), 0);
                assert_int_equal(closed_after(later, urls[i], START + 1), 2 * HOUR - 1);
                assign(later, &b, urls[i]);
                assert_int_equal(host_is_local(b.host), host_is_local(a.host));
                assert_string_equal(host_domain(b.host), host_domain(a.host));
                assert_int_equal(answer(later, &b, 1, 429, 0, START + 3 * HOUR, &domain), 1);
                assert_int_equal(domain.n_limited, 2);

                /* Kept under a clock that was wrong. */
                host.closed_until_usec = START + 8 * DAY;
                assert_int_equal(hosts_restore(hosts, &host, START), 0);
                assert_true(host_closed_until(a.host, START + 2 * HOUR) == 0);
                hosts_forget(hosts, &a);
                hosts_forget(later, &b);
        }
}

/* Pages and feeds come and go: what nobody needs does not pile up, what matters stays. */
static void test_bounded(void **state _unused_) {
        _cleanup_(hosts_freep) Hosts *hosts = new_hosts();
        usec_t now = START;
        HostSeat kept = {};
        char url[64];

        assign(hosts, &kept, "https://kept.example/");
        for (unsigned i = 0; i < 20000; i++) {
                HostSeat seat = {};

                (void) snprintf(url, sizeof url, "https://h%u.example.com/", i);
                assert_int_equal(hosts_assign(hosts, &seat, url, now), 0);
                assert_int_equal(hosts_wait(hosts, &seat, 1), 0);
                assert_ptr_equal(next(hosts, now), &seat);
                if (i == 3)
                        assert_int_equal(answer(hosts, &seat, 1, 429, DAY, now, NULL), 1);
                if (i == 3)
                        now += DAY + 40 * DAY;
                end_at(hosts, &seat, "93.184.215.14");
                hosts_forget(hosts, &seat);
                now += 11 * SECOND;
        }
        assert_true(hosts_n_known(hosts) < 200);
        hosts_forget(hosts, &kept);
}

/* Ten thousand hosts at once, in any order of coming and going. */
static void test_many(void **state _unused_) {
        _cleanup_(hosts_freep) Hosts *hosts = new_hosts();
        static HostSeat seats[10000];
        size_t n_started = 0;
        usec_t now = START;
        char url[64];

        for (unsigned i = 0; i < ELEMENTSOF(seats); i++) {
                (void) snprintf(url, sizeof url, "https://h%u.example/", i % 4000);
                queue(hosts, &seats[i], url, i);
        }
        for (unsigned i = 0; i < ELEMENTSOF(seats); i += 7)
                hosts_leave(hosts, &seats[i]);
        while (n_started < ELEMENTSOF(seats) - (ELEMENTSOF(seats) + 6) / 7) {
                usec_t at = 0;
                HostSeat *seat = hosts_next(hosts, now, &at);

                if (!seat) {
                        assert_true(at > now && at <= now + HOSTS_SPACING_USEC);
                        now = at;
                        continue;
                }
                n_started++;
                hosts_leave(hosts, seat);
        }
        assert_int_equal(wake(hosts, now + DAY), USEC_INFINITY);
        assert_true(now <= START + 2 * HOSTS_SPACING_USEC);
        for (unsigned i = 0; i < ELEMENTSOF(seats); i++)
                hosts_forget(hosts, &seats[i]);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_names),
                cmocka_unit_test(s11_11_frb_033_frb_034_one_host),
                cmocka_unit_test(frb_035_one_address),
                cmocka_unit_test(test_address_moves),
                cmocka_unit_test(s11_06_retry_after),
                cmocka_unit_test(s11_07_frb_020_frb_021_limited_without_a_time),
                cmocka_unit_test(s11_06_restore),
                cmocka_unit_test(test_bounded),
                cmocka_unit_test(test_many),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
