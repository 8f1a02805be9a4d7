// SPDX-License-Identifier: Apache-2.0

#include "CCertificate.h"

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <unistd.h>

static int extend(X509 *certificate, int nid, const char *value) {
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, certificate, certificate, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
    if (extension == NULL) return 0;
    int added = X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
    return added;
}

static int fill(
    X509 *certificate, EVP_PKEY *key, const char *names, const char *constraints, const char *common_name, int days) {
    // RFC 5280, section 4.1.2.2: a positive serial number of at most 20 octets; 127 random bits are unique enough.
    unsigned char digits[16];
    if (RAND_bytes(digits, sizeof digits) != 1) return 0;
    digits[0] &= 0x7F;
    digits[15] |= 1;
    BIGNUM *number = BN_bin2bn(digits, sizeof digits, NULL);
    if (number == NULL) return 0;
    int is_set = BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate)) != NULL;
    BN_free(number);
    X509_NAME *name = X509_get_subject_name(certificate);
    return is_set && X509_set_version(certificate, 2)
        // An hour of grace for clocks that go slow.
        && X509_gmtime_adj(X509_getm_notBefore(certificate), -3600) != NULL
        && X509_time_adj_ex(X509_getm_notAfter(certificate), days, 0, NULL) != NULL
        && X509_set_pubkey(certificate, key)
        && X509_NAME_add_entry_by_txt(
            name, "CN", MBSTRING_UTF8, (const unsigned char *)common_name, -1, -1, 0)
        && X509_set_issuer_name(certificate, name)
        // Clients built on BoringSSL trust a self-signed certificate only if it may be an authority's. The constraints
        // (RFC 5280, section 4.2.1.10) keep whoever has its key from speaking for other names.
        && extend(certificate, NID_basic_constraints, "critical,CA:TRUE,pathlen:0")
        && extend(certificate, NID_name_constraints, constraints)
        && extend(certificate, NID_key_usage, "critical,digitalSignature,keyCertSign")
        && extend(certificate, NID_ext_key_usage, "serverAuth,clientAuth")
        && extend(certificate, NID_subject_alt_name, names)
        && X509_sign(certificate, key, EVP_sha256()) > 0;
}

static FILE *stream(int descriptor) {
    FILE *file = fdopen(descriptor, "wb");
    if (file == NULL) close(descriptor);
    return file;
}

int ccertificate_make(
    const char *names, const char *constraints, const char *common_name, int days, int key_file, int certificate_file) {
    FILE *key_stream = stream(key_file);
    FILE *certificate_stream = stream(certificate_file);
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *certificate = X509_new();
    int done = key_stream != NULL && certificate_stream != NULL && key != NULL && certificate != NULL
        && fill(certificate, key, names, constraints, common_name, days)
        && PEM_write_PrivateKey(key_stream, key, NULL, NULL, 0, NULL, NULL)
        && PEM_write_X509(certificate_stream, certificate);
    X509_free(certificate);
    EVP_PKEY_free(key);
    if (key_stream != NULL && fclose(key_stream) != 0) done = 0;
    if (certificate_stream != NULL && fclose(certificate_stream) != 0) done = 0;
    return done;
}

int ccertificate_covers(const char *path, const char *name) {
    FILE *file = fopen(path, "rb");
    if (file == NULL) return -1;
    X509 *certificate = PEM_read_X509(file, NULL, NULL, NULL);
    fclose(file);
    if (certificate == NULL) return -1;
    ASN1_OCTET_STRING *address = a2i_IPADDRESS(name);
    int covers = address != NULL ? X509_check_ip_asc(certificate, name, 0) : X509_check_host(certificate, name, 0, 0, NULL);
    ASN1_OCTET_STRING_free(address);
    X509_free(certificate);
    return covers == 1;
}
