#include "fovea/explain/model/step.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "fovea/core/error.h"
#include "fovea/core/language.h"
#include "fovea/core/suggest.h"
#include "fovea/explain/arithmetic.h"
#include "fovea/explain/model/operations.h"
#include "fovea/explain/model/operations/terms.h"
#include "fovea/explain/model/operations/values.h"
#include "fovea/explain/model/run.h"
#include "fovea/nn/auxiliary.h"
#include "fovea/tensor/ops.h"
#include "fovea/tensor/tape.h"

namespace fovea::explain {

namespace {

/// The module's values, put back at the end.
class KeptValues {
 public:
  explicit KeptValues(nn::Module& module) : module_(module) {
    for (const auto& [name, tensor] : module.state_dict())
      values_.emplace_back(name, tensor.clone());
  }
  ~KeptValues() {
    module_.zero_grad();
    module_.load_state_dict(values_);
  }
  KeptValues(const KeptValues&) = delete;
  KeptValues& operator=(const KeptValues&) = delete;

 private:
  nn::Module& module_;
  StateDict values_;
};

/// The parameter that is meant.
struct Chosen {
  Tensor tensor;
  std::size_t number = 0;  // among the module's parameters
  Shape at;
};

Chosen choose_parameter(nn::Module& module, const StepOptions& options) {
  std::vector<std::string> names;
  Chosen chosen;
  for (const auto& [name, tensor] : module.named_parameters()) {
    if (name == options.parameter) chosen = {tensor, names.size(), options.at};
    names.push_back(name);
  }
  check_in_both<ArgumentError>(chosen.tensor.defined(), [&] {
    const Text meant = meant_word(options.parameter, names);
    return Text(str("explain: parameter expected to be one of the model's, got \"",
                    options.parameter, "\"", meant.english),
                str("explain: 모델의 매개변수 이름이어야 하는데 \"", options.parameter, "\"입니다",
                    meant.korean));
  });
  const Shape& sizes = chosen.tensor.sizes();
  if (chosen.at.empty()) chosen.at = Shape::filled(sizes.ndim(), 0);
  bool inside = chosen.at.ndim() == sizes.ndim();
  for (int i = 0; inside && i < sizes.ndim(); ++i)
    inside = chosen.at[i] >= 0 && chosen.at[i] < sizes[i];
  check_in_both<IndexError>(inside, [&] {
    return Text(str("explain: place expected in a parameter of ", sizes, ", got ", chosen.at,
                    " (parameter ", options.parameter, ")"),
                str("explain: 자리는 ", sizes, "인 매개변수 안이어야 하는데 ", chosen.at,
                    "입니다 (매개변수 ", options.parameter, ")"));
  });
  return chosen;
}

/// The layer that used the parameter, and as which of its inputs; null when none did.
std::pair<const LayerRun*, std::size_t> user_of(const std::vector<LayerRun>& layers,
                                                const Tensor& parameter) {
  for (const LayerRun& layer : layers) {
    if (const auto inside = user_of(layer.parts, parameter); inside.first != nullptr) return inside;
    for (std::size_t i = 0; i < layer.inputs.size(); ++i) {
      if (layer.inputs[i].defined() && layer.inputs[i].impl() == parameter.impl())
        return {&layer, i};
    }
  }
  return {nullptr, 0};
}

/// What happened to the weight.
struct StepFacts {
  double loss = 0, gradient = 0, old_value = 0, new_value = 0;
  std::string layer;
  std::optional<std::vector<GradientTerm>> terms;
  double m_before = 0, v_before = 0, m = 0, v = 0;
  std::int64_t step = 0;
  double m_corrected = 0, v_corrected = 0, update = 0;
};

/// Forward and backward, and what the layer that uses the parameter says of it.
void differentiate(nn::Module& module, const Tensor& images, const Tensor& targets,
                   const StepOptions& options, const Chosen& chosen, StepFacts& facts) {
  const GradMode recorded(true);
  const ModeScope training(module, true);
  nn::TrainingScores scores;
  const ModelRun run = run_model(module, images, [&] {
    scores = nn::training_scores(module, images);
    return scores.scores;
  });
  if (!scores.scores.defined()) scores.scores = run.output.narrow(0, 0, images.size(0));
  const Tensor loss = nn::training_loss(
      scores, [&](const Tensor& given) { return cross_entropy(given, targets, options.loss); });
  facts.loss = loss.item();
  const auto [layer, input] = user_of(run.layers, chosen.tensor);
  Tensor upstream;
  if (layer != nullptr) {
    facts.layer = layer->name;
    if (walk_of(*layer).terms != nullptr && layer->output().requires_grad())
      upstream = grad(loss, {layer->output()}, {}, true)[0];
  }
  loss.backward();
  check_in_both<ArgumentError>(chosen.tensor.grad().defined(), [&] {
    return Text(
        str("explain: parameter expected to take part in the loss, got ", options.parameter),
        str("explain: 손실에 쓰이는 매개변수여야 하는데 ", options.parameter, "입니다"));
  });
  facts.gradient = value_at(chosen.tensor.grad(), chosen.at);
  if (upstream.defined()) facts.terms = walk_of(*layer).terms(*layer, input, chosen.at, upstream);
}

/// A number of an optimiser's state for the weight; 0 where there is none yet.
double state_value(const StateDict& state, const Chosen& chosen, const char* name) {
  const Tensor* found = find(state, "param." + std::to_string(chosen.number) + "." + name);
  if (found == nullptr) return 0;
  return found->dim() == 0 && !chosen.at.empty() ? found->item() : value_at(*found, chosen.at);
}

/// The optimiser's step.
void update(optim::Adam& adam, const Chosen& chosen, StepFacts& facts) {
  const StateDict before = adam.state_dict();
  facts.old_value = value_at(chosen.tensor, chosen.at);
  adam.step();
  facts.new_value = value_at(chosen.tensor, chosen.at);
  const StateDict after = adam.state_dict();
  facts.m_before = state_value(before, chosen, "exp_avg");
  facts.v_before = state_value(before, chosen, "exp_avg_sq");
  facts.m = state_value(after, chosen, "exp_avg");
  facts.v = state_value(after, chosen, "exp_avg_sq");
  facts.step = static_cast<std::int64_t>(state_value(after, chosen, "step"));
  const optim::AdamOptions& options = adam.options();
  const auto t = static_cast<double>(facts.step);
  facts.m_corrected = facts.m / (1 - std::pow(options.betas.first, t));
  facts.v_corrected = facts.v / (1 - std::pow(options.betas.second, t));
  facts.update = options.lr * facts.m_corrected / (std::sqrt(facts.v_corrected) + options.eps);
}

void add_gradient_blocks(const StepFacts& facts, Walk& walk) {
  const auto add_gradient = [&] {
    walk.blocks.emplace_back(
        Note{.text = "gradient = " + number_text(facts.gradient, 6), .look = Note::Look::kFormula});
  };
  if (!facts.terms) return add_gradient();
  const std::string count = std::to_string(facts.terms->size());
  walk.blocks.emplace_back(Note{Text(
      "The weight meets an activation at " + count + " places of " + facts.layer +
          ". Its gradient is the sum of the activations, each times the loss's gradient where the "
          "product goes.",
      "가중치는 " + facts.layer + "의 " + count +
          "곳에서 활성값과 만납니다. 기울기는 활성값마다 그 곱이 가는 곳의 손실 기울기를 곱해 "
          "더한 것입니다.")});
  Table table = terms_table(*facts.terms, {"activation", "활성값"});
  table.rows.push_back({Text("all", "전체"), "", "", number_text(sum_of_terms(*facts.terms), 6)});
  walk.blocks.emplace_back(std::move(table));
  add_gradient();
}

void add_adam_blocks(const StepFacts& facts, const optim::AdamOptions& adam, Walk& walk) {
  const auto number = [](double value) { return bracketed(value, 6); };
  const auto result = [](double value) { return number_text(value, 6); };
  const auto line = [&](const std::string& text) {
    walk.blocks.emplace_back(Note{.text = text, .look = Note::Look::kFormula});
  };
  const std::string step = std::to_string(facts.step);
  const std::string beta1 = number(adam.betas.first), beta2 = number(adam.betas.second);
  double gradient = facts.gradient;
  walk.blocks.emplace_back(
      Note{Text("Adam keeps running means of the gradient, m, and of its square, v; corrects both "
                "for having begun at 0; and moves the weight by lr x m / (sqrt(v) + eps).",
                "Adam은 기울기의 이동 평균 m과 제곱의 이동 평균 v를 두고, 0에서 시작한 치우침을 "
                "바로잡은 뒤 가중치를 lr x m / (sqrt(v) + eps)만큼 옮깁니다.")});
  if (adam.weight_decay != 0) {
    gradient += adam.weight_decay * facts.old_value;
    line("g = " + result(facts.gradient) + " + " + number(adam.weight_decay) + " x " +
         number(facts.old_value) + " = " + result(gradient));
  }
  line("m = " + beta1 + " x " + number(facts.m_before) + " + (1 - " + beta1 + ") x " +
       number(gradient) + " = " + result(facts.m));
  line("v = " + beta2 + " x " + number(facts.v_before) + " + (1 - " + beta2 + ") x " +
       number(gradient) + "^2 = " + result(facts.v));
  line("m / (1 - " + beta1 + "^" + step + ") = " + result(facts.m_corrected));
  line("v / (1 - " + beta2 + "^" + step + ") = " + result(facts.v_corrected));
  line(number(adam.lr) + " x " + number(facts.m_corrected) + " / (sqrt(" +
       number(facts.v_corrected) + ") + " + number(adam.eps) + ") = " + result(facts.update));
  line(number_text(facts.old_value, 8) + " - " + number(facts.update) + " = " +
       number_text(facts.new_value, 8));
}

}  // namespace

Walk walk_step(nn::Module& module, const Tensor& images, const Tensor& targets,
               const StepOptions& options) {
  Chosen chosen = choose_parameter(module, options);
  const KeptValues kept(module);
  StepFacts facts;
  optim::Adam adam(module.parameters(), options.adam);
  if (options.state) adam.load_state_dict(*options.state);
  adam.zero_grad();
  differentiate(module, images, targets, options, chosen, facts);
  update(adam, chosen, facts);

  const std::string weight = options.parameter + chosen.at.to_string();
  Walk walk{.title = {"A training step of " + weight, weight + "의 학습 한 걸음"}};
  walk.blocks.emplace_back(Note{Text("The loss of the batch is " + number_text(facts.loss) + ".",
                                     "배치의 손실은 " + number_text(facts.loss) + "입니다.")});
  add_gradient_blocks(facts, walk);
  add_adam_blocks(facts, adam.options(), walk);
  Value largest;
  if (facts.terms) largest = largest_terms(*facts.terms, "activation");
  walk.document = Fields{{"parameter", options.parameter},
                         {"at", list_of(chosen.at)},
                         {"layer", facts.layer.empty() ? Value() : Value(facts.layer)},
                         {"loss", facts.loss},
                         {"gradient", facts.gradient},
                         {"terms", facts.terms ? Value(facts.terms->size()) : Value()},
                         {"terms_sum", facts.terms ? Value(sum_of_terms(*facts.terms)) : Value()},
                         {"largest_terms", largest},
                         {"step", facts.step},
                         {"m_before", facts.m_before},
                         {"v_before", facts.v_before},
                         {"m", facts.m},
                         {"v", facts.v},
                         {"m_corrected", facts.m_corrected},
                         {"v_corrected", facts.v_corrected},
                         {"lr", adam.lr()},
                         {"update", facts.update},
                         {"old", facts.old_value},
                         {"new", facts.new_value}};
  return walk;
}

}  // namespace fovea::explain
