#include "fovea/data/dataset.h"

#include <algorithm>
#include <numeric>

#include "fovea/core/error.h"
#include "fovea/data/sampler.h"
#include "fovea/tensor/ops.h"

namespace fovea::data {

namespace {

/// An order of some samples, by their places in a list: that in which another order comes by them.
class PartOfOrder : public Sampler {
 public:
  PartOfOrder(std::shared_ptr<const Sampler> all, std::vector<std::int64_t> samples)
      : all_(std::move(all)), samples_(std::move(samples)) {}

  std::int64_t size() const override { return static_cast<std::int64_t>(samples_.size()); }
  std::vector<std::int64_t> order(std::uint64_t epoch) const override {
    const std::vector<std::int64_t> visited = all_->order(epoch);
    std::vector<std::int64_t> visit(visited.size());  // of a sample, when its turn comes
    for (std::size_t i = 0; i < visited.size(); ++i)
      visit[static_cast<std::size_t>(visited[i])] = static_cast<std::int64_t>(i);
    const auto turn = [&](std::int64_t place) {
      return visit[static_cast<std::size_t>(samples_[static_cast<std::size_t>(place)])];
    };
    std::vector<std::int64_t> places(samples_.size());
    std::iota(places.begin(), places.end(), 0);
    std::stable_sort(places.begin(), places.end(),
                     [&](std::int64_t a, std::int64_t b) { return turn(a) < turn(b); });
    return places;
  }

 private:
  std::shared_ptr<const Sampler> all_;
  std::vector<std::int64_t> samples_;
};

/// Targets as class indices.
std::vector<std::int64_t> labels_of(const Tensor& target) {
  check<ShapeError>(target.dim() == 1 && target.dtype() == i64,
                    "labels: targets expected a class index each (i64 [n]), got ", target.dtype(),
                    ' ', target.sizes());
  return target.to_vector<std::int64_t>();
}

/// The classes that rows of 0 and 1 name.
std::vector<std::vector<std::int64_t>> sets_of(const Tensor& target) {
  check<ShapeError>(target.dim() == 2,
                    "label_sets: multi-label targets expected [n, classes], got ", target.sizes());
  const std::vector<float> values = target.to(f32).to_vector<float>();
  const auto classes = static_cast<std::size_t>(target.size(1));
  std::vector<std::vector<std::int64_t>> sets(static_cast<std::size_t>(target.size(0)));
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (values[i] != 0) sets[i / classes].push_back(static_cast<std::int64_t>(i % classes));
  }
  return sets;
}

/// A set of one class each.
std::vector<std::vector<std::int64_t>> sets_of(const std::vector<std::int64_t>& labels) {
  std::vector<std::vector<std::int64_t>> sets;
  sets.reserve(labels.size());
  for (const std::int64_t label : labels) sets.push_back({label});
  return sets;
}

/// Calls `take` with the targets of all samples, some at a time.
template <class F>
void for_each_target(const Dataset& dataset, const F& take) {
  constexpr std::int64_t kAtOnce = 256;
  std::vector<std::int64_t> indices;
  for (std::int64_t first = 0; first < dataset.size(); first += kAtOnce) {
    indices.resize(static_cast<std::size_t>(std::min(kAtOnce, dataset.size() - first)));
    std::iota(indices.begin(), indices.end(), first);
    take(dataset.get_batch(indices).target);
  }
}

}  // namespace

const char* word_of(Targets targets) {
  switch (targets) {
    case Targets::kSingleLabel:
      return "single-label";
    case Targets::kMultiLabel:
      return "multi-label";
  }
  no_case_for("Targets", targets);
}

void check_indices(std::span<const std::int64_t> indices, std::int64_t size,
                   const char* operation) {
  for (std::size_t i = 0; i < indices.size(); ++i) {
    check<IndexError>(indices[i] >= 0 && indices[i] < size, operation, ": index expected in [0, ",
                      size, "), got ", indices[i], " (position ", i, " of ", indices.size(), ")");
  }
}

Batch Dataset::draw_batch(std::span<const std::int64_t> indices, const SampleKeys& /*keys*/) const {
  return get_batch(indices);
}

std::string Dataset::name_of(std::int64_t index) const { return str("sample ", index); }

std::vector<std::int64_t> Dataset::labels() const {
  std::vector<std::int64_t> labels;
  for_each_target(*this, [&](const Tensor& target) {
    const std::vector<std::int64_t> some = labels_of(target);
    labels.insert(labels.end(), some.begin(), some.end());
  });
  return labels;
}

std::vector<std::vector<std::int64_t>> Dataset::label_sets() const {
  if (targets() == Targets::kSingleLabel) return sets_of(labels());
  std::vector<std::vector<std::int64_t>> sets;
  for_each_target(*this, [&](const Tensor& target) {
    for (std::vector<std::int64_t>& one : sets_of(target)) sets.push_back(std::move(one));
  });
  return sets;
}

const std::vector<std::string>& Dataset::classes() const {
  static const std::vector<std::string> none;
  return none;
}

std::shared_ptr<const Sampler> Dataset::shuffled(std::uint64_t /*seed*/) const { return nullptr; }

DatasetRef::DatasetRef(std::shared_ptr<const Dataset> dataset) : dataset_(std::move(dataset)) {
  check<ArgumentError>(dataset_ != nullptr, "DatasetRef: dataset expected one, got null");
}

TensorDataset::TensorDataset(Tensor data, Tensor target, std::vector<std::string> classes,
                             Transform transform, Targets targets)
    : data_(std::move(data)),
      target_(std::move(target)),
      classes_(std::move(classes)),
      transform_(std::move(transform)),
      targets_(targets) {
  check<ShapeError>(data_.dim() > 0, "TensorDataset: data expected at least 1 dimension, got 0");
  check<ShapeError>(target_.dim() > 0,
                    "TensorDataset: target expected at least 1 dimension, got 0");
  check<ShapeError>(data_.size(0) == target_.size(0), "TensorDataset: target expected ",
                    data_.size(0), " samples, got ", target_.size(0), " (data ", data_.sizes(),
                    ", target ", target_.sizes(), ")");
  if (targets_ == Targets::kSingleLabel) return;
  check<ShapeError>(target_.dim() == 2,
                    "TensorDataset: multi-label target expected [n, classes], got ",
                    target_.sizes());
  check<DTypeError>(target_.dtype() == f32, "TensorDataset: multi-label target expected f32, got ",
                    target_.dtype());
}

Batch TensorDataset::get_batch(std::span<const std::int64_t> indices) const {
  check_indices(indices, size(), "TensorDataset");
  const auto count = static_cast<std::int64_t>(indices.size());
  const Tensor index = from_data(indices, {count}, data_.device());
  return {index_select(data_, 0, index), index_select(target_, 0, index.to(target_.device()))};
}

std::vector<std::int64_t> TensorDataset::labels() const { return labels_of(target_); }

std::vector<std::vector<std::int64_t>> TensorDataset::label_sets() const {
  return targets_ == Targets::kMultiLabel ? sets_of(target_) : sets_of(labels());
}

Subset::Subset(DatasetRef dataset, std::vector<std::int64_t> indices)
    : dataset_(std::move(dataset)), indices_(std::move(indices)) {
  check_indices(indices_, dataset_->size(), "Subset");
}

// The same samples by the other data set's numbers.
std::vector<std::int64_t> Subset::inner(std::span<const std::int64_t> indices) const {
  check_indices(indices, size(), "Subset");
  std::vector<std::int64_t> inner(indices.size());
  std::transform(indices.begin(), indices.end(), inner.begin(),
                 [this](std::int64_t i) { return indices_[static_cast<std::size_t>(i)]; });
  return inner;
}

// Of a value for each sample of the other data set those of the samples here.
template <class Value>
std::vector<Value> Subset::picked(const std::vector<Value>& all) const {
  std::vector<Value> values;
  values.reserve(indices_.size());
  for (const std::int64_t i : indices_) values.push_back(all[static_cast<std::size_t>(i)]);
  return values;
}

Batch Subset::get_batch(std::span<const std::int64_t> indices) const {
  return dataset_->get_batch(inner(indices));
}

Batch Subset::draw_batch(std::span<const std::int64_t> indices, const SampleKeys& keys) const {
  return dataset_->draw_batch(inner(indices), keys);
}

std::string Subset::name_of(std::int64_t index) const {
  return dataset_->name_of(inner({&index, 1})[0]);
}

std::vector<std::int64_t> Subset::labels() const { return picked(dataset_->labels()); }

std::vector<std::vector<std::int64_t>> Subset::label_sets() const {
  return picked(dataset_->label_sets());
}

std::shared_ptr<const Sampler> Subset::shuffled(std::uint64_t seed) const {
  auto all = dataset_->shuffled(seed);
  if (all == nullptr) return all;
  return std::make_shared<PartOfOrder>(std::move(all), indices_);
}

std::optional<StoredSamples> Subset::stored() const {
  std::optional<StoredSamples> stored = dataset_->stored();
  if (!stored) return stored;
  std::vector<std::int64_t> rows = indices_;
  if (!stored->rows.empty()) {
    for (std::int64_t& row : rows) row = stored->rows[static_cast<std::size_t>(row)];
  }
  stored->rows = std::move(rows);
  return stored;
}

Subset first_samples(DatasetRef dataset, std::int64_t count) {
  check<ArgumentError>(count >= 1, "first_samples: count expected at least 1, got ", count);
  std::vector<std::int64_t> indices(static_cast<std::size_t>(std::min(count, dataset->size())));
  std::iota(indices.begin(), indices.end(), 0);
  return Subset(std::move(dataset), std::move(indices));
}

std::vector<Subset> random_split(const DatasetRef& dataset, std::span<const std::int64_t> lengths,
                                 Generator& generator) {
  std::int64_t total = 0;
  for (const std::int64_t length : lengths) {
    check<ArgumentError>(length >= 0, "random_split: length expected at least 0, got ", length);
    total = checked_add(total, length);
  }
  check<ArgumentError>(total == dataset->size(), "random_split: lengths expected to add up to ",
                       dataset->size(), ", got ", total);
  const std::vector<std::int64_t> order = permutation(total, generator.next());
  std::vector<Subset> parts;
  auto next = order.begin();
  for (const std::int64_t length : lengths) {
    parts.emplace_back(dataset, std::vector<std::int64_t>(next, next + length));
    next += length;
  }
  return parts;
}

std::vector<Subset> random_split(const DatasetRef& dataset,
                                 std::initializer_list<std::int64_t> lengths,
                                 Generator& generator) {
  return random_split(dataset, std::span(lengths.begin(), lengths.size()), generator);
}

}  // namespace fovea::data
