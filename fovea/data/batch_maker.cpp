#include "fovea/data/batch_maker.h"

#include <utility>

#include "fovea/core/error.h"
#include "fovea/tensor/ops.h"
#include "fovea/tensor/tape.h"

namespace fovea::data {

BatchMaker::BatchMaker(DatasetRef dataset, const Transform& transform, std::uint64_t seed,
                       BatchTransform batch_transform)
    : dataset_(std::move(dataset)),
      stored_(dataset_->stored()),
      batch_transform_(std::move(batch_transform)) {
  // The two transforms draw different numbers, so that a flip in both is not the same flip twice.
  const SampleKeys keys{.seed = seed, .epoch = 0, .indices = {}};
  append_links(dataset_->transform(), keys.nested(0).seed, chain_);
  append_links(transform, keys.nested(1).seed, chain_);
  draw_seed_ = keys.nested(2).seed;
  batch_seed_ = keys.nested(3).seed;
  if (!stored_) return;
  const Tensor& data = stored_->data;
  if (data.dtype() == u8 && data.dim() == 4 && data.is_contiguous()) {
    pass_ = ImagePass::plan(chain_, data.sizes());
  }
  if (pass_) rest_ = pass_->length();
}

Batch BatchMaker::make(std::span<const std::int64_t> indices, std::uint64_t epoch) const {
  const NoGrad no_grad;
  Batch batch = fetch(indices, epoch);
  for (std::size_t i = rest_; i < chain_.size(); ++i) {
    batch.data = chain_[i].transform(batch.data, {chain_[i].seed, epoch, indices});
  }
  if (batch_transform_) batch = batch_transform_(batch, {batch_seed_, epoch, indices});
  return batch;
}

/// The samples, with the transforms that are done in the pass.
Batch BatchMaker::fetch(std::span<const std::int64_t> indices, std::uint64_t epoch) const {
  if (!pass_) return dataset_->draw_batch(indices, {draw_seed_, epoch, indices});
  check_indices(indices, dataset_->size(), "DataLoader");
  std::vector<std::int64_t> mapped;
  std::span<const std::int64_t> rows = indices;
  if (!stored_->rows.empty()) {
    mapped.reserve(indices.size());
    for (const std::int64_t i : indices)
      mapped.push_back(stored_->rows[static_cast<std::size_t>(i)]);
    rows = mapped;
  }
  const Tensor& target = stored_->target;
  const Tensor index = from_data(rows, {static_cast<std::int64_t>(rows.size())}, target.device());
  return {(*pass_)(stored_->data, rows, epoch, indices), index_select(target, 0, index)};
}

}  // namespace fovea::data
