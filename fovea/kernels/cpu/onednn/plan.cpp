#include "fovea/kernels/cpu/onednn/plan.h"

#include <omp.h>

#include <algorithm>

#include "fovea/core/parallel.h"
#include "fovea/kernels/cpu/cpu.h"
#include "fovea/kernels/cpu/onednn/onednn.h"

namespace fovea::kernels::cpu::onednn {

using dnnl::memory;

namespace {

dnnl::stream& stream() {
  thread_local dnnl::stream stream(engine());
  return stream;
}

/// Memory for one call. It is no Scratch: plans know neither queue nor thread's allocator, but only
/// oneDNN's numbers, and one block is cut into as many pieces as these say.
class Workspace {
 public:
  explicit Workspace(std::size_t bytes)
      : bytes_(bytes), memory_(bytes ? allocator().allocate(bytes) : nullptr) {}
  ~Workspace() {
    if (memory_) allocator().deallocate(memory_, bytes_);
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
  /// All of it.
  void* data() const { return memory_; }
  /// What take(bytes) uses up.
  static std::size_t rounded(std::size_t bytes) {
    return (bytes + Allocator::kAlignment - 1) / Allocator::kAlignment * Allocator::kAlignment;
  }

 private:
  std::size_t bytes_;
  std::size_t taken_ = 0;
  void* memory_;
};

/// FNV-1a of the strides and blocks of a layout.
std::uint64_t hash_of(const memory::desc& desc) {
  std::uint64_t hash = 0xcbf29ce484222325u;
  const auto add = [&hash](std::int64_t number) {
    hash = (hash ^ static_cast<std::uint64_t>(number)) * 0x100000001b3u;
  };
#if DNNL_VERSION_MAJOR < 3
  const auto& blocking = desc.data.format_desc.blocking;
  for (int i = 0; i < desc.data.ndims; ++i) add(blocking.strides[i]);
  for (int i = 0; i < blocking.inner_nblks; ++i) {
    add(blocking.inner_blks[i]);
    add(blocking.inner_idxs[i]);
  }
#else
  for (const std::int64_t stride : desc.get_strides()) add(stride);
  for (const std::int64_t block : desc.get_inner_blks()) add(block);
  for (const std::int64_t index : desc.get_inner_idxs()) add(index);
#endif
  return hash;
}

}  // namespace

// Neither is ever destroyed: threads may end after the static objects.
dnnl::engine& engine() {
  static auto* engine = new dnnl::engine(dnnl::engine::kind::cpu, 0);
  return *engine;
}

const dnnl::primitive_attr& attributes() {
  static const auto* attributes = [] {
    auto* made = new dnnl::primitive_attr;
    made->set_scratchpad_mode(dnnl::scratchpad_mode::user);
    return made;
  }();
  return *attributes;
}

// --- Plan ----------------------------------------------------------------------------------------

void Plan::operand(int id, const memory::desc& desc) {
  const memory object(desc, engine(), nullptr);
  arguments_.push_back({id, object.get()});
  at_caller_.push_back(object);
}

void Plan::input(int id, const memory::desc& theirs, const memory::desc& wanted) {
  if (theirs == wanted) return operand(id, theirs);
  at_caller_.emplace_back(theirs, engine(), nullptr);
  add_reorder(before_, at_caller_.back(), add_temporary(arguments_, id, wanted));
  reordered_.emplace_back(id, Layout{wanted, hash_of(wanted)});
}

const Layout* Plan::reordered(int id) const {
  for (const auto& [input, layout] : reordered_)
    if (input == id) return &layout;
  return nullptr;
}

void Plan::output(int id, const memory::desc& theirs, const memory::desc& written) {
  if (theirs == written) return operand(id, theirs);
  at_caller_.emplace_back(theirs, engine(), nullptr);
  add_reorder(after_, add_temporary(arguments_, id, written), at_caller_.back());
}

memory Plan::add_temporary(Arguments& arguments, int id, const memory::desc& desc) {
  memory object(desc, engine(), nullptr);
  if (desc.get_size() == 0) return object;
  temporary_bytes_ += Workspace::rounded(desc.get_size());
  temporaries_.push_back(object);
  arguments.push_back({id, object.get()});
  return object;
}

void Plan::add_reorder(std::vector<Step>& steps, const memory& from, const memory& to) {
  const dnnl::reorder::primitive_desc desc(engine(), from.get_desc(), engine(), to.get_desc(),
                                           attributes());
  Step step{dnnl::reorder(desc), {{DNNL_ARG_FROM, from.get()}, {DNNL_ARG_TO, to.get()}}};
  add_temporary(step.arguments, DNNL_ARG_SCRATCHPAD, desc.scratchpad_desc());
  steps.push_back(std::move(step));
}

void Plan::run(std::initializer_list<const void*> addresses) {
  assert(addresses.size() >= at_caller_.size());
  auto address = addresses.begin();
  for (const memory& object : at_caller_) object.set_data_handle(const_cast<void*>(*address++));
  Workspace workspace(temporary_bytes_);
  for (const memory& object : temporaries_) {
    object.set_data_handle(workspace.take(object.get_desc().get_size()));
  }
  for (const Step& step : before_) execute(step.primitive, step.arguments);
  execute(primitive_, arguments_);
  for (const Step& step : after_) execute(step.primitive, step.arguments);
}

// The C call: the C++ one builds a hash map and a vector each time.
void Plan::execute(const dnnl::primitive& primitive, const Arguments& arguments) {
  const int count = static_cast<int>(arguments.size());
  dnnl::error::wrap_c_api(
      dnnl_primitive_execute(primitive.get(), stream().get(), count, arguments.data()),
      "could not execute a primitive");
}

void reorder(const memory::desc& theirs, const void* from, const memory::desc& wanted, void* to) {
  const dnnl::reorder::primitive_desc desc(engine(), theirs, engine(), wanted, attributes());
  memory source(theirs, engine(), const_cast<void*>(from)), result(wanted, engine(), to);
  const Workspace workspace(desc.scratchpad_desc().get_size());
  memory scratchpad(desc.scratchpad_desc(), engine(), workspace.data());
  dnnl::reorder(desc).execute(
      stream(),
      {{DNNL_ARG_FROM, source}, {DNNL_ARG_TO, result}, {DNNL_ARG_SCRATCHPAD, scratchpad}});
}

// --- Key and PlanCache ---------------------------------------------------------------------------

// OpenMP has a number of threads for each thread that asks, and one that Fovea has not met has all
// processors.
Key::Key(Kind kind) {
  const int threads = num_threads();
  if (omp_get_max_threads() != threads) omp_set_num_threads(threads);
  add(static_cast<std::int64_t>(kind));
  add(threads);
}

bool Key::operator==(const Key& other) const {
  const auto end = numbers_.begin() + count_, other_end = other.numbers_.begin() + other.count_;
  return std::equal(numbers_.begin(), end, other.numbers_.begin(), other_end);
}

std::size_t Key::hash() const {
  std::uint64_t hash = 0;
  for (std::size_t i = 0; i < count_; ++i) {
    hash = (hash ^ static_cast<std::uint64_t>(numbers_[i])) *
           0x9e3779b97f4a7c15u;  // 2^64 / golden ratio
    hash ^= hash >> 32;
  }
  return hash;
}

PlanCache& PlanCache::of_this_thread() {
  thread_local PlanCache cache;
  return cache;
}

Plan& PlanCache::insert(const Key& key, Plan plan) {
  if (plans_.size() >= kMaxCachedPrimitives) {
    plans_.erase(std::min_element(plans_.begin(), plans_.end(), [](const auto& a, const auto& b) {
      return a.second.last_use < b.second.last_use;
    }));
  }
  return plans_.emplace(key, Entry{std::move(plan), ++clock_}).first->second.plan;
}

void rethrow(const dnnl::error& error) {
  if (error.status == dnnl_out_of_memory) throw std::bad_alloc();
  throw Error(str("onednn: primitive expected to run, got \"", error.message, "\" (status ",
                  static_cast<int>(error.status), ")"));
}

std::size_t cached_primitives() { return PlanCache::of_this_thread().size(); }

}  // namespace fovea::kernels::cpu::onednn
