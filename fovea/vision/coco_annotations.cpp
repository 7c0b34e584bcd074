#include "fovea/vision/coco_annotations.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <unordered_map>
#include <utility>

#include "fovea/core/error.h"
#include "fovea/io/bytes.h"
#include "fovea/io/json.h"
#include "fovea/io/mapped_file.h"
#include "fovea/io/parse_cursor.h"
#include "fovea/io/pictures/image.h"

namespace fovea::vision {

namespace {

using io::Json;

struct Category {
  std::int64_t id;
  std::string name;
  std::uint64_t byte;
};

struct Annotation {
  std::int64_t image_id, category_id;
  std::array<double, 4> box;  // x, y, width, height
  double area;
  bool is_crowd;
  std::uint64_t byte;
};

/// A path that stays below the folder that it is taken from.
bool stays_below(const std::string& path) {
  const std::filesystem::path plain = std::filesystem::path(path).lexically_normal();
  return !path.empty() && path.find('\0') == std::string::npos && plain.is_relative() &&
         *plain.begin() != ".." && plain.has_filename() && plain != ".";
}

/// Reads the text, object by object, and puts it together.
class Reader {
 public:
  Reader(std::span<const std::byte> text, const std::string& name)
      : begin_(reinterpret_cast<const char*>(text.data())),
        end_(begin_ + text.size()),
        at_(begin_),
        name_(name) {}

  CocoAnnotations read() {
    try {
      [[maybe_unused]] const Json rest =
          Json::parse(io::ParseCursor(begin_, at_), io::ParseCursor(end_, at_),
                      [this](int depth, Json::parse_event_t event, Json& value) {
                        return handle(depth, event, value);
                      });
    } catch (const Json::exception& error) {
      fail("text", "JSON", str("\"", io::printable(error.what(), 200), "\""), byte());
    }
    return put_together();
  }

 private:
  /// One of the three lists.
  struct Section {
    const char* key;
    std::vector<std::string> fields;
    void (Reader::*take)(const Json&);
    bool seen = false;
  };

  std::uint64_t byte() const { return static_cast<std::uint64_t>(at_ - begin_); }

  [[noreturn]] void fail(const std::string& what, const std::string& expected,
                         const std::string& got, std::uint64_t byte) const {
    throw ParseError(str("coco: ", what, " expected ", expected, ", got ", got, " (", name_,
                         ", byte ", byte, ")"));
  }
  void need(bool ok, const char* what, const char* expected, const Json& got) const {
    if (ok) return;
    const std::string text = got.is_null() ? "none" : io::json_ascii(got);
    fail(what, expected, io::printable(text, 80), byte());
  }

  /// What the parser calls for every piece; false drops it. Lists of the file are at depth 1, their
  /// elements at 2, and the keys of those at 3.
  bool handle(int depth, Json::parse_event_t event, Json& value) {
    using Event = Json::parse_event_t;
    if (depth == 0 && event != Event::object_start && event != Event::object_end)
      fail("text", "an object", "another value", byte());
    if (depth == 1 && event == Event::key) {
      const auto known = std::find_if(sections_.begin(), sections_.end(),
                                      [&](const Section& s) { return value == s.key; });
      section_ = known == sections_.end() ? nullptr : &*known;
      if (section_ != nullptr) section_->seen = true;
      return section_ != nullptr;
    }
    if (section_ == nullptr) return depth == 0;
    const bool list = event == Event::array_start || event == Event::array_end;
    const bool object = event == Event::object_start || event == Event::object_end;
    if (depth == 1 && !list) fail(section_->key, "a list", "another value", byte());
    if (depth == 2 && !object)
      fail(section_->key, "a list of objects", "another value in it", byte());
    if (depth == 2 && event == Event::object_end) {
      (this->*section_->take)(value);
      return false;
    }
    if (depth == 3 && event == Event::key) {
      const auto& fields = section_->fields;
      wanted_ = std::find(fields.begin(), fields.end(), value.get_ref<const std::string&>()) !=
                fields.end();
    }
    return depth < 3 || wanted_;
  }

  static const Json& field(const Json& object, const char* key) {
    static const Json kNone;
    const auto found = object.find(key);
    return found == object.end() ? kNone : *found;
  }
  std::int64_t whole_number(const Json& object, const char* key, const char* what) const {
    const Json& value = field(object, key);
    // Unsigned numbers above the largest signed one are of a type of their own.
    need(value.is_number_integer() &&
             (!value.is_number_unsigned() || value.get<std::uint64_t>() <= INT64_MAX),
         what, "a whole number", value);
    return value.get<std::int64_t>();
  }
  std::int64_t side(const Json& object, const char* key, const char* what) const {
    const std::int64_t value = whole_number(object, key, what);
    need(value >= 1 && value <= io::kMaxImageSide, what, "1 to 65536", field(object, key));
    return value;
  }
  std::string text(const Json& object, const char* key, const char* what) const {
    const Json& value = field(object, key);
    need(value.is_string(), what, "a string", value);
    return value.get<std::string>();
  }

  void take_image(const Json& object) {
    CocoImage image;
    image.id = whole_number(object, "id", "id of an image");
    image.file_name = text(object, "file_name", "file_name of an image");
    need(stays_below(image.file_name), "file_name of an image", "a path below the folder of images",
         field(object, "file_name"));
    image.size = {side(object, "height", "height of an image"),
                  side(object, "width", "width of an image")};
    need(image_index_.emplace(image.id, 0).second, "id of an image", "one that no other has",
         field(object, "id"));
    result_.images.push_back(std::move(image));
  }

  void take_category(const Json& object) {
    categories_.push_back({.id = whole_number(object, "id", "id of a category"),
                           .name = text(object, "name", "name of a category"),
                           .byte = byte()});
  }

  void take_annotation(const Json& object) {
    Annotation annotation{
        .image_id = whole_number(object, "image_id", "image_id of an annotation"),
        .category_id = whole_number(object, "category_id", "category_id of an annotation"),
        .box = {},
        .area = 0,
        .is_crowd = false,
        .byte = byte()};
    const Json &box = field(object, "bbox"), &area = field(object, "area"),
               &crowd = field(object, "iscrowd");
    const bool four =
        box.is_array() && box.size() == 4 &&
        std::all_of(box.begin(), box.end(), [](const Json& number) { return number.is_number(); });
    need(four, "bbox of an annotation", "four numbers", box);
    for (std::size_t i = 0; i < 4; ++i) annotation.box[i] = box[i].get<double>();
    need(annotation.box[2] >= 0 && annotation.box[3] >= 0, "bbox of an annotation",
         "a width and a height of at least 0", box);
    need(area.is_null() || (area.is_number() && area.get<double>() >= 0), "area of an annotation",
         "a number of at least 0", area);
    annotation.area = area.is_null() ? annotation.box[2] * annotation.box[3] : area.get<double>();
    need(crowd.is_null() || crowd == 0 || crowd == 1, "iscrowd of an annotation", "0 or 1", crowd);
    annotation.is_crowd = crowd == 1;
    annotations_.push_back(annotation);
  }

  CocoAnnotations put_together() {
    for (const Section& section : sections_) {
      if (!section.seen) fail(section.key, "a list", "none", byte());
    }
    if (result_.images.empty()) fail("images", "at least 1", "0", byte());
    std::sort(result_.images.begin(), result_.images.end(),
              [](const CocoImage& a, const CocoImage& b) { return a.id < b.id; });
    for (std::size_t i = 0; i < result_.images.size(); ++i) image_index_[result_.images[i].id] = i;
    add_classes();
    add_boxes();
    return std::move(result_);
  }

  void add_classes() {
    std::sort(categories_.begin(), categories_.end(),
              [](const Category& a, const Category& b) { return a.id < b.id; });
    for (Category& category : categories_) {
      if (!result_.category_ids.empty() && category.id == result_.category_ids.back())
        fail("id of a category", "one that no other has", str(category.id), category.byte);
      result_.category_ids.push_back(category.id);
      result_.classes.push_back(std::move(category.name));
    }
  }

  void add_boxes() {
    std::vector<std::pair<std::size_t, CocoBox>> boxes;
    boxes.reserve(annotations_.size());
    for (const Annotation& annotation : annotations_) {
      const auto image = image_index_.find(annotation.image_id);
      if (image == image_index_.end())
        fail("image_id of an annotation", "an image's", str(annotation.image_id), annotation.byte);
      const auto& ids = result_.category_ids;
      const auto category = std::lower_bound(ids.begin(), ids.end(), annotation.category_id);
      if (category == ids.end() || *category != annotation.category_id) {
        fail("category_id of an annotation", "a category's", str(annotation.category_id),
             annotation.byte);
      }
      CocoBox box = clipped(annotation, result_.images[image->second].size);
      box.label = category - ids.begin();
      // Not just an empty one: the borders of a very thin one may be the same number.
      if (box.x1 < box.x2 && box.y1 < box.y2)
        boxes.emplace_back(image->second, box);
      else
        ++result_.dropped;
    }
    std::stable_sort(boxes.begin(), boxes.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    for (const auto& [image, box] : boxes) {
      CocoImage& owner = result_.images[image];
      if (owner.box_count++ == 0) owner.first_box = result_.boxes.size();
      result_.boxes.push_back(box);
    }
  }

  static CocoBox clipped(const Annotation& annotation, data::ImageSize image) {
    const auto [x, y, width, height] = annotation.box;
    const auto within = [](double place, std::int64_t length) {
      return static_cast<float>(std::clamp(place, 0.0, static_cast<double>(length)));
    };
    return {.x1 = within(x, image.width),
            .y1 = within(y, image.height),
            .x2 = within(x + width, image.width),
            .y2 = within(y + height, image.height),
            .area = static_cast<float>(
                std::min<double>(annotation.area, std::numeric_limits<float>::max())),
            .is_crowd = annotation.is_crowd};
  }

  const char* const begin_;
  const char* const end_;
  const char* at_;
  const std::string& name_;
  std::array<Section, 3> sections_ = {{
      {"images", {"id", "file_name", "width", "height"}, &Reader::take_image},
      {"categories", {"id", "name"}, &Reader::take_category},
      {"annotations",
       {"image_id", "category_id", "bbox", "area", "iscrowd"},
       &Reader::take_annotation},
  }};
  Section* section_ = nullptr;  // the one that is being read
  bool wanted_ = false;         // the field that is being read
  std::vector<Category> categories_;
  std::vector<Annotation> annotations_;
  std::unordered_map<std::int64_t, std::size_t> image_index_;
  CocoAnnotations result_;
};

}  // namespace

CocoAnnotations parse_coco(std::span<const std::byte> json, const std::string& name) {
  return Reader(json, name).read();
}

CocoAnnotations read_coco(const std::filesystem::path& path) {
  const io::MappedFile file(path);
  return parse_coco(file.bytes(), path.string());
}

}  // namespace fovea::vision
