#include "fovea/optim/optimizer.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <memory>
#include <nlohmann/json.hpp>

#include "fovea/core/parallel.h"
#include "fovea/optim/adam.h"
#include "fovea/optim/sgd.h"
#include "fovea/tensor/ops.h"
#include "fovea/tensor/ops/linear.h"
#include "fovea/tensor/tape.h"
#include "tests/support/close.h"
#include "tests/support/golden.h"

namespace fovea::optim {
namespace {

using test::GoldenCase;
using test::is_close;
using test::message_of;
using Json = nlohmann::json;

Tensor leaf(const Shape& sizes, DType dtype, Generator& generator) {
  return randn(sizes, {.dtype = dtype, .requires_grad = true}, generator);
}

// --- Against PyTorch -----------------------------------------------------------------------------

/// The optimiser that a golden case describes, over its parameters.
std::unique_ptr<Optimizer> make_optimizer(const GoldenCase& golden, const Tensors& parameters) {
  std::vector<ParameterGroup<SGDOptions>> sgd;
  std::vector<ParameterGroup<AdamOptions>> adam;
  std::vector<ParameterGroup<AdamWOptions>> adamw;
  for (const Json& group : Json::parse(golden.json("groups"))) {
    Tensors own;
    for (const std::size_t number : group.at("params")) own.push_back(parameters[number]);
    const double lr = group.at("lr"), decay = group.at("weight_decay");
    if (golden.op() == "sgd") {
      sgd.push_back({own,
                     {.lr = lr,
                      .momentum = group.at("momentum"),
                      .dampening = group.at("dampening"),
                      .weight_decay = decay,
                      .nesterov = group.at("nesterov")}});
    } else {
      const std::pair<double, double> betas{group.at("betas").at(0), group.at("betas").at(1)};
      adam.push_back(
          {own, {.lr = lr, .betas = betas, .eps = group.at("eps"), .weight_decay = decay}});
      adamw.push_back(
          {own, {.lr = lr, .betas = betas, .eps = group.at("eps"), .weight_decay = decay}});
    }
  }
  if (golden.op() == "sgd") return std::make_unique<SGD>(sgd);
  if (golden.op() == "adam") return std::make_unique<Adam>(adam);
  return std::make_unique<AdamW>(adamw);
}

void expect_golden(const GoldenCase& golden, DType dtype, double rtol, double atol) {
  SCOPED_TRACE(golden.name() + " " + golden.op() + " " + golden.json("groups"));
  Tensors parameters, gradients;
  for (int i = 0; golden.has(str("p", i)); ++i) {
    parameters.push_back(golden.tensor(str("p", i), dtype).clone().set_requires_grad());
    gradients.push_back(golden.tensor(str("p", i, "_grads"), dtype));
  }
  const auto optimizer = make_optimizer(golden, parameters);
  for (std::int64_t step = 0; step < golden.integer("steps"); ++step) {
    optimizer->zero_grad();
    for (std::size_t i = 0; i < parameters.size(); ++i) parameters[i].set_grad(gradients[i][step]);
    optimizer->step();
    for (std::size_t i = 0; i < parameters.size(); ++i) {
      const Tensor after = golden.tensor(str("p", i, "_after"), dtype)[step];
      ASSERT_TRUE(is_close(parameters[i].detach(), after, rtol, atol))
          << "step " << step << ", parameter " << i;
    }
  }
  const StateDict state = optimizer->state_dict();
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    for (const char* name : {"exp_avg", "exp_avg_sq", "momentum_buffer"}) {
      const Tensor expected = golden.tensor(str("p", i, "_", name), dtype);
      const Tensor* actual = find(state, str("param.", i, ".", name));
      ASSERT_EQ(actual != nullptr, expected.defined()) << name;
      if (actual) {
        EXPECT_TRUE(is_close(*actual, expected, rtol, atol)) << name;
      }
    }
  }
}

TEST(Optimizer, AgreesWithPyTorch) {
  for (const GoldenCase& golden : test::load_golden("optim")) {
    expect_golden(golden, f64, 1e-13, 1e-15);
    expect_golden(golden, f32, 1e-5, 1e-6);
  }
}

// --- Worked by hand ------------------------------------------------------------------------------

// The first step of Adam moves every parameter by lr against the sign of its gradient, whatever its
// size: m = (1 - b1) g and v = (1 - b2) g^2 are undone by their corrections.
TEST(Adam, FirstStepIsTheLearningRateInSize) {
  Tensor w = tensor({1, -2, 3}, {.dtype = f64, .requires_grad = true});
  Adam optimizer({w}, {.lr = 0.5, .eps = 0});
  (w * tensor({10, -1e-6, 0.25}, {.dtype = f64})).sum().backward();
  optimizer.step();
  EXPECT_TRUE(is_close(w.detach(), tensor({0.5, -1.5, 2.5}, {.dtype = f64}), 1e-12));
}

// g = 1 then g = 3, betas 0.5 and 0.75: m = 0.5, 1.75; v = 0.25, 2.4375; corrections 0.5, 0.75 and
// 0.25, 0.4375.
TEST(Adam, SecondStepWorkedByHand) {
  Tensor w = tensor({2}, {.dtype = f64, .requires_grad = true});
  Adam optimizer({w}, {.lr = 0.1, .betas = {0.5, 0.75}, .eps = 0.01});
  w.set_grad(tensor({1}, {.dtype = f64}));
  optimizer.step();
  const double first = 2 - 0.1 / 0.5 * 0.5 / (std::sqrt(0.25) / std::sqrt(0.25) + 0.01);
  EXPECT_NEAR(w.detach()[0].item(), first, 1e-15);
  optimizer.zero_grad();
  w.set_grad(tensor({3}, {.dtype = f64}));
  optimizer.step();
  const double second = first - 0.1 / 0.75 * 1.75 / (std::sqrt(2.4375) / std::sqrt(0.4375) + 0.01);
  EXPECT_NEAR(w.detach()[0].item(), second, 1e-15);
}

TEST(SGD, FindsTheMinimumOfABowl) {
  Tensor w = tensor({5, -3}, {.requires_grad = true});
  SGD optimizer({w}, {.lr = 0.1, .momentum = 0.9});
  for (int i = 0; i < 300; ++i) {
    optimizer.zero_grad();
    square(w - tensor({1, 2})).sum().backward();
    optimizer.step();
  }
  EXPECT_TRUE(is_close(w.detach(), tensor({1, 2}), 1e-4));
}

// --- Flat blocks ---------------------------------------------------------------------------------

TEST(Flat, ParametersKeepTheirValuesAndLieInReverseOrder) {
  Generator generator(1);
  const Tensor a = leaf({3, 5}, f32, generator), b = leaf({70}, f32, generator),
               c = leaf({2, 2}, f64, generator);
  Tensor d = leaf({4, 6}, f32, generator).detach().t().set_requires_grad();  // not contiguous
  const Tensor d_before = d.detach().clone();
  const Tensor copies[] = {a.detach().clone(), b.detach().clone(), c.detach().clone()};
  const Tensor handle = a;  // NOLINT(performance-unnecessary-copy-initialization): another one
  Adam optimizer({a, b, c, d});
  EXPECT_TRUE(equal(a, copies[0]));
  EXPECT_TRUE(equal(b, copies[1]));
  EXPECT_TRUE(equal(c, copies[2]));
  EXPECT_TRUE(equal(d, d_before));
  EXPECT_TRUE(d.is_contiguous());
  EXPECT_EQ(handle.kernel_view().as<float>(), a.kernel_view().as<float>())
      << "other handles follow";
  EXPECT_EQ(a.impl()->storage, b.impl()->storage);
  EXPECT_NE(a.impl()->storage, c.impl()->storage) << "a block for each dtype";
  EXPECT_EQ(d.kernel_view().as<float>() + 32, b.kernel_view().as<float>())
      << "24 elements, at multiples of 16";
  EXPECT_EQ(b.kernel_view().as<float>() + 80, a.kernel_view().as<float>());
}

TEST(Flat, BackwardWritesGradientsIntoTheBlock) {
  Generator generator(1);
  const Tensor a = leaf({3}, f32, generator), b = leaf({5}, f32, generator);
  SGD optimizer({a, b}, {.lr = 1});
  (square(a).sum() + square(b).sum()).backward();
  EXPECT_EQ(a.grad().impl()->storage, b.grad().impl()->storage);
  const float* place = a.grad().kernel_view().as<float>();
  optimizer.zero_grad();
  EXPECT_FALSE(a.grad().defined());
  square(a).sum().backward();
  EXPECT_EQ(a.grad().kernel_view().as<float>(), place);
}

TEST(Flat, TakesGradientsAndParametersThatWereGivenOtherMemory) {
  Generator generator(1);
  Tensor a = leaf({3}, f64, generator);
  const Tensor start = a.detach().clone();
  SGD optimizer({a}, {.lr = 1});
  SGD second({a}, {.lr = 1});  // moves the parameter into its own block
  a.set_grad_buffer(zeros({3}, {.dtype = f64}));
  a.set_grad(ones({3}, {.dtype = f64}));
  optimizer.step();
  EXPECT_TRUE(is_close(a.detach(), start - 1, 1e-15));
  EXPECT_TRUE(equal(a.grad(), ones({3}, {.dtype = f64})));
  second.step();
  EXPECT_TRUE(is_close(a.detach(), start - 2, 1e-15));
}

TEST(Flat, ParametersWithoutAGradientKeepTheirValuesAndState) {
  Generator generator(1);
  std::vector<Tensor> ps, alone;
  for (int i = 0; i < 5; ++i) {
    ps.push_back(leaf({7}, f64, generator));
    alone.push_back(ps.back().detach().clone().set_requires_grad());
  }
  Adam optimizer(ps, {.weight_decay = 0.1});
  std::vector<std::unique_ptr<Adam>>
      each;  // one optimiser a parameter: what skipping must look like
  each.reserve(alone.size());
  for (const Tensor& p : alone)
    each.push_back(std::make_unique<Adam>(Tensors{p}, AdamOptions{.weight_decay = 0.1}));
  const std::vector<std::vector<int>> used = {{0, 1, 2, 3, 4}, {1, 3}, {},
                                              {0, 4},          {0, 2}, {0, 1, 2, 3, 4}};
  for (const auto& step : used) {
    optimizer.zero_grad();
    for (const int i : step) {
      const auto u = static_cast<std::size_t>(i);
      const Tensor gradient = randn({7}, {.dtype = f64}, generator);
      ps[u].set_grad(gradient);
      each[u]->zero_grad();
      alone[u].set_grad(gradient);
      each[u]->step();
    }
    optimizer.step();
    for (std::size_t i = 0; i < 5; ++i) EXPECT_TRUE(equal(ps[i], alone[i])) << i;
  }
}

TEST(Flat, GivesTheSameBitsForEveryNumberOfThreads) {
  const int threads = num_threads();
  const auto train = [](int team) {
    set_num_threads(team);
    Generator generator(3);
    const Tensor a = leaf({300, 301}, f32, generator), b = leaf({17}, f32, generator);
    AdamW optimizer({a, b});
    for (int i = 0; i < 3; ++i) {
      optimizer.zero_grad();
      (square(a).sum() + square(b).sum()).backward();
      optimizer.step();
    }
    return a.detach().clone();
  };
  const Tensor one = train(1);
  EXPECT_TRUE(equal(train(2), one));
  EXPECT_TRUE(equal(train(3), one));
  set_num_threads(threads);
}

TEST(Flat, AStepBetweenForwardAndBackwardIsNoticed) {
  Generator generator(1);
  const Tensor w = leaf({3}, f32, generator);
  SGD optimizer({w});
  const Tensor loss = square(w).sum();
  square(w).sum().backward();
  optimizer.step();
  EXPECT_THROW(loss.backward(), StateError);
}

// --- State and options ---------------------------------------------------------------------------

TEST(Optimizer, ResumesToTheSameBits) {
  const auto check = [](auto make) {
    Generator generator(1);
    const Tensor a = leaf({3, 4}, f32, generator), b = leaf({5}, f32, generator);
    const auto step = [](Optimizer& optimizer, const Tensors& parameters, bool both) {
      optimizer.zero_grad();
      Tensor loss = square(parameters[0]).sum();
      if (both) loss = loss + square(parameters[1]).sum();
      loss.backward();
      optimizer.step();
    };
    const auto first = make(Tensors{a, b});
    first->set_lr(0.25);
    step(*first, {a, b}, true);
    step(*first, {a, b}, false);
    const Tensors copies{a.detach().clone().set_requires_grad(),
                         b.detach().clone().set_requires_grad()};
    const auto second = make(copies);
    second->load_state_dict(first->state_dict());
    EXPECT_EQ(second->lr(), 0.25);
    step(*first, {a, b}, true);
    step(*second, copies, true);
    EXPECT_TRUE(equal(a, copies[0]));
    EXPECT_TRUE(equal(b, copies[1]));
  };
  check(
      [](const Tensors& p) { return std::make_unique<Adam>(p, AdamOptions{.weight_decay = 0.1}); });
  check([](const Tensors& p) { return std::make_unique<AdamW>(p); });
  check([](const Tensors& p) {
    return std::make_unique<SGD>(p, SGDOptions{.momentum = 0.9, .dampening = 0.5});
  });
  check([](const Tensors& p) { return std::make_unique<SGD>(p); });
}

TEST(Optimizer, SavesNothingOfParametersThatNeverMoved) {
  Generator generator(1);
  const Tensor a = leaf({2}, f32, generator), b = leaf({2}, f32, generator);
  Adam optimizer({a, b});
  EXPECT_EQ(optimizer.state_dict().size(), 2u);
  square(b).sum().backward();
  optimizer.step();
  const StateDict state = optimizer.state_dict();
  ASSERT_EQ(state.size(), 5u);
  EXPECT_EQ(state[0].first, "group.0.lr");
  EXPECT_EQ(state[1].first, "group.0.momentum");
  EXPECT_EQ(state[2].first, "param.1.step");
  EXPECT_EQ(state[3].first, "param.1.exp_avg");
  EXPECT_EQ(state[4].first, "param.1.exp_avg_sq");
}

TEST(Optimizer, RefusesStateThatIsNotItsOwn) {
  Generator generator(1);
  const Tensor a = leaf({2}, f32, generator);
  Adam optimizer({a}, {.lr = 0.5});
  const Tensor step = scalar(1, {.dtype = i64}), lr = scalar(0.125, {.dtype = f64});
  const auto load = [&](const StateDict& state) {
    return message_of<Error>([&] { optimizer.load_state_dict(state); });
  };
  EXPECT_EQ(
      load({{"group.0.lr", lr}, {"group.0.momentum", lr}, {"param.1.step", step}}),
      "adam: state expected of this optimizer's 1 groups and 1 parameters, got \"param.1.step\"");
  EXPECT_EQ(load({{"param.0.momentum_buffer", ones({2})}}),
            "adam: state expected of this optimizer's 1 groups and 1 parameters, got "
            "\"param.0.momentum_buffer\"");
  EXPECT_EQ(load({{"param.0.step", step},
                  {"param.0.exp_avg", ones({3})},
                  {"param.0.exp_avg_sq", ones({2})}}),
            "adam: state \"param.0.exp_avg\" expected shape [2], got [3]");
  EXPECT_EQ(load({{"param.0.step", ones({})},
                  {"param.0.exp_avg", ones({2})},
                  {"param.0.exp_avg_sq", ones({2})}}),
            "adam: state \"param.0.step\" expected dtype i64, got f32");
  EXPECT_EQ(load({{"param.0.step", step}, {"param.0.exp_avg_sq", ones({2})}}),
            "adam: state expected \"param.0.exp_avg\" beside \"param.0.exp_avg_sq\", got none");
  EXPECT_EQ(load({{"group.0.lr", scalar(-1, {.dtype = f64})}, {"group.0.momentum", lr}}),
            "adam: lr expected a finite number >= 0, got -1");
  EXPECT_EQ(optimizer.lr(), 0.5) << "nothing has changed";
}

TEST(Optimizer, GroupsHaveTheirOwnOptions) {
  const Tensor a = tensor({1}, {.requires_grad = true}), b = tensor({1}, {.requires_grad = true});
  SGD optimizer({{{a}, {.lr = 0.5}}, {{b}, {.lr = 0.25, .momentum = 0.9}}});
  EXPECT_EQ(optimizer.group_count(), 2);
  EXPECT_EQ(optimizer.lr(1), 0.25);
  EXPECT_EQ(optimizer.momentum(1), 0.9);
  optimizer.set_lr(0.125, 1);
  (a + b).sum().backward();
  optimizer.step();
  EXPECT_EQ(a.detach()[0].item(), 0.5);
  EXPECT_EQ(b.detach()[0].item(), 0.875);
  EXPECT_EQ(optimizer.parameters().size(), 2u);
  EXPECT_EQ(message_of<IndexError>([&] { optimizer.lr(2); }),
            "sgd: group expected in [0, 2), got 2");
}

TEST(SGD, MomentumMayBeSwitchedOnLater) {
  const Tensor a = tensor({1}, {.dtype = f64, .requires_grad = true});
  SGD optimizer({a}, {.lr = 0.5});
  a.sum().backward();
  optimizer.step();
  optimizer.set_momentum(0.5);
  optimizer.step();  // the velocity starts as the gradient
  EXPECT_EQ(a.detach()[0].item(), 0);
  optimizer.step();
  EXPECT_EQ(a.detach()[0].item(), -0.75);
}

TEST(Optimizer, ChecksItsOptions) {
  const double nan = std::numeric_limits<double>::quiet_NaN(),
               inf = std::numeric_limits<double>::infinity();
  const Tensors p{ones({2}, {.requires_grad = true})};
  const auto adam = [&](const AdamOptions& options) {
    return message_of<ArgumentError>([&] { Adam{p, options}; });
  };
  const auto sgd = [&](const SGDOptions& options) {
    return message_of<ArgumentError>([&] { SGD{p, options}; });
  };
  EXPECT_EQ(adam({.lr = nan}), "adam: lr expected a finite number >= 0, got nan");
  EXPECT_EQ(adam({.lr = -1}), "adam: lr expected a finite number >= 0, got -1");
  EXPECT_EQ(adam({.lr = inf}), "adam: lr expected a finite number >= 0, got inf");
  EXPECT_EQ(adam({.betas = {0.9, 1}}), "adam: betas expected in [0, 1), got 0.9 and 1");
  EXPECT_EQ(adam({.betas = {nan, 0.9}}), "adam: betas expected in [0, 1), got nan and 0.9");
  EXPECT_EQ(adam({.eps = -1e-8}), "adam: eps expected a finite number >= 0, got -1e-08");
  EXPECT_EQ(adam({.weight_decay = nan}),
            "adam: weight_decay expected a finite number >= 0, got nan");
  EXPECT_EQ(message_of<ArgumentError>([&] { AdamW(p, {.lr = nan}); }),
            "adamw: lr expected a finite number >= 0, got nan");
  EXPECT_EQ(sgd({.lr = nan}), "sgd: lr expected a finite number >= 0, got nan");
  EXPECT_EQ(sgd({.momentum = -0.5}), "sgd: momentum expected a finite number >= 0, got -0.5");
  EXPECT_EQ(sgd({.momentum = 0.9, .dampening = nan}),
            "sgd: dampening expected a finite number, got nan");
  EXPECT_EQ(sgd({.nesterov = true}),
            "sgd: nesterov expected momentum > 0 and dampening 0, got momentum 0 and dampening 0");
  Adam good(p);
  EXPECT_EQ(message_of<ArgumentError>([&] { good.set_lr(nan); }),
            "adam: lr expected a finite number >= 0, got nan");
  EXPECT_EQ(message_of<ArgumentError>([&] { good.set_momentum(1); }),
            "adam: momentum expected in [0, 1), got 1");
}

TEST(Optimizer, ChecksItsParameters) {
  const Tensor a = ones({2}, {.requires_grad = true}), b = ones({3}, {.requires_grad = true});
  EXPECT_EQ(message_of<ArgumentError>([&] { Adam(Tensors{}); }),
            "adam: parameters expected at least one, got none");
  EXPECT_EQ(message_of<ArgumentError>([&] { SGD(std::vector<ParameterGroup<SGDOptions>>{}); }),
            "sgd: groups expected at least one, got none");
  EXPECT_EQ(message_of<ArgumentError>([&] {
              Adam({a, b, a});
            }),
            "adam: parameter 2 expected only once, got parameter 0 again");
  EXPECT_EQ(message_of<StateError>([&] {
              Adam({a, b * 2});
            }),
            "adam: parameter 1 expected to be a leaf, got the result of an operation");
  EXPECT_EQ(message_of<DTypeError>([&] {
              Adam({a, zeros({2}, {.dtype = i64})});
            }),
            "adam: parameter 1 expected dtype f32 or f64, got i64");
  Tensor c = ones({2});
  Adam optimizer({b, c});
  NoGrad no_grad;
  c.resize_({4});
  EXPECT_EQ(message_of<StateError>([&] { optimizer.step(); }),
            str("adam: parameter 1 expected f32 [2] on ", default_device(),
                " as when the optimizer was made, got f32 [4] on ", default_device()));
}

}  // namespace
}  // namespace fovea::optim
