// Small data sets in the files of Fashion-MNIST and CIFAR-10, which a model learns within seconds.
// For tests that link zlib.
#pragma once

#include <cstdint>
#include <filesystem>
#include <random>
#include <string>

#include "tests/support/gzip_file.h"
#include "tests/support/tar_file.h"
#include "tests/support/temp_dir.h"

namespace fovea::test {

/// The pixels of a 28x28 image of class `label`: a bright bar whose place is the class's, moved and
/// dimmed a little, on dark noise.
inline std::string tiny_image(std::uint32_t label, std::mt19937& random) {
  constexpr std::uint32_t kSide = 28;
  const auto row = 2 + 5 * (label / 2) + random() % 2;
  const auto column = (label % 2) * 14 + random() % 3;
  const auto light = 150 + random() % 100;
  std::string pixels;
  for (std::uint32_t y = 0; y < kSide; ++y) {
    for (std::uint32_t x = 0; x < kSide; ++x) {
      const bool bright = y >= row && y < row + 3 && x >= column && x < column + 11;
      pixels += static_cast<char>(bright ? light : random() % 60);
    }
  }
  return pixels;
}

/// Writes the images and labels of a split, "train" or "t10k", to `folder`, not packed.
inline void write_tiny_split(const std::filesystem::path& folder, const std::string& split,
                             std::uint32_t samples) {
  // The numbers of mt19937 are fixed by the standard; those of its distributions are not.
  std::mt19937 random(samples);
  std::string images, labels;
  for (std::uint32_t i = 0; i < samples; ++i) {
    labels += static_cast<char>(i % 10);
    images += tiny_image(i % 10, random);
  }
  put_file(folder / (split + "-images-idx3-ubyte"), idx(8, {samples, 28, 28}, images));
  put_file(folder / (split + "-labels-idx1-ubyte"), idx(8, {samples}, labels));
}

/// Writes ROOT/fashion-mnist with so many samples. The same arguments give the same bytes.
inline void write_tiny_data(const std::filesystem::path& root, std::uint32_t train_samples,
                            std::uint32_t test_samples) {
  write_tiny_split(root / "fashion-mnist", "train", train_samples);
  write_tiny_split(root / "fashion-mnist", "t10k", test_samples);
}

/// `count` records of CIFAR-10, whose classes go round from `first` on; class c is bright in five
/// rows from row 3 c on.
inline std::string cifar_records(int count, int first) {
  std::string bytes;
  for (int i = 0; i < count; ++i) {
    const int label = (first + i) % 10;
    bytes += static_cast<char>(label);
    for (int pixel = 0; pixel < 3 * 32 * 32; ++pixel) {
      const int row = pixel / 32 % 32;
      const bool bright = row >= 3 * label && row < 3 * label + 5;
      bytes += static_cast<char>((bright ? 180 : 20) + (pixel * 7 + i * 13) % 40);
    }
  }
  return bytes;
}

/// Writes ROOT/cifar10 as it is published, with 500 and 60 images.
inline void write_tiny_cifar(const std::filesystem::path& root) {
  const std::string folder = "cifar-10-batches-bin/";
  std::string archive;
  for (int i = 1; i <= 5; ++i) {
    archive += tar_file(folder + "data_batch_" + std::to_string(i) + ".bin", cifar_records(100, i));
  }
  archive += tar_file(folder + "test_batch.bin", cifar_records(60, 7)) + tar_end();
  put_file(root / "cifar10/cifar-10-binary.tar.gz", gzipped(archive));
}

}  // namespace fovea::test
