#include "fovea/graph/session.h"

#include <algorithm>
#include <iterator>
#include <list>
#include <mutex>
#include <new>
#include <optional>
#include <utility>

#include "fovea/core/parallel.h"
#include "fovea/graph/arena.h"
#include "fovea/graph/passes.h"
#include "fovea/graph/program.h"
#include "fovea/tensor/tape.h"

namespace fovea::graph {

namespace {

const SessionOptions& checked(const SessionOptions& options) {
  check<ArgumentError>(options.threads >= 0 && options.threads <= kMaxThreads,
                       "session: threads expected in [0, ", kMaxThreads, "], got ",
                       options.threads);
  check<ArgumentError>(options.shapes >= 1 && options.shapes <= 1024,
                       "session: shapes expected in [1, 1024], got ", options.shapes);
  return options;
}

/// While it lives, this thread computes as `options` say; what they leave out is the caller's.
class OptionsScope {
 public:
  explicit OptionsScope(const SessionOptions& options)
      : precision_(options.precision.value_or(current_precision())),
        algorithm_(options.conv_algorithm.value_or(current_conv_algorithm())) {
    if (options.threads > 0) threads_.emplace(options.threads);
  }

 private:
  PrecisionScope precision_;
  ConvAlgorithmScope algorithm_;
  std::optional<ThreadsScope> threads_;
};

/// Constants are computed here, so as runs would compute them.
Graph optimized(Graph graph, const SessionOptions& options) {
  const OptionsScope scope(options);
  if (options.optimize) optimize(graph);
  return graph;
}

}  // namespace

class Session::State {
 public:
  State(Graph graph, const SessionOptions& options)
      : options_(checked(options)),
        graph_(optimized(std::move(graph), options)),
        program_(graph_) {}

  Tensors run(const Tensors& inputs) const {
    const NoGrad no_grad;
    const OptionsScope scope(options_);
    const Shapes shapes = shapes_of(inputs);
    const Device device = device_of(inputs);
    Arena::Pointer arena = take_arena(shapes, device);
    arena->begin();
    Tensors outputs;
    {
      const AllocatorScope blocks(device, *arena);
      outputs = program_.run(inputs);  // when it throws the arena, noted in part only, goes away
    }
    keep_arena(shapes, std::move(arena));
    return outputs;
  }

  SessionMemory memory() const {
    const std::lock_guard lock(mutex_);
    SessionMemory memory;
    for (const Known& known : known_) {
      for (const Arena::Pointer& arena : known.idle) {
        memory.arena_bytes += arena->bytes();
        memory.unshared_bytes += arena->bytes_unshared();
        memory.unplanned_blocks += arena->unplanned();
      }
    }
    return memory;
  }

  const Graph& graph() const { return graph_; }
  const Program& program() const { return program_; }

 private:
  using Shapes = std::vector<std::int64_t>;

  // Where a run computes; the program refuses inputs of several devices.
  static Device device_of(const Tensors& inputs) {
    const auto first = std::ranges::find_if(inputs, &Tensor::defined);
    return first == inputs.end() ? default_device() : first->device();
  }

  static Shapes shapes_of(const Tensors& inputs) {
    Shapes shapes{static_cast<std::int64_t>(current_precision()),
                  static_cast<std::int64_t>(current_conv_algorithm())};
    for (const Tensor& input : inputs) {
      if (!input.defined()) continue;  // the program's error is better
      shapes.push_back(input.device().kind());
      shapes.push_back(input.device().index());
      shapes.push_back(input.dim());
      shapes.insert(shapes.end(), input.sizes().begin(), input.sizes().end());
      shapes.insert(shapes.end(), input.strides().begin(), input.strides().end());
    }
    return shapes;
  }

  // Shapes that were run, behind how they were computed, and their arenas that no run uses now.
  struct Known {
    Shapes shapes;
    std::vector<Arena::Pointer> idle = {};
  };

  // An arena for a run of `shapes`, which becomes the one last run.
  Arena::Pointer take_arena(const Shapes& shapes, Device device) const {
    std::list<Known> forgotten;  // goes away when the lock is gone
    Arena::Pointer arena;
    {
      const std::lock_guard lock(mutex_);
      const auto found = std::ranges::find(known_, shapes, &Known::shapes);
      if (found == known_.end())
        known_.push_front({shapes});
      else
        known_.splice(known_.begin(), known_, found);
      while (known_.size() > static_cast<std::size_t>(options_.shapes))
        forgotten.splice(forgotten.end(), known_, std::prev(known_.end()));
      std::vector<Arena::Pointer>& idle = known_.front().idle;
      if (!idle.empty()) {
        arena = std::move(idle.back());
        idle.pop_back();
      }
    }
    if (arena) return arena;
    return Arena::make(device, num_threads() == 1 ? Sharing::kAnywhere : Sharing::kCentred);
  }

  // Takes the arena back after a run of `shapes`, if they are known still. Without memory for that
  // it goes away: the run's results are good, and the next one is noted again.
  void keep_arena(const Shapes& shapes, Arena::Pointer arena) const {
    try {
      arena->end();
      const std::lock_guard lock(mutex_);
      const auto found = std::ranges::find(known_, shapes, &Known::shapes);
      if (found != known_.end()) found->idle.push_back(std::move(arena));
    } catch (const std::bad_alloc&) {
    }
  }

  SessionOptions options_;
  Graph graph_;
  Program program_;
  mutable std::mutex mutex_;
  mutable std::list<Known> known_;  // the one last run first
};

Session::Session(Graph graph, const SessionOptions& options)
    : state_(std::make_unique<State>(std::move(graph), options)) {}
Session::~Session() = default;
Session::Session(Session&&) noexcept = default;
Session& Session::operator=(Session&&) noexcept = default;

const std::vector<Value>& Session::inputs() const { return state_->program().inputs(); }
const std::vector<Value>& Session::outputs() const { return state_->program().outputs(); }
const Graph& Session::graph() const { return state_->graph(); }
SessionMemory Session::memory() const { return state_->memory(); }

Tensors Session::run(const Tensors& inputs) const { return state_->run(inputs); }

Tensor Session::operator()(const Tensor& input) const {
  check<ArgumentError>(outputs().size() == 1, "session: outputs expected 1, got ",
                       outputs().size());
  return run(Tensors{input})[0];
}

std::map<std::string, Tensor> Session::run(const std::map<std::string, Tensor>& named) const {
  Tensors values;
  for (const Value& input : inputs()) {
    const auto found = named.find(input.name);
    check<ArgumentError>(found != named.end(), "session: input \"", input.name,
                         "\" expected a tensor, got none");
    values.push_back(found->second);
  }
  for (const auto& [name, tensor] : named) {
    const bool known = std::ranges::find(inputs(), name, &Value::name) != inputs().end();
    check<ArgumentError>(known, "session: input expected to be one of the graph's, got \"", name,
                         "\"");
  }
  values = run(values);
  std::map<std::string, Tensor> results;
  for (std::size_t i = 0; i < values.size(); ++i) results[outputs()[i].name] = values[i];
  return results;
}

}  // namespace fovea::graph
