# Every harness and what it links, for fuzz/ (libFuzzer) and tests/fuzz/ (replay under any compiler).
# One source a harness: fuzz/<name>_fuzz.cc; seeds in fuzz/corpus/<name>/, kept crashers in fuzz/crashers/<name>/.
set(BAGLOOM_HARNESSES rosbag1 inflate definition extractor recipe plan_file picture mp4 unit image_header dataset record)
set(BAGLOOM_HARNESS_rosbag1_LINK bagloom::bag)
set(BAGLOOM_HARNESS_inflate_LINK bagloom::bag)
set(BAGLOOM_HARNESS_definition_LINK bagloom::msg)
set(BAGLOOM_HARNESS_extractor_LINK bagloom::msg)
set(BAGLOOM_HARNESS_recipe_LINK bagloom::recipe)
set(BAGLOOM_HARNESS_plan_file_LINK bagloom::align)
set(BAGLOOM_HARNESS_picture_LINK bagloom::media)
set(BAGLOOM_HARNESS_mp4_LINK bagloom::media)
set(BAGLOOM_HARNESS_unit_LINK bagloom::dataset)
set(BAGLOOM_HARNESS_image_header_LINK bagloom::dataset)
set(BAGLOOM_HARNESS_dataset_LINK bagloom::dataset)
set(BAGLOOM_HARNESS_record_LINK bagloom::convert)

# Calls `action(name)` for each harness whose source and library are there.
macro(bagloom_for_each_harness action)
  foreach(harness IN LISTS BAGLOOM_HARNESSES)
    if(EXISTS ${PROJECT_SOURCE_DIR}/fuzz/${harness}_fuzz.cc AND TARGET ${BAGLOOM_HARNESS_${harness}_LINK})
      cmake_language(CALL ${action} ${harness})
    endif()
  endforeach()
endmacro()
