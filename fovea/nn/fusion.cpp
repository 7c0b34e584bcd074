#include "fovea/nn/fusion.h"

#include <cstdint>
#include <optional>

#include "fovea/nn/activation.h"
#include "fovea/nn/batch_norm.h"
#include "fovea/nn/conv.h"
#include "fovea/nn/dropout.h"
#include "fovea/nn/linear.h"
#include "fovea/nn/pooling.h"
#include "fovea/tensor/ops/conv_block.h"
#include "fovea/tensor/trace.h"

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

// True when the fused operation can pool as `pool` does values of `sizes`: whole windows side by
// side.
bool fits(const MaxPoolOptions& pool, const Shape& sizes, BlockEpilogue& epilogue) {
  if (pool.ceil_mode) return false;
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
         window[0] <= sizes[2] && window[1] <= sizes[3];
}

// Sizes of what a run's activation and pooling see, or an empty shape when x does not fit the run:
// then the children say what is wrong.
Shape block_sizes(const Run& run, const Tensor& x) {
  if (x.dim() != 4 || run.conv == nullptr) return x.dim() == 4 ? x.sizes() : Shape();
  const Tensor& weight = run.conv->weight();
  const Shape input{x.size(2), x.size(3)}, kernel{weight.size(2), weight.size(3)};
  try {
    const Shape output = conv_output_size(input, kernel, run.conv->options());
    return {x.size(0), weight.size(0), output[0], output[1]};
  } catch (const ShapeError&) {
    return {};
  }
}

// The children of `run` from the producer or normalisation to the pooling as one operation. Returns
// how many they are: 0 when there is nothing to join.
std::size_t execute_block(const Run& run, const Tensor& x, Tensor& y) {
  const Shape sizes = block_sizes(run, x);
  if (run.linear != nullptr || sizes.empty()) return 0;
  BlockEpilogue epilogue{.relu = run.relu != nullptr};
  const bool pools = run.pool != nullptr && fits(run.pool->options(), sizes, epilogue);
  if (!pools) epilogue.pool_height = epilogue.pool_width = 1;
  const std::size_t joined = (run.conv ? 1 : 0) + (run.norm ? 1 : 0) + (run.relu ? 1 : 0) + pools;
  if (joined < 2 || (run.conv == nullptr && run.norm == nullptr)) return 0;
  const NormTensors norm = run.norm ? run.norm->tensors() : NormTensors();
  if (run.conv != nullptr) {
    ConvBlockOptions options{.conv = run.conv->options(), .epilogue = epilogue};
    if (run.norm != nullptr) options.norm = run.norm->next_options();
    y = conv_block(x, run.conv->weight(), run.conv->bias(), norm, options);
  } else {
    y = batch_norm_relu_pool(x, norm, run.norm->next_options(), epilogue);
  }
  if (run.norm != nullptr) run.norm->count_batch();
  return joined;
}

// A run that a linear layer starts is one operation, whatever follows it.
Tensor execute_linear(const Run& run, const Tensor& x) {
  LinearEpilogue epilogue{.relu = run.relu != nullptr, .dropout = std::nullopt};
  if (run.dropout != nullptr && run.dropout->is_training()) epilogue.dropout = run.dropout->p();
  return run.linear->forward_relu_dropout(x, epilogue);
}

}  // namespace

Tensor execute(const Run& run, std::span<const std::shared_ptr<Module>> children, const Tensor& x) {
  Tensor y = x;
  if (tracer()) {  // who listens wants to hear of each layer
    for (std::size_t i = run.begin; i < run.end; ++i) y = (*children[i])(y);
    return y;
  }
  const bool follows = run.relu != nullptr || run.dropout != nullptr;
  const bool others = run.norm != nullptr || run.pool != nullptr;
  if (run.linear != nullptr && follows && !others) return execute_linear(run, x);
  std::size_t next = run.begin + execute_block(run, x, y);
  for (; next < run.end; ++next) y = (*children[next])(y);
  return y;
}

}  // namespace fovea::nn
