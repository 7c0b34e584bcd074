#include "fovea/tensor/ops.h"
#include "fovea/tensor/ops/norm.h"
#include "fovea/tensor/ops/pad.h"
#include "fovea/tensor/ops/pool.h"
#include "fovea/tensor/trace.h"

namespace fovea {

namespace {

/// The mean of `size` neighbouring channels of a channels-last [n, c, spatial...], with zeros
/// beyond the ends.
Tensor mean_of_neighbours(const Tensor& x, std::int64_t size) {
  // In memory each pixel is a row of channels: an average over channels is a 1-D pooling of those
  // rows.
  Shape channels_to_end{0}, back{0, x.dim() - 1};
  for (int i = 2; i < x.dim(); ++i) channels_to_end.push_back(i);
  for (int i = 2; i < x.dim(); ++i) back.push_back(i - 1);
  channels_to_end.push_back(1);
  const Tensor pixels = x.permute(channels_to_end);
  const Tensor rows = pixels.view({x.numel() / x.size(1), 1, x.size(1)});
  const Tensor means =
      avg_pool1d(pad(rows, {size / 2, (size - 1) / 2}), {.kernel_size = size, .stride = 1});
  return means.view(pixels.sizes()).permute(back);
}

}  // namespace

Tensor local_response_norm(const Tensor& x, const LocalResponseNormOptions& options) {
  constexpr const char* kName = "local_response_norm";
  dispatch_float(x.dtype(), kName, [](auto) {});
  check<ShapeError>(x.dim() >= 3 && x.dim() <= 5, kName,
                    ": input expected 3 to 5 dimensions [n, c, spatial...], got ", x.dim(),
                    " (input ", x.sizes(), ")");
  check<ArgumentError>(options.size >= 1, kName, ": size expected at least 1, got ", options.size);
  if (x.numel() == 0) return x.clone();
  if (tracer() && options.size % 2 == 1) {  // ONNX's windows of even size lie differently
    return traced_whole("LRN", {x},
                        {{"size", options.size},
                         {"alpha", options.alpha},
                         {"beta", options.beta},
                         {"bias", options.k}},
                        [&] { return local_response_norm(x, options); });
  }
  const Tensor dense = x.contiguous(MemoryFormat::kChannelsLast);
  const Tensor energy = mean_of_neighbours(square(dense), options.size) * options.alpha + options.k;
  return dense * pow(energy, -options.beta);
}

}  // namespace fovea
