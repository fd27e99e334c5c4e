# Builds with sanitizers (CMAKE_UNITY_BUILD in CMakePresets.json) and tests compile several files at once: a third of the time of file by
# file. What users run is compiled file by file: with -O3, gcc 12 takes longer for several at once.
# These stay alone: a name in their anonymous namespace is another file's of the same folder too. A build that fails for such a name is
# mended by a better name, or by a line here.
set(BAGLOOM_COMPILED_ALONE
  src/bag/rosbag2_rows.cc
  src/bench/report_facts.cc
  src/cli/bench_text.cc
  src/cli/plan.cc
  src/cli/recordings.cc
  src/cli/scan.cc
  src/convert/memory_layout.cc
  src/convert/memory_needs.cc
  src/convert/names_pass.cc
  src/dataset/verify_features.cc
  src/dataset/verify_info.cc
  src/dataset/verify_rows.cc
  src/dataset/verify_stats.cc
  src/dataset/verify_stats_read.cc
  src/dataset/verify_tasks.cc
  src/media/png_encoder.cc
  src/media/raw_picture.cc
  src/media/rvl.cc
  src/media/still_decoder.cc
  src/msg/idl_tokens.cc
  src/msg/json_definition.cc
  src/msg/json_reader.cc
  src/msg/protobuf_definition.cc
  src/msg/ros2_definition_text.cc
  src/msg/tagged_numbers.cc
  src/msg/tagged_picture.cc
  src/msg/walk_compiler.cc
  src/recipe/read_feature.cc
  src/recipe/yaml_text.cc
  tests/bag/rosbag1_index_test.cc
  tests/bag/rosbag1_records_test.cc
  tests/bag/rosbag1_recovery_test.cc
  tests/bag/rosbag1_scan_test.cc
  tests/bag/rosbag2_damage_test.cc
  tests/bag/rosbag2_storage_test.cc
  tests/convert/stream_room_test.cc
  tests/dataset/segment_test.cc
  tests/media/format_check_test.cc
  tests/media/parameter_sets_test.cc
  tests/media/raw_picture_test.cc
  tests/media/sequence_pictures_test.cc
  tests/media/stream_decoder_test.cc
  tests/media/stream_packet_test.cc
  tests/media/stream_parameters_test.cc
  tests/memory/meter_test.cc
  tests/msg/definition_test.cc
  tests/msg/number_extractor_test.cc
  tests/msg/picture_extractor_test.cc
  tests/msg/protobuf_numbers_test.cc
  tests/msg/ros2_definition_test.cc)

# bagloom_compile_alone(SOURCE...): of a folder's sources, those of the list.
function(bagloom_compile_alone)
  file(RELATIVE_PATH folder ${PROJECT_SOURCE_DIR} ${CMAKE_CURRENT_SOURCE_DIR})
  foreach(source IN LISTS ARGN)
    if("${folder}/${source}" IN_LIST BAGLOOM_COMPILED_ALONE)
      set_source_files_properties(${source} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
    endif()
  endforeach()
endfunction()
