#pragma once

// The Fortran routines that Eckart calls, declared once for the four types, and Routines<T>, which
// picks the one for T.
//
// Conventions: every argument is a pointer; a character argument adds a hidden length, a size_t at
// the end of the list (the GNU Fortran calling convention, which other libraries ignore);
// std::complex<R> has the layout of Fortran's COMPLEX.

#include <complex>
#include <cstddef>

#include "blas/integer.hpp"

namespace eckart::blas {

using Chr = const char*;
using Int = const BlasInt*;
using Len = std::size_t;

// NOLINTBEGIN(bugprone-macro-parentheses): T and R are types.
#define ECKART_DECLARE_REDUCTIONS(t, T, R)                                                         \
  void ECKART_BLAS_NAME(t##gemm)(Chr, Chr, Int, Int, Int, const T*, const T*, Int, const T*, Int,  \
                                 const T*, T*, Int, Len, Len);                                     \
  void ECKART_BLAS_NAME(t##trsm)(Chr, Chr, Chr, Chr, Int, Int, const T*, const T*, Int, T*, Int,   \
                                 Len, Len, Len, Len);                                              \
  void ECKART_BLAS_NAME(t##potrf)(Chr, Int, T*, Int, BlasInt*, Len);                               \
  void ECKART_BLAS_NAME(t##larfb)(Chr, Chr, Chr, Chr, Int, Int, Int, const T*, Int, const T*, Int, \
                                  T*, Int, T*, Int, Len, Len, Len, Len);                           \
  void ECKART_BLAS_NAME(t##larft)(Chr, Chr, Int, Int, const T*, Int, const T*, T*, Int, Len, Len); \
  void ECKART_BLAS_NAME(t##geqrf)(Int, Int, T*, Int, T*, T*, Int, BlasInt*);                       \
  void ECKART_BLAS_NAME(t##laqps)(Int, Int, Int, Int, BlasInt*, T*, Int, BlasInt*, T*, R*, R*, T*, \
                                  T*, Int);                                                        \
  void ECKART_BLAS_NAME(t##labrd)(Int, Int, Int, T*, Int, R*, R*, T*, T*, T*, Int, T*, Int);       \
  void ECKART_BLAS_NAME(t##gebd2)(Int, Int, T*, Int, R*, R*, T*, T*, T*, BlasInt*);                \
  void ECKART_BLAS_NAME(t##bdsqr)(Chr, Int, Int, Int, Int, R*, R*, T*, Int, T*, Int, T*, Int, R*,  \
                                  BlasInt*, Len);

#define ECKART_DECLARE_REAL(t, T)                                                                \
  ECKART_DECLARE_REDUCTIONS(t, T, T)                                                             \
  void ECKART_BLAS_NAME(t##syrk)(Chr, Chr, Int, Int, const T*, const T*, Int, const T*, T*, Int, \
                                 Len, Len);                                                      \
  void ECKART_BLAS_NAME(t##ormqr)(Chr, Chr, Int, Int, Int, const T*, Int, const T*, T*, Int, T*, \
                                  Int, BlasInt*, Len, Len);                                      \
  void ECKART_BLAS_NAME(t##ormlq)(Chr, Chr, Int, Int, Int, const T*, Int, const T*, T*, Int, T*, \
                                  Int, BlasInt*, Len, Len);                                      \
  void ECKART_BLAS_NAME(t##bdsdc)(Chr, Chr, Int, T*, T*, T*, Int, T*, Int, T*, BlasInt*, T*,     \
                                  BlasInt*, BlasInt*, Len, Len);

#define ECKART_DECLARE_COMPLEX(t, T, R)                                                          \
  ECKART_DECLARE_REDUCTIONS(t, T, R)                                                             \
  void ECKART_BLAS_NAME(t##herk)(Chr, Chr, Int, Int, const R*, const T*, Int, const R*, T*, Int, \
                                 Len, Len);                                                      \
  void ECKART_BLAS_NAME(t##unmqr)(Chr, Chr, Int, Int, Int, const T*, Int, const T*, T*, Int, T*, \
                                  Int, BlasInt*, Len, Len);                                      \
  void ECKART_BLAS_NAME(t##unmlq)(Chr, Chr, Int, Int, Int, const T*, Int, const T*, T*, Int, T*, \
                                  Int, BlasInt*, Len, Len);

extern "C" {
ECKART_DECLARE_REAL(s, float)
ECKART_DECLARE_REAL(d, double)
ECKART_DECLARE_COMPLEX(c, std::complex<float>, float)
ECKART_DECLARE_COMPLEX(z, std::complex<double>, double)
}

template <Scalar T>
struct Routines;

#define ECKART_ROUTINES(t, T, unitary, rank_k)                     \
  template <>                                                      \
  struct Routines<T> {                                             \
    static constexpr auto gemm = &ECKART_BLAS_NAME(t##gemm);       \
    static constexpr auto herk = &ECKART_BLAS_NAME(t##rank_k);     \
    static constexpr auto trsm = &ECKART_BLAS_NAME(t##trsm);       \
    static constexpr auto potrf = &ECKART_BLAS_NAME(t##potrf);     \
    static constexpr auto larfb = &ECKART_BLAS_NAME(t##larfb);     \
    static constexpr auto larft = &ECKART_BLAS_NAME(t##larft);     \
    static constexpr auto geqrf = &ECKART_BLAS_NAME(t##geqrf);     \
    static constexpr auto laqps = &ECKART_BLAS_NAME(t##laqps);     \
    static constexpr auto labrd = &ECKART_BLAS_NAME(t##labrd);     \
    static constexpr auto gebd2 = &ECKART_BLAS_NAME(t##gebd2);     \
    static constexpr auto bdsqr = &ECKART_BLAS_NAME(t##bdsqr);     \
    static constexpr auto unmqr = &ECKART_BLAS_NAME(unitary##mqr); \
    static constexpr auto unmlq = &ECKART_BLAS_NAME(unitary##mlq); \
  };

ECKART_ROUTINES(s, float, sor, syrk)
ECKART_ROUTINES(d, double, dor, syrk)
ECKART_ROUTINES(c, std::complex<float>, cun, herk)
ECKART_ROUTINES(z, std::complex<double>, zun, herk)

#undef ECKART_DECLARE_REDUCTIONS
#undef ECKART_DECLARE_REAL
#undef ECKART_DECLARE_COMPLEX
#undef ECKART_ROUTINES
// NOLINTEND(bugprone-macro-parentheses)

}  // namespace eckart::blas
