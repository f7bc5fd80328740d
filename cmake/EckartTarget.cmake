# eckart_target(NAME): what every target of the project has in common.
file(RELATIVE_PATH _eckart_bin_to_lib "${CMAKE_INSTALL_FULL_BINDIR}" "${CMAKE_INSTALL_FULL_LIBDIR}")

function(eckart_target name)
  target_compile_features(${name} PUBLIC cxx_std_20)
  set_target_properties(${name} PROPERTIES CXX_EXTENSIONS OFF POSITION_INDEPENDENT_CODE ON
    # Once installed: beside itself for a library, across to the libraries for the tool, wherever the prefix is moved to.
    INSTALL_RPATH "$ORIGIN;$ORIGIN/${_eckart_bin_to_lib};${ECKART_BLAS_INSTALL_RPATH}")
  target_compile_options(${name} PRIVATE -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion
                                         -Wnon-virtual-dtor -Wold-style-cast)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_compile_options(${name} PRIVATE -Wno-psabi)  # packs (src/core/simd.hpp) are always inlined, so no ABI is at stake
  endif()
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
    target_compile_options(${name} PRIVATE -Wno-restrict)  # false alarms on std::string + (GCC bug 105651)
  endif()
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_FLAGS MATCHES "fsanitize=")
    target_compile_options(${name} PRIVATE -Wno-maybe-uninitialized)  # false alarms on std::optional between a sanitizer's checks
  endif()
  if(ECKART_WARNINGS_AS_ERRORS)
    target_compile_options(${name} PRIVATE -Werror)
  endif()
endfunction()
