// SPDX-License-Identifier: Apache-2.0
// libFuzzer's own entry for programs that bring their main along
// (LLVM documentation, "libFuzzer", section "Using libFuzzer as a library").
#pragma once

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerRunDriver(int *argc, char ***argv, int (*target)(const uint8_t *data, size_t size));
