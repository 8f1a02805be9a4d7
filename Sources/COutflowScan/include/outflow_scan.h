// SPDX-License-Identifier: Apache-2.0
// Cuts log text at given bytes, 64 at a time. The processor part is chosen at run time.
#ifndef OUTFLOW_SCAN_H
#define OUTFLOW_SCAN_H
#include <stddef.h>
#include <stdint.h>

/// Finds every `field` and `line` byte of `text` (the caller provides 64 readable bytes behind `length`, which is below
/// 2^32). Writes their positions to `ends` in order, and to `lines` which of `ends` are `line` bytes; both have room for
/// `length` + 16. Returns how many ends there are.
size_t outflow_cut(const uint8_t *text, size_t length, uint8_t field, uint8_t line, uint32_t *ends, uint32_t *lines,
                   size_t *line_count);

/// The first place of `needle` in `text`, NULL when there is none; in linear time (memmem).
const uint8_t *outflow_find(const uint8_t *text, size_t length, const uint8_t *needle, size_t needle_length);

/// `size` bytes of zeroed memory of its own pages, NULL when there is none. Given back at once by outflow_unmap, unlike
/// malloc's; grown without a copy by outflow_remap.
void *outflow_map(size_t size);
void *outflow_remap(void *old, size_t old_size, size_t new_size);
void outflow_unmap(void *memory, size_t size);

static inline void outflow_prefetch(const void *p) { __builtin_prefetch(p, 1, 3); }
#endif
