# Rooms: one static library and one test executable for each folder of the house.

set(FOVEA_ROOM_TARGETS "")
# Rooms whose tests run again with every tensor on a device that only tests have.
set(FOVEA_ROOMS_ON_DEVICES tensor nn optim data graph vision train)
set(FOVEA_TEST_DEVICES protected late)
# Rooms whose tests have those devices beside the CPU.
set(FOVEA_ROOMS_WITH_DEVICES kernels ${FOVEA_ROOMS_ON_DEVICES})
# Sources of the rooms that only tests need: tests/CMakeLists.txt compiles them.
set(FOVEA_TEST_ONLY_SOURCES ${PROJECT_SOURCE_DIR}/fovea/kernels/reference/table.cpp)
# Rooms whose tests run again as on older processors, and what those have: the vector loops' instruction
# set, or the one that every processor of the architecture has, and the one that oneDNN may use.
set(FOVEA_ROOMS_ON_TARGETS kernels tensor nn optim)
set(FOVEA_TEST_TARGETS baseline:SSE41)
if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64)$")
  list(APPEND FOVEA_TEST_TARGETS ssse3:SSE41 sse4:SSE41 avx2:AVX2)
endif()

# Lists the sources of `folder` into `out_sources` and its tests into `out_tests`.
function(fovea_glob folder out_sources out_tests)
  file(GLOB_RECURSE tests CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/${folder}/*_test.cpp)
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/${folder}/*.cpp)
  if(tests)
    list(REMOVE_ITEM sources ${tests})
  endif()
  set(${out_sources} "${sources}" PARENT_SCOPE)
  set(${out_tests} "${tests}" PARENT_SCOPE)
endfunction()

# fovea_room(NAME core [DEPENDS rooms...] [LIBRARIES ...] [PRIVATE_LIBRARIES ...]
#            [HEADER_ONLY ...] [TEST_DEPENDS rooms...])
#
# The library fovea_<NAME> from fovea/<NAME>/**.cpp and the test executable <NAME>_test from
# fovea/<NAME>/**_test.cpp. A room without a .cpp file is an interface library. TEST_DEPENDS names
# rooms that only the tests use.
macro(fovea_room)
  fovea_add_room(${ARGN})
  list(APPEND FOVEA_ROOM_TARGETS ${FOVEA_LAST_ROOM})
endmacro()

function(fovea_add_room)
  cmake_parse_arguments(ROOM "" "NAME" "DEPENDS;LIBRARIES;PRIVATE_LIBRARIES;HEADER_ONLY;TEST_DEPENDS"
                        ${ARGN})
  set(target fovea_${ROOM_NAME})
  list(TRANSFORM ROOM_DEPENDS PREPEND fovea_)
  fovea_glob(fovea/${ROOM_NAME} sources tests)
  list(REMOVE_ITEM sources ${FOVEA_TEST_ONLY_SOURCES})

  if(sources)
    add_library(${target} STATIC ${sources})
    set(public PUBLIC)
    fovea_options(${target})
    set_target_properties(${target} PROPERTIES POSITION_INDEPENDENT_CODE ON)
    target_link_libraries(${target} PRIVATE ${ROOM_PRIVATE_LIBRARIES})
    foreach(library ${ROOM_HEADER_ONLY})
      target_link_libraries(${target} PRIVATE $<BUILD_INTERFACE:${library}>)
    endforeach()
    if(ROOM_NAME STREQUAL core)
      target_include_directories(${target} PRIVATE ${PROJECT_BINARY_DIR}/generated)
      add_dependencies(${target} fovea_build_info)
    endif()
  else()
    add_library(${target} INTERFACE)
    set(public INTERFACE)
  endif()
  add_library(fovea::${ROOM_NAME} ALIAS ${target})
  set_target_properties(${target} PROPERTIES EXPORT_NAME ${ROOM_NAME})
  target_compile_features(${target} ${public} cxx_std_20)
  target_include_directories(
    ${target} ${public} $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>
                        $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
  target_link_libraries(${target} ${public} ${ROOM_DEPENDS} ${ROOM_LIBRARIES})

  fovea_header_check(${ROOM_NAME} fovea/${ROOM_NAME} ${target} ${ROOM_PRIVATE_LIBRARIES}
                     ${ROOM_HEADER_ONLY})
  if(tests AND FOVEA_BUILD_TESTS)
    list(TRANSFORM ROOM_TEST_DEPENDS PREPEND fovea_)
    fovea_test(${ROOM_NAME} SOURCES ${tests}
               LIBRARIES ${ROOM_TEST_DEPENDS} ${target} ${ROOM_PRIVATE_LIBRARIES} ${ROOM_HEADER_ONLY})
  endif()
  set(FOVEA_LAST_ROOM ${target} PARENT_SCOPE)
endfunction()

# fovea_app(NAME cli OUTPUT fovea DEPENDS rooms... LIBRARIES ...)
#
# The command OUTPUT from apps/<NAME>/main.cpp, over a library of the other files there, which the
# app's tests link as well.
function(fovea_app)
  cmake_parse_arguments(APP "" "NAME;OUTPUT" "DEPENDS;LIBRARIES" ${ARGN})
  set(main ${PROJECT_SOURCE_DIR}/apps/${APP_NAME}/main.cpp)
  fovea_glob(apps/${APP_NAME} sources tests)
  list(REMOVE_ITEM sources ${main})
  list(TRANSFORM APP_DEPENDS PREPEND fovea_)
  set(libraries ${APP_DEPENDS} ${APP_LIBRARIES})
  if(sources)
    add_library(fovea_${APP_NAME} STATIC ${sources})
    fovea_options(fovea_${APP_NAME})
    fovea_compile_fast(fovea_${APP_NAME})
    target_link_libraries(fovea_${APP_NAME} PUBLIC ${libraries})
    set(libraries fovea_${APP_NAME})
  endif()
  fovea_header_check(${APP_NAME} apps/${APP_NAME} ${libraries})
  if(EXISTS ${main})
    add_executable(${APP_OUTPUT} ${main})
    fovea_options(${APP_OUTPUT})
    target_link_libraries(${APP_OUTPUT} PRIVATE ${libraries})
  endif()
  if(tests AND FOVEA_BUILD_TESTS)
    fovea_test(${APP_NAME} SOURCES ${tests} LIBRARIES ${libraries})
  endif()
endfunction()

# fovea_test(name SOURCES ... LIBRARIES ... [LABEL unit]): one gtest executable <name>_test, one test
# of CTest. It links the shared main and the helpers of tests/support.
function(fovea_test name)
  cmake_parse_arguments(TEST "" "LABEL" "SOURCES;LIBRARIES" ${ARGN})
  if(NOT TEST_LABEL)
    set(TEST_LABEL unit)
  endif()
  # Tests of rooms that use tensors also run on devices of their own: see tests/test_devices.h.
  set(devices "")
  if(name IN_LIST FOVEA_ROOMS_ON_DEVICES)
    set(devices ${FOVEA_TEST_DEVICES})
  endif()
  if(name IN_LIST FOVEA_ROOMS_WITH_DEVICES)
    list(PREPEND TEST_LIBRARIES fovea_test_devices)
  endif()
  # And with less than this processor has: see tests/vector_target.cpp.
  set(targets "")
  if(name IN_LIST FOVEA_ROOMS_ON_TARGETS)
    set(targets ${FOVEA_TEST_TARGETS})
    list(APPEND TEST_SOURCES ${PROJECT_SOURCE_DIR}/tests/vector_target.cpp)
    list(APPEND TEST_LIBRARIES hwy::hwy)
  endif()
  add_executable(${name}_test ${TEST_SOURCES})
  fovea_options(${name}_test)
  target_compile_definitions(
    ${name}_test PRIVATE FOVEA_SOURCE_DIR="${PROJECT_SOURCE_DIR}"
                         FOVEA_BINARY="${PROJECT_BINARY_DIR}/bin/fovea"
                         FOVEA_EXAMPLES_DIR="${PROJECT_BINARY_DIR}/bin/examples")
  fovea_compile_fast(${name}_test)
  set_target_properties(${name}_test PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests)
  # The helpers stand before the rooms: the linker takes from the archive of helpers only what the
  # test uses, and then from the rooms what those helpers use.
  target_link_libraries(${name}_test PRIVATE fovea_test_main fovea_test_support ${TEST_LIBRARIES}
                                             GTest::gmock GTest::gtest)
  add_test(NAME ${name} COMMAND ${name}_test)
  set_tests_properties(${name} PROPERTIES LABELS ${TEST_LABEL} TIMEOUT 900
                                          ENVIRONMENT "${FOVEA_TEST_ENVIRONMENT}")
  foreach(device ${devices})
    add_test(NAME ${name}_${device} COMMAND ${name}_test)
    set_tests_properties(
      ${name}_${device} PROPERTIES LABELS ${TEST_LABEL} TIMEOUT 900
                        ENVIRONMENT "${FOVEA_TEST_ENVIRONMENT};FOVEA_TEST_DEVICE=${device}")
  endforeach()
  foreach(target ${targets})
    string(REGEX MATCH "^([a-z0-9]+):(.*)$" matched ${target})
    set(entry ${name}_${CMAKE_MATCH_1})
    # The tests' devices are the same on every processor.
    set(environment FOVEA_TEST_TARGET=${CMAKE_MATCH_1} ONEDNN_MAX_CPU_ISA=${CMAKE_MATCH_2}
                    GTEST_FILTER=-*/protected:*/late)
    add_test(NAME ${entry} COMMAND ${name}_test)
    set_tests_properties(${entry} PROPERTIES LABELS ${TEST_LABEL} TIMEOUT 900 SKIP_RETURN_CODE 77
                                             ENVIRONMENT "${FOVEA_TEST_ENVIRONMENT};${environment}")
  endforeach()
endfunction()

# fovea_header_check(name folder libraries...): the target <name>_headers compiles each header of the
# folder alone. Not part of `all`; `./dev check` builds the target check_headers.
if(NOT TARGET check_headers)
  add_custom_target(check_headers)
endif()
function(fovea_header_check name folder)
  file(GLOB_RECURSE headers CONFIGURE_DEPENDS RELATIVE ${PROJECT_SOURCE_DIR}
       ${PROJECT_SOURCE_DIR}/${folder}/*.h)
  # Highway's -inl.h files are parts of a .cpp by design.
  list(FILTER headers EXCLUDE REGEX "-inl\\.h$")
  set(units "")
  foreach(header ${headers})
    set(unit ${PROJECT_BINARY_DIR}/generated/headers/${header}.cpp)
    # Twice: a header without its guard shows.
    file(CONFIGURE OUTPUT ${unit} CONTENT "#include \"${header}\"\n#include \"${header}\"\n")
    list(APPEND units ${unit})
  endforeach()
  if(units)
    add_library(${name}_headers OBJECT EXCLUDE_FROM_ALL ${units})
    fovea_options(${name}_headers)
    target_compile_options(${name}_headers PRIVATE -O0)
    target_link_libraries(${name}_headers PRIVATE ${ARGN})
    add_dependencies(check_headers ${name}_headers)
  endif()
endfunction()
