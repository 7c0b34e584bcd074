#include "fovea/vision/image_folder.h"

#include <algorithm>
#include <system_error>
#include <utility>

#include "fovea/core/error.h"
#include "fovea/io/image.h"
#include "fovea/tensor/ops.h"
#include "fovea/vision/pictures.h"
#include "fovea/vision/sha256.h"

namespace fovea::vision {

ImageFolder::ImageFolder(std::filesystem::path folder, ImageFolderOptions options)
    : folder_(std::move(folder)), options_(std::move(options)) {
  const std::int64_t channels = options_.channels;
  check<ArgumentError>(channels == 0 || channels == 1 || channels == 3,
                       "image_folder: channels expected 0, 1 or 3, got ", channels);
  ImageListing listing = list_images(folder_, options_.classes);
  if (options_.skip_corrupt) leave_out_corrupt(listing);
  classes_ = std::move(listing.classes);
  files_ = std::move(listing.files);
  if (channels == 0) options_.channels = find_channels(source(), size());
}

void ImageFolder::leave_out_corrupt(ImageListing& listing) const {
  const ImageCheck checked = check_images(listing, options_.progress);
  if (options_.on_corrupt) {
    for (const CorruptImage& corrupt : checked.corrupt) options_.on_corrupt(corrupt);
  }
  std::vector<ImageFile> readable;
  for (const std::int64_t i : checked.readable)
    readable.push_back(std::move(listing.files[static_cast<std::size_t>(i)]));
  check<ParseError>(!readable.empty(), "image_folder: pictures that can be read expected in ",
                    folder_.native(), ", got none (", checked.corrupt.size(), " cannot be)");
  listing.files = std::move(readable);
}

PictureSource ImageFolder::source() const {
  const auto path = [this](std::int64_t sample) -> const std::filesystem::path& {
    return files_[static_cast<std::size_t>(sample)].path;
  };
  return {.read = [path](std::int64_t sample,
                         io::Channels channels) { return io::read_image(path(sample), channels); },
          .name = [path](std::int64_t sample) { return path(sample).string(); }};
}

data::Batch ImageFolder::get_batch(std::span<const std::int64_t> indices) const {
  return draw_batch(indices, {.seed = 0, .epoch = 0, .indices = indices});
}

data::Batch ImageFolder::draw_batch(std::span<const std::int64_t> indices,
                                    const data::SampleKeys& keys) const {
  data::check_indices(indices, size(), "ImageFolder");
  std::vector<std::int64_t> labels;
  for (const std::int64_t i : indices) labels.push_back(files_[static_cast<std::size_t>(i)].label);
  const Tensor images = read_pictures(source(), indices, keys,
                                      {.channels = options_.channels,
                                       .image_transform = options_.image_transform,
                                       .operation = "image_folder"});
  return {images, from_data(labels, {static_cast<std::int64_t>(labels.size())})};
}

Checksums ImageFolder::checksums() const {
  Sha256 sha;
  for (const ImageFile& file : files_) {
    std::error_code error;
    const std::uintmax_t bytes = std::filesystem::file_size(file.path, error);
    check<IoError>(!error, "image_folder: ", file.path.native(), " expected to be there, got \"",
                   error.message(), "\"");
    const std::string line =
        str(file.path.lexically_relative(folder_).generic_string(), '\0', bytes, '\n');
    sha.update(std::as_bytes(std::span(line)));
  }
  return {{str(folder_.filename().native(), " (names and lengths of ", files_.size(), " files)"),
           sha.hex()}};
}

data::Transform scaled_and_cut(data::ImageSize size) {
  const data::CenterCrop cut(size);
  return [size, cut](const Tensor& batch, const data::SampleKeys& keys) {
    const std::int64_t height = batch.size(2), width = batch.size(3);
    // The side that is the shorter one, measured by `size`, is met exactly; the other one is rounded
    // down, as torchvision does.
    const bool by_height = checked_mul(size.height, width) >= checked_mul(size.width, height);
    const data::ImageSize scaled =
        by_height ? data::ImageSize(size.height, checked_mul(width, size.height) / height)
                  : data::ImageSize(checked_mul(height, size.width) / width, size.width);
    return cut(data::Resize(scaled)(batch, keys), keys);
  };
}

}  // namespace fovea::vision
