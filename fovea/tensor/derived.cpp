#include "fovea/tensor/derived.h"

#include <mutex>

#include "fovea/kernels/memory.h"

namespace fovea {

namespace {

// One for all tensors: it is held while a pointer is copied.
std::mutex derived_mutex;

std::shared_ptr<const DerivedValue> kept_for(const TensorImpl& impl) {
  const std::lock_guard lock(derived_mutex);
  return impl.derived;
}

void keep(TensorImpl& impl, std::shared_ptr<const DerivedValue> value) {
  const std::lock_guard lock(derived_mutex);
  impl.derived.swap(value);  // the old one goes when the lock is off
}

bool is_good(const DerivedValue& kept, const TensorImpl& source, std::string_view purpose,
             std::uint64_t variant, std::int64_t bytes) {
  return kept.purpose == purpose && kept.variant == variant && kept.value.numel() == bytes &&
         kept.storage.lock() == source.storage && kept.version == source.storage->version() &&
         kept.offset == source.offset && kept.sizes == source.sizes &&
         kept.strides == source.strides;
}

}  // namespace

Tensor derived_bytes(const Tensor& source, std::string_view purpose, std::uint64_t variant,
                     std::int64_t bytes, const std::function<void(const Tensor& value)>& make) {
  TensorImpl& impl = *source.impl();
  const bool exposed = impl.storage->is_exposed();
  if (const auto kept = kept_for(impl);
      kept && !exposed && is_good(*kept, impl, purpose, variant, bytes))
    return kept->value;
  Tensor value;
  {
    // It outlives what is being computed, and is not computed again the next time.
    const AllocatorScope kept(source.device(), allocator_of(source.device()));
    value = empty({bytes}, {.dtype = u8, .device = source.device()});
    make(value);
  }
  if (!exposed) {
    keep(impl, std::make_shared<DerivedValue>(DerivedValue{purpose, variant, impl.storage,
                                                           impl.storage->version(), impl.offset,
                                                           impl.sizes, impl.strides, value}));
  }
  return value;
}

namespace {
thread_local bool keeping = true;
}  // namespace

RunOnceScope::RunOnceScope() : before_(keeping) { keeping = false; }
RunOnceScope::~RunOnceScope() { keeping = before_; }
bool keeps_derived() { return keeping; }

void forget_derived(const Tensor& source) {
  TensorImpl& impl = *source.impl();
  if (kept_for(impl)) keep(impl, nullptr);
}

}  // namespace fovea
