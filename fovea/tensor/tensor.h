// Tensor: an n-dimensional array with strides, whose copies and views share memory, and which can
// record what is done with it on the tape (tape.h).
//
// A Tensor is a handle: copying it is cheap and both copies mean the same elements. Operations are
// free functions (ops.h), the common ones members too. Shapes are logical NCHW; activations with 3
// to 5 dimensions may lie in memory channels-last, and every operation takes either.
// Threads: different handles may be used at once as long as nobody writes; a tape belongs to one
// thread.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <iosfwd>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "fovea/core/device.h"
#include "fovea/core/dtype.h"
#include "fovea/core/rng.h"
#include "fovea/core/shape.h"
#include "fovea/kernels/view.h"
#include "fovea/tensor/storage.h"

namespace fovea {

class Node;
struct PreparedValues;
struct TensorImpl;

/// How a copy of a tensor lies in memory.
enum class MemoryFormat : std::uint8_t {
  kContiguous,    ///< logical order, last dimension fastest
  kChannelsLast,  ///< channels fastest, for 3 to 5 dimensions; otherwise as kContiguous
};

/// What to make a new tensor of: `zeros({2, 3}, {.dtype = f64})`.
struct TensorOptions {
  DType dtype = f32;                 ///< element type
  Device device = default_device();  ///< where it lies
  bool requires_grad = false;        ///< record operations on it
};

/// An n-dimensional array. See the head of this file.
class Tensor {
 public:
  /// No tensor: defined() is false, and anything but assignment throws StateError.
  Tensor() = default;

  // --- What it is --------------------------------------------------------------------------------
  bool defined() const { return impl_ != nullptr; }  ///< false for a default-constructed handle
  const Shape& sizes() const;                        ///< elements a dimension
  const Shape& strides() const;                      ///< elements between neighbours, a dimension
  int dim() const { return sizes().ndim(); }         ///< number of dimensions
  /// Elements along `dim`, which may be negative.
  std::int64_t size(int dim) const;
  std::int64_t numel() const;  ///< number of elements
  DType dtype() const;         ///< element type
  Device device() const;       ///< where it lies
  /// Gapless in `format`'s order.
  bool is_contiguous(MemoryFormat format = MemoryFormat::kContiguous) const;

  // --- Values ------------------------------------------------------------------------------------
  /// The single element as T. Throws ShapeError unless numel() is 1.
  template <class T = double>
  T item() const {
    if constexpr (std::is_integral_v<T>)
      return static_cast<T>(item_integer());
    else
      return static_cast<T>(item_real());
  }
  /// All elements in logical order, converted to T.
  template <class T = float>
  std::vector<T> to_vector() const;
  /// The memory of a tensor on the CPU, for element type T. Throws DTypeError or DeviceError when
  /// it is not that. What is written there is not counted as a change: write before recording or
  /// after backward.
  template <class T>
  T* data() const {
    return static_cast<T*>(host_data(dtype_of<T>));
  }
  /// Appends `values` to a 1-D tensor (or to an undefined one), giving it new memory; amortised
  /// constant time.
  void append(double value);

  // --- Views: they share memory; gradients flow through them -------------------------------------
  Tensor operator[](std::int64_t index) const { return select(0, index); }  ///< select(0, index)
  /// One element as a 0-d view: a.at({3, 3}). Throws IndexError.
  Tensor at(std::initializer_list<std::int64_t> index) const;
  /// The same elements in logical order with another shape; one size may be -1. Shares memory when
  /// the strides allow it; otherwise (a channels-last activation, a transposed matrix) it copies.
  Tensor view(const Shape& sizes) const;
  /// The same as view.
  Tensor reshape(const Shape& sizes) const { return view(sizes); }
  /// Dimensions start_dim to end_dim (inclusive) made one.
  Tensor flatten(int start_dim = 0, int end_dim = -1) const;
  /// Dimension i of the result is dimension dims[i].
  Tensor permute(const Shape& dims) const;
  /// Two dimensions swapped.
  Tensor transpose(int dim0, int dim1) const;
  /// Transposed matrix. Throws ShapeError unless 2-D.
  Tensor t() const;
  /// Elements start, start + step, ... below end along `dim`; negative positions count from the
  /// end, and positions outside are clamped, as in Python. Requires step > 0.
  Tensor slice(int dim, std::int64_t start, std::int64_t end = INT64_MAX,
               std::int64_t step = 1) const;
  /// `length` elements from `start` along `dim`. Throws IndexError outside.
  Tensor narrow(int dim, std::int64_t start, std::int64_t length) const;
  /// Position `index` of `dim`, which goes away. Negative counts from the end.
  Tensor select(int dim, std::int64_t index) const;
  /// Without dimensions of size 1; or without `dim` if its size is 1.
  Tensor squeeze() const;
  Tensor squeeze(int dim) const;  ///< see squeeze()
  /// With a dimension of size 1 before `dim`.
  Tensor unsqueeze(int dim) const;
  /// Dimensions of size 1 repeated without copying; -1 keeps a size; leading dimensions may be new.
  Tensor expand(const Shape& sizes) const;

  // --- Copies ------------------------------------------------------------------------------------
  /// This tensor if it already lies so, else a copy.
  Tensor contiguous(MemoryFormat format = MemoryFormat::kContiguous) const;
  /// A copy with memory of its own, on the tape.
  Tensor clone() const;
  /// Converted; this tensor when nothing changes. Floating point to integer truncates.
  Tensor to(DType dtype) const;
  /// Moved to another device; this tensor when it is there already.
  Tensor to(Device device) const;

  // --- Changes in place --------------------------------------------------------------------------
  // Not recorded: StateError when recording is on and this tensor or an operand requires grad.
  Tensor& fill_(double value);          ///< every element becomes `value`
  Tensor& zero_() { return fill_(0); }  ///< every element becomes 0
  Tensor& copy_(const Tensor& source);  ///< elements of `source`, broadcast and converted
  Tensor& add_(const Tensor& other, double alpha = 1);  ///< this += alpha * other
  Tensor& mul_(const Tensor& other);                    ///< this *= other, elementwise
  Tensor& mul_(double factor);                          ///< this *= factor
  /// Another shape, keeping the first values in logical order; new elements at the end are zero.
  Tensor& resize_(const Shape& sizes);

  // --- Gradients ---------------------------------------------------------------------------------
  bool requires_grad() const;  ///< true when operations on it are recorded
  /// Starts or stops recording on a leaf; returns *this. Throws DTypeError unless f32 or f64,
  /// StateError on a result.
  Tensor& set_requires_grad(bool value = true);
  bool is_leaf() const;  ///< not the result of a recorded operation
  /// The gradient that backward accumulated; undefined before.
  Tensor grad() const;
  /// Replaces the gradient; an undefined tensor clears it.
  void set_grad(const Tensor& grad);
  /// Gives gradients a place: backward's next gradient is written into `buffer` (same sizes and
  /// dtype), later ones are added. Until then grad() is undefined. Optimisers use it to keep
  /// gradients in one block.
  void set_grad_buffer(const Tensor& buffer);
  /// Forgets the gradient but keeps its buffer.
  void zero_grad();
  /// Adds the gradient of this tensor to every leaf it was computed from. `gradient` may be left
  /// out for one element. Frees the tape behind it unless retain_graph. Throws StateError when a
  /// saved value was changed in place.
  void backward(const Tensor& gradient = {}, bool retain_graph = false) const;
  /// The same elements, not on the tape; shares memory.
  Tensor detach() const;

  // --- Arithmetic, broadcast as in NumPy: see ops.h ----------------------------------------------
  Tensor operator-() const;                                    ///< negated
  Tensor sum() const;                                          ///< of all elements
  Tensor sum(const Shape& dims, bool keepdim = false) const;   ///< along dims
  Tensor mean() const;                                         ///< of all elements
  Tensor mean(const Shape& dims, bool keepdim = false) const;  ///< along dims
  Tensor max() const;                                          ///< largest element
  Tensor min() const;                                          ///< smallest element
  /// First index of the largest element along dim, i64.
  Tensor argmax(int dim) const;
  Tensor exp() const;                        ///< e^x
  Tensor log() const;                        ///< natural logarithm
  Tensor sqrt() const;                       ///< square root
  Tensor matmul(const Tensor& other) const;  ///< matrix product

  /// As NumPy prints arrays.
  std::string to_string() const;

  // --- For operations: not for users -------------------------------------------------------------
  /// Wraps an implementation.
  explicit Tensor(std::shared_ptr<TensorImpl> impl) : impl_(std::move(impl)) {}
  /// The implementation.
  const std::shared_ptr<TensorImpl>& impl() const { return impl_; }
  /// What a kernel sees. Operations check devices first.
  kernels::View kernel_view() const;
  /// What a kernel sees; with no tensor, the absent view that kernels take for optional operands.
  static kernels::View optional_view(const Tensor& tensor);

 private:
  const TensorImpl& checked() const;
  void* host_data(DType dtype) const;
  double item_real() const;
  std::int64_t item_integer() const;

  std::shared_ptr<TensorImpl> impl_;
};

/// The tape's tensor by its older name.
using Variable = Tensor;
/// Several tensors.
using Tensors = std::vector<Tensor>;

/// What a handle points to. Operations use it; users do not.
struct TensorImpl {
  std::shared_ptr<Storage> storage;  ///< the memory, shared by views
  std::int64_t offset = 0;           ///< first element, counted in elements
  Shape sizes;                       ///< elements a dimension
  Shape strides;                     ///< elements between neighbours, a dimension
  DType dtype = f32;                 ///< element type
  bool requires_grad = false;        ///< on the tape
  bool grad_is_stale = true;         ///< grad holds no gradient yet, only a place for one
  std::shared_ptr<Node> grad_fn;     ///< the recorded operation that made it; null for a leaf
  std::shared_ptr<TensorImpl> grad;  ///< gradient or its buffer
  std::shared_ptr<PreparedValues> prepared;  ///< see prepared.h; null: nothing
};

/// Prints as NumPy prints arrays.
std::ostream& operator<<(std::ostream& out, const Tensor& tensor);

// --- Making tensors ------------------------------------------------------------------------------

Tensor empty(const Shape& sizes, TensorOptions options = {},
             MemoryFormat format = MemoryFormat::kContiguous);  ///< uninitialised
/// Uninitialised, the same in all but values, laid out alike.
Tensor empty_like(const Tensor& like);
Tensor zeros(const Shape& sizes, TensorOptions options = {});  ///< all 0
/// All 0, laid out alike.
Tensor zeros_like(const Tensor& like);
Tensor ones(const Shape& sizes, TensorOptions options = {});  ///< all 1
/// All 1, laid out alike.
Tensor ones_like(const Tensor& like);
Tensor full(const Shape& sizes, double value, TensorOptions options = {});  ///< all `value`
Tensor scalar(double value, TensorOptions options = {});                    ///< 0-d
/// start, start + step, ... below end, 1-D; i64 unless told otherwise. Throws ArgumentError when
/// step is 0 or wrong in sign.
Tensor arange(double start, double end, double step = 1, TensorOptions options = {.dtype = i64});
/// 0, 1, ... below end.
Tensor arange(double end, TensorOptions options = {.dtype = i64});
/// Identity matrix.
Tensor eye(std::int64_t n, TensorOptions options = {});
/// Uniform in [0, 1).
Tensor rand(const Shape& sizes, TensorOptions options = {},
            Generator& generator = default_generator());
/// Standard normal.
Tensor randn(const Shape& sizes, TensorOptions options = {},
             Generator& generator = default_generator());
/// Whole numbers drawn from [low, high); i64 unless told otherwise.
Tensor randint(std::int64_t low, std::int64_t high, const Shape& sizes,
               TensorOptions options = {.dtype = i64}, Generator& generator = default_generator());
/// One whole number drawn from [0, n).
std::int64_t randint(std::int64_t n, Generator& generator = default_generator());
/// 0 to n-1 in random order, i64.
Tensor randperm(std::int64_t n, Generator& generator = default_generator());

/// From values in logical order. Throws ShapeError unless their number fits.
template <class T>
Tensor from_data(std::span<const T> values, const Shape& sizes, Device device = default_device());
/// From values in logical order. Throws ShapeError unless their number fits.
template <class T>
Tensor from_data(const std::vector<T>& values, const Shape& sizes,
                 Device device = default_device()) {
  return from_data(std::span<const T>(values), sizes, device);
}
/// From raw bytes in logical order. Throws ShapeError unless their number fits.
Tensor from_bytes(std::span<const std::byte> bytes, const Shape& sizes, DType dtype,
                  Device device = default_device());
/// The elements' bytes in logical order, on the host.
std::vector<std::byte> to_bytes(const Tensor& tensor);
/// A matrix of nested lists, f32: tensor({{1, 2}, {3, 4}}). Throws ShapeError when rows differ in
/// length.
Tensor tensor(std::initializer_list<std::initializer_list<double>> rows,
              TensorOptions options = {});
/// A 1-D tensor of numbers, f32 unless the options say otherwise.
Tensor tensor_of(std::span<const double> values, TensorOptions options = {});
/// A number of a list of them. To make one of {1} takes a conversion, which a row of a matrix does
/// not: so tensor({{1}, {2}}) is a column.
struct ListedNumber {
  double value;  ///< the number
  /// Any number will do.
  ListedNumber(double number) : value(number) {}  // NOLINT(google-explicit-constructor)
};
/// A 1-D tensor of a list, f32: tensor({1, 2, 3}).
Tensor tensor(std::initializer_list<ListedNumber> values, TensorOptions options = {});
/// A 1-D tensor of a list that has a name.
template <std::same_as<double> Number>
Tensor tensor(const std::initializer_list<Number>& values, TensorOptions options = {}) {
  return tensor_of({values.begin(), values.size()}, options);
}

}  // namespace fovea
