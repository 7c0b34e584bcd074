#include "fovea/graph/session.h"

#include <algorithm>
#include <mutex>
#include <optional>
#include <utility>

#include "fovea/core/parallel.h"
#include "fovea/graph/arena.h"
#include "fovea/graph/passes.h"
#include "fovea/graph/program.h"
#include "fovea/tensor/tape.h"

namespace fovea::graph {

namespace {

Graph optimized(Graph graph, bool wanted) {
  if (wanted) optimize(graph);
  return graph;
}

}  // namespace

class Session::State {
 public:
  State(Graph graph, const SessionOptions& options)
      : graph_(optimized(std::move(graph), options.optimize)),
        program_(graph_),
        threads_(options.threads) {
    check<ArgumentError>(threads_ >= 0 && threads_ <= 1024,
                         "session: threads expected in [0, 1024], got ", threads_);
  }

  Tensors run(const Tensors& inputs) const {
    const NoGrad no_grad;
    std::optional<ThreadsScope> threads;
    if (threads_ > 0) threads.emplace(threads_);
    const Lease lease(*this, shapes_of(inputs));
    const AllocatorScope scope(lease.arena());
    return program_.run(inputs);
  }

  SessionMemory memory() const {
    const std::lock_guard lock(mutex_);
    SessionMemory memory;
    for (const auto& [shapes, idle] : idle_) {
      for (const Arena::Pointer& arena : idle) {
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

  static Shapes shapes_of(const Tensors& inputs) {
    Shapes shapes;
    for (const Tensor& input : inputs) {
      if (!input.defined()) continue;  // the program's error is better
      shapes.push_back(input.dim());
      shapes.insert(shapes.end(), input.sizes().begin(), input.sizes().end());
      shapes.insert(shapes.end(), input.strides().begin(), input.strides().end());
    }
    return shapes;
  }

  // An arena of one shape while a run uses it.
  class Lease {
   public:
    Lease(const State& state, Shapes shapes) : state_(state), shapes_(std::move(shapes)) {
      {
        const std::lock_guard lock(state.mutex_);
        auto& idle = state.idle_[shapes_];
        if (!idle.empty()) {
          arena_ = std::move(idle.back());
          idle.pop_back();
        }
      }
      if (!arena_) {
        arena_ = Arena::make(num_threads() == 1 ? Sharing::kAny : Sharing::kEqualSizes);
      }
      arena_->begin();
    }
    ~Lease() {
      // A run that threw has been noted in part only.
      if (std::uncaught_exceptions() > exceptions_) return;
      arena_->end();
      const std::lock_guard lock(state_.mutex_);
      state_.idle_[shapes_].push_back(std::move(arena_));
    }
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    Arena& arena() const { return *arena_; }

   private:
    const State& state_;
    Shapes shapes_;
    Arena::Pointer arena_;
    int exceptions_ = std::uncaught_exceptions();
  };

  Graph graph_;
  Program program_;
  int threads_;
  mutable std::mutex mutex_;
  mutable std::map<Shapes, std::vector<Arena::Pointer>> idle_;
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
