#include "fovea/kernels/cpu/cpu.h"

#include <cstring>

#include "fovea/kernels/cpu/conv/block.h"
#include "fovea/kernels/cpu/conv/conv.h"
#include "fovea/kernels/cpu/elementwise/elementwise.h"
#include "fovea/kernels/cpu/elementwise/image.h"
#include "fovea/kernels/cpu/elementwise/index.h"
#include "fovea/kernels/cpu/elementwise/optimizer.h"
#include "fovea/kernels/cpu/loss/cross_entropy.h"
#include "fovea/kernels/cpu/loss/softmax.h"
#include "fovea/kernels/cpu/norm/batch_norm.h"
#include "fovea/kernels/cpu/norm/norm_pool.h"
#include "fovea/kernels/cpu/pool/pool.h"
#include "fovea/kernels/cpu/product/linear.h"
#include "fovea/kernels/cpu/product/matmul.h"
#include "fovea/kernels/cpu/random/random.h"

namespace fovea::kernels::cpu {

namespace {

void copy_bytes(Queue&, const void* from, void* to, std::size_t bytes) {
  if (bytes > 0) std::memcpy(to, from, bytes);
}

#define FOVEA_ENTRY(name) .name = name,
constexpr KernelTable kTable = {FOVEA_KERNELS(FOVEA_ENTRY)};
#undef FOVEA_ENTRY

constexpr Backend kBackend = {
    .name = "cpu", .kernels = &kTable, .upload = copy_bytes, .download = copy_bytes};

}  // namespace

const Backend& backend() { return kBackend; }

}  // namespace fovea::kernels::cpu
