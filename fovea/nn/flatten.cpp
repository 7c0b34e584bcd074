#include "fovea/nn/flatten.h"

#include "fovea/core/error.h"
#include "fovea/nn/text.h"

namespace fovea::nn {

std::string Flatten::options_text() const {
  return str("start_dim=", start_dim_, ", end_dim=", end_dim_);
}

Tensor Unflatten::forward(const Tensor& x) {
  const int dim = wrap_dim(dim_, x.dim(), "Unflatten");
  std::int64_t known = 1;
  int unknown = -1;
  for (int i = 0; i < sizes_.ndim(); ++i) {
    if (sizes_[i] == -1 && unknown < 0)
      unknown = i;
    else
      known = checked_mul(known, sizes_[i]);
  }
  // Worked out here, since view's own -1 could hide a change of the other dimensions.
  Shape own = sizes_;
  if (unknown >= 0 && known > 0) own[unknown] = x.size(dim) / known;
  const std::int64_t product = unknown < 0 || known <= 0 ? known : known * own[unknown];
  check<ShapeError>(product == x.size(dim), "Unflatten: sizes expected to multiply to ",
                    x.size(dim), ", got ", sizes_, " (input ", x.sizes(), ", dim ", dim_, ")");
  Shape sizes;
  for (int i = 0; i < dim; ++i) sizes.push_back(x.size(i));
  for (const std::int64_t size : own) sizes.push_back(size);
  for (int i = dim + 1; i < x.dim(); ++i) sizes.push_back(x.size(i));
  return x.view(sizes);
}

std::string Unflatten::options_text() const {
  return str("dim=", dim_, ", unflattened_size=", text::tuple(sizes_));
}

}  // namespace fovea::nn
