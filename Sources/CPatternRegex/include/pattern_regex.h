// SPDX-License-Identifier: Apache-2.0
// Perl-compatible regular expressions (PCRE2) with a limit on how much work a match may be.
#ifndef OUTFLOW_PATTERN_REGEX_H
#define OUTFLOW_PATTERN_REGEX_H
#include <stddef.h>
#include <stdint.h>

/// A compiled expression; may be used by several threads at a time.
typedef struct outflow_regex outflow_regex;

/// Compiles an expression over code points (`is_utf` 1: both expression and subjects are UTF-8) or over bytes (0).
/// NULL on error: then `offset` is where, and `message` (of `message_size` bytes) says what.
outflow_regex *outflow_regex_new(
    const uint8_t *text, size_t length, int is_utf, size_t *offset, char *message, size_t message_size);
void outflow_regex_free(outflow_regex *regex);
/// Searches. 1: found, 0: not found, -1: more work than a search may be, -2: the subject is not UTF-8, or no memory.
int outflow_regex_search(const outflow_regex *regex, const uint8_t *subject, size_t length);
#endif
