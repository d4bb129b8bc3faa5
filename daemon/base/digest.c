/* SPDX-License-Identifier: MIT */

#include "base/digest.h"

#include <errno.h>
#include <limits.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <sys/random.h>

#include "base/str.h"

struct Digest {
        EVP_MD_CTX *context;
};

Digest *digest_new(void) {
        _cleanup_(digest_freep) Digest *digest = NULL;

        digest = new0(Digest, 1);
        if (!digest)
                return NULL;

        digest->context = EVP_MD_CTX_new();
        if (!digest->context ||
                EVP_DigestInit_ex(digest->context, EVP_sha256(), /* engine= */ NULL) != 1)
                return NULL;

        return TAKE_PTR(digest);
}

Digest *digest_free(Digest *digest) {
        if (!digest)
                return NULL;

        EVP_MD_CTX_free(digest->context);
        return mfree(digest);
}

int digest_add_bytes(Digest *digest, const void *p, size_t n_bytes) {
        return EVP_DigestUpdate(digest->context, p, n_bytes) == 1 ? 0 : -EIO;
}

int digest_add_str(Digest *digest, const char *s) {
        uint64_t n_bytes = s ? strlen(s) : UINT64_MAX;
        int r;

        r = digest_add_bytes(digest, &n_bytes, sizeof n_bytes);
        if (r < 0 || !s)
                return r;

        return digest_add_bytes(digest, s, (size_t) n_bytes);
}

int digest_finish_hex(Digest *digest, char hex[static DIGEST_HEX_CHARS + 1]) {
        static const char digits[] = "0123456789abcdef";
        uint8_t bytes[DIGEST_BYTES];

        if (EVP_DigestFinal_ex(digest->context, bytes, /* s= */ NULL) != 1)
                return -EIO;

        for (size_t i = 0; i < sizeof bytes; i++) {
                hex[2 * i] = digits[bytes[i] >> 4];
                hex[2 * i + 1] = digits[bytes[i] & 15];
        }
        hex[DIGEST_HEX_CHARS] = '\0';
        return 0;
}

int digest_hmac_sha256(const void *key, size_t n_key, const void *p, size_t n_bytes,
        uint8_t ret[static DIGEST_BYTES]) {
        unsigned n = 0;

        if (n_key > INT_MAX)
                return -EINVAL;

        return HMAC(EVP_sha256(), key, (int) n_key, p, n_bytes, ret, &n) && n == DIGEST_BYTES
                ? 0
                : -EIO;
}

char *base64_encode(const void *p, size_t n_bytes) {
        char *s;

        if (n_bytes > INT_MAX / 2)
                return NULL;

        s = malloc((n_bytes + 2) / 3 * 4 + 1);
        if (s)
                (void) EVP_EncodeBlock((unsigned char *) s, p, (int) n_bytes);
        return s;
}

int base64_decode(const char *s, void **ret, size_t *ret_n_bytes) {
        _cleanup_free_ unsigned char *bytes = NULL;
        size_t n = strlen(s), n_padding = 0;
        int n_decoded;

        if (n % 4 != 0 || n > INT_MAX / 2)
                return -EINVAL;
        while (n_padding < 2 && n_padding < n && s[n - 1 - n_padding] == '=')
                n_padding++;
        /* libcrypto skips white space at the ends and lets '=' stand anywhere; RFC 4648 does not.
         */
        if (strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/") !=
                n - n_padding)
                return -EINVAL;

        bytes = malloc(n / 4 * 3 + 1);
        if (!bytes)
                return -ENOMEM;

        n_decoded = EVP_DecodeBlock(bytes, (const unsigned char *) s, (int) n);
        if (n_decoded < 0)
                return -EINVAL;

        *ret_n_bytes = (size_t) n_decoded - n_padding;
        *ret = TAKE_PTR(bytes);
        return 0;
}

int id_random(char id[static ID_CHARS + 1]) {
        /* 32 letters, so that five bits of each byte choose one without bias. */
        static const char alphabet[] = "0123456789abcdefghjkmnpqrstvwxyz";
        uint8_t bytes[ID_CHARS];

        if (getrandom(bytes, sizeof bytes, /* flags= */ 0) != (ssize_t) sizeof bytes)
                return -errno;

        for (size_t i = 0; i < ID_CHARS; i++)
                id[i] = alphabet[bytes[i] & 31];
        id[ID_CHARS] = '\0';
        return 0;
}
