#include "fovea/tensor/tensor.h"

#include <algorithm>

#include "fovea/kernels/kernels.h"
#include "fovea/tensor/ops.h"
#include "fovea/tensor/tape.h"
#include "fovea/tensor/trace.h"

namespace fovea {

using kernels::KernelTable;

namespace {

/// A change in place would not be on the tape: refused where it would falsify gradients.
void check_in_place(const Tensor& changed, const char* operation) {
  check<StateError>(
      !(grad_enabled() && changed.requires_grad()), operation,
      ": tensor expected not to require grad while recording, got one that does (use NoGrad)");
}

void check_same_device(const Tensor& a, const Tensor& b, const char* operation) {
  check<DeviceError>(a.device() == b.device(), operation, ": operands expected on one device, got ",
                     a.device(), " and ", b.device());
}

Tensor copy_of(const Tensor& x, DType dtype, MemoryFormat format) {
  Tensor y = empty(x.sizes(), {.dtype = dtype, .device = x.device()}, format);
  kernels::launch(x.device(), &KernelTable::copy, x.kernel_view(), y.kernel_view());
  return y;
}

/// The format that keeps x's layout when it is one of the two.
MemoryFormat format_of(const Tensor& x) {
  const bool channels_last = !x.is_contiguous() && x.is_contiguous(MemoryFormat::kChannelsLast);
  return channels_last ? MemoryFormat::kChannelsLast : MemoryFormat::kContiguous;
}

}  // namespace

const TensorImpl& Tensor::checked() const {
  check<StateError>(impl_ != nullptr, "tensor: expected a defined tensor, got an undefined one");
  return *impl_;
}

const Shape& Tensor::sizes() const { return checked().sizes; }
const Shape& Tensor::strides() const { return checked().strides; }
std::int64_t Tensor::numel() const { return sizes().numel(); }
DType Tensor::dtype() const { return checked().dtype; }
Device Tensor::device() const { return checked().storage->device(); }

std::int64_t Tensor::size(int dim) const {
  check<IndexError>(this->dim() > 0, "size: dim expected none of a 0-d tensor, got ", dim);
  return sizes()[wrap_dim(dim, this->dim(), "size")];
}

bool Tensor::is_contiguous(MemoryFormat format) const {
  if (format == MemoryFormat::kChannelsLast && dim() >= 3 && dim() <= 5)
    return is_channels_last(sizes(), strides());
  return fovea::is_contiguous(sizes(), strides());
}

kernels::View Tensor::kernel_view() const {
  const TensorImpl& impl = checked();
  std::byte* first =
      impl.storage->data() + static_cast<std::size_t>(impl.offset) * size_of(impl.dtype);
  return {first, impl.dtype, impl.sizes, impl.strides};
}

kernels::View Tensor::optional_view(const Tensor& tensor) {
  return tensor.defined() ? tensor.kernel_view() : kernels::View{};
}

// --- Values --------------------------------------------------------------------------------------

void* Tensor::host_data(DType dtype) const {
  check<DTypeError>(this->dtype() == dtype, "data: dtype expected ", dtype, ", got ",
                    this->dtype());
  check<DeviceError>(device().is_cpu(), "data: tensor expected on cpu, got ", device());
  impl_->storage->expose();
  return kernel_view().data;
}

namespace {

template <class T>
T single_item(const Tensor& x) {
  check<ShapeError>(x.numel() == 1, "item: tensor expected 1 element, got ", x.numel(), " (shape ",
                    x.sizes(), ")");
  NoGrad no_grad;
  return x.to_vector<T>()[0];
}

}  // namespace

double Tensor::item_real() const { return single_item<double>(*this); }
std::int64_t Tensor::item_integer() const { return single_item<std::int64_t>(*this); }

std::vector<std::byte> to_bytes(const Tensor& tensor) {
  NoGrad no_grad;
  const Tensor dense = tensor.contiguous();
  std::vector<std::byte> bytes(static_cast<std::size_t>(dense.numel()) * size_of(dense.dtype()));
  kernels::download(dense.device(), dense.kernel_view().data, bytes.data(), bytes.size());
  return bytes;
}

template <class T>
std::vector<T> Tensor::to_vector() const {
  NoGrad no_grad;
  // Converted by the host: not every device has f64.
  const Tensor dense = to(cpu).to(dtype_of<T>).contiguous();
  const auto count = static_cast<std::size_t>(dense.numel());
  // Not a vector yet: vector<bool> has no address to copy to.
  const auto values = std::make_unique<T[]>(count);
  kernels::download(dense.device(), dense.kernel_view().data, values.get(), count * sizeof(T));
  return std::vector<T>(values.get(), values.get() + count);
}

#define FOVEA_TO_VECTOR(T) template std::vector<T> Tensor::to_vector<T>() const;
FOVEA_TO_VECTOR(float)
FOVEA_TO_VECTOR(double)
FOVEA_TO_VECTOR(std::int64_t)
FOVEA_TO_VECTOR(std::uint8_t)
FOVEA_TO_VECTOR(bool)
FOVEA_TO_VECTOR(std::int8_t)
FOVEA_TO_VECTOR(std::int16_t)
FOVEA_TO_VECTOR(std::uint16_t)
FOVEA_TO_VECTOR(std::int32_t)
FOVEA_TO_VECTOR(std::uint32_t)
FOVEA_TO_VECTOR(std::uint64_t)
#undef FOVEA_TO_VECTOR

void Tensor::append(double value) {
  NoGrad no_grad;
  if (!defined()) *this = empty({0});
  check_in_place(*this, "append");
  check<ShapeError>(dim() == 1, "append: tensor expected 1-D, got ", dim(), "-D (shape ", sizes(),
                    ")");
  const std::int64_t count = size(0);
  const std::size_t element = size_of(dtype());
  const auto needed = static_cast<std::size_t>(impl_->offset + count + 1) * element;
  // Grow by half, so that appending is amortised.
  if (needed > impl_->storage->bytes() || strides()[0] != 1) {
    Tensor larger = empty({count + count / 2 + 8}, {.dtype = dtype(), .device = device()});
    larger.narrow(0, 0, count).copy_(*this);
    impl_->storage = larger.impl_->storage;
    impl_->offset = 0;
    impl_->strides = {1};
  }
  impl_->sizes[0] = count + 1;
  select(0, count).fill_(value);
}

// --- Copies --------------------------------------------------------------------------------------

Tensor Tensor::contiguous(MemoryFormat format) const {
  if (is_contiguous(format)) return *this;
  return traced("Identity",
                record("contiguous", copy_of(*this, dtype(), format), {*this}, {},
                       [](const Backward& b) -> Tensors { return {b.grad()}; }),
                {*this});
}

Tensor Tensor::clone() const {
  return traced("Identity",
                record("clone", copy_of(*this, dtype(), format_of(*this)), {*this}, {},
                       [](const Backward& b) -> Tensors { return {b.grad()}; }),
                {*this});
}

Tensor Tensor::to(DType dtype) const {
  const DType from = this->dtype();
  if (from == dtype) return *this;
  if (tracer()) {
    return traced_whole("Cast", {*this}, {{"to", onnx_type_of(dtype)}}, [&] { return to(dtype); });
  }
  Tensor y = copy_of(*this, dtype, format_of(*this));
  if (!is_differentiable(dtype)) return y;
  return record("to", y, {*this}, {},
                [from](const Backward& b) -> Tensors { return {b.grad().to(from)}; });
}

Tensor Tensor::to(Device device) const {
  const Device from = this->device();
  if (from == device) return *this;
  const std::vector<std::byte> bytes = to_bytes(*this);
  return record("to", from_bytes(bytes, sizes(), dtype(), device), {*this}, {},
                [from](const Backward& b) -> Tensors { return {b.grad().to(from)}; });
}

// --- Changes in place ----------------------------------------------------------------------------

Tensor& Tensor::fill_(double value) {
  check_in_place(*this, "fill_");
  kernels::launch(device(), &KernelTable::fill, value, kernel_view());
  impl_->storage->bump_version();
  return *this;
}

Tensor& Tensor::copy_(const Tensor& source) {
  check_in_place(*this, "copy_");
  check_in_place(source, "copy_");
  check_same_device(*this, source, "copy_");
  const Tensor expanded = source.expand(sizes());
  kernels::launch(device(), &KernelTable::copy, expanded.kernel_view(), kernel_view());
  impl_->storage->bump_version();
  return *this;
}

Tensor& Tensor::add_(const Tensor& other, double alpha) {
  check_in_place(*this, "add_");
  check_in_place(other, "add_");
  NoGrad no_grad;
  const Tensor addend = (alpha == 1 ? other : other * alpha).expand(sizes());
  check_same_device(*this, other, "add_");
  check<DTypeError>(dtype() == other.dtype(), "add_: dtype expected ", dtype(), ", got ",
                    other.dtype());
  kernels::launch(device(), &KernelTable::binary, kernels::Binary::kAdd, kernel_view(),
                  addend.kernel_view(), kernel_view());
  impl_->storage->bump_version();
  return *this;
}

Tensor& Tensor::mul_(const Tensor& other) {
  check_in_place(*this, "mul_");
  check_in_place(other, "mul_");
  check_same_device(*this, other, "mul_");
  check<DTypeError>(dtype() == other.dtype(), "mul_: dtype expected ", dtype(), ", got ",
                    other.dtype());
  const Tensor factor = other.expand(sizes());
  kernels::launch(device(), &KernelTable::binary, kernels::Binary::kMul, kernel_view(),
                  factor.kernel_view(), kernel_view());
  impl_->storage->bump_version();
  return *this;
}

Tensor& Tensor::mul_(double factor) {
  return mul_(scalar(factor, {.dtype = dtype(), .device = device()}));
}

Tensor& Tensor::resize_(const Shape& sizes) {
  check_in_place(*this, "resize_");
  NoGrad no_grad;
  const std::int64_t count = sizes.numel();
  Tensor resized = zeros({count}, {.dtype = dtype(), .device = device()});
  const std::int64_t kept = std::min(count, numel());
  resized.narrow(0, 0, kept).copy_(view({-1}).narrow(0, 0, kept));
  impl_->storage = resized.impl_->storage;
  impl_->offset = 0;
  impl_->sizes = sizes;
  impl_->strides = contiguous_strides(sizes);
  return *this;
}

// --- Members that are operations too -------------------------------------------------------------

Tensor Tensor::operator-() const { return neg(*this); }
Tensor Tensor::sum() const { return fovea::sum(*this); }
Tensor Tensor::sum(const Shape& dims, bool keepdim) const {
  return fovea::sum(*this, dims, keepdim);
}
Tensor Tensor::mean() const { return fovea::mean(*this); }
Tensor Tensor::mean(const Shape& dims, bool keepdim) const {
  return fovea::mean(*this, dims, keepdim);
}
Tensor Tensor::max() const { return fovea::max(*this); }
Tensor Tensor::min() const { return fovea::min(*this); }
Tensor Tensor::argmax(int dim) const { return fovea::argmax(*this, dim); }
Tensor Tensor::exp() const { return fovea::exp(*this); }
Tensor Tensor::log() const { return fovea::log(*this); }
Tensor Tensor::sqrt() const { return fovea::sqrt(*this); }
Tensor Tensor::matmul(const Tensor& other) const { return fovea::matmul(*this, other); }

}  // namespace fovea
