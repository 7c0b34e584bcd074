#include "fovea/kernels/cpu/loss/softmax.h"

#include <algorithm>
#include <initializer_list>

#include "fovea/kernels/cpu/loss/softmax_rows.h"
#include "fovea/kernels/cpu/scratch.h"
#include "fovea/kernels/reference/softmax.h"

namespace fovea::kernels::cpu {

namespace {

using reference::Walker;
using reference::without;

// An element costs about 1 ns, a fork about 3 us.
constexpr std::int64_t kElementGrain = 4096;

/// Values between neighbours of a row along `dim`.
std::int64_t row_stride(const ConstView& view, int dim) {
  return view.size(dim) == 1 ? 1 : view.strides[dim];
}

/// Calls `f(begin, end, buffers)` in parallel for the rows of `views` along `dim`. There is a
/// buffer of a row's length for each view whose rows lie apart.
template <class F>
void parallel_rows(std::initializer_list<ConstView> views, int dim, const F& f) {
  const ConstView& x = *views.begin();
  const std::int64_t length = x.size(dim);
  if (length == 0) return;
  const auto apart = std::count_if(views.begin(), views.end(), [dim](const ConstView& view) {
    return row_stride(view, dim) != 1;
  });
  parallel_with_scratch(x.numel() / length, std::max<std::int64_t>(kElementGrain / length, 1),
                        apart * length, f);
}

/// The rows of a view along a dimension, one after the other. A row whose elements lie apart is
/// read into a buffer, which is taken off the front of `buffers`.
class DimRows {
 public:
  DimRows(const ConstView& view, int dim, std::int64_t begin, float*& buffers)
      : data_(view.as<float>()),
        count_(view.size(dim)),
        stride_(row_stride(view, dim)),
        walker_(without(view.sizes, dim), without(view.strides, dim), begin),
        buffer_(buffers) {
    if (stride_ != 1) buffers += count_;
  }

  /// The present row, dense.
  const float* read() {
    const float* row = data_ + walker_.offset();
    if (stride_ == 1) return row;
    for (std::int64_t i = 0; i < count_; ++i) buffer_[i] = row[i * stride_];
    return buffer_;
  }
  /// Where to write the present row, dense; `commit` puts it where it belongs.
  float* write_place(float* data) { return stride_ == 1 ? data + walker_.offset() : buffer_; }
  /// See write_place.
  void commit(float* data) const {
    if (stride_ == 1) return;
    float* row = data + walker_.offset();
    for (std::int64_t i = 0; i < count_; ++i) row[i * stride_] = buffer_[i];
  }
  /// Goes to the next row.
  void next() { walker_.next(); }

 private:
  const float* data_;
  std::int64_t count_;
  std::int64_t stride_;
  Walker walker_;
  float* buffer_;
};

}  // namespace

void softmax(Queue&, bool log, ConstView x, int dim, View y) {
  parallel_rows({x, y}, dim, [&](std::int64_t begin, std::int64_t end, float* buffers) {
    if (x.dtype == f64) return reference::softmax<double>(log, x, dim, y, begin, end);
    DimRows from(x, dim, begin, buffers), to(y, dim, begin, buffers);
    for (std::int64_t row = begin; row < end; ++row, from.next(), to.next()) {
      softmax_row(log, from.read(), to.write_place(y.as<float>()), x.size(dim));
      to.commit(y.as<float>());
    }
  });
}

void softmax_backward(Queue&, bool log, ConstView dy, ConstView y, int dim, View dx) {
  parallel_rows({y, dy, dx}, dim, [&](std::int64_t begin, std::int64_t end, float* buffers) {
    if (y.dtype == f64) return reference::softmax_backward<double>(log, dy, y, dim, dx, begin, end);
    DimRows gradient(dy, dim, begin, buffers), value(y, dim, begin, buffers),
        to(dx, dim, begin, buffers);
    for (std::int64_t row = begin; row < end; ++row, gradient.next(), value.next(), to.next()) {
      softmax_backward_row(log, gradient.read(), value.read(), to.write_place(dx.as<float>()),
                           y.size(dim));
      to.commit(dx.as<float>());
    }
  });
}

}  // namespace fovea::kernels::cpu
