#include "fovea/vision/image_folder.h"

#include <system_error>
#include <utility>

#include "fovea/core/error.h"
#include "fovea/io/pictures/image.h"
#include "fovea/vision/sha256.h"

namespace fovea::vision {

ImageFolder::ImageFolder(std::filesystem::path folder, PictureSetOptions options,
                         const std::optional<Part>& part)
    : PictureSet(std::move(options), "image_folder"), folder_(std::move(folder)) {
  ImageListing listing = list_images(folder_, classes());
  files_ = std::move(listing.files);
  left_out_ = describe_left_out(listing);
  if (part) {
    keep_part(*part, folder_, files_);
    part_ = str(", ", describe(*part));
    check<ParseError>(!files_.empty(), "image_folder: pictures that can be held out expected in ",
                      folder_.native(), ", two of a class at least, got none");
  }
  look_at_pictures(std::move(listing.classes));
}

io::Image ImageFolder::read(std::int64_t index, io::Channels channels) const {
  return io::read_image(file(index).path, channels, max_pixels());
}

void ImageFolder::keep(std::span<const std::int64_t> samples) {
  std::vector<ImageFile> kept;
  for (const std::int64_t i : samples) kept.push_back(file(i));
  files_ = std::move(kept);
}

std::shared_ptr<PictureSet> ImageFolder::copy() const {
  return std::make_shared<ImageFolder>(*this);
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
  return {{str(folder_.filename().native(), " (names and lengths of ", files_.size(), " files",
               part_, ")"),
           sha.hex()}};
}

}  // namespace fovea::vision
