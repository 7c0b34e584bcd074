#include "fovea/vision/coco_annotations.h"

#include <gmock/gmock.h>

#include <string>

#include "fovea/core/error.h"
#include "tests/support/close.h"
#include "tests/support/damage.h"
#include "tests/support/temp_dir.h"

namespace fovea::vision {
namespace {

using test::message_of;
using testing::ElementsAre;

CocoAnnotations parsed(const std::string& text) {
  return parse_coco(test::as_bytes(text), "a.json");
}
std::string defect(const std::string& text) {
  return message_of<ParseError>([&] { parsed(text); });
}

/// A file of the given elements of its three lists.
std::string file(const std::string& images, const std::string& categories,
                 const std::string& annotations) {
  return R"({"images": [)" + images + R"(], "categories": [)" + categories +
         R"(], "annotations": [)" + annotations + "]}";
}
const std::string kImage =
    R"({"id": 7, "file_name": "b.jpg", "width": 20, "height": 10, "license": 3})";
const std::string kCat = R"({"id": 17, "name": "cat", "supercategory": "animal"})";
std::string annotation(const std::string& box, const std::string& more = "") {
  return R"({"id": 1, "image_id": 7, "category_id": 17, "bbox": )" + box + more + "}";
}

// The lists in another order than they are used in, keys that nobody knows, and numbers of any
// kind.
TEST(Coco, ReadsImagesCategoriesAndBoxes) {
  const CocoAnnotations coco =
      parsed(R"({"info": {"images": [1, {"id": 2}], "year": 2017},
    "annotations": [
      {"segmentation": [[1, 2, 3.5]], "area": 12.5, "iscrowd": 0, "image_id": 7,
       "bbox": [1, 2, 3.5, 4], "category_id": 90, "id": 1},
      {"segmentation": {"counts": [1, 2], "size": [10, 20]}, "iscrowd": 1, "image_id": 3,
       "bbox": [0, 0, 5, 5], "category_id": 17, "id": 2},
      {"image_id": 7, "bbox": [2, 2, 2, 2], "category_id": 17, "id": 3}],
    "images": [)" +
             kImage +
             R"(, {"file_name": "d/a.jpg", "id": 3, "width": 5, "height": 5,
                                            "coco_url": "http://x"}],
    "categories": [{"id": 90, "name": "toothbrush"}, )" +
             kCat + "]}");
  EXPECT_THAT(coco.classes, ElementsAre("cat", "toothbrush"));
  EXPECT_THAT(coco.category_ids, ElementsAre(17, 90));
  ASSERT_EQ(coco.images.size(), 2u);
  EXPECT_EQ(coco.images[0].file_name, "d/a.jpg") << "in the order of ids";
  EXPECT_EQ(coco.images[1].size, data::ImageSize(10, 20));
  ASSERT_EQ(coco.boxes_of(0).size(), 1u);
  EXPECT_TRUE(coco.boxes_of(0)[0].is_crowd);
  EXPECT_EQ(coco.boxes_of(0)[0].area, 25) << "the box's, where the file has none";
  ASSERT_EQ(coco.boxes_of(1).size(), 2u);
  const CocoBox& box = coco.boxes_of(1)[0];
  EXPECT_THAT((std::vector<float>{box.x1, box.y1, box.x2, box.y2}), ElementsAre(1, 2, 4.5, 6));
  EXPECT_EQ(box.area, 12.5);
  EXPECT_EQ(box.label, 1);
  EXPECT_FALSE(box.is_crowd);
  EXPECT_EQ(coco.dropped, 0);
}

TEST(Coco, CutsBoxesOffAtTheBordersAndDropsWhatIsOutside) {
  const CocoAnnotations coco =
      parsed(file(kImage, kCat,
                  annotation("[-2, 8, 5, 50]") + "," + annotation("[30, 0, 5, 5]") + "," +
                      annotation("[1, 1, 0, 4]") + "," + annotation("[1, 1, 4, 0]") + "," +
                      annotation("[1e300, 1e300, 1e308, 1e308]")));
  EXPECT_EQ(coco.dropped, 4);
  ASSERT_EQ(coco.boxes.size(), 1u);
  const CocoBox& box = coco.boxes[0];
  EXPECT_THAT((std::vector<float>{box.x1, box.y1, box.x2, box.y2}), ElementsAre(0, 8, 3, 10));
}

TEST(Coco, TakesImagesWithoutBoxes) {
  const CocoAnnotations coco = parsed(file(kImage, "", ""));
  EXPECT_TRUE(coco.boxes_of(0).empty());
}

TEST(Coco, NamesDefectsOfTheFile) {
  EXPECT_EQ(defect(R"({"images": [], "categories": []})"),
            "coco: annotations expected a list, got none (a.json, byte 32)");
  EXPECT_EQ(defect(file("", kCat, "")),
            "coco: images expected at least 1, got 0 (a.json, byte 103)");
  EXPECT_EQ(defect("[1]"), "coco: text expected an object, got another value (a.json, byte 1)");
  EXPECT_EQ(defect(R"({"images": 5})"),
            "coco: images expected a list, got another value (a.json, byte 13)");
  EXPECT_EQ(defect(R"({"images": [5]})"),
            "coco: images expected a list of objects, got another value in it (a.json, byte 14)");
  const std::string cut = defect(R"({"images": [{"id": 5)");
  EXPECT_TRUE(cut.starts_with("coco: text expected JSON, got \"")) << cut;
  EXPECT_NE(cut.find("a.json, byte 20"), std::string::npos) << cut;
  EXPECT_EQ(cut.find('\n'), std::string::npos);
  EXPECT_NE(defect("{\"images\": [\"\x01\n").find("a.json"), std::string::npos);
  EXPECT_NE(defect(R"({"x": 1e999})").find("a.json"), std::string::npos);
}

TEST(Coco, NamesDefectsOfAnImage) {
  const auto image = [](const std::string& name, const std::string& width) {
    return defect(
        file(R"({"id": 7, "file_name": ")" + name + R"(", "height": 9, "width": )" + width + "}",
             kCat, ""));
  };
  const std::string bad =
      "coco: file_name of an image expected a path below the folder of images, got ";
  EXPECT_EQ(image("../x.jpg", "1"), bad + "\"../x.jpg\" (a.json, byte 71)");
  EXPECT_EQ(image("/etc/x.jpg", "1"), bad + "\"/etc/x.jpg\" (a.json, byte 73)");
  EXPECT_EQ(image("a/../../x", "1"), bad + "\"a/../../x\" (a.json, byte 72)");
  EXPECT_EQ(image("", "1"), bad + "\"\" (a.json, byte 63)");
  EXPECT_EQ(image("x", "0"),
            "coco: width of an image expected 1 to 65536, got 0 (a.json, byte 64)");
  EXPECT_EQ(image("x", "1.5"),
            "coco: width of an image expected a whole number, got 1.5 (a.json, byte 66)");
  EXPECT_EQ(image("x", "18446744073709551615"),
            "coco: width of an image expected a whole number, got 18446744073709551615 "
            "(a.json, byte 83)");
  EXPECT_EQ(defect(file(R"({"file_name": "x"})", "", "")),
            "coco: id of an image expected a whole number, got none (a.json, byte 30)");
  EXPECT_NE(defect(file(kImage + "," + kImage, kCat, ""))
                .find("coco: id of an image expected one that no other has, got 7"),
            std::string::npos);
}

TEST(Coco, NamesDefectsOfAnnotations) {
  const auto with = [](const std::string& text) {
    const std::string message = defect(file(kImage, kCat, text));
    return message.substr(0, message.find(" (a.json, byte "));
  };
  EXPECT_EQ(with(annotation("[1, 2, 3]")),
            "coco: bbox of an annotation expected four numbers, got [1,2,3]");
  EXPECT_EQ(with(annotation("[1, 2, \"3\", 4]")),
            "coco: bbox of an annotation expected four numbers, got [1,2,\"3\",4]");
  EXPECT_EQ(with(annotation("[1, 2, -3, 4]")),
            "coco: bbox of an annotation expected a width and a height of at least 0, got "
            "[1,2,-3,4]");
  EXPECT_EQ(with(annotation("[1, 2, 3, 4]", R"(, "area": -1)")),
            "coco: area of an annotation expected a number of at least 0, got -1");
  EXPECT_EQ(with(annotation("[1, 2, 3, 4]", R"(, "iscrowd": 2)")),
            "coco: iscrowd of an annotation expected 0 or 1, got 2");
  EXPECT_EQ(with(R"({"image_id": 8, "category_id": 17, "bbox": [0, 0, 1, 1]})"),
            "coco: image_id of an annotation expected an image's, got 8");
  EXPECT_EQ(with(R"({"image_id": 7, "category_id": 18, "bbox": [0, 0, 1, 1]})"),
            "coco: category_id of an annotation expected a category's, got 18");
  EXPECT_EQ(defect(file(kImage, kCat + "," + kCat, "")).substr(0, 67),
            "coco: id of a category expected one that no other has, got 17 (a.js");
}

TEST(Coco, SurvivesDamage) {
  const test::Reader read = [](auto bytes) { parse_coco(bytes, "hostile"); };
  test::survive(file(kImage, kCat,
                     annotation("[1, 2, 3.5, 4]", R"(, "area": 9.5, "iscrowd": 1)") + "," +
                         annotation("[0, 0, 1, 1]", R"(, "segmentation": [[1, 2], {"a": []}])")),
                read, 20000);
}

}  // namespace
}  // namespace fovea::vision
