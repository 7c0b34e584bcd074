# fovea_proto(room FILE.proto...): compiles schemas of protocol buffers into a room. Its .cpp files
# and tests include the classes as "FILE.pb.h"; headers do not, so nobody else compiles them.
function(fovea_proto room)
  set(target fovea_${room})
  set(folder ${PROJECT_BINARY_DIR}/generated/proto)
  file(MAKE_DIRECTORY ${folder})
  foreach(schema ${ARGN})
    get_filename_component(name ${schema} NAME_WE)
    get_filename_component(source ${schema} DIRECTORY)
    set(generated ${folder}/${name}.pb.cc ${folder}/${name}.pb.h)
    add_custom_command(
      OUTPUT ${generated}
      COMMAND protobuf::protoc --cpp_out=${folder} --proto_path=${source} ${schema}
      DEPENDS ${schema} VERBATIM)
    # What protoc writes is not held to our warnings, and is not worth the optimiser's time.
    set_source_files_properties(${generated} PROPERTIES COMPILE_OPTIONS "-w;-O1" GENERATED TRUE)
    target_sources(${target} PRIVATE ${generated})
  endforeach()
  target_include_directories(${target} SYSTEM PRIVATE ${folder} ${Protobuf_INCLUDE_DIRS})
  target_link_libraries(${target} PRIVATE protobuf::libprotobuf)
  foreach(user ${room}_test ${room}_headers)
    if(TARGET ${user})
      target_include_directories(${user} SYSTEM PRIVATE ${folder} ${Protobuf_INCLUDE_DIRS})
    endif()
  endforeach()
endfunction()
