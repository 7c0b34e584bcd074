// Functions that make tensors.

#include <algorithm>
#include <cmath>
#include <numeric>

#include "fovea/kernels/kernels.h"
#include "fovea/tensor/tape.h"
#include "fovea/tensor/tensor.h"

namespace fovea {

using kernels::Distribution;
using kernels::KernelTable;

namespace {

Tensor with_grad(Tensor tensor, const TensorOptions& options) {
  if (options.requires_grad) tensor.set_requires_grad();
  return tensor;
}

/// Everything but requires_grad, which is set when the values are in.
TensorOptions without_grad(TensorOptions options) {
  options.requires_grad = false;
  return options;
}

Tensor random(const char* operation, Distribution distribution, double a, double b,
              const Shape& sizes, const TensorOptions& options, Generator& generator) {
  check<DeviceError>(generator.device() == options.device || generator.device().is_cpu(), operation,
                     ": generator expected on ", options.device, ", got ", generator.device());
  Tensor y = empty(sizes, without_grad(options));
  kernels::launch(options.device, &KernelTable::random, distribution, a, b, generator.next(),
                  y.kernel_view());
  return with_grad(y, options);
}

}  // namespace

Tensor empty(const Shape& sizes, TensorOptions options, MemoryFormat format) {
  auto impl = std::make_shared<TensorImpl>();
  const std::int64_t bytes =
      checked_mul(sizes.numel(), static_cast<std::int64_t>(size_of(options.dtype)));
  impl->storage = std::make_shared<Storage>(static_cast<std::size_t>(bytes), options.device);
  impl->sizes = sizes;
  impl->strides = format == MemoryFormat::kChannelsLast ? channels_last_strides(sizes)
                                                        : contiguous_strides(sizes);
  impl->dtype = options.dtype;
  return with_grad(Tensor(std::move(impl)), options);
}

Tensor empty_like(const Tensor& like) {
  const bool channels_last =
      !like.is_contiguous() && like.is_contiguous(MemoryFormat::kChannelsLast);
  return empty(like.sizes(), {.dtype = like.dtype(), .device = like.device()},
               channels_last ? MemoryFormat::kChannelsLast : MemoryFormat::kContiguous);
}

Tensor full(const Shape& sizes, double value, TensorOptions options) {
  Tensor y = empty(sizes, without_grad(options));
  y.fill_(value);
  return with_grad(y, options);
}

Tensor zeros(const Shape& sizes, TensorOptions options) { return full(sizes, 0, options); }
Tensor ones(const Shape& sizes, TensorOptions options) { return full(sizes, 1, options); }
Tensor zeros_like(const Tensor& like) { return empty_like(like).fill_(0); }
Tensor ones_like(const Tensor& like) { return empty_like(like).fill_(1); }
Tensor scalar(double value, TensorOptions options) { return full({}, value, options); }

Tensor arange(double start, double end, double step, TensorOptions options) {
  const double length = std::ceil((end - start) / step);
  check<ArgumentError>(std::isfinite(length) && length >= 0,
                       "arange: step expected to lead from start to end, got ", step, " (start ",
                       start, ", end ", end, ")");
  check<ArgumentError>(length <= 0x1p53, "arange: length expected at most 2^53, got ", length);
  Tensor y = empty({static_cast<std::int64_t>(length)}, without_grad(options));
  kernels::launch(options.device, &KernelTable::arange, start, step, y.kernel_view());
  return with_grad(y, options);
}

Tensor arange(double end, TensorOptions options) { return arange(0, end, 1, options); }

Tensor eye(std::int64_t n, TensorOptions options) {
  Tensor y = zeros({n, n}, without_grad(options));
  if (n > 0) y.view({-1}).slice(0, 0, n * n, n + 1).fill_(1);
  return with_grad(y, options);
}

Tensor rand(const Shape& sizes, TensorOptions options, Generator& generator) {
  return random("rand", Distribution::kUniform, 0, 1, sizes, options, generator);
}

Tensor randn(const Shape& sizes, TensorOptions options, Generator& generator) {
  return random("randn", Distribution::kNormal, 0, 1, sizes, options, generator);
}

Tensor randint(std::int64_t low, std::int64_t high, const Shape& sizes, TensorOptions options,
               Generator& generator) {
  check<ArgumentError>(low < high, "randint: high expected above low, got ", high, " (low ", low,
                       ")");
  return random("randint", Distribution::kInteger, static_cast<double>(low),
                static_cast<double>(high), sizes, options, generator);
}

std::int64_t randint(std::int64_t n, Generator& generator) {
  check<ArgumentError>(n > 0, "randint: n expected at least 1, got ", n);
  return static_cast<std::int64_t>(generator.below(static_cast<std::uint64_t>(n)));
}

Tensor randperm(std::int64_t n, Generator& generator) {
  check<ArgumentError>(n >= 0, "randperm: n expected at least 0, got ", n);
  std::vector<std::int64_t> order(static_cast<std::size_t>(n));
  std::iota(order.begin(), order.end(), std::int64_t{0});
  const RngKey key = generator.next();
  for (std::size_t i = order.size(); i > 1; --i) {  // Fisher and Yates
    std::swap(order[i - 1], order[to_below(philox(key, i), i)]);
  }
  return from_data(order, {n});
}

Tensor from_bytes(std::span<const std::byte> bytes, const Shape& sizes, DType dtype,
                  Device device) {
  const std::int64_t expected =
      checked_mul(sizes.numel(), static_cast<std::int64_t>(size_of(dtype)));
  check<ShapeError>(bytes.size() == static_cast<std::size_t>(expected), "from_data: data expected ",
                    expected, " bytes, got ", bytes.size(), " (shape ", sizes, ", dtype ", dtype,
                    ")");
  Tensor y = empty(sizes, {.dtype = dtype, .device = device});
  kernels::upload(device, bytes.data(), y.kernel_view().data, bytes.size());
  return y;
}

template <class T>
Tensor from_data(std::span<const T> values, const Shape& sizes, Device device) {
  return from_bytes(std::as_bytes(values), sizes, dtype_of<T>, device);
}

#define FOVEA_FROM_DATA(T) template Tensor from_data<T>(std::span<const T>, const Shape&, Device);
FOVEA_FROM_DATA(float)
FOVEA_FROM_DATA(double)
FOVEA_FROM_DATA(std::int64_t)
FOVEA_FROM_DATA(std::uint8_t)
FOVEA_FROM_DATA(bool)
FOVEA_FROM_DATA(f16_t)
FOVEA_FROM_DATA(bf16_t)
FOVEA_FROM_DATA(std::int8_t)
FOVEA_FROM_DATA(std::int16_t)
FOVEA_FROM_DATA(std::uint16_t)
FOVEA_FROM_DATA(std::int32_t)
FOVEA_FROM_DATA(std::uint32_t)
FOVEA_FROM_DATA(std::uint64_t)
#undef FOVEA_FROM_DATA

Tensor tensor_of(std::span<const double> values, TensorOptions options) {
  const Tensor y = from_data(values, {static_cast<std::int64_t>(values.size())}, options.device);
  return with_grad(y.to(options.dtype), options);
}

Tensor tensor(std::initializer_list<ListedNumber> values, TensorOptions options) {
  std::vector<double> numbers;
  numbers.reserve(values.size());
  for (const ListedNumber& number : values) numbers.push_back(number.value);
  return tensor_of(numbers, options);
}

Tensor tensor(std::initializer_list<std::initializer_list<double>> rows, TensorOptions options) {
  std::vector<double> values;
  const std::size_t columns = rows.size() ? rows.begin()->size() : 0;
  for (const auto& row : rows) {
    check<ShapeError>(row.size() == columns, "tensor: rows expected to have ", columns,
                      " values, got ", row.size());
    values.insert(values.end(), row.begin(), row.end());
  }
  const Shape sizes = {static_cast<std::int64_t>(rows.size()), static_cast<std::int64_t>(columns)};
  return with_grad(from_data(values, sizes, options.device).to(options.dtype), options);
}

}  // namespace fovea
