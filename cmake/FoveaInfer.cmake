# fovea-infer: the rooms that run models as a library of its own, static and shared. Programs link
# fovea::infer (libfovea-infer.so) or fovea::infer_static (the archives of those rooms).

add_library(fovea_infer_static INTERFACE)
add_library(fovea::infer_static ALIAS fovea_infer_static)
set_target_properties(fovea_infer_static PROPERTIES EXPORT_NAME infer_static)
target_link_libraries(fovea_infer_static INTERFACE ${FOVEA_INFER_ROOMS})

set(objects "")
set(libraries "")
foreach(room ${FOVEA_INFER_ROOMS})
  list(APPEND objects $<TARGET_OBJECTS:${room}>)
  get_target_property(private ${room} FOVEA_LIBRARIES)
  list(APPEND libraries ${private})
endforeach()
list(REMOVE_DUPLICATES libraries)
add_library(fovea_infer SHARED ${objects})
add_library(fovea::infer ALIAS fovea_infer)
# Before 1.0 a minor version may change the interface.
set_target_properties(
  fovea_infer PROPERTIES OUTPUT_NAME fovea-infer EXPORT_NAME infer LINKER_LANGUAGE CXX
                         VERSION ${PROJECT_VERSION}
                         SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR})
set(map ${PROJECT_SOURCE_DIR}/cmake/fovea-infer.map)
target_link_options(fovea_infer PRIVATE LINKER:--version-script=${map} LINKER:--gc-sections)
set_property(TARGET fovea_infer APPEND PROPERTY LINK_DEPENDS ${map})
target_compile_features(fovea_infer INTERFACE cxx_std_20)
target_include_directories(
  fovea_infer INTERFACE $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>
                        $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
target_link_libraries(fovea_infer PUBLIC OpenMP::OpenMP_CXX PRIVATE ${libraries})
