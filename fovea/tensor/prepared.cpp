#include "fovea/tensor/prepared.h"

#include <algorithm>
#include <iterator>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "fovea/kernels/memory.h"

namespace fovea {

using kernels::Precision;
using kernels::PreparedPlan;
using kernels::Purpose;

/// What is kept beside one tensor.
struct PreparedValues {
  /// A value and what it was made of.
  struct One {
    PreparedPlan plan;
    Tensor value;
    std::weak_ptr<Storage> storage;  // not its address, which another one may get
    std::uint64_t version = 0;
    std::int64_t offset = 0;
    Shape sizes, strides;
    bool asked = true;  // for since it was made or put

    bool has_key(const PreparedPlan& other) const {
      return plan.purpose == other.purpose && plan.precision == other.precision;
    }
    bool is_of(const TensorImpl& weight) const {
      return storage.lock() == weight.storage && version == weight.storage->version() &&
             offset == weight.offset && sizes == weight.sizes && strides == weight.strides;
    }
  };
  std::vector<One> all;  // one a key
};

namespace {

using One = PreparedValues::One;

// One for all tensors: it is held while a few numbers are compared.
std::mutex mutex;

thread_local bool keeping = true;

/// Takes those of `weight`'s values for which `which(one)` holds; they go when the lock is off.
template <class F>
std::vector<One> take(TensorImpl& weight, const F& which) {
  std::vector<One> taken;
  if (!weight.prepared) return taken;
  auto& all = weight.prepared->all;
  const auto first =
      std::partition(all.begin(), all.end(), [&](const One& one) { return !which(one); });
  taken.assign(std::move_iterator(first), std::move_iterator(all.end()));
  all.erase(first, all.end());
  return taken;
}

/// What is kept by `plan`; undefined when there is nothing, or nothing good.
Tensor find(const TensorImpl& weight, const PreparedPlan& plan) {
  const std::lock_guard lock(mutex);
  if (!weight.prepared) return {};
  for (One& one : weight.prepared->all) {
    if (one.plan == plan && one.is_of(weight)) {
      one.asked = true;
      return one.value;
    }
  }
  return {};
}

/// Keeps a value in place of that with the same key, and lets go of what is good no more.
void keep(TensorImpl& weight, const PreparedPlan& plan, const Tensor& value, bool asked) {
  std::vector<One> gone;
  const std::lock_guard lock(mutex);
  gone = take(weight, [&](const One& one) { return one.has_key(plan) || !one.is_of(weight); });
  if (!weight.prepared) weight.prepared = std::make_shared<PreparedValues>();
  weight.prepared->all.push_back({plan, value, weight.storage, weight.storage->version(),
                                  weight.offset, weight.sizes, weight.strides, asked});
}

}  // namespace

bool keeps_prepared(const Tensor& weight, bool recording) {
  return !recording && keeping && !weight.impl()->storage->is_exposed();
}

Tensor prepared_weight(const Tensor& weight, const PreparedPlan& plan, bool recording,
                       const std::function<void(const Tensor& value)>& prepare) {
  const bool outlived = recording && plan.purpose != Purpose::kElements;
  if (plan.bytes == 0 || !keeps_prepared(weight, outlived)) return {};
  if (Tensor kept = find(*weight.impl(), plan); kept.defined()) return kept;
  Tensor value;
  {
    // It outlives what is being computed, and is not computed again the next time.
    const AllocatorScope kept(weight.device(), allocator_of(weight.device()));
    value = empty({plan.bytes}, {.dtype = u8, .device = weight.device()});
    prepare(value);
  }
  keep(*weight.impl(), plan, value, true);
  return value;
}

void forget_prepared(const Tensor& weight) {
  std::vector<One> gone;
  const std::lock_guard lock(mutex);
  gone =
      take(*weight.impl(), [](const One& one) { return one.plan.purpose != Purpose::kElements; });
}

bool wants_elements(const Tensor& weight, Precision precision) {
  const TensorImpl& impl = *weight.impl();
  const std::lock_guard lock(mutex);
  if (!impl.prepared || impl.storage->is_exposed()) return false;
  return std::ranges::any_of(impl.prepared->all, [&](const One& one) {
    return one.asked && one.has_key({Purpose::kElements, precision}) &&
           one.storage.lock() == impl.storage;
  });
}

void put_elements(const Tensor& weight, Precision precision, const Tensor& elements) {
  TensorImpl& impl = *weight.impl();
  PreparedPlan plan{Purpose::kElements, precision};
  if (elements.defined()) {
    plan.bytes = elements.numel() * static_cast<std::int64_t>(size_of(elements.dtype()));
    return keep(impl, plan, elements, false);
  }
  std::vector<One> gone;
  const std::lock_guard lock(mutex);
  gone = take(impl, [&](const One& one) { return one.has_key(plan); });
}

void carry_prepared(const Tensor& weight, std::uint64_t before) {
  const TensorImpl& impl = *weight.impl();
  const std::lock_guard lock(mutex);
  if (!impl.prepared) return;
  for (One& one : impl.prepared->all) {
    if (one.storage.lock() == impl.storage && one.version == before)
      one.version = impl.storage->version();
  }
}

RunOnceScope::RunOnceScope() : before_(keeping) { keeping = false; }
RunOnceScope::~RunOnceScope() { keeping = before_; }

}  // namespace fovea
