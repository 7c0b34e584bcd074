#include "fovea/kernels/cpu/cpu.h"

#include <cstring>

#include "fovea/kernels/cpu/elementwise.h"
#include "fovea/kernels/cpu/image.h"

namespace fovea::kernels::cpu {

namespace {

void copy_bytes(Queue&, const void* from, void* to, std::size_t bytes) {
  if (bytes > 0) std::memcpy(to, from, bytes);
}

constexpr KernelTable kTable = {
    .fill = fill,
    .copy = copy,
    .unary = unary,
    .unary_backward = unary_backward,
    .binary = binary,
    .where = where,
    .arange = arange,
    .reduce = reduce,
    .arg_extreme = arg_extreme,
    .crop_flip = crop_flip,
};

constexpr Backend kBackend = {.name = "cpu", .kernels = &kTable, .upload = copy_bytes, .download = copy_bytes};

}  // namespace

const Backend& backend() { return kBackend; }

}  // namespace fovea::kernels::cpu
