#include "fovea/kernels/cpu/product/bf16_rows.h"

#include <cassert>

#include "fovea/kernels/cpu/product/bf16.h"
#include "hwy/highway.h"
#include "hwy/targets.h"

// Highway's release in Debian has no target with bf16 dot products, so these are intrinsics.
#if HWY_ARCH_X86_64 && (HWY_COMPILER_GCC_ACTUAL >= 1000 || HWY_COMPILER_CLANG >= 900)

// GCC 12 warns about its own header's undefined registers: bug 105593 of GCC.
#pragma GCC diagnostic ignored "-Wuninitialized"
#if !HWY_COMPILER_CLANG
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif
#include <immintrin.h>

#define FOVEA_BF16 __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512bf16,avx2,fma")))

namespace fovea::kernels::cpu {

bool has_bf16_products() {
  static const bool cpu_has = __builtin_cpu_supports("avx512bf16") != 0;
  // Highway knows whether the system saves the wide registers, and what tests have forbidden.
  return cpu_has && (hwy::SupportedTargets() & (HWY_AVX3 | HWY_AVX3_DL)) != 0;
}

namespace {

/// The lanes i < count.
FOVEA_BF16 inline __mmask16 first(std::int64_t count) {
  return count >= kBf16Lanes ? __mmask16{0xffff}
                             : static_cast<__mmask16>((1u << (count > 0 ? count : 0)) - 1);
}

/// Up to 16 numbers as the lower halves of their lanes.
FOVEA_BF16 inline __m512i lower_halves(const float* x, __mmask16 mask) {
  const __m256bh rounded = _mm512_cvtneps_pbh(_mm512_maskz_loadu_ps(mask, x));
  return _mm512_cvtepu16_epi32(reinterpret_cast<const __m256i&>(rounded));
}
FOVEA_BF16 inline __m512i lower_halves(const bf16_t* x, __mmask16 mask) {
  return _mm512_cvtepu16_epi32(_mm256_maskz_loadu_epi16(mask, x));
}

template <class T>
FOVEA_BF16 void pair_any_rows(const T* x, std::int64_t stride, std::int64_t rows,
                              std::int64_t columns, Bf16Pair* y, std::int64_t width) {
  for (std::int64_t s = 0; 2 * s < rows; ++s) {
    const T* upper = x + 2 * s * stride;
    const bool both = 2 * s + 1 < rows;
    for (std::int64_t j = 0; j < width; j += kBf16Lanes) {
      const __mmask16 mask = first(columns - j);
      __m512i pair = lower_halves(upper + j, mask);
      if (both) {
        pair = _mm512_or_si512(pair, _mm512_slli_epi32(lower_halves(upper + stride + j, mask), 16));
      }
      _mm512_mask_storeu_epi32(y + s * width + j, first(width - j), pair);
    }
  }
}

/// A block of 16 x 16 pairs, transposed: in each quarter of the registers, then the quarters.
FOVEA_BF16 inline void transpose_block(const Bf16Pair* x, std::int64_t stride, std::int64_t rows,
                                       __mmask16 columns, Bf16Pair* y, std::int64_t width,
                                       std::int64_t steps) {
  __m512i r[16], t[16];
  for (int i = 0; i < 16; ++i) {
    r[i] = i < rows ? _mm512_maskz_loadu_epi32(columns, x + i * stride) : _mm512_setzero_si512();
  }
  for (int i = 0; i < 16; i += 2) {
    t[i] = _mm512_unpacklo_epi32(r[i], r[i + 1]);
    t[i + 1] = _mm512_unpackhi_epi32(r[i], r[i + 1]);
  }
  for (int i = 0; i < 16; i += 4) {
    r[i] = _mm512_unpacklo_epi64(t[i], t[i + 2]);
    r[i + 1] = _mm512_unpackhi_epi64(t[i], t[i + 2]);
    r[i + 2] = _mm512_unpacklo_epi64(t[i + 1], t[i + 3]);
    r[i + 3] = _mm512_unpackhi_epi64(t[i + 1], t[i + 3]);
  }
  for (int half = 0; half < 16; half += 8) {
    for (int i = half; i < half + 4; ++i) {
      t[i] = _mm512_shuffle_i32x4(r[i], r[i + 4], 0x88);
      t[i + 4] = _mm512_shuffle_i32x4(r[i], r[i + 4], 0xdd);
    }
  }
  for (int i = 0; i < 8; ++i) {
    r[i] = _mm512_shuffle_i32x4(t[i], t[i + 8], 0x88);
    r[i + 8] = _mm512_shuffle_i32x4(t[i], t[i + 8], 0xdd);
  }
  for (int i = 0; i < 16; ++i) {
    if (i < steps) _mm512_storeu_si512(y + i * width, r[i]);
  }
}

template <int kRows, int kVectors>
FOVEA_BF16 void multiply(std::int64_t pairs, const PairMatrix& a, const Bf16Pair* b,
                         const Rows<const float>& start, const Rows<float>& c) {
  __m512 sum[kRows][kVectors];
  for (int i = 0; i < kRows; ++i) {
    for (int j = 0; j < kVectors; ++j)
      sum[i][j] = _mm512_loadu_ps(start.data + i * start.stride + j * kBf16Lanes);
  }
  const Bf16Pair* left = a.data;
  for (std::int64_t s = 0; s < pairs; ++s) {
    __m512i right[kVectors];
    for (int j = 0; j < kVectors; ++j) right[j] = _mm512_loadu_si512(b + j * kBf16Lanes);
    for (int i = 0; i < kRows; ++i) {
      const __m512i row = _mm512_set1_epi32(static_cast<int>(left[i * a.row_stride]));
      for (int j = 0; j < kVectors; ++j) {
        sum[i][j] = _mm512_dpbf16_ps(sum[i][j], reinterpret_cast<const __m512bh&>(row),
                                     reinterpret_cast<const __m512bh&>(right[j]));
      }
    }
    left += a.step_stride;
    b += kVectors * kBf16Lanes;
  }
  for (int i = 0; i < kRows; ++i) {
    for (int j = 0; j < kVectors; ++j)
      _mm512_storeu_ps(c.data + i * c.stride + j * kBf16Lanes, sum[i][j]);
  }
}

/// multiply for a number of rows that is known when the program runs.
template <int kRows, int kVectors>
FOVEA_BF16 void multiply_rows(std::int64_t rows, std::int64_t pairs, const PairMatrix& a,
                              const Bf16Pair* b, const Rows<const float>& start,
                              const Rows<float>& c) {
  if constexpr (kRows > 0) {
    if (rows == kRows) return multiply<kRows, kVectors>(pairs, a, b, start, c);
    multiply_rows<kRows - 1, kVectors>(rows, pairs, a, b, start, c);
  }
}

}  // namespace

FOVEA_BF16 void round_row(const float* x, std::int64_t count, bf16_t* y) {
  for (std::int64_t i = 0; i < count; i += kBf16Lanes) {
    const __mmask16 mask = first(count - i);
    const __m256bh rounded = _mm512_cvtneps_pbh(_mm512_maskz_loadu_ps(mask, x + i));
    _mm256_mask_storeu_epi16(y + i, mask, reinterpret_cast<const __m256i&>(rounded));
  }
}

void pair_rows(const float* x, std::int64_t stride, std::int64_t rows, std::int64_t columns,
               Bf16Pair* y, std::int64_t width) {
  pair_any_rows(x, stride, rows, columns, y, width);
}

void pair_rows(const bf16_t* x, std::int64_t stride, std::int64_t rows, std::int64_t columns,
               Bf16Pair* y, std::int64_t width) {
  pair_any_rows(x, stride, rows, columns, y, width);
}

FOVEA_BF16 void transpose_pairs(const Bf16Pair* x, std::int64_t stride, std::int64_t pairs,
                                std::int64_t columns, Bf16Pair* y, std::int64_t width) {
  for (std::int64_t s = 0; s < pairs; s += kBf16Lanes) {
    for (std::int64_t j = 0; j < width; j += kBf16Lanes) {
      transpose_block(x + j * stride + s, stride, columns - j, first(pairs - s), y + s * width + j,
                      width, pairs - s);
    }
  }
}

void multiply_pairs(std::int64_t rows, std::int64_t vectors, std::int64_t pairs,
                    const PairMatrix& a, const Bf16Pair* b, const Rows<const float>& start,
                    const Rows<float>& c) {
  if (vectors == 2) return multiply_rows<kBf16Rows, 2>(rows, pairs, a, b, start, c);
  assert(vectors == 1);
  multiply_rows<kBf16Rows, 1>(rows, pairs, a, b, start, c);
}

FOVEA_BF16 double pair_chains(std::int64_t rounds, float seed, float* sum) {
  constexpr int kChains = 12;  // as in peak.cpp
  const __m512i zeros = _mm512_set1_epi32(seed < 0 ? 1 : 0);
  __m512 chain[kChains];
  for (int i = 0; i < kChains; ++i) chain[i] = _mm512_set1_ps(seed + static_cast<float>(i));
  for (std::int64_t round = 0; round < rounds; ++round) {
#pragma GCC unroll 12
    for (int i = 0; i < kChains; ++i) {
      chain[i] = _mm512_dpbf16_ps(chain[i], reinterpret_cast<const __m512bh&>(zeros),
                                  reinterpret_cast<const __m512bh&>(zeros));
    }
  }
  for (int i = 1; i < kChains; ++i) chain[0] = _mm512_add_ps(chain[0], chain[i]);
  *sum = _mm512_cvtss_f32(chain[0]);
  return 4.0 * kChains * static_cast<double>(rounds * kBf16Lanes);
}

}  // namespace fovea::kernels::cpu

#else  // no compiler or processor for it: nobody may call these

namespace fovea::kernels::cpu {

bool has_bf16_products() { return false; }

void round_row(const float*, std::int64_t, bf16_t*) { assert(false); }
void pair_rows(const float*, std::int64_t, std::int64_t, std::int64_t, Bf16Pair*, std::int64_t) {
  assert(false);
}
void pair_rows(const bf16_t*, std::int64_t, std::int64_t, std::int64_t, Bf16Pair*, std::int64_t) {
  assert(false);
}
void transpose_pairs(const Bf16Pair*, std::int64_t, std::int64_t, std::int64_t, Bf16Pair*,
                     std::int64_t) {
  assert(false);
}
void multiply_pairs(std::int64_t, std::int64_t, std::int64_t, const PairMatrix&, const Bf16Pair*,
                    const Rows<const float>&, const Rows<float>&) {
  assert(false);
}
double pair_chains(std::int64_t, float, float*) { return 0; }

}  // namespace fovea::kernels::cpu

#endif
