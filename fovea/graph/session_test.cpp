#include "fovea/graph/session.h"

#include <gtest/gtest.h>

#include <thread>

#include "fovea/graph/passes.h"
#include "fovea/graph/trace.h"
#include "fovea/kernels/backend.h"
#include "fovea/kernels/kernels.h"
#include "fovea/kernels/memory.h"
#include "fovea/nn/nn.h"
#include "fovea/nn/random_network.h"
#include "fovea/tensor/ops.h"
#include "fovea/tensor/tape.h"
#include "tests/support/close.h"

namespace fovea::graph {
namespace {

using test::message_of;

// A network with running statistics that are not the initial ones.
nn::RandomNetwork drawn_network(std::uint64_t seed) {
  manual_seed(seed);
  nn::RandomNetwork drawn = nn::random_network(seed, {.max_side = 16, .max_channels = 24});
  Shape sizes = drawn.input;
  sizes.insert(0, 8);
  for (int i = 0; i < 3; ++i) (*drawn.model)(randn(sizes));
  drawn.model->eval();
  return drawn;
}

Tensor batch_for(const nn::RandomNetwork& drawn, std::int64_t n) {
  Shape sizes = drawn.input;
  sizes.insert(0, n);
  return randn(sizes);
}

Graph graph_of(const nn::RandomNetwork& drawn) {
  Shape sizes = drawn.input;
  sizes.insert(0, 2);
  return trace(*drawn.model, sizes);
}

TEST(Session, GivesWhatTheModuleGives) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    SCOPED_TRACE(seed);
    const nn::RandomNetwork drawn = drawn_network(seed);
    const Session session(graph_of(drawn));
    const NoGrad no_grad;
    for (const std::int64_t n : {3, 1, 3, 3}) {  // noted, noted, planned, planned
      const Tensor x = batch_for(drawn, n);
      const Tensor expected = (*drawn.model)(x), actual = session(x);
      EXPECT_TRUE(allclose(actual, expected, 1e-4, 1e-4)) << to_string(session.graph());
      EXPECT_FALSE(actual.requires_grad());
    }
  }
}

TEST(Session, RunsOfAKnownShapeTakeNothingFromTheSystem) {
  const nn::RandomNetwork drawn = drawn_network(4);
  const Session session(graph_of(drawn));
  const Tensor x = batch_for(drawn, 7);
  for (int i = 0; i < 3; ++i) session(x);
  const MemoryStats before = memory_stats();
  for (int i = 0; i < 10; ++i) session(x);
  EXPECT_EQ(memory_stats().system_allocations, before.system_allocations);
  EXPECT_EQ(memory_stats().bytes_in_use, before.bytes_in_use);
  EXPECT_GT(session.memory().arena_bytes, 0u);
  EXPECT_LT(session.memory().arena_bytes, session.memory().unshared_bytes);
}

// Networks with convolutions by Winograd's method, whose kernels are transformed in the first run.
TEST(Session, LaterRunsFindAllTheirMemoryInTheArena) {
  manual_seed(9);
  nn::Sequential network(
      nn::Conv2d({.in_channels = 8, .out_channels = 64, .kernel_size = 3, .padding = 1}),
      nn::ReLU(), nn::Conv2d({.in_channels = 64, .out_channels = 64, .kernel_size = 3}), nn::ReLU(),
      nn::MaxPool2d({.kernel_size = 2}), nn::Flatten(), nn::Linear(64 * 13 * 13, 30), nn::ReLU(),
      nn::Linear(30, 10));
  const Session session(trace(network, {2, 8, 28, 28}));
  for (const std::int64_t n : {1, 8}) {
    const Tensor x = randn({n, 8, 28, 28});
    for (int i = 0; i < 3; ++i) session(x);
  }
  EXPECT_GT(session.memory().arena_bytes, 0u);
  EXPECT_EQ(session.memory().unplanned_blocks, 0u);
}

// What is asked for depends on the layout, too: images in another order are copied first.
TEST(Session, PlansForEachLayoutOfTheInput) {
  manual_seed(10);
  nn::Sequential network(nn::Flatten(), nn::Linear(3 * 8 * 8, 6), nn::ReLU(), nn::Linear(6, 4));
  const Session session(trace(network, {2, 3, 8, 8}));
  const NoGrad no_grad;
  const Tensor x = randn({4, 3, 8, 8}), turned = randn({4, 3, 8, 8}).permute({0, 1, 3, 2});
  for (int i = 0; i < 3; ++i) {
    session(x);
    EXPECT_TRUE(allclose(session(turned), network(turned), 1e-4, 1e-4));
  }
  EXPECT_EQ(session.memory().unplanned_blocks, 0u);
}

// A run that fails has asked for a part of its blocks alone, from which nothing can be planned.
TEST(Session, PlansFromWholeRuns) {
  const auto node = [](const char* op, std::vector<std::string> inputs, const char* output) {
    return Node{.name = "", .op = op, .inputs = std::move(inputs), .outputs = {output}};
  };
  const Session session({.inputs = {{.name = "x", .dtype = f32, .sizes = {4, 50}},
                                    {.name = "i", .dtype = i64, .sizes = {2}}},
                         .outputs = {{.name = "y", .dtype = f32, .sizes = {2, 50}}},
                         .nodes = {node("Exp", {"x"}, "a"), node("Gather", {"a", "i"}, "b"),
                                   node("Exp", {"b"}, "c"), node("Neg", {"c"}, "y")}});
  const Tensor x = zeros({4, 50});
  EXPECT_THROW(session.run(Tensors{x, tensor({0, 7}).to(i64)}), Error);
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(session.run(Tensors{x, tensor({0, 3}).to(i64)})[0].sizes(), (Shape{2, 50}));
  EXPECT_EQ(session.memory().unplanned_blocks, 0u);
}

// One thread may use the memory of any block that is gone; several share less.
TEST(Session, RunsOnTheThreadsItIsGiven) {
  nn::Sequential network(nn::Linear(100, 3000), nn::ReLU(), nn::Linear(3000, 200), nn::Sigmoid(),
                         nn::Linear(200, 2000), nn::Tanh(), nn::Linear(2000, 10));
  const Graph graph = trace(network, {2, 100});
  const Session one(graph, {.threads = 1}), two(graph, {.threads = 2});
  for (const Session* session : {&one, &two}) (*session)(zeros({5, 100}));
  EXPECT_LT(one.memory().arena_bytes, two.memory().arena_bytes);
}
nn::Sequential conv_and_linear() {
  return nn::Sequential(
      nn::Conv2d({.in_channels = 32, .out_channels = 32, .kernel_size = 3, .padding = 1}),
      nn::ReLU(), nn::Flatten(), nn::Linear(32 * 12 * 12, 10));
}

/// What makes things of weights beforehand has Winograd's method among its own.
void expect_of_an_algorithm(const std::vector<float>& automatic, const std::vector<float>& direct) {
  if (kernels::has_kernel(default_device(), &kernels::KernelTable::conv_prepare)) {
    EXPECT_NE(automatic, direct);
  }
}

// What the options leave out is the caller's.
TEST(Session, ConvolvesAsItsOptionsOrItsCallerSay) {
  nn::Sequential network = conv_and_linear();
  const Graph graph = trace(network, {2, 32, 12, 12});
  const Tensor x = randn({2, 32, 12, 12});
  const auto run = [&](const SessionOptions& options) {
    return Session(graph, options)(x).to_vector();
  };
  const std::vector<float> plain = run({}),
                           direct = run({.conv_algorithm = ConvAlgorithm::kDirect});
  expect_of_an_algorithm(plain, direct);
  const Session either(graph);  // one session, several callers
  EXPECT_EQ(either(x).to_vector(), plain);
  {
    const ConvAlgorithmScope algorithm(ConvAlgorithm::kDirect);
    EXPECT_EQ(either(x).to_vector(), direct);
    EXPECT_EQ(run({.conv_algorithm = ConvAlgorithm::kAuto}), plain);
    EXPECT_EQ(current_conv_algorithm(), ConvAlgorithm::kDirect);
  }
  EXPECT_EQ(run({.conv_algorithm = ConvAlgorithm::kDirect}), direct);
  EXPECT_EQ(current_conv_algorithm(), ConvAlgorithm::kAuto);
  EXPECT_EQ(either(x).to_vector(), plain);
}

TEST(Session, MultipliesAsItsOptionsOrItsCallerSay) {
  if (!kernels::can(default_device(), kernels::Feature::kBf16Products))
    GTEST_SKIP() << "no bf16 dot products";
  nn::Sequential network = conv_and_linear();
  const Graph graph = trace(network, {2, 32, 12, 12});
  const Tensor x = randn({2, 32, 12, 12});
  const auto run = [&](const SessionOptions& options) {
    return Session(graph, options)(x).to_vector();
  };
  const std::vector<float> plain = run({}), rounded = run({.precision = Precision::kBf16});
  EXPECT_NE(plain, rounded);
  const Session either(graph);
  EXPECT_EQ(either(x).to_vector(), plain);
  {
    const PrecisionScope precision(Precision::kBf16);
    EXPECT_EQ(either(x).to_vector(), rounded);
    EXPECT_EQ(run({.precision = Precision::kF32}), plain);
    EXPECT_EQ(current_precision(), Precision::kBf16);
  }
  EXPECT_EQ(run({.precision = Precision::kBf16}), rounded);
  EXPECT_EQ(current_precision(), Precision::kF32);
  EXPECT_EQ(either(x).to_vector(), plain);
}

/// x + `op` of two constants, which is computed once, when the session is made.
Graph with_folded(const char* op, const Tensor& a, const Tensor& b) {
  const Shape sizes = op == std::string_view("Conv") ? a.sizes() : Shape{a.size(0), b.size(0)};
  const Value value{.name = "x", .dtype = f32, .sizes = to_ints(sizes)};
  return {.inputs = {value},
          .outputs = {{.name = "y", .dtype = f32, .sizes = value.sizes}},
          .nodes = {{.name = "", .op = op, .inputs = {"a", "b"}, .outputs = {"c"}},
                    {.name = "", .op = "Add", .inputs = {"x", "c"}, .outputs = {"y"}}},
          .initializers = {{"a", a}, {"b", b}}};
}

TEST(Session, ConstantsAreComputedAsItsOptionsSay) {
  manual_seed(11);
  Graph graph = with_folded("Conv", randn({2, 32, 12, 12}), randn({32, 32, 3, 3}));
  graph.nodes[0].attributes["pads"] = std::vector<std::int64_t>{1, 1, 1, 1};
  const Tensor x = zeros({2, 32, 12, 12});
  const auto run = [&](const SessionOptions& options) {
    const Session session(graph, options);
    EXPECT_EQ(session.graph().nodes.size(), 1u);
    return session(x).to_vector();
  };
  const std::vector<float> plain = run({});
  expect_of_an_algorithm(plain, run({.conv_algorithm = ConvAlgorithm::kDirect}));
  const ConvAlgorithmScope algorithm(ConvAlgorithm::kDirect);
  EXPECT_EQ(run({.conv_algorithm = ConvAlgorithm::kAuto}), plain);
}

TEST(Session, ConstantsAreMultipliedAsItsOptionsSay) {
  if (!kernels::can(default_device(), kernels::Feature::kBf16Products))
    GTEST_SKIP() << "no bf16 dot products";
  manual_seed(12);
  Graph graph = with_folded("Gemm", randn({64, 256}), randn({64, 256}));
  graph.nodes[0].attributes["transB"] = std::int64_t{1};
  const auto run = [&](const SessionOptions& options) {
    const Session session(graph, options);
    EXPECT_EQ(session.graph().nodes.size(), 1u);
    return session(zeros({64, 64})).to_vector();
  };
  const std::vector<float> plain = run({});
  EXPECT_NE(run({.precision = Precision::kBf16}), plain);
  const PrecisionScope precision(Precision::kBf16);
  EXPECT_EQ(run({.precision = Precision::kF32}), plain);
}

TEST(Session, OutputsStayGoodAfterLaterRunsAndAfterTheSession) {
  const nn::RandomNetwork drawn = drawn_network(5);
  auto session = std::make_unique<Session>(graph_of(drawn));
  const Tensor x = batch_for(drawn, 2);
  (*session)(x);
  const Tensor kept = (*session)(x), copy = kept.clone();
  (*session)(x * 2);
  EXPECT_TRUE(equal(kept, copy));
  session.reset();
  EXPECT_TRUE(equal(kept, copy));
}

TEST(Session, RunsInSeveralThreadsAtOnce) {
  const nn::RandomNetwork drawn = drawn_network(6);
  const Session session(graph_of(drawn), {.threads = 1});
  const Tensor x = batch_for(drawn, 4), expected = session(x);
  std::vector<std::thread> threads;
  std::vector<int> wrong(4, 0);
  for (std::size_t t = 0; t < wrong.size(); ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 50; ++i) wrong[t] += !equal(session(x), expected);
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, std::vector<int>(4, 0));
}

// The memory of a session that has run `batches` of a network.
std::size_t arena_bytes(const nn::RandomNetwork& drawn, const std::vector<std::int64_t>& batches,
                        int shapes) {
  const Session session(graph_of(drawn), {.shapes = shapes});
  for (const std::int64_t n : batches) session(batch_for(drawn, n));
  return session.memory().arena_bytes;
}

TEST(Session, KeepsTheMemoryOfTheShapesLastRun) {
  const nn::RandomNetwork drawn = drawn_network(8);
  const std::size_t last = arena_bytes(drawn, {3, 4}, 2);
  EXPECT_GT(last, 0u);
  EXPECT_EQ(arena_bytes(drawn, {1, 2, 3, 4}, 2), last);
  EXPECT_EQ(arena_bytes(drawn, {3, 4}, 4), last);
  EXPECT_EQ(arena_bytes(drawn, {4, 9, 4, 3}, 2), last) << "the one run for longest is kept";
  EXPECT_GT(arena_bytes(drawn, {1, 2, 3, 4}, 4), last);

  // The most that is in use between runs of batches of all these sizes.
  const auto in_use = [&](std::int64_t first, std::int64_t last_size) {
    const Session session(graph_of(drawn));
    const std::int64_t before = memory_stats().bytes_in_use;
    std::int64_t most = 0;
    for (std::int64_t n = first; n <= last_size; ++n) {
      session(batch_for(drawn, n));
      kernels::synchronize(default_device());
      most = std::max(most, memory_stats().bytes_in_use - before);
    }
    return most;
  };
  // The eight largest of fifty would be a quarter of all.
  EXPECT_LE(in_use(1, 50), 10 * in_use(50, 50));
}

// More shapes at once than are kept: some of them are forgotten while they run.
TEST(Session, ForgetsShapesWhileOthersRun) {
  const nn::RandomNetwork drawn = drawn_network(6);
  const Session session(graph_of(drawn), {.threads = 1, .shapes = 2});
  const Tensor x = batch_for(drawn, 6), expected = session(x);
  std::vector<std::thread> threads;
  std::vector<int> wrong(4, 0);
  for (std::size_t t = 0; t < wrong.size(); ++t) {
    threads.emplace_back([&, t] {
      for (std::int64_t i = 0; i < 60; ++i) {
        const std::int64_t n = 1 + (i + static_cast<std::int64_t>(t)) % 6;
        wrong[t] += !allclose(session(x.narrow(0, 0, n)), expected.narrow(0, 0, n), 1e-4, 1e-5);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, std::vector<int>(4, 0));
  for (const std::int64_t n : {1, 2}) {
    for (int i = 0; i < 2; ++i) session(x.narrow(0, 0, n));
  }
  EXPECT_LE(session.memory().arena_bytes, 4 * arena_bytes(drawn, {1, 2}, 2));
}

TEST(Session, TakesInputsByName) {
  const nn::RandomNetwork drawn = drawn_network(7);
  const Session session(graph_of(drawn));
  const Tensor x = batch_for(drawn, 2);
  const auto outputs = session.run(std::map<std::string, Tensor>{{"input", x}});
  EXPECT_TRUE(equal(outputs.at("logits"), session(x)));
}

TEST(Session, Errors) {
  manual_seed(1);
  nn::Sequential network(nn::Flatten(), nn::Linear(4, 2));
  const Session session(trace(network, {2, 1, 2, 2}));
  EXPECT_EQ(message_of<ShapeError>([&] {
              session(zeros({3, 1, 2, 3}));
            }),
            "graph: input \"input\" expected shape [N, 1, 2, 2], got [3, 1, 2, 3]");
  EXPECT_EQ(message_of<DTypeError>([&] {
              session(zeros({3, 1, 2, 2}, {.dtype = f64}));
            }),
            "graph: input \"input\" expected f32, got f64");
  EXPECT_EQ(message_of<ArgumentError>([&] { session.run(Tensors{}); }),
            "graph: inputs expected 1, got 0");
  EXPECT_EQ(message_of<ArgumentError>([&] { session.run(std::map<std::string, Tensor>{}); }),
            "session: input \"input\" expected a tensor, got none");
  EXPECT_EQ(message_of<ArgumentError>([&] {
              session.run(
                  std::map<std::string, Tensor>{{"input", zeros({1, 1, 2, 2})}, {"x", zeros({})}});
            }),
            "session: input expected to be one of the graph's, got \"x\"");
  EXPECT_EQ(message_of<ArgumentError>([&] {
              Session(trace(network, {2, 1, 2, 2}), {.threads = -1});
            }),
            "session: threads expected in [0, 1024], got -1");
  EXPECT_EQ(message_of<ArgumentError>([&] {
              Session(trace(network, {2, 1, 2, 2}), {.shapes = 0});
            }),
            "session: shapes expected in [1, 1024], got 0");
  const Session two(
      {.inputs = {{.name = "x", .has_sizes = false}},
       .outputs = {{.name = "y", .has_sizes = false}, {.name = "z", .has_sizes = false}},
       .nodes = {{.name = "", .op = "Relu", .inputs = {"x"}, .outputs = {"y"}},
                 {.name = "", .op = "Neg", .inputs = {"x"}, .outputs = {"z"}}}});
  EXPECT_EQ(message_of<ArgumentError>([&] { two(zeros({1})); }),
            "session: outputs expected 1, got 2");
  session(zeros({3, 1, 2, 2}));  // an error spoils nothing
}

}  // namespace
}  // namespace fovea::graph
