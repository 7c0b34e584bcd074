// Two runs that have to be the same but for what the clock says.
#pragma once

#include <filesystem>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "fovea/io/read_file.h"

namespace fovea::test {

/// results.csv of a run without what the clock says: time_s, images_per_s and data_wait_s.
inline std::string timeless_results(const std::filesystem::path& run) {
  std::istringstream rows(io::read_text(run / "results.csv"));
  std::string kept;
  for (std::string row; std::getline(rows, row);) {
    std::istringstream fields(row);
    std::string field;
    for (int column = 0; std::getline(fields, field, ','); ++column)
      if (column != 2 && column < 10) kept += field + ',';
    kept += '\n';
  }
  return kept;
}

/// That two run directories have the same in `files`, byte for byte, and in results.csv but for
/// times.
inline void expect_same_run(const std::filesystem::path& run, const std::filesystem::path& whole,
                            const std::vector<const char*>& files = {
                                "weights/last.safetensors", "weights/best.safetensors", "steps.csv",
                                "confusion_matrix.csv", "curves.svg"}) {
  for (const char* file : files)
    EXPECT_EQ(io::read_text(run / file), io::read_text(whole / file)) << file << " of " << run;
  EXPECT_EQ(timeless_results(run), timeless_results(whole));
}

}  // namespace fovea::test
