#include "fovea/kernels/cpu/loss/softmax.h"

#include <algorithm>
#include <vector>

#include "fovea/core/parallel.h"
#include "fovea/kernels/cpu/loss/softmax_rows.h"
#include "fovea/kernels/reference/softmax.h"

namespace fovea::kernels::cpu {

namespace {

using reference::Walker;
using reference::without;

// An element costs about 1 ns, a fork about 3 us.
constexpr std::int64_t kElementGrain = 4096;

/// Calls `f(begin, end)` in parallel for the rows of `x` along `dim`.
template <class F>
void parallel_rows(const ConstView& x, int dim, const F& f) {
  const std::int64_t length = x.size(dim);
  if (length == 0) return;
  parallel_for(x.numel() / length, std::max<std::int64_t>(kElementGrain / length, 1), f);
}

/// The rows of a view along a dimension, one after the other. A row whose elements lie apart is
/// read into a buffer.
class DimRows {
 public:
  DimRows(const ConstView& view, int dim, std::int64_t begin)
      : data_(view.as<float>()),
        count_(view.size(dim)),
        stride_(count_ == 1 ? 1 : view.strides[dim]),
        walker_(without(view.sizes, dim), without(view.strides, dim), begin),
        buffer_(stride_ == 1 ? 0 : static_cast<std::size_t>(count_)) {}

  /// The present row, dense.
  const float* read() {
    const float* row = data_ + walker_.offset();
    if (stride_ == 1) return row;
    for (std::int64_t i = 0; i < count_; ++i)
      buffer_[static_cast<std::size_t>(i)] = row[i * stride_];
    return buffer_.data();
  }
  /// Where to write the present row, dense; `commit` puts it where it belongs.
  float* write_place(float* data) {
    return stride_ == 1 ? data + walker_.offset() : buffer_.data();
  }
  /// See write_place.
  void commit(float* data) const {
    if (stride_ == 1) return;
    float* row = data + walker_.offset();
    for (std::int64_t i = 0; i < count_; ++i)
      row[i * stride_] = buffer_[static_cast<std::size_t>(i)];
  }
  /// Goes to the next row.
  void next() { walker_.next(); }

 private:
  const float* data_;
  std::int64_t count_;
  std::int64_t stride_;
  Walker walker_;
  std::vector<float> buffer_;
};

}  // namespace

void softmax(Queue&, bool log, ConstView x, int dim, View y) {
  parallel_rows(x, dim, [&](std::int64_t begin, std::int64_t end) {
    if (x.dtype == f64) return reference::softmax<double>(log, x, dim, y, begin, end);
    DimRows from(x, dim, begin), to(y, dim, begin);
    for (std::int64_t row = begin; row < end; ++row, from.next(), to.next()) {
      softmax_row(log, from.read(), to.write_place(y.as<float>()), x.size(dim));
      to.commit(y.as<float>());
    }
  });
}

void softmax_backward(Queue&, bool log, ConstView dy, ConstView y, int dim, View dx) {
  parallel_rows(y, dim, [&](std::int64_t begin, std::int64_t end) {
    if (y.dtype == f64) return reference::softmax_backward<double>(log, dy, y, dim, dx, begin, end);
    DimRows gradient(dy, dim, begin), value(y, dim, begin), to(dx, dim, begin);
    for (std::int64_t row = begin; row < end; ++row, gradient.next(), value.next(), to.next()) {
      softmax_backward_row(log, gradient.read(), value.read(), to.write_place(dx.as<float>()),
                           y.size(dim));
      to.commit(dx.as<float>());
    }
  });
}

}  // namespace fovea::kernels::cpu
