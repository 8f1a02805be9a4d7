// SPDX-License-Identifier: Apache-2.0

// Makes a self-signed certificate, through OpenSSL's libcrypto.

#ifndef CCERTIFICATE_H
#define CCERTIFICATE_H

/// Makes an ECDSA P-256 key and a self-signed X.509 v3 certificate for TLS servers (and for clients that trust only it).
///
/// - names: as OpenSSL writes subject alternative names, "DNS:hub.example.org,IP:192.0.2.1".
/// - constraints: as OpenSSL writes name constraints, the same names: "critical,permitted;DNS:hub.example.org".
/// - common_name: of subject and issuer.
/// - days: how long it is valid from now on.
/// - key_file, certificate_file: PEM files to write; open descriptors, which are closed.
/// - Returns: 1, or 0 if anything failed.
int ccertificate_make(
    const char *names, const char *constraints, const char *common_name, int days, int key_file, int certificate_file);

/// Whether a certificate speaks for a name, as clients judge it (RFC 6125).
///
/// - path: PEM file; its first certificate counts.
/// - name: a host name, or an address.
/// - Returns: 1 if it does, 0 if it does not, -1 if there is no certificate to read.
int ccertificate_covers(const char *path, const char *name);

#endif
