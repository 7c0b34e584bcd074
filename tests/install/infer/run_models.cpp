// A program that only runs models: a weights file and an .onnx file, which it makes first, in the
// folder that it is told.
#include <fovea/infer.h>

#include <cstdio>
#include <filesystem>
#include <string>

using namespace fovea;

int main(int, char** arguments) {
  const std::filesystem::path folder = arguments[1];
  const auto made = models::make_model("fashion-cnn");
  made->eval();
  models::save_model_file(folder / "model.safetensors", *made, {.model = "fashion-cnn"});
  graph::save_onnx(folder / "model.onnx", graph::trace(*made, {1, 1, 28, 28}));

  const models::ModelFile file = models::load_model_file(folder / "model.safetensors");
  const auto model = models::make_model(file.model.name, file.model.options);
  models::load_weights(*model, file.weights, file.model.name, folder / "model.safetensors");
  model->eval();
  const graph::Session session(graph::load_onnx(folder / "model.onnx"));

  const NoGrad no_grad;
  const Tensor images = rand({2, 1, 28, 28});
  const Tensor expected = (*made)(images);
  const auto differs = [&](const Tensor& scores) {
    return abs(scores - expected).max().item() > 1e-5;
  };
  const bool wrong = differs((*model)(images)) || differs(session.run({images})[0]);
  std::printf("fovea %s %s\n", std::string(version()).c_str(), wrong ? "differs" : "runs both");
  return wrong ? 1 : 0;
}
