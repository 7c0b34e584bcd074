#include "fovea/nn/auxiliary.h"

#include "fovea/tensor/ops.h"

namespace fovea::nn {

TrainingScores training_scores(Module& model, const Tensor& x) {
  if (auto* with = dynamic_cast<AuxiliaryClassifiers*>(&model)) return with->forward_training(x);
  return {.scores = model(x)};
}

Tensor training_loss(const TrainingScores& given,
                     const std::function<Tensor(const Tensor&)>& loss) {
  Tensor sum = loss(given.scores);
  for (const AuxiliaryScores& one : given.auxiliary) sum = sum + loss(one.scores) * one.weight;
  return sum;
}

}  // namespace fovea::nn
