// What runs a oneDNN primitive: for onednn.cpp and plan.cpp alone, since the library's
// header is heavy.
//
// A Plan is a primitive that is ready to run; a PlanCache finds it again by its Key, the problem's
// numbers.
#pragma once

#include <array>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <new>
#include <oneapi/dnnl/dnnl.hpp>
#include <unordered_map>
#include <utility>
#include <vector>

#include "fovea/core/error.h"
#include "fovea/core/shape.h"

namespace fovea::kernels::cpu::onednn {

/// The CPU, as oneDNN sees it.
dnnl::engine& engine();
/// Attributes of every primitive: scratch memory is ours to give.
const dnnl::primitive_attr& attributes();

/// How a primitive wants an operand.
struct Layout {
  dnnl::memory::desc desc;  ///< the layout
  std::uint64_t hash;       ///< equal for equal layouts
};

/// A primitive with its memory objects, which get their addresses at each call. Belongs to one
/// thread.
class Plan {
 public:
  /// `primitive` made from `desc`, a primitive_desc; operands are added next.
  template <class PrimitiveDesc>
  Plan(const dnnl::primitive& primitive, const PrimitiveDesc& desc) : primitive_(primitive) {
    add_temporary(arguments_, DNNL_ARG_SCRATCHPAD, desc.scratchpad_desc());
  }

  /// An operand that the primitive takes as the caller has it.
  void operand(int id, const dnnl::memory::desc& desc);
  /// An operand that is reordered before the call, from the caller's layout to the one that the
  /// primitive wants.
  void input(int id, const dnnl::memory::desc& theirs, const dnnl::memory::desc& wanted);
  /// An operand that is reordered after the call, from the layout that the primitive writes to the
  /// caller's.
  void output(int id, const dnnl::memory::desc& theirs, const dnnl::memory::desc& written);

  /// The layout that input `id` is reordered to; null when it is taken as it is.
  const Layout* reordered(int id) const;

  /// Runs with the operands at `addresses`, in the order in which they were added; null ones, at
  /// the end, were not.
  void run(std::initializer_list<const void*> addresses);

 private:
  using Arguments = std::vector<dnnl_exec_arg_t>;
  struct Step {
    dnnl::primitive primitive;
    Arguments arguments;
  };

  static void execute(const dnnl::primitive& primitive, const Arguments& arguments);
  dnnl::memory add_temporary(Arguments& arguments, int id, const dnnl::memory::desc& desc);
  void add_reorder(std::vector<Step>& steps, const dnnl::memory& from, const dnnl::memory& to);

  dnnl::primitive primitive_;
  Arguments arguments_;
  std::vector<dnnl::memory> at_caller_;
  std::vector<dnnl::memory> temporaries_;
  std::size_t temporary_bytes_ = 0;
  std::vector<Step> before_, after_;
  std::vector<std::pair<int, Layout>> reordered_;
};

/// What kind of primitive a key describes.
enum class Kind : std::uint8_t {
  kForward,
  kForwardPrepared,
  kBackwardInput,
  kBackwardWeight,
  kProduct
};

/// A problem's numbers, in an order that its kind fixes.
class Key {
 public:
  /// Begins with the kind and the number of threads, for which a primitive's code is made.
  explicit Key(Kind kind);
  /// Appends a number.
  void add(std::int64_t number) {
    assert(count_ < numbers_.size());
    numbers_[count_++] = number;
  }
  /// Appends the numbers of a shape, whose length must follow from earlier numbers.
  void add(const Shape& shape) {
    for (const std::int64_t number : shape) add(number);
  }
  bool operator==(const Key& other) const;  ///< same numbers
  std::size_t hash() const;                 ///< of all numbers

 private:
  // The longest, a 3-D convolution: kind, threads, spatial, sizes of x, weight and y, four geometry
  // lists, groups, bias.
  std::array<std::int64_t, 3 + 3 * 5 + 4 * 3 + 2> numbers_;
  std::size_t count_ = 0;
};

/// One thread's plans. No lock, and memory objects need no copies: the generated code, oneDNN's own
/// cache shares.
class PlanCache {
 public:
  /// The calling thread's.
  static PlanCache& of_this_thread();

  /// The plan of `key`, made by `make()` when it is not there.
  template <class Make>
  Plan& find(const Key& key, const Make& make) {
    const auto found = plans_.find(key);
    if (found == plans_.end()) return insert(key, make());
    found->second.last_use = ++clock_;
    return found->second.plan;
  }
  /// How many there are.
  std::size_t size() const { return plans_.size(); }

 private:
  struct Entry {
    Plan plan;
    std::uint64_t last_use;
  };
  struct Hash {
    std::size_t operator()(const Key& key) const { return key.hash(); }
  };

  Plan& insert(const Key& key, Plan plan);

  std::unordered_map<Key, Entry, Hash> plans_;
  std::uint64_t clock_ = 0;
};

/// Throws oneDNN's error as one of ours.
[[noreturn]] void rethrow(const dnnl::error& error);

/// f(), its oneDNN's errors thrown as ours.
template <class F>
auto translated(const F& f) {
  try {
    return f();
  } catch (const dnnl::error& error) {
    rethrow(error);
  }
}

/// Finds or makes the key's plan. The key was made on this thread, whose number of threads is then
/// Fovea's.
template <class Make>
Plan& find(const Key& key, const Make& make) {
  return PlanCache::of_this_thread().find(key, make);
}

/// Finds or makes the key's plan and runs it.
template <class Make>
void run(const Key& key, const Make& make, std::initializer_list<const void*> addresses) {
  translated([&] { find(key, make).run(addresses); });
}

/// Writes what lies at `from` to `to`, in another layout.
void reorder(const dnnl::memory::desc& theirs, const void* from, const dnnl::memory::desc& wanted,
             void* to);

}  // namespace fovea::kernels::cpu::onednn
