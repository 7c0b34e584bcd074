// Compares models of Fovea with torchvision's and timm's: the same weights, the same images, the
// same scores within 1e-4 of the largest.
//
//     zoo_agree DIRECTORY NAME...
//
// DIRECTORY holds what tests/zoo/torchvision_cases.py or timm_cases.py wrote for each NAME. Exit
// codes: 0 all agree, 1 one does not.

#include <cstdlib>
#include <exception>
#include <filesystem>
#include <iostream>
#include <string>

#include "fovea/core/error.h"
#include "fovea/io/tensors/safetensors.h"
#include "fovea/models/load_weights.h"
#include "fovea/models/models.h"
#include "fovea/nn/auxiliary.h"
#include "fovea/tensor/ops.h"
#include "fovea/tensor/tape.h"

namespace fovea {
namespace {

constexpr double kMostDifference = 1e-4;
// What two images' scores must differ by, or agreement would say nothing about what lies between.
constexpr double kLeastSignal = 1e-2;

double largest(const Tensor& x) { return abs(x).max().item<double>(); }

/// Prints how far `actual` is from `expected` and returns whether it is near.
bool report(const std::string& what, const Tensor& actual, const Tensor& expected) {
  check<ShapeError>(actual.sizes() == expected.sizes(), what, ": scores expected ",
                    expected.sizes(), ", got ", actual.sizes());
  const double scale = largest(expected);
  const double difference = largest(actual - expected) / scale;
  const double signal = largest(expected.select(0, 0) - expected.select(0, 1)) / scale;
  const bool agrees = difference <= kMostDifference && signal >= kLeastSignal;
  std::cout << what << ": " << difference << " of the largest score, images differ by " << signal
            << (agrees ? "" : "   NO AGREEMENT") << '\n';
  return agrees;
}

bool compare(const std::filesystem::path& directory, const std::string& name) {
  const io::SafeTensors expected =
      io::load_safetensors(directory / (name + ".expected.safetensors"));
  models::ModelOptions options = expected.metadata;
  options.erase("model");
  const auto model = models::make_model(expected.metadata.at("model"), options);
  const std::filesystem::path weights = directory / (name + ".weights.safetensors");
  models::load_weights(*model, io::TensorFile(weights), name, weights);
  const NoGrad no_grad;
  const Tensor& x = expected.at("x");
  model->eval();
  bool agrees = report(name, (*model)(x), expected.at("logits"));
  if (dynamic_cast<nn::AuxiliaryClassifiers*>(model.get()) == nullptr) return agrees;
  model->train();
  const nn::TrainingScores given = nn::training_scores(*model, x);
  agrees &= report(name + " in training", given.scores, expected.at("train.logits"));
  for (std::size_t i = 0; i < given.auxiliary.size(); ++i) {
    const std::string part = str("aux", i + 1);
    agrees &= report(str(name, " ", part), given.auxiliary[i].scores, expected.at("train." + part));
  }
  return agrees && given.auxiliary.size() == 2;
}

}  // namespace
}  // namespace fovea

int main(int count, char** arguments) {
  bool agree = count > 2;
  try {
    for (int i = 2; i < count; ++i) agree &= fovea::compare(arguments[1], arguments[i]);
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return EXIT_FAILURE;
  }
  return agree ? EXIT_SUCCESS : EXIT_FAILURE;
}
