// PictureSet: labelled pictures in files that are decoded when a batch is asked for. What
// ImageFolder and WebDataset have in common; they say where a picture's bytes and its label come
// from.
//
// Pictures are of any size, and a batch is of one. What brings each picture to it is a transform
// that gets the picture alone, as a batch of one, before the others are joined to it:
//
//     ImageFolder judging("photos/test", {.image_transform = scaled_and_cut(224)});
//
// Without it the pictures must all be of one size.
// Threads: a batch is decoded on the threads of whoever asks for it (core/parallel.h); a DataLoader
// asks from a thread of its own while the model works.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "fovea/data/dataset.h"
#include "fovea/data/scaled_and_cut.h"
#include "fovea/data/transforms.h"
#include "fovea/vision/file_backed.h"
#include "fovea/vision/pictures.h"

namespace fovea::vision {

/// A picture that cannot be read or decoded.
struct CorruptImage {
  std::string name;                  ///< see PictureSet::name_of
  std::string message;               ///< what is wrong, with the name
  std::vector<std::int64_t> labels;  ///< indices of its classes, see PictureSet::labels_of
};

/// Told from the calling thread how many of how many pictures have been looked at.
using ImageProgress = std::function<void(std::int64_t done, std::int64_t total)>;

/// What reading every picture has shown.
struct ImageCheck {
  std::vector<CorruptImage> corrupt;    ///< in the samples' order
  std::vector<std::int64_t> readable;   ///< numbers of the other samples
  std::vector<std::int64_t> per_class;  ///< readable pictures of each class
  std::vector<std::int64_t> per_count;  ///< readable pictures with 0, 1, 2, ... classes
  std::int64_t grey = 0;                ///< readable pictures with one channel
  data::ImageSize least;                ///< of the heights and of the widths, each by itself
  data::ImageSize most;                 ///< as least
};

/// How a set of pictures is read.
struct PictureSetOptions {
  /// 1 (grey) or 3 (colour), which every picture is converted to. 0: 1 when 64 pictures, evenly
  /// spread over all, are grey as they are stored; else 3.
  std::int64_t channels = 0;
  /// Brings one picture, as a batch [1, channels, h, w] (u8), to the size of all. A random one
  /// draws for each sample and epoch. Empty: they are of one size.
  data::Transform image_transform = {};
  /// Names of the classes, by index; empty: what the files say. A model's own, to judge it with.
  std::vector<std::string> classes = {};
  /// Pictures with more pixels cannot be decoded.
  std::uint64_t max_pixels = io::kMaxImagePixels;
  /// Reads all pictures first, and leaves out those that cannot be read or decoded, as long as each
  /// class keeps one. Otherwise a batch that holds such a picture throws.
  bool skip_corrupt = false;
  std::function<void(const CorruptImage&)> on_corrupt = {};  ///< told of each that is left out
  ImageProgress progress = {};                               ///< told while skip_corrupt reads all
  /// What a loader does to each batch; by default u8 becomes f32 in [0, 1]. Empty: nothing.
  data::Transform transform = data::ToTensor();
};

/// Pictures and their classes. See the head of this file.
///
/// Shapes   data u8 [k, channels, height, width], target i64 [k]; of multi-label sets f32
///          [k, classes], 1 for each class that a picture shows, else 0.
class PictureSet : public data::Dataset, public FileBacked {
 public:
  /// The pictures, as those of epoch 0 with seed 0 where image_transform draws.
  /// Throws   IndexError; IoError, ParseError naming a picture that cannot be read; ShapeError
  ///          naming one of another size.
  data::Batch get_batch(std::span<const std::int64_t> indices) const final;
  data::Batch draw_batch(std::span<const std::int64_t> indices,
                         const data::SampleKeys& keys) const final;
  /// Throws ShapeError where targets are multi-label.
  std::vector<std::int64_t> labels() const final;
  std::vector<std::vector<std::int64_t>> label_sets() const final;
  const std::vector<std::string>& classes() const final { return options_.classes; }
  data::Transform transform() const final { return options_.transform; }

  std::int64_t channels() const { return options_.channels; }  ///< 1 or 3
  /// Index of the class of picture `index`. Requires single-label targets.
  virtual std::int64_t label_of(std::int64_t index) const = 0;
  /// Indices of the classes of picture `index`, in ascending order: label_of where targets are
  /// single-label.
  virtual std::vector<std::int64_t> labels_of(std::int64_t index) const {
    return {label_of(index)};
  }
  /// Where picture `index` lies: what messages call it.
  std::string name_of(std::int64_t index) const override = 0;
  /// What lies where the pictures are and is none of them, in a line each: files of other formats.
  virtual std::vector<std::string> left_out() const = 0;
  /// Reads all pictures, on all threads; those that cannot be read or decoded are in the result.
  ImageCheck check_images(const ImageProgress& progress = {}) const;
  /// The same pictures, brought to one size by another transform: how training data is judged, for
  /// example, of which random parts are learned from. Nothing is listed or looked at again.
  std::shared_ptr<const PictureSet> with_image_transform(data::Transform transform) const;

 protected:
  /// `operation` begins messages. Throws ArgumentError unless channels are 0, 1 or 3.
  PictureSet(PictureSetOptions options, const char* operation);
  PictureSet(const PictureSet&) = default;             ///< for copy()
  PictureSet(PictureSet&&) = default;                  ///< for copy()
  PictureSet& operator=(const PictureSet&) = default;  ///< for copy()
  PictureSet& operator=(PictureSet&&) = default;       ///< for copy()

  std::uint64_t max_pixels() const { return options_.max_pixels; }  ///< as given

  /// Ends the construction, as soon as pictures can be read: names the classes, leaves out what is
  /// corrupt, finds the channels, as far as the options ask for it.
  /// Throws   ParseError when a class's name is no UTF-8 or no picture of it is left, or a picture
  ///          that is looked at for its channels cannot be decoded.
  void look_at_pictures(std::vector<std::string> classes);

 private:
  /// Throws IoError; ParseError naming the picture.
  virtual io::Image read(std::int64_t index, io::Channels channels) const = 0;
  /// Drops all samples but these, which are in ascending order.
  virtual void keep(std::span<const std::int64_t> samples) = 0;
  virtual std::shared_ptr<PictureSet> copy() const = 0;

  void leave_out_corrupt();
  void check_classes_left(const ImageCheck& checked) const;
  PictureSource source() const;
  Tensor targets_of(std::span<const std::int64_t> indices) const;

  PictureSetOptions options_;
  const char* operation_;
};

/// `count` samples of `pictures` in ascending order, or all when there are fewer: as many of each
/// class as of every other as far as there are, evenly spread over those of the class; where
/// targets are multi-label, evenly spread over all. The same each time.
/// Throws   ArgumentError when count < 1.
std::vector<std::int64_t> spread_samples(const PictureSet& pictures, std::int64_t count);

/// Part of a data set, for a quick try: spread_samples of pictures in files, which lie class by
/// class; of any other set its first samples. Throws ArgumentError when count < 1.
data::Subset limited_samples(const std::shared_ptr<const data::Dataset>& dataset,
                             std::int64_t count);

using data::scaled_and_cut;  // how pictures of any size are judged

}  // namespace fovea::vision
