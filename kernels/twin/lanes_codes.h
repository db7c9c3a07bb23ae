/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
/* Loops from codes to numbers, for the compiler to vectorise: included by lanes_loops.h. Deliberately without an include guard. */

/* The constants of at_decode for one format. */
struct at_decoding {
    int32_t mantissa_bits, bias_up, top;
    uint32_t magnitude, sign_up, nan, payload, subnormals; /* the last two as masks of fp32 bits */
    float ulp;
};

static inline struct at_decoding decoding_of(enum at_format format)
{
    const struct at_format_info *f = &at_formats[format];
    uint32_t magnitude = (1u << (f->bits - 1)) - 1, fraction = (1u << f->mantissa_bits) - 1, ulp_bits;
    struct at_decoding d = {.mantissa_bits = f->mantissa_bits,
                            .bias_up = 127 - f->bias,
                            .top = (int32_t)(magnitude >> f->mantissa_bits),
                            .magnitude = magnitude,
                            .sign_up = 32u - (uint32_t)f->bits,
                            .nan = f->has_infinity ? 0 : fraction,
                            .payload = f->has_infinity ? UINT32_MAX : 0,
                            .subnormals = f->bias != 127 ? UINT32_MAX : 0};
    ulp_bits = (uint32_t)(f->min_exponent - f->mantissa_bits + 127) << 23;
    if (d.subnormals)
        memcpy(&d.ulp, &ulp_bits, sizeof d.ulp);
    return d;
}

/* at_decode without branches: a subnormal of a format narrower in exponent than fp32 is its fraction times the ulp. */
static inline uint32_t decoded(const struct at_decoding *d, uint32_t code)
{
    uint32_t magnitude = code & d->magnitude, sign = (code << d->sign_up) & 0x80000000u, bits;
    int32_t field = (int32_t)(magnitude >> d->mantissa_bits), widen = 23 - d->mantissa_bits;
    uint32_t fraction = magnitude & ((1u << d->mantissa_bits) - 1), wide = fraction << widen;
    float small = (float)(int32_t)fraction * d->ulp;
    memcpy(&bits, &small, sizeof bits);
    uint32_t is_small = -(uint32_t)(field == 0) & d->subnormals, quiet = (uint32_t)(fraction > 0) << 22;
    uint32_t is_special = -(uint32_t)(field == d->top) & -(uint32_t)(fraction >= d->nan);
    bits = (bits & is_small) | (((uint32_t)(field + d->bias_up) << 23 | wide) & ~is_small);
    return sign | (bits & ~is_special) | ((0x7f800000u | quiet | (wide & d->payload)) & is_special);
}

static void decode(enum at_format format, const void *codes, int64_t n, float *x)
{
    const struct at_decoding d = decoding_of(format);
    bits32 *at = (bits32 *)(void *)x;
    const uint8_t *bytes = codes;
    const uint16_t *words = codes;
    if (at_formats[format].bits == 8)
        for (int64_t i = 0; i < n; i++)
            at[i] = decoded(&d, bytes[i]);
    else
        for (int64_t i = 0; i < n; i++)
            at[i] = decoded(&d, words[i]);
}

static void decode_parts(enum at_format format, const uint8_t *codes, int64_t n, float *above, float *below, int8_t *narrow)
{
    const struct at_decoding d = decoding_of(format);
    const int32_t floor = at_formats[format].min_exponent + 127;
    for (int64_t i = 0; i < n; i++) {
        uint32_t bits = decoded(&d, codes[i]), negative = -(bits >> 31), plus = bits & ~negative, minus = bits & negative;
        int32_t field = (int32_t)(bits >> 23 & 0xff), raised = field < floor ? floor : field; /* W1a */
        int32_t e = (raised < 255 ? raised : AT_PANEL_SPECIAL + 127) - 127;
        memcpy(&above[i], &plus, sizeof plus);
        memcpy(&below[i], &minus, sizeof minus);
        narrow[i] = (int8_t)((bits & 0x7fffffffu) == 0 ? AT_PANEL_NOTHING : e); /* W2c */
    }
}

static void narrow_range(const int8_t *narrow, int64_t n, int *least, int *most)
{
    const int shift = -AT_PANEL_NOTHING - 1; /* makes 255 of AT_PANEL_NOTHING */
    uint8_t low = UINT8_MAX;
    int8_t high = INT8_MIN;
    for (int64_t i = 0; i < n; i++) {
        uint8_t shifted = (uint8_t)(narrow[i] + shift);
        low = shifted < low ? shifted : low;
        high = narrow[i] > high ? narrow[i] : high;
    }
    *least = low == UINT8_MAX ? INT8_MAX : low - shift;
    *most = high;
}
