// SPDX-License-Identifier: Apache-2.0
//
// Writes a day of Zeek connection logs of an invented network to standard output: the input of script/bench.
//
//     generate-conn ROWS tsv|json [SEED]
//
// The same arguments give the same bytes on every machine: integers only. Both formats hold the same rows.
//
// Shape: 2,000 inside hosts (10.0.0.0/8), few of which make most connections. Seven in ten connections go to one of 200
// servers that all hosts share, the others to one of 200 servers of the host's own; again few of them get most. Sizes
// are spread evenly over powers of two. About one connection in eight was never answered and carries no sizes.

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { hosts = 2000, servers = 200 };

// --- Chance: splitmix64 (Sebastiano Vigna, public domain) ------------------------------------------------------------

static uint64_t state;

static uint64_t scramble(uint64_t x) {
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
    return x ^ (x >> 31);
}

static uint64_t chance(void) { return scramble(state += 0x9E3779B97F4A7C15u); }

static uint32_t below(uint32_t limit) { return (uint32_t)(((chance() >> 32) * limit) >> 32); }

// A number below `limit`, small ones far likelier: limit times the square of an even chance.
static uint32_t skewed(uint32_t limit) {
    uint64_t u = chance() >> 32;
    return (uint32_t)((((u * u) >> 32) * limit) >> 32);
}

// A size of `low` to `high` binary digits, each number of digits equally likely.
static uint64_t size_of(uint32_t low, uint32_t high) {
    uint32_t digits = low + below(high - low + 1);
    uint64_t top = UINT64_C(1) << (digits - 1);
    return top | (chance() & (top - 1));
}

// --- One connection --------------------------------------------------------------------------------------------------

struct kind {
    const char *proto, *service;
    uint16_t port;
};
static const struct kind kinds[] = {
    {"tcp", "ssl", 443}, {"tcp", "ssl", 443}, {"tcp", "ssl", 443},  {"tcp", "ssl", 443}, {"tcp", "ssl", 443},
    {"udp", "dns", 53},  {"udp", "dns", 53},  {"udp", "dns", 53},   {"tcp", "http", 80}, {"tcp", NULL, 8443},
    {"udp", "ntp", 123}, {"tcp", "smb", 445}, {"tcp", "krb_tcp", 88}, {"udp", "quic", 443},
};

struct ending {
    const char *state, *history;
};
static const struct ending tcp_endings[] = {
    {"SF", "ShADadFf"}, {"SF", "ShADadtFfR"}, {"S1", "ShADadfr"}, {"SF", "ShADadFfr"}, {"S0", "S"},
};
static const struct ending udp_ending = {"SF", "Dd"};

struct connection {
    uint64_t time, duration; // microseconds
    uint64_t out, in;        // payload
    uint32_t source, destination;
    uint16_t port;
    int answered;
    struct kind kind;
    struct ending ending;
    char uid[19];
};

// An address on the public internet. First bytes of special-purpose ranges (RFC 6890) are left out, so that every
// reader agrees that the address is outside.
static uint32_t server_address(uint32_t server) {
    static const uint8_t first[] = {11,  13,  18,  20,  23,  31,  34,  35,  37,  40,  44,  45,  46,  50,  52,  54, 62,
                                    64,  66,  69,  72,  77,  80,  82,  85,  87,  91,  93,  95,  99,  104, 108, 112,
                                    116, 119, 122, 125, 130, 134, 137, 139, 142, 146, 149, 151, 154, 157, 160, 163,
                                    165, 168, 170, 173, 176, 178, 181, 184, 188, 190, 194, 199, 204, 208, 212, 216};
    uint64_t bits = scramble(server + 1);
    return (uint32_t)first[(bits >> 32) % sizeof first] << 24 | (uint32_t)(bits & 0xFFFFFF);
}

static struct connection next_connection(uint64_t time) {
    static const char letters[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    struct connection c = {.time = time};
    uint32_t host = skewed(hosts);
    c.source = 10u << 24 | (host / 250 + 1) << 8 | (host % 250 + 1);
    c.destination = server_address(below(10) < 7 ? skewed(servers) : (host + 1) * servers + skewed(servers));
    c.kind = kinds[below(sizeof kinds / sizeof *kinds)];
    c.port = (uint16_t)(32768 + below(28000));
    c.ending = c.kind.proto[0] == 'u' ? udp_ending : tcp_endings[below(5)];
    c.answered = strcmp(c.ending.state, "S0") != 0;
    c.duration = size_of(10, 27);
    c.out = size_of(6, 16);
    c.in = size_of(6, 22);
    uint64_t bits = 0;
    c.uid[0] = 'C';
    for (int i = 1; i < 18; i++) {
        if (i % 9 == 1) bits = chance();
        c.uid[i] = letters[bits % 62];
        bits /= 62;
    }
    c.uid[18] = 0;
    return c;
}

// --- Writing ---------------------------------------------------------------------------------------------------------

static char *text(char *p, const char *s) {
    size_t n = strlen(s);
    memcpy(p, s, n);
    return p + n;
}

static char *number(char *p, uint64_t value) {
    char digits[20];
    int n = 0;
    do digits[n++] = (char)('0' + value % 10);
    while (value /= 10);
    while (n) *p++ = digits[--n];
    return p;
}

static char *seconds(char *p, uint64_t microseconds) {
    p = number(p, microseconds / 1000000);
    *p++ = '.';
    uint64_t rest = microseconds % 1000000;
    for (int i = 5; i >= 0; i--, rest /= 10) p[i] = (char)('0' + rest % 10);
    return p + 6;
}

static char *address(char *p, uint32_t a) {
    for (int shift = 24; shift >= 0; shift -= 8) {
        p = number(p, a >> shift & 255);
        if (shift) *p++ = '.';
    }
    return p;
}

// Packets of at most 1,400 bytes of payload each, one at least; 40 bytes of headers each.
static uint64_t packets(uint64_t bytes) { return 1 + bytes / 1400; }

static const char header[] =
    "#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n"
    "#path\tconn\n#open\t2024-05-01-00-00-00\n"
    "#fields\tts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto\tservice\tduration\torig_bytes\tresp_bytes\t"
    "conn_state\tlocal_orig\tlocal_resp\tmissed_bytes\thistory\torig_pkts\torig_ip_bytes\tresp_pkts\tresp_ip_bytes\t"
    "tunnel_parents\n"
    "#types\ttime\tstring\taddr\tport\taddr\tport\tenum\tstring\tinterval\tcount\tcount\tstring\tbool\tbool\tcount\t"
    "string\tcount\tcount\tcount\tcount\tset[string]\n";

static char *tsv(char *p, const struct connection *c) {
    p = seconds(p, c->time), *p++ = '\t';
    p = text(p, c->uid), *p++ = '\t';
    p = address(p, c->source), *p++ = '\t';
    p = number(p, c->port), *p++ = '\t';
    p = address(p, c->destination), *p++ = '\t';
    p = number(p, c->kind.port), *p++ = '\t';
    p = text(p, c->kind.proto), *p++ = '\t';
    p = text(p, c->kind.service ? c->kind.service : "-"), *p++ = '\t';
    if (c->answered) {
        p = seconds(p, c->duration), *p++ = '\t';
        p = number(p, c->out), *p++ = '\t';
        p = number(p, c->in), *p++ = '\t';
    } else {
        p = text(p, "-\t-\t-\t");
    }
    p = text(p, c->ending.state), p = text(p, "\tT\tF\t0\t");
    p = text(p, c->ending.history), *p++ = '\t';
    uint64_t out = c->answered ? c->out : 0, in = c->answered ? c->in : 0, back = c->answered ? packets(in) : 0;
    p = number(p, packets(out)), *p++ = '\t';
    p = number(p, out + 40 * packets(out)), *p++ = '\t';
    p = number(p, back), *p++ = '\t';
    p = number(p, in + 40 * back);
    return text(p, "\t-\n");
}

static char *json(char *p, const struct connection *c) {
    p = text(p, "{\"ts\":"), p = seconds(p, c->time);
    p = text(p, ",\"uid\":\""), p = text(p, c->uid);
    p = text(p, "\",\"id.orig_h\":\""), p = address(p, c->source);
    p = text(p, "\",\"id.orig_p\":"), p = number(p, c->port);
    p = text(p, ",\"id.resp_h\":\""), p = address(p, c->destination);
    p = text(p, "\",\"id.resp_p\":"), p = number(p, c->kind.port);
    p = text(p, ",\"proto\":\""), p = text(p, c->kind.proto);
    if (c->kind.service) p = text(p, "\",\"service\":\""), p = text(p, c->kind.service);
    *p++ = '"';
    if (c->answered) {
        p = text(p, ",\"duration\":"), p = seconds(p, c->duration);
        p = text(p, ",\"orig_bytes\":"), p = number(p, c->out);
        p = text(p, ",\"resp_bytes\":"), p = number(p, c->in);
    }
    p = text(p, ",\"conn_state\":\""), p = text(p, c->ending.state);
    p = text(p, "\",\"local_orig\":true,\"local_resp\":false,\"missed_bytes\":0,\"history\":\"");
    p = text(p, c->ending.history);
    uint64_t out = c->answered ? c->out : 0, in = c->answered ? c->in : 0, back = c->answered ? packets(in) : 0;
    p = text(p, "\",\"orig_pkts\":"), p = number(p, packets(out));
    p = text(p, ",\"orig_ip_bytes\":"), p = number(p, out + 40 * packets(out));
    p = text(p, ",\"resp_pkts\":"), p = number(p, back);
    p = text(p, ",\"resp_ip_bytes\":"), p = number(p, in + 40 * back);
    return text(p, "}\n");
}

int main(int count, char **arguments) {
    if (count < 3 || count > 4 || (strcmp(arguments[2], "tsv") && strcmp(arguments[2], "json"))) {
        fprintf(stderr, "usage: %s ROWS tsv|json [SEED]\n", arguments[0]);
        return 2;
    }
    uint64_t rows = strtoull(arguments[1], NULL, 10);
    int as_json = arguments[2][0] == 'j';
    state = scramble(count > 3 ? strtoull(arguments[3], NULL, 10) : 1);

    static char buffer[1 << 20];
    char *p = buffer, *const nearly_full = buffer + sizeof buffer - 2048;
    const uint64_t start = UINT64_C(1714521600000000), day = UINT64_C(86400000000);
    if (!as_json) p = text(p, header);
    uint64_t sum = 0;
    for (uint64_t row = 0; row < rows; row++) {
        uint64_t time = start + day / rows * row + below(1000);
        struct connection c = next_connection(time);
        if (c.answered) sum += c.out;
        p = as_json ? json(p, &c) : tsv(p, &c);
        if (p > nearly_full) {
            if (fwrite(buffer, 1, (size_t)(p - buffer), stdout) != (size_t)(p - buffer)) return perror("write"), 1;
            p = buffer;
        }
    }
    if (!as_json) p = text(p, "#close\t2024-05-02-00-00-00\n");
    if (fwrite(buffer, 1, (size_t)(p - buffer), stdout) != (size_t)(p - buffer)) return perror("write"), 1;
    if (fflush(stdout) != 0) return perror("write"), 1;
    // What left in all, for who wants to check a reader.
    fprintf(stderr, "%" PRIu64 "\n", sum);
    return 0;
}
