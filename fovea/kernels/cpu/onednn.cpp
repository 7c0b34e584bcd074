#include "fovea/kernels/cpu/onednn.h"

#include <omp.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <functional>
#include <initializer_list>
#include <oneapi/dnnl/dnnl.hpp>
#include <unordered_map>
#include <utility>
#include <vector>

#include "fovea/core/allocator.h"
#include "fovea/core/error.h"

namespace fovea::kernels::cpu::onednn {

namespace {

using dnnl::memory;
using Desc = memory::desc;
using Dims = memory::dims;

// --- Running ----------------------------------------------------------------------------------------------------------

/// Never destroyed: threads may end after the static objects.
dnnl::engine& engine() {
  static auto* engine = new dnnl::engine(dnnl::engine::kind::cpu, 0);
  return *engine;
}

dnnl::stream& stream() {
  thread_local dnnl::stream stream(engine());
  return stream;
}

/// Scratch memory is ours to give.
const dnnl::primitive_attr& attributes() {
  static const auto* attributes = [] {
    auto* made = new dnnl::primitive_attr;
    made->set_scratchpad_mode(dnnl::scratchpad_mode::user);
    return made;
  }();
  return *attributes;
}

/// Memory for one call.
class Workspace {
 public:
  explicit Workspace(std::size_t bytes) : bytes_(bytes), memory_(bytes ? cpu_allocator().allocate(bytes) : nullptr) {}
  ~Workspace() {
    if (memory_) cpu_allocator().deallocate(memory_, bytes_);
  }
  Workspace(const Workspace&) = delete;
  Workspace& operator=(const Workspace&) = delete;

  /// The next `bytes`, aligned as the allocator aligns.
  void* take(std::size_t bytes) {
    void* place = static_cast<std::byte*>(memory_) + taken_;
    taken_ += rounded(bytes);
    assert(taken_ <= bytes_);
    return place;
  }
  /// What take(bytes) uses up.
  static std::size_t rounded(std::size_t bytes) {
    return (bytes + Allocator::kAlignment - 1) / Allocator::kAlignment * Allocator::kAlignment;
  }

 private:
  std::size_t bytes_;
  std::size_t taken_ = 0;
  void* memory_;
};

/// A primitive with its memory objects, which get their addresses at each call. Belongs to one thread.
class Plan {
 public:
  template <class PrimitiveDesc>
  Plan(const dnnl::primitive& primitive, const PrimitiveDesc& desc) : primitive_(primitive) {
    add_temporary(arguments_, DNNL_ARG_SCRATCHPAD, desc.scratchpad_desc());
  }

  /// An operand that the primitive takes as the caller has it.
  void operand(int id, const Desc& desc) {
    const memory object(desc, engine(), nullptr);
    arguments_.push_back({id, object.get()});
    at_caller_.push_back(object);
  }
  /// An operand that is reordered before the call, from the caller's layout to the one that the primitive wants.
  void input(int id, const Desc& theirs, const Desc& wanted) { reordered(id, theirs, wanted, before_); }
  /// An operand that is reordered after the call, from the layout that the primitive writes to the caller's.
  void output(int id, const Desc& theirs, const Desc& written) { reordered(id, theirs, written, after_); }

  /// Runs with the operands at `addresses`, in the order in which they were added.
  void run(std::initializer_list<const void*> addresses) {
    assert(addresses.size() == at_caller_.size());
    std::size_t i = 0;
    for (const void* address : addresses) at_caller_[i++].set_data_handle(const_cast<void*>(address));
    Workspace workspace(temporary_bytes_);
    for (const memory& object : temporaries_) {
      object.set_data_handle(workspace.take(object.get_desc().get_size()));
    }
    for (const Step& step : before_) execute(step.primitive, step.arguments);
    execute(primitive_, arguments_);
    for (const Step& step : after_) execute(step.primitive, step.arguments);
  }

 private:
  using Arguments = std::vector<dnnl_exec_arg_t>;
  struct Step {
    dnnl::primitive primitive;
    Arguments arguments;
  };

  /// The C call: the C++ one builds a hash map and a vector each time.
  static void execute(const dnnl::primitive& primitive, const Arguments& arguments) {
    dnnl::error::wrap_c_api(
        dnnl_primitive_execute(primitive.get(), stream().get(), static_cast<int>(arguments.size()), arguments.data()),
        "could not execute a primitive");
  }

  memory add_temporary(Arguments& arguments, int id, const Desc& desc) {
    const memory object(desc, engine(), nullptr);
    if (desc.get_size() == 0) return object;
    temporary_bytes_ += Workspace::rounded(desc.get_size());
    temporaries_.push_back(object);
    arguments.push_back({id, object.get()});
    return object;
  }

  void reordered(int id, const Desc& theirs, const Desc& ours, std::vector<Step>& steps) {
    if (theirs == ours) return operand(id, theirs);
    const memory outside(theirs, engine(), nullptr);
    const memory inside = add_temporary(arguments_, id, ours);
    at_caller_.push_back(outside);
    const bool inwards = &steps == &before_;
    const memory& from = inwards ? outside : inside;
    const memory& to = inwards ? inside : outside;
    const dnnl::reorder::primitive_desc desc(engine(), from.get_desc(), engine(), to.get_desc(), attributes());
    Step step{dnnl::reorder(desc), {{DNNL_ARG_FROM, from.get()}, {DNNL_ARG_TO, to.get()}}};
    add_temporary(step.arguments, DNNL_ARG_SCRATCHPAD, desc.scratchpad_desc());
    steps.push_back(std::move(step));
  }

  dnnl::primitive primitive_;
  Arguments arguments_;
  std::vector<memory> at_caller_;
  std::vector<memory> temporaries_;
  std::size_t temporary_bytes_ = 0;
  std::vector<Step> before_, after_;
};

// --- Finding again ----------------------------------------------------------------------------------------------------

/// What kind of primitive a key describes.
enum class Kind : std::uint8_t { kForward, kBackwardInput, kBackwardWeight, kProduct };

/// A problem's numbers, in an order that Kind fixes.
class Key {
 public:
  explicit Key(Kind kind) {
    add(static_cast<std::int64_t>(kind));
    add(omp_get_max_threads());  // a primitive's code is made for a number of threads
  }
  void add(std::int64_t number) {
    assert(count_ < numbers_.size());
    numbers_[count_++] = number;
  }
  void add(const Shape& shape) {
    for (const std::int64_t number : shape) add(number);
  }
  bool operator==(const Key& other) const {
    return std::equal(numbers_.begin(), numbers_.begin() + count_, other.numbers_.begin(),
                      other.numbers_.begin() + other.count_);
  }
  std::size_t hash() const {
    std::uint64_t hash = 0;
    for (std::size_t i = 0; i < count_; ++i) {
      hash = (hash ^ static_cast<std::uint64_t>(numbers_[i])) * 0x9e3779b97f4a7c15u;  // 2^64 / golden ratio
      hash ^= hash >> 32;
    }
    return hash;
  }

 private:
  // A 3-D convolution needs 2 + 1 + 3 * 5 + 4 * 3 + 2 = 32 numbers.
  std::array<std::int64_t, 32> numbers_;
  std::size_t count_ = 0;
};

struct KeyHash {
  std::size_t operator()(const Key& key) const { return key.hash(); }
};

/// One thread's plans. No lock, and memory objects need no copies: what threads share, the generated code, oneDNN's own
/// cache holds.
class PlanCache {
 public:
  template <class Make>
  Plan& find(const Key& key, const Make& make) {
    const auto found = plans_.find(key);
    if (found != plans_.end()) {
      found->second.last_use = ++clock_;
      return found->second.plan;
    }
    Plan plan = make();
    if (plans_.size() >= kMaxCachedPrimitives) drop_oldest();
    return plans_.emplace(key, Entry{std::move(plan), ++clock_}).first->second.plan;
  }
  std::size_t size() const { return plans_.size(); }

 private:
  struct Entry {
    Plan plan;
    std::uint64_t last_use;
  };

  void drop_oldest() {
    plans_.erase(std::min_element(plans_.begin(), plans_.end(), [](const auto& a, const auto& b) {
      return a.second.last_use < b.second.last_use;
    }));
  }

  std::unordered_map<Key, Entry, KeyHash> plans_;
  std::uint64_t clock_ = 0;
};

PlanCache& plans() {
  thread_local PlanCache cache;
  return cache;
}

/// Finds or makes the key's plan and runs it. oneDNN's errors become ours.
template <class Make>
void run(const Key& key, const Make& make, std::initializer_list<const void*> addresses) {
  try {
    plans().find(key, make).run(addresses);
  } catch (const dnnl::error& error) {
    if (error.status == dnnl_out_of_memory) throw std::bad_alloc();
    throw Error(str("onednn: primitive expected to run, got \"", error.message, "\" (status ",
                    static_cast<int>(error.status), ")"));
  }
}

// --- Convolution ------------------------------------------------------------------------------------------------------

/// A convolution in oneDNN's terms. 1-D runs as 2-D of height 1.
struct ConvProblem {
  Desc x, y;             ///< channels-last
  Desc weight;           ///< contiguous, [groups,] k, c, kernel...
  Desc weight_any;       ///< of any layout
  Desc bias;             ///< empty when there is none
  Dims stride, dilation, padding_begin, padding_end;
};

Dims dims_of(const Shape& shape, int spatial, std::int64_t filler) {
  Dims dims(shape.begin(), shape.end());
  if (spatial == 1) dims.insert(dims.end() - 1, filler);
  return dims;
}

ConvProblem describe(const ConvSpec& spec, const ConstView& x, const ConstView& weight, const ConstView& y,
                     bool has_bias) {
  using Tag = memory::format_tag;
  constexpr auto kF32 = memory::data_type::f32;
  const bool volume = spec.spatial == 3;
  const Tag channels_last = volume ? Tag::ndhwc : Tag::nhwc;
  Dims kernel = dims_of(weight.sizes, spec.spatial, 1);
  const std::int64_t outputs = kernel[0];
  Tag plain = volume ? Tag::oidhw : Tag::oihw;
  if (spec.groups > 1) {
    kernel[0] = outputs / spec.groups;
    kernel.insert(kernel.begin(), spec.groups);
    plain = volume ? Tag::goidhw : Tag::goihw;
  }
  ConvProblem problem;
  problem.x = Desc(dims_of(x.sizes, spec.spatial, 1), kF32, channels_last);
  problem.y = Desc(dims_of(y.sizes, spec.spatial, 1), kF32, channels_last);
  problem.weight = Desc(kernel, kF32, plain);
  problem.weight_any = Desc(kernel, kF32, Tag::any);
  if (has_bias) problem.bias = Desc(Dims{outputs}, kF32, Tag::a);
  problem.stride = dims_of(spec.stride, spec.spatial, 1);
  problem.dilation = dims_of(spec.dilation, spec.spatial, 1);
  for (auto& distance : problem.dilation) distance -= 1;  // oneDNN counts the elements skipped
  problem.padding_begin = dims_of(spec.padding_begin, spec.spatial, 0);
  problem.padding_end = dims_of(spec.padding_end, spec.spatial, 0);
  return problem;
}

Key key_of(Kind kind, const ConvSpec& spec, const ConstView& x, const ConstView& weight, const ConstView& y,
           bool has_bias) {
  Key key(kind);
  key.add(spec.spatial);
  key.add(x.sizes);
  key.add(weight.sizes);
  key.add(y.sizes);
  key.add(spec.stride);
  key.add(spec.padding_begin);
  key.add(spec.padding_end);
  key.add(spec.dilation);
  key.add(spec.groups);
  key.add(has_bias ? 1 : 0);
  return key;
}

constexpr auto kDirect = dnnl::algorithm::convolution_direct;

// 2.x describes an operation first and then looks for an implementation; 3.x does both in one constructor.
#if DNNL_VERSION_MAJOR < 3
dnnl::convolution_forward::primitive_desc forward_desc(const ConvProblem& p) {
  const auto kind = dnnl::prop_kind::forward_training;
  const auto desc = p.bias.get_size()
                        ? dnnl::convolution_forward::desc(kind, kDirect, p.x, p.weight_any, p.bias, p.y, p.stride,
                                                          p.dilation, p.padding_begin, p.padding_end)
                        : dnnl::convolution_forward::desc(kind, kDirect, p.x, p.weight_any, p.y, p.stride,
                                                          p.dilation, p.padding_begin, p.padding_end);
  return {desc, attributes(), engine()};
}

dnnl::convolution_backward_data::primitive_desc backward_input_desc(const ConvProblem& p) {
  const dnnl::convolution_backward_data::desc desc(kDirect, p.x, p.weight_any, p.y, p.stride, p.dilation,
                                                   p.padding_begin, p.padding_end);
  return {desc, attributes(), engine(), forward_desc(p)};
}

dnnl::convolution_backward_weights::primitive_desc backward_weight_desc(const ConvProblem& p) {
  using Backward = dnnl::convolution_backward_weights;
  const auto desc = p.bias.get_size() ? Backward::desc(kDirect, p.x, p.weight_any, p.bias, p.y, p.stride, p.dilation,
                                                       p.padding_begin, p.padding_end)
                                      : Backward::desc(kDirect, p.x, p.weight_any, p.y, p.stride, p.dilation,
                                                       p.padding_begin, p.padding_end);
  return {desc, attributes(), engine(), forward_desc(p)};
}

dnnl::matmul::primitive_desc product_desc(const Desc& a, const Desc& b, const Desc& bias, const Desc& y) {
  return {bias.get_size() ? dnnl::matmul::desc(a, b, bias, y) : dnnl::matmul::desc(a, b, y), attributes(), engine()};
}
#else
dnnl::convolution_forward::primitive_desc forward_desc(const ConvProblem& p) {
  return {engine(),   dnnl::prop_kind::forward_training, kDirect, p.x, p.weight_any, p.bias, p.y, p.stride,
          p.dilation, p.padding_begin, p.padding_end, attributes()};
}

dnnl::convolution_backward_data::primitive_desc backward_input_desc(const ConvProblem& p) {
  return {engine(),   kDirect,         p.x,           p.weight_any,    p.y,         p.stride,
          p.dilation, p.padding_begin, p.padding_end, forward_desc(p), attributes()};
}

dnnl::convolution_backward_weights::primitive_desc backward_weight_desc(const ConvProblem& p) {
  return {engine(),   kDirect,         p.x,           p.weight_any,    p.bias,      p.y, p.stride,
          p.dilation, p.padding_begin, p.padding_end, forward_desc(p), attributes()};
}

dnnl::matmul::primitive_desc product_desc(const Desc& a, const Desc& b, const Desc& bias, const Desc& y) {
  if (bias.get_size()) return {engine(), a, b, bias, y, attributes()};
  return {engine(), a, b, y, attributes()};
}
#endif

}  // namespace

void convolution_forward(const ConvSpec& spec, const ConstView& x, const ConstView& weight, const ConstView& bias,
                         const View& y) {
  const bool has_bias = bias.data != nullptr;
  const auto make = [&] {
    const ConvProblem problem = describe(spec, x, weight, y, has_bias);
    const auto desc = forward_desc(problem);
    Plan plan(dnnl::convolution_forward(desc), desc);
    plan.operand(DNNL_ARG_SRC, problem.x);
    plan.input(DNNL_ARG_WEIGHTS, problem.weight, desc.weights_desc());
    plan.operand(DNNL_ARG_DST, problem.y);
    if (has_bias) plan.operand(DNNL_ARG_BIAS, problem.bias);
    return plan;
  };
  const Key key = key_of(Kind::kForward, spec, x, weight, y, has_bias);
  if (has_bias) {
    run(key, make, {x.data, weight.data, y.data, bias.data});
  } else {
    run(key, make, {x.data, weight.data, y.data});
  }
}

void convolution_backward_input(const ConvSpec& spec, const ConstView& dy, const ConstView& weight, const View& dx) {
  const auto make = [&] {
    const ConvProblem problem = describe(spec, dx, weight, dy, false);
    const auto desc = backward_input_desc(problem);
    Plan plan(dnnl::convolution_backward_data(desc), desc);
    plan.operand(DNNL_ARG_DIFF_DST, problem.y);
    plan.input(DNNL_ARG_WEIGHTS, problem.weight, desc.weights_desc());
    plan.operand(DNNL_ARG_DIFF_SRC, problem.x);
    return plan;
  };
  run(key_of(Kind::kBackwardInput, spec, dx, weight, dy, false), make, {dy.data, weight.data, dx.data});
}

// oneDNN's own layout for x and dy makes the weight gradient of a first layer about twice as fast, but moving dy there
// costs what that wins (Zen 4, one thread, batch 100: 1->32 3x3 28x28 0.95 ms as it is, 0.44 + 0.33 with the reorder;
// 3->64 3x3 32x32 7.8 and 3.4 + 4.2; 3->64 7x7 64x64, batch 32, 32 and 24 + 10), so only the weight is reordered.
void convolution_backward_weight(const ConvSpec& spec, const ConstView& x, const ConstView& dy, const View& dweight,
                                 const View& dbias) {
  const bool has_bias = dbias.data != nullptr;
  const auto make = [&] {
    const ConvProblem problem = describe(spec, x, dweight, dy, has_bias);
    const auto desc = backward_weight_desc(problem);
    Plan plan(dnnl::convolution_backward_weights(desc), desc);
    plan.operand(DNNL_ARG_SRC, problem.x);
    plan.operand(DNNL_ARG_DIFF_DST, problem.y);
    plan.output(DNNL_ARG_DIFF_WEIGHTS, problem.weight, desc.diff_weights_desc());
    if (has_bias) plan.operand(DNNL_ARG_DIFF_BIAS, problem.bias);
    return plan;
  };
  const Key key = key_of(Kind::kBackwardWeight, spec, x, dweight, dy, has_bias);
  if (has_bias) {
    run(key, make, {x.data, dy.data, dweight.data, dbias.data});
  } else {
    run(key, make, {x.data, dy.data, dweight.data});
  }
}

namespace {

/// One operand of `p`: a matrix, or a batch of them, which a batch stride of 0 makes one for all.
Desc matrices(const Product& p, Dims sizes, Dims strides, std::int64_t batch_stride) {
  if (p.batch > 1) {
    strides.insert(strides.begin(), batch_stride ? batch_stride : sizes[0] * sizes[1]);
    sizes.insert(sizes.begin(), batch_stride ? p.batch : 1);
  }
  return Desc(sizes, memory::data_type::f32, strides);
}

}  // namespace

// matmul rather than inner_product: for [100, 2304] x [2304, 600] on one thread of a Zen 4 (118 GFLOP/s peak) matmul
// reaches 103 forward, 114 for the input's gradient and 112 for the weight's; inner_product 95, 115 and 113 on plain
// layouts, allocating its packing buffers anew each time. Letting it choose the weight's layout gives 111, but moving
// the weight there costs 30 % of the product.
void matmul(const Product& p) {
  const auto make = [&] {
    const Desc a = matrices(p, {p.m, p.k}, {p.a_row, p.a_column}, p.a_batch);
    const Desc b = matrices(p, {p.k, p.n}, {p.b_row, p.b_column}, p.b_batch);
    const Desc y = matrices(p, {p.m, p.n}, {p.y_row, 1}, p.y_batch);
    const Desc bias = p.bias ? matrices(p, {1, p.n}, {p.n, 1}, 0) : Desc();
    const auto desc = product_desc(a, b, bias, y);
    Plan plan(dnnl::matmul(desc), desc);
    plan.operand(DNNL_ARG_SRC, a);
    plan.operand(DNNL_ARG_WEIGHTS, b);
    plan.operand(DNNL_ARG_DST, y);
    if (p.bias) plan.operand(DNNL_ARG_BIAS, bias);
    return plan;
  };
  Key key(Kind::kProduct);
  for (const std::int64_t number : {p.batch, p.m, p.n, p.k, p.a_batch, p.a_row, p.a_column, p.b_batch, p.b_row,
                                    p.b_column, p.y_batch, p.y_row, std::int64_t{p.bias != nullptr}}) {
    key.add(number);
  }
  if (p.bias) {
    run(key, make, {p.a, p.b, p.y, p.bias});
  } else {
    run(key, make, {p.a, p.b, p.y});
  }
}

std::size_t cached_primitives() { return plans().size(); }

}  // namespace fovea::kernels::cpu::onednn
