// What the machine can do at most, measured: the yardstick that benchmarks report their share of.
#pragma once

#include <cstddef>

namespace fovea::kernels::cpu {

/// Runs fused multiply-adds that wait for nothing but the processor's arithmetic, on `threads`
/// threads for about `seconds`, and returns the rate of the best half millisecond.
/// Units    GFLOP/s: a fused multiply-add counts two.
double measure_peak_f32_gflops(int threads, double seconds);

/// As measure_peak_f32_gflops, of dot products of pairs of bf16 numbers that sum in f32: one counts
/// four operations a sum. 0 where the processor has none (see bf16.h).
double measure_peak_bf16_gflops(int threads, double seconds);

/// Streams a = b + 3 c over arrays far larger than any cache, on `threads` threads for about
/// `seconds`.
/// Units    GB/s: what the loop reads and writes, 12 bytes an element.
/// Source   McCalpin 1995, "Memory Bandwidth and Machine Balance in Current High Performance
///          Computers" (STREAM triad).
double measure_memory_gb_per_s(int threads, double seconds);

}  // namespace fovea::kernels::cpu
