#include "fovea/kernels/kernels.h"

#include <cstddef>
#include <iterator>
#include <utility>

namespace fovea::kernels {

namespace {

#define FOVEA_NAME(name) #name,
constexpr std::string_view kKernelNames[] = {FOVEA_KERNELS(FOVEA_NAME, FOVEA_NAME)};
#undef FOVEA_NAME
#define FOVEA_PLACE(name) offsetof(KernelTable, name) / sizeof(void (*)()),
constexpr std::size_t kPlaces[] = {FOVEA_KERNELS(FOVEA_PLACE, FOVEA_PLACE)};
#undef FOVEA_PLACE

constexpr bool list_is_the_table() {
  for (std::size_t i = 0; i < std::size(kPlaces); ++i)
    if (kPlaces[i] != i) return false;
  return std::size(kPlaces) * sizeof(void (*)()) == sizeof(KernelTable);
}
static_assert(list_is_the_table(), "FOVEA_KERNELS must list the entries of KernelTable in order");

thread_local LaunchObserver* observer_of_thread = nullptr;

}  // namespace

LaunchObserver* observe_launches(LaunchObserver* observer) {
  return std::exchange(observer_of_thread, observer);
}

LaunchObserver* launch_observer() { return observer_of_thread; }

std::string_view kernel_name(std::size_t entry) {
  check<IndexError>(entry < std::size(kKernelNames), "kernel_name: entry expected below ",
                    std::size(kKernelNames), ", got ", entry);
  return kKernelNames[entry];
}

}  // namespace fovea::kernels
