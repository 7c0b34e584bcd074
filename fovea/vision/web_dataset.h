// WebDataset: labelled images in tar archives, for sets that are larger than memory.
//
//     const WebDataset dataset("imagenet/train-{0000..0146}.tar",
//                              {.image_transform = scaled_and_cut(224)});
//     data::DataLoader loader(dataset, {.batch_size = 64, .shuffle = true});
//
// An index is made of the archives' headers when the set is opened: 16 bytes a sample, whatever the
// images' size. So it is a data set like any other, with a length and random access. Images are read
// and unpacked when they are asked for, by all threads of the caller's loops, so memory holds a batch
// and not the shards. Shuffled, it is read shard by shard (ShardSampler). shard_index.h says what a
// shard looks like.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "fovea/data/dataset.h"
#include "fovea/data/transforms.h"
#include "fovea/vision/file_backed.h"
#include "fovea/vision/pictures.h"
#include "fovea/vision/shard_index.h"

namespace fovea::vision {

/// What is made of the samples of shards.
struct WebDatasetOptions {
  /// 1 (grey) or 3 (colour), which every image is converted to. 0: as find_channels says.
  std::int64_t channels = 0;
  /// Brings one image, as a batch [1, channels, h, w] (u8), to the size of all, such as
  /// scaled_and_cut(224). A random one draws for each sample and epoch. Empty: they are of one size.
  data::Transform image_transform = {};
  std::vector<std::string> classes = {};  ///< names by label; none: "0", "1", ... as labels go
  std::string label_key = "label";        ///< the label's key in .json files
  std::int64_t shuffle_window = 4096;     ///< samples that are shuffled among each other
  /// What a loader does to each batch; by default u8 becomes f32 in [0, 1].
  data::Transform transform = data::ToTensor();
};

/// The paths that a pattern stands for: {0000..0146} counts, with as many digits, {a,b} lists; several
/// of them stand for every combination. What is in no braces stands for itself.
/// Throws   ArgumentError for braces that do not close or that hold neither, a count that goes down,
///          or more than 2^20 paths.
std::vector<std::filesystem::path> expand_shards(const std::string& pattern);

/// Labelled images in tar archives. See the head of this file.
///
/// Shapes   data u8 [k, channels, height, width], target i64 [k].
class WebDataset final : public data::Dataset, public FileBacked {
 public:
  /// Opens the shards that a pattern stands for, see expand_shards. Throws as below.
  WebDataset(const std::string& pattern, WebDatasetOptions options);
  /// Opens shards and makes their index, by all threads.
  /// Throws   IoError; ParseError as index_shard, for no sample, naming the shard with a label that is
  ///          no class, or as find_channels; ArgumentError unless channels are 0, 1 or 3, and when
  ///          shuffle_window < 1.
  WebDataset(const std::vector<std::filesystem::path>& shards, WebDatasetOptions options);
  ~WebDataset() override;
  WebDataset(const WebDataset&) = delete;
  WebDataset& operator=(const WebDataset&) = delete;

  std::int64_t size() const override { return first_.back(); }
  /// The images, as those of epoch 0 with seed 0 where image_transform draws.
  /// Throws   IndexError; IoError; ParseError naming shard, file and byte of an image that is damaged;
  ///          ShapeError naming one of another size.
  data::Batch get_batch(std::span<const std::int64_t> indices) const override;
  data::Batch draw_batch(std::span<const std::int64_t> indices,
                         const data::SampleKeys& keys) const override;
  const std::vector<std::string>& classes() const override { return options_.classes; }
  data::Transform transform() const override { return options_.transform; }
  /// The number of samples of each class.
  std::vector<std::int64_t> class_sizes() const;
  /// A ShardSampler with the options' window.
  std::shared_ptr<const data::Sampler> shuffled(std::uint64_t seed) const override;
  /// One SHA-256 over the names and lengths of the shards.
  Checksums checksums() const override;

 private:
  struct Shard;
  struct Place;
  void name_classes();
  Place place_of(std::int64_t index) const;
  std::string name_of(std::int64_t index) const;
  io::Image image_of(std::int64_t index, io::Channels channels) const;
  PictureSource source() const;

  WebDatasetOptions options_;
  std::vector<std::unique_ptr<const Shard>> shards_;
  std::vector<std::int64_t> first_ = {0};  // number of each shard's first sample, and of the end
};

}  // namespace fovea::vision
