// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#include "outflow_scan.h"
#include <sys/mman.h>

#if defined(__x86_64__)
#include <immintrin.h>

__attribute__((target("avx2")))
static void mask2_avx2(const uint8_t *text, size_t length, uint8_t a, uint8_t b, uint64_t *masks) {
    const __m256i va = _mm256_set1_epi8((char)a), vb = _mm256_set1_epi8((char)b);
    size_t words = length / 64 + 1;
    for (size_t i = 0; i < words; i++) {
        const uint8_t *p = text + i * 64;
        __m256i x = _mm256_loadu_si256((const __m256i *)p), y = _mm256_loadu_si256((const __m256i *)(p + 32));
        uint32_t low = (uint32_t)_mm256_movemask_epi8(_mm256_or_si256(_mm256_cmpeq_epi8(x, va), _mm256_cmpeq_epi8(x, vb)));
        uint32_t high = (uint32_t)_mm256_movemask_epi8(_mm256_or_si256(_mm256_cmpeq_epi8(y, va), _mm256_cmpeq_epi8(y, vb)));
        masks[i] = (uint64_t)high << 32 | low;
    }
}

static void mask2_sse2(const uint8_t *text, size_t length, uint8_t a, uint8_t b, uint64_t *masks) {
    const __m128i va = _mm_set1_epi8((char)a), vb = _mm_set1_epi8((char)b);
    size_t words = length / 64 + 1;
    for (size_t i = 0; i < words; i++) {
        const uint8_t *p = text + i * 64;
        uint64_t mask = 0;
        for (int k = 0; k < 4; k++) {
            __m128i x = _mm_loadu_si128((const __m128i *)(p + 16 * k));
            uint64_t m = (uint16_t)_mm_movemask_epi8(_mm_or_si128(_mm_cmpeq_epi8(x, va), _mm_cmpeq_epi8(x, vb)));
            mask |= m << (16 * k);
        }
        masks[i] = mask;
    }
}
#endif

static void mask2_plain(const uint8_t *text, size_t length, uint8_t a, uint8_t b, uint64_t *masks) {
    size_t words = length / 64 + 1;
    for (size_t i = 0; i < words; i++) {
        uint64_t mask = 0;
        for (int k = 0; k < 64; k++) mask |= (uint64_t)(text[i * 64 + k] == a || text[i * 64 + k] == b) << k;
        masks[i] = mask;
    }
}

void outflow_mask2(const uint8_t *text, size_t length, uint8_t a, uint8_t b, uint64_t *masks) {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2")) mask2_avx2(text, length, a, b, masks);
    else mask2_sse2(text, length, a, b, masks);
#else
    mask2_plain(text, length, a, b, masks);
#endif
    size_t tail = length % 64;
    masks[length / 64] &= ((uint64_t)1 << tail) - 1;
    (void)mask2_plain;
}

// Tables of some size stand in huge pages, aligned to them: look-ups at random otherwise miss the TLB every time.
#define HUGE_PAGE ((size_t)2 << 20)
#define IS_LARGE(size) ((size) >= 2 * HUGE_PAGE)

static void *map_aligned(size_t size) {
    uint8_t *p = mmap(NULL, size + HUGE_PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED) return NULL;
    size_t before = (HUGE_PAGE - (uintptr_t)p % HUGE_PAGE) % HUGE_PAGE;
    if (before) munmap(p, before);
    if (HUGE_PAGE - before) munmap(p + before + size, HUGE_PAGE - before);
    p += before;
    madvise(p, size, MADV_HUGEPAGE);
    return p;
}

void *outflow_map(size_t size) {
    if (IS_LARGE(size)) return map_aligned(size);
    // Tables are filled at random: one call that makes all pages is cheaper than a fault for each.
    void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    return p == MAP_FAILED ? NULL : p;
}

void *outflow_remap(void *old, size_t old_size, size_t new_size) {
    if (!IS_LARGE(new_size)) {
        void *p = mremap(old, old_size, new_size, MREMAP_MAYMOVE);
        return p == MAP_FAILED ? NULL : p;
    }
    void *p = map_aligned(new_size);
    if (!p) return NULL;
    // Moves the pages, not their bytes; aligned to aligned, so that huge pages stay whole.
    if (mremap(old, old_size, old_size, MREMAP_MAYMOVE | MREMAP_FIXED, p) == MAP_FAILED) {
        munmap(p, new_size);
        return NULL;
    }
    return p;
}

void outflow_unmap(void *memory, size_t size) { munmap(memory, size); }
