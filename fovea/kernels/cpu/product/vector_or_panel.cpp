#include "fovea/kernels/cpu/product/vector_or_panel.h"

#include <algorithm>

#include "fovea/core/parallel.h"
#include "fovea/kernels/cpu/product/linear_rows.h"
#include "fovea/kernels/cpu/product/panels.h"
#include "fovea/kernels/cpu/product/small_gemm.h"
#include "fovea/kernels/cpu/rounding.h"

namespace fovea::kernels::cpu {

namespace {

using onednn::Product;

// --- A vector times a matrix ---------------------------------------------------------------------

bool is_vector_product(const Product& p) {
  return p.batch == 1 && p.m == 1 && p.a_column == 1 && p.b_row == 1;
}

void vector_product(const Product& p) {
  // A fork costs about 3 us, in which one thread reads 128 KiB.
  const std::int64_t grain = std::max<std::int64_t>((std::int64_t{32} << 10) / p.k, 4);
  parallel_for(p.n, grain, [&p](std::int64_t begin, std::int64_t end) {
    matrix_times_vector(p.b + begin * p.b_column, p.b_column, p.a,
                        p.bias ? p.bias + begin : nullptr, p.y + begin, end - begin, p.k);
  });
}

// --- A product in panels -------------------------------------------------------------------------

// Fewer rows do not pay for packing the matrix beside them.
constexpr std::int64_t kFewRows = 16;

/// Zen 4, share of peak with panels and with oneDNN, one thread, as many columns as one of two
/// threads has. x W^T: 100 x 300 of 2304 terms 93 % and 80 %, 100 x 64 of 600 terms 93 % and 74 %,
/// 32 x 512 of 1024 terms 75 % and 46 %. dy W: 100 x 1152 of 600 terms 96 % and 95 %, 64 x 512 of
/// 1024 terms 95 % and 90 %. dy^T x: 600 x 1152 of 100 terms, all in memory, 93 % and 93 %, 1024 x
/// 512 of 64 terms 93 % and 85 %. But 8 x 512 of 1024 terms 46 % and 78 %, and 10 columns of 16,
/// the rest of their vector lost, 53 % and 60 %.
bool is_panel_product(const Product& p) {
  const std::int64_t columns = round_up(p.n, gemm_lanes());
  return p.batch == 1 && p.m >= kFewRows && columns - p.n <= p.n / 8;
}

}  // namespace

bool vector_or_panel_product(const Product& product) {
  if (is_vector_product(product)) {
    vector_product(product);
  } else if (is_panel_product(product)) {
    panel_product(product);
  } else {
    return false;
  }
  return true;
}

}  // namespace fovea::kernels::cpu
