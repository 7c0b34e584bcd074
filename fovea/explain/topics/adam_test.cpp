#include "fovea/explain/topics/adam.h"

#include <gtest/gtest.h>

#include <cmath>

#include "fovea/core/error.h"
#include "tests/support/close.h"
#include "tests/support/walk_reader.h"

namespace fovea::explain {
namespace {

using fovea::test::message_of;
using test::get;

TEST(WalkAdam, IsThePapersAlgorithm) {
  const Walk walk = walk_adam({.start = 0.25, .steps = 50});
  const auto& steps = test::as<std::vector<Value>>(get(walk, "steps"));
  ASSERT_EQ(steps.size(), 50u);
  double p = 0.25, m = 0, v = 0;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const auto& step = test::as<Fields>(steps[i]);
    const auto t = static_cast<double>(i + 1);
    const double g = 2 * (p - 1);
    m = 0.9 * m + 0.1 * g;
    v = 0.999 * v + 0.001 * g * g;
    const double m_hat = m / (1 - std::pow(0.9, t)), v_hat = v / (1 - std::pow(0.999, t));
    const double change = -0.1 * m_hat / (std::sqrt(v_hat) + 1e-8);
    p += change;
    const auto is = [&](const char* name, double expected) {
      EXPECT_NEAR(test::as<double>(get(step, name)), expected, 1e-12) << name << " " << t;
    };
    is("gradient", g);
    is("m", m);
    is("v", v);
    is("m_hat", m_hat);
    is("v_hat", v_hat);
    is("change", change);
    is("parameter", p);
  }
  EXPECT_EQ(test::first<Table>(walk).rows.size(), 50u);
  EXPECT_EQ(test::first<Chart>(walk).series[0].x.size(), 51u);
}

TEST(WalkAdam, StepsAsFarAsTheLearningRateAtFirst) {
  for (const double target : {0.001, 1000.}) {
    const Walk walk = walk_adam({.target = target, .steps = 1});
    const auto& steps = test::as<std::vector<Value>>(get(walk, "steps"));
    EXPECT_NEAR(test::as<double>(get(test::as<Fields>(steps[0]), "change")), 0.1, 1e-6);
  }
}

TEST(WalkAdam, SaysWhatItCannotShow) {
  const auto refusal = [](const AdamTopic& topic) {
    return message_of<ArgumentError>([&] { walk_adam(topic); });
  };
  EXPECT_EQ(refusal({.steps = 0}), "explain adam: steps expected in 1 to 1000, got 0");
  EXPECT_EQ(refusal({.target = INFINITY}),
            "explain adam: start and target expected finite, got 0 and inf");
}

}  // namespace
}  // namespace fovea::explain
