#include <gmock/gmock.h>

#include "apps/serve/api/explaining.h"
#include "fovea/explain/model/layer.h"
#include "fovea/explain/render.h"
#include "tests/support/served_run.h"

namespace fovea::serve {
namespace {

using io::Json;
using test::asking;
using test::json_of;
using testing::Throws;

class LayerTest : public test::ServedRunTest {
 protected:
  Json layer(std::map<std::string, std::string> more) {
    return json_of(layer_response(explaining_, asking("/api/layer", query(std::move(more)))));
  }
};

// The same sum on the page as in the terminal.
TEST_F(LayerTest, TheDocumentIsTheCommands) {
  const std::shared_ptr<ServedModel> model = explaining_.models.get("run:exp");
  const explain::ModelRun run = explain::evaluate_model(*model->classifier().model().module,
                                                        explaining_.images.get(*model, "test:3").x);
  for (const std::int64_t row : {0, 5, 11}) {
    const Json json = layer({{"layer", "layer2.0"}, {"channel", "3"}, {"at", str(row, ",7")}});
    const std::string wanted = explain::to_json(
        explain::walk_layer(run, {.layer = "layer2.0", .channel = 3, .at = {row, 7}}));
    EXPECT_EQ(io::json_line(json["document"]), io::json_line(io::parse_json(wanted).value()));
    EXPECT_EQ(json["blocks"][1]["kind"], "board");
  }
  const Json vector = layer({{"layer", "fc3"}, {"channel", "9"}});
  EXPECT_TRUE(vector["document"]["at"].is_null());
  EXPECT_EQ(vector["document"]["window"].size(), 120u);
}

TEST_F(LayerTest, BackwardsItTellsOfGradients) {
  const Json json = layer(
      {{"layer", "layer2.0"}, {"channel", "3"}, {"at", "5,7"}, {"gradients", "1"}, {"class", "2"}});
  const Json& document = json["document"];
  EXPECT_EQ(document["class"], 2);
  EXPECT_EQ(document["name"], "Pullover");
  EXPECT_EQ(document["weight"]["terms"], 144) << "12 x 12 places";
  const double size = document["input"]["size"].get<double>();
  EXPECT_NEAR(document["input"]["sum"].get<double>(), document["input"]["gradient"].get<double>(),
              1e-6 * size);
}

TEST_F(LayerTest, FiltersNeedNoImage) {
  const Json json = json_of(filters_response(
      explaining_, asking("/api/filters", {{"model", "run:exp"}, {"layer", "layer1.0"}})));
  EXPECT_EQ(json["blocks"][1]["kind"], "sheet");
  EXPECT_EQ(json["blocks"][1]["pictures"].size(), 32u);
  const Json one = json_of(filters_response(
      explaining_,
      asking("/api/filters", {{"model", "run:exp"}, {"layer", "layer2.0"}, {"filter", "3"}})));
  EXPECT_EQ(one["blocks"][1]["pictures"].size(), 32u) << "a slice an input channel";
}

TEST_F(LayerTest, SaysWhatIsWrong) {
  const auto asked = [&](std::map<std::string, std::string> words) {
    return [this, words] { layer(words); };
  };
  EXPECT_THAT(asked({{"channel", "0"}}), Throws<BadRequest>());
  EXPECT_THAT(asked({{"layer", "layer1.0"}}), Throws<BadRequest>());
  EXPECT_THAT(asked({{"layer", "layer1.0"}, {"channel", "32"}}), Throws<IndexError>());
  EXPECT_THAT(asked({{"layer", "layer1.0"}, {"channel", "0"}, {"at", "28,0"}}),
              Throws<IndexError>());
  EXPECT_THAT(asked({{"layer", "layer1.0"}, {"channel", "0"}, {"at", "1;2"}}),
              Throws<BadRequest>());
  EXPECT_THAT(asked({{"layer", "nope"}, {"channel", "0"}}), Throws<ArgumentError>());
}

}  // namespace
}  // namespace fovea::serve
