# Rooms: one static library and one test executable for each folder of the house.

set(FOVEA_ROOM_TARGETS "")
# Rooms whose tests run again with every tensor on a device that only tests have.
set(FOVEA_ROOMS_ON_DEVICES tensor nn optim data graph vision train)
set(FOVEA_TEST_DEVICES protected late)
# Rooms whose tests have those devices beside the CPU.
set(FOVEA_ROOMS_WITH_DEVICES kernels ${FOVEA_ROOMS_ON_DEVICES})
# Sources of the rooms that only tests need: tests/CMakeLists.txt compiles them.
set(FOVEA_TEST_ONLY_SOURCES ${PROJECT_SOURCE_DIR}/fovea/kernels/reference/table.cpp)
# Rooms whose tests run again as on older processors, and what those have: the vector loops'
# instruction set, or the one that every processor of the architecture has, and the one that oneDNN
# may use.
set(FOVEA_ROOMS_ON_TARGETS kernels tensor nn optim)
set(FOVEA_TEST_TARGETS baseline:SSE41)
if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64)$")
  list(APPEND FOVEA_TEST_TARGETS sse4:SSE41 avx2:AVX2)
endif()

# Seconds that a test may take: instrumented code is many times slower.
set(FOVEA_TEST_TIMEOUT 900)
if(FOVEA_SANITIZE)
  set(FOVEA_TEST_TIMEOUT 3600)
endif()

# Rooms inside the folder of another, whose files are theirs alone.
set(FOVEA_INNER_ROOMS fovea/io/pictures fovea/io/records)

# Lists the files of `folder` that `pattern` matches, without those of rooms inside it.
function(fovea_files folder pattern out)
  file(GLOB_RECURSE files CONFIGURE_DEPENDS RELATIVE ${PROJECT_SOURCE_DIR}
       ${PROJECT_SOURCE_DIR}/${folder}/${pattern})
  foreach(room ${FOVEA_INNER_ROOMS})
    if(NOT room STREQUAL folder)
      list(FILTER files EXCLUDE REGEX "^${room}/")
    endif()
  endforeach()
  set(${out} "${files}" PARENT_SCOPE)
endfunction()

# Lists the sources of `folder` into `out_sources` and its tests into `out_tests`.
function(fovea_glob folder out_sources out_tests)
  fovea_files(${folder} *_test.cpp tests)
  fovea_files(${folder} *.cpp sources)
  if(tests)
    list(REMOVE_ITEM sources ${tests})
  endif()
  list(TRANSFORM tests PREPEND ${PROJECT_SOURCE_DIR}/)
  list(TRANSFORM sources PREPEND ${PROJECT_SOURCE_DIR}/)
  set(${out_sources} "${sources}" PARENT_SCOPE)
  set(${out_tests} "${tests}" PARENT_SCOPE)
endfunction()

# fovea_unite(FILES OUT_FILES): what a library compiles instead of FILES: united, files that
# include those of one folder, up to FOVEA_UNITE_FILES of them each. Half the time of compiling is
# the reading of headers, which is then done once for all of them. What Highway compiles once for
# each processor includes itself, and stays alone. So the files of a folder share their anonymous
# namespaces: a clash is an error of the release build, and is mended by a better name. The presets
# for changing the code compile each file alone, which shows a missing include.
set(FOVEA_UNITE_FILES 20)
function(fovea_unite files out_files)
  if(NOT FOVEA_UNITE)
    set(${out_files} "${files}" PARENT_SCOPE)
    return()
  endif()
  set(units "")
  set(folders "")
  foreach(file ${files})
    file(STRINGS ${file} itself REGEX "HWY_TARGET_INCLUDE" LIMIT_COUNT 1)
    if(itself)
      list(APPEND units ${file})
    else()
      # Paths from the root of the tree, so that a compiler cache knows them in another folder too.
      file(RELATIVE_PATH file ${PROJECT_SOURCE_DIR} ${file})
      get_filename_component(folder ${file} DIRECTORY)
      list(APPEND folders ${folder})
      list(APPEND files_of_${folder} ${file})
    endif()
  endforeach()
  list(REMOVE_DUPLICATES folders)
  foreach(folder ${folders})
    # As many in each, as near as may be.
    list(LENGTH files_of_${folder} count)
    math(EXPR last "(${count} - 1) / ${FOVEA_UNITE_FILES}")
    foreach(i RANGE ${last})
      math(EXPR first "${i} * ${count} / (${last} + 1)")
      math(EXPR length "(${i} + 1) * ${count} / (${last} + 1) - ${first}")
      list(SUBLIST files_of_${folder} ${first} ${length} together)
      list(TRANSFORM together REPLACE "(.+)" "#include \"\\1\"\n")
      list(JOIN together "" content)
      string(REPLACE / _ unit ${folder})
      set(unit ${PROJECT_BINARY_DIR}/generated/united/${unit}_${i}.cpp)
      file(CONFIGURE OUTPUT ${unit} CONTENT "${content}" @ONLY)
      if(CMAKE_CXX_COMPILER_ID STREQUAL GNU)
        # It takes what is included for a header, whose types anonymous namespaces would break.
        set_source_files_properties(${unit} PROPERTIES COMPILE_OPTIONS -Wno-subobject-linkage)
      endif()
      list(APPEND units ${unit})
    endforeach()
  endforeach()
  set(${out_files} "${units}" PARENT_SCOPE)
endfunction()

# fovea_room(NAME core [FOLDER core] [DEPENDS rooms...] [LIBRARIES ...] [PRIVATE_LIBRARIES ...]
#            [HEADER_ONLY ...] [TEST_DEPENDS rooms...] [OPTIMIZE 2])
#
# The library fovea_<NAME> from fovea/<FOLDER>/**.cpp and the test executable <NAME>_test from
# fovea/<FOLDER>/**_test.cpp; the folder is named as the room unless told. A room without a .cpp
# file is an interface library. TEST_DEPENDS names rooms that only the tests use. OPTIMIZE is the
# level of a room without loops of its own, 3 otherwise.
macro(fovea_room)
  fovea_add_room(${ARGN})
  list(APPEND FOVEA_ROOM_TARGETS ${FOVEA_LAST_ROOM})
endmacro()

function(fovea_add_room)
  cmake_parse_arguments(
    ROOM "" "NAME;FOLDER;OPTIMIZE"
    "DEPENDS;LIBRARIES;PRIVATE_LIBRARIES;HEADER_ONLY;TEST_DEPENDS" ${ARGN})
  set(target fovea_${ROOM_NAME})
  if(NOT ROOM_FOLDER)
    set(ROOM_FOLDER ${ROOM_NAME})
  endif()
  list(TRANSFORM ROOM_DEPENDS PREPEND fovea_)
  fovea_glob(fovea/${ROOM_FOLDER} sources tests)
  list(REMOVE_ITEM sources ${FOVEA_TEST_ONLY_SOURCES})

  if(sources)
    fovea_unite("${sources}" units)
    add_library(${target} STATIC ${units})
    set(public PUBLIC)
    fovea_options(${target})
    if(ROOM_OPTIMIZE)
      fovea_optimize(${target} ${ROOM_OPTIMIZE})
    endif()
    set_target_properties(${target} PROPERTIES POSITION_INDEPENDENT_CODE ON)
    target_link_libraries(${target} PRIVATE ${ROOM_PRIVATE_LIBRARIES})
    set_target_properties(${target} PROPERTIES FOVEA_LIBRARIES "${ROOM_PRIVATE_LIBRARIES}")
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

  fovea_header_check(${ROOM_NAME} fovea/${ROOM_FOLDER} ${target} ${ROOM_PRIVATE_LIBRARIES}
                     ${ROOM_HEADER_ONLY})
  if(tests AND FOVEA_BUILD_TESTS)
    list(TRANSFORM ROOM_TEST_DEPENDS PREPEND fovea_)
    fovea_test(${ROOM_NAME} SOURCES ${tests}
               LIBRARIES ${ROOM_TEST_DEPENDS} ${target} ${ROOM_PRIVATE_LIBRARIES}
                         ${ROOM_HEADER_ONLY})
  endif()
  set(FOVEA_LAST_ROOM ${target} PARENT_SCOPE)
endfunction()

# fovea_app(NAME cli [FOLDER cli] OUTPUT fovea DEPENDS rooms... LIBRARIES ...)
#
# The command OUTPUT from apps/<FOLDER>/main.cpp, over a library of the other files there, which the
# app's tests link as well. The folder is named as the app unless told.
function(fovea_app)
  cmake_parse_arguments(APP "" "NAME;FOLDER;OUTPUT" "DEPENDS;LIBRARIES" ${ARGN})
  if(NOT APP_FOLDER)
    set(APP_FOLDER ${APP_NAME})
  endif()
  set(main ${PROJECT_SOURCE_DIR}/apps/${APP_FOLDER}/main.cpp)
  fovea_glob(apps/${APP_FOLDER} sources tests)
  list(REMOVE_ITEM sources ${main})
  list(TRANSFORM APP_DEPENDS PREPEND fovea_)
  set(libraries ${APP_DEPENDS} ${APP_LIBRARIES})
  if(sources)
    fovea_unite("${sources}" units)
    add_library(fovea_${APP_NAME} STATIC ${units})
    fovea_options(fovea_${APP_NAME})
    fovea_optimize(fovea_${APP_NAME} 1)
    target_link_libraries(fovea_${APP_NAME} PUBLIC ${libraries})
    set(libraries fovea_${APP_NAME})
  endif()
  fovea_header_check(${APP_NAME} apps/${APP_FOLDER} ${libraries})
  if(EXISTS ${main})
    add_executable(${APP_OUTPUT} ${main})
    fovea_options(${APP_OUTPUT})
    target_link_libraries(${APP_OUTPUT} PRIVATE ${libraries})
  endif()
  if(tests AND FOVEA_BUILD_TESTS)
    fovea_test(${APP_NAME} SOURCES ${tests} LIBRARIES ${libraries})
  endif()
endfunction()

# fovea_test(name SOURCES ... LIBRARIES ... [LABEL unit]): one gtest executable <name>_test, one
# test of CTest. It links the shared main and the helpers of tests/support.
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
  fovea_optimize(${name}_test 1)
  set_target_properties(
    ${name}_test PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests)
  # The helpers stand before the rooms: the linker takes from the archive of helpers only what the
  # test uses, and then from the rooms what those helpers use.
  target_link_libraries(${name}_test PRIVATE fovea_test_main fovea_test_support ${TEST_LIBRARIES}
                                             GTest::gmock GTest::gtest)
  add_test(NAME ${name} COMMAND ${name}_test)
  set_tests_properties(${name} PROPERTIES LABELS ${TEST_LABEL} TIMEOUT ${FOVEA_TEST_TIMEOUT}
                                          ENVIRONMENT "${FOVEA_TEST_ENVIRONMENT}")
  foreach(device ${devices})
    add_test(NAME ${name}_${device} COMMAND ${name}_test)
    set_tests_properties(
      ${name}_${device} PROPERTIES LABELS ${TEST_LABEL} TIMEOUT ${FOVEA_TEST_TIMEOUT}
                        ENVIRONMENT "${FOVEA_TEST_ENVIRONMENT};FOVEA_TEST_DEVICE=${device}")
  endforeach()
  foreach(target ${targets})
    string(REGEX MATCH "^([a-z0-9]+):(.*)$" matched ${target})
    set(entry ${name}_${CMAKE_MATCH_1})
    # The tests' devices are the same on every processor.
    set(environment FOVEA_TEST_TARGET=${CMAKE_MATCH_1} ONEDNN_MAX_CPU_ISA=${CMAKE_MATCH_2}
                    GTEST_FILTER=-*/protected:*/late)
    add_test(NAME ${entry} COMMAND ${name}_test)
    set_tests_properties(${entry} PROPERTIES LABELS ${TEST_LABEL} TIMEOUT ${FOVEA_TEST_TIMEOUT}
                                             SKIP_RETURN_CODE 77
                                             ENVIRONMENT "${FOVEA_TEST_ENVIRONMENT};${environment}")
  endforeach()
endfunction()

# fovea_header_check(name folder libraries...): the target <name>_headers compiles each header of
# the folder alone. Not part of `all`; `./dev check` builds the target check_headers.
if(NOT TARGET check_headers)
  add_custom_target(check_headers)
endif()
function(fovea_header_check name folder)
  fovea_files(${folder} *.h headers)
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
