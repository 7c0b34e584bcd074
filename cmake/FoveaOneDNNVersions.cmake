# The tests of kernels against other versions of oneDNN than the one that Fovea is built with: those
# that `./dev setup onednn` has unpacked into folders named after them. Only the files that include
# oneDNN's header are compiled again. A folder without a library tests that they compile.

set(FOVEA_ONEDNN_VERSIONS ${PROJECT_SOURCE_DIR}/build/onednn
    CACHE PATH "Folder with other versions of oneDNN, for tests")
file(GLOB folders ${FOVEA_ONEDNN_VERSIONS}/*)
file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/fovea/kernels/cpu/onednn/*.cpp)
list(FILTER sources EXCLUDE REGEX "_test\\.cpp$")

foreach(folder ${folders})
  get_filename_component(version ${folder} NAME)
  set(objects onednn_${version})
  add_library(${objects} OBJECT ${sources})
  fovea_options(${objects})
  target_include_directories(${objects} SYSTEM PRIVATE ${folder}/include)
  target_link_libraries(${objects} PRIVATE fovea_core hwy::hwy)
  file(GLOB library ${folder}/lib/libdnnl.so.*)
  if(library)
    # These objects come before the archive that has the same functions, which then gives none. The
    # archive's file rather than its target, which would bring its own oneDNN.
    set(test kernels_onednn_${version}_test)
    add_executable(${test} $<TARGET_OBJECTS:kernels_test> $<TARGET_OBJECTS:fovea_test_devices>
                           $<TARGET_OBJECTS:${objects}>)
    set_target_properties(${test} PROPERTIES LINKER_LANGUAGE CXX
                                             RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests)
    target_link_libraries(
      ${test} PRIVATE fovea_test_main fovea_test_support $<TARGET_FILE:fovea_kernels> ${library}
                      fovea_core hwy::hwy GTest::gmock GTest::gtest)
    add_dependencies(${test} kernels_test fovea_kernels)
    add_test(NAME kernels_onednn_${version} COMMAND ${test})
    set_tests_properties(
      kernels_onednn_${version}
      PROPERTIES LABELS unit TIMEOUT 900
                 ENVIRONMENT "${FOVEA_TEST_ENVIRONMENT};FOVEA_TEST_ONEDNN=${version}")
  endif()
endforeach()
