// SPDX-License-Identifier: Apache-2.0
// The project's own Sigma rules and its mapping of log sources, as the program carries them: it needs no files beside it.
#ifndef OUTFLOW_RULES_H
#define OUTFLOW_RULES_H
#include <stddef.h>
#include <stdint.h>

/// A file of rules/ or mappings/.
typedef struct {
    /// Its path below rules/; that of a mapping, below the project's folder.
    const char *path;
    /// Its text, not terminated.
    const uint8_t *text;
    size_t length;
} outflow_rule_file;

/// How many there are.
size_t outflow_rule_file_count(void);
/// One of them, in the order of their paths; `number` is less than their count.
outflow_rule_file outflow_rule_file_at(size_t number);
/// Which records are of which log source, and how their fields are called there.
outflow_rule_file outflow_log_source_mapping(void);
#endif
