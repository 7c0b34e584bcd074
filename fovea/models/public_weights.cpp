#include "fovea/models/public_weights.h"

#include <algorithm>
#include <cmath>
#include <filesystem>

namespace fovea::models {

namespace {

// Addresses: torchvision 0.14.1 and 0.21.0 (torchvision/models/*.py, with the sizes), timm 1.0.15
// (timm.get_pretrained_cfg). Those of timm whose names have no checksum are left out.
constexpr PublicWeights kPublic[] = {
    {"resnet18", "torchvision", "https://download.pytorch.org/models/resnet18-f37072fd.pth",
     44.661},
    {"resnet34", "torchvision", "https://download.pytorch.org/models/resnet34-b627a593.pth",
     83.275},
    {"resnet50", "torchvision", "https://download.pytorch.org/models/resnet50-0676ba61.pth",
     97.781},
    {"resnet50", "torchvision", "https://download.pytorch.org/models/resnet50-11ad3fa6.pth", 97.79},
    {"vgg11", "torchvision", "https://download.pytorch.org/models/vgg11-8a719046.pth", 506.84},
    {"vgg13", "torchvision", "https://download.pytorch.org/models/vgg13-19584684.pth", 507.545},
    {"vgg16", "torchvision", "https://download.pytorch.org/models/vgg16-397923af.pth", 527.796},
    {"vgg19", "torchvision", "https://download.pytorch.org/models/vgg19-dcbb9e9d.pth", 548.051},
    {"vgg11_bn", "torchvision", "https://download.pytorch.org/models/vgg11_bn-6002323d.pth",
     506.881},
    {"vgg13_bn", "torchvision", "https://download.pytorch.org/models/vgg13_bn-abd245e5.pth",
     507.59},
    {"vgg16_bn", "torchvision", "https://download.pytorch.org/models/vgg16_bn-6c64b313.pth",
     527.866},
    {"vgg19_bn", "torchvision", "https://download.pytorch.org/models/vgg19_bn-c79401a0.pth",
     548.143},
    {"alexnet", "torchvision", "https://download.pytorch.org/models/alexnet-owt-7be5be79.pth",
     233.087},
    {"googlenet", "torchvision", "https://download.pytorch.org/models/googlenet-1378be20.pth",
     49.731},
    {"mobilenet_v2", "torchvision", "https://download.pytorch.org/models/mobilenet_v2-b0353104.pth",
     13.555},
    {"mobilenet_v2", "torchvision", "https://download.pytorch.org/models/mobilenet_v2-7ebf99e0.pth",
     13.598},
    {"squeezenet1_1", "torchvision",
     "https://download.pytorch.org/models/squeezenet1_1-b8a52dc0.pth", 4.729},
    {"resnet18", "timm resnet18.a1_in1k",
     "https://github.com/huggingface/pytorch-image-models/releases/download/v0.1-rsb-weights/"
     "resnet18_a1_0-d63eafa0.pth",
     0},
    {"resnet18", "timm resnet18.a2_in1k",
     "https://github.com/huggingface/pytorch-image-models/releases/download/v0.1-rsb-weights/"
     "resnet18_a2_0-b61bd467.pth",
     0},
    {"resnet18", "timm resnet18.a3_in1k",
     "https://github.com/huggingface/pytorch-image-models/releases/download/v0.1-rsb-weights/"
     "resnet18_a3_0-40c531c8.pth",
     0},
    {"resnet18", "timm resnet18.fb_ssl_yfcc100m_ft_in1k",
     "https://dl.fbaipublicfiles.com/semiweaksupervision/model_files/"
     "semi_supervised_resnet18-d92f0530.pth",
     0},
    {"resnet18", "timm resnet18.fb_swsl_ig1b_ft_in1k",
     "https://dl.fbaipublicfiles.com/semiweaksupervision/model_files/"
     "semi_weakly_supervised_resnet18-118f1556.pth",
     0},
    {"resnet18", "timm resnet18.gluon_in1k",
     "https://github.com/rwightman/pytorch-pretrained-gluonresnet/releases/download/v0.1/"
     "gluon_resnet18_v1b-0757602b.pth",
     0},
    {"resnet34", "timm resnet34.a1_in1k",
     "https://github.com/huggingface/pytorch-image-models/releases/download/v0.1-rsb-weights/"
     "resnet34_a1_0-46f8f793.pth",
     0},
    {"resnet34", "timm resnet34.a2_in1k",
     "https://github.com/huggingface/pytorch-image-models/releases/download/v0.1-rsb-weights/"
     "resnet34_a2_0-82d47d71.pth",
     0},
    {"resnet34", "timm resnet34.a3_in1k",
     "https://github.com/huggingface/pytorch-image-models/releases/download/v0.1-rsb-weights/"
     "resnet34_a3_0-a20cabb6.pth",
     0},
    {"resnet34", "timm resnet34.bt_in1k",
     "https://github.com/rwightman/pytorch-image-models/releases/download/v0.1-weights/"
     "resnet34-43635321.pth",
     0},
    {"resnet34", "timm resnet34.gluon_in1k",
     "https://github.com/rwightman/pytorch-pretrained-gluonresnet/releases/download/v0.1/"
     "gluon_resnet34_v1b-c6d82d59.pth",
     0},
    {"resnet50", "timm resnet50.a1_in1k",
     "https://github.com/rwightman/pytorch-image-models/releases/download/v0.1-rsb-weights/"
     "resnet50_a1_0-14fe96d1.pth",
     0},
    {"resnet50", "timm resnet50.a1h_in1k",
     "https://github.com/huggingface/pytorch-image-models/releases/download/v0.1-rsb-weights/"
     "resnet50_a1h2_176-001a1197.pth",
     0},
    {"resnet50", "timm resnet50.a2_in1k",
     "https://github.com/huggingface/pytorch-image-models/releases/download/v0.1-rsb-weights/"
     "resnet50_a2_0-a2746f79.pth",
     0},
    {"resnet50", "timm resnet50.a3_in1k",
     "https://github.com/huggingface/pytorch-image-models/releases/download/v0.1-rsb-weights/"
     "resnet50_a3_0-59cae1ef.pth",
     0},
    {"resnet50", "timm resnet50.am_in1k",
     "https://github.com/huggingface/pytorch-image-models/releases/download/v0.1-weights/"
     "resnet50_am-6c502b37.pth",
     0},
    {"resnet50", "timm resnet50.b1k_in1k",
     "https://github.com/huggingface/pytorch-image-models/releases/download/v0.1-rsb-weights/"
     "resnet50_b1k-532a802a.pth",
     0},
    {"resnet50", "timm resnet50.b2k_in1k",
     "https://github.com/huggingface/pytorch-image-models/releases/download/v0.1-rsb-weights/"
     "resnet50_b2k-1ba180c1.pth",
     0},
    {"resnet50", "timm resnet50.bt_in1k",
     "https://github.com/huggingface/pytorch-image-models/releases/download/v0.1-weights/"
     "rw_resnet50-86acaeed.pth",
     0},
    {"resnet50", "timm resnet50.c1_in1k",
     "https://github.com/huggingface/pytorch-image-models/releases/download/v0.1-rsb-weights/"
     "resnet50_c1-5ba5e060.pth",
     0},
    {"resnet50", "timm resnet50.c2_in1k",
     "https://github.com/huggingface/pytorch-image-models/releases/download/v0.1-rsb-weights/"
     "resnet50_c2-d01e05b2.pth",
     0},
    {"resnet50", "timm resnet50.d_in1k",
     "https://github.com/huggingface/pytorch-image-models/releases/download/v0.1-rsb-weights/"
     "resnet50_d-f39db8af.pth",
     0},
    {"resnet50", "timm resnet50.fb_ssl_yfcc100m_ft_in1k",
     "https://dl.fbaipublicfiles.com/semiweaksupervision/model_files/"
     "semi_supervised_resnet50-08389792.pth",
     0},
    {"resnet50", "timm resnet50.fb_swsl_ig1b_ft_in1k",
     "https://dl.fbaipublicfiles.com/semiweaksupervision/model_files/"
     "semi_weakly_supervised_resnet50-16a12f1b.pth",
     0},
    {"resnet50", "timm resnet50.gluon_in1k",
     "https://github.com/rwightman/pytorch-pretrained-gluonresnet/releases/download/v0.1/"
     "gluon_resnet50_v1b-0ebe02e2.pth",
     0},
    {"resnet50", "timm resnet50.ra_in1k",
     "https://github.com/huggingface/pytorch-image-models/releases/download/v0.1-weights/"
     "resnet50_ra-85ebb6e5.pth",
     0},
    {"resnet50", "timm resnet50.ram_in1k",
     "https://github.com/huggingface/pytorch-image-models/releases/download/v0.1-weights/"
     "resnet50_ram-a26f946b.pth",
     0},
    {"mobilenet_v2", "timm mobilenetv2_100.ra_in1k",
     "https://github.com/rwightman/pytorch-image-models/releases/download/v0.1-weights/"
     "mobilenetv2_100_ra-b33bc2c4.pth",
     0},
};

constexpr std::size_t kLeastDigits = 8;

/// The first for which `is` holds; null for none.
template <class F>
const PublicWeights* find_if(const F& is) {
  const auto* const found = std::find_if(std::begin(kPublic), std::end(kPublic), is);
  return found == std::end(kPublic) ? nullptr : found;
}

bool is_hex(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); }

}  // namespace

std::string_view PublicWeights::file() const { return url.substr(url.rfind('/') + 1); }

bool PublicWeights::may_weigh(std::int64_t bytes) const {
  return mebibytes == 0 || std::abs(static_cast<double>(bytes) / (1 << 20) - mebibytes) <= 0.001;
}

Normalization PublicWeights::normalization() const {
  // torchvision's GoogLeNet takes ImageNet's normalisation off again and puts this one on
  // (transform_input).
  if (model == "googlenet") return {{0.5, 0.5, 0.5}, {0.5, 0.5, 0.5}};
  return {{0.485, 0.456, 0.406}, {0.229, 0.224, 0.225}};
}

std::span<const PublicWeights> public_weights() { return kPublic; }

const PublicWeights* find_public_weights(std::string_view file) {
  return find_if([&](const PublicWeights& one) { return one.file() == file; });
}

const PublicWeights* find_public_weights_by_sha256(std::string_view sha256) {
  return find_if(
      [&](const PublicWeights& one) { return sha256.starts_with(checksum_in_name(one.file())); });
}

std::string checksum_in_name(std::string_view file) {
  const std::string stem = std::filesystem::path(file).stem().string();
  const std::size_t dash = stem.rfind('-');
  if (dash == std::string::npos) return {};
  std::string digits = stem.substr(dash + 1);
  const bool checksum = digits.size() >= kLeastDigits && digits.size() <= 64 &&
                        std::all_of(digits.begin(), digits.end(), is_hex);
  return checksum ? digits : std::string();
}

}  // namespace fovea::models
