#include "fovea/tensor/ops/operand_types.h"

#include "fovea/core/error.h"

namespace fovea {

void check_operand_types(const char* operation, const Tensor& x, const Tensor& weight,
                         const Tensor& bias) {
  // The input first: images that nobody has converted are no fault of the parameters.
  check<DTypeError>(x.dtype() != u8, operation,
                    ": input expected f32 or f64, got u8 (images become f32 in [0, 1] with "
                    "data::ToTensor, anything with .to(f32))");
  dispatch_float(x.dtype(), operation, [](auto) {});
  for (const Tensor* parameter : {&weight, &bias}) {
    if (!parameter->defined()) continue;
    check<DeviceError>(parameter->device() == x.device(), operation, ": parameters expected on ",
                       x.device(), ", got ", parameter->device());
    check<DTypeError>(parameter->dtype() == x.dtype(), operation, ": parameters expected ",
                      x.dtype(), ", got ", parameter->dtype(), " (convert with .to(dtype))");
  }
}

}  // namespace fovea
