// What `fovea bench` can measure: training steps, inference and single layers of models by name, of
// a stack of convolutions, and of networks drawn at random.
//
// A row is made (weights, batch, optimiser) when somebody measures it, not when it is listed.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "apps/base/model_cost.h"
#include "apps/base/timing.h"
#include "fovea/models/models.h"
#include "fovea/nn/module.h"

namespace fovea::cli {

/// A network that rows are about.
struct BenchNetwork {
  std::string name;                                   ///< "fashion-cnn"
  Shape input;                                        ///< of an image: [channels, height, width]
  std::int64_t classes = 0;                           ///< scores that it gives
  std::int64_t batch_size = 0;                        ///< images of a training step
  std::function<std::shared_ptr<nn::Module>()> make;  ///< a new one, in training mode
  std::shared_ptr<nn::Module> evaluated = {};         ///< one in evaluation mode, shared by rows
  ModelCost cost = {};                                ///< of one image
  /// Its layers as PyTorch would print them, for a network that no model's name stands for.
  std::vector<std::string> layers = {};
};

/// The model `word` (a name, or a TOML file that lists layers), in steps of at most 100 images and
/// at most 100 GFLOP forward.
std::shared_ptr<const BenchNetwork> model_network(const std::string& word,
                                                  const models::ModelOptions& options);
/// Convolutions 3x3 with 64, 128 and 256 filters, each followed by batch norm, relu and pooling, on
/// images of 3x32x32, in steps of 64: "vgg-stack".
std::shared_ptr<const BenchNetwork> stack_network();
/// nn::random_network(seed) in steps of 32: "random-SEED".
std::shared_ptr<const BenchNetwork> random_network(std::uint64_t seed);

/// A row that can be measured.
struct BenchRow {
  std::string name;                             ///< "train-step/fashion-cnn"
  std::shared_ptr<const BenchNetwork> network;  ///< what it is about
  std::int64_t batch_size = 0;                  ///< images of one run
  std::function<Timed()> make = {};             ///< makes what is measured
};

/// Forward, backward and Adam on a batch: "train-step/NAME", with "/batchN" unless N is 100.
BenchRow train_row(const std::shared_ptr<const BenchNetwork>& network, std::int64_t batch_size);
/// The forward pass alone: "infer/NAME/batchN".
BenchRow infer_row(const std::shared_ptr<const BenchNetwork>& network, std::int64_t batch_size);
/// The same by a graph::Session: "session/NAME/batchN".
BenchRow session_row(const std::shared_ptr<const BenchNetwork>& network, std::int64_t batch_size);
/// The forward pass of each layer that multiplies, on the input that it sees in the network:
/// "layer/NAME/LAYER".
std::vector<BenchRow> layer_rows(const std::shared_ptr<const BenchNetwork>& network,
                                 std::int64_t batch_size);

}  // namespace fovea::cli
