// SPDX-License-Identifier: Apache-2.0
#include "codecs.h"

#include <stdlib.h>

struct outflow_gzip {
    struct inflate_state state;
};

outflow_gzip *outflow_gzip_new(void) {
    outflow_gzip *gzip = calloc(1, sizeof *gzip);
    if (gzip) {
        isal_inflate_init(&gzip->state);
        gzip->state.crc_flag = ISAL_GZIP;
    }
    return gzip;
}

void outflow_gzip_free(outflow_gzip *gzip) { free(gzip); }

void outflow_gzip_next_member(outflow_gzip *gzip) {
    isal_inflate_reset(&gzip->state);
    gzip->state.crc_flag = ISAL_GZIP;
}

int outflow_gzip_inflate(
    outflow_gzip *gzip, const uint8_t *in, uint32_t *in_count, uint8_t *out, uint32_t *out_count) {
    struct inflate_state *state = &gzip->state;
    state->next_in = (uint8_t *)in;
    state->avail_in = *in_count;
    state->next_out = out;
    state->avail_out = *out_count;
    int code = isal_inflate(state);
    *in_count -= state->avail_in;
    *out_count -= state->avail_out;
    if (code < 0) return code;
    return state->block_state == ISAL_BLOCK_FINISH;
}

struct outflow_xz {
    lzma_stream stream;
};

outflow_xz *outflow_xz_new(uint64_t memory) {
    outflow_xz *xz = calloc(1, sizeof *xz);
    if (xz && lzma_stream_decoder(&xz->stream, memory, LZMA_CONCATENATED) != LZMA_OK) {
        free(xz);
        return NULL;
    }
    return xz;
}

void outflow_xz_free(outflow_xz *xz) {
    if (xz) lzma_end(&xz->stream);
    free(xz);
}

lzma_ret outflow_xz_decode(
    outflow_xz *xz, const uint8_t *in, size_t *in_count, uint8_t *out, size_t *out_count, int is_last) {
    lzma_stream *stream = &xz->stream;
    stream->next_in = in;
    stream->avail_in = *in_count;
    stream->next_out = out;
    stream->avail_out = *out_count;
    lzma_ret code = lzma_code(stream, is_last ? LZMA_FINISH : LZMA_RUN);
    *in_count -= stream->avail_in;
    *out_count -= stream->avail_out;
    return code;
}
