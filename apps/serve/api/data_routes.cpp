#include "apps/serve/api/data_routes.h"

#include <algorithm>
#include <cstddef>

#include "apps/serve/api/json_response.h"
#include "apps/serve/api/query_reader.h"
#include "apps/serve/api/samples_sheet.h"
#include "fovea/core/error.h"
#include "fovea/io/base64.h"
#include "fovea/io/json.h"
#include "fovea/vision/open_data.h"

namespace fovea::serve {

namespace {

constexpr std::size_t kOpen = 4;
constexpr std::int64_t kSide = 96, kMostTiles = 200, kMostSamples = 1'000'000'000;
constexpr std::int64_t kMostCheckedPictures = 20'000;  // a minute's reading

std::string key_of(const std::string& name, vision::Split split) {
  return name + (split == vision::Split::kTrain ? " train" : " test");
}

vision::Split split_of(const QueryReader& query) {
  const std::string word = query.text_or("split", "test");
  if (word == "train") return vision::Split::kTrain;
  if (word == "test") return vision::Split::kTest;
  throw BadRequest("split expected train or test");
}

/// Samples of each class, and of each sample its first class.
std::vector<std::int64_t> class_counts(const data::Dataset& dataset, std::size_t classes) {
  std::vector<std::int64_t> counts(classes, 0);
  for (const std::vector<std::int64_t>& labels : dataset.label_sets())
    for (const std::int64_t label : labels)
      if (label >= 0 && static_cast<std::size_t>(label) < classes)
        ++counts[static_cast<std::size_t>(label)];
  return counts;
}

const vision::DataSetInfo* known(const std::string& name) {
  const auto& all = vision::data_sets();
  const auto found = std::ranges::find(all, name, &vision::DataSetInfo::name);
  return found == all.end() ? nullptr : &*found;
}

/// A split, or null where the data has none such.
std::shared_ptr<const data::Dataset> try_open(const DataShelf& shelf, const std::string& name,
                                              vision::Split split) {
  try {
    return shelf.open(name, split);
  } catch (const IoError&) {
    if (split == vision::Split::kTest) throw;
    return nullptr;
  }
}

io::Json json_of(const std::vector<vision::CorruptImage>& unreadable) {
  io::Json list = io::Json::array();
  for (const vision::CorruptImage& one : unreadable)
    list.push_back({{"name", one.name}, {"message", one.message}});
  return list;
}

/// The sizes of the first picture that can be read; [0, 0, 0] where none of the first few can.
io::Json image_size_of(const data::Dataset& dataset) {
  constexpr std::int64_t kTries = 20;
  for (std::int64_t i = 0; i < std::min(kTries, dataset.size()); ++i) {
    try {
      const io::Image picture = picture_of_sample(dataset, i);
      return {picture.size(0), picture.size(1), picture.size(2)};
    } catch (const Error&) {
      // It is among the unreadable ones.
    }
  }
  return {0, 0, 0};
}

Response data_response(const DataShelf& shelf, const Request& request) {
  const std::string name = QueryReader(request).text("name");
  const auto test = try_open(shelf, name, vision::Split::kTest);
  const auto train = try_open(shelf, name, vision::Split::kTrain);
  const std::vector<std::string>& names = test->classes();
  const std::vector<std::int64_t> of_test = class_counts(*test, names.size());
  const std::vector<std::int64_t> of_train =
      train ? class_counts(*train, names.size()) : std::vector<std::int64_t>(names.size(), 0);
  io::Json classes = io::Json::array();
  for (std::size_t i = 0; i < names.size(); ++i)
    classes.push_back({{"name", names[i]}, {"train", of_train[i]}, {"test", of_test[i]}});
  const Text uneven = uneven_note(names, train ? of_train : of_test);
  io::Json unreadable = io::Json::array();
  if (train) unreadable = json_of(shelf.unreadable(name, vision::Split::kTrain));
  for (io::Json& one : json_of(shelf.unreadable(name, vision::Split::kTest)))
    unreadable.push_back(std::move(one));
  const vision::DataSetInfo* const info = known(name);
  return json_response(
      {{"name", name},
       {"title", info ? info->title : name},
       {"classes", classes},
       {"image", image_size_of(*test)},
       {"uneven",
        uneven.empty() ? io::Json() : io::Json{{"en", uneven.english}, {"ko", uneven.korean}}},
       {"unreadable", unreadable},
       {"train", train ? train->size() : 0},
       {"test", test->size()},
       {"source", info ? info->source : ""},
       {"licence", info ? info->licence : ""}});
}

Response sheet_response(const DataShelf& shelf, const Request& request) {
  const QueryReader query(request);
  const auto dataset = shelf.open(query.text("name"), split_of(query));
  const std::vector<std::vector<std::int64_t>> labels = dataset->label_sets();
  const std::optional<std::int64_t> wanted = query.maybe_whole("class", 0, kMostSamples);
  const std::int64_t from = query.whole_or("from", 0, 0, kMostSamples);
  const std::int64_t count = query.whole_or("count", 40, 1, kMostTiles);
  std::vector<std::int64_t> shown;
  std::int64_t seen = 0;
  for (std::size_t i = 0; i < labels.size() && std::ssize(shown) < count; ++i) {
    if (wanted && std::ranges::find(labels[i], *wanted) == labels[i].end()) continue;
    if (seen++ >= from) shown.push_back(static_cast<std::int64_t>(i));
  }
  io::Json items = io::Json::array();
  for (const std::int64_t i : shown) {
    std::string names;
    const auto& own = labels[static_cast<std::size_t>(i)];
    for (const std::int64_t label : own) {
      const auto at = static_cast<std::size_t>(label);
      names += (names.empty() ? "" : ", ") +
               (at < dataset->classes().size() ? dataset->classes()[at] : std::to_string(label));
    }
    items.push_back({{"index", i}, {"label", own.empty() ? -1 : own.front()}, {"class", names}});
  }
  io::Json json = json_of(sheet_of_samples(*dataset, shown));
  json["items"] = items;
  return json_response(json);
}

Response picture_response(const DataShelf& shelf, const Request& request) {
  const QueryReader query(request);
  const auto dataset = shelf.open(query.text("name"), split_of(query));
  const std::int64_t index = query.whole("index", 0, dataset->size() - 1);
  const std::vector<std::byte> png = io::encode_png(picture_of_sample(*dataset, index));
  return {.type = "image/png",
          .body = std::string(reinterpret_cast<const char*>(png.data()), png.size())};
}

}  // namespace

DataShelf::DataShelf(const Allowed& allowed)
    : allowed_(allowed), open_(kOpen), unreadable_(kOpen) {}

std::shared_ptr<const data::Dataset> DataShelf::open(const std::string& name,
                                                     vision::Split split) const {
  allowed_.data(name);
  const std::string key = key_of(name, split);
  const std::lock_guard lock(mutex_);
  if (const auto* const kept = open_.find(key)) return *kept;
  const bool folder = vision::names_folder(name);
  vision::DataChoice choice{
      .data = name, .root = folder ? std::string() : allowed_.data_root, .split = split};
  if (folder) {
    choice.folder.channels = 3;  // to find out would decode pictures, which may be no pictures
    choice.folder.image_transform = vision::scaled_and_cut(kSide);
  }
  return open_.put(key, vision::open_data(choice));
}

std::vector<vision::CorruptImage> DataShelf::unreadable(const std::string& name,
                                                        vision::Split split) const {
  const auto dataset = open(name, split);
  const auto* const pictures = dynamic_cast<const vision::PictureSet*>(dataset.get());
  if (pictures == nullptr || pictures->size() > kMostCheckedPictures) return {};
  const std::string key = key_of(name, split);
  {
    const std::lock_guard lock(mutex_);
    if (const auto* const kept = unreadable_.find(key)) return *kept;
  }
  std::vector<vision::CorruptImage> found = pictures->check_images().corrupt;
  const std::lock_guard lock(mutex_);
  return unreadable_.put(key, std::move(found));
}

Text uneven_note(const std::vector<std::string>& classes, const std::vector<std::int64_t>& counts) {
  if (counts.size() < 2 || counts.size() != classes.size()) return {};
  const auto [least, most] = std::ranges::minmax_element(counts);
  if (*most < 2 * std::max<std::int64_t>(*least, 1)) return {};
  const std::string& small = classes[static_cast<std::size_t>(least - counts.begin())];
  const std::string& large = classes[static_cast<std::size_t>(most - counts.begin())];
  const std::string few = std::to_string(*least), many = std::to_string(*most);
  return {
      "Classes are uneven: " + large + " has " + many + " pictures, " + small + " " + few +
          ". Accuracy alone hides how the small ones are told; class weights (\"balanced\") may "
          "help.",
      "클래스별 이미지 수가 고르지 않습니다. " + large + "은(는) " + many + "장인데 " + small +
          "은(는) " + few +
          "장입니다. 정확도만 보면 적은 클래스가 가려지므로, 클래스 "
          "가중치(balanced)를 써 보십시오."};
}

void add_data(Router& router, const DataShelf& shelf) {
  router.get("/api/data", [&](const Request& request) { return data_response(shelf, request); });
  router.get("/api/sheet", [&](const Request& request) { return sheet_response(shelf, request); });
  router.get("/api/picture",
             [&](const Request& request) { return picture_response(shelf, request); });
}

}  // namespace fovea::serve
