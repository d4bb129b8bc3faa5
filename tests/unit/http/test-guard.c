/* SPDX-License-Identifier: MIT */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>

#include "base/str.h"
#include "http/client.h"
#include "http/guard.h"

static const struct {
        const char *address;
        bool is_public;
} cases[] = {
        { "1.1.1.1", true },
        { "93.184.216.34", true },
        /* each range: first and last inside, neighbours outside */
        { "0.0.0.0", false },
        { "0.255.255.255", false },
        { "1.0.0.0", true },
        { "9.255.255.255", true },
        { "10.0.0.0", false },
        { "10.255.255.255", false },
        { "11.0.0.0", true },
        { "100.63.255.255", true },
        { "100.64.0.0", false },
        { "100.127.255.255", false },
        { "100.128.0.0", true },
        { "126.255.255.255", true },
        { "127.0.0.1", false },
        { "127.255.255.255", false },
        { "128.0.0.0", true },
        { "169.253.255.255", true },
        { "169.254.169.254", false },
        { "169.255.0.0", true },
        { "172.15.255.255", true },
        { "172.16.0.0", false },
        { "172.31.255.255", false },
        { "172.32.0.0", true },
        { "191.255.255.255", true },
        { "192.0.0.1", false },
        { "192.0.1.0", true },
        { "192.0.2.1", false },
        { "192.0.3.0", true },
        { "192.88.98.255", true },
        { "192.88.99.1", false },
        { "192.88.100.0", true },
        { "192.167.255.255", true },
        { "192.168.0.0", false },
        { "192.168.255.255", false },
        { "192.169.0.0", true },
        { "198.17.255.255", true },
        { "198.18.0.0", false },
        { "198.19.255.255", false },
        { "198.20.0.0", true },
        { "198.51.99.255", true },
        { "198.51.100.1", false },
        { "198.51.101.0", true },
        { "203.0.112.255", true },
        { "203.0.113.1", false },
        { "203.0.114.0", true },
        { "223.255.255.255", true },
        { "224.0.0.1", false },
        { "239.255.255.255", false },
        { "240.0.0.1", false },
        { "255.255.255.255", false },

        { "2606:4700:4700::1111", true },
        { "3ffe::1", true },
        { "::", false },
        { "::1", false },
        { "100::1", false },
        { "fc00::1", false },
        { "fd12:3456::1", false },
        { "fe80::1", false },
        { "fe80::1%1", false },
        { "fec0::1", false },
        { "ff02::1", false },
        { "4000::1", false },
        { "1fff::1", false },
        { "2001::1", false },
        { "2001:0:ffff::1", false },
        { "2001:2::1", false },
        { "2001:2:1::1", true },
        { "2001:10::1", false },
        { "2001:1f:ffff::1", false },
        { "2001:20::1", false },
        { "2001:2f:ffff::1", false },
        { "2001:30::1", true },
        { "2001:db8::1", false },
        { "2001:db9::1", true },
        { "3fff::1", false },
        { "3fff:fff::1", false },
        { "3fff:1000::1", true },

        /* IPv4 inside */
        { "::ffff:127.0.0.1", false },
        { "::ffff:10.1.2.3", false },
        { "::ffff:1.1.1.1", true },
        { "::127.0.0.1", false },
        { "::1.1.1.1", true },
        { "64:ff9b::10.1.2.3", false },
        { "64:ff9b::1.1.1.1", true },
        { "64:ff9b:1::1.1.1.1", false },
        { "2002:7f00:1::1", false },
        { "2002:a01:203::1", false },
        { "2002:101:101::1", true },
};

static void s11_14_addresses(void **state) {
        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                struct sockaddr_storage address;

                assert_true(guard_text_to_address(cases[i].address, &address));
                if (guard_address_is_public((const struct sockaddr *) &address) !=
                        cases[i].is_public)
                        fail_msg("%s", cases[i].address);
        }
}

static void test_what_is_no_address(void **state) {
        static const char *const texts[] = { "", "example.org", "127.1", "1.2.3.4.5", "::g",
                "1111111111111111111111111111111111111111111111111111111111111111" };
        struct sockaddr_storage address;
        struct sockaddr local = { .sa_family = AF_UNIX };

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(texts); i++)
                assert_false(guard_text_to_address(texts[i], &address));
        assert_false(guard_address_is_public(&local));
}

static void test_ports(void **state) {
        static const unsigned bad[] = { 0, 1, 22, 25, 110, 139, 6000, 6667, 10080 },
                              good[] = { 80, 443, 8000, 8080, 8443, 3000, 49152, 65535 };

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(bad); i++)
                assert_true(guard_port_is_bad(bad[i]));
        for (size_t i = 0; i < ELEMENTSOF(good); i++)
                assert_false(guard_port_is_bad(good[i]));
}

static const struct {
        const char *url, *http, *https, *all, *no, *expected;
} proxies[] = {
        { "http://a.org/", NULL, NULL, NULL, NULL, NULL },
        { "http://a.org/", "p:1", "p:2", "p:3", NULL, "p:1" },
        { "https://a.org/", "p:1", "p:2", "p:3", NULL, "p:2" },
        { "https://a.org/", "p:1", NULL, "p:3", NULL, "p:3" },
        { "https://a.org/", "p:1", NULL, NULL, NULL, NULL },
        { "http://a.org/", "", NULL, NULL, NULL, NULL },
        { "http://a.org/", "p:1", NULL, NULL, "*", NULL },
        { "http://a.org/", "p:1", NULL, NULL, "b.org, a.org", NULL },
        { "http://x.A.org/", "p:1", NULL, NULL, ".a.org", NULL },
        { "http://xa.org/", "p:1", NULL, NULL, "a.org", "p:1" },
        { "http://10.1.2.3/", "p:1", NULL, NULL, "10.0.0.0/8", NULL },
        { "http://11.1.2.3/", "p:1", NULL, NULL, "10.0.0.0/8", "p:1" },
        { "http://10.1.2.3/", "p:1", NULL, NULL, "10.0.0.0/33", "p:1" },
        { "http://[::1]/", "p:1", NULL, NULL, "::1", NULL },
};

static void set(const char *name, const char *value) {
        if (value)
                setenv(name, value, /* overwrite= */ 1);
        else
                unsetenv(name);
}

static void test_proxies(void **state) {
        (void) state;
        set("HTTPS_PROXY", NULL);
        set("ALL_PROXY", NULL);
        set("NO_PROXY", NULL);
        for (size_t i = 0; i < ELEMENTSOF(proxies); i++) {
                _cleanup_free_ char *proxy = NULL;

                set("http_proxy", proxies[i].http);
                set("https_proxy", proxies[i].https);
                set("all_proxy", proxies[i].all);
                set("no_proxy", proxies[i].no);
                assert_int_equal(proxy_from_environment(proxies[i].url, &proxy), 0);
                if (!streq_ptr(proxy, proxies[i].expected))
                        fail_msg("%zu: %s", i, strna(proxy));
        }
}

static const struct {
        const char *name;
        bool is_local;
} names[] = {
        { "example.org", false },
        { "local.example.org", false },
        { "8.8.8.8", false },
        { "2620:fe::fe", false },
        { "10.1.2.3", true },
        { "127.0.0.1", true },
        { "::1", true },
        { "fd00::1", true },
        { "localhost", true },
        { "a.localhost", true },
        { "router", true },
        { "printer.local", true },
        { "nas.home.arpa", true },
        { "wiki.internal", true },
        { "internal.example", false },
};

static void test_local_names(void **state) {
        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(names); i++)
                if (guard_name_is_local(names[i].name) != names[i].is_local)
                        fail_msg("%s", names[i].name);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(s11_14_addresses),
                cmocka_unit_test(test_ports),
                cmocka_unit_test(test_what_is_no_address),
                cmocka_unit_test(test_proxies),
                cmocka_unit_test(test_local_names),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
