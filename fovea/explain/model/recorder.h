// How runs are recorded: of modules by a tracer and forward hooks, of graphs by the program's
// observer. What both need.
#pragma once

#include <chrono>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "fovea/explain/model/run.h"
#include "fovea/graph/graph_module.h"

namespace fovea::explain {

/// Names that are taken once: "add", "add_1", ...
class LayerNames {
 public:
  void take(const std::string& name) { taken_.insert(name); }  ///< is taken
  /// `name`, or with the first number behind it that makes it new; it is taken then.
  std::string unique(const std::string& name) {
    std::string result = name;
    for (int i = 1; taken_.contains(result); ++i) result = name + "_" + std::to_string(i);
    taken_.insert(result);
    return result;
  }

 private:
  std::set<std::string> taken_;
};

/// Time that operations take, without what is done to note them.
class RunClock {
 public:
  /// Stands still while it lives, and knows how long the clock has run before.
  class Pause {
   public:
    /// Of `clock`.
    explicit Pause(RunClock& clock) : milliseconds(since(clock.start_)), clock_(clock) {}
    ~Pause() { clock_.start_ = Clock::now(); }
    Pause(const Pause&) = delete;
    Pause& operator=(const Pause&) = delete;
    const double milliseconds;  ///< since the pause before

   private:
    RunClock& clock_;
  };

  void start() { start_ = Clock::now(); }  ///< from now on

 private:
  using Clock = std::chrono::steady_clock;
  static double since(Clock::time_point start) {
    return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
  }
  Clock::time_point start_ = Clock::now();
};

/// Whether people may want to look at it.
bool is_layer(const Tensors& outputs);

/// Adds a name unless it is there.
void add_once(std::vector<std::string>& names, const std::string& name);

/// run_model of anything but a graph.
ModelRun run_modules(nn::Module& module, const Tensor& x, const std::function<Tensor()>& forward);
/// run_model of a graph.
ModelRun run_graph(const graph::GraphModule& module, const Tensor& given);

}  // namespace fovea::explain
