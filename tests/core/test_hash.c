/* SPDX-License-Identifier: GPL-3.0-or-later WITH attest-cuda-exception */
/* Copyright (C) 2026 the attest authors */
#include "core/hash.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

/* FIPS 180-4 examples and NIST's million 'a'. */
static const struct {
    const char *text, *digest;
} vectors[] = {
    {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
    {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
    {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
};

static void fips_vectors(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++)
        assert_string_equal(at_sha256_of(vectors[i].text, strlen(vectors[i].text)).hex, vectors[i].digest);
}

static void a_million_letters_in_uneven_pieces(void **state)
{
    (void)state;
    char piece[997];
    memset(piece, 'a', sizeof piece);
    struct at_hasher hasher;
    at_hasher_start(&hasher);
    for (size_t left = 1000000; left > 0;) {
        size_t now = left < sizeof piece ? left : sizeof piece;
        at_hasher_add(&hasher, piece, now);
        left -= now;
    }
    assert_string_equal(at_hasher_end(&hasher).hex, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

static struct at_tensor tensor_of(enum at_format format, int64_t heads, int64_t seq, void *codes)
{
    return (struct at_tensor){format, 1, heads, seq, 2, codes};
}

/* The documented preimage, written out: name, four little-endian int64, codes. */
static void a_tensor_is_its_name_shape_and_codes(void **state)
{
    (void)state;
    uint16_t codes[4] = {0x3c00, 0x0001, 0xabcd, 0x7fff};
    unsigned char preimage[4 + 32 + 8] = {'f', 'p', '1', '6'};
    const unsigned char shape[4] = {1, 1, 2, 2};
    for (int i = 0; i < 4; i++) {
        preimage[4 + 8 * i] = shape[i];
        preimage[36 + 2 * i] = (unsigned char)(codes[i] & 0xff);
        preimage[37 + 2 * i] = (unsigned char)(codes[i] >> 8);
    }
    struct at_tensor tensor = tensor_of(AT_FP16, 1, 2, codes);
    assert_string_equal(at_sha256_of_tensor(&tensor).hex, at_sha256_of(preimage, sizeof preimage).hex);
}

static void format_shape_and_every_code_count(void **state)
{
    (void)state;
    uint16_t codes[4] = {1, 2, 3, 4};
    struct at_tensor tensor = tensor_of(AT_FP16, 1, 2, codes), other_format = tensor_of(AT_BF16, 1, 2, codes),
                     other_shape = tensor_of(AT_FP16, 2, 1, codes);
    struct at_sha256 plain = at_sha256_of_tensor(&tensor);
    assert_string_not_equal(plain.hex, at_sha256_of_tensor(&other_format).hex);
    assert_string_not_equal(plain.hex, at_sha256_of_tensor(&other_shape).hex);
    for (int i = 0; i < 4; i++) {
        codes[i] ^= 0x8000;
        assert_string_not_equal(plain.hex, at_sha256_of_tensor(&tensor).hex);
        codes[i] ^= 0x8000;
    }
    assert_string_equal(plain.hex, at_sha256_of_tensor(&tensor).hex);
}

static void qkv_depends_on_each_part_and_on_their_order(void **state)
{
    (void)state;
    uint16_t a[4] = {1, 2, 3, 4}, b[4] = {5, 6, 7, 8}, c[4] = {9, 10, 11, 12};
    struct at_qkv qkv = {tensor_of(AT_FP16, 1, 2, a), tensor_of(AT_FP16, 1, 2, b), tensor_of(AT_FP16, 1, 2, c)};
    struct at_qkv swapped = {qkv.k, qkv.q, qkv.v};
    struct at_sha256 plain = at_sha256_of_qkv(&qkv);
    assert_string_not_equal(plain.hex, at_sha256_of_qkv(&swapped).hex);
    uint16_t *const parts[] = {a, b, c};
    for (int i = 0; i < 3; i++) {
        parts[i][3] ^= 1;
        assert_string_not_equal(plain.hex, at_sha256_of_qkv(&qkv).hex);
        parts[i][3] ^= 1;
    }
    assert_int_equal(strlen(plain.hex), 64);
    assert_int_equal(strspn(plain.hex, "0123456789abcdef"), 64);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fips_vectors),
        cmocka_unit_test(a_million_letters_in_uneven_pieces),
        cmocka_unit_test(a_tensor_is_its_name_shape_and_codes),
        cmocka_unit_test(format_shape_and_every_code_count),
        cmocka_unit_test(qkv_depends_on_each_part_and_on_their_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
