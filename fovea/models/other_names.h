// Other libraries' names for networks that Fovea has under torchvision's. Library internal.
//
//   timm         its ResNets (resnet18, resnet34, resnet50) have torchvision's names. Its VGGs end
//                in convolutions (pre_logits) where torchvision has linear layers, with the same
//                numbers; its MobileNetV2 counts blocks within stages. Nothing else that Fovea has
//                is in timm.
//   by number    a ResNet's children in a Sequential: nn.Sequential(*list(model.children())[:-2]),
//                as Ultralytics' classifiers on torchvision's ResNets have them
//                (yolo11-cls-resnet18), whose head is another.
//
// Source   timm 1.0.15, models/vgg.py, models/efficientnet.py; tests/zoo/timm_cases.py holds the
//          table against it. ultralytics 8.4, nn/modules/block.py: TorchVision.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace fovea::models {

/// Whose names they are.
enum class Naming : std::uint8_t {
  kOwn,       ///< torchvision's, and so Fovea's
  kTimm,      ///< timm's
  kNumbered,  ///< torchvision's, with numbers for the children
};

/// Whether such names of the model called `model` are others than its own.
bool has_names(Naming naming, std::string_view model);

/// Fovea's name of a tensor; the same for one that is not known.
std::string name_from(Naming naming, std::string_view model, const std::string& name);

}  // namespace fovea::models
