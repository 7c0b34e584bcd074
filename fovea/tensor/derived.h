// What an operation computes from a parameter alone, such as a transformed kernel, kept beside the
// parameter until its elements change.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

#include "fovea/tensor/tensor.h"

namespace fovea {

/// A value and what it was computed from.
struct DerivedValue {
  std::string_view purpose;        ///< which computation
  std::uint64_t variant = 0;       ///< which of its forms
  std::weak_ptr<Storage> storage;  ///< the source's memory
  std::uint64_t version = 0;       ///< of its storage
  std::int64_t offset = 0;         ///< of its first element
  Shape sizes;                     ///< its own
  Shape strides;                   ///< its own
  Tensor value;                    ///< the result
};

/// `bytes` bytes that `make` wrote for `source`: those of the last call for the same purpose,
/// variant and size, as long as the source's elements and shape are the same, else new ones. One
/// value is kept for each tensor, until forget_derived or the tensor's end. Where the elements'
/// address has been given away (Tensor::data), changes cannot be seen: then nothing is kept.
///
/// Requires `purpose` lives for ever; make writes the same bytes for the same elements.
/// Threads  may be called at once for one source.
Tensor derived_bytes(const Tensor& source, std::string_view purpose, std::uint64_t variant,
                     std::int64_t bytes, const std::function<void(const Tensor& value)>& make);
/// Lets go of what is kept for `source`.
void forget_derived(const Tensor& source);

/// While it lives, this thread's operations keep nothing: for a model that runs once, whose
/// transformed kernels would be memory for nobody.
class RunOnceScope {
 public:
  RunOnceScope();
  ~RunOnceScope();
  RunOnceScope(const RunOnceScope&) = delete;
  RunOnceScope& operator=(const RunOnceScope&) = delete;

 private:
  bool before_;
};
/// Whether this thread's operations keep what they derive: no RunOnceScope lives.
bool keeps_derived();

}  // namespace fovea
