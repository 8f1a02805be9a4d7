// SPDX-License-Identifier: Apache-2.0
// A C view of RE2: compile one regular expression, search with it, and learn which literals must be there.
#ifndef CRE2_H
#define CRE2_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#ifdef __cplusplus
extern "C" {
#endif

/// A compiled expression: immutable, may be used by several threads at once.
typedef struct cre2_regex cre2_regex;

enum cre2_flags { CRE2_IGNORE_CASE = 1, CRE2_MULTI_LINE = 2, CRE2_DOT_NEWLINE = 4 };

/// Compiles `pattern`, with at most `max_memory` bytes for its automata. NULL when RE2 refuses it; `message` then holds
/// its words, cut to `message_size` with a NUL at the end.
cre2_regex *cre2_new(const char *pattern, size_t length, int flags, int64_t max_memory, char *message, size_t message_size);
void cre2_free(cre2_regex *);
/// Bytes of the compiled expression, without what searches build and drop again.
size_t cre2_size(const cre2_regex *);
/// Whether the expression matches anywhere in `text`. Linear in `length`.
bool cre2_search(const cre2_regex *, const uint8_t *text, size_t length);
/// Literals, in lower case, one of which must be in any text that matches (compared without regard to case). Calls
/// `literal` for each; returns how many there are, 0 when nothing can be said.
size_t cre2_literals(const char *pattern, size_t length, int flags, int64_t max_memory, void *context,
                     void (*literal)(void *context, const char *text, size_t length));

#ifdef __cplusplus
}
#endif
#endif
