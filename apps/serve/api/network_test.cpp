#include <gmock/gmock.h>

#include "apps/serve/api/explaining.h"
#include "fovea/explain/model/frame.h"
#include "fovea/io/base64.h"
#include "fovea/io/pictures/image.h"
#include "fovea/models/model_cost.h"
#include "fovea/nn/nn.h"
#include "fovea/tensor/ops.h"
#include "tests/support/served_run.h"

namespace fovea::serve {
namespace {

using io::Json;
using test::asking;
using test::json_of;
using testing::HasSubstr;
using testing::Throws;
using testing::ThrowsMessage;

class NetworkTest : public test::ServedRunTest {
 protected:
  Json network(std::map<std::string, std::string> more = {}) {
    return json_of(network_response(explaining_, asking("/api/network", query(std::move(more)))));
  }
  Json maps(std::map<std::string, std::string> more) {
    return json_of(maps_response(explaining_, asking("/api/maps", query(std::move(more)))));
  }
  Json frame(std::map<std::string, std::string> more) {
    return json_of(frame_response(explaining_, asking("/api/frame", query(std::move(more)))));
  }
  static io::Image picture_of(const Json& json) {
    const std::string start = "data:image/png;base64,", url = json["png"];
    EXPECT_TRUE(url.starts_with(start));
    return io::decode_image(io::decode_base64(url.substr(start.size())).value(), "png");
  }
};

TEST_F(NetworkTest, HasANodeALayer) {
  const Json json = network();
  const models::ModelCost cost = models::measure_cost(
      *explaining_.models.get("run:exp")->classifier().model().module, {1, 28, 28});
  double sum = 0;
  std::int64_t multiply_adds = 0;
  std::size_t known = 0;
  for (std::size_t i = 0; i < json["nodes"].size(); ++i) {
    const Json& node = json["nodes"][i];
    ASSERT_EQ(node["inputs"].size(), 1u);
    EXPECT_EQ(node["inputs"][0], i == 0 ? Json("input") : json["nodes"][i - 1]["name"]);
    sum += node["milliseconds"].get<double>();
    multiply_adds += node["multiply_adds"].get<std::int64_t>();
    if (node["name"] == "flatten") continue;  // no module of this model
    ASSERT_LT(known, cost.layers.size());
    const models::LayerCost& layer = cost.layers[known++];
    EXPECT_EQ(node["name"], layer.name);
    EXPECT_EQ(node["type"], layer.type);
    EXPECT_EQ(node["parameters"], layer.parameters);
    EXPECT_EQ(node["multiply_adds"], layer.multiply_adds);
  }
  EXPECT_EQ(known, cost.layers.size());
  EXPECT_EQ(io::json_line(json["nodes"][0]["output"]), "[32,28,28]");
  EXPECT_EQ(json["nodes"][0]["maps"], 32);
  EXPECT_EQ(json["nodes"][0]["sweeps"], true);
  EXPECT_EQ(json["nodes"][12]["maps"], 0);
  EXPECT_EQ(json["nodes"][12]["sweeps"], false);
  EXPECT_EQ(json["nodes"][12]["walks"], true);
  EXPECT_EQ(json["multiply_adds"], multiply_adds);
  EXPECT_NEAR(json["milliseconds"].get<double>(), sum, 1e-4 * sum);
  EXPECT_EQ(io::json_line(json["input"]), "[1,28,28]");
}

TEST_F(NetworkTest, SaysWhatTheModelAnswers) {
  const Json json = network();
  const Json& top = json["answer"]["top"];
  ASSERT_EQ(top.size(), 10u);
  double sum = 0;
  for (const Json& one : top) sum += one["probability"].get<double>();
  EXPECT_NEAR(sum, 1, 1e-5);
  EXPECT_GE(top[0]["score"], top[1]["score"]);
  EXPECT_EQ(json["answer"]["label"], "Dress");
  EXPECT_EQ(json["class"]["index"], top[0]["index"]);
  EXPECT_EQ(json["class"]["name"], top[0]["name"]);
  const Json other = network({{"class", "7"}, {"gradients", "1"}});
  EXPECT_EQ(other["class"]["index"], 7);
  EXPECT_EQ(other["class"]["name"], "Sneaker");
}

TEST_F(NetworkTest, TheSameRunIsAskedAgain) {
  const std::shared_ptr<ServedModel> model = explaining_.models.get("run:exp");
  const ServedImage image = explaining_.images.get(*model, "test:3");
  const auto first = model->run(image, {}, false);
  EXPECT_EQ(model->run(image, {}, false), first);
  EXPECT_NE(model->run(image, {}, true), first);
  EXPECT_NE(model->run(image, 2, true), model->run(image, 3, true));
  EXPECT_EQ(model->run(image, 2, true), model->run(image, 2, true));
  EXPECT_NE(model->run(explaining_.images.get(*model, "test:4"), {}, false), nullptr);
  EXPECT_NE(model->run(image, {}, false), first) << "four others were used since";
}

TEST_F(NetworkTest, MapsAreOneSheet) {
  const Json json = maps({{"layer", "layer1.0"}});
  EXPECT_EQ(json["layer"], "layer1.0");
  EXPECT_EQ(json["type"], "Conv2d");
  EXPECT_EQ(json["count"], 32);
  EXPECT_EQ(json["columns"], 6);
  EXPECT_EQ(json["rows"], 6);
  EXPECT_EQ(json["width"], 28);
  EXPECT_EQ(picture_of(json).sizes(), Shape({1, 168, 168}));
  const Json part = maps({{"layer", "layer1.0"}, {"from", "30"}, {"count", "4"}});
  EXPECT_EQ(part["count"], 2);
  EXPECT_EQ(part["maps"], 32);
  const Json colours = maps({{"layer", "layer1.0"}, {"gradients", "1"}});
  EXPECT_EQ(picture_of(colours).size(0), 3);
}

TEST_F(NetworkTest, VectorsAreNumbersAndTheLastHasNames) {
  const Json json = maps({{"layer", "fc3"}});
  ASSERT_EQ(json["values"].size(), 10u);
  EXPECT_EQ(json["names"][9], "Ankle Boot");
  EXPECT_TRUE(maps({{"layer", "fc1"}})["names"].is_null());
  const Json gradients = maps({{"layer", "fc3"}, {"gradients", "1"}, {"class", "4"}});
  EXPECT_EQ(io::json_line(gradients["values"]), "[0,0,0,0,1,0,0,0,0,0]");
}

TEST_F(NetworkTest, AFrameHasWhatTheWindowMovesOver) {
  const Json json = frame({{"layer", "layer2.0"}, {"channel", "5"}});
  const std::shared_ptr<ServedModel> model = explaining_.models.get("run:exp");
  const auto served = model->run(explaining_.images.get(*model, "test:3"), {}, false);
  const explain::LayerFrame wanted =
      explain::frame_of(served->run, {.layer = "layer2.0", .channel = 5});
  EXPECT_EQ(json["input"]["channel"], wanted.input_channel);
  EXPECT_EQ(json["input"]["rows"], 14);
  EXPECT_EQ(json["output"]["channel"], 5);
  EXPECT_EQ(io::json_line(json["windows"]),
            R"({"kernel":[3,3],"stride":[1,1],"dilation":[1,1],"padding_begin":[0,0],)"
            R"("padding_end":[0,0]})");
  EXPECT_EQ(json["input_channels"], 32);
  EXPECT_EQ(json["output_channels"], 64);
  EXPECT_EQ(json["formula"], "(14 - 3 + 2x0) / 1 + 1 = 12");
  const auto values = json["output"]["values"].get<std::vector<float>>();
  EXPECT_EQ(values, wanted.output.to_vector<float>()) << "to the bit";
  EXPECT_EQ(json["filter"]["values"].get<std::vector<float>>(), wanted.filter.to_vector<float>());
  const Json plain = frame({{"layer", "layer1.2"}, {"channel", "0"}, {"gradients", "1"}});
  EXPECT_TRUE(plain["windows"].is_null());
  EXPECT_TRUE(plain["filter"].is_null());
}

TEST_F(NetworkTest, WhileItLearnsTheModelIsTheLiveOne) {
  EXPECT_THAT([&] { network({{"training", "1"}}); }, Throws<NotFound>());
  // Before it is asked: Models waits for it.
  const cli::DataFlags flags = explaining_.models.get("run:exp")->data();
  const auto snapshot = [flags] {
    LiveModel live;
    live.model = models::load_model({.model = "fashion-dnn"});
    live.data = flags;
    return live;
  };
  explaining_.models.set_live(
      {.version = [] { return std::optional<std::int64_t>(1); }, .snapshot = snapshot});
  EXPECT_LT(network({{"training", "1"}})["nodes"].size(), 13u);
}

/// Scores through an operation that has no gradient.
class Unknowing final : public nn::Module {
 public:
  Unknowing() {
    register_module("flatten", flatten_);
    register_module("fc", fc_);
  }
  Tensor forward(const Tensor& x) override { return fc_(flatten_(x)).detach(); }

 private:
  nn::Flatten flatten_;
  nn::Linear fc_{784, 10};
};

TEST_F(NetworkTest, WhereThereIsNoGradientItSaysSo) {
  LiveModel live;
  live.model = explaining_.models.get("run:exp")->classifier().model();
  live.model.module = std::make_shared<Unknowing>();
  live.data = explaining_.models.get("run:exp")->data();
  explaining_.models.set_live({.version = [] { return std::optional<std::int64_t>(1); },
                               .snapshot = [live] { return live; }});
  EXPECT_THAT(
      [&] {
        maps({{"training", "1"}, {"layer", "fc"}, {"gradients", "1"}});
      },
      ThrowsMessage<BadRequest>(
          "/api/maps: layer expected to be one that the score depends on, got fc"));
}

TEST_F(NetworkTest, SaysWhatIsWrong) {
  const auto asked = [&](auto handler, std::map<std::string, std::string> words) {
    return [this, handler, words] { handler(explaining_, asking("/api/x", query(words))); };
  };
  EXPECT_THAT(asked(network_response, {{"model", "run:none"}}), Throws<NotFound>());
  EXPECT_THAT(asked(network_response, {{"class", "10"}}),
              ThrowsMessage<IndexError>("explain: class expected in 0 to 9, got 10"));
  EXPECT_THAT(asked(network_response, {{"class", "-1"}}), Throws<BadRequest>());
  EXPECT_THAT(asked(maps_response, {}),
              ThrowsMessage<BadRequest>("/api/x: layer expected, got none"));
  EXPECT_THAT(asked(maps_response, {{"layer", "nope"}}), Throws<ArgumentError>());
  EXPECT_THAT(asked(maps_response, {{"layer", "layer1.0"}, {"from", "32"}}), Throws<BadRequest>());
  EXPECT_THAT(asked(maps_response, {{"layer", "layer1.0"}, {"count", "257"}}),
              Throws<BadRequest>());
  EXPECT_THAT(asked(frame_response, {{"layer", "layer1.0"}, {"channel", "32"}}),
              Throws<IndexError>());
  EXPECT_THAT(asked(frame_response, {{"layer", "fc1"}, {"channel", "0"}}), Throws<ArgumentError>());
  EXPECT_THAT([&] { network_response(explaining_, asking("/api/network")); },
              ThrowsMessage<BadRequest>("/api/network: model expected, got none"));
}

}  // namespace
}  // namespace fovea::serve
