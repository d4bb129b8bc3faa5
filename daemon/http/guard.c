/* SPDX-License-Identifier: MIT */

#include "http/guard.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

#include "base/str.h"

/* The IPv4 special-purpose registry (RFC 6890 and its successors), less what is globally reachable
 * there, plus multicast and class E. 192.88.99.0/24 is the retired 6to4 relay anycast (RFC 7526).
 */
static const struct {
        uint8_t address[4];
        unsigned n_bits;
} denied4[] = {
        { { 0, 0, 0, 0 }, 8 },       /* "this network" */
        { { 10, 0, 0, 0 }, 8 },      /* private */
        { { 100, 64, 0, 0 }, 10 },   /* carrier-grade NAT */
        { { 127, 0, 0, 0 }, 8 },     /* loopback */
        { { 169, 254, 0, 0 }, 16 },  /* link local, and the metadata services of clouds */
        { { 172, 16, 0, 0 }, 12 },   /* private */
        { { 192, 0, 0, 0 }, 24 },    /* protocol assignments */
        { { 192, 0, 2, 0 }, 24 },    /* documentation */
        { { 192, 88, 99, 0 }, 24 },  /* 6to4 relays */
        { { 192, 168, 0, 0 }, 16 },  /* private */
        { { 198, 18, 0, 0 }, 15 },   /* benchmarks */
        { { 198, 51, 100, 0 }, 24 }, /* documentation */
        { { 203, 0, 113, 0 }, 24 },  /* documentation */
        { { 224, 0, 0, 0 }, 4 },     /* multicast */
        { { 240, 0, 0, 0 }, 4 },     /* reserved, broadcast */
};

/* Inside 2000::/3, the only global unicast range that is assigned. */
static const struct {
        uint8_t address[6];
        unsigned n_bits;
} denied6[] = {
        { { 0x20, 0x01, 0x00, 0x00 }, 32 },             /* Teredo */
        { { 0x20, 0x01, 0x00, 0x02, 0x00, 0x00 }, 48 }, /* benchmarks */
        { { 0x20, 0x01, 0x00, 0x10 }, 28 },             /* ORCHID */
        { { 0x20, 0x01, 0x00, 0x20 }, 28 },             /* ORCHIDv2 */
        { { 0x20, 0x01, 0x0d, 0xb8 }, 32 },             /* documentation */
        { { 0x3f, 0xff, 0x00 }, 20 },                   /* documentation (RFC 9637) */
};

static bool bits_equal(const uint8_t *a, const uint8_t *b, unsigned n_bits) {
        unsigned n_bytes = n_bits / 8, rest = n_bits % 8;

        if (memcmp(a, b, n_bytes) != 0)
                return false;
        return rest == 0 || (a[n_bytes] ^ b[n_bytes]) >> (8 - rest) == 0;
}

static bool ipv4_is_public(const uint8_t *a) {
        for (size_t i = 0; i < ELEMENTSOF(denied4); i++)
                if (bits_equal(a, denied4[i].address, denied4[i].n_bits))
                        return false;
        return true;
}

static bool ipv6_is_public(const uint8_t *a) {
        static const uint8_t compatible[12] = {}; /* ::/96; :: and ::1 judge as 0.0.0.x */
        static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
        /* The well-known NAT64 prefix (RFC 6052): refusing it would cut off networks that have
         * IPv6 alone. The local-use prefix 64:ff9b:1::/48 is not one of them. */
        static const uint8_t nat64[12] = { 0x00, 0x64, 0xff, 0x9b };
        static const uint8_t global[1] = { 0x20 }, sixtofour[2] = { 0x20, 0x02 };

        if (bits_equal(a, compatible, 96) || bits_equal(a, mapped, 96) || bits_equal(a, nat64, 96))
                return ipv4_is_public(a + 12);
        if (bits_equal(a, sixtofour, 16))
                return ipv4_is_public(a + 2);
        if (!bits_equal(a, global, 3))
                return false;

        for (size_t i = 0; i < ELEMENTSOF(denied6); i++)
                if (bits_equal(a, denied6[i].address, denied6[i].n_bits))
                        return false;
        return true;
}

bool guard_address_is_public(const struct sockaddr *address) {
        if (address->sa_family == AF_INET) {
                struct sockaddr_in in;

                memcpy(&in, address, sizeof(in));
                return ipv4_is_public((const uint8_t *) &in.sin_addr);
        }
        if (address->sa_family == AF_INET6) {
                struct sockaddr_in6 in6;

                memcpy(&in6, address, sizeof(in6));
                return ipv6_is_public(in6.sin6_addr.s6_addr);
        }
        return false;
}

bool guard_port_is_bad(unsigned port) {
        /* https://fetch.spec.whatwg.org/#port-blocking */
        static const uint16_t bad[] = { 0, 1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42,
                43, 53, 69, 77, 79, 87, 95, 101, 102, 103, 104, 109, 110, 111, 113, 115, 117, 119,
                123, 135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513, 514, 515, 526, 530, 531,
                532, 540, 548, 554, 556, 563, 587, 601, 636, 989, 990, 993, 995, 1719, 1720, 1723,
                2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679,
                6697, 10080 };

        for (size_t i = 0; i < ELEMENTSOF(bad); i++)
                if (bad[i] == port)
                        return true;
        return false;
}

bool guard_text_to_address(const char *text, struct sockaddr_storage *ret) {
        struct sockaddr_storage storage = {};
        struct sockaddr_in *in = (struct sockaddr_in *) &storage;
        struct sockaddr_in6 *in6 = (struct sockaddr_in6 *) &storage;
        char plain[INET6_ADDRSTRLEN];
        size_t n = strcspn(text, "%"); /* the zone of a link-local address */

        if (n >= sizeof(plain))
                return false;
        memcpy(plain, text, n);
        plain[n] = '\0';

        if (inet_pton(AF_INET, plain, &in->sin_addr) == 1)
                storage.ss_family = AF_INET;
        else if (inet_pton(AF_INET6, plain, &in6->sin6_addr) == 1)
                storage.ss_family = AF_INET6;
        else
                return false;

        *ret = storage;
        return true;
}

bool guard_name_is_local(const char *name) {
        struct sockaddr_storage address;

        if (guard_text_to_address(name, &address))
                return !guard_address_is_public((const struct sockaddr *) &address);

        /* Names without a dot, and those set aside for local use (RFC 6761, 6.3; RFC 6762, 3; RFC
         * 8375, 3; ICANN's board of July 2024 for "internal"). */
        return !strchr(name, '.') || endswith(name, ".localhost") || endswith(name, ".local") ||
                endswith(name, ".home.arpa") || endswith(name, ".internal");
}
