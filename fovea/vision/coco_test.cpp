#include "fovea/vision/coco.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "fovea/core/error.h"
#include "fovea/data/data_loader.h"
#include "fovea/tensor/ops.h"
#include "tests/support/close.h"
#include "tests/support/temp_dir.h"

namespace fovea::vision {
namespace {

using test::message_of;
using testing::ElementsAre;

/// Two images, of 4x6 and 8x2 pixels: the first with a cat, a dog and a crowd, the second with a
/// dog.
class CocoFolder {
 public:
  CocoFolder() {
    io::write_png(dir_ / "one.png", full({3, 4, 6}, 50, {.dtype = u8}));
    io::write_png(dir_ / "two.png", full({1, 8, 2}, 90, {.dtype = u8}));
    test::put_file(dir_ / "a.json", R"({
      "images": [{"id": 1, "file_name": "one.png", "width": 6, "height": 4},
                 {"id": 2, "file_name": "two.png", "width": 2, "height": 8}],
      "categories": [{"id": 3, "name": "cat"}, {"id": 5, "name": "dog"}],
      "annotations": [
        {"image_id": 1, "category_id": 3, "bbox": [0, 1, 2, 3], "area": 4, "iscrowd": 0},
        {"image_id": 1, "category_id": 5, "bbox": [0, 0, 6, 4], "area": 20, "iscrowd": 1},
        {"image_id": 1, "category_id": 5, "bbox": [3, 0, 3, 2], "area": 5, "iscrowd": 0},
        {"image_id": 2, "category_id": 5, "bbox": [0, 4, 2, 4], "area": 8, "iscrowd": 0}]})");
  }
  CocoOptions options() const { return {.images = dir_.path(), .annotations = dir_ / "a.json"}; }
  const test::TempDir& dir() const { return dir_; }

 private:
  test::TempDir dir_;
};

TEST(CocoDetection, GivesAnImageAndItsTarget) {
  const CocoFolder folder;
  const CocoDetection dataset(folder.options());
  EXPECT_EQ(dataset.size(), 2);
  EXPECT_THAT(dataset.classes(), ElementsAre("cat", "dog"));
  const auto [image, target] = dataset[0];
  EXPECT_EQ(image.sizes(), (Shape{3, 4, 6}));
  EXPECT_EQ(target.image_id, 1);
  EXPECT_EQ(target.boxes.sizes(), (Shape{3, 4}));
  EXPECT_THAT(target.boxes[0].to_vector(), ElementsAre(0, 1, 2, 4));
  EXPECT_THAT(target.labels.to_vector<int>(), ElementsAre(0, 1, 1));
  EXPECT_THAT(target.area.to_vector(), ElementsAre(4, 20, 5));
  EXPECT_EQ(target.iscrowd.dtype(), boolean);
  EXPECT_THAT(target.iscrowd.to_vector<int>(), ElementsAre(0, 1, 0));
  EXPECT_EQ(dataset[1].image.sizes(), (Shape{3, 8, 2})) << "grey made RGB";
}

TEST(CocoDetection, PadsImagesAndBoxesOfABatch) {
  const CocoFolder folder;
  const CocoDetection dataset(folder.options());
  data::DataLoader loader(dataset, {.batch_size = 2});
  for (auto& [images, boxes] : loader) {
    EXPECT_EQ(images.sizes(), (Shape{2, 3, 8, 6}));
    EXPECT_EQ(images.dtype(), f32);
    EXPECT_NEAR(images[0].sum().item(), 3 * 4 * 6 * 50 / 255.0, 1e-3);
    EXPECT_NEAR(images[1].sum().item(), 3 * 8 * 2 * 90 / 255.0, 1e-3);
    EXPECT_EQ(images.at({0, 2, 4, 0}).item(), 0);
    EXPECT_EQ(images.at({1, 2, 7, 2}).item(), 0);
    ASSERT_EQ(boxes.sizes(), (Shape{2, 2, 5}));
    EXPECT_THAT(boxes.to_vector(), ElementsAre(0, 1, 2, 4, 0, 3, 0, 6, 2, 1,  // no crowd
                                               0, 4, 2, 8, 1, 0, 0, 0, 0, kNoObject));
  }
}

TEST(CocoDetection, StretchesImagesAndBoxesToASize) {
  const CocoFolder folder;
  CocoOptions options = folder.options();
  options.size = {8, 12};
  const CocoDetection dataset(options);
  const auto [images, boxes] = dataset.get_batch(std::vector<std::int64_t>{1, 0});
  EXPECT_EQ(images.sizes(), (Shape{2, 3, 8, 12}));
  EXPECT_EQ(images[0].to(f32).min().item(), 90);
  EXPECT_THAT(boxes[0].to_vector(), ElementsAre(0, 4, 12, 8, 1, 0, 0, 0, 0, -1));
  EXPECT_THAT(boxes[1].to_vector(), ElementsAre(0, 2, 4, 8, 0, 6, 0, 12, 4, 1));
}

TEST(CocoDetection, SaysWhatIsWrong) {
  const CocoFolder folder;
  const CocoDetection dataset(folder.options());
  EXPECT_EQ(message_of<IndexError>([&] { dataset[2]; }),
            "CocoDetection: index expected in [0, 2), got 2 (position 0 of 1)");
  io::write_png(folder.dir() / "two.png", full({1, 8, 3}, 90, {.dtype = u8}));
  EXPECT_EQ(message_of<ParseError>([&] { dataset[1]; }),
            "coco: image expected 8x2 as its annotation says, got 8x3 (" +
                (folder.dir() / "two.png").string() + ")");
  CocoOptions options = folder.options();
  options.size = {0, 4};
  EXPECT_EQ(message_of<ArgumentError>([&] { CocoDetection{options}; }),
            "CocoDetection: size expected at least 1x1, or 0x0 for images as they are, got 0x4");
  EXPECT_EQ(message_of<ArgumentError>([] { collate_detections({}); }),
            "collate_detections: samples expected at least 1, got 0");
}

}  // namespace
}  // namespace fovea::vision
