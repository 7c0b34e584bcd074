#include "fovea/kernels/cpu/cpu.h"

#include <cstring>
#include <string>

#include "fovea/core/error.h"
#include "fovea/kernels/cpu/conv/block.h"
#include "fovea/kernels/cpu/conv/conv.h"
#include "fovea/kernels/cpu/elementwise/elementwise.h"
#include "fovea/kernels/cpu/elementwise/image.h"
#include "fovea/kernels/cpu/elementwise/index.h"
#include "fovea/kernels/cpu/elementwise/optimizer.h"
#include "fovea/kernels/cpu/elementwise/vector_rows.h"
#include "fovea/kernels/cpu/loss/cross_entropy.h"
#include "fovea/kernels/cpu/loss/softmax.h"
#include "fovea/kernels/cpu/norm/batch_norm.h"
#include "fovea/kernels/cpu/norm/norm_pool.h"
#include "fovea/kernels/cpu/onednn/version.h"
#include "fovea/kernels/cpu/peak.h"
#include "fovea/kernels/cpu/pool/pool.h"
#include "fovea/kernels/cpu/product/bf16.h"
#include "fovea/kernels/cpu/product/linear.h"
#include "fovea/kernels/cpu/product/matmul.h"
#include "fovea/kernels/cpu/random/random.h"

namespace fovea::kernels::cpu {

namespace {

void copy_bytes(Queue&, const void* from, void* to, std::size_t bytes) {
  if (bytes > 0) std::memcpy(to, from, bytes);
}

#define FOVEA_ENTRY(name) .name = name,
constexpr KernelTable kTable = {FOVEA_KERNELS(FOVEA_ENTRY, FOVEA_ENTRY)};
#undef FOVEA_ENTRY

bool can(const Queue&, Feature feature) {
  switch (feature) {
    case Feature::kF64:
      return true;
    case Feature::kBf16Products:
      return has_bf16_products();
  }
  no_case_for("can", feature);
}

Facts facts() {
  const std::string target = vector_target();
  // Highway's names of the sets that others call AVX-512 all begin so.
  const bool is_avx512 = target.starts_with("AVX3");
  return {{"instructions", is_avx512 ? "AVX-512" : target},
          {"oneDNN", onednn::version()},
          {"Highway", highway_version()}};
}

double measure(Queue&, Peak peak, int threads, double seconds) {
  switch (peak) {
    case Peak::kF32:
      return measure_peak_f32_gflops(threads, seconds);
    case Peak::kBf16:
      return measure_peak_bf16_gflops(threads, seconds);
    case Peak::kMemory:
      return measure_memory_gb_per_s(threads, seconds);
  }
  no_case_for("measure", peak);
}

}  // namespace

// Neither is ever destroyed: tensors with static lifetime may outlive every other static object.
CachingAllocator& allocator() {
  static auto* const instance = new CachingAllocator;
  return *instance;
}

Queue& queue() {
  static auto* const instance = new Queue(allocator());
  return *instance;
}

const Backend& backend() {
  static Queue* const queues[] = {&queue()};
  static const Backend instance = {.name = "cpu",
                                   .kernels = &kTable,
                                   .queues = queues,
                                   .can = can,
                                   .upload = copy_bytes,
                                   .download = copy_bytes,
                                   .facts = facts,
                                   .measure = measure};
  return instance;
}

}  // namespace fovea::kernels::cpu
