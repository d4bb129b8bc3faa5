/* SPDX-License-Identifier: MIT */

#include <errno.h>
#include <inttypes.h>

#include "base/buffer.h"
#include "base/digest.h"
#include "deliver/sink.h"

/* Standard Webhooks 1.0.0, "Signature scheme": a symmetric secret has 24 to 64 bytes. */
#define SECRET_BYTES_MIN 24
#define SECRET_BYTES_MAX 64
#define SECRET_PREFIX "whsec_"

/* Old and new secret side by side is what rotation needs; some room, and a bound on the header. */
#define SECRETS_MAX 8

/* The signed text is "ID.TIMESTAMP.BODY", so a dot in the id would let one message pass for
 * another. */
static bool id_is_valid(const char *id) {
        return !isempty(id) &&
                id[strspn(
                        id, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_-")] ==
                '\0';
}

/* Appends "v1,BASE64" for one secret. */
static int append_signature(Buffer *b, const char *secret, const char *text, size_t n_bytes) {
        const char *encoded = startswith(secret, SECRET_PREFIX);
        _cleanup_free_ char *signature = NULL;
        uint8_t mac[DIGEST_BYTES];
        void *key = NULL;
        size_t n_key;
        int r;

        r = base64_decode(encoded ? encoded : secret, &key, &n_key);
        if (r < 0)
                return r;

        r = n_key < SECRET_BYTES_MIN || n_key > SECRET_BYTES_MAX
                ? -EINVAL
                : digest_hmac_sha256(key, n_key, text, n_bytes, mac);
        explicit_bzero(key, n_key);
        free(key);
        if (r < 0)
                return r;

        signature = base64_encode(mac, sizeof mac);
        if (!signature)
                return -ENOMEM;

        return buffer_printf(b, "%sv1,%s", b->n_bytes > 0 ? " " : "", signature);
}

static int sign(const char *public_id, uint64_t timestamp, const char *body, char *const *secrets,
        Buffer *ret) {
        _cleanup_(buffer_done) Buffer text = {};
        int r;

        r = buffer_printf(&text, "%s.%" PRIu64 ".%s", public_id, timestamp, body);
        if (r < 0)
                return r;

        for (size_t i = 0; secrets[i]; i++) {
                r = append_signature(ret, secrets[i], text.data, text.n_bytes);
                if (r < 0)
                        return r;
        }

        return 0;
}

static int extend_printf(char ***headers, const char *name, const char *value) {
        char *header;

        if (asprintf(&header, "%s: %s", name, value) < 0)
                return -ENOMEM;
        return strv_consume(headers, header);
}

static char **secrets_free(char **secrets) {
        STRV_FOREACH (s, secrets)
                explicit_bzero(*s, strlen(*s));
        return strv_free(secrets);
}
DEFINE_POINTER_CLEANUP(char *, secrets_free);

int sink_sign(
        const char *public_id, usec_t now_usec, const char *body, const char *secret, char ***ret) {
        _cleanup_(secrets_freep) char **secrets = NULL;
        _cleanup_(strv_freep) char **headers = NULL;
        _cleanup_(buffer_done) Buffer signatures = {};
        uint64_t timestamp = now_usec / USEC_PER_SEC;
        char decimal[32];
        int r;

        if (!id_is_valid(public_id))
                return -EINVAL;

        snprintf(decimal, sizeof decimal, "%" PRIu64, timestamp);
        r = extend_printf(&headers, "webhook-id", public_id);
        if (r < 0)
                return r;
        r = extend_printf(&headers, "webhook-timestamp", decimal);
        if (r < 0)
                return r;

        if (secret) {
                r = strv_split_words(secret, &secrets);
                if (r < 0)
                        return r;
                /* A secret that was asked for and is empty must not go out as no signature. */
                if (strv_length(secrets) == 0 || strv_length(secrets) > SECRETS_MAX)
                        return -EINVAL;

                r = sign(public_id, timestamp, body, secrets, &signatures);
                if (r < 0)
                        return r;
                r = extend_printf(&headers, "webhook-signature", buffer_str(&signatures));
                if (r < 0)
                        return r;
        }

        *ret = TAKE_PTR(headers);
        return 0;
}
