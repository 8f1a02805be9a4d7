// SPDX-License-Identifier: Apache-2.0
#include "rules.h"

// #embed is C23; clang knows it in all of its languages.
#pragma clang diagnostic ignored "-Wc23-extensions"

static const uint8_t text[] = {
#embed "../../mappings/log-sources.yml"
};

outflow_rule_file outflow_log_source_mapping(void) {
    return (outflow_rule_file){"mappings/log-sources.yml", text, sizeof text};
}
