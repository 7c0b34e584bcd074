// Training and evaluation that are under way ask the system for nothing: their blocks come from the
// allocator's cache, and no page is touched for the first time.

#include <sys/resource.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "fovea/data/data_loader.h"
#include "fovea/kernels/backend.h"
#include "fovea/kernels/memory.h"
#include "fovea/models/models.h"
#include "fovea/nn/losses.h"
#include "fovea/optim/adam.h"
#include "fovea/tensor/ops/conv.h"
#include "fovea/tensor/ops/linear.h"
#include "fovea/tensor/tape.h"
#include "fovea/train/metrics.h"
#include "fovea/train/trainer.h"
#include "tests/support/sanitized.h"
#include "tests/test_seed.h"

namespace fovea::train {
namespace {

constexpr std::int64_t kWarmUp = 8, kWindow = 5, kWindows = 6;
constexpr std::int64_t kSteps = kWarmUp + kWindow * kWindows;

/// Images a step. Devices that only tests have are slow, and what they are asked for does not
/// depend on it.
std::int64_t batch_size() { return default_device() == cpu ? 100 : 1; }

/// What the process has taken from the system since it started.
struct Taken {
  std::int64_t allocations;  ///< by tensors of the default device
  /// Pages that any thread touched for the first time. Memory that is protected between kernels is
  /// touched anew by each of them: counted for the CPU alone.
  std::int64_t page_faults;

  static Taken now() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return {memory_stats().system_allocations, default_device() == cpu ? usage.ru_minflt : 0};
  }
};

/// Images of Fashion-MNIST's size, enough for one epoch of kSteps batches.
data::TensorDataset images() {
  const std::int64_t samples = kSteps * batch_size();
  std::mt19937 random(static_cast<unsigned>(test::seed()));
  std::vector<std::uint8_t> pixels(static_cast<std::size_t>(samples * 28 * 28));
  for (std::uint8_t& pixel : pixels) pixel = static_cast<std::uint8_t>(random());
  std::vector<std::int64_t> labels(static_cast<std::size_t>(samples));
  for (std::int64_t& label : labels) label = random() % 10;
  return {
      from_data(pixels, {samples, 1, 28, 28}), from_data(labels, {samples}), {}, data::ToTensor()};
}

/// Counts, step by step, what an epoch of kSteps takes; its first kWarmUp steps may take something.
///
/// Not all that is taken later is a step's doing. The system moves pages, or takes them away when
/// memory is short. And on a busy machine two threads may need scratch memory at the same time for
/// the first time after many steps. So the steps are counted in several windows, and the one that
/// took least must have taken nothing.
class Meter : public TrainObserver {
 public:
  void on_step(const StepEvent&) override { count_step(); }
  void count_step() {
    if (++steps_ < kWarmUp || (steps_ - kWarmUp) % kWindow != 0) return;
    const Taken now = Taken::now();
    if (last_) {
      least_.allocations = std::min(least_.allocations, now.allocations - last_->allocations);
      least_.page_faults = std::min(least_.page_faults, now.page_faults - last_->page_faults);
    }
    last_ = now;
  }
  void expect_nothing_taken() const {
    ASSERT_EQ(steps_, kSteps);
    EXPECT_EQ(least_.allocations, 0) << "in " << kWindow << " steps";
    if (test::kSanitized) return;  // its bookkeeping grows with every access
    EXPECT_EQ(least_.page_faults, 0) << "in " << kWindow << " steps";
  }

 private:
  static constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
  std::int64_t steps_ = 0;
  Taken least_{kMost, kMost};
  std::optional<Taken> last_;
};

/// fashion-cnn with Adam, over a loader.
class SteadyState : public testing::Test {
 protected:
  /// The training loop of the README.
  void train(data::DataLoader& loader) {
    Meter meter;
    for (auto& [batch, labels] : loader) {
      const Tensor loss = criterion_((*model_)(batch), labels);
      optimizer_.zero_grad();
      loss.backward();
      optimizer_.step();
      meter.count_step();
    }
    meter.expect_nothing_taken();
  }

  const data::TensorDataset dataset_ = images();
  data::DataLoader loader_{dataset_, {.batch_size = batch_size(), .shuffle = true}};
  const std::shared_ptr<nn::Module> model_ = models::make_model("fashion-cnn");
  optim::Adam optimizer_{model_->parameters(), {.lr = 0.001}};
  nn::CrossEntropyLoss criterion_;
};

TEST_F(SteadyState, TrainingTakesNothing) { train(loader_); }

TEST_F(SteadyState, TheTrainerTakesNothing) {
  Meter meter;
  Trainer trainer(*model_, optimizer_, {.epochs = 1});
  trainer.add_observer(meter);
  trainer.fit(loader_);
  meter.expect_nothing_taken();
}

TEST_F(SteadyState, BatchesFromTheBackgroundTakeNothing) {
  data::DataLoader loader(dataset_,
                          {.batch_size = batch_size(),
                           .shuffle = true,
                           .transform = data::Compose{data::RandomHorizontalFlip(),
                                                      data::RandomCrop({28, 28}, {.padding = 3})},
                           .prefetch = 2});
  train(loader);
}

TEST_F(SteadyState, DirectConvolutionsTakeNothing) {
  const ConvAlgorithmScope algorithm(ConvAlgorithm::kDirect);
  train(loader_);
}

TEST_F(SteadyState, LinearLayersInBf16TakeNothing) {
  if (!kernels::can(default_device(), kernels::Feature::kBf16Products))
    GTEST_SKIP() << "no bf16 dot products";
  const PrecisionScope precision(Precision::kBf16);
  train(loader_);
}

TEST_F(SteadyState, EvaluationTakesNothing) {
  const NoGrad no_grad;
  model_->eval();
  Meter meter;
  ConfusionMatrix confusion(10);
  for (auto& [batch, labels] : loader_) {
    const Tensor scores = (*model_)(batch);
    confusion.add_scores(scores, labels);
    criterion_(scores, labels).item<float>();
    meter.count_step();
  }
  meter.expect_nothing_taken();
}

}  // namespace
}  // namespace fovea::train
