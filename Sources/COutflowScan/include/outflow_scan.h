// SPDX-License-Identifier: Apache-2.0
// Byte masks over blocks of log text: which of 64 bytes equal a given byte. The processor part is chosen at run time.
#ifndef OUTFLOW_SCAN_H
#define OUTFLOW_SCAN_H
#include <stddef.h>
#include <stdint.h>

/// Writes one 64-bit mask per 64 bytes of `text` (rounded up; the caller provides 64 readable bytes behind `length`): bit
/// i is set where byte i equals `a` or `b`. Bits at or behind `length` are clear. `masks` has room for length/64 + 1.
void outflow_mask2(const uint8_t *text, size_t length, uint8_t a, uint8_t b, uint64_t *masks);

/// `size` bytes of zeroed memory of its own pages, NULL when there is none. Given back at once by outflow_unmap, unlike
/// malloc's; grown without a copy by outflow_remap.
void *outflow_map(size_t size);
void *outflow_remap(void *old, size_t old_size, size_t new_size);
void outflow_unmap(void *memory, size_t size);

static inline void outflow_prefetch(const void *p) { __builtin_prefetch(p, 1, 3); }
#endif
