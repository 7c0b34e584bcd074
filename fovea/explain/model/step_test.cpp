#include "fovea/explain/model/step.h"

#include <gmock/gmock.h>

#include <cmath>
#include <limits>

#include "fovea/models/models.h"
#include "fovea/nn/auxiliary.h"
#include "fovea/nn/nn.h"
#include "fovea/tensor/ops.h"
#include "fovea/tensor/tape.h"
#include "tests/support/close.h"
#include "tests/support/draw.h"
#include "tests/support/said_in_both.h"
#include "tests/support/walk_reader.h"
#include "tests/test_seed.h"

namespace fovea::explain {
namespace {

using test::draw;
using test::get;
using test::message_of;
using test::number;

/// A model, a batch, and a weight of each trial.
class Training {
 public:
  Training(const std::string& name, const models::ModelOptions& options, const Shape& images,
           DType dtype)
      : random_(test::seed()) {
    manual_seed(test::seed());
    net = models::make_model(name, options);
    net->to(dtype);
    x = rand(images).to(dtype);
    targets = randint(0, 10, {images[0]});
    parameters = net->named_parameters();
  }

  /// A parameter and an index in it.
  StepOptions draw_weight() {
    const auto last = static_cast<std::int64_t>(parameters.size()) - 1;
    const auto& [name, tensor] = parameters[static_cast<std::size_t>(draw(random_, 0, last))];
    StepOptions options{.parameter = name};
    for (const std::int64_t size : tensor.sizes()) options.at.push_back(draw(random_, 0, size - 1));
    return options;
  }
  Tensor parameter(const std::string& name) const { return *find(parameters, name); }
  /// The loss of a training step whose masks are those of `seed`.
  Tensor loss(std::uint64_t seed) {
    manual_seed(seed);
    net->train();
    return nn::training_loss(nn::training_scores(*net, x),
                             [&](const Tensor& scores) { return cross_entropy(scores, targets); });
  }

  std::shared_ptr<nn::Module> net;
  Tensor x, targets;
  NamedTensors parameters;

 private:
  test::Random random_;
};

/// The elements of an f32 or f64 parameter as one list, to change them.
Tensor element(Tensor tensor, const Shape& index) {
  for (const std::int64_t i : index) tensor = tensor.select(0, i);
  return tensor;
}

TEST(WalkStep, GradientsAreDifferencesOfTheLoss) {
  Training training("fashion-cnn", {{"image_size", "8"}}, {3, 1, 8, 8}, f64);
  for (int trial = 0; trial < 100; ++trial) {
    const StepOptions options = training.draw_weight();
    SCOPED_TRACE(str(options.parameter, " ", options.at));
    const auto seed = static_cast<std::uint64_t>(trial);
    manual_seed(seed);
    const Walk walk = walk_step(*training.net, training.x, training.targets, options);
    const NoGrad no_grad;
    constexpr double kStep = 1e-6;
    Tensor weight = element(training.parameter(options.parameter), options.at);
    const double old = weight.item();
    EXPECT_EQ(number(get(walk, "old")), old);
    weight.fill_(old + kStep);
    const double above = training.loss(seed).item();
    weight.fill_(old - kStep);
    const double below = training.loss(seed).item();
    weight.fill_(old);
    EXPECT_NEAR(number(get(walk, "gradient")), (above - below) / (2 * kStep), 1e-6);
    EXPECT_NEAR(number(get(walk, "loss")), training.loss(seed).item(), 1e-12);
  }
}

/// The gradient is the sum of the terms, as f64 adds them. Returns whether they are written out.
bool check_terms(Training& training) {
  const StepOptions options = training.draw_weight();
  SCOPED_TRACE(str(options.parameter, " ", options.at));
  const Walk walk = walk_step(*training.net, training.x, training.targets, options);
  if (test::is_null(get(walk, "terms"))) return false;
  const double gradient = number(get(walk, "gradient"));
  double largest = std::abs(gradient);
  for (const Value& term : test::list(get(walk, "largest_terms"))) {
    const double product = number(get(term, "product"));
    EXPECT_EQ(product, number(get(term, "activation")) * number(get(term, "upstream")));
    largest = std::max(largest, std::abs(product));
  }
  EXPECT_NEAR(number(get(walk, "terms_sum")), gradient, 1e-9 * largest + 1e-15);
  return true;
}

TEST(WalkStep, GradientsAreSumsOfTheirTerms) {
  Training training("lenet5", {}, {3, 1, 32, 32}, f64);
  for (int trial = 0; trial < 40; ++trial) EXPECT_TRUE(check_terms(training));
}

TEST(WalkStep, TermsKnowStridesBordersAndGroups) {
  Training training("lenet5", {}, {3, 2, 11, 9}, f64);
  training.net = std::make_shared<nn::Sequential>(
      nn::Conv2d({.in_channels = 2,
                  .out_channels = 4,
                  .kernel_size = {3, 2},
                  .stride = {2, 1},
                  .padding = {1, 2},
                  .dilation = {1, 2},
                  .groups = 2}),
      nn::Tanh(),
      nn::Conv2d({.in_channels = 4, .out_channels = 10, .kernel_size = 1, .bias = false}),
      nn::AdaptiveAvgPool2d(1), nn::Flatten(), nn::Linear(10, 10));
  training.net->to(f64);
  training.parameters = training.net->named_parameters();
  for (int trial = 0; trial < 60; ++trial) EXPECT_TRUE(check_terms(training));
}

TEST(WalkStep, AuxiliaryClassifiersCountInTheLoss) {
  Training training("googlenet", {{"image_size", "16"}, {"num_classes", "10"}}, {2, 3, 16, 16},
                    f32);
  const StepOptions options{.parameter = "aux1.fc2.bias", .at = {3}};
  manual_seed(1);
  const Walk walk = walk_step(*training.net, training.x, training.targets, options);
  EXPECT_EQ(number(get(walk, "terms")), 2);
  EXPECT_NE(number(get(walk, "gradient")), 0);
  EXPECT_NEAR(number(get(walk, "loss")), training.loss(1).item(), 1e-4);
}

TEST(WalkStep, TheNewValueIsAdams) {
  Training training("fashion-cnn", {{"image_size", "8"}}, {4, 1, 8, 8}, f32);
  // A state that a few steps have left.
  const optim::AdamOptions adam_options{.lr = 0.01, .weight_decay = 0.02};
  StateDict state;
  {
    optim::Adam adam(training.net->parameters(), adam_options);
    for (std::uint64_t step = 0; step < 3; ++step) {
      adam.zero_grad();
      training.loss(step).backward();
      adam.step();
    }
    state = adam.state_dict();
  }
  for (int trial = 0; trial < 100; ++trial) {
    StepOptions options = training.draw_weight();
    SCOPED_TRACE(str(options.parameter, " ", options.at));
    options.adam = adam_options;
    if (trial % 2 == 0) options.state = state;
    const Walk walk = walk_step(*training.net, training.x, training.targets, options);
    // The same step of a parameter of this one weight alone.
    const auto alone = [&](const char* name) { return full({1}, number(get(walk, name))); };
    const double old = number(get(walk, "old"));
    Tensor weight = full({1}, old);
    weight.set_requires_grad();
    optim::Adam adam({weight}, adam_options);
    if (options.state) {
      StateDict own = adam.state_dict();
      own.emplace_back("param.0.step", scalar(3, {.dtype = i64}));
      own.emplace_back("param.0.exp_avg", alone("m_before"));
      own.emplace_back("param.0.exp_avg_sq", alone("v_before"));
      adam.load_state_dict(own);
    }
    weight.set_grad(alone("gradient"));
    adam.step();
    EXPECT_EQ(number(get(walk, "new")), weight.item());
    const StateDict after = adam.state_dict();
    EXPECT_EQ(number(get(walk, "m")), find(after, "param.0.exp_avg")->item());
    EXPECT_EQ(number(get(walk, "v")), find(after, "param.0.exp_avg_sq")->item());
    const double update = number(get(walk, "update"));
    EXPECT_NEAR(number(get(walk, "new")), old - update,
                std::numeric_limits<float>::epsilon() * (std::abs(old) + 4 * std::abs(update)));
    EXPECT_EQ(number(get(walk, "step")), options.state ? 4 : 1);
  }
}

TEST(WalkStep, LeavesTheModelAsItWas) {
  Training training("fashion-cnn", {{"image_size", "8"}}, {2, 1, 8, 8}, f32);
  training.net->eval();
  StateDict before;
  for (const auto& [name, tensor] : training.net->state_dict())
    before.emplace_back(name, tensor.clone());
  const StepOptions options{.parameter = "layer2.1.weight", .at = {3}};
  walk_step(*training.net, training.x, training.targets, options);
  for (const auto& [name, tensor] : training.net->state_dict())
    EXPECT_TRUE(equal(tensor, *find(before, name))) << name;
  for (const Tensor& parameter : training.net->parameters())
    EXPECT_FALSE(parameter.grad().defined());
  EXPECT_FALSE(training.net->is_training());
}

TEST(WalkStep, ErrorsSayWhatWasExpected) {
  Training training("fashion-cnn", {{"image_size", "8"}}, {2, 1, 8, 8}, f32);
  const auto error = [&](const StepOptions& options) {
    return message_of<Error>(
        [&] { walk_step(*training.net, training.x, training.targets, options); });
  };
  EXPECT_EQ(error({.parameter = "layer1.0.wieght"}),
            "explain: parameter expected to be one of the model's, got \"layer1.0.wieght\"; did "
            "you mean \"layer1.0.weight\"?");
  EXPECT_EQ(error({.parameter = "fc3.weight", .at = {10, 0}}),
            "explain: place expected in a parameter of [10, 120], got [10, 0] (parameter "
            "fc3.weight)");
  training.net->set_requires_grad(false);
  training.parameter("fc3.bias").set_requires_grad();
  EXPECT_EQ(error({.parameter = "fc3.weight"}),
            "explain: parameter expected to take part in the loss, got fc3.weight");
  EXPECT_EQ(test::korean_message_of([&] {
              walk_step(*training.net, training.x, training.targets, {.parameter = "fc3.weight"});
            }),
            "explain: 손실에 쓰이는 매개변수여야 하는데 fc3.weight입니다");
}

}  // namespace
}  // namespace fovea::explain
