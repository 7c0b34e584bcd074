// Data sets: numbered samples that are fetched a batch at a time.
//
// A data set holds samples as they are stored (u8 images stay u8); the transform that it names is
// applied by the DataLoader to one batch at a time. Data sets are immutable, so any number of
// threads may read one.
#pragma once

#include <concepts>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "fovea/core/rng.h"
#include "fovea/data/transform.h"
#include "fovea/tensor/tensor.h"

namespace fovea::data {

class Sampler;

/// Some samples: `auto& [images, labels] = batch`.
struct Batch {
  Tensor data;    ///< [k, ...], one row a sample
  Tensor target;  ///< [k] class indices (i64), [k, classes] (see Targets), or [k, ...]
};

/// Turns a batch, data and target, into another with as many samples; what it draws depends on the
/// keys alone. Immutable, so any thread may call one. Empty: nothing is done.
using BatchTransform = std::function<Batch(const Batch&, const SampleKeys&)>;

/// What a data set's targets say of its samples.
enum class Targets : std::uint8_t {
  kSingleLabel,  ///< the class of each: i64 [n]
  kMultiLabel,   ///< of each class whether a sample shows it: f32 [n, classes], each 0 or 1
};
/// "single-label", "multi-label".
const char* word_of(Targets targets);

/// Samples that lie in memory as rows of two tensors.
struct StoredSamples {
  Tensor data;                     ///< one row a sample
  Tensor target;                   ///< likewise
  std::vector<std::int64_t> rows;  ///< of sample 0, 1, ...; empty: sample i is row i
};

/// Throws IndexError, naming `operation`, unless every index lies in [0, size).
void check_indices(std::span<const std::int64_t> indices, std::int64_t size, const char* operation);

/// Numbered samples.
class Dataset {
 public:
  virtual ~Dataset() = default;
  /// The number of samples.
  virtual std::int64_t size() const = 0;
  /// The samples `indices`, in that order, as they are stored: transform() is not applied.
  /// Throws   IndexError outside [0, size()); what reading may throw.
  /// Threads  may be called from several threads at once.
  virtual Batch get_batch(std::span<const std::int64_t> indices) const = 0;
  /// The samples as a loader takes them in a pass over the data: get_batch, unless something is
  /// drawn for each sample before the samples of a batch are of one size, from `keys` alone.
  /// Requires keys.indices of as many samples as `indices`, by the loader's numbers.
  virtual Batch draw_batch(std::span<const std::int64_t> indices, const SampleKeys& keys) const;
  /// What people call a sample, its file for one: "sample 3" where it has no name of its own.
  /// Requires 0 <= index < size().
  virtual std::string name_of(std::int64_t index) const;
  /// Names of the classes, by index; empty when there are none.
  virtual const std::vector<std::string>& classes() const;
  /// What the targets say. A set whose samples have any number of classes says so here.
  virtual Targets targets() const { return Targets::kSingleLabel; }
  /// The class of each sample, without what is costly to read where that can be.
  /// Throws   ShapeError unless targets are a class index each; what reading may throw.
  virtual std::vector<std::int64_t> labels() const;
  /// The classes of each sample in ascending order, one each where targets are single-label.
  /// Throws   as labels(); ShapeError unless multi-label targets are [n, classes].
  virtual std::vector<std::vector<std::int64_t>> label_sets() const;
  /// What a DataLoader does to the data of each batch; empty for nothing.
  virtual Transform transform() const { return {}; }
  /// The order in which a DataLoader shuffles the samples, by (seed, epoch), each once: one of a
  /// set that is slow to read in any order, and keeps to its files. Null, the default: any order
  /// will do.
  virtual std::shared_ptr<const Sampler> shuffled(std::uint64_t seed) const;
  /// The samples' memory, for a data set whose get_batch copies rows of two tensors and does no
  /// more: a loader then picks and transforms them in one pass. Nothing for all others.
  virtual std::optional<StoredSamples> stored() const { return {}; }
};

/// A data set that somebody uses: referred to, shared, or owned.
///
/// A named data set is referred to and must outlive this; a temporary one is moved in.
class DatasetRef {
 public:
  /// Refers to `dataset`, which must outlive this.
  DatasetRef(const Dataset& dataset)  // NOLINT(google-explicit-constructor): arguments convert
      : dataset_(std::shared_ptr<const Dataset>(), &dataset) {}
  /// Shares `dataset`. Throws ArgumentError when it is null.
  DatasetRef(std::shared_ptr<const Dataset> dataset);  // NOLINT(google-explicit-constructor)
  /// Shares `dataset`. Throws ArgumentError when it is null.
  template <std::derived_from<Dataset> D>
  DatasetRef(const std::shared_ptr<D>& dataset)  // NOLINT(google-explicit-constructor)
      : DatasetRef(std::shared_ptr<const Dataset>(dataset)) {}
  /// Owns `dataset`.
  template <class D>
  requires std::derived_from<D, Dataset> &&(!std::is_const_v<D>)&&(!std::is_abstract_v<D>)
      DatasetRef(D&& dataset)  // NOLINT: D is no reference, so it binds to temporaries alone
      : dataset_(std::make_shared<D>(std::forward<D>(dataset))) {}

  const Dataset& operator*() const { return *dataset_; }        ///< the data set
  const Dataset* operator->() const { return dataset_.get(); }  ///< the data set

 private:
  std::shared_ptr<const Dataset> dataset_;
};

/// Samples that lie in two tensors.
class TensorDataset : public Dataset {
 public:
  /// Sample i is data[i] with target[i], of which `targets` says what it is.
  /// Throws   ShapeError when the first sizes differ or a tensor is 0-d, or multi-label targets are
  ///          not [n, classes]; DTypeError when these are not f32.
  TensorDataset(Tensor data, Tensor target, std::vector<std::string> classes = {},
                Transform transform = {}, Targets targets = Targets::kSingleLabel);

  std::int64_t size() const override { return data_.size(0); }
  Batch get_batch(std::span<const std::int64_t> indices) const override;
  Targets targets() const override { return targets_; }
  std::vector<std::int64_t> labels() const override;
  std::vector<std::vector<std::int64_t>> label_sets() const override;
  const std::vector<std::string>& classes() const override { return classes_; }
  Transform transform() const override { return transform_; }
  std::optional<StoredSamples> stored() const override { return {{data_, target_, {}}}; }

  const Tensor& data() const { return data_; }      ///< all samples
  const Tensor& target() const { return target_; }  ///< all targets

 private:
  Tensor data_, target_;
  std::vector<std::string> classes_;
  Transform transform_;
  Targets targets_;
};

/// Some samples of another data set, with its classes and its transform.
class Subset : public Dataset {
 public:
  /// Sample i is sample indices[i] of `dataset`. Throws IndexError for an index outside it.
  Subset(DatasetRef dataset, std::vector<std::int64_t> indices);

  std::int64_t size() const override { return static_cast<std::int64_t>(indices_.size()); }
  Batch get_batch(std::span<const std::int64_t> indices) const override;
  Batch draw_batch(std::span<const std::int64_t> indices, const SampleKeys& keys) const override;
  Targets targets() const override { return dataset_->targets(); }
  std::vector<std::int64_t> labels() const override;
  std::vector<std::vector<std::int64_t>> label_sets() const override;
  std::string name_of(std::int64_t index) const override;
  const std::vector<std::string>& classes() const override { return dataset_->classes(); }
  Transform transform() const override { return dataset_->transform(); }
  /// The other data set's order, if it has one, without the samples that are not here.
  std::shared_ptr<const Sampler> shuffled(std::uint64_t seed) const override;
  std::optional<StoredSamples> stored() const override;

  const std::vector<std::int64_t>& indices() const { return indices_; }  ///< in the other data set

 private:
  std::vector<std::int64_t> inner(std::span<const std::int64_t> indices) const;
  template <class Value>
  std::vector<Value> picked(const std::vector<Value>& all) const;

  DatasetRef dataset_;
  std::vector<std::int64_t> indices_;
};

/// The first `count` samples, or all when there are fewer. Throws ArgumentError when count < 1.
Subset first_samples(DatasetRef dataset, std::int64_t count);

/// Cuts a data set at random into parts of the given lengths, which share no sample.
/// Throws   ArgumentError when a length is negative or their sum is not the data set's size.
std::vector<Subset> random_split(const DatasetRef& dataset, std::span<const std::int64_t> lengths,
                                 Generator& generator = default_generator());
/// Cuts a data set at random into parts of the given lengths, which share no sample.
std::vector<Subset> random_split(const DatasetRef& dataset,
                                 std::initializer_list<std::int64_t> lengths,
                                 Generator& generator = default_generator());

}  // namespace fovea::data
