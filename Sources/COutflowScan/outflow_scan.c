// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#include "outflow_scan.h"
#include <string.h>
#include <sys/mman.h>

const uint8_t *outflow_find(const uint8_t *text, size_t length, const uint8_t *needle, size_t needle_length) {
    return memmem(text, length, needle, needle_length);
}

#if defined(__x86_64__)
#include <immintrin.h>
#endif

// Positions of the bits of a mask. Eight are written whether they are there or not: a branch for each would be foreseen badly.
#define WRITE_ENDS(mask, base)                                                                     \
    do {                                                                                           \
        size_t bits = (size_t)__builtin_popcountll(mask), done = 0;                                \
        uint64_t rest = mask;                                                                      \
        do {                                                                                       \
            for (int k = 0; k < 8; k++) {                                                          \
                ends[count + done + k] = (uint32_t)(base) + (uint32_t)__builtin_ctzll(rest | TOP); \
                rest &= rest - 1;                                                                  \
            }                                                                                      \
            done += 8;                                                                             \
        } while (done < bits);                                                                     \
        count += bits;                                                                             \
    } while (0)
#define TOP ((uint64_t)1 << 63)

// One word of 64 bytes: `both` marks fields and lines, `newlines` lines alone.
#define CUT_WORD(i, both, newlines)                                                                            \
    do {                                                                                                       \
        uint64_t b_ = (both), n_ = (newlines);                                                                 \
        if ((i) * 64 + 64 > length) {                                                                          \
            uint64_t inside = ((uint64_t)1 << (length % 64)) - 1;                                              \
            b_ &= inside;                                                                                      \
            n_ &= inside;                                                                                      \
        }                                                                                                      \
        if (b_ == 0) break;                                                                                    \
        while (n_) {                                                                                           \
            lines[(*line_count)++] = (uint32_t)(count + (size_t)__builtin_popcountll(b_ & ((n_ & -n_) - 1))); \
            n_ &= n_ - 1;                                                                                      \
        }                                                                                                      \
        WRITE_ENDS(b_, (i) * 64);                                                                              \
    } while (0)

#if defined(__x86_64__)
__attribute__((target("avx2,bmi,popcnt")))
static size_t cut_avx2(const uint8_t *text, size_t length, uint8_t field, uint8_t line, uint32_t *ends, uint32_t *lines,
                       size_t *line_count) {
    const __m256i vf = _mm256_set1_epi8((char)field), vl = _mm256_set1_epi8((char)line);
    size_t count = 0;
    for (size_t i = 0; i * 64 < length; i++) {
        const uint8_t *p = text + i * 64;
        __m256i x = _mm256_loadu_si256((const __m256i *)p), y = _mm256_loadu_si256((const __m256i *)(p + 32));
        __m256i xl = _mm256_cmpeq_epi8(x, vl), yl = _mm256_cmpeq_epi8(y, vl);
        uint64_t newlines = (uint64_t)(uint32_t)_mm256_movemask_epi8(yl) << 32 | (uint32_t)_mm256_movemask_epi8(xl);
        uint32_t low = (uint32_t)_mm256_movemask_epi8(_mm256_or_si256(_mm256_cmpeq_epi8(x, vf), xl));
        uint32_t high = (uint32_t)_mm256_movemask_epi8(_mm256_or_si256(_mm256_cmpeq_epi8(y, vf), yl));
        CUT_WORD(i, (uint64_t)high << 32 | low, newlines);
    }
    return count;
}
#endif

static size_t cut_plain(const uint8_t *text, size_t length, uint8_t field, uint8_t line, uint32_t *ends, uint32_t *lines,
                        size_t *line_count) {
    size_t count = 0;
    for (size_t i = 0; i < length; i++) {
        if (text[i] != field && text[i] != line) continue;
        if (text[i] == line) lines[(*line_count)++] = (uint32_t)count;
        ends[count++] = (uint32_t)i;
    }
    return count;
}

size_t outflow_cut(const uint8_t *text, size_t length, uint8_t field, uint8_t line, uint32_t *ends, uint32_t *lines,
                   size_t *line_count) {
    *line_count = 0;
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi"))
        return cut_avx2(text, length, field, line, ends, lines, line_count);
#endif
    return cut_plain(text, length, field, line, ends, lines, line_count);
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
    // Tables are filled at random: one call that makes all pages is cheaper than a fault for each, or than two, as a page
    // that is read before it is written is made twice.
    if (IS_LARGE(size)) {
        void *p = map_aligned(size);
#ifdef MADV_POPULATE_WRITE
        // An older kernel refuses, and makes them one by one.
        if (p) madvise(p, size, MADV_POPULATE_WRITE);
#endif
        return p;
    }
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
