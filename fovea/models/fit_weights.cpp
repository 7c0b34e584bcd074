#include "fovea/models/fit_weights.h"

#include <algorithm>
#include <array>
#include <map>
#include <numeric>
#include <optional>
#include <utility>

#include "fovea/core/error.h"
#include "fovea/core/rng.h"
#include "fovea/models/limits.h"
#include "fovea/models/other_names.h"
#include "fovea/tensor/ops.h"

namespace fovea::models {

namespace {

using nn::StateSource;

constexpr std::array<std::string_view, 6> kPrefixes = {"module.",   "_orig_mod.", "model.",
                                                       "backbone.", "net.",       "0.m."};

/// True for a counter of batches: PyTorch counts them, and uses the number only when told to.
bool is_counter(const std::string& name) { return name.ends_with(".num_batches_tracked"); }

std::map<std::string, Tensor> by_name(const StateDict& state) {
  return {state.begin(), state.end()};
}

/// Every chain of known prefixes that a name begins with, and none.
std::set<std::string> prefixes_of(const std::vector<StateSource>& sources) {
  std::set<std::string> found = {""};
  for (const StateSource& source : sources) {
    std::size_t length = 0;
    for (bool longer = true; longer;) {
      longer = false;
      for (const std::string_view prefix : kPrefixes) {
        if (!std::string_view(source.name).substr(length).starts_with(prefix)) continue;
        length += prefix.size();
        found.insert(source.name.substr(0, length));
        longer = true;
        break;
      }
    }
  }
  return found;
}

/// A way to read a file's names.
struct Reading {
  std::string prefix = {};       ///< that the model's tensors have
  Naming naming = Naming::kOwn;  ///< what they are called behind it

  /// The model's name of a file's tensor; nothing when it is outside the prefix.
  std::optional<std::string> name_of(const std::string& own, std::string_view model) const {
    if (!own.starts_with(prefix)) return {};
    return name_from(naming, model, own.substr(prefix.size()));
  }
};

/// The reading by which most of the model's tensors are found; the plainest of equals.
Reading best_reading(const std::map<std::string, Tensor>& own,
                     const std::vector<StateSource>& sources, std::string_view model) {
  Reading best;
  std::int64_t most = -1;
  for (const Naming naming : {Naming::kOwn, Naming::kTimm, Naming::kNumbered}) {
    if (!has_names(naming, model)) continue;
    for (const std::string& prefix : prefixes_of(sources)) {
      const Reading reading{prefix, naming};
      const auto found = std::count_if(sources.begin(), sources.end(), [&](const StateSource& s) {
        const auto name = reading.name_of(s.name, model);
        return name && own.contains(*name);
      });
      if (found > most) {
        most = found;
        best = reading;
      }
    }
  }
  return best;
}

/// A 1x1 convolution's weight, or one as large as its images, as that of a linear layer.
void flatten_for(const Tensor& target, StateSource& source) {
  const Shape sizes = source.sizes;
  const bool same = target.dim() == 2 && sizes.ndim() == 4 && sizes[0] == target.size(0) &&
                    sizes.numel() == target.numel();
  if (!same) return;
  source.sizes = target.sizes();
  source.copy_into = [copy = source.copy_into, sizes](const Tensor& into) {
    copy(into.view(sizes));
  };
}

std::string counted(std::int64_t count, const char* what) {
  return str(count, ' ', what, count == 1 ? "" : "s");
}

/// The weight of a convolution for one number of channels from one for another: their sum for one
/// channel, else repeated so that a grey image gives the same.
/// Source   timm.models.adapt_input_conv.
Tensor with_channels(const Tensor& weight, std::int64_t channels) {
  const std::int64_t given = weight.size(1);
  if (channels == 1) return weight.sum({1}, /*keepdim=*/true);
  Tensors parts;
  for (std::int64_t c = 0; c < channels; ++c) parts.push_back(weight.narrow(1, c % given, 1));
  return cat(parts, 1) * (static_cast<double>(given) / static_cast<double>(channels));
}

/// Makes a stem's weight of another number of channels fit `target`, and says how.
void adapt_channels(const Tensor& target, StateSource& source, std::vector<std::string>& remarks) {
  const Shape sizes = source.sizes;
  if (sizes.ndim() != 4 || target.dim() != 4 || sizes[1] < 1) return;
  const std::int64_t given = sizes[1], wanted = target.size(1);
  Shape expected = target.sizes();
  expected[1] = given;
  if (sizes != expected) return;
  source.sizes = target.sizes();
  source.copy_into = [copy = source.copy_into, sizes, wanted](const Tensor& into) {
    const Tensor whole = empty(sizes, {.dtype = into.dtype(), .device = into.device()});
    copy(whole);
    Tensor(into).copy_(with_channels(whole, wanted));
  };
  remarks.push_back(wanted == 1
                        ? str(source.name, " is the sum over ", counted(given, "channel"))
                        : str(source.name, " of ", counted(given, "channel"), " is repeated for ",
                              wanted, ", scaled by ", given, '/', wanted));
}

/// A source that leaves the model's tensor as it is.
StateSource kept(const std::string& name, const Tensor& tensor) {
  return {.name = name,
          .dtype = tensor.dtype(),
          .sizes = tensor.sizes(),
          .copy_into = [](const Tensor&) {}};
}

/// Gives the sources the model's names; those outside the prefix go.
void rename(const Reading& reading, const std::map<std::string, Tensor>& own,
            std::string_view model, FittedWeights& fitted) {
  std::vector<std::string> outside;
  std::vector<StateSource> renamed;
  for (StateSource& source : fitted.sources) {
    const auto name = reading.name_of(source.name, model);
    if (!name) {
      outside.push_back(source.name);
      continue;
    }
    source.name = *name;
    const auto target = own.find(*name);
    if (reading.naming == Naming::kTimm && target != own.end()) flatten_for(target->second, source);
    renamed.push_back(std::move(source));
  }
  fitted.sources = std::move(renamed);
  if (!reading.prefix.empty())
    fitted.remarks.push_back(str("names taken without \"", reading.prefix, '"'));
  if (reading.naming == Naming::kTimm) fitted.remarks.emplace_back("timm's names mapped");
  if (reading.naming == Naming::kNumbered) fitted.remarks.emplace_back("numbers mapped to names");
  if (outside.empty()) return;
  constexpr std::size_t kShown = 3;
  const std::size_t more = outside.size() - std::min(outside.size(), kShown);
  outside.resize(outside.size() - more);
  std::string list;
  for (const std::string& name : outside) list += (list.empty() ? "" : ", ") + name;
  fitted.remarks.push_back(str(list, more > 0 ? str(" and ", more, " more") : "", " left out"));
}

/// The names whose sizes change with a number among the model's options.
std::set<std::string> following(const char* option, std::int64_t most, const std::string& name,
                                const ModelOptions& options, const StateDict& state) {
  const Generator before = default_generator();
  std::set<std::string> names;
  try {
    ModelOptions changed = complete_options(name, options);
    const std::int64_t value = std::stoll(changed.at(option));
    changed[option] = std::to_string(value < most ? value + 1 : value - 1);
    const auto others = by_name(make_model(name, changed)->state_dict());
    for (const auto& [key, tensor] : state) {
      const auto other = others.find(key);
      if (other != others.end() && other->second.sizes() != tensor.sizes()) names.insert(key);
    }
  } catch (const Error&) {
    // The model is for this number alone.
  }
  default_generator() = before;
  return names;
}

}  // namespace

LooseParts loose_parts(const std::string& name, const ModelOptions& options,
                       const StateDict& state) {
  return {.head = following("num_classes", kMaxClasses, name, options, state),
          .stem = following("in_channels", kMaxChannels, name, options, state)};
}

FittedWeights fit_weights(const StateDict& state, std::vector<StateSource> sources,
                          std::string_view name, const LooseParts& loose) {
  FittedWeights fitted{.sources = std::move(sources)};
  const auto own = by_name(state);
  const Reading reading = best_reading(own, fitted.sources, name);
  rename(reading, own, name, fitted);
  std::set<std::string> given;
  for (StateSource& source : fitted.sources) {
    given.insert(source.name);
    const auto target = own.find(source.name);
    if (target == own.end() || source.sizes == target->second.sizes()) continue;
    if (loose.head.contains(source.name)) {
      if (source.sizes.ndim() > 0) fitted.classes = source.sizes[0];
      fitted.fresh.push_back(source.name);
      source = kept(source.name, target->second);
    } else if (loose.stem.contains(source.name)) {
      adapt_channels(target->second, source, fitted.channels);
    }
  }
  for (const auto& [key, tensor] : state) {
    if (given.contains(key) || !(is_counter(key) || loose.head.contains(key))) continue;
    fitted.sources.push_back(kept(key, tensor));
    if (!is_counter(key)) fitted.fresh.push_back(key);
  }
  const std::set<std::string> fresh(fitted.fresh.begin(), fitted.fresh.end());
  fitted.fresh.clear();  // in the model's order
  for (const auto& [key, tensor] : state)
    if (fresh.contains(key)) fitted.fresh.push_back(key);
  return fitted;
}

bool fits(const StateDict& state, const std::vector<StateSource>& sources) {
  const auto own = by_name(state);
  return own.size() == sources.size() &&
         std::all_of(sources.begin(), sources.end(), [&](const StateSource& source) {
           const auto target = own.find(source.name);
           return target != own.end() && target->second.sizes() == source.sizes;
         });
}

}  // namespace fovea::models
