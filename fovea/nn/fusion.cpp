#include "fovea/nn/fusion.h"

#include <cstdint>
#include <optional>

#include "fovea/nn/activation.h"
#include "fovea/nn/batch_norm.h"
#include "fovea/nn/conv.h"
#include "fovea/nn/dropout.h"
#include "fovea/nn/linear.h"
#include "fovea/nn/pooling.h"

namespace fovea::nn {

namespace {

// The stages of a run, in the order in which they may follow each other.
enum class Stage : std::uint8_t { kProducer, kNorm, kActivation, kPool, kDropout, kOther };

template <class M>
bool is(Module& child, M*& place) {
  M* const found = dynamic_cast<M*>(&child);
  if (found != nullptr) place = found;
  return found != nullptr;
}

// Enters `child` into `run` as what it is. All these layers are final, so that none can have a
// forward of its own.
Stage enter(Module& child, Run& run) {
  if (child.has_forward_hooks()) return Stage::kOther;
  if (is(child, run.conv) || is(child, run.linear)) return Stage::kProducer;
  if (is(child, run.norm)) return Stage::kNorm;
  if (is(child, run.relu)) return Stage::kActivation;
  if (is(child, run.pool)) return Stage::kPool;
  if (is(child, run.dropout)) return Stage::kDropout;
  return Stage::kOther;
}

}  // namespace

std::vector<Run> plan_runs(std::span<const std::shared_ptr<Module>> children) {
  std::vector<Run> runs;
  Stage last = Stage::kOther;
  for (std::size_t i = 0; i < children.size(); ++i) {
    Run joined = runs.empty() ? Run{} : runs.back();
    const Stage stage = enter(*children[i], joined);
    if (stage > last && stage != Stage::kOther) {
      runs.back() = joined;
      runs.back().end = i + 1;
    } else {
      enter(*children[i], runs.emplace_back(Run{.begin = i, .end = i + 1}));
    }
    last = stage;
  }
  return runs;
}

namespace {

// The pooling of a run as the fused operation does it: whole windows side by side.
bool fits(const MaxPoolOptions& pool, const Tensor& x, NormEpilogue& epilogue) {
  if (x.dim() != 4 || pool.ceil_mode) return false;
  const auto numbers = [](const PerDim& option, std::int64_t least) {
    return option.expand(2, "max_pool2d", "pooling", least);
  };
  const Shape window = numbers(pool.kernel_size, 1);
  const bool side_by_side = pool.stride.empty() || numbers(pool.stride, 1) == window;
  const bool bare =
      numbers(pool.padding, 0) == Shape{0, 0} && numbers(pool.dilation, 1) == Shape{1, 1};
  epilogue.pool_height = window[0];
  epilogue.pool_width = window[1];
  return side_by_side && bare && window[0] <= 256 && window[1] <= 256 / window[0] &&
         window[0] <= x.size(2) && window[1] <= x.size(3);
}

}  // namespace

namespace {

// A run that a linear layer starts is one operation, whatever follows it.
Tensor execute_linear(const Run& run, const Tensor& x) {
  LinearEpilogue epilogue{.relu = run.relu != nullptr, .dropout = std::nullopt};
  if (run.dropout != nullptr && run.dropout->is_training()) epilogue.dropout = run.dropout->p();
  return run.linear->forward_relu_dropout(x, epilogue);
}

}  // namespace

Tensor execute(const Run& run, std::span<const std::shared_ptr<Module>> children, const Tensor& x) {
  const bool follows = run.relu != nullptr || run.dropout != nullptr;
  const bool others = run.norm != nullptr || run.pool != nullptr;
  if (run.linear != nullptr && follows && !others) return execute_linear(run, x);
  Tensor y = x;
  for (std::size_t i = run.begin; i < run.end; ++i) {
    if (children[i].get() == run.norm && (run.relu != nullptr || run.pool != nullptr)) {
      NormEpilogue epilogue{.relu = run.relu != nullptr};
      const bool pools = run.pool != nullptr && fits(run.pool->options(), y, epilogue);
      if (pools || (epilogue.relu && y.dim() == 4)) {
        if (!pools) epilogue.pool_height = epilogue.pool_width = 1;
        y = run.norm->forward_relu_pool(y, epilogue);
        i += (epilogue.relu ? 1 : 0) + (pools ? 1 : 0);
        continue;
      }
    }
    y = (*children[i])(y);
  }
  return y;
}

}  // namespace fovea::nn
