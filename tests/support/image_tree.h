// Folders of small pictures, for tests that link libpng, libjpeg and zlib.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "fovea/io/pictures/image.h"
#include "tests/support/temp_dir.h"

namespace fovea::test {

/// A picture [channels, height, width] whose channel c is `values[c]` everywhere.
inline io::Image plain_image(const std::vector<int>& values, std::int64_t height,
                             std::int64_t width) {
  std::vector<std::uint8_t> pixels;
  for (const int value : values)
    pixels.insert(pixels.end(), static_cast<std::size_t>(height * width),
                  static_cast<std::uint8_t>(value));
  return from_data(pixels, {static_cast<std::int64_t>(values.size()), height, width});
}

/// Writes a PNG, and its folder.
inline void put_png(const std::filesystem::path& path, const io::Image& image) {
  std::filesystem::create_directories(path.parent_path());
  io::write_png(path, image);
}

/// Writes ROOT/train and ROOT/test with `train` and `test` pictures of each of three classes, which
/// a model learns in an epoch or two: red, green and blue ones of several sizes, side 20 to 32.
inline void write_image_tree(const std::filesystem::path& root, int train, int test) {
  const std::vector<std::string> classes = {"blue", "green", "red"};
  for (const bool training : {true, false}) {
    for (std::size_t c = 0; c < classes.size(); ++c) {
      for (int i = 0; i < (training ? train : test); ++i) {
        std::vector<int> colour = {i % 7 * 9, i % 5 * 11, i % 3 * 13};
        colour[2 - c] = 200 + i % 11 * 5;
        put_png(root / (training ? "train" : "test") / classes[c] / (std::to_string(i) + ".png"),
                plain_image(colour, 20 + i % 13, 20 + i % 4));
      }
    }
  }
}

/// Writes ROOT/train.csv and ROOT/test.csv, multi-label lists of `train` and `test` pictures of
/// side 8 in ROOT/pictures, which a model learns in some epochs: the labels blue, green and red say
/// which channels are bright, none of them in some.
inline void write_label_lists(const std::filesystem::path& root, int train, int test) {
  for (const bool training : {true, false}) {
    std::string list = "path,labels\n";
    for (int i = 0; i < (training ? train : test); ++i) {
      const int shown = i * 5 % 8;
      std::vector<int> colour = {i % 7 * 9, i % 5 * 11, i % 3 * 13};
      for (int c = 0; c < 3; ++c)
        if ((shown >> c) % 2 == 1) colour[static_cast<std::size_t>(c)] = 200 + i % 11 * 5;
      const std::string path =
          std::string("pictures/") + (training ? "train" : "test") + std::to_string(i) + ".png";
      put_png(root / path, plain_image(colour, 8, 8));
      const auto label = [&](int c, const char* name) {
        return (shown >> c) % 2 == 1 ? std::string(name) : std::string();
      };
      list +=
          path + "," + label(0, "red") + ";" + label(1, "green") + "|" + label(2, "blue") + "\n";
    }
    put_file(root / (training ? "train.csv" : "test.csv"), list);
  }
}

}  // namespace fovea::test
